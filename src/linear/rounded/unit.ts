import { powerOfTwoBelow } from '../../numeric/index.ts'

/** A power of two: the largest not above max |xᵢ|, within 2^±1000 so that its reciprocal exists; 1 for zero or not finite. */
export function unitOf(x: Float64Array): number {
  let largest = 0
  for (let i = 0; i < x.length; i++) {
    const size = Math.abs(x[i])
    if (!(size <= largest)) largest = size
  }
  if (!(largest > 0 && largest < Number.POSITIVE_INFINITY)) return 1
  return Math.min(Math.max(powerOfTwoBelow(largest), 2 ** -1000), 2 ** 1000)
}
