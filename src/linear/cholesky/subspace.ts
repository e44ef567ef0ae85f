import { symmetricEigen } from '../../numeric/index.ts'
import type { SymmetricBlockMatrix } from '../blocks.ts'
import { symmetricMultiply } from '../ops/symmetric-product.ts'
import { addScaled, dot } from '../vectors.ts'
import { BlockCholesky } from './numeric.ts'
import { analyze } from './symbolic.ts'

/** Ritz values and vectors (rows of n numbers) from the low end of a spectrum. */
export interface LowestPairs {
  readonly eigenvalues: Float64Array
  readonly vectors: Float64Array
  readonly settled: boolean
}

const startWidth = 8
const iterations = 24

/**
 * The eigenvalues up to `floor` of a semidefinite matrix with unit diagonal, and at least one above it, by inverse
 * subspace iteration with Rayleigh-Ritz (Golub and Van Loan, Matrix Computations, 4th ed., section 8.2.4 on
 * (A + σ I)⁻¹). σ is about the floor: a null vector outgrows an eigenvector of λ by 1 + λ/σ in every round.
 */
export function lowestSubspace(A: SymmetricBlockMatrix, floor: number, maxDimension: number): LowestPairs {
  const n = A.blocks.offset[A.blocks.count]
  const cholesky = shiftedFactor(A, Math.max(floor, 2 ** -52))
  if (cholesky === null) return { eigenvalues: new Float64Array(0), vectors: new Float64Array(0), settled: false }
  for (let width = Math.min(n, startWidth); ; width = Math.min(n, 2 * width)) {
    const found = iterate(A, cholesky, floor, width)
    const full = found.eigenvalues[width - 1] <= floor
    if (full && width < n && width <= maxDimension) continue
    cholesky.dispose()
    return found
  }
}

/** A + σ I factored; σ grows tenfold while rounding still makes it indefinite. */
function shiftedFactor(A: SymmetricBlockMatrix, sigma: number): BlockCholesky | null {
  const cholesky = new BlockCholesky(analyze(A), { pivotTolerance: 0 })
  const shift = new Float64Array(cholesky.size)
  for (let attempt = 0; attempt < 8; attempt++) {
    shift.fill(sigma * 10 ** attempt)
    if (cholesky.factor(A, shift).ok) return cholesky
  }
  return null
}

function iterate(A: SymmetricBlockMatrix, cholesky: BlockCholesky, floor: number, width: number): LowestPairs {
  const n = cholesky.size
  const rows = Array.from({ length: width }, (_, k) => startVector(n, k))
  const images = rows.map(() => new Float64Array(n))
  const eigenvalues = new Float64Array(width)
  let before = -1
  let settled = false
  for (let round = 0; round < iterations && !settled; round++) {
    for (const x of rows) cholesky.solve(x, x)
    orthonormalize(rows)
    ritz(A, rows, images, eigenvalues)
    // Settled: as many values under the floor as in the round before.
    const count = eigenvalues.filter((value) => value <= floor).length
    settled = count === before && round >= 3
    before = count
  }
  const vectors = new Float64Array(width * n)
  rows.forEach((x, k) => {
    vectors.set(x, k * n)
  })
  return { eigenvalues, vectors, settled }
}

/** Numbers in −1 … 1 fixed by k, so that the answer is the same in every run. */
function startVector(n: number, k: number): Float64Array {
  let state = (k + 1) * 2654435761
  return Float64Array.from({ length: n }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 31 - 1
  })
}

/** Modified Gram-Schmidt, twice. */
function orthonormalize(rows: Float64Array[]): void {
  for (let k = 0; k < rows.length; k++) {
    normalize(rows[k])
    for (let twice = 0; twice < 2; twice++) {
      for (let j = 0; j < k; j++) addScaled(rows[k], -dot(rows[k], rows[j]), rows[j])
      normalize(rows[k])
    }
  }
}

/** Rotates the rows to the eigenvectors of X A Xᵀ. */
function ritz(A: SymmetricBlockMatrix, rows: Float64Array[], images: Float64Array[], eigenvalues: Float64Array): void {
  const width = rows.length
  const projected = new Float64Array(width * width)
  const rotation = new Float64Array(width * width)
  rows.forEach((x, k) => {
    symmetricMultiply(A, x, images[k])
  })
  for (let i = 0; i < width; i++) for (let j = 0; j < width; j++) projected[i * width + j] = dot(rows[i], images[j])
  for (let i = 0; i < width; i++)
    for (let j = 0; j < i; j++)
      projected[i * width + j] = projected[j * width + i] = (projected[i * width + j] + projected[j * width + i]) / 2
  symmetricEigen(projected, width, eigenvalues, rotation)
  for (let k = 0; k < width; k++) {
    images[k].fill(0)
    for (let j = 0; j < width; j++) addScaled(images[k], rotation[k * width + j], rows[j])
  }
  for (let k = 0; k < width; k++) rows[k].set(images[k])
}

function normalize(x: Float64Array): void {
  const length = Math.sqrt(dot(x, x))
  if (length > 0) for (let i = 0; i < x.length; i++) x[i] /= length
}
