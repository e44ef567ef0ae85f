import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { anyJacobian, jacobianOf, uniform } from '../../../test/block-jacobians.ts'
import { probe } from '../../backend/index.ts'
import type { BlockJacobian } from '../block-jacobian.ts'
import { RoundedJacobian } from './rounded-jacobian.ts'
import type { RoundedStage } from './stage.ts'

const stages: RoundedStage[] = [
  { stored: 'fp16', computed: 'fp16', accumulated: 'fp16' },
  { stored: 'fp16', computed: 'fp16', accumulated: 'fp32' },
  { stored: 'fp16', computed: 'fp32', accumulated: 'fp32' },
  { stored: 'bf16', computed: 'bf16', accumulated: 'bf16' },
  { stored: 'bf16', computed: 'bf16', accumulated: 'fp32' },
  { stored: 'bf16', computed: 'fp32', accumulated: 'fp32' },
  { stored: 'fp32', computed: 'fp32', accumulated: 'fp32' },
]

interface Pair {
  readonly plain: RoundedJacobian
  readonly twin: RoundedJacobian
}

function pairOf(J: BlockJacobian, stage: RoundedStage, scaling: 'none' | 'blocks', normalize: boolean): Pair {
  const plain = new RoundedJacobian(J, stage, scaling, 1e-4, { twin: 'plain', normalize })
  const twin = new RoundedJacobian(J, stage, scaling, 1e-4, { normalize })
  expect(twin.describe()).toMatch(/WebAssembly SIMD$/)
  expect(plain.describe()).toMatch(/plain/)
  plain.update()
  twin.update()
  return { plain, twin }
}

/** Both products of both, equal to the bit; NaN equals NaN. */
function expectEqual({ plain, twin }: Pair, x: Float64Array, y: Float64Array): void {
  const out = [plain, twin].map((operator) => {
    const Jx = new Float64Array(operator.rows).fill(7)
    const JTy = new Float64Array(operator.columns).fill(7)
    operator.multiply(x, Jx)
    operator.multiplyTransposed(y, JTy)
    return [...Jx, ...JTy]
  })
  expect(out[1]).toEqual(out[0])
}

const sizes = fc.integer({ min: -140, max: 120 }).map((power) => 2 ** power)

describe.skipIf(!probe().simd)('products by SIMD are the definitions to the bit', () => {
  it.each(stages)('stored $stored, products $computed, sums $accumulated', (stage) => {
    fc.assert(
      fc.property(
        anyJacobian,
        fc.integer(),
        fc.constantFrom('none' as const, 'blocks' as const),
        fc.boolean(),
        fc.oneof(fc.constant(1), sizes),
        (J, seed, scaling, normalize, size) => {
          const pair = pairOf(J, stage, scaling, normalize)
          const random = uniform(seed)
          // Numbers of all sizes together, so that sums lose digits and products become subnormal.
          const spread = () => random() * 2 ** (12 * random()) * size
          const x = Float64Array.from({ length: pair.plain.columns }, spread)
          const y = Float64Array.from({ length: pair.plain.rows }, spread)
          expectEqual(pair, x, y)
          expectEqual(pair, x, y) // nothing is left behind by the first
        },
      ),
      { numRuns: 200 },
    )
  })

  it.each([0, 1, 2, 3, 4, 5, 17, 64])('with %d factors in a batch', (count) => {
    const factors = Array.from({ length: count }, (_, i) => [i % 2, 2 + (i % 3)])
    const shape = { dims: [6, 6, 3, 3, 3], batches: [{ residualDim: 2, slots: [6, 3], factors }] }
    for (const stage of stages) {
      const pair = pairOf(jacobianOf(shape, uniform(count)), stage, 'blocks', true)
      const random = uniform(count + 1)
      expectEqual(pair, Float64Array.from({ length: 21 }, random), Float64Array.from({ length: 2 * count }, random))
      expect(pair.twin.handedBack).toBe(0)
    }
  })

  it('hands numbers from 2¹⁵ on back to the definition, which overflows as fp16 does', () => {
    const shape = { dims: [2], batches: [{ residualDim: 1, slots: [2], factors: [[0], [0]] }] }
    const J = jacobianOf(shape, () => 1)
    J.batches[0].values.set([256, 256, 1, 1])
    const pair = pairOf(J, stages[0], 'none', false)
    const Jx = new Float64Array(2)
    for (const [x, expected] of [
      [100, [51200, 200]],
      [200, [Number.POSITIVE_INFINITY, 400]],
      [300, [Number.POSITIVE_INFINITY, 600]],
    ] as const) {
      pair.twin.multiply(Float64Array.of(x, x), Jx)
      expect([...Jx]).toEqual(expected)
    }
    expect(pair.twin.handedBack).toBe(3)
    expectEqual(pair, Float64Array.of(Number.NaN, 1), Float64Array.of(1e9, Number.NEGATIVE_INFINITY))
  })

  it('leaves matrices that overflowed to the definition', () => {
    const shape = { dims: [1], batches: [{ residualDim: 1, slots: [1], factors: [[0]] }] }
    const pair = pairOf(
      jacobianOf(shape, () => 1e6),
      stages[0],
      'none',
      true,
    )
    expectEqual(pair, Float64Array.of(1), Float64Array.of(1))
    const Jx = new Float64Array(1)
    pair.twin.multiply(Float64Array.of(1), Jx)
    expect(Jx[0]).toBe(Number.POSITIVE_INFINITY)
  })

  it('says why a stage has no kernel', () => {
    const J = jacobianOf({ dims: [1], batches: [] }, () => 1)
    const odd = new RoundedJacobian(J, { stored: 'fp64', computed: 'fp32', accumulated: 'fp64' }, 'none')
    expect(odd.describe()).toBe(
      'J p and Jᵀ q: stored fp64, products fp32, sums fp64; scaling none; plain (no SIMD kernel for these formats)',
    )
  })
})
