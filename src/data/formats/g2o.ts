import { quaternionNormalize, SE2, SE3 } from '../../geometry/index.ts'
import {
  bearing2,
  bearingRange2,
  between,
  type FactorType,
  type Key,
  landmark2,
  landmark3,
  landmark3WithOffset,
  prior,
  range2,
} from '../../graph/index.ts'
import type { ReadOptions, Source } from '../source.ts'
import { readLines, type TextLine } from '../text/index.ts'
import { PoseGraphBuilder, R2, R3 } from './pose-graph-builder.ts'
import type { PoseGraphFile } from './pose-graph-file.ts'

/**
 * Reads a .g2o file: R. Kümmerle, G. Grisetti et al., "g2o: A general framework for graph optimization" (ICRA 2011), and
 * the tags that its slam2d and slam3d types register.
 *
 *   VERTEX_SE2 id x y θ                        VERTEX_SE3:QUAT id x y z qx qy qz qw
 *   VERTEX_XY id x y                           VERTEX_TRACKXYZ (VERTEX_POINT_XYZ, VERTEX_XYZ) id x y z
 *   FIX id …                                   PARAMS_SE3OFFSET id x y z qx qy qz qw, and other PARAMS_ lines, kept
 *   EDGE_SE2 i j z Ω                           EDGE_SE3:QUAT i j z Ω
 *   EDGE_SE2_XY pose point z Ω                 EDGE_SE3_TRACKXYZ pose point [offset] z Ω
 *   EDGE_BEARING_SE2_XY pose point z Ω         EDGE_RANGE_SE2_XY pose point z [Ω]
 *   EDGE_BEARING_RANGE_SE2_XY pose point bearing range Ω
 *   EDGE_POINTXY i j z Ω                       EDGE_POINTXYZ i j z Ω
 *   EDGE_PRIOR_SE2 (EDGE_SE2_PRIOR) i z Ω      EDGE_SE3_PRIOR i [offset] z Ω
 *   EDGE_PRIOR_XY i z Ω                        EDGE_POINTXYZ_PRIOR i z Ω
 *
 * Ω is an information matrix's upper triangle by rows. Ids are whole numbers up to 64 bits, in any order. Landmark edges may
 * name the point first. A file without VERTEX lines has all its variables at the identity (`initial: 'none'`). Quaternions
 * are normalized, angles of vertices wrapped. Other tags are counted in the report.
 *
 * Throws InputError: not text, truncated or overlong lines, numbers that are not finite, vertices declared twice or not
 * at all, an information matrix that is not positive semi-definite (unless `repairInformation`), nothing to read.
 */
export async function readG2o(source: Source, options: ReadOptions = {}): Promise<PoseGraphFile> {
  const reader = new G2oReader(options)
  const size = await readLines(source, (line) => reader.visit(line), { ...options, comment: '#' })
  return reader.builder.finish(size)
}

const BETWEEN_SE2 = between(SE2, { error: 'g2o' })
const BETWEEN_SE3 = between(SE3, { error: 'g2o' })
const PRIOR_SE2 = prior(SE2, { error: 'g2o' })
const PRIOR_SE3 = prior(SE3, { error: 'g2o' })
const PRIOR_SE3_OFFSET = prior(SE3, { error: 'g2o', offset: true })
const PRIOR_R2 = prior(R2)
const PRIOR_R3 = prior(R3)
const BETWEEN_R2 = between(R2)
const BETWEEN_R3 = between(R3)
const RANGE = range2()

type Visit = (reader: G2oReader, line: TextLine, tag: string) => void

