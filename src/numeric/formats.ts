/** A binary floating-point format in which numbers are stored, or to which results are rounded. */
export type Format = 'fp64' | 'fp32' | 'fp16' | 'bf16'

/** What a format holds (docs/maths/precision.md, eqs. 1–3); every number here is exact in fp64. */
export interface FormatNumbers {
  readonly name: Format
  readonly bytes: number
  /** Binary digits of a normal number, the leading 1 included: p. */
  readonly digits: number
  /** Spacing of the numbers from 1 to 2: 2^(1−p). */
  readonly eps: number
  /** Largest relative error of rounding to nearest: eps / 2. */
  readonly unitRoundoff: number
  /** Largest finite number. */
  readonly max: number
  /** The least number that rounds to infinity: half a spacing above `max` (in fp64, infinity itself). */
  readonly overflow: number
  readonly minNormal: number
  readonly minSubnormal: number
}

/** IEEE 754-2019 binary64, binary32 and binary16 (table 3.5), and bfloat16: binary32 cut to 16 bits. */
export const formats: Readonly<Record<Format, FormatNumbers>> = {
  fp64: numbersOf('fp64', 8, 53, 1023),
  fp32: numbersOf('fp32', 4, 24, 127),
  fp16: numbersOf('fp16', 2, 11, 15),
  bf16: numbersOf('bf16', 2, 8, 127),
}

function numbersOf(name: Format, bytes: number, digits: number, maxExponent: number): FormatNumbers {
  const eps = 2 ** (1 - digits)
  const minNormal = 2 ** (1 - maxExponent)
  return {
    name,
    bytes,
    digits,
    eps,
    unitRoundoff: eps / 2,
    max: (2 - eps) * 2 ** maxExponent,
    overflow: (2 - eps / 2) * 2 ** maxExponent,
    minNormal,
    minSubnormal: minNormal * eps,
  }
}
