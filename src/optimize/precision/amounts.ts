/**
 * Operations and bytes of the pieces of a solver, from the structure of the problem alone: what one product, one iteration,
 * one factorization costs. A multiplication, an addition, a division and a square root count as one operation each; bytes
 * are those of every number read or written once per pass, in the format in which it is stored; indices are not counted.
 */
import type { BlockJacobian, BlockPartition, SymmetricBlockMatrix } from '../../linear/index.ts'
import { type Format, formats } from '../../numeric/index.ts'
import type { Program, ProgramBatch } from '../program.ts'

/** One thing done once. */
export interface Amount {
  readonly flops: number
  readonly bytes: number
}

/** Numbers of J that are not structurally zero: Σ m · dim over the blocks of free variables. */
export function jacobianEntries(J: BlockJacobian): number {
  let entries = 0
  for (const { count, residualDim, arity, dims, columns } of J.batches)
    for (let f = 0; f < count; f++)
      for (let k = 0; k < arity; k++) if (columns[f * arity + k] >= 0) entries += residualDim * dims[k]
  return entries
}

/** J p, or Jᵀ q. */
export function jacobianProduct(J: BlockJacobian, stored: Format, vectors: Format): Amount {
  const entries = jacobianEntries(J)
  return { flops: 2 * entries, bytes: entries * bytes(stored) + (J.rows + unknowns(J.blocks)) * bytes(vectors) }
}

/** J L⁻ᵀ for triangular blocks L of each variable, and rounding it: once per linearization. */
export function jacobianScaling(J: BlockJacobian, blocks: boolean, stored: Format): Amount {
  let flops = 0
  for (const { count, residualDim: m, arity, dims, columns } of J.batches)
    for (let f = 0; f < count; f++)
      for (let k = 0; k < arity; k++)
        // The Gram block (upper half) and a triangular solve of each row, or squares and one product per number.
        if (columns[f * arity + k] >= 0) flops += blocks ? m * dims[k] * (2 * dims[k] + 1) : 3 * m * dims[k]
  const entries = jacobianEntries(J)
  return { flops, bytes: entries * (8 + bytes(stored)) }
}

/** The triangular solves L and Lᵀ of one dense block per variable: block Jacobi applied. */
export function blockSolves(blocks: BlockPartition, stored: Format, vectors: Format): Amount {
  const squares = sumOfSquares(blocks)
  return { flops: 2 * squares, bytes: squares * bytes(stored) + 2 * unknowns(blocks) * bytes(vectors) }
}

/** H x for a symmetric matrix of which the lower triangle is stored. */
export function symmetricProduct(H: SymmetricBlockMatrix, stored: Format, vectors: Format): Amount {
  const diagonal = sumOfSquares(H.blocks)
  const below = H.values.length - diagonal
  return {
    flops: 2 * diagonal + 4 * below,
    bytes: H.values.length * bytes(stored) + 2 * unknowns(H.blocks) * bytes(vectors),
  }
}

/** L⁻ᵀ D⁻¹ L⁻¹ r for a block factor with `values` numbers, diagonal blocks whole, scaled on both sides. */
export function triangularSolves(blocks: BlockPartition, values: number, stored: Format, vectors: Format): Amount {
  const diagonal = sumOfSquares(blocks)
  const below = values - diagonal
  return {
    flops: 4 * below + 2 * diagonal + 2 * unknowns(blocks),
    bytes: (2 * below + diagonal) * bytes(stored) + 6 * unknowns(blocks) * bytes(vectors),
  }
}

/** One iteration of CGNR besides its products: ‖q‖², x, s (and e where textbooks carry it), p, one dot product, damping. */
export function cgnrVectors(J: BlockJacobian, textbook: boolean, damping: number, vectors: Format): Amount {
  const n = unknowns(J.blocks)
  const m = J.rows
  return textbook
    ? { flops: 4 * m + 6 * n + damping, bytes: (4 * m + 8 * n) * bytes(vectors) }
    : { flops: 2 * m + 8 * n + damping, bytes: (m + 11 * n) * bytes(vectors) }
}

