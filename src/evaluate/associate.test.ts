import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Trajectory } from '../data/index.ts'
import { UsageError } from '../numeric/index.ts'
import { associate } from './associate.ts'

/** Pose i stands at x = i, so that pairs can be recognised. */
function at(...times: number[]): Trajectory {
  return {
    timestamps: Float64Array.from(times),
    poses: Float64Array.from(times.flatMap((_, i) => [i, 0, 0, 0, 0, 0, 1])),
  }
}

const pairs = (...args: Parameters<typeof associate>) => {
  const { estimateIndices, truthIndices } = associate(...args)
  return Array.from(estimateIndices, (i, k) => [i, truthIndices[k]])
}

describe('associate', () => {
  it('gives each pose of the shorter trajectory the nearest of the longer one, if near enough', () => {
    const truth = at(0, 1, 2, 3, 4)
    expect(pairs(at(0.004, 1.02, 2.996), truth)).toEqual([
      [0, 0],
      [2, 3],
    ])
    expect(pairs(truth, at(0.004, 1.02, 2.996))).toEqual([
      [0, 0],
      [3, 2],
    ])
    const { estimate, truth: paired } = associate(at(2.001), truth)
    expect([estimate.timestamps[0], paired.timestamps[0], paired.poses[0]]).toEqual([2.001, 2, 2])
  })

  it('adds the offset to the estimate, whichever is longer', () => {
    const truth = at(10, 11, 12)
    expect(pairs(at(0, 1), truth, { offset: 10 })).toEqual([
      [0, 0],
      [1, 1],
    ])
    expect(pairs(at(0, 1, 2, 3), truth, { offset: 10 })).toEqual([
      [0, 0],
      [1, 1],
      [2, 2],
    ])
  })

  it('equals the plain search over all pairs, in any order of times (property)', () => {
    const times = fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 1, maxLength: 25 })
    fc.assert(
      fc.property(times, times, fc.integer({ min: 0, max: 3 }), (a, b, maxDifference) => {
        const expected: number[][] = []
        const estimateIsShort = a.length <= b.length
        const [short, long] = estimateIsShort ? [a, b] : [b, a]
        short.forEach((time, i) => {
          let best = 0
          long.forEach((other, j) => {
            if (Math.abs(other - time) < Math.abs(long[best] - time)) best = j
          })
          const near = nearestBefore(long, time, best)
          if (Math.abs(long[near] - time) <= maxDifference) expected.push(estimateIsShort ? [i, near] : [near, i])
        })
        if (expected.length === 0) expect(() => associate(at(...a), at(...b), { maxDifference })).toThrow(UsageError)
        else expect(pairs(at(...a), at(...b), { maxDifference })).toEqual(expected)
      }),
      { numRuns: 300 },
    )
  })

  it('says how far apart the times are when nothing fits', () => {
    expect(() => associate(at(0, 1), at(100, 102, 103))).toThrow(
      'differ by 99 s (estimate: 0 to 1 s, truth: 100 to 103 s)',
    )
    expect(() => associate(at(), at(1))).toThrow('one of them is empty')
    expect(() => associate(at(1), at(1), { maxDifference: -1 })).toThrow(UsageError)
    expect(() => associate(at(1), at(1), { offset: Number.NaN })).toThrow(UsageError)
  })
})

/** Of two equally near times, one before and one after, the earlier one is meant: its first index. */
function nearestBefore(times: number[], time: number, best: number): number {
  const distance = Math.abs(times[best] - time)
  const before = times.indexOf(time - distance)
  return before >= 0 ? before : best
}
