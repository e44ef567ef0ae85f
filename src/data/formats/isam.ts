import { SE2, SE3 } from '../../geometry/index.ts'
import { between, landmark2, landmark3 } from '../../graph/index.ts'
import type { ReadOptions, Source } from '../source.ts'
import { readLines, type TextLine } from '../text/index.ts'
import { gramOfTriangle } from './information-matrix.ts'
import { PoseGraphBuilder, R2, R3 } from './pose-graph-builder.ts'
import type { PoseGraphFile } from './pose-graph-file.ts'
import { planarInformation, poseFromAngles, spatialInformation } from './relative-pose.ts'

/**
 * Reads an iSAM text file (M. Kaess et al., "iSAM: Incremental smoothing and mapping", T-RO 2008).
 *
 *   ODOMETRY (EDGE2, Constraint2) i j x y θ R       EDGE3 i j x y z roll pitch yaw [R]
 *   LANDMARK pose landmark x y R                    POINT3 pose landmark x y z [R]
 *   POSE3D_INIT id x y z roll pitch yaw             EDGE3_INIT, …_TRUE, SOLVE: no measurements, passed over
 *
 * R is the upper triangular square root of the information matrix by rows, Ω = RᵀR: the files' README says so, and on
 * manhattanOlson3500 it is what makes chi2 / degrees of freedom 1 (see the test). Where a line may lack R, it is I. Ω is
 * turned into the information of g2o's error (`planarInformation`, `spatialInformation`), so chi2 in the plane
 * is iSAM's own. Landmarks are numbered apart from poses in iSAM, so landmark 17 gets the key 'l17'.
 * Files hold measurements alone: `initial: 'none'`, unless POSE3D_INIT lines give every pose.
 * Throws InputError as {@link readG2o} does.
 */
export async function readIsam(source: Source, options: ReadOptions = {}): Promise<PoseGraphFile> {
  const reader = new IsamReader(options)
  const size = await readLines(source, (line) => reader.visit(line), { ...options, comment: '#' })
  return reader.finish(size)
}

const BETWEEN_SE2 = between(SE2, { error: 'g2o' })
const BETWEEN_SE3 = between(SE3, { error: 'g2o' })

/** Lines without a measurement: hints for a display, truth for a score. */
const PASSED_OVER: ReadonlySet<string> = new Set(['EDGE3_INIT', 'POSE3D_TRUE', 'EDGE3_TRUE', 'SOLVE'])

class IsamReader {
  private readonly builder: PoseGraphBuilder
  private readonly coordinates = new Float64Array(6)
  private readonly pose = new Float64Array(7)
  private readonly raw = new Float64Array(21)
  private readonly square = new Float64Array(21)
  private readonly omegas = Array.from({ length: 7 }, (_, m) => new Float64Array((m * (m + 1)) / 2))
  private singular = 0

  constructor(options: ReadOptions) {
    this.builder = new PoseGraphBuilder('isam', options)
  }

  visit(line: TextLine): void {
    const tag = line.word('a tag')
    if (tag === 'ODOMETRY' || tag === 'EDGE2' || tag === 'Constraint2') this.edge2(line, tag)
    else if (tag === 'LANDMARK') this.landmark(line, tag, 2)
    else if (tag === 'EDGE3') this.edge3(line, tag)
    else if (tag === 'POINT3') this.landmark(line, tag, 3)
    else if (tag === 'POSE3D_INIT') this.initial(line, tag)
    else if (!PASSED_OVER.has(tag)) this.builder.skip(line, tag)
  }

  finish(size: { lines: number; bytes: number }): PoseGraphFile {
    if (this.singular > 0)
      this.builder.warnings.push(
        `${this.singular} measurements with a pitch of ±90°: their information is taken as given`,
      )
    return this.builder.finish(size)
  }

  private edge2(line: TextLine, tag: string): void {
    const from = line.id('the first pose id')
    const to = line.id('the second pose id')
    const z = this.coordinates.subarray(0, 3)
    line.reals(z, 0, 3, 'x y θ')
    this.information(line, 3)
    line.end(tag)
    const omega = this.omegas[3]
    planarInformation(this.square.subarray(0, 6), z, omega)
    const i = this.builder.end(line.number, from, SE2)
    const j = this.builder.end(line.number, to, SE2)
    this.builder.factor(line.number, BETWEEN_SE2, [i, j], z, omega)
  }

  private edge3(line: TextLine, tag: string): void {
    const from = line.id('the first pose id')
    const to = line.id('the second pose id')
    const { coordinates: c, pose: z } = this
    line.reals(c, 0, 6, 'x y z roll pitch yaw')
    this.information(line, 6, line.done)
    line.end(tag)
    poseFromAngles(c, z)
    const omega = this.omegas[6]
    if (!spatialInformation(this.square, z, c[3], c[4], omega)) this.singular++
    const i = this.builder.end(line.number, from, SE3)
    const j = this.builder.end(line.number, to, SE3)
    this.builder.factor(line.number, BETWEEN_SE3, [i, j], z, omega)
  }

  private landmark(line: TextLine, tag: string, dimension: 2 | 3): void {
    const from = line.id('the pose id')
    const to = line.id('the landmark id')
    const z = this.coordinates.subarray(0, dimension)
    line.reals(z, 0, dimension, dimension === 2 ? 'x y' : 'x y z')
    this.information(line, dimension, dimension === 3 && line.done)
    line.end(tag)
    const fresh = dimension === 3 && this.builder.manifoldOf(`l${to}`) === null
    const pose = this.builder.end(line.number, from, dimension === 2 ? SE2 : SE3)
    const point = this.builder.end(line.number, `l${to}`, dimension === 2 ? R2 : R3)
    const omega = this.omegas[dimension]
    omega.set(this.square.subarray(0, omega.length))
    this.builder.factor(line.number, dimension === 2 ? landmark2 : landmark3, [pose, point], z, omega)
    if (fresh) this.placeAtEnd(pose, point, z.slice())
  }

  /** p = X z from the landmark's first observation, when poses have values. */
  private placeAtEnd(pose: number, point: number, z: Float64Array): void {
    this.builder.atEnd(() => {
      if (!this.builder.isPlaced(pose)) return
      const { values } = this.builder.graph
      SE3.act(values.data, values.offset(pose), z, 0, z, 0)
      this.builder.place(point, z)
    })
  }

  private initial(line: TextLine, tag: string): void {
    const id = line.id('the pose id')
    line.reals(this.coordinates, 0, 6, 'x y z roll pitch yaw')
    line.end(tag)
    poseFromAngles(this.coordinates, this.pose)
    this.builder.vertex(line, id, SE3, this.pose)
  }

  /** square = RᵀR of the R that the line holds next, or I. */
  private information(line: TextLine, m: number, absent = false): void {
    const size = (m * (m + 1)) / 2
    this.raw.fill(0)
    if (!absent) line.reals(this.raw, 0, size, 'the square root information by rows')
    else for (let i = 0, at = 0; i < m; at += m - i, i++) this.raw[at] = 1
    gramOfTriangle(this.raw, m, this.square)
  }
}
