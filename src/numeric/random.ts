import { UsageError } from './errors.ts'

/**
 * Random numbers by seed: the same seed gives the same bits on every engine. Math.log and Math.cos may differ between
 * engines in the last bit, so everything here is made of + − × ÷ √ and 32-bit integers alone.
 *
 * The generator is xoshiro128** (D. Blackman and S. Vigna, "Scrambled linear pseudorandom number generators", 2021),
 * period 2¹²⁸ − 1, seeded by a 32-bit SplitMix counter. Not for secrets.
 */
export class Random {
  private s0: number
  private s1: number
  private s2: number
  private s3: number
  /** The second of the polar method's two normals, or NaN. */
  private spare = Number.NaN

  /** `seed`: an integer of at most 53 bits. */
  constructor(seed: number) {
    if (!Number.isSafeInteger(seed)) throw new UsageError(`a random seed is an integer of at most 53 bits, got ${seed}`)
    const low = seed | 0
    const high = Math.floor(seed / 2 ** 32) | 0
    let counter = low ^ mix(high)
    const draw = (): number => {
      counter = (counter + 0x9e3779b9) | 0
      return mix(counter)
    }
    this.s0 = draw()
    this.s1 = draw() ^ high // two seeds never share a state
    this.s2 = draw()
    this.s3 = draw()
    if ((this.s0 | this.s1 | this.s2 | this.s3) === 0) this.s0 = 1 // the one state that xoshiro never leaves
  }

  /** 32 random bits, as an integer in [0, 2³²). */
  bits(): number {
    const result = Math.imul(rotateLeft(Math.imul(this.s1, 5), 7), 9)
    const t = this.s1 << 9
    this.s2 ^= this.s0
    this.s3 ^= this.s1
    this.s1 ^= this.s2
    this.s0 ^= this.s3
    this.s2 ^= t
    this.s3 = rotateLeft(this.s3, 11)
    return result >>> 0
  }

  /** A multiple of 2⁻⁵³ in [0, 1). */
  next(): number {
    const high = this.bits() >>> 5
    const low = this.bits() >>> 6
    return (high * 2 ** 26 + low) * 2 ** -53
  }

  /** A number in [low, high). */
  uniform(low: number, high: number): number {
    const value = low + (high - low) * this.next()
    return value < high || low === high ? value : low // rounding may reach `high`
  }

  /** An integer in [0, n), each equally likely; n up to 2³². */
  integer(n: number): number {
    if (!Number.isInteger(n) || n < 1 || n > 2 ** 32)
      throw new UsageError(`integer(n) takes a whole number n from 1 to 2^32, got ${n}`)
    const fair = 2 ** 32 - (2 ** 32 % n) // beyond the last full multiple of n some remainders would be likelier
    let value = this.bits()
    while (value >= fair) value = this.bits()
    return value % n
  }

  /** A normal number, mean 0 and standard deviation 1, by G. Marsaglia's polar method. */
  gaussian(): number {
    if (!Number.isNaN(this.spare)) {
      const spare = this.spare
      this.spare = Number.NaN
      return spare
    }
    for (;;) {
      const u = 2 * this.next() - 1
      const v = 2 * this.next() - 1
      const s = u * u + v * v
      if (s >= 1 || s === 0) continue
      const radius = Math.sqrt((-2 * portableLog(s)) / s)
      this.spare = v * radius
      return u * radius
    }
  }

  /** Puts the items in random order, in place, every order equally likely (Fisher and Yates). Returns them. */
  shuffle<T extends { [index: number]: unknown; readonly length: number }>(items: T): T {
    const list = items as { [index: number]: unknown; readonly length: number }
    for (let i = list.length - 1; i > 0; i--) {
      const j = this.integer(i + 1)
      const item = list[i]
      list[i] = list[j]
      list[j] = item
    }
    return items
  }

  /** A generator of its own stream, for a part of a simulation whose draws should not shift those of the others. */
  fork(): Random {
    return new Random(this.bits() * 2 ** 21 + (this.bits() >>> 11))
  }
}

function rotateLeft(x: number, k: number): number {
  return (x << k) | (x >>> (32 - k))
}

/** A bijection of 32-bit integers that spreads every bit over all (the finalizer of A. Appleby's MurmurHash3). */
function mix(x: number): number {
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b)
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35)
  return x ^ (x >>> 16)
}

/**
 * ln x for 0 < x ≤ 1, to an ulp or two, of elementary operations only: x = m 2⁻ᵏ with m in (√½, √2], and
 * ln m = 2 artanh z = 2 (z + z³/3 + z⁵/5 + …) with z = (m − 1)/(m + 1), |z| < 0.172: z²⁰/21 is below 3·10⁻¹⁷.
 */
export function portableLog(x: number): number {
  let m = x
  let k = 0
  while (m <= 2 ** -32) {
    m *= 2 ** 32
    k += 32
  }
  while (m <= Math.SQRT1_2) {
    m *= 2
    k++
  }
  const z = (m - 1) / (m + 1)
  const zz = z * z
  let sum = 0
  for (let odd = 21; odd >= 3; odd -= 2) sum = zz * (sum + 1 / odd)
  return 2 * z * (1 + sum) - k * Math.LN2
}
