import { describe, expect, it } from 'vitest'
import { Random, UsageError } from '../numeric/index.ts'
import { consistency, normalizedError } from './consistency.ts'

/** A random 3 × 3 matrix L with positive diagonal; P = L Lᵀ. */
function random(seed: number): { L: number[]; P: number[]; source: Random } {
  const source = new Random(seed)
  const L = [0, 0, 0, 0, 0, 0, 0, 0, 0]
  for (let i = 0; i < 3; i++)
    for (let j = 0; j <= i; j++) L[3 * i + j] = i === j ? 0.5 + source.next() : source.gaussian()
  const P = L.map((_, k) => [0, 1, 2].reduce((sum, m) => sum + L[3 * Math.floor(k / 3) + m] * L[3 * (k % 3) + m], 0))
  return { L, P, source }
}

const times = (L: readonly number[], z: readonly number[]) =>
  [0, 1, 2].map((i) => L[3 * i] * z[0] + L[3 * i + 1] * z[1] + L[3 * i + 2] * z[2])

describe('normalizedError', () => {
  it('is ‖z‖² for an error e = L z with covariance L Lᵀ', () => {
    for (let seed = 0; seed < 50; seed++) {
      const { L, P, source } = random(seed)
      const z = [source.gaussian(), source.gaussian(), source.gaussian()]
      const expected = z[0] ** 2 + z[1] ** 2 + z[2] ** 2
      // The condition of P, a few hundred here, times rounding.
      expect(Math.abs(normalizedError(times(L, z), P)! - expected)).toBeLessThan(1e5 * Number.EPSILON * (1 + expected))
    }
  })

  it('does not exist for a covariance that is none', () => {
    expect(normalizedError([1, 1], [1, 2, 2, 1])).toBe(null)
    expect(normalizedError([1], [0])).toBe(null)
    expect(normalizedError([1], [Number.NaN])).toBe(null)
    expect(() => normalizedError([1, 2], [1, 0, 1])).toThrow(UsageError)
  })
})

describe('consistency', () => {
  const errors = (scale: number) => {
    const { L, P, source } = random(1)
    return Array.from({ length: 400 }, () => {
      const z = [source.gaussian(), source.gaussian(), source.gaussian()]
      return normalizedError(
        times(L, z).map((x) => scale * x),
        P,
      )!
    })
  }

  it('accepts errors that are as large as their covariance says, and no others', () => {
    expect(consistency(errors(1), 3).verdict).toBe('consistent')
    expect(consistency(errors(1.2), 3).verdict).toBe('optimistic')
    expect(consistency(errors(0.8), 3).verdict).toBe('pessimistic')
  })

  it('has the bounds of the textbook: 50 runs of two states, 95 %', () => {
    // Bar-Shalom et al. (2001), section 5.4.2: for n_x = 2 and N = 50 the interval of the average is [1.5, 2.6].
    const { lower, upper } = consistency(new Array(50).fill(2), 2)
    expect([lower.toFixed(1), upper.toFixed(1)]).toEqual(['1.5', '2.6'])
  })

  it('counts single errors beyond their bound', () => {
    expect(consistency([0, 0, 0, 100], 2).exceeding).toBe(0.25)
    expect(consistency(errors(1), 3).exceeding).toBeLessThan(0.1)
  })

  it('needs numbers that can be normalized errors', () => {
    expect(() => consistency([], 3)).toThrow(UsageError)
    expect(() => consistency([-1], 3)).toThrow(UsageError)
    expect(() => consistency([1], 0)).toThrow(UsageError)
    expect(() => consistency([1], 3, 1)).toThrow(UsageError)
  })
})
