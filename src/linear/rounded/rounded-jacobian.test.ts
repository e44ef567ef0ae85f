import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { anyJacobian, denseJacobian, distance, gram, jacobianOf, uniform } from '../../../test/block-jacobians.ts'
import { type Format, formats, roundTo, UsageError } from '../../numeric/index.ts'
import type { BlockJacobian } from '../block-jacobian.ts'
import { multiply, multiplyTransposed, scalarSize } from '../ops/jacobian-product.ts'
import { RoundedJacobian } from './rounded-jacobian.ts'
import type { RoundedStage } from './stage.ts'

const double: RoundedStage = { stored: 'fp64', computed: 'fp64', accumulated: 'fp64' }
const stages: RoundedStage[] = [
  { stored: 'fp32', computed: 'fp32', accumulated: 'fp32' },
  { stored: 'fp16', computed: 'fp32', accumulated: 'fp32' },
  { stored: 'fp16', computed: 'fp16', accumulated: 'fp32' },
  { stored: 'fp16', computed: 'fp16', accumulated: 'fp16' },
  { stored: 'bf16', computed: 'bf16', accumulated: 'bf16' },
  { stored: 'fp32', computed: 'bf16', accumulated: 'fp32' },
]
const scalings = ['none', 'columns', 'blocks'] as const

/** One factor per variable and more rows than columns, so that every diagonal block of JᵀJ has full rank. */
function wellPosed(seed: number): BlockJacobian {
  const factors = Array.from({ length: 40 }, (_, i) => [i % 3, 3 + (i % 5)])
  const shape = { dims: [6, 6, 6, 3, 3, 3, 3, 3], batches: [{ residualDim: 2, slots: [6, 3], factors }] }
  return jacobianOf(shape, uniform(seed))
}

