import { describe, expect, it } from 'vitest'
import { agrees, allowance, assertAgrees, largestDifference } from './tolerance.ts'

const EPS = Number.EPSILON

describe('tolerance', () => {
  it('is k eps of the largest expected number, but of 1 at least', () => {
    expect(allowance([3, -8], { k: 2 })).toBe(16 * EPS)
    expect(allowance([1e-9], { k: 2 })).toBe(2 * EPS)
    expect(allowance(5, { k: 1, scale: 1e-3, eps: 2 ** -10 })).toBe(1e-3 * 2 ** -10)
  })

  it('lets through what lies within, and nothing beyond', () => {
    expect(agrees(1 + 2 * EPS, 1, { k: 2 })).toBe(true)
    expect(agrees(1 + 3 * EPS, 1, { k: 2 })).toBe(false)
    expect(agrees([1, 2], [1, 2, 3], { k: 1e9 })).toBe(false)
    expect(agrees(Number.NaN, Number.NaN, { k: 1e9 })).toBe(false)
    expect(agrees(Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, { k: 0 })).toBe(true)
    expect(agrees(Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, { k: 1 })).toBe(false)
  })

  it('says what came, what was expected and what would have passed', () => {
    expect(() => assertAgrees([1, 2.5], [1, 2], { k: 1 }, 'pose')).toThrow(
      /^pose: expected \[1\] = 2, got 2.5: they differ by 0.5, 1 roundings allow 4.4\d*e-16$/,
    )
    expect(() => assertAgrees([1], [1, 2], { k: 1 })).toThrow('numbers: expected 2 numbers, got 1')
  })

  it('finds the largest difference', () => {
    expect(largestDifference([1, 5, 2], [1, 2, 3])).toBe(3)
    expect(largestDifference([Number.NaN], [1])).toBeNaN()
  })
})
