import { describe, expect, it } from 'vitest'
import { Random } from './random.ts'
import { maximum, mean, median, minimum, quantile, rms, standardDeviation, sum } from './statistics.ts'

describe('statistics', () => {
  it('by hand', () => {
    const x = [4, 1, 3, 2]
    expect(sum(x)).toBe(10)
    expect(mean(x)).toBe(2.5)
    expect(median(x)).toBe(2.5)
    expect(median([5, 1, 9])).toBe(5)
    expect(minimum(x)).toBe(1)
    expect(maximum(x)).toBe(4)
    expect(rms([3, 4])).toBe(Math.sqrt(12.5))
    expect(standardDeviation(x)).toBe(Math.sqrt(1.25))
    expect([0, 0.25, 0.5, 1].map((q) => quantile([10, 20, 30, 40, 50], q))).toEqual([10, 20, 30, 50])
    expect(quantile([1, 2], 0.25)).toBe(1.25)
  })

  it('sums what plain addition loses', () => {
    expect(sum([1e16, 1, -1e16])).toBe(1)
    const tenths = new Float64Array(1e5).fill(0.1)
    expect(Math.abs(sum(tenths) - 1e4)).toBeLessThanOrEqual(2 * Number.EPSILON * 1e4)
  })

  it('rms² = mean² + std²', () => {
    const random = new Random(1)
    const x = Float64Array.from({ length: 1000 }, () => 3 + random.gaussian())
    const parts = mean(x) ** 2 + standardDeviation(x) ** 2
    expect(Math.abs(rms(x) ** 2 - parts)).toBeLessThanOrEqual(16 * Number.EPSILON * parts)
  })

  it('does not sort its argument', () => {
    const x = [3, 1, 2]
    median(x)
    expect(x).toEqual([3, 1, 2])
  })

  it('lets NaN through and refuses empty lists', () => {
    for (const f of [mean, rms, median, minimum, maximum, standardDeviation]) {
      expect(f([1, Number.NaN, 3])).toBeNaN()
      expect(() => f([])).toThrow('empty list')
    }
    expect(() => quantile([1], 1.5)).toThrow('from 0 to 1, got 1.5')
  })
})