describe('RoundedJacobian', () => {
  it('in fp64 is the product by J L⁻ᵀ', () => {
    fc.assert(
      fc.property(anyJacobian, fc.integer(), fc.constantFrom(...scalings), (J, seed, scaling) => {
        const operator = new RoundedJacobian(J, double, scaling)
        const report = operator.update()
        expect(report).toMatchObject({ overflowed: 0, nonFinite: 0, first: null })
        const random = uniform(seed)
        const y = Float64Array.from({ length: operator.columns }, random)
        const q = Float64Array.from({ length: operator.rows }, random)
        const [delta, g, Ly] = [y, y, y].map((v) => new Float64Array(v.length))
        const [Jy, expected] = [q, q].map((v) => new Float64Array(v.length))
        operator.fromScaled(y, delta)
        multiply(J, delta, expected)
        operator.multiply(y, Jy)
        // δ = L⁻ᵀ y may be large where a block is nearly singular: rounding is relative to the terms of J δ.
        const size = 1 + Math.max(0, ...delta.map(Math.abs))
        expect(distance(Jy, expected)).toBeLessThan(2000 * Number.EPSILON * size)
        operator.toScaled(delta, Ly)
        expect(distance(Ly, y)).toBeLessThan(2000 * Number.EPSILON * size)
        multiplyTransposed(J, q, g)
        operator.gradientToScaled(g, g)
        operator.multiplyTransposed(q, Ly)
        expect(distance(Ly, g)).toBeLessThan(2000 * Number.EPSILON * size)
      }),
    )
  })

  it('with block scaling has orthonormal columns in every block, with column scaling columns of norm 1', () => {
    for (let seed = 0; seed < 20; seed++) {
      const J = wellPosed(seed)
      for (const scaling of ['columns', 'blocks'] as const) {
        const operator = new RoundedJacobian(J, double, scaling, 0)
        operator.update()
        const H = gram(denseJacobian(operator.rounded), operator.columns)
        for (let j = 0; j < J.blocks.count; j++)
          for (let a = J.blocks.offset[j]; a < J.blocks.offset[j + 1]; a++)
            for (let b = J.blocks.offset[j]; b < J.blocks.offset[j + 1]; b++) {
              if (scaling === 'columns' && a !== b) continue
              // Rounding of a Cholesky factor of condition below 1e4.
              expect(Math.abs(H[a][b] - (a === b ? 1 : 0))).toBeLessThan(1e4 * Number.EPSILON)
            }
      }
    }
  })

  it('is adjoint to its transpose within the roundings of its formats', () => {
    fc.assert(
      fc.property(fc.integer(), fc.constantFrom(...stages), fc.constantFrom(...scalings), (seed, stage, scaling) => {
        const operator = new RoundedJacobian(wellPosed(seed), stage, scaling)
        operator.update()
        const random = uniform(seed + 1)
        const x = Float64Array.from({ length: operator.columns }, random)
        const y = Float64Array.from({ length: operator.rows }, random)
        const Jx = new Float64Array(y.length)
        const JTy = new Float64Array(x.length)
        operator.multiply(x, Jx)
        operator.multiplyTransposed(y, JTy)
        const terms = sum(x, (xi, i) => Math.abs(xi) * columnSums(operator.rounded)[i])
        // Per side: x or y enters with one rounding, products one, sums at most 9 and 2 + 14: with all, under 24 of 1/2 eps.
        const eps = Math.max(...[stage.computed, stage.accumulated].map((f) => formats[f].eps))
        expect(Math.abs(sum(Jx, (q, i) => q * y[i]) - sum(JTy, (z, i) => z * x[i]))).toBeLessThan(24 * eps * terms)
      }),
    )
  })

  it('says what overflows: information weights without scaling do in fp16, not in bf16, and not with scaling', () => {
    const J = wellPosed(3)
    J.batches[0].values.forEach((v, e) => {
      J.batches[0].values[e] = v * 2e5
    })
    const half: RoundedStage = { stored: 'fp16', computed: 'fp16', accumulated: 'fp32' }
    const raw = new RoundedJacobian(J, half, 'none').update()
    const large = J.batches[0].values.filter((v) => Math.abs(v) >= formats.fp16.overflow)
    expect(large.length).toBeGreaterThan(100)
    expect(raw.overflowed).toBe(large.length)
    expect(raw.first?.value).toBe(large[0])
    expect(raw.first?.factor).toBe(Math.floor(J.batches[0].values.indexOf(large[0]) / J.batches[0].stride))
    for (const scaling of ['columns', 'blocks'] as const)
      expect(new RoundedJacobian(J, half, scaling).update()).toMatchObject({ overflowed: 0, nonFinite: 0, first: null })
    const bfloat = { stored: 'bf16', computed: 'bf16', accumulated: 'bf16' } as const
    expect(new RoundedJacobian(J, bfloat, 'none').update().overflowed).toBe(0)
  })

  it('names numbers that were not finite, and counts those that lost digits below the normal ones', () => {
    const J = jacobianOf(
      {
        dims: [1, 1],
        batches: [
          {
            residualDim: 1,
            slots: [1, 1],
            factors: [
              [0, 1],
              [1, 0],
              [-1, 0],
            ],
          },
        ],
      },
      () => 1,
    )
    J.batches[0].values.set([1, 2 ** -15, 2 ** -30, Number.NaN])
    const operator = new RoundedJacobian(J, { stored: 'fp16', computed: 'fp32', accumulated: 'fp32' }, 'none')
    // 2⁻¹⁵ is a subnormal of fp16, 2⁻³⁰ rounds to zero; the block of the constant is not read.
    expect(operator.update()).toEqual({
      overflowed: 0,
      subnormal: 2,
      nonFinite: 1,
      first: { batch: 0, factor: 1, value: Number.NaN },
    })
  })

  it('survives columns that are zero, tiny, huge or dependent', () => {
    const shape = { dims: [3, 3], batches: [{ residualDim: 2, slots: [3, 3], factors: [[0, 1]] }] }
    for (const size of [0, 1e-300, 1e-160, 1, 1e160, 1e300])
      for (const scaling of scalings)
        for (const floor of [0, 1e-4]) {
          const operator = new RoundedJacobian(
            jacobianOf(shape, () => size),
            stages[1],
            scaling,
            floor,
          )
          const report = operator.update()
          const y = new Float64Array(6).fill(1)
          operator.fromScaled(y, y)
          expect([...y].every(Number.isFinite)).toBe(true)
          const numbers = operator.rounded.batches[0].values
          // Whatever was lost was said.
          if (report.overflowed === 0) expect([...numbers].every(Number.isFinite)).toBe(true)
          else expect((report.first?.value ?? 0) / size).toBeGreaterThan(0.99)
          if (report.subnormal === 0 && size > 0) expect([...numbers].some((v) => v !== 0)).toBe(true)
        }
  })

  it('does not depend on the size of what enters, when normalized', () => {
    const operator = new RoundedJacobian(wellPosed(5), stages[3], 'blocks')
    operator.update()
    const x = Float64Array.from({ length: operator.columns }, uniform(6))
    const Jx = new Float64Array(operator.rows)
    const other = new Float64Array(operator.rows)
    operator.multiply(x, Jx)
    for (const power of [-400, -30, 7, 300]) {
      operator.multiply(
        x.map((v) => v * 2 ** power),
        other,
      )
      expect([...other]).toEqual([...Jx].map((v) => v * 2 ** power))
    }
  })

  it('damps the scaled unknowns as the diagonal damps the others: yᵀ C y = δᵀ Λ δ', () => {
    for (const scaling of scalings) {
      const operator = new RoundedJacobian(wellPosed(8), double, scaling, 1e-4, { damping: 'fp64' })
      operator.update()
      const random = uniform(9)
      const diagonal = Float64Array.from({ length: operator.columns }, () => Math.abs(random()))
      const y = Float64Array.from({ length: operator.columns }, random)
      const [delta, Cy] = [y, y].map((v) => new Float64Array(v.length))
      operator.fromScaled(y, delta)
      const expected = sum(delta, (d, i) => d * d * diagonal[i])
      const C = operator.damping(diagonal)
      C.addTo(y, Cy)
      // Sums of at most 6 · 6 · 33 products, all positive in the second form.
      expect(Math.abs(C.square(y) - expected)).toBeLessThan(100 * Number.EPSILON * expected)
      expect(Math.abs(sum(Cy, (c, i) => c * y[i]) - expected)).toBeLessThan(1000 * Number.EPSILON * expected)
    }
  })

  it.each(['fp32', 'fp16', 'bf16'] as const)('damps in %s to its precision', (format) => {
    const operator = new RoundedJacobian(wellPosed(8), double, 'blocks', 1e-4, { damping: format })
    operator.update()
    const random = uniform(9)
    const diagonal = Float64Array.from({ length: operator.columns }, () => Math.abs(random()))
    const y = Float64Array.from({ length: operator.columns }, random).map(roundTo(format))
    const [delta, Cy, exact] = [y, y, y].map((v) => new Float64Array(v.length))
    operator.fromScaled(y, delta)
    for (let i = 0; i < delta.length; i++) delta[i] *= diagonal[i]
    operator.gradientToScaled(delta, exact) // L⁻¹ Λ L⁻ᵀ y
    const C = operator.damping(diagonal)
    C.addTo(y, Cy)
    expect([...Cy]).toEqual([...Cy].map(roundTo(format)))
    // W and W y with up to 7 roundings each of half an eps, then 7 more; 36 products of numbers below 1.
    expect(distance(Cy, exact)).toBeLessThan(36 * 11 * formats[format].eps * Math.max(...exact.map(Math.abs)))
    const square = sum(y, (v, i) => v * exact[i])
    expect(Math.abs(C.square(y) - square)).toBeLessThan(16 * formats[format].eps * square)
  })

  it('by hand: 3 × 1/3 in fp16, product by product', () => {
    const J = jacobianOf({ dims: [3], batches: [{ residualDim: 1, slots: [3], factors: [[0]] }] }, () => 1 / 3)
    const third = roundTo('fp16')(1 / 3) // 1365 · 2⁻¹²
    expect(third).toBe(1365 / 4096)
    const out = new Float64Array(1)
    const ones = new Float64Array(3).fill(1)
    const product = (computed: Format, accumulated: Format): number => {
      const operator = new RoundedJacobian(J, { stored: 'fp16', computed, accumulated }, 'none')
      operator.update()
      operator.multiply(ones, out)
      return out[0]
    }
    expect(product('fp16', 'fp32')).toBe(4095 / 4096)
    // 1365 + 1365 = 2730, then 4095 · 2⁻¹² between 4094 and 4096 · 2⁻¹² of fp16: a tie, to the even 4096.
    expect(product('fp16', 'fp16')).toBe(1)
  })

  it('refuses what makes no sense', () => {
    const J = wellPosed(1)
    const make = (stage: Partial<Record<keyof RoundedStage, string>>, scaling = 'none', floor = 0) =>
      new RoundedJacobian(J, { ...double, ...stage } as RoundedStage, scaling as 'none', floor)
    expect(() => make({ stored: 'fp8' })).toThrow(UsageError)
    expect(() => make({ computed: 'fp32', accumulated: 'fp16' })).toThrow('got products in fp32, sums in fp16')
    expect(() => make({ computed: 'fp16', accumulated: 'bf16' })).toThrow('sums in bf16')
    expect(() => make({}, 'rows')).toThrow('expected none, columns or blocks, got rows')
    expect(() => make({}, 'blocks', -1)).toThrow('expected a number ≥ 0, got -1')
    expect(() => make({}).multiply(new Float64Array(1), new Float64Array(80))).toThrow('p: expected 33 numbers, got 1')
  })
})

function sum(v: Float64Array, term: (x: number, i: number) => number): number {
  return v.reduce((total, x, i) => total + term(x, i), 0)
}

function columnSums(J: BlockJacobian): number[] {
  const dense = denseJacobian(J)
  return Array.from({ length: scalarSize(J.blocks) }, (_, j) => dense.reduce((s, row) => s + Math.abs(row[j]), 0))
}
