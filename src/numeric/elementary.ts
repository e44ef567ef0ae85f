/**
 * Sine, cosine, arctangent and exponential with the same bits on every engine. ECMAScript leaves the last bits of Math.sin
 * and its kin to the engine; everything here is made of + − × ÷, floor and 32-bit integers, which IEEE 754 fixes. Each is within
 * 2 ulp of the true value over the stated domain (measured in the tests against 200-bit arithmetic).
 */

/** π/2 = A + B + C: 33 bits, 33 bits, and the rest, so that k A and k B are exact for |k| < 2²⁰. */
const halfPiA = 1.5707963267341256
const halfPiB = 6.077100506303966e-11
const halfPiC = 2.0222662487959506e-21

/** Remainder of the last reduction modulo π/2, in [−π/4, π/4], and its tail. */
let reduced = 0
let tail = 0

/**
 * x = k π/2 + reduced + tail (W. J. Cody and W. Waite, "Software Manual for the Elementary Functions", 1980); returns k mod 4.
 */
function reduce(x: number): number {
  const k = Math.floor(x * (2 / Math.PI) + 0.5)
  const a = x - k * halfPiA // exact: both are multiples of the same ulp
  const b = k * halfPiB
  const high = a - b
  const lost = a - high - b // what the subtraction rounded away
  const c = k * halfPiC
  reduced = high + (lost - c)
  tail = high - reduced + (lost - c)
  return k & 3
}

/** sin(x + t), |x| ≤ π/4, by Taylor's series: the first term left out is below 10⁻¹⁹. */
function sineNear(x: number, t: number): number {
  const z = x * x
  let sum = 1 / 355687428096000 // 1/17!
  sum = sum * z - 1 / 1307674368000
  sum = sum * z + 1 / 6227020800
  sum = sum * z - 1 / 39916800
  sum = sum * z + 1 / 362880
  sum = sum * z - 1 / 5040
  sum = sum * z + 1 / 120
  sum = sum * z - 1 / 6
  return x + (x * z * sum + t * (1 - z / 2))
}

/** cos(x + t), |x| ≤ π/4. */
function cosineNear(x: number, t: number): number {
  const z = x * x
  let sum = 1 / 20922789888000 // 1/16!
  sum = sum * z - 1 / 87178291200
  sum = sum * z + 1 / 479001600
  sum = sum * z - 1 / 3628800
  sum = sum * z + 1 / 40320
  sum = sum * z - 1 / 720
  sum = sum * z + 1 / 24
  const half = z / 2
  const main = 1 - half
  return main + (1 - main - half + (z * z * sum - x * t))
}

/** sin x for |x| ≤ 10⁶ radians; beyond, the reduction loses digits. NaN for what is not finite. */
export function portableSin(x: number): number {
  if (!Number.isFinite(x)) return Number.NaN
  switch (reduce(x)) {
    case 0:
      return sineNear(reduced, tail)
    case 1:
      return cosineNear(reduced, tail)
    case 2:
      return -sineNear(reduced, tail)
    default:
      return -cosineNear(reduced, tail)
  }
}

/** cos x for |x| ≤ 10⁶ radians; beyond, the reduction loses digits. NaN for what is not finite. */
export function portableCos(x: number): number {
  if (!Number.isFinite(x)) return Number.NaN
  switch (reduce(x)) {
    case 0:
      return cosineNear(reduced, tail)
    case 1:
      return -sineNear(reduced, tail)
    case 2:
      return -cosineNear(reduced, tail)
    default:
      return sineNear(reduced, tail)
  }
}

/** arctan(k/8), k = 0 … 8. */
const arctangents = [
  0, 0.12435499454676144, 0.24497866312686414, 0.3587706702705722, 0.4636476090008061, 0.5585993153435624,
  0.6435011087932844, 0.7188299996216245, 0.7853981633974483,
] as const

/** arctan(n/d) for 0 ≤ n ≤ d, d > 0: arctan t = arctan c + arctan((n − c d)/(d + c n)), c the nearest multiple of 1/8. */
function arctangentOfRatio(n: number, d: number): number {
  const k = Math.floor((8 * n) / d + 0.5)
  const c = k / 8
  const u = k === 0 ? n / d : (n - c * d) / (d + c * n)
  const z = u * u
  let sum = 1 / 13
  sum = 1 / 11 - sum * z
  sum = 1 / 9 - sum * z
  sum = 1 / 7 - sum * z
  sum = 1 / 5 - sum * z
  sum = 1 / 3 - sum * z
  return arctangents[k] + (u - u * z * sum)
}

/** The angle of the point (x, y) from the x axis, in [−π, π], with the special cases of Math.atan2. */
export function portableAtan2(y: number, x: number): number {
  const ax = Math.abs(x)
  const ay = Math.abs(y)
  if (!(ax < Number.POSITIVE_INFINITY && ay < Number.POSITIVE_INFINITY && (ax > 0 || ay > 0))) return special(y, x)
  const below = ay <= ax
  const angle = below ? arctangentOfRatio(ay, ax) : Math.PI / 2 - (arctangentOfRatio(ax, ay) - 6.123233995736766e-17)
  const positive = x < 0 ? Math.PI - (angle - 1.2246467991473532e-16) : angle
  return y < 0 || Object.is(y, -0) ? -positive : positive
}

/** Zeros and infinities, which give multiples of π/4, and NaN. */
function special(y: number, x: number): number {
  if (Number.isNaN(x) || Number.isNaN(y)) return Number.NaN
  const wide = Math.abs(x) === Number.POSITIVE_INFINITY
  const tall = Math.abs(y) === Number.POSITIVE_INFINITY
  const right = x > 0 || Object.is(x, 0)
  const steep = tall ? Math.PI / (wide ? 4 : 2) : 0
  const size = right ? steep : Math.PI - steep
  return y < 0 || Object.is(y, -0) ? -size : size
}

/** ln 2 in 33 bits and the rest. */
const ln2A = 0.6931471804855391
const ln2B = 7.440617110012397e-11

/** eˣ for x from −708 to 709; beyond, 0 and ∞ (numbers below 2.2·10⁻³⁰⁸ become 0). x = k ln 2 + r, |r| ≤ ln 2 / 2. */
export function portableExp(x: number): number {
  if (Number.isNaN(x)) return Number.NaN
  if (x > 709.782712893384) return Number.POSITIVE_INFINITY
  if (x < -708.3964185322641) return 0
  const k = Math.floor(x * Math.LOG2E + 0.5)
  const high = x - k * ln2A
  const r = high - k * ln2B
  const lost = high - r - k * ln2B
  let sum = 1 / 6227020800 // 1/13!
  for (let n = 12; n >= 2; n--) sum = sum * r + inverseFactorial[n]
  const power = 1 + (r + (r * r * sum + lost))
  return k > 1000 ? timesPowerOfTwo(power, k - 100) * 2 ** 100 : timesPowerOfTwo(power, k) // 2¹⁰²⁴ itself is ∞
}

const inverseFactorial = [
  1,
  1,
  0.5,
  1 / 6,
  1 / 24,
  1 / 120,
  1 / 720,
  1 / 5040,
  1 / 40320,
  1 / 362880,
  1 / 3628800,
  1 / 39916800,
  1 / 479001600,
] as const

/** x 2ᵏ by exact products. */
function timesPowerOfTwo(x: number, k: number): number {
  let base = k < 0 ? 0.5 : 2
  for (let n = Math.abs(k); n > 0; n = Math.floor(n / 2)) {
    if (n % 2 === 1) x *= base
    if (n > 1) base *= base
  }
  return x
}
