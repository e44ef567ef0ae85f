/**
 * Arithmetic for residuals: functions that take numbers and duals alike, and vectors, rotations and poses made of them.
 * Exported from graph's door as `ad`.
 */
export * from './functions.ts'
export * from './vectors.ts'
