import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Format, formats, roundTo, UsageError } from '../../numeric/index.ts'
import { doubleVectors } from '../vectors.ts'
import { type VectorOperations, vectorOperations } from './vector-operations.ts'

const names = Object.keys(formats) as Format[]
const anyStage = fc.record({ stored: fc.constantFrom(...names), computed: fc.constantFrom(...names) })
/** Up to 23 cubes of them are below fp16's 65504. */
const numbers = fc.array(fc.double({ min: -14, max: 14, noNaN: true }), { minLength: 9, maxLength: 23 })

describe('vectorOperations', () => {
  it('leave numbers of the stored format, each operation rounded once', () => {
    fc.assert(
      fc.property(anyStage, numbers, fc.double({ min: -3, max: 3, noNaN: true }), (stage, data, alpha) => {
        const vectors = vectorOperations(stage, 'fp64')
        const c = roundTo(stage.computed)
        const s = (x: number): number => roundTo(stage.stored)(c(x))
        const x = Float64Array.from(data, s)
        const y = Float64Array.from(data.toReversed(), s)
        const a = c(alpha)
        const expectAfter = (act: (to: Float64Array) => void, element: (i: number) => number): void => {
          const to = y.slice()
          act(to)
          // Adding 0: the two may differ in the sign of a zero.
          expect([...to].map((v) => v + 0)).toEqual(data.map((_, i) => s(element(i)) + 0))
        }
        expectAfter(
          (to) => vectors.copy(to, Float64Array.from(data)),
          (i) => data[i],
        )
        expectAfter(
          (to) => vectors.addScaled(to, alpha, x),
          (i) => y[i] + c(a * x[i]),
        )
        expectAfter(
          (to) => vectors.scaleAndAdd(to, alpha, x),
          (i) => x[i] + c(a * y[i]),
        )
        const weights = x.map(Math.abs)
        expectAfter(
          (to) => vectors.addWeighted(to, weights, x),
          (i) => y[i] + c(c(weights[i]) * x[i]),
        )
      }),
    )
  })

  it.each(names)('sum in %s: products and sums rounded, in four partial sums', (format) => {
    fc.assert(
      fc.property(numbers, (data) => {
        const vectors = vectorOperations({ stored: 'fp64', computed: 'fp64' }, format)
        const round = roundTo(format)
        const x = Float64Array.from(data)
        const y = Float64Array.from(data.toReversed())
        const lanes = [0, 0, 0, 0]
        const whole = data.length - (data.length % 4)
        data.forEach((_, i) => {
          const lane = i < whole ? i % 4 : 0
          lanes[lane] = round(lanes[lane] + round(x[i] * y[i]))
        })
        expect(vectors.dot(x, y)).toBe(round(round(lanes[0] + lanes[1]) + round(lanes[2] + lanes[3])))
        const weights = x.map(Math.abs)
        const exact = x.reduce((sum, v, i) => sum + weights[i] * v * v, 0)
        // Two products and a sum per element, each with half an eps of at most the whole; the weight's own rounding.
        expect(Math.abs(vectors.weightedSquare(weights, x) - exact)).toBeLessThanOrEqual(
          2 * (data.length + 3) * formats[format].eps * exact + formats[format].minSubnormal * 400,
        )
      }),
    )
  })

  it('in fp64 are the plain ones', () => {
    expect(vectorOperations({ stored: 'fp64', computed: 'fp64' }, 'fp64')).toBe<VectorOperations>(doubleVectors)
  })

  it('refuse a format that does not exist', () => {
    expect(() => vectorOperations({ stored: 'fp64', computed: 'fp64' }, 'fp8' as Format)).toThrow(UsageError)
  })
})
