import { type Format, toBfloat16, toHalf } from '../../numeric/index.ts'

/** What stands in memory for a number of the format: its code, or in fp32 the number itself. */
export function codeOf(stored: Format, x: number): number {
  if (stored === 'fp16') return toHalf(x)
  return stored === 'bf16' ? toBfloat16(x) : x
}
