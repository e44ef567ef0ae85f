import type { LieGroup } from '../geometry/index.ts'
import { between, Graph, type Values } from '../graph/index.ts'
import { type Random, UsageError } from '../numeric/index.ts'
import { nonNegative, type PoseGraphOptions, type PoseNoise, streams } from './options.ts'

/** A pose graph with known truth. Poses have keys 0, 1, 2, …; all edges are rows of the graph's one batch. */
export interface PoseGraphProblem {
  /** Values are the start. Odometry edges come first (row i joins poses i and i + 1), then loop closures. */
  readonly graph: Graph
  readonly truth: Values
  readonly odometryEdges: number
  readonly loopClosures: number
  /** Rows of the edges that are false, ascending; the last rows of the batch. */
  readonly falseLoops: Int32Array
}

/** The true side of a problem: what a generator makes before any noise. */
export interface PoseGraphShape {
  readonly group: LieGroup
  /** poses × group.ambient numbers. */
  readonly truth: Float64Array
  /** Pairs of pose numbers that close loops. */
  readonly loops: Int32Array
  readonly defaultNoise: PoseNoise
}

/**
 * Measures a true shape: odometry along the poses and the loops, in the error of .g2o files, so that a generated file
 * means to every reader what it means here.
 *
 * A measurement is Z = Xi⁻¹ Xj N⁻¹, so that the error of the truth, Z⁻¹ Xi⁻¹ Xj = N, is the noise itself: its vector
 * is drawn from N(0, Ω⁻¹), and the chi2 of the truth follows χ² with one degree of freedom per residual exactly.
 */
export function measureShape(shape: PoseGraphShape, options: PoseGraphOptions): PoseGraphProblem {
  const { group, truth, loops } = shape
  const { noise = shape.defaultNoise, falseLoops = 0, start = 'odometry', seed } = options
  checkNoise('noise', noise)
  nonNegative('falseLoops', falseLoops)
  const random = streams(seed)

  const count = truth.length / group.ambient
  const trueLoops = loops.length / 2
  const lies = Math.round(falseLoops * trueLoops)
  const edges = count - 1 + trueLoops
  const pairs = new Int32Array(2 * edges)
  for (let i = 0; i + 1 < count; i++) pairs.set([i, i + 1], 2 * i)
  pairs.set(loops, 2 * (count - 1))
  const measurements = measure(group, truth, pairs, noise, random.noise)

  const values = firstValues(group, truth, measurements, start, random.start)
  const graph = new Graph()
  for (let i = 0; i < count; i++)
    graph.addVariable(i, group, values.subarray(i * group.ambient, (i + 1) * group.ambient))
  const type = between(group, { error: 'g2o' })
  const information = informationOf(group, noise, shape.defaultNoise)
  const join = (i: number, j: number, z: ArrayLike<number>) => graph.addFactorAt(type, [i, j], z, { information })
  for (let e = 0; e < edges; e++)
    join(pairs[2 * e], pairs[2 * e + 1], measurements.subarray(e * group.ambient, (e + 1) * group.ambient))
  addFalseLoops(group, truth, lies, random.falseLoops, join)

  return {
    graph,
    truth: graph.values.copy(truth),
    odometryEdges: count - 1,
    loopClosures: trueLoops + lies,
    falseLoops: Int32Array.from({ length: lies }, (_, k) => edges + k),
  }
}

/** Z = Xi⁻¹ Xj N⁻¹ for every pair. */
function measure(
  group: LieGroup,
  truth: Float64Array,
  pairs: Int32Array,
  noise: PoseNoise,
  random: Random,
): Float64Array {
  const n = group.ambient
  const measured = new Float64Array((pairs.length / 2) * n)
  const wrong = new Float64Array(n)
  for (let e = 0; 2 * e < pairs.length; e++) {
    group.inverse(truth, pairs[2 * e] * n, measured, e * n)
    group.compose(measured, e * n, truth, pairs[2 * e + 1] * n, measured, e * n)
    if (noise.translation === 0 && noise.rotation === 0) continue
    drawError(group, noise, random, wrong)
    group.inverse(wrong, 0, wrong, 0)
    group.compose(measured, e * n, wrong, 0, measured, e * n)
  }
  for (let e = 0; e < measured.length; e += n) group.normalize(measured, e)
  return measured
}

