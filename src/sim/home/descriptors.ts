import { Random } from '../../numeric/index.ts'

/** 32-bit words of a descriptor. */
export const descriptorWords = 8

/** Kinds of corners that the visible world is made of, the same in all homes, so that a vocabulary carries over. */
const kindsOfCorner = 48

let corners: Uint32Array | null = null

function cornerKinds(): Uint32Array {
  if (corners) return corners
  const random = new Random(0x5eed)
  corners = Uint32Array.from({ length: descriptorWords * kindsOfCorner }, () => random.bits())
  return corners
}

/**
 * A point's own descriptor: a kind of corner with a third of its bits changed. Two points differ in 128 bits on average, two of
 * one kind in 2 · 0.33 · 0.67 · 256 ≈ 113.
 */
export function ownDescriptor(random: Random, out: number[]): void {
  const kind = random.integer(kindsOfCorner)
  const kinds = cornerKinds()
  for (let w = 0; w < descriptorWords; w++) out.push((kinds[descriptorWords * kind + w] ^ sparseWord(random, 84)) >>> 0)
}

/** 32 bits, each set with the chance n/256, n from 0 to 255: bit by bit of n, from the last, a random word is and-ed or or-ed. */
export function sparseWord(random: Random, n: number): number {
  if (n <= 0) return 0
  let word = 0
  let bit = n & -n // lower bits of n are zero: nothing to do for them
  for (; bit < 256; bit <<= 1) word = n & bit ? word | random.bits() : word & random.bits()
  return word >>> 0
}

/** Bits in which two descriptors differ. */
export function hammingDistance(a: ArrayLike<number>, aAt: number, b: ArrayLike<number>, bAt: number): number {
  let count = 0
  for (let w = 0; w < descriptorWords; w++) {
    let x = a[aAt + w] ^ b[bAt + w]
    x -= (x >>> 1) & 0x55555555
    x = (x & 0x33333333) + ((x >>> 2) & 0x33333333)
    count += Math.imul((x + (x >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
  }
  return count
}

/** Bits that change when the line of sight turns by one step around a point, and when its picture halves in size. */
const bitsPerStep = 7
const stepsAround = 18
const bitsPerLevel = 5

/**
 * out = the point's descriptor as it looks from a direction and at a pyramid level: each of 18 steps of 10° from one grazing
 * view to the other, and each level, changes a few bits that are the point's own, so that near views look alike and far ones
 * do not. `across`: the sine of the angle between the line of sight and the surface's normal, signed, in [−1, 1].
 */
export function seenDescriptor(
  own: Uint32Array,
  ownAt: number,
  across: number,
  level: number,
  out: Uint32Array,
  outAt: number,
): void {
  for (let w = 0; w < descriptorWords; w++) out[outAt + w] = own[ownAt + w]
  // Counted from the frontal view, so that this one shows the point's own bits.
  let step = 0
  while (step < stepsAround / 2 && Math.abs(across) > stepSines[step]) step++
  const side = across < 0 ? 0x1000 : 0
  for (let s = 1; s <= step; s++) flipOwnBits(own, ownAt, side + s, bitsPerStep, out, outAt)
  for (let l = 1; l <= level; l++) flipOwnBits(own, ownAt, 0x2000 + l, bitsPerLevel, out, outAt)
}

/** sin 5°, sin 15°, … sin 85°: borders of the steps, as decimals so that no engine's sine is asked. */
const stepSines = [0.08716, 0.25882, 0.42262, 0.57358, Math.SQRT1_2, 0.81915, 0.90631, 0.96593, 0.99619] as const

function flipOwnBits(
  own: Uint32Array,
  ownAt: number,
  salt: number,
  bits: number,
  out: Uint32Array,
  outAt: number,
): void {
  let state = Math.imul(own[ownAt] ^ Math.imul(salt, 0x9e3779b9), 0x85ebca6b) ^ own[ownAt + 5]
  for (let k = 0; k < bits; k++) {
    state = Math.imul(state ^ (state >>> 15), 0xc2b2ae35) + 0x27d4eb2f
    const bit = (state >>> 11) & 255
    out[outAt + (bit >> 5)] ^= 1 << (bit & 31)
  }
}