/** One iteration of conjugate gradients besides its product and preconditioner: two dot products, x, r, p. */
export function gradientsVectors(n: number, vectors: Format): Amount {
  return { flops: 10 * n, bytes: 13 * n * bytes(vectors) }
}

/** Λ p and pᵀ Λ p for a diagonal Λ. */
export function diagonalDamping(blocks: BlockPartition): number {
  return 5 * unknowns(blocks)
}

/** Wᵀ W p and ‖W p‖² for triangular blocks W: the diagonal in scaled unknowns. */
export function scaledDamping(blocks: BlockPartition): number {
  let flops = 0
  for (let j = 0; j < blocks.count; j++) flops += 3 * blocks.dims[j] * (blocks.dims[j] + 1) + 3 * blocks.dims[j]
  return flops
}

/** H = Jᵀ J, the `numbers` of its lower triangle. */
export function hessianForming(J: BlockJacobian, numbers: number): Amount {
  let flops = 0
  for (const { count, residualDim: m, arity, dims, columns } of J.batches)
    for (let f = 0; f < count; f++)
      for (let k = 0; k < arity; k++) {
        if (columns[f * arity + k] < 0) continue
        for (let l = 0; l <= k; l++) if (columns[f * arity + l] >= 0) flops += 2 * m * dims[k] * dims[l]
      }
  return { flops, bytes: 8 * (jacobianEntries(J) + 2 * numbers) }
}

/**
 * Factorization by block columns of a pattern, complete or not: each pair of blocks (i, k), (j, k) of a column k whose target
 * (i, j) is kept costs 2 dᵢ dⱼ dₖ operations, each block one triangular solve, each diagonal d³/3.
 */
export function factorization({ blocks, columnStart, rowIndex, values }: SymmetricBlockMatrix, format: Format): Amount {
  const { count, dims } = blocks
  const mark = new Int32Array(count).fill(-1)
  let flops = 0
  // The targets of column k in column j are the rows i ≥ j of both: found by marking column j for all k that touch it.
  const { start, columns } = transposed(count, columnStart, rowIndex)
  for (let j = 0; j < count; j++) {
    for (let e = columnStart[j]; e < columnStart[j + 1]; e++) mark[rowIndex[e]] = j
    for (let a = start[j]; a < start[j + 1]; a++) {
      const k = columns[a]
      for (let e = columnStart[k + 1] - 1; e > columnStart[k] && rowIndex[e] >= j; e--)
        if (mark[rowIndex[e]] === j) flops += 2 * dims[rowIndex[e]] * dims[j] * dims[k]
    }
    flops += dims[j] ** 3 / 3
    for (let e = columnStart[j] + 1; e < columnStart[j + 1]; e++) flops += dims[rowIndex[e]] * dims[j] ** 2
  }
  return { flops: Math.round(flops), bytes: 2 * values.length * bytes(format) }
}

/**
 * Operations inside factor kernels: the residual's, and what its Jacobian adds. They are the one part that structure does not
 * tell: rounded counts by hand from their formulas; a kernel not listed counts 12 per residual and 4 per number of its
 * Jacobian.
 */
const kernelFlops: Readonly<Record<string, readonly [number, number]>> = {
  'between(SE2)': [40, 60],
  'between(SE2,g2o)': [22, 40],
  'between(SE3)': [150, 420],
  'between(SE3,g2o)': [95, 330],
  'reprojection(calibrated)': [40, 90],
  'reprojection(pinhole)': [44, 98],
  'reprojection(BAL)': [75, 260],
  'stereo(calibrated)': [46, 110],
}

/** Residuals, squares and loss of every factor. */
export function residualEvaluation(program: Program, stored: Format): Amount {
  return overBatches(program, ({ type, squareRootInformation: root, loss }) => {
    const m = type.residualDim
    const [kernel] = kernelFlops[type.name] ?? [12 * m, 0]
    return {
      flops: kernel + (root ? m * m : 0) + 2 * m + (loss ? 6 + m : 0),
      bytes: bytes(stored) * (stateOf(type.variables) + type.dataSize + (root ? (m * (m + 1)) / 2 : 0) + m),
    }
  })
}

