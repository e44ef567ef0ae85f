import { describe, expect, it } from 'vitest'
import { portableLog, Random } from './random.ts'

/** Written down once from this code: what matters is that they never change. */
const GOLDEN_BITS = [2442144158, 3238099751, 3819917871, 2104621829]
const GOLDEN_GAUSSIAN = 0.1681321120958473

const draws = 20_000

describe('Random', () => {
  it('gives these bits for seed 1, on every engine', () => {
    const random = new Random(1)
    const again = new Random(1)
    const first = Array.from({ length: 4 }, () => random.bits())
    expect(Array.from({ length: 4 }, () => again.bits())).toEqual(first)
    expect(first).toEqual(GOLDEN_BITS)
    expect(new Random(1).gaussian()).toBe(GOLDEN_GAUSSIAN)
  })

  it('follows the reference recurrence of xoshiro128**', () => {
    // the same step in 64-bit integers, from the state the class starts in
    const random = new Random(42)
    const state = random as unknown as { s0: number; s1: number; s2: number; s3: number }
    const mask = 0xffffffffn
    let s = [state.s0, state.s1, state.s2, state.s3].map((x) => BigInt(x >>> 0))
    const rotl = (x: bigint, k: bigint): bigint => ((x << k) | (x >> (32n - k))) & mask
    for (let i = 0; i < 1000; i++) {
      const expected = (rotl((s[1] * 5n) & mask, 7n) * 9n) & mask
      const t = (s[1] << 9n) & mask
      let [a, b, c, d] = s
      c ^= a
      d ^= b
      b ^= c
      a ^= d
      c ^= t
      d = rotl(d, 11n)
      s = [a, b, c, d]
      expect(random.bits()).toBe(Number(expected))
    }
  })

  it('gives different streams for different seeds, forks included', () => {
    const firsts = new Set<number>()
    for (const seed of [0, 1, 2, -1, 2 ** 32, 2 ** 32 + 1, 2 ** 52, -(2 ** 52)]) firsts.add(new Random(seed).next())
    expect(firsts.size).toBe(8)
    const parent = new Random(7)
    const child = parent.fork()
    expect(child.next()).not.toBe(parent.next())
    expect(new Random(7).fork().next()).toBe(new Random(7).fork().next())
  })

  it('is uniform on [0, 1): moments within five standard errors', () => {
    const random = new Random(3)
    let sum = 0
    let squares = 0
    for (let i = 0; i < draws; i++) {
      const x = random.next()
      expect(x >= 0 && x < 1).toBe(true)
      sum += x
      squares += x * x
    }
    expect(Math.abs(sum / draws - 1 / 2)).toBeLessThan(5 * Math.sqrt(1 / 12 / draws))
    expect(Math.abs(squares / draws - 1 / 3)).toBeLessThan(5 * Math.sqrt(4 / 45 / draws))
  })

  it('is normal: moments and tails within five standard errors', () => {
    const random = new Random(4)
    const moments = [0, 0, 0, 0]
    let beyondTwo = 0
    for (let i = 0; i < draws; i++) {
      const x = random.gaussian()
      for (let k = 0; k < 4; k++) moments[k] += x ** (k + 1) / draws
      if (Math.abs(x) > 2) beyondTwo++
    }
    const five = 5 / Math.sqrt(draws)
    expect(Math.abs(moments[0])).toBeLessThan(five)
    expect(Math.abs(moments[1] - 1)).toBeLessThan(five * Math.sqrt(2))
    expect(Math.abs(moments[2])).toBeLessThan(five * Math.sqrt(15))
    expect(Math.abs(moments[3] - 3)).toBeLessThan(five * Math.sqrt(96))
    const p = 0.0455002638963584 // P(|x| > 2)
    expect(Math.abs(beyondTwo / draws - p)).toBeLessThan(five * Math.sqrt(p * (1 - p)))
  })

  it('draws integers evenly, also where 2³² is no multiple of n', () => {
    const random = new Random(5)
    const n = 7
    const counts = new Array<number>(n).fill(0)
    for (let i = 0; i < draws; i++) counts[random.integer(n)]++
    for (const count of counts) expect(Math.abs(count - draws / n)).toBeLessThan(5 * Math.sqrt(draws / n))
    expect(random.integer(1)).toBe(0)
    // 3·2³⁰: a quarter of all draws must be thrown away, or small numbers come up twice as often
    let small = 0
    for (let i = 0; i < draws; i++) if (random.integer(3 * 2 ** 30) < 2 ** 30) small++
    expect(Math.abs(small / draws - 1 / 3)).toBeLessThan((5 * Math.sqrt(2)) / 3 / Math.sqrt(draws))
  })

  it('shuffles: a permutation, every item everywhere equally often', () => {
    const random = new Random(6)
    const at = new Array<number>(5).fill(0)
    for (let i = 0; i < draws; i++) {
      const items = random.shuffle([0, 1, 2, 3, 4])
      at[items.indexOf(0)]++
      expect([...items].sort()).toEqual([0, 1, 2, 3, 4])
    }
    for (const count of at) expect(Math.abs(count - draws / 5)).toBeLessThan(5 * Math.sqrt((draws * 4) / 25))
  })

  it('stays below the upper end of a uniform interval', () => {
    const random = new Random(8)
    for (let i = 0; i < 1000; i++) expect(random.uniform(1, 1 + Number.EPSILON)).toBe(1)
    expect(random.uniform(2, 2)).toBe(2)
  })

  it('refuses seeds and ranges that it cannot honour', () => {
    expect(() => new Random(0.5)).toThrow('integer of at most 53 bits, got 0.5')
    expect(() => new Random(1).integer(0)).toThrow('from 1 to 2^32, got 0')
  })
})

describe('portableLog', () => {
  it('agrees with Math.log to a few ulps', () => {
    const random = new Random(9)
    for (let i = 0; i < 2000; i++) {
      const x = random.next() * 2 ** -random.integer(200)
      const expected = Math.log(x)
      // near x = 1 the sum of k ln 2 and ln m does not cancel, because m covers both sides of 1
      expect(Math.abs(portableLog(x) - expected)).toBeLessThanOrEqual(4 * Number.EPSILON * Math.abs(expected))
    }
    expect(portableLog(1)).toBe(0)
  })
})
