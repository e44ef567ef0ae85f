import { symmetricEigen } from '../../numeric/index.ts'
import type { SymmetricBlockMatrix } from '../blocks.ts'
import { lowerTriangle } from '../dense/cholesky.ts'
import { reducedBasis } from './reduced-basis.ts'
import { lowestSubspace } from './subspace.ts'

/** One direction along which the quadratic form does not change. */
export interface FreeDirection {
  /** Unit vector over all scalars, in the matrix's own order and units. */
  readonly vector: Float64Array
  /** Blocks that move, ascending: their share of the scaled direction is above 10⁻⁶ of the largest. */
  readonly blocks: Int32Array
  /** The scalar that stands for this direction: fixing the pivots of all directions makes the matrix definite. */
  readonly pivot: { readonly block: number; readonly scalar: number }
}

export interface NullSpace {
  readonly dimension: number
  readonly directions: readonly FreeDirection[]
  /** The lowest eigenvalues found of the matrix scaled to unit diagonal, ascending; those not above `floor` count as 0. */
  readonly eigenvalues: Float64Array
  readonly floor: number
  /** False when the search stopped at maxDimension or before it settled: there may be more directions. */
  readonly complete: boolean
}

export interface NullSpaceOptions {
  /** Eigenvalues up to tolerance · |scaled matrix|∞ count as zero. Default 4 · 2⁻⁵²: what rounding leaves of a zero. */
  tolerance?: number
  /** Default 64. */
  maxDimension?: number
}

/** Up to this size all eigenvalues are computed. */
const denseSize = 48

/**
 * The free directions of a symmetric positive semidefinite matrix: which variables a least-squares problem leaves
 * undetermined, and how they move. The matrix is scaled to unit diagonal first, so that metres and radians count alike; a
 * small one goes through all its eigenvalues, a large one through inverse subspace iteration (docs/maths/cholesky.md,
 * eq. 11). The basis is reduced, so that freedoms of separate parts come apart. Answers, never throws.
 */
export function nullSpace(matrix: SymmetricBlockMatrix, options: NullSpaceOptions = {}): NullSpace {
  const { blocks } = matrix
  const n = blocks.offset[blocks.count]
  const { scaled, scale } = toUnitDiagonal(matrix)
  const floor = (options.tolerance ?? 4 * 2 ** -52) * infinityNorm(scaled)
  const maxDimension = Math.min(options.maxDimension ?? 64, n)
  const lowest = n <= denseSize ? allEigenpairs(scaled, n) : lowestSubspace(scaled, floor, maxDimension)
  let dimension = 0
  while (dimension < Math.min(lowest.eigenvalues.length, maxDimension) && lowest.eigenvalues[dimension] <= floor)
    dimension++
  const pivots = reducedBasis(lowest.vectors, dimension, n)
  const directions = Array.from(pivots, (pivot, k) =>
    freeDirection(matrix, lowest.vectors.slice(k * n, (k + 1) * n), scale, pivot),
  )
  const more = dimension === maxDimension && dimension < n
  return { dimension, directions, eigenvalues: lowest.eigenvalues, floor, complete: lowest.settled && !more }
}

/** Ĥ = S H S with S = diag(H)^(−½); a zero diagonal entry of a semidefinite matrix has a zero row and keeps scale 1. */
function toUnitDiagonal(matrix: SymmetricBlockMatrix): { scaled: SymmetricBlockMatrix; scale: Float64Array } {
  const { dims, offset, count } = matrix.blocks
  const scale = new Float64Array(offset[count]).fill(1)
  for (let j = 0; j < count; j++)
    for (let s = 0; s < dims[j]; s++) {
      const entry = matrix.values[matrix.valueStart[matrix.columnStart[j]] + s * (dims[j] + 1)]
      if (entry > 0) scale[offset[j] + s] = 1 / Math.sqrt(entry)
    }
  const values = matrix.values.slice()
  for (let j = 0; j < count; j++)
    for (let e = matrix.columnStart[j]; e < matrix.columnStart[j + 1]; e++) {
      let q = matrix.valueStart[e]
      const i = matrix.rowIndex[e]
      for (let r = 0; r < dims[i]; r++)
        for (let c = 0; c < dims[j]; c++) values[q++] *= scale[offset[i] + r] * scale[offset[j] + c]
    }
  return { scaled: { ...matrix, values }, scale }
}

function infinityNorm(matrix: SymmetricBlockMatrix): number {
  const { dims, offset, count } = matrix.blocks
  const sums = new Float64Array(offset[count])
  for (let j = 0; j < count; j++)
    for (let e = matrix.columnStart[j]; e < matrix.columnStart[j + 1]; e++) {
      let q = matrix.valueStart[e]
      const i = matrix.rowIndex[e]
      for (let r = 0; r < dims[i]; r++)
        for (let c = 0; c < dims[j]; c++, q++) {
          sums[offset[i] + r] += Math.abs(matrix.values[q])
          if (i !== j) sums[offset[j] + c] += Math.abs(matrix.values[q])
        }
    }
  return sums.reduce((largest, sum) => Math.max(largest, sum), 0)
}

function allEigenpairs(
  scaled: SymmetricBlockMatrix,
  n: number,
): { eigenvalues: Float64Array; vectors: Float64Array; settled: boolean } {
  const dense = new Float64Array(n * n)
  lowerTriangle(scaled, dense)
  for (let r = 0; r < n; r++) for (let c = 0; c < r; c++) dense[c * n + r] = dense[r * n + c]
  const eigenvalues = new Float64Array(n)
  const vectors = new Float64Array(n * n)
  symmetricEigen(dense, n, eigenvalues, vectors)
  return { eigenvalues, vectors, settled: true }
}

function freeDirection(
  { blocks }: SymmetricBlockMatrix,
  vector: Float64Array,
  scale: Float64Array,
  pivot: number,
): FreeDirection {
  const share = new Float64Array(blocks.count)
  let largest = 0
  for (let j = 0; j < blocks.count; j++) {
    for (let s = blocks.offset[j]; s < blocks.offset[j + 1]; s++) share[j] = Math.max(share[j], Math.abs(vector[s]))
    largest = Math.max(largest, share[j])
  }
  let squares = 0
  for (let s = 0; s < vector.length; s++) {
    vector[s] *= scale[s]
    squares += vector[s] ** 2
  }
  const length = Math.sqrt(squares)
  for (let s = 0; s < vector.length; s++) vector[s] /= length
  const moving: number[] = []
  for (let j = 0; j < blocks.count; j++) if (share[j] > 1e-6 * largest) moving.push(j)
  let block = 0
  while (blocks.offset[block + 1] <= pivot) block++
  return { vector, blocks: Int32Array.from(moving), pivot: { block, scalar: pivot - blocks.offset[block] } }
}
