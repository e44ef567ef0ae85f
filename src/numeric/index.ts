/**
 * numeric: numbers themselves. Errors at the door, growing columns, random numbers by seed, statistics; later the formats
 * of mixed precision. Rank 0: imports nothing. Read `random.ts` first.
 */
export * from './errors.ts'
export * from './growable.ts'
export * from './random.ts'
export * from './statistics.ts'
export * from './symmetric-eigen.ts'