/** What derivatives add to that. */
export function jacobianEvaluation(program: Program, stored: Format): Amount {
  return overBatches(program, ({ type, squareRootInformation: root, loss, jacobian }) => {
    const m = type.residualDim
    const [, kernel] = kernelFlops[type.name] ?? [0, 4 * jacobian.stride]
    return {
      flops: kernel + (root ? m * jacobian.stride : 0) + (loss ? jacobian.stride : 0),
      bytes: bytes(stored) * jacobian.stride,
    }
  })
}

/** x ⊞ δ: nominal, 8 operations per number of the state that moves. */
export function retraction(program: Program, stored: Format): Amount {
  let numbers = 0
  for (const { ambient } of program.manifolds) numbers += ambient
  return { flops: 8 * numbers, bytes: (2 * numbers + unknowns(program.blocks)) * bytes(stored) }
}

export function unknowns(blocks: BlockPartition): number {
  return blocks.offset[blocks.count]
}

function overBatches({ batches }: Program, one: (batch: ProgramBatch) => Amount): Amount {
  let flops = 0
  let total = 0
  for (const batch of batches) {
    const { flops: f, bytes: b } = one(batch)
    flops += batch.count * f
    total += batch.count * b
  }
  return { flops, bytes: total }
}

function stateOf(manifolds: readonly { readonly ambient: number }[]): number {
  return manifolds.reduce((sum, { ambient }) => sum + ambient, 0)
}

function sumOfSquares({ count, dims }: BlockPartition): number {
  let sum = 0
  for (let j = 0; j < count; j++) sum += dims[j] * dims[j]
  return sum
}

function bytes(format: Format): number {
  return formats[format].bytes
}

/** By rows: the columns left of the diagonal in which each row has a block. */
function transposed(
  count: number,
  columnStart: Int32Array,
  rowIndex: Int32Array,
): { start: Int32Array; columns: Int32Array } {
  const start = new Int32Array(count + 2)
  for (let j = 0; j < count; j++) for (let e = columnStart[j] + 1; e < columnStart[j + 1]; e++) start[rowIndex[e] + 2]++
  for (let i = 0; i < count; i++) start[i + 2] += start[i + 1]
  const columns = new Int32Array(start[count + 1])
  for (let j = 0; j < count; j++)
    for (let e = columnStart[j] + 1; e < columnStart[j + 1]; e++) columns[start[rowIndex[e] + 1]++] = j
  return { start, columns }
}

/** x = L⁻ᵀ L⁻¹ b for a factor with `nonzeros` numbers. */
export function substitution(nonzeros: number): Amount {
  return { flops: 4 * nonzeros, bytes: 16 * nonzeros }
}

/** A dense Cholesky factor of order n, and a solve with it. */
export function denseFactorization(n: number): Amount {
  return { flops: Math.round(n ** 3 / 3), bytes: 8 * n * n }
}

/** Householder QR of a dense rows × n matrix (Golub and Van Loan, "Matrix Computations", 2013, section 5.2.2). */
export function denseQr(rows: number, n: number): Amount {
  return { flops: Math.round(2 * n * n * (rows - n / 3)), bytes: 16 * rows * n }
}

/**
 * Points taken out of the normal equations: for a point p seen by cameras of dimensions d₁ … d_k, its block's factor, k
 * products with it and the k (k + 1) / 2 products that go to the reduced system; then its own step.
 */
export function pointElimination(J: BlockJacobian, eliminated: Uint8Array): Amount {
  const { count, dims } = J.blocks
  const { start, neighbours } = adjacency(J)
  const seen = new Int32Array(count).fill(-1)
  let flops = 0
  let numbers = 0
  for (let point = 0; point < count; point++) {
    if (!eliminated[point]) continue
    let sum = 0
    let squares = 0
    for (let e = start[point]; e < start[point + 1]; e++) {
      const camera = neighbours[e]
      if (eliminated[camera] || seen[camera] === point) continue
      seen[camera] = point
      sum += dims[camera]
      squares += dims[camera] ** 2
    }
    const d = dims[point]
    flops += d ** 3 / 3 + 2 * sum * d * d + (sum * sum + squares) * d + 4 * sum * d
    numbers += d * (d + 2 * sum) + (sum * sum + squares) / 2
  }
  return { flops: Math.round(flops), bytes: 8 * numbers }
}

