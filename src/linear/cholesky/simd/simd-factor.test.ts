import fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { distance, size, uniform } from '../../../../test/block-jacobians.ts'
import { anyBlockShape, type BlockShape, definiteMatrix, gridShape } from '../../../../test/block-matrices.ts'
import { kernels, probe } from '../../../backend/index.ts'
import type { SymmetricBlockMatrix } from '../../blocks.ts'
import { analyze, BlockCholesky, type FactorFormat, FrozenCholesky } from '../index.ts'
import { PlainFactor } from '../plain-factor.ts'
import { SimdFactor } from './simd-factor.ts'

const formats: readonly FactorFormat[] = ['fp64', 'fp32']
const epsOf = { fp64: 2 ** -52, fp32: 2 ** -23 } as const
const tolerance = { fp64: 16 * 2 ** -52, fp32: 16 * 2 ** -23 } as const

/** Uniform blocks of every size, and all sizes mixed. */
const anyShape: fc.Arbitrary<BlockShape> = fc.oneof(
  anyBlockShape,
  fc
    .tuple(anyBlockShape, fc.integer({ min: 1, max: 9 }))
    .map(([shape, d]) => ({ ...shape, dims: shape.dims.map(() => d) })),
  fc
    .tuple(anyBlockShape, fc.integer())
    .map(([shape, seed]) => ({ ...shape, dims: shape.dims.map((_, j) => 1 + (((seed >>> 0) + 5 * j) % 9)) })),
)

const vector = (n: number, seed: number) => {
  const random = uniform(seed)
  return Float64Array.from({ length: n }, random)
}

function pairOf(matrix: SymmetricBlockMatrix, format: FactorFormat, iterative = false) {
  const symbolic = analyze(matrix)
  const twin = SimdFactor.bind(symbolic, format, { poison: true, iterative })
  if (typeof twin === 'string') throw new Error(twin)
  return { symbolic, twin, plain: new PlainFactor(symbolic, format, 'asked for') }
}

