/**
 * rounded: linear algebra in which every operation is rounded to a stated format. Read `stage.ts` first, then
 * `product.ts` (the definitions) and `rounded-jacobian.ts`. Derivations: docs/maths/precision.md.
 */
export { RoundedBlockTriangular, type TriangularPattern, type TriangularReport } from './block-triangular.ts'
export { RoundedCholesky } from './complete-cholesky.ts'
export { RoundedIncompleteCholesky, type RoundedIncompleteCholeskyReport } from './incomplete-cholesky.ts'
export { RoundedHessian } from './rounded-hessian.ts'
export { RoundedJacobian, type RoundedJacobianOptions } from './rounded-jacobian.ts'
export type { RoundingReport } from './rounding-report.ts'
export { ScaledDamping } from './scaled-damping.ts'
export { isPartOf, type RoundedStage } from './stage.ts'
export { type ScalingName, UnknownScaling } from './unknown-scaling.ts'
export { type VectorOperations, type VectorStage, vectorOperations } from './vector-operations.ts'
