/**
 * Rounding of fp64 numbers to the nearest number of a narrower format, ties to the even one, in a single rounding: never
 * by way of fp32, which would round twice (docs/maths/precision.md, eqs. 4–6). Overflow gives ±Infinity, results below the
 * least normal number are the format's subnormals, NaN stays NaN and zero keeps its sign.
 */
import { UsageError } from './errors.ts'
import { type Format, formats } from './formats.ts'

const number = new Float64Array(1)
const words = new Int32Array(number.buffer)
/** Which of the two words holds sign and exponent: 1 on little-endian machines, 0 on the others. */
number[0] = 1
const high = words[1] === 0 ? 0 : 1

/**
 * By the biased exponent of x: M = 3/2 · 2^(e + 53 − p), e at least the exponent of the least normal number. The spacing
 * of fp64 around M is that of the format around x, so x + M rounds x as the format does, and subtracting M is exact (eq. 5).
 */
function magicNumbers(format: Format): Float64Array {
  const { digits, minNormal } = formats[format]
  return Float64Array.from(
    { length: 2048 },
    (_, biased) => 1.5 * Math.max(2 ** Math.min(biased - 1023, 900), minNormal) * 2 ** (53 - digits),
  )
}

const magicOfHalf = magicNumbers('fp16')
const magicOfBfloat16 = magicNumbers('bf16')
const overflowOfHalf: number = formats.fp16.overflow
const overflowOfBfloat16: number = formats.bf16.overflow

export function roundToHalf(x: number): number {
  if (x >= overflowOfHalf) return Number.POSITIVE_INFINITY
  if (x <= -overflowOfHalf) return Number.NEGATIVE_INFINITY
  number[0] = x
  const magic = magicOfHalf[(words[high] >>> 20) & 0x7ff]
  const rounded = x + magic - magic
  return rounded === 0 ? x * 0 : rounded
}

export function roundToBfloat16(x: number): number {
  if (x >= overflowOfBfloat16) return Number.POSITIVE_INFINITY
  if (x <= -overflowOfBfloat16) return Number.NEGATIVE_INFINITY
  number[0] = x
  const magic = magicOfBfloat16[(words[high] >>> 20) & 0x7ff]
  const rounded = x + magic - magic
  return rounded === 0 ? x * 0 : rounded
}

function identity(x: number): number {
  return x
}

/** x ↦ the number of the format nearest to x, ties to even. The same function for the same format, always. */
export function roundTo(format: Format): (x: number) => number {
  switch (format) {
    case 'fp64':
      return identity
    case 'fp32':
      return Math.fround
    case 'fp16':
      return roundToHalf
    case 'bf16':
      return roundToBfloat16
    default:
      throw new UsageError(`format: expected one of ${Object.keys(formats).join(', ')}, got ${format}`)
  }
}

/** to[i] = from[i] rounded to the format; they may be the same array. Throws UsageError when the lengths differ. */
export function roundArray(format: Format, from: Float64Array, to: Float64Array): void {
  if (from.length !== to.length)
    throw new UsageError(`roundArray: expected arrays of one length, got ${from.length} and ${to.length}`)
  const n = from.length
  if (format === 'fp64') {
    if (to !== from) to.set(from)
  } else if (format === 'fp32') for (let i = 0; i < n; i++) to[i] = Math.fround(from[i])
  else if (format === 'fp16') for (let i = 0; i < n; i++) to[i] = roundToHalf(from[i])
  else if (format === 'bf16') for (let i = 0; i < n; i++) to[i] = roundToBfloat16(from[i])
  else roundTo(format)
}

/** The largest power of two not above x, for a finite x > 0; 0 for subnormal numbers of fp64. */
export function powerOfTwoBelow(x: number): number {
  number[0] = x
  words[high] &= 0x7ff00000
  words[1 - high] = 0
  return number[0]
}