describe.skipIf(!probe().simd)('the factor by SIMD is that of the definition', () => {
  afterEach(() => {
    vi.restoreAllMocks()
  })

  it.each(formats)('%s: L, diagonal and solutions to rounding, whatever the memory held before', (format) => {
    fc.assert(
      fc.property(anyShape, fc.integer(), fc.boolean(), (shape, seed, damped) => {
        const matrix = definiteMatrix(shape)
        const { symbolic, twin, plain } = pairOf(matrix, format)
        const n = symbolic.blocks.offset[symbolic.blocks.count]
        const damping = damped ? vector(n, seed).map(Math.abs) : null
        expect(twin.factor(matrix, damping, tolerance[format])).toBeNull()
        expect(plain.factor(matrix, damping, tolerance[format])).toBeNull()
        expect(twin.diagonal).toEqual(plain.diagonal)
        // Both are within (n + 1) eps |L||Lᵀ| of H (Higham, theorem 10.3), which condition, here ≤ 306, brings into L.
        const bound = 2 * (n + 1) * epsOf[format] * 306
        expect(distance(twin.values, plain.values)).toBeLessThanOrEqual(bound * size(plain.values))
        const b = vector(n, seed + 1)
        const x = new Float64Array(n)
        const y = new Float64Array(n)
        twin.solve(b, x)
        plain.solve(b, y)
        expect(distance(x, y)).toBeLessThanOrEqual(5 * bound * size(y))
        twin.solve(b, b)
        expect(b).toEqual(x) // in place, and the same from one solve to the next
        twin.dispose()
      }),
    )
  })

  it.each(formats)('%s: the same from run to run, and after another matrix', (format) => {
    const shape = gridShape(7, 5, 6)
    const matrix = definiteMatrix(shape)
    const { twin } = pairOf(matrix, format)
    twin.factor(matrix, null, tolerance[format])
    const first = twin.values.slice()
    twin.factor(definiteMatrix({ ...shape, seed: 9 }), null, tolerance[format])
    expect(twin.values).not.toEqual(first)
    twin.factor(matrix, null, tolerance[format])
    expect(twin.values).toEqual(first)
  })

  it.each(formats)('%s: names the same pivot in the same units', (format) => {
    fc.assert(
      fc.property(anyShape, fc.nat(), fc.constantFrom(-1, 0, Number.NaN, 1e-12), (shape, pick, bad) => {
        fc.pre(shape.dims.length > 0)
        const matrix = definiteMatrix(shape)
        const block = pick % shape.dims.length
        const scalar = pick % shape.dims[block]
        const at = matrix.valueStart[matrix.columnStart[block]] + scalar * (shape.dims[block] + 1)
        matrix.values[at] = bad
        const { twin, plain } = pairOf(matrix, format)
        const found = twin.factor(matrix, null, tolerance[format])
        const expected = plain.factor(matrix, null, tolerance[format])
        expect(found === null).toBe(expected === null)
        if (!found || !expected) return
        expect([found.position, found.scalar, found.floor]).toEqual([
          expected.position,
          expected.scalar,
          expected.floor,
        ])
        // Entries of its row are at most 1 and the others dominate: what is subtracted is rounded at the size of the row.
        if (Number.isNaN(bad)) expect(found.pivot).toBeNaN()
        else
          expect(Math.abs(found.pivot - expected.pivot)).toBeLessThanOrEqual(
            1e3 * epsOf[format] * (1 + Math.abs(expected.pivot)),
          )
      }),
    )
  })

  it('blocks of H may lie in any order', () => {
    const matrix = definiteMatrix({ ...gridShape(4, 3, 3), dims: [1, 2, 3, 6, 7, 9, 3, 3, 6, 6, 1, 1] })
    const scattered = {
      ...matrix,
      valueStart: matrix.valueStart.slice(),
      values: new Float64Array(matrix.values.length + 7),
    }
    let end = scattered.values.length
    for (let j = 0; j < matrix.blocks.count; j++)
      for (let e = matrix.columnStart[j]; e < matrix.columnStart[j + 1]; e++) {
        const length = matrix.blocks.dims[matrix.rowIndex[e]] * matrix.blocks.dims[j]
        end -= length
        scattered.values.set(matrix.values.subarray(matrix.valueStart[e], matrix.valueStart[e] + length), end)
        scattered.valueStart[e] = end
      }
    const { twin } = pairOf(matrix, 'fp64')
    twin.factor(matrix, null, 0)
    const expected = twin.values.slice()
    twin.factor(scattered, null, 0)
    expect(twin.values).toEqual(expected)
  })

  it.each(formats)('%s: conjugate gradients as their definition, from 0 and from a guess', (format) => {
    fc.assert(
      fc.property(anyShape, fc.integer(), fc.constantFrom('zero' as const, 'guess' as const), (shape, seed, start) => {
        const matrix = definiteMatrix(shape)
        const other = definiteMatrix({ ...shape, seed: shape.seed + 1 })
        const symbolic = analyze(matrix)
        const n = symbolic.blocks.offset[symbolic.blocks.count]
        const damping = vector(n, seed).map(Math.abs)
        const b = vector(n, seed + 1)
        const solutions = (['wasm', 'plain'] as const).map((backend) => {
          const frozen = new FrozenCholesky(symbolic, { format, backend })
          expect(frozen.factor(other, damping).ok).toBe(true)
          frozen.update(matrix, damping)
          const x = vector(n, seed + 2)
          const report = frozen.solve(b, x, { start, maxIterations: 200, tolerance: 1e-12 })
          expect(report.outcome).toBe('converged')
          expect(report.residualNorm).toBeLessThanOrEqual(report.target)
          frozen.dispose()
          return x
        })
        // Two residuals of 1e-12 in the factor's norm, brought into x by conditions below 306.
        expect(distance(solutions[0], solutions[1])).toBeLessThanOrEqual(1e-12 * 306 * (1 + size(solutions[1])))
      }),
      { numRuns: 50 },
    )
  })

  it('a limit of iterations ends them, and going on from there is not lost', () => {
    const matrix = definiteMatrix(gridShape(9, 9, 3))
    const frozen = new FrozenCholesky(analyze(matrix), { format: 'fp32' })
    const n = 3 * 81
    const damping = new Float64Array(n).fill(5)
    frozen.factor(matrix, damping)
    frozen.update(matrix, new Float64Array(n))
    const b = vector(n, 3)
    const x = new Float64Array(n)
    const first = frozen.solve(b, x, { start: 'zero', maxIterations: 2, tolerance: 1e-10 })
    expect([first.outcome, first.iterations]).toEqual(['iterations', 2])
    const norm = first.residualNorm
    const second = frozen.solve(b, x, { start: 'guess', maxIterations: 2, tolerance: 1e-10 })
    expect(second.residualNorm).toBeLessThan(norm)
  })

  it('is bound by BlockCholesky, which says so, and not where the plain loops are asked for', () => {
    const matrix = definiteMatrix(gridShape(2, 2, 3))
    expect(new BlockCholesky(matrix).describe()).toBe('fp64, WebAssembly SIMD')
    expect(new BlockCholesky(matrix, { format: 'fp32' }).describe()).toBe('fp32 (scaled), WebAssembly SIMD')
    expect(new BlockCholesky(matrix, { backend: 'plain' }).describe()).toBe('fp64, plain (asked for)')
  })

  it('goes on when the linear memory grows', () => {
    const matrix = definiteMatrix(gridShape(4, 4, 6))
    const cholesky = new BlockCholesky(matrix)
    cholesky.factor(matrix)
    const b = vector(cholesky.size, 1)
    const x = new Float64Array(b.length)
    const y = new Float64Array(b.length)
    cholesky.solve(b, x)
    const arena = kernels()?.arena
    if (!arena) throw new Error('no arena')
    const owner = {}
    const piece = arena.allocate(arena.buffer.byteLength, owner)
    cholesky.solve(b, y)
    expect(y).toEqual(x)
    if (piece) arena.giveBack(piece)
  })

  it('gives its memory back when disposed of, and says so when it is used after that', () => {
    const arena = kernels()?.arena
    if (!arena) throw new Error('no arena')
    const matrix = definiteMatrix(gridShape(4, 4, 6))
    // What others have not yet given back is collected at its own time: only differences count.
    const cholesky = new BlockCholesky(matrix)
    const before = arena.freeBytes
    const second = new BlockCholesky(matrix)
    expect(arena.freeBytes).toBeLessThan(before)
    second.dispose()
    second.dispose()
    expect(arena.freeBytes).toBe(before)
    expect(() => second.factor(matrix)).toThrow(/disposed of/)
    expect(cholesky.factor(matrix).ok).toBe(true)
  })

  it('without memory the plain loops take over and say why; an explicit wish is refused by name', () => {
    const arena = kernels()?.arena
    if (!arena) throw new Error('no arena')
    vi.spyOn(arena, 'allocate').mockReturnValue(null)
    const matrix = definiteMatrix(gridShape(4, 4, 6))
    const cholesky = new BlockCholesky(matrix)
    expect(cholesky.describe()).toMatch(/^fp64, plain \(no \d+ bytes of WebAssembly memory\)$/)
    expect(cholesky.factor(matrix).ok).toBe(true)
    expect(() => new BlockCholesky(matrix, { backend: 'wasm' })).toThrow(/no WebAssembly twin: no \d+ bytes/)
    expect(() => new FrozenCholesky(analyze(matrix), { backend: 'wasm' })).toThrow(/no WebAssembly twin/)
  })
})
