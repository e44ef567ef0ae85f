import { describe, expect, it } from 'vitest'
import { uniform } from '../../../test/block-jacobians.ts'
import { solveLower, solveLowerTransposed, solveUpper, symmetricEigen } from './index.ts'

const eps = 2 ** -52

describe('symmetricEigen', () => {
  for (const n of [0, 1, 3, 5, 17])
    it(`A v = λ v with orthonormal v, ascending λ, n = ${n}`, () => {
      const random = uniform(n)
      const A = new Float64Array(n * n)
      for (let r = 0; r < n; r++) for (let c = 0; c <= r; c++) A[r * n + c] = A[c * n + r] = random()
      const eigenvalues = new Float64Array(n)
      const V = new Float64Array(n * n)
      symmetricEigen(A.slice(), n, eigenvalues, V)
      const bound = 20 * n * eps * Math.max(1, n) // k n eps |A|, |A| ≤ n
      for (let k = 0; k < n; k++) {
        if (k > 0) expect(eigenvalues[k]).toBeGreaterThanOrEqual(eigenvalues[k - 1])
        for (let r = 0; r < n; r++) {
          let image = 0
          for (let c = 0; c < n; c++) image += A[r * n + c] * V[k * n + c]
          expect(Math.abs(image - eigenvalues[k] * V[k * n + r])).toBeLessThanOrEqual(bound)
        }
        for (let j = 0; j <= k; j++) {
          let inner = 0
          for (let c = 0; c < n; c++) inner += V[k * n + c] * V[j * n + c]
          expect(Math.abs(inner - (j === k ? 1 : 0))).toBeLessThanOrEqual(bound)
        }
      }
    })

  it('[2 1; 1 2] has 1 and 3', () => {
    const eigenvalues = new Float64Array(2)
    symmetricEigen(Float64Array.of(2, 1, 1, 2), 2, eigenvalues, new Float64Array(4))
    expect(Math.abs(eigenvalues[0] - 1)).toBeLessThanOrEqual(4 * eps)
    expect(Math.abs(eigenvalues[1] - 3)).toBeLessThanOrEqual(4 * eps)
  })
})

describe('triangular solves', () => {
  // L = [2; 1 4; −3 5 8], by hand: L x = b for x = (1, 2, 3).
  const L = Float64Array.of(2, 99, 99, 1, 4, 99, -3, 5, 8)
  const U = Float64Array.of(2, 1, -3, 99, 4, 5, 99, 99, 8)

  it('lower, its transpose and upper, reading one triangle only', () => {
    const lower = Float64Array.of(2, 9, 31)
    solveLower(L, 3, lower)
    expect(Array.from(lower)).toEqual([1, 2, 3])
    const transposed = Float64Array.of(-5, 23, 24)
    solveLowerTransposed(L, 3, transposed)
    expect(Array.from(transposed)).toEqual([1, 2, 3])
    const upper = Float64Array.of(-5, 23, 24)
    solveUpper(U, 3, upper)
    expect(Array.from(upper)).toEqual([1, 2, 3])
  })

  it('work inside larger arrays', () => {
    const wide = new Float64Array(20).fill(7)
    for (let r = 0; r < 3; r++) wide.set(L.subarray(3 * r, 3 * r + 3), 2 + 5 * r)
    const x = Float64Array.of(7, 2, 9, 31, 7)
    solveLower(wide, 3, x, 2, 5, 1)
    expect(Array.from(x)).toEqual([7, 1, 2, 3, 7])
    solveLower(wide, 0, x, 0, 5, 0)
    expect(Array.from(x)).toEqual([7, 1, 2, 3, 7])
  })
})
