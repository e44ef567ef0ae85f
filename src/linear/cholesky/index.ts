/**
 * cholesky: sparse direct solution on blocks. Read `numeric.ts` first (the loop), then `symbolic.ts`, then
 * `minimum-degree.ts`. Derivations: docs/maths/cholesky.md.
 */

export type { FactorBackend, FactorFormat } from './factorization.ts'
export * from './frozen.ts'
export * from './marginals.ts'
export { minimumDegree } from './minimum-degree.ts'
export { nestedDissection } from './nested-dissection.ts'
export * from './null-space.ts'
export { BlockCholesky, type BlockCholeskyOptions } from './numeric.ts'
export * from './ordering.ts'
export { defaultPivotTolerance, type FactorOutcome } from './outcome.ts'
export * from './pattern.ts'
export { predictedFlops } from './prediction.ts'
export { analyze, type Symbolic } from './symbolic.ts'
