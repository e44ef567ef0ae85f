/**
 * numeric: numbers themselves. Errors at the door, growing columns, random numbers by seed, statistics; the formats of mixed
 * precision, rounding and 16-bit codes. Rank 0: imports nothing. Read `formats.ts` and `random.ts` first.
 */
export * from './elementary.ts'
export * from './errors.ts'
export * from './formats.ts'
export * from './growable.ts'
export * from './half.ts'
export * from './random.ts'
export { powerOfTwoBelow, roundArray, roundTo } from './rounding.ts'
export * from './statistics.ts'
export * from './symmetric-eigen.ts'
