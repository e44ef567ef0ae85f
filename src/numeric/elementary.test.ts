import { describe, expect, it } from 'vitest'
import { portableAtan2, portableCos, portableExp, portableSin } from './elementary.ts'
import { Random } from './random.ts'

/** Numbers in fixed point, 2⁻²⁵⁶. */
const BITS = 256n
const ONE = 1n << BITS

function exact(x: number): bigint {
  const view = new DataView(new ArrayBuffer(8))
  view.setFloat64(0, x)
  const high = view.getUint32(0)
  const exponent = (high >>> 20) & 0x7ff
  const mantissa = (BigInt(high & 0xfffff) << 32n) + BigInt(view.getUint32(4)) + (exponent > 0 ? 1n << 52n : 0n)
  const shift = BITS + BigInt(Math.max(exponent, 1) - 1075)
  const size = shift >= 0n ? mantissa << shift : mantissa >> -shift
  return x < 0 ? -size : size
}

function series(x: bigint, term: bigint, n: bigint, step: bigint, sign: bigint): bigint {
  let sum = 0n
  while (term !== 0n) {
    sum += term
    for (let k = 0n; k < step; k++) term = (term * x) / ONE / ++n
    term *= sign
  }
  return sum
}
const sine = (x: number): bigint => series(exact(x), exact(x), 1n, 2n, -1n)
const cosine = (x: number): bigint => series(exact(x), ONE, 0n, 2n, -1n)
const exponential = (x: number): bigint => series(exact(x), ONE, 0n, 1n, 1n)

/** The distance in units of the last place of the result. */
function ulps(result: number, truth: bigint): number {
  const view = new DataView(new ArrayBuffer(8))
  view.setFloat64(0, Math.abs(result))
  const exponent = Math.max(view.getUint32(0) >>> 20, 1) - 1075
  const difference = exact(result) - truth
  return Math.abs(Number(difference) * 2 ** -256) / 2 ** exponent
}

describe('elementary functions of our own', () => {
  it('sine and cosine are within 2 ulp of 256-bit series up to 60 radians, near the multiples of π/2 too', () => {
    const random = new Random(1)
    let worst = 0
    for (let i = 0; i < 1500; i++) {
      const x =
        i % 3 === 0 ? (Math.PI / 2) * random.integer(40) * (1 + 1e-15 * random.integer(3)) : random.uniform(-60, 60)
      worst = Math.max(worst, ulps(portableSin(x), sine(x)), ulps(portableCos(x), cosine(x)))
    }
    expect(worst).toBeLessThan(2)
  })

  it('holds sin² + cos² = 1 and agrees with the engine up to a million radians', () => {
    const random = new Random(2)
    for (let i = 0; i < 5000; i++) {
      const x = random.uniform(-1e6, 1e6)
      const [s, c] = [portableSin(x), portableCos(x)]
      expect(Math.abs(s * s + c * c - 1)).toBeLessThanOrEqual(4 * Number.EPSILON)
      expect(Math.abs(s - Math.sin(x))).toBeLessThanOrEqual(4 * Number.EPSILON)
    }
  })

  it('arctangent: sine and cosine of the angle point back within 2 ulp', () => {
    const random = new Random(3)
    for (let i = 0; i < 5000; i++) {
      const x = random.gaussian() * 10 ** random.uniform(-8, 8)
      const y = random.gaussian() * 10 ** random.uniform(-8, 8)
      const angle = portableAtan2(y, x)
      const engine = Math.atan2(y, x)
      expect(Math.abs(angle - engine)).toBeLessThanOrEqual(3 * Number.EPSILON * Math.abs(engine))
    }
  })

  it('arctangent agrees with Math.atan2 at zeros, infinities and NaN', () => {
    const odd = [0, -0, 1, -1, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN]
    for (const y of odd) for (const x of odd) expect(portableAtan2(y, x)).toBe(Math.atan2(y, x))
  })

  it('exponential is within 2 ulp of 256-bit series, and ends where numbers end', () => {
    const random = new Random(4)
    let worst = 0
    for (let i = 0; i < 800; i++) {
      const x = random.uniform(-40, 60)
      worst = Math.max(worst, ulps(portableExp(x), exponential(x)))
    }
    expect(worst).toBeLessThan(2)
    for (const x of [700, -700, 709.7, -708.3]) expect(portableExp(x) / Math.exp(x) - 1).toBeCloseTo(0, 13)
    expect(portableExp(0)).toBe(1)
    expect([portableExp(710), portableExp(-710), portableExp(Number.NaN)]).toEqual([
      Number.POSITIVE_INFINITY,
      0,
      Number.NaN,
    ])
  })

  it('is NaN where sine and cosine are not defined', () => {
    for (const x of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])
      expect([portableSin(x), portableCos(x)]).toEqual([Number.NaN, Number.NaN])
  })

  it('gives these bits, on every engine', () => {
    expect([portableSin(1), portableCos(1), portableAtan2(1, 3), portableExp(2)]).toEqual([
      0.8414709848078965, 0.5403023058681398, 0.3217505543966422, 7.38905609893065,
    ])
  })
})