const TAGS: ReadonlyMap<string, Visit> = new Map<string, Visit>([
  ['VERTEX_SE2', (reader, line, tag) => reader.vertex(line, tag, SE2)],
  ['VERTEX_XY', (reader, line, tag) => reader.vertex(line, tag, R2)],
  ['VERTEX_SE3:QUAT', (reader, line, tag) => reader.vertex(line, tag, SE3)],
  ['VERTEX_TRACKXYZ', (reader, line, tag) => reader.vertex(line, tag, R3)],
  ['VERTEX_POINT_XYZ', (reader, line, tag) => reader.vertex(line, tag, R3)],
  ['VERTEX_XYZ', (reader, line, tag) => reader.vertex(line, tag, R3)],
  ['FIX', (reader, line) => reader.fix(line)],
  ['EDGE_SE2', (reader, line, tag) => reader.between(line, tag, BETWEEN_SE2)],
  ['EDGE_SE3:QUAT', (reader, line, tag) => reader.between(line, tag, BETWEEN_SE3)],
  ['EDGE_POINTXY', (reader, line, tag) => reader.between(line, tag, BETWEEN_R2)],
  ['EDGE_POINTXYZ', (reader, line, tag) => reader.between(line, tag, BETWEEN_R3)],
  ['EDGE_SE2_XY', (reader, line, tag) => reader.landmark(line, tag, landmark2, 2)],
  ['EDGE_BEARING_SE2_XY', (reader, line, tag) => reader.landmark(line, tag, bearing2, 1)],
  ['EDGE_SE2_POINTXY_BEARING', (reader, line, tag) => reader.landmark(line, tag, bearing2, 1)],
  ['EDGE_RANGE_SE2_XY', (reader, line, tag) => reader.landmark(line, tag, RANGE, 1)],
  ['EDGE_BEARING_RANGE_SE2_XY', (reader, line, tag) => reader.landmark(line, tag, bearingRange2, 2)],
  ['EDGE_SE3_TRACKXYZ', (reader, line, tag) => reader.track(line, tag)],
  ['EDGE_PRIOR_SE2', (reader, line, tag) => reader.prior(line, tag, PRIOR_SE2)],
  ['EDGE_SE2_PRIOR', (reader, line, tag) => reader.prior(line, tag, PRIOR_SE2)],
  ['EDGE_PRIOR_XY', (reader, line, tag) => reader.prior(line, tag, PRIOR_R2)],
  ['EDGE_POINTXYZ_PRIOR', (reader, line, tag) => reader.prior(line, tag, PRIOR_R3)],
  ['EDGE_SE3_PRIOR', (reader, line, tag) => reader.priorSE3(line, tag)],
])

/** One reading: the scratch numbers of a line, and what the visits share. */
class G2oReader {
  readonly builder: PoseGraphBuilder
  private readonly options: ReadOptions
  private readonly offsets = new Map<number, Float64Array>()
  private readonly value = new Float64Array(10)
  /** Ω of m residuals, as a view of the right length: triangles[m]. */
  private readonly triangles = Array.from({ length: 7 }, (_, m) => new Float64Array((m * (m + 1)) / 2))
  private warnedQuaternions = false

  constructor(options: ReadOptions) {
    this.options = options
    this.builder = new PoseGraphBuilder('g2o', options)
  }

  visit(line: TextLine): void {
    const tag = line.word('a tag')
    const visit = TAGS.get(tag)
    if (visit) visit(this, line, tag)
    else if (tag.startsWith('PARAMS_')) this.parameter(line, tag)
    else this.builder.skip(line, tag)
  }

  vertex(line: TextLine, tag: string, manifold: typeof SE2 | typeof R2): void {
    const id = line.id('a vertex id')
    const value = this.element(line, manifold, 'its value')
    line.end(tag)
    manifold.normalize(value, 0)
    this.builder.vertex(line, id, manifold, value)
  }

  fix(line: TextLine): void {
    do this.builder.fix(line, line.id('a vertex id'))
    while (!line.done)
  }

  between(line: TextLine, tag: string, type: FactorType): void {
    const from = line.id('the first vertex id')
    const to = line.id('the second vertex id')
    const [manifold] = type.variables
    const z = this.element(line, manifold!, 'the measurement')
    const omega = this.omega(line, type)
    line.end(tag)
    const i = this.builder.end(line.number, from, manifold!)
    const j = this.builder.end(line.number, to, manifold!)
    this.builder.factor(line.number, type, [i, j], z, omega)
  }

  /** An edge from a pose of the plane to a point; `size` numbers measured. A range may come without Ω: 1. */
  landmark(line: TextLine, tag: string, type: FactorType, size: number): void {
    const ids = pair(line)
    const z = new Float64Array(size)
    line.reals(z, 0, size, 'the measurement')
    const omega = type === RANGE && line.done ? Float64Array.of(1) : this.omega(line, type).slice()
    line.end(tag)
    const at = line.number
    this.builder.ordered(at, ids, [SE2, R2], (pose, point) => {
      this.builder.factor(at, type, [pose, point], z, omega)
    })
  }

