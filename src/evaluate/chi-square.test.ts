import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { UsageError } from '../numeric/index.ts'
import { chiSquareProbability, chiSquareQuantile } from './chi-square.ts'

/** p, k, x with P(χ²_k ≤ x) = p; by SciPy 1.x: `scipy.stats.chi2.ppf(p, k)`. */
const quantiles = [
  [1e-6, 1, 1.5707963267957187e-12],
  [1e-6, 2, 2.0000010000006676e-6],
  [1e-6, 3, 0.00024181048720124264],
  [1e-6, 6, 0.036508565926558594],
  [1e-6, 100, 46.50133071589314],
  [1e-6, 6000, 5493.608568858949],
  [0.025, 1, 0.0009820691171752555],
  [0.025, 2, 0.05063561596857975],
  [0.025, 3, 0.21579528262389785],
  [0.025, 6, 1.2373442457912027],
  [0.025, 100, 74.22192747492373],
  [0.025, 6000, 5787.197241969327],
  [0.5, 1, 0.454936423119572],
  [0.5, 2, 1.386294361119891],
  [0.5, 3, 2.3659738843753377],
  [0.5, 6, 5.348120627447118],
  [0.5, 100, 99.33412923598846],
  [0.5, 6000, 5999.33334650366],
  [0.95, 1, 3.841458820694124],
  [0.95, 2, 5.991464547107979],
  [0.95, 3, 7.814727903251179],
  [0.95, 6, 12.591587243743977],
  [0.95, 100, 124.34211340400407],
  [0.95, 6000, 6181.314530925222],
  [0.975, 1, 5.023886187314888],
  [0.975, 2, 7.377758908227871],
  [0.975, 3, 9.348403604496148],
  [0.975, 6, 14.44937533544792],
  [0.975, 100, 129.5611971858366],
  [0.975, 6000, 6216.5912789813665],
  [0.999999, 1, 23.92812697687947],
  [0.999999, 2, 27.631021115871036],
  [0.999999, 3, 30.66484970615427],
  [0.999999, 6, 38.25833637714585],
  [0.999999, 100, 182.12677711942618],
  [0.999999, 6000, 6535.182066160561],
] as const

describe('the chi-square distribution', () => {
  it('has the quantiles that SciPy gives', () => {
    for (const [p, k, x] of quantiles) {
      // The density can be small: 1 − p = 1e-6 is known to eps only, which moves x by eps / density.
      const sensitivity = p > 0.9 ? 1 / (1 - p) : 10
      expect(Math.abs(chiSquareQuantile(p, k) / x - 1)).toBeLessThan(100 * sensitivity * Number.EPSILON)
    }
  })

  it('is 1 − exp(−x/2) for two degrees of freedom, in closed form', () => {
    for (const x of [1e-12, 0.1, 1, 3.9, 4.1, 10, 50])
      expect(Math.abs(chiSquareProbability(x, 2) / -Math.expm1(-x / 2) - 1)).toBeLessThan(20 * Number.EPSILON)
  })

  it('is inverted by its quantile (property)', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1e-9, max: 1 - 1e-9, noNaN: true }),
        fc.double({ min: 0.1, max: 2000, noNaN: true }),
        (p, k) => {
          // The incomplete gamma is a power times an exponential of size k: its relative rounding grows with k.
          expect(Math.abs(chiSquareProbability(chiSquareQuantile(p, k), k) - p)).toBeLessThan(
            (20 + 4 * k) * Number.EPSILON,
          )
        },
      ),
      { numRuns: 300 },
    )
  })

  it('rises from 0 to 1', () => {
    expect(chiSquareProbability(0, 3)).toBe(0)
    expect(chiSquareProbability(Number.POSITIVE_INFINITY, 3)).toBe(1)
    expect(chiSquareQuantile(0, 3)).toBe(0)
    expect(chiSquareQuantile(1, 3)).toBe(Number.POSITIVE_INFINITY)
  })

  it('has no place for nonsense', () => {
    expect(() => chiSquareProbability(-1, 2)).toThrow(UsageError)
    expect(() => chiSquareProbability(1, 0)).toThrow(UsageError)
    expect(() => chiSquareQuantile(1.1, 2)).toThrow(UsageError)
    expect(() => chiSquareQuantile(0.5, Number.NaN)).toThrow(UsageError)
  })
})
