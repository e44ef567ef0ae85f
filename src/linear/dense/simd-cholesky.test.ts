import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { distance, size, uniform } from '../../../test/block-jacobians.ts'
import { kernels, probe } from '../../backend/index.ts'
import { DenseCholesky } from './cholesky.ts'

const eps = 2 ** -52

/** Random and diagonally dominant: condition at most 3. What lies above the diagonal is not to be read. */
function definite(n: number, seed: number): Float64Array {
  const random = uniform(seed)
  return Float64Array.from({ length: n * n }, (_, q) => {
    const [r, c] = [Math.floor(q / n), q % n]
    return c > r ? Number.NaN : c === r ? 2 * n + random() : random()
  })
}

describe.skipIf(!probe().simd)('dense Cholesky by SIMD', () => {
  it('has the factor and the solutions of the definition, of every size and in memory that was used before', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 41 }), fc.integer(), (n, seed) => {
        const dirty = new DenseCholesky(n, { backend: 'wasm' })
        dirty.factor(new Float64Array(n * n).fill(Number.NaN))
        const [twin, plain] = [dirty, new DenseCholesky(n, { backend: 'plain' })]
        const A = definite(n, seed)
        const damping = Float64Array.from({ length: n }, uniform(seed + 1)).map(Math.abs)
        expect(twin.factor(A, damping).ok).toBe(true)
        expect(plain.factor(A, damping).ok).toBe(true)
        // Two orders of the same sums: 2 (n + 1) eps |L||Lᵀ| with condition 3.
        const bound = 6 * (n + 1) * eps
        expect(distance(twin.values, plain.values)).toBeLessThanOrEqual(bound * size(plain.values))
        const x = Float64Array.from({ length: n }, uniform(seed + 2))
        const y = x.slice()
        twin.solve(x, x)
        plain.solve(y, y)
        expect(distance(x, y)).toBeLessThanOrEqual(2 * bound * size(y))
        twin.dispose()
      }),
    )
  })

  it('names the same pivot', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 41 }), fc.nat(), fc.constantFrom(-1, 0, Number.NaN), (n, pick, bad) => {
        const A = definite(n, 3)
        A[(pick % n) * (n + 1)] = bad
        const twin = new DenseCholesky(n, { backend: 'wasm' }).factor(A)
        const plain = new DenseCholesky(n, { backend: 'plain' }).factor(A)
        expect(twin).toMatchObject({ ok: false, block: 0, scalar: pick % n, floor: Number.isNaN(bad) ? Number.NaN : 0 })
        if (!twin.ok && !plain.ok && !Number.isNaN(bad)) expect(twin.pivot).toBeCloseTo(plain.pivot, 12)
      }),
    )
  })

  it('is taken where it pays, says so, and steps aside without memory', () => {
    expect(new DenseCholesky(6).describe()).toBe('fp64, plain (small)')
    expect(new DenseCholesky(60).describe()).toBe('fp64, WebAssembly SIMD')
    const arena = kernels()?.arena
    if (!arena) throw new Error('no arena')
    vi.spyOn(arena, 'allocate').mockReturnValue(null)
    expect(new DenseCholesky(60).describe()).toMatch(/plain \(no \d+ bytes of WebAssembly memory\)/)
    expect(() => new DenseCholesky(60, { backend: 'wasm' })).toThrow(/no WebAssembly twin/)
    vi.restoreAllMocks()
  })

  it('gives its memory back when disposed of', () => {
    const arena = kernels()?.arena
    const before = arena?.freeBytes
    const cholesky = new DenseCholesky(60)
    cholesky.dispose()
    expect(arena?.freeBytes).toBe(before)
    expect(() => cholesky.factor(definite(60, 1))).toThrow(/disposed of/)
  })
})