  /** A point seen from a pose of space through a sensor's mount, PARAMS_SE3OFFSET; old files leave its id away. */
  track(line: TextLine, tag: string): void {
    const ids = pair(line)
    const offset = line.remaining === 3 + 6 ? null : line.integer('the id of a PARAMS_SE3OFFSET')
    const z = new Float64Array(10)
    line.reals(z, 0, 3, 'the measurement')
    const omega = this.omega(line, landmark3).slice()
    line.end(tag)
    const at = line.number
    const add = (): void =>
      this.builder.ordered(at, ids, [SE3, R3], (pose, point) => {
        const mount = this.offset(at, offset)
        if (mount) z.set(mount, 3)
        const [type, data] = mount ? [landmark3WithOffset, z] : [landmark3, z.subarray(0, 3)]
        this.builder.factor(at, type, [pose, point], data, omega)
      })
    if (offset === null || this.offsets.has(offset)) add()
    else this.builder.atEnd(add)
  }

  prior(line: TextLine, tag: string, type: FactorType): void {
    const id = line.id('a vertex id')
    const [manifold] = type.variables
    const z = this.element(line, manifold!, 'the measurement')
    const omega = this.omega(line, type)
    line.end(tag)
    this.builder.factor(line.number, type, [this.builder.end(line.number, id, manifold!)], z, omega)
  }

  /** A prior on a sensor's pose, mounted by the PARAMS_SE3OFFSET before the measurement; or on the pose itself. */
  priorSE3(line: TextLine, tag: string): void {
    const id = line.id('a vertex id')
    const offset = line.remaining === 7 + 21 ? null : line.integer('the id of a PARAMS_SE3OFFSET')
    const z = new Float64Array(14)
    z.set(this.element(line, SE3, 'the measurement'))
    const omega = this.omega(line, PRIOR_SE3).slice()
    line.end(tag)
    const at = line.number
    const pose = this.builder.end(at, id, SE3)
    const add = (): void => {
      const mount = this.offset(at, offset)
      if (mount) z.set(mount, 7)
      const [type, data] = mount ? [PRIOR_SE3_OFFSET, z] : [PRIOR_SE3, z.subarray(0, 7)]
      this.builder.factor(at, type, [pose], data, omega)
    }
    if (offset === null || this.offsets.has(offset)) add()
    else this.builder.atEnd(add)
  }

  private parameter(line: TextLine, tag: string): void {
    const id = line.integer('a parameter id')
    const numbers: number[] = []
    if (tag === 'PARAMS_SE3OFFSET') {
      if (this.offsets.has(id)) throw line.fail('a parameter id of its own', `${id}, which is declared already`)
      const offset = this.element(line, SE3, 'the offset').slice()
      line.end(tag)
      this.offsets.set(id, offset)
      numbers.push(...offset)
    } else {
      while (!line.done) numbers.push(line.real('a parameter'))
    }
    this.builder.parameters.push({ tag, id, numbers })
  }

  /** The mount with this id, or null where it is the identity. */
  private offset(line: number, id: number | null): Float64Array | null {
    if (id === null) return null
    const offset = this.offsets.get(id)
    if (!offset) throw this.builder.error(line, 'the id of a PARAMS_SE3OFFSET of this file', String(id))
    return offset.every((x, k) => x === (k === 6 ? 1 : 0)) ? null : offset
  }

  /** The numbers of a group element, with a unit quaternion; a view, valid until the next. */
  private element(
    line: TextLine,
    manifold: { readonly name: string; readonly ambient: number },
    what: string,
  ): Float64Array {
    const value = this.value.subarray(0, manifold.ambient)
    line.reals(value, 0, manifold.ambient, what)
    if (manifold.name === SE3.name) this.unit(line, value)
    return value
  }

  private unit(line: TextLine, pose: Float64Array): void {
    const before = Math.hypot(pose[3], pose[4], pose[5], pose[6])
    quaternionNormalize(pose, 3)
    if (Math.abs(before - 1) < 1e-3) return
    const after = Math.hypot(pose[3], pose[4], pose[5], pose[6])
    if (!(Math.abs(after - 1) < 1e-9)) throw line.fail('a quaternion that can be normalized', `one of length ${before}`)
    if (this.warnedQuaternions) return
    this.warnedQuaternions = true
    const at = `${this.options.name ?? 'input'}:${line.number}`
    this.builder.warnings.push(
      `${at}: a quaternion of length ${before.toPrecision(6)}; such quaternions are normalized`,
    )
  }

  private omega(line: TextLine, type: FactorType): Float64Array {
    const omega = this.triangles[type.residualDim]
    line.reals(omega, 0, omega.length, "the information matrix's upper triangle")
    return omega
  }
}

function pair(line: TextLine): [Key, Key] {
  return [line.id('the first vertex id'), line.id('the second vertex id')]
}