/**
 * Points taken out by QR (docs/maths/square-root.md): for a point of d numbers with m rows and w numbers of cameras, d
 * reflections of its m × (d + w + 1) panel and the square of what is left below ('prepare'); at each damping the rotations
 * of its head, their products with it and the squares of d rows ('eliminate').
 */
export function squareRootElimination(
  J: BlockJacobian,
  eliminated: Uint8Array,
  bytesEach: number,
): { prepare: Amount; eliminate: Amount } {
  const { count, dims } = J.blocks
  const { start, neighbours } = adjacency(J)
  const rows = rowsOf(J)
  const seen = new Int32Array(count).fill(-1)
  const prepare = { flops: 0, bytes: 0 }
  const eliminate = { flops: 0, bytes: 0 }
  for (let point = 0; point < count; point++) {
    if (!eliminated[point]) continue
    let w = 0
    let squares = 0
    for (let e = start[point]; e < start[point + 1]; e++) {
      const camera = neighbours[e]
      if (eliminated[camera] || seen[camera] === point) continue
      seen[camera] = point
      w += dims[camera]
      squares += dims[camera] ** 2
    }
    const d = dims[point]
    const m = Math.max(rows[point], d)
    const pairs = w * w + squares
    for (let k = 0; k < d; k++) prepare.flops += 4 * (m - k) * (d + w + 1 - k)
    prepare.flops += (m - d) * pairs
    prepare.bytes += bytesEach * (2 * m * (d + w + 1) + pairs / 2)
    eliminate.flops += 6 * d ** 3 + 4 * d * d * (w + 1) + d * pairs + 2 * d * w + d * d
    eliminate.bytes += bytesEach * (4 * d * d + 3 * d * (w + 1) + pairs / 2)
  }
  return { prepare, eliminate }
}

/** Residual rows that touch each block. */
function rowsOf({ blocks, batches }: BlockJacobian): Int32Array {
  const rows = new Int32Array(blocks.count)
  for (const { residualDim, columns } of batches)
    for (const column of columns) if (column >= 0) rows[column] += residualDim
  return rows
}

/** Numbers in the lower triangle of JᵀJ by blocks, diagonal blocks whole. */
export function hessianNumbers(J: BlockJacobian): number {
  const { count, dims } = J.blocks
  const { start, neighbours } = adjacency(J)
  const seen = new Int32Array(count).fill(-1)
  let numbers = sumOfSquares(J.blocks)
  for (let a = 0; a < count; a++)
    for (let e = start[a]; e < start[a + 1]; e++) {
      const b = neighbours[e]
      if (b >= a || seen[b] === a) continue
      seen[b] = a
      numbers += dims[a] * dims[b]
    }
  return numbers
}

/** The blocks that share a factor with each block, as often as they share one. */
function adjacency(J: BlockJacobian): { start: Int32Array; neighbours: Int32Array } {
  const start = new Int32Array(J.blocks.count + 2)
  eachPair(J, (a) => start[a + 2]++)
  for (let j = 0; j < J.blocks.count; j++) start[j + 2] += start[j + 1]
  const neighbours = new Int32Array(start[J.blocks.count + 1])
  eachPair(J, (a, b) => {
    neighbours[start[a + 1]++] = b
  })
  return { start, neighbours }
}

/** Every ordered pair of different blocks of a factor. */
function eachPair({ batches }: BlockJacobian, visit: (a: number, b: number) => void): void {
  for (const { count, arity, columns } of batches)
    for (let at = 0; at < count * arity; at += arity)
      for (let k = 0; k < arity; k++)
        for (let l = 0; l < arity; l++) {
          const a = columns[at + k]
          const b = columns[at + l]
          if (a >= 0 && b >= 0 && a !== b) visit(a, b)
        }
}
