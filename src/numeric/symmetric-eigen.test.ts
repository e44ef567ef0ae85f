import { describe, expect, it } from 'vitest'
import { Random } from './random.ts'
import { symmetricEigen } from './symmetric-eigen.ts'

const EPS = Number.EPSILON

/** A = VᵀΛV with the rows of V orthonormal, by n random reflections. */
function withEigenvalues(lambda: readonly number[], random: Random): Float64Array {
  const n = lambda.length
  const A = new Float64Array(n * n)
  for (let i = 0; i < n; i++) A[i * (n + 1)] = lambda[i]
  for (let k = 0; k < n; k++) {
    const v = Float64Array.from({ length: n }, () => random.gaussian())
    const vv = v.reduce((s, x) => s + x * x, 0)
    // H = I − 2vvᵀ/vᵀv, A ← HAH
    for (let side = 0; side < 2; side++)
      for (let i = 0; i < n; i++) {
        let dot = 0
        for (let j = 0; j < n; j++) dot += v[j] * A[side ? i * n + j : j * n + i]
        for (let j = 0; j < n; j++) A[side ? i * n + j : j * n + i] -= (2 * dot * v[j]) / vv
      }
  }
  for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) A[i * n + j] = A[j * n + i]
  return A
}

function decompose(A: Float64Array, n: number): { values: Float64Array; vectors: Float64Array; sweeps: number } {
  const values = new Float64Array(n)
  const vectors = new Float64Array(n * n)
  const sweeps = symmetricEigen(A, n, values, vectors)
  return { values, vectors, sweeps }
}

/** max |VᵀΛV − A| and max |VVᵀ − I|. */
function errors(A: Float64Array, n: number, values: Float64Array, vectors: Float64Array): [number, number] {
  let residual = 0
  let orthogonality = 0
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) {
      let a = 0
      let o = 0
      for (let k = 0; k < n; k++) {
        a += values[k] * vectors[k * n + i] * vectors[k * n + j]
        o += vectors[i * n + k] * vectors[j * n + k]
      }
      residual = Math.max(residual, Math.abs(a - A[i * n + j]))
      orthogonality = Math.max(orthogonality, Math.abs(o - (i === j ? 1 : 0)))
    }
  return [residual, orthogonality]
}

describe('symmetricEigen', () => {
  for (const n of [1, 2, 3, 6, 17, 50])
    it(`rebuilds A from its values and orthonormal rows, n = ${n}`, () => {
      const random = new Random(n)
      const lambda = Array.from({ length: n }, () => random.uniform(-1, 1)).sort((a, b) => a - b)
      const A = withEigenvalues(lambda, random)
      const { values, vectors, sweeps } = decompose(A, n)
      const [residual, orthogonality] = errors(A, n, values, vectors)
      const tolerance = 16 * n * EPS // each number meets about sweeps × n rotations, errors adding as their root
      expect(residual).toBeLessThan(tolerance)
      expect(orthogonality).toBeLessThan(tolerance)
      for (let i = 0; i < n; i++) expect(Math.abs(values[i] - lambda[i])).toBeLessThan(tolerance)
      expect(sweeps).toBeLessThanOrEqual(12)
    })

  it('finds double, zero and negative eigenvalues, ascending', () => {
    const lambda = [-3, 0, 0, 2, 2, 5]
    const { values } = decompose(withEigenvalues(lambda, new Random(3)), 6)
    for (let i = 0; i < 6; i++) expect(Math.abs(values[i] - lambda[i])).toBeLessThan(100 * EPS * 5)
  })

  it('keeps relative accuracy of tiny eigenvalues of a badly scaled positive definite matrix', () => {
    // D B D with D = diag(1, 1e-4, 1e-8) and B = [2 1 0; 1 2 1; 0 1 2]: its determinant is exactly 4·1e-24
    const d = [1, 1e-4, 1e-8]
    const B = [2, 1, 0, 1, 2, 1, 0, 1, 2]
    const A = Float64Array.from(B, (b, k) => b * d[Math.floor(k / 3)] * d[k % 3])
    const { values } = decompose(A, 3)
    expect(Math.abs((values[0] * values[1] * values[2]) / 4e-24 - 1)).toBeLessThan(100 * EPS)
  })

  it('does not care about scale', () => {
    for (const scale of [1e-150, 1e150]) {
      const A = Float64Array.from([2, 1, 1, 2], (a) => a * scale)
      const { values } = decompose(A, 2)
      expect(Math.abs(values[0] / scale - 1)).toBeLessThan(8 * EPS)
      expect(Math.abs(values[1] / scale - 3)).toBeLessThan(8 * EPS * 3)
    }
  })

  it('reads only the upper triangle and leaves A alone', () => {
    const A = Float64Array.from([2, 1, 99, 2])
    const { values } = decompose(A, 2)
    expect(Array.from(A)).toEqual([2, 1, 99, 2])
    expect(Math.abs(values[0] - 1)).toBeLessThan(8 * EPS)
  })

  it('answers NaN to NaN and Infinity, and ends', () => {
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const { values, sweeps } = decompose(Float64Array.from([1, bad, bad, 1]), 2)
      expect(sweeps).toBe(-1)
      expect(Array.from(values)).toEqual([Number.NaN, Number.NaN])
    }
  })

  it('takes the zero matrix and the empty one', () => {
    expect(Array.from(decompose(new Float64Array(9), 3).values)).toEqual([0, 0, 0])
    expect(decompose(new Float64Array(0), 0).sweeps).toBe(0)
  })
})
