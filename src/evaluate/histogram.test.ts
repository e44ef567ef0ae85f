import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { UsageError } from '../numeric/index.ts'
import {
  cumulativeHistogram,
  histogram,
  kolmogorovDistance,
  kolmogorovDistanceTo,
  kolmogorovProbability,
} from './histogram.ts'

const samples = fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 1, maxLength: 60 })

describe('histogram', () => {
  it('counts every sample once (property)', () => {
    const cut = fc.uniqueArray(fc.integer({ min: -2, max: 22 }), { minLength: 2, maxLength: 10 })
    fc.assert(
      fc.property(samples, cut, (xs, unsorted) => {
        const edges = unsorted.toSorted((a, b) => a - b)
        const { counts, below, above } = histogram(xs, edges)
        counts.forEach((count, i) => {
          const last = i === counts.length - 1
          const inside = (x: number) => x >= edges[i] && (x < edges[i + 1] || (last && x === edges[i + 1]))
          expect(count).toBe(xs.filter(inside).length)
        })
        expect(counts.reduce((a, b) => a + b, below + above)).toBe(xs.length)
      }),
    )
  })

  it('accumulates to the fraction up to each edge', () => {
    expect(Array.from(cumulativeHistogram([1, 2, 2, 4], [0, 1, 2, 3, 4]))).toEqual([0, 0.25, 0.75, 0.75, 1])
  })

  it('needs edges that ascend and samples that are numbers', () => {
    expect(() => histogram([1], [1, 1])).toThrow(UsageError)
    expect(() => histogram([1], [1])).toThrow(UsageError)
    expect(() => histogram([Number.NaN], [0, 1])).toThrow(UsageError)
    expect(() => cumulativeHistogram([], [0])).toThrow(UsageError)
  })
})

describe('the Kolmogorov distance', () => {
  it('is the largest gap of the two cumulative histograms (property)', () => {
    fc.assert(
      fc.property(samples, samples, (a, b) => {
        const edges = Array.from({ length: 21 }, (_, i) => i)
        const [A, B] = [cumulativeHistogram(a, edges), cumulativeHistogram(b, edges)]
        const gap = edges.reduce((most, i) => Math.max(most, Math.abs(A[i] - B[i])), 0)
        // The same two divisions and one subtraction.
        expect(kolmogorovDistance(a, b)).toBe(gap)
        expect(kolmogorovDistance(a, a)).toBe(0)
      }),
    )
  })

  it('is 1 for sets that do not overlap', () => {
    expect(kolmogorovDistance([1, 2], [3, 4, 5])).toBe(1)
  })

  it('to a distribution looks at both sides of each jump', () => {
    // By hand against the uniform distribution: jumps at 0.1, 0.4, 0.7; the largest gap is 1 − 0.7 after the last.
    expect(kolmogorovDistanceTo([0.4, 0.1, 0.7], (x) => x)).toBeCloseTo(0.3, 15)
    expect(kolmogorovDistanceTo([0.9], (x) => x)).toBeCloseTo(0.9, 15)
  })

  it('has the probabilities of Kolmogorov’s limit for many samples', () => {
    // By SciPy: scipy.special.kolmogorov(λ). For n = 1e16 the correction for finite n is below 1e-8.
    for (const [lambda, p] of [
      [0.3, 9.99990694e-1],
      [0.5, 9.63945244e-1],
      [1, 2.69999672e-1],
      [1.5, 2.22179626e-2],
      [2, 6.70925256e-4],
    ])
      expect(Math.abs(kolmogorovProbability(lambda / 1e8, 1e16) / p - 1)).toBeLessThan(1e-7)
  })
})
