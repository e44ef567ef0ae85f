// AssemblyScript. Rounding of four fp32 numbers at once; the definition is numeric/rounding.ts.

/** Formats, as constants that inlining removes. */
export const FP32: i32 = 0
export const FP16: i32 = 1
export const BF16: i32 = 2

@inline
export function exponentBits(v: v128): v128 {
  return v128.and(v, i32x4.splat(0x7f800000))
}

/**
 * To fp16: (v + M) − M with M = 3/2 · 2^(e+13), e at least −14, whose spacing in fp32 is that of fp16 around v. Right for
 * |v| < 2¹⁵; the kernel must watch the exponents of what it rounds (`watch`, `seen`).
 */
@inline
function roundHalf(v: v128): v128 {
  const exponent = i32x4.max_s(exponentBits(v), i32x4.splat(0x38800000))
  const magic = v128.or(i32x4.add(exponent, i32x4.splat(0x06800000)), i32x4.splat(0x00400000))
  return f32x4.sub(f32x4.add(v, magic), magic)
}

/** To bf16: half a spacing less one is added, and one more where the number to be kept is odd; then the rest is cut. */
@inline
function roundBfloat16(v: v128): v128 {
  const odd = v128.and(i32x4.shr_u(v, 16), i32x4.splat(1))
  return v128.and(i32x4.add(i32x4.add(v, i32x4.splat(0x7fff)), odd), i32x4.splat(0xffff0000))
}

@inline
export function round(format: i32, v: v128): v128 {
  if (format == FP16) return roundHalf(v)
  if (format == BF16) return roundBfloat16(v)
  return v
}

/** The largest exponent of what was rounded to fp16. */
@inline
export function watch(format: i32, largest: v128, v: v128): v128 {
  if (format == FP16) return i32x4.max_s(largest, exponentBits(v))
  return largest
}

/** Whether a number of 2¹⁵ or more was met: what came of it is to be computed anew by the definition. */
@inline
export function seen(largest: v128): bool {
  return v128.any_true(i32x4.ge_s(largest, i32x4.splat(0x47000000)))
}

/** Bytes of four stored numbers. */
@inline
export function step(stored: i32): usize {
  return stored == FP32 ? 16 : 8
}

/**
 * Four stored numbers. A finite fp16 code, its sign in place and the rest moved under fp32's exponent, is 2⁻¹¹² times its
 * number, subnormals included.
 */
@inline
export function loadFour(stored: i32, at: usize): v128 {
  if (stored == FP16)
    return f32x4.mul(
      v128.and(i32x4.shl(v128.load_ext<i16>(at), 13), i32x4.splat(0x8fffe000)),
      f32x4.splat(5.192296858534828e33),
    )
  if (stored == BF16) return i32x4.shl(v128.load_ext<i16>(at), 16)
  return v128.load(at)
}
