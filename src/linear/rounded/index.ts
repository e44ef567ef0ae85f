/**
 * rounded: linear algebra in which every operation is rounded to a stated format. Read `stage.ts` first, then
 * `product.ts` (the definitions) and `rounded-jacobian.ts`. Derivations: docs/maths/precision.md.
 */
export { RoundedJacobian, type RoundedJacobianOptions, type RoundingReport } from './rounded-jacobian.ts'
export { ScaledDamping } from './scaled-damping.ts'
export { isPartOf, type RoundedStage } from './stage.ts'
export { type ScalingName, UnknownScaling } from './unknown-scaling.ts'
export { type VectorOperations, type VectorStage, vectorOperations } from './vector-operations.ts'
