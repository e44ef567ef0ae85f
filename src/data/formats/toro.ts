import { SE2, SE3 } from '../../geometry/index.ts'
import { bearingRange2, between, sigmas } from '../../graph/index.ts'
import type { ReadOptions, Source } from '../source.ts'
import { readLines, type TextLine } from '../text/index.ts'
import { PoseGraphBuilder, R2 } from './pose-graph-builder.ts'
import type { PoseGraphFile } from './pose-graph-file.ts'
import { planarInformation, poseFromAngles, spatialInformation } from './relative-pose.ts'

/**
 * Reads a TORO .graph file (G. Grisetti et al., RSS 2007), with the landmark lines that GTSAM's examples add.
 *
 *   VERTEX2 (VERTEX) id x y θ                 VERTEX3 id x y z roll pitch yaw
 *   EDGE2 (EDGE) i j x y θ Ωxx Ωxy Ωyy Ωθθ Ωxθ Ωyθ  (TORO's order)
 *   EDGE3 i j x y z roll pitch yaw Ω          upper triangle by rows
 *   BR pose landmark bearing range σ_bearing σ_range
 *   EQUIV i j                                 i and j are places that TORO may merge to shrink its problem. No measurement
 *                                             (the edge between them is one), so it is left out, with a warning.
 *
 * Landmarks have no VERTEX line: they stand where their first observation puts them. Ω is turned into the information of
 * g2o's error (`planarInformation`, `spatialInformation`), so chi2 in the plane is TORO's own.
 * Throws InputError as {@link readG2o} does.
 */
export async function readToro(source: Source, options: ReadOptions = {}): Promise<PoseGraphFile> {
  const reader = new ToroReader(options)
  const size = await readLines(source, (line) => reader.visit(line), { ...options, comment: '#' })
  return reader.finish(size)
}

const BETWEEN_SE2 = between(SE2, { error: 'g2o' })
const BETWEEN_SE3 = between(SE3, { error: 'g2o' })

class ToroReader {
  private readonly builder: PoseGraphBuilder
  private readonly coordinates = new Float64Array(6)
  private readonly pose = new Float64Array(7)
  private readonly raw = new Float64Array(21)
  private readonly omega2 = new Float64Array(6)
  private readonly omega3 = new Float64Array(21)
  private equivalences = 0
  private singular = 0

  constructor(options: ReadOptions) {
    this.builder = new PoseGraphBuilder('toro', options)
  }

  visit(line: TextLine): void {
    const tag = line.word('a tag')
    if (tag === 'VERTEX2' || tag === 'VERTEX') this.vertex2(line, tag)
    else if (tag === 'EDGE2' || tag === 'EDGE') this.edge2(line, tag)
    else if (tag === 'VERTEX3') this.vertex3(line, tag)
    else if (tag === 'EDGE3') this.edge3(line, tag)
    else if (tag === 'BR') this.bearingRange(line, tag)
    else if (tag === 'EQUIV') this.equivalence(line, tag)
    else this.builder.skip(line, tag)
  }

  finish(size: { lines: number; bytes: number }): PoseGraphFile {
    if (this.equivalences > 0)
      this.builder.warnings.push(`${this.equivalences} EQUIV lines left out: they merge places, they measure nothing`)
    if (this.singular > 0)
      this.builder.warnings.push(
        `${this.singular} measurements with a pitch of ±90°: their information is taken as given`,
      )
    return this.builder.finish(size)
  }

  private vertex2(line: TextLine, tag: string): void {
    const id = line.id('a vertex id')
    const value = this.coordinates.subarray(0, 3)
    line.reals(value, 0, 3, 'x y θ')
    line.end(tag)
    SE2.normalize(value, 0)
    this.builder.vertex(line, id, SE2, value)
  }

  private vertex3(line: TextLine, tag: string): void {
    const id = line.id('a vertex id')
    line.reals(this.coordinates, 0, 6, 'x y z roll pitch yaw')
    line.end(tag)
    poseFromAngles(this.coordinates, this.pose)
    this.builder.vertex(line, id, SE3, this.pose)
  }

  private edge2(line: TextLine, tag: string): void {
    const from = line.id('the first vertex id')
    const to = line.id('the second vertex id')
    const z = this.coordinates.subarray(0, 3)
    line.reals(z, 0, 3, 'x y θ')
    line.reals(this.raw, 0, 6, 'information xx xy yy θθ xθ yθ')
    line.end(tag)
    const [xx, xy, yy, tt, xt, yt] = this.raw
    planarInformation([xx!, xy!, xt!, yy!, yt!, tt!], z, this.omega2)
    const i = this.builder.end(line.number, from, SE2)
    const j = this.builder.end(line.number, to, SE2)
    this.builder.factor(line.number, BETWEEN_SE2, [i, j], z, this.omega2)
  }

  private edge3(line: TextLine, tag: string): void {
    const from = line.id('the first vertex id')
    const to = line.id('the second vertex id')
    line.reals(this.coordinates, 0, 6, 'x y z roll pitch yaw')
    line.reals(this.raw, 0, 21, "the information matrix's upper triangle")
    line.end(tag)
    const { coordinates: c, pose: z } = this
    poseFromAngles(c, z)
    if (!spatialInformation(this.raw, z, c[3], c[4], this.omega3)) this.singular++
    const i = this.builder.end(line.number, from, SE3)
    const j = this.builder.end(line.number, to, SE3)
    this.builder.factor(line.number, BETWEEN_SE3, [i, j], z, this.omega3)
  }

  private bearingRange(line: TextLine, tag: string): void {
    const from = line.id('the pose id')
    const to = line.id('the landmark id')
    const z = new Float64Array(4)
    line.reals(z, 0, 4, 'bearing, range and their standard deviations')
    line.end(tag)
    if (!(z[2] > 0 && z[3] > 0)) throw line.fail('positive standard deviations', `${z[2]} and ${z[3]}`)
    const at = line.number
    const pose = this.builder.end(at, from, SE2)
    const fresh = this.builder.manifoldOf(to) === null
    const landmark = this.builder.end(at, to, R2)
    this.builder.factor(at, bearingRange2, [pose, landmark], z.subarray(0, 2), sigmas(z.subarray(2, 4)))
    if (fresh) this.builder.atEnd(() => this.placeLandmark(pose, landmark, z))
  }

  /** p = R(θ) (r cos β, r sin β) + t, from the first observation by a placed pose. */
  private placeLandmark(pose: number, landmark: number, z: Float64Array): void {
    if (this.builder.isPlaced(landmark) || !this.builder.isPlaced(pose)) return
    const { values } = this.builder.graph
    const at = values.offset(pose)
    const [x, y, theta] = values.data.subarray(at, at + 3)
    const angle = theta! + z[0]
    this.builder.place(landmark, Float64Array.of(x! + z[1] * Math.cos(angle), y! + z[1] * Math.sin(angle)))
  }

  private equivalence(line: TextLine, tag: string): void {
    line.id('the first vertex id')
    line.id('the second vertex id')
    line.end(tag)
    this.equivalences++
  }
}
