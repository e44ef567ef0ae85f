/**
 * The 16-bit codes of fp16 (1 sign, 5 exponent, 10 fraction bits) and bf16 (1, 8, 7). Encoding rounds as `rounding.ts`
 * does, decoding is exact. Every NaN encodes as the quiet NaN without payload.
 */
import { roundToBfloat16, roundToHalf } from './rounding.ts'

const single = new Float32Array(1)
const bits = new Uint32Array(single.buffer)

/** The fp16 code nearest to x. */
export function toHalf(x: number): number {
  single[0] = roundToHalf(x) // exact: fp16 is part of fp32
  const sign = (bits[0] >>> 16) & 0x8000
  const magnitude = bits[0] & 0x7fffffff
  if (magnitude > 0x7f800000) return 0x7e00
  if (magnitude === 0x7f800000) return sign | 0x7c00
  // From 2⁻¹⁴ on: exponent bias 127 → 15. Below: multiples of 2⁻²⁴.
  if (magnitude >= 0x38800000) return sign | ((magnitude >>> 13) - (112 << 10))
  return sign | (Math.abs(single[0]) * 2 ** 24)
}

/** The number of an fp16 code. */
export function fromHalf(code: number): number {
  const sign = code & 0x8000 ? -1 : 1
  const exponent = (code >>> 10) & 0x1f
  const fraction = code & 0x3ff
  if (exponent === 0) return sign * fraction * 2 ** -24
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN
  return sign * (1024 + fraction) * 2 ** (exponent - 25)
}

/** The bf16 code nearest to x. */
export function toBfloat16(x: number): number {
  if (Number.isNaN(x)) return 0x7fc0
  single[0] = roundToBfloat16(x) // exact: bf16 is part of fp32
  return bits[0] >>> 16
}

/** The number of a bf16 code. */
export function fromBfloat16(code: number): number {
  bits[0] = code << 16
  return single[0]
}
