import { SE3 } from 'homeward/geometry'
import { between, reprojection } from 'homeward/graph'
import {
  analyze,
  BlockCholesky,
  type BlockJacobian,
  choleskyInPlace,
  multiply,
  multiplyTransposed,
  NormalEquations,
  partition,
  type Symbolic,
  symmetricMultiply,
} from 'homeward/linear'
import { sphere } from 'homeward/sim'

/** One kernel at one size in one format. */
export interface KernelCase {
  readonly kernel: string
  readonly size: string
  readonly format: 'f64' | 'f32'
  /** Floating point operations, or factors, of one run. */
  readonly work: number
  readonly unit: 'GF/s' | 'Gfactor/s'
  run(): void
}

/** A sphere's edges as block Jacobian, normal equations and factor, and the same as integers for the C twins. */
export interface PoseGraphStructure {
  readonly jacobian: BlockJacobian
  readonly normal: NormalEquations
  readonly symbolic: Symbolic
  readonly ints: Int32Array
}

/** Numbers in (−1, 1), always the same. */
function numbers(count: number): Float64Array {
  let seed = 1
  return Float64Array.from({ length: count }, () => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0
    return (seed / 2 ** 32) * 2 - 1
  })
}

export function poseGraphStructure(side: number): PoseGraphStructure {
  const { graph } = sphere({ layers: side, perLayer: side })
  const n = graph.variableCount
  const columns = Int32Array.from(graph.batches[0].variables.view())
  const edges = columns.length / 2
  const jacobian: BlockJacobian = {
    blocks: partition(new Int32Array(n).fill(6)),
    rows: 6 * edges,
    residual: numbers(6 * edges),
    batches: [
      {
        count: edges,
        residualDim: 6,
        arity: 2,
        dims: [6, 6],
        columns,
        row: 0,
        stride: 72,
        values: numbers(72 * edges),
      },
    ],
  }
  const normal = new NormalEquations(jacobian)
  const H = normal.hessian
  const symbolic = analyze(H)
  const entryAt = new Map<number, number>()
  for (let j = 0; j < n; j++)
    for (let e = H.columnStart[j]; e < H.columnStart[j + 1]; e++) entryAt.set(H.rowIndex[e] * n + j, e)
  const targets = new Int32Array(4 * edges)
  for (let e = 0; e < edges; e++)
    for (let k = 0; k < 4; k++)
      targets[4 * e + k] = entryAt.get(columns[2 * e + (k >> 1)] * n + columns[2 * e + (k & 1)]) ?? -1
  const ints = Int32Array.from([
    ...[0, n, edges, H.rowIndex.length, symbolic.rowIndex.length],
    ...columns,
    ...targets,
    ...H.columnStart,
    ...H.rowIndex,
    ...symbolic.target,
    ...symbolic.columnStart,
    ...symbolic.rowIndex,
  ])
  return { jacobian, normal, symbolic, ints }
}

export function poseGraphCases({ jacobian, normal, symbolic }: PoseGraphStructure, size: string): KernelCase[] {
  const { blocks, batches, rows } = jacobian
  const edges = batches[0].count
  const scalars = 6 * blocks.count
  const [x, out, y, product] = [numbers(scalars), new Float64Array(scalars), numbers(rows), new Float64Array(rows)]
  const H = normal.hessian
  const dominant = { ...H, values: H.values.slice() }
  const cholesky = new BlockCholesky(symbolic)
  const algebra = (kernel: string, work: number, run: () => void): KernelCase => ({
    ...{ kernel, size, format: 'f64', work, unit: 'GF/s', run },
  })
  normal.form()
  dominant.values.set(H.values)
  for (let j = 0; j < blocks.count; j++)
    for (let a = 0; a < 6; a++) dominant.values[H.valueStart[H.columnStart[j]] + 7 * a] += 1000
  if (!cholesky.factor(dominant).ok) throw new Error('the diagonally dominant matrix did not factor')
  const symmetricFlops = 72 * (2 * H.rowIndex.length - blocks.count)
  return [
    algebra('J x', 144 * edges, () => multiply(jacobian, x, product)),
    algebra('J^T y', 144 * edges, () => multiplyTransposed(jacobian, y, out)),
    // Per edge two 6 × 6 products that are symmetric and one that is not.
    algebra('normal equations', (2 * 252 + 432) * edges, () => normal.form()),
    algebra('H x', symmetricFlops, () => symmetricMultiply(H, x, out)),
    algebra('block Cholesky', symbolic.flops, () => cholesky.factor(dominant)),
    algebra('block solve', 4 * symbolic.nonzeros, () => cholesky.solve(x, out)),
    betweenCase(jacobian, size),
  ]
}

