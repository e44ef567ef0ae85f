import { describe, expect, it } from 'vitest'
import { Random } from '../../numeric/index.ts'
import { descriptorWords, hammingDistance, ownDescriptor, seenDescriptor, sparseWord } from './descriptors.ts'

const random = new Random(1)
const count = 400
const made: number[] = []
for (let i = 0; i < count; i++) ownDescriptor(random, made)
const own = Uint32Array.from(made)

describe('descriptors', () => {
  it('Hamming distance counts bits', () => {
    const [a, b] = [Uint32Array.from(own.subarray(0, 8)), Uint32Array.from(own.subarray(8, 16))]
    const bits = [...a].map((word, w) => (word ^ b[w]).toString(2).replace(/[^1]/g, '').length)
    const negative = [...a].map((word, w) => ((word ^ b[w]) >>> 0).toString(2).replace(/0/g, '').length)
    expect(hammingDistance(a, 0, b, 0)).toBe(negative.reduce((x, y) => x + y, 0))
    expect(bits.length).toBe(descriptorWords)
    expect(hammingDistance(a, 0, a, 0)).toBe(0)
    expect(hammingDistance(Uint32Array.of(0, 0, 0, 0, 0, 0, 0, 0), 0, new Uint32Array(8).fill(0xffffffff), 0)).toBe(256)
  })

  it('sparse words set each bit with the chance asked for, within five standard errors', () => {
    for (const n of [0, 1, 5, 15, 84, 128, 255]) {
      let set = 0
      const words = 2000
      for (let i = 0; i < words; i++)
        set += hammingDistance([sparseWord(random, n), 0, 0, 0, 0, 0, 0, 0], 0, new Uint32Array(8), 0)
      const [p, total] = [n / 256, 32 * words]
      expect(Math.abs(set / total - p)).toBeLessThanOrEqual(5 * Math.sqrt((p * (1 - p)) / total))
    }
  })

  it('different points differ in 128 bits or so, hardly ever in fewer than 80', () => {
    let [sum, pairs, near] = [0, 0, 0]
    for (let i = 0; i < count; i++)
      for (let j = 0; j < i; j++) {
        const distance = hammingDistance(own, 8 * i, own, 8 * j)
        sum += distance
        pairs++
        if (distance < 80) near++
      }
    expect(sum / pairs).toBeGreaterThan(124)
    expect(sum / pairs).toBeLessThan(130)
    expect(near / pairs).toBeLessThan(1e-3)
  })

  it('one point from two directions: alike when they are near, the more different the farther apart', () => {
    const [a, b] = [new Uint32Array(8), new Uint32Array(8)]
    const mean = (from: number, to: number, levels = 0): number => {
      let sum = 0
      for (let i = 0; i < count; i++) {
        seenDescriptor(own, 8 * i, Math.sin((from * Math.PI) / 180), 0, a, 0)
        seenDescriptor(own, 8 * i, Math.sin((to * Math.PI) / 180), levels, b, 0)
        sum += hammingDistance(a, 0, b, 0)
      }
      return sum / count
    }
    expect(mean(0, 0)).toBe(0)
    expect(mean(20, 22)).toBe(0)
    const steps = [mean(0, 10), mean(0, 30), mean(0, 60), mean(-60, 60)]
    expect(steps).toEqual([...steps].sort((x, y) => x - y))
    expect(steps[0]).toBeLessThan(8)
    expect(steps[3]).toBeGreaterThan(50)
    expect(steps[3]).toBeLessThan(100) // still not a stranger
    expect(mean(0, 0, 3)).toBeGreaterThan(8)
  })
})
