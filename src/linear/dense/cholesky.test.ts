import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { denseSolve, distance, size, uniform } from '../../../test/block-jacobians.ts'
import { anyBlockShape, definiteMatrix, gridShape } from '../../../test/block-matrices.ts'
import { BlockCholesky } from '../cholesky/index.ts'
import { choleskyInPlace, DenseCholesky, solvePositiveDefinite } from './index.ts'

const eps = 2 ** -52
const sizes = [0, 1, 3, 5, 17, 24, 25, 60]

/** Random symmetric with a dominant diagonal: condition at most 3. */
function definite(n: number, seed: number, scale = 1): Float64Array {
  const random = uniform(seed)
  const A = new Float64Array(n * n)
  for (let r = 0; r < n; r++) for (let c = 0; c <= r; c++) A[r * n + c] = A[c * n + r] = random() * scale
  for (let r = 0; r < n; r++) A[r * n + r] = 2 * n * scale
  return A
}

const rowsOf = (A: Float64Array, n: number) =>
  Array.from({ length: n }, (_, r) => Array.from(A.subarray(r * n, r * n + n)))

describe('choleskyInPlace', () => {
  it('L Lᵀ = A on the lower triangle; the upper one is neither read nor written', () => {
    for (const n of sizes) {
      const A = definite(n, n)
      const L = A.slice()
      for (let r = 0; r < n; r++) for (let c = r + 1; c < n; c++) L[r * n + c] = Number.NaN
      expect(choleskyInPlace(L, n)).toBe(-1)
      for (let r = 0; r < n; r++)
        for (let c = 0; c <= r; c++) {
          let sum = 0
          for (let t = 0; t <= c; t++) sum += L[r * n + t] * L[c * n + t]
          // Higham, theorem 10.3: (n + 1) eps |L||Lᵀ|, at most the largest diagonal entry.
          expect(Math.abs(sum - A[r * n + c])).toBeLessThanOrEqual((n + 1) * eps * 2 * n)
        }
      for (let r = 0; r < n; r++) for (let c = r + 1; c < n; c++) expect(L[r * n + c]).toBeNaN()
    }
  })

  it('works inside a larger array', () => {
    const n = 30
    const A = definite(n, 4)
    const wide = new Float64Array(7 + n * 40).fill(9)
    for (let r = 0; r < n; r++) wide.set(A.subarray(r * n, r * n + n), 7 + r * 40)
    choleskyInPlace(A, n)
    expect(choleskyInPlace(wide, n, 7, 40)).toBe(-1)
    for (let r = 0; r < n; r++) expect(wide.slice(7 + r * 40, 8 + r * 40 + r)).toEqual(A.slice(r * n, r * n + r + 1))
  })

  it('returns the first pivot that fails', () => {
    for (const n of sizes.slice(1))
      for (const s of [0, n >> 1, n - 1]) {
        const A = definite(n, 3)
        A[s * n + s] = -1
        expect(choleskyInPlace(A, n)).toBe(s)
        expect(A[s * n + s]).toBeLessThanOrEqual(-1)
      }
  })

  it('a matrix of rank 1 fails at its second pivot', () => {
    const u = [0.1, 0.7, 1.3, 2.9]
    const A = Float64Array.from({ length: 16 }, (_, q) => u[q >> 2] * u[q & 3])
    expect(choleskyInPlace(A, 4)).toBe(1)
  })
})

describe('DenseCholesky', () => {
  it('solves as Gaussian elimination does, from 1e-9 to 1e9', () => {
    for (const n of sizes)
      for (const scale of [1e-9, 1, 1e9]) {
        const A = definite(n, 7, scale)
        const cholesky = new DenseCholesky(n)
        expect(cholesky.factor(A).ok).toBe(true)
        const b = Float64Array.from({ length: n }, uniform(8))
        const expected = denseSolve(rowsOf(A, n), b)
        cholesky.solve(b, b)
        // Condition 3, n + 1 roundings on each of two roads.
        expect(distance(b, expected)).toBeLessThanOrEqual(6 * (n + 1) * eps * size(expected))
      }
  })

  it('answers as BlockCholesky does, block and scalar of a failure included', () => {
    fc.assert(
      fc.property(anyBlockShape, fc.boolean(), fc.nat(), (shape, broken, pick) => {
        const matrix = definiteMatrix(shape)
        const n = matrix.blocks.offset[matrix.blocks.count]
        if (broken && n > 0) {
          const j = pick % matrix.blocks.count
          matrix.values[matrix.valueStart[matrix.columnStart[j]]] = -1
        }
        const sparse = new BlockCholesky(matrix)
        const dense = new DenseCholesky(n)
        const damping = new Float64Array(n).fill(0.25)
        const outcome = dense.factor(matrix, damping)
        const other = sparse.factor(matrix, damping)
        expect(outcome.ok).toBe(other.ok)
        if (!outcome.ok && !other.ok) {
          expect([outcome.block, outcome.scalar]).toEqual([other.block, other.scalar])
          return
        }
        const x = Float64Array.from({ length: n }, uniform(2))
        const y = x.slice()
        dense.solve(x, x)
        sparse.solve(y, y)
        // Condition below 306 (test/block-matrices.ts).
        expect(distance(x, y)).toBeLessThanOrEqual(10 * (n + 1) * eps * 306 * size(x))
      }),
    )
  })

  it('refuses wrong sizes and a missing factor', () => {
    const cholesky = new DenseCholesky(3)
    expect(() => new DenseCholesky(-1)).toThrow(/size ≥ 0, got -1/)
    expect(() => cholesky.factor(new Float64Array(8))).toThrow(/3 × 3 numbers, got 8/)
    expect(() => cholesky.factor(definiteMatrix(gridShape(2, 2, 3)))).toThrow(/3 unknowns, got 12/)
    expect(() => cholesky.factor(definite(3, 1), new Float64Array(2))).toThrow(/3 damping values, got 2/)
    expect(() => cholesky.solve(new Float64Array(3), new Float64Array(3))).toThrow(/no factor/)
  })
})

describe('solvePositiveDefinite', () => {
  it('solves small systems in place, and leaves x alone when A is not definite', () => {
    const A = Float64Array.of(4, 0, 0, 2, 5, 0, 1, 3, 6)
    const x = Float64Array.of(1, 2, 3)
    const expected = denseSolve(
      [
        [4, 2, 1],
        [2, 5, 3],
        [1, 3, 6],
      ],
      x,
    )
    expect(solvePositiveDefinite(A, 3, x)).toBe(true)
    expect(distance(x, expected)).toBeLessThanOrEqual(50 * eps) // condition 7
    expect(solvePositiveDefinite(Float64Array.of(1, 0, 2, 1), 2, x)).toBe(false)
    expect(distance(x, expected)).toBeLessThanOrEqual(50 * eps)
  })
})
