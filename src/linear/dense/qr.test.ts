import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { distance, size, uniform } from '../../../test/block-jacobians.ts'
import { DenseQr } from './index.ts'

const eps = 2 ** -52

function random(rows: number, columns: number, seed: number): Float64Array {
  return Float64Array.from({ length: rows * columns }, uniform(seed))
}

/** A · B for row-major m × k and k × n. */
function product(A: Float64Array, B: Float64Array, m: number, k: number, n: number): Float64Array {
  const C = new Float64Array(m * n)
  for (let r = 0; r < m; r++)
    for (let t = 0; t < k; t++) for (let c = 0; c < n; c++) C[r * n + c] += A[r * k + t] * B[t * n + c]
  return C
}

/** Aᵀ (b − A x): zero at a least-squares solution. */
function normalResidual(A: Float64Array, b: Float64Array, x: Float64Array, m: number, n: number): Float64Array {
  const out = new Float64Array(n)
  for (let r = 0; r < m; r++) {
    let left = b[r]
    for (let c = 0; c < n; c++) left -= A[r * n + c] * x[c]
    for (let c = 0; c < n; c++) out[c] += A[r * n + c] * left
  }
  return out
}

const shapes = [
  [0, 0],
  [1, 1],
  [3, 0],
  [3, 3],
  [5, 3],
  [17, 5],
  [40, 17],
] as const

describe('DenseQr', () => {
  for (const pivoting of [true, false])
    it(`leaves a residual at right angles to the columns (pivoting ${pivoting}), from 1e-9 to 1e9`, () => {
      for (const [m, n] of shapes)
        for (const scale of [1e-9, 1, 1e9]) {
          const A = random(m, n, m + n).map((value) => value * scale)
          const b = random(m, 1, 9)
          const x = new Float64Array(n)
          const qr = new DenseQr(m, n, { pivoting })
          expect(qr.factor(A)).toBe(n)
          const { rank, residualNorm } = qr.solve(b, x)
          expect(rank).toBe(n)
          // Backward stable (Higham, theorem 20.3): errors of m n eps in A and b, each of norm about √(m n).
          const bound = 10 * m * n * eps * scale * (1 + size(x) * scale)
          expect(size(normalResidual(A, b, x, m, n))).toBeLessThanOrEqual(bound)
          const left = b.map(
            (value, r) => value - A.subarray(r * n, r * n + n).reduce((sum, a, c) => sum + a * x[c], 0),
          )
          expect(Math.abs(residualNorm - Math.hypot(...left))).toBeLessThanOrEqual(
            10 * m * (n + 1) * eps * (1 + size(x) * scale),
          )
        }
    })

  it('RᵀR = Pᵀ AᵀA P', () => {
    const [m, n] = [17, 5]
    const A = random(m, n, 3)
    const qr = new DenseQr(m, n)
    qr.factor(A)
    for (let i = 0; i < n; i++)
      for (let j = 0; j < n; j++) {
        let expected = 0
        for (let r = 0; r < m; r++) expected += A[r * n + qr.permutation[i]] * A[r * n + qr.permutation[j]]
        let found = 0
        for (let t = 0; t < n; t++) found += qr.entryOfR(t, i) * qr.entryOfR(t, j)
        expect(Math.abs(found - expected)).toBeLessThanOrEqual(10 * m * eps * m)
      }
  })

  it('column pivoting reveals the rank of a product, and |R(k, k)| descends', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 1, max: 12 }),
        fc.nat(12),
        fc.integer(),
        (m, n, k, seed) => {
          const rank = Math.min(m, n, k)
          const A = product(random(m, k, seed), random(k, n, seed + 1), m, k, n)
          // A seed may make the factors themselves nearly dependent; the tolerance is for what rounding leaves, 1e-13.
          const qr = new DenseQr(m, n, { tolerance: 1e-13 })
          expect(qr.factor(A)).toBeLessThanOrEqual(rank)
          for (let s = 1; s < Math.min(m, n); s++)
            expect(Math.abs(qr.entryOfR(s, s))).toBeLessThanOrEqual(Math.abs(qr.entryOfR(s - 1, s - 1)) * (1 + 1e-7))
        },
      ),
    )
    const qr = new DenseQr(9, 6)
    expect(qr.factor(product(random(9, 4, 1), random(4, 6, 2), 9, 4, 6))).toBe(4)
  })

  it('a rank-deficient system gets a basic solution with a residual at right angles', () => {
    const [m, n, k] = [12, 6, 4]
    const A = product(random(m, k, 5), random(k, n, 6), m, k, n)
    const b = random(m, 1, 7)
    const x = new Float64Array(n)
    const qr = new DenseQr(m, n)
    qr.factor(A)
    expect(qr.solve(b, x).rank).toBe(k)
    expect(x.filter((value) => value === 0).length).toBe(n - k)
    expect(size(normalResidual(A, b, x, m, n))).toBeLessThanOrEqual(10 * m * n * eps * size(A) ** 2 * (1 + size(x)))
  })

  it('keeps digits that the normal equations lose: Läuchli, ε = 1e-9', () => {
    // A = [1 1; ε 0; 0 ε], b = A (1, 1): AᵀA is singular in fp64; QR has cond(A) eps = 1.4e9 · 2.2e-16 to lose.
    const e = 1e-9
    const x = new Float64Array(2)
    const qr = new DenseQr(3, 2)
    expect(qr.factor(Float64Array.of(1, 1, e, 0, 0, e))).toBe(2)
    qr.solve(Float64Array.of(2, e, e), x)
    expect(distance(x, [1, 1])).toBeLessThanOrEqual(10 * (Math.SQRT2 / e) * eps)
  })

  it('zero columns and a zero matrix', () => {
    const qr = new DenseQr(3, 2)
    const x = new Float64Array(2)
    expect(qr.factor(new Float64Array(6))).toBe(0)
    expect(qr.solve(Float64Array.of(3, 4, 0), x)).toEqual({ rank: 0, residualNorm: 5 })
    expect(Array.from(x)).toEqual([0, 0])
    expect(qr.factor(Float64Array.of(0, 1, 0, 2, 0, 2))).toBe(1)
    qr.solve(Float64Array.of(1, 2, 2), x)
    expect(distance(x, [0, 1])).toBeLessThanOrEqual(4 * eps)
  })

  it('more columns than rows: solves exactly with the columns it needs', () => {
    const A = random(3, 7, 11)
    const b = random(3, 1, 12)
    const x = new Float64Array(7)
    const qr = new DenseQr(3, 7)
    expect(qr.factor(A)).toBe(3)
    const { residualNorm } = qr.solve(b, x)
    expect(residualNorm).toBe(0)
    expect(distance(product(A, x, 3, 7, 1), b)).toBeLessThanOrEqual(100 * eps * size(x))
  })

  it('refuses wrong sizes', () => {
    const qr = new DenseQr(3, 2)
    expect(() => new DenseQr(2.5, 1)).toThrow(/2.5 × 1/)
    expect(() => qr.factor(new Float64Array(5))).toThrow(/3 × 2 numbers, got 5/)
    expect(() => qr.solve(new Float64Array(2), new Float64Array(2))).toThrow(/3 and 2 numbers, got 2 and 2/)
  })
})