function betweenCase({ blocks, batches, residual }: BlockJacobian, size: string): KernelCase {
  const type = between(SE3, { error: 'g2o' })
  const [{ count, columns, stride }] = batches
  const poses = numbers(7 * blocks.count)
  for (let v = 0; v < blocks.count; v++) SE3.normalize(poses, 7 * v)
  const measurements = Float64Array.from({ length: 7 * count }, (_, i) => (i % 7 === 6 ? 1 : 0))
  const at = columns.map((v) => 7 * v)
  const J = new Float64Array(stride * count)
  const r = new Float64Array(residual.length)
  return {
    ...{ kernel: 'linearize between', size, format: 'f64', work: count, unit: 'Gfactor/s' },
    run() {
      for (let e = 0; e < count; e++) type.evaluate(poses, at, 2 * e, measurements, 7 * e, r, 6 * e, J, stride * e)
    },
  }
}

export interface Sightings {
  readonly cameras: number
  readonly points: number
  readonly camera: Int32Array
  readonly point: Int32Array
  readonly ints: Int32Array
}

/** Cameras that see 55 points each, a point seen by about 12 of them. */
export function sightings(count: number): Sightings {
  const cameras = Math.ceil(count / 55)
  const points = Math.ceil(count / 12)
  const camera = Int32Array.from({ length: count }, (_, o) => Math.floor(o / 55))
  const point = Int32Array.from({ length: count }, (_, o) => (Math.floor(o / 55) * 5 + (o % 55)) % points)
  return { cameras, points, camera, point, ints: Int32Array.from([1, cameras, points, count, 0, ...camera, ...point]) }
}

export function reprojectionCase({ cameras, points, camera, point }: Sightings, size: string): KernelCase {
  const count = camera.length
  const x = new Float64Array(7 * cameras + 3 * points)
  const random = numbers(3 * points)
  for (let c = 0; c < cameras; c++) x[7 * c + 6] = 1
  for (let i = 0; i < 3 * points; i++) x[7 * cameras + i] = i % 3 === 2 ? 4 : random[i]
  const at = new Int32Array(2 * count)
  const data = new Float64Array(6 * count)
  for (let o = 0; o < count; o++) {
    at.set([7 * camera[o], 7 * cameras + 3 * point[o]], 2 * o)
    data.set([0, 0, 458, 458, 376, 240], 6 * o)
  }
  const r = new Float64Array(2 * count)
  const J = new Float64Array(18 * count)
  return {
    ...{ kernel: 'linearize reprojection', size, format: 'f64', work: count, unit: 'Gfactor/s' },
    run() {
      for (let o = 0; o < count; o++) reprojection.evaluate(x, at, 2 * o, data, 6 * o, r, 2 * o, J, 18 * o)
    },
  }
}

export function denseCase(n: number): KernelCase {
  const random = numbers(n * n)
  const matrix = random.map((value, i) => (Math.floor(i / n) === i % n ? n : value / 2))
  const work = new Float64Array(n * n)
  return {
    ...{ kernel: 'dense Cholesky', size: String(n), format: 'f64', work: n ** 3 / 3, unit: 'GF/s' },
    run() {
      work.set(matrix)
      choleskyInPlace(work, n)
    },
  }
}
