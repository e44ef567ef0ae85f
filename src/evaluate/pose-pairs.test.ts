import { describe, expect, it } from 'vitest'
import { trajectory } from '../data/index.ts'
import { posePairs } from './pose-pairs.ts'

/** Poses at x = xs, turned by angles about z. */
function path(xs: readonly number[], angles: readonly number[] = xs.map(() => 0)) {
  const poses = xs.flatMap((x, i) => [x, 0, 0, 0, 0, Math.sin(angles[i] / 2), Math.cos(angles[i] / 2)])
  return trajectory(
    Float64Array.from(xs, (_, i) => i),
    Float64Array.from(poses),
  )
}

const pairs = (...args: Parameters<typeof posePairs>) => Array.from(posePairs(...args))

describe('posePairs', () => {
  it('counts frames, one pair after the other or from each pose', () => {
    const p = path([0, 1, 2, 3, 4, 5])
    expect(pairs(p)).toEqual([0, 1, 1, 2, 2, 3, 3, 4, 4, 5])
    expect(pairs(p, { delta: 2 })).toEqual([0, 2, 2, 4])
    expect(pairs(p, { delta: 4, allPairs: true })).toEqual([0, 4, 1, 5])
    expect(pairs(p, { delta: 6 })).toEqual([])
  })

  it('measures along the path, there and back, beginning delta after the start', () => {
    expect(pairs(path([0, 1, 2, 1, 0, 1, 3]), { delta: 2, unit: 'metres' })).toEqual([2, 4, 4, 6])
  })

  it('takes from each pose the one nearest to delta, where it is near enough, and the first of several', () => {
    const p = path([0, 1, 2.05, 2.05, 3.5])
    expect(pairs(p, { delta: 2, unit: 'metres', allPairs: true, tolerance: 0.1 })).toEqual([0, 2])
    expect(pairs(p, { delta: 2, unit: 'metres', allPairs: true, tolerance: 0.3 })).toEqual([0, 2, 1, 4, 2, 4, 3, 4])
  })

  it('measures turned angles, accumulated or direct', () => {
    const p = path([0, 0, 0, 0, 0], [0, 0.3, -0.1, -0.5, 0])
    // Turned from pose to pose: 0.3, 0.4, 0.4, 0.5.
    expect(pairs(p, { delta: 0.6, unit: 'radians' })).toEqual([0, 2, 2, 4])
    expect(pairs(p, { delta: 0.5, unit: 'radians', allPairs: true, tolerance: 0.01 })).toEqual([0, 3, 3, 4])
    expect(pairs(p, { delta: (0.6 * 180) / Math.PI, unit: 'degrees' })).toEqual([0, 2, 2, 4])
  })
})
