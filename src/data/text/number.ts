/**
 * Decimal text to the nearest double, from bytes.
 *
 * Fast path (W. D. Clinger, "How to read floating point numbers accurately", PLDI 1990, section 4): an integer
 * significand up to 2⁵³ and a power of ten up to 10²² are doubles exactly, so one multiplication or division rounds
 * once. Anything longer goes to `Number`, which is exact always.
 */
const EXACT_POWERS = Float64Array.from({ length: 23 }, (_, k) => Number(`1e${k}`))
const LARGEST_EXACT = 2 ** 53

/**
 * The number written in bytes [from, to), or NaN when they are not one: [+-] digits [. digits] [e [+-] digits]. 'nan',
 * 'inf', '0x10', '1e', '1.5m' and the empty string are not numbers; '1e999' reads as infinity, '1e-999' as zero.
 */
export function parseNumber(bytes: Uint8Array, from: number, to: number): number {
  let at = from
  const sign = at < to ? bytes[at] : 0
  if (sign === 45 || sign === 43) at++
  let significand = 0
  let digits = 0
  let scale = 0
  for (; at < to; at++, digits++) {
    const digit = bytes[at] - 48
    if (digit < 0 || digit > 9) break
    significand = 10 * significand + digit
  }
  if (at < to && bytes[at] === 46) {
    for (at++; at < to; at++, digits++, scale--) {
      const digit = bytes[at] - 48
      if (digit < 0 || digit > 9) break
      significand = 10 * significand + digit
    }
  }
  if (digits === 0) return Number.NaN
  if (at < to) {
    const exponent = parseExponent(bytes, at, to)
    if (Number.isNaN(exponent)) return Number.NaN
    scale += exponent
  }
  // A significand that ends at 2⁵³ or less never rounded on the way: it only grew.
  if (significand > LARGEST_EXACT || scale > 22 || scale < -22) return Number(ascii(bytes, from, to))
  const magnitude = scale < 0 ? significand / EXACT_POWERS[-scale] : significand * EXACT_POWERS[scale]
  return sign === 45 ? -magnitude : magnitude
}

/** The signed exponent in 'e-05', or NaN. */
function parseExponent(bytes: Uint8Array, from: number, to: number): number {
  if ((bytes[from] | 32) !== 101) return Number.NaN
  let at = from + 1
  const sign = at < to ? bytes[at] : 0
  if (sign === 45 || sign === 43) at++
  if (at === to) return Number.NaN
  let exponent = 0
  for (; at < to; at++) {
    const digit = bytes[at] - 48
    if (digit < 0 || digit > 9) return Number.NaN
    exponent = Math.min(10 * exponent + digit, 1e9)
  }
  return sign === 45 ? -exponent : exponent
}

/**
 * The whole number ≥ 0 written in bytes [from, to): a number up to 2⁵³ - 1, a bigint up to 2⁶⁴ - 1, or null when it is
 * neither.
 */
export function parseId(bytes: Uint8Array, from: number, to: number): number | bigint | null {
  if (from === to || to - from > 400) return null
  let id = 0
  for (let at = from; at < to; at++) {
    const digit = bytes[at] - 48
    if (digit < 0 || digit > 9) return null
    id = 10 * id + digit
  }
  if (id <= Number.MAX_SAFE_INTEGER) return id
  const wide = BigInt(ascii(bytes, from, to))
  return wide >= 1n << 64n ? null : wide
}

function ascii(bytes: Uint8Array, from: number, to: number): string {
  let text = ''
  for (let at = from; at < to; at++) text += String.fromCharCode(bytes[at])
  return text
}