/** The pose whose g2o error vector is normal: (t, θ) in the plane, (t, vec q) with vec q ≈ φ/2 in space. */
function drawError(group: LieGroup, noise: PoseNoise, random: Random, out: Float64Array): void {
  const space = group.name === 'SE3'
  const translations = space ? 3 : 2
  for (let k = 0; k < translations; k++) out[k] = noise.translation * random.gaussian()
  if (!space) {
    out[2] = noise.rotation * random.gaussian()
    return
  }
  let square: number
  do {
    square = 0
    for (let k = 3; k < 6; k++) {
      out[k] = 0.5 * noise.rotation * random.gaussian()
      square += out[k] * out[k]
    }
  } while (square > 1)
  out[6] = Math.sqrt(1 - square)
}

/** Ω of the g2o error, upper triangle by rows: 1/σ² for lengths and plane angles, 4/σ² for vec q ≈ φ/2. */
function informationOf(group: LieGroup, noise: PoseNoise, fallback: PoseNoise): Float64Array {
  const m = group.dim
  const space = group.name === 'SE3'
  const length = noise.translation || fallback.translation
  const angle = noise.rotation || fallback.rotation
  const upper = new Float64Array((m * (m + 1)) / 2)
  for (let row = 0, at = 0; row < m; at += m - row++)
    upper[at] = row < (space ? 3 : 2) ? 1 / length ** 2 : (space ? 4 : 1) / angle ** 2
  return upper
}

function firstValues(
  group: LieGroup,
  truth: Float64Array,
  measurements: Float64Array,
  start: NonNullable<PoseGraphOptions['start']>,
  random: Random,
): Float64Array {
  const n = group.ambient
  const values = truth.slice()
  if (start === 'truth') return values
  if (start === 'odometry') {
    for (let i = 1; i * n < values.length; i++) {
      group.compose(values, (i - 1) * n, measurements, (i - 1) * n, values, i * n)
      group.normalize(values, i * n)
    }
    return values
  }
  if (typeof start !== 'object') throw new UsageError(`start must be 'odometry', 'truth' or deviations, got '${start}'`)
  checkNoise('start', start)
  const delta = new Float64Array(group.dim)
  const translations = group.name === 'SE3' ? 3 : 2
  for (let at = n; at < values.length; at += n) {
    for (let k = 0; k < group.dim; k++)
      delta[k] = random.gaussian() * (k < translations ? start.translation : start.rotation)
    group.retract(values, at, delta, 0, values, at)
  }
  return values
}

/** Claims that two places far apart on the way are nearly one: what a place recognizer fooled by look-alikes says. */
function addFalseLoops(
  group: LieGroup,
  truth: Float64Array,
  lies: number,
  random: Random,
  join: (i: number, j: number, z: Float64Array) => void,
): void {
  if (lies === 0) return
  const n = group.ambient
  const count = truth.length / n
  const apart = Math.max(2, Math.floor(count / 20))
  if (count <= apart) throw new UsageError(`false loops need more than ${apart} poses, got ${count}`)
  const stride = distance(truth, 0, n, group) // the length of the first step gives "near" its meaning
  const z = new Float64Array(n)
  for (let k = 0; k < lies; k++) {
    const i = random.integer(count - apart)
    const j = i + apart + random.integer(count - apart - i)
    drawError(group, { translation: 0.5 * stride, rotation: 0.3 }, random, z)
    join(i, j, z)
  }
}

function distance(x: Float64Array, a: number, b: number, group: LieGroup): number {
  const translations = group.name === 'SE3' ? 3 : 2
  let square = 0
  for (let k = 0; k < translations; k++) square += (x[a + k] - x[b + k]) ** 2
  return Math.sqrt(square)
}

function checkNoise(name: string, noise: PoseNoise): void {
  nonNegative(`${name}.translation`, noise.translation)
  nonNegative(`${name}.rotation`, noise.rotation)
}
