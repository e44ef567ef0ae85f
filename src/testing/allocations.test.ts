import { describe, expect, it } from 'vitest'
import { countAllocations } from './allocations.ts'

describe('countAllocations', () => {
  it('counts constructions, copies and views, with their bytes and the place of the first', () => {
    const before = Float64Array
    const kept = new Float64Array(4)
    const count = countAllocations(() => {
      const a = new Float64Array(3)
      const b = Int32Array.from([1, 2])
      const c = kept.slice(1)
      return [a, b, c, kept.subarray(2), new Uint8Array(kept.buffer)]
    })
    expect(count).toMatchObject({ arrays: 3, views: 2, bytes: 24 + 8 + 24 })
    expect(count.first).toContain('allocations.test.ts')
    expect(count.result.map((made) => made.length)).toEqual([3, 2, 3, 2, 32])
    expect(count.result[0]).toBeInstanceOf(before)
    expect(Float64Array).toBe(before)
  })

  it('counts nothing where nothing is made, and puts everything back after a throw', () => {
    const before = [Float64Array, Float64Array.prototype.slice]
    const kept = new Float64Array(4)
    expect(countAllocations(() => kept.fill(1).set([2], 1))).toMatchObject({
      arrays: 0,
      views: 0,
      bytes: 0,
      first: null,
    })
    expect(() =>
      countAllocations(() => {
        throw new RangeError('of the work')
      }),
    ).toThrow('of the work')
    expect([Float64Array, Float64Array.prototype.slice]).toEqual(before)
  })
})
