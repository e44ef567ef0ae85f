/**
 * graph: the problem. Variables, values, factors, noise, robust losses; a user's own factors by automatic
 * differentiation. Imports geometry, backend, numeric. Read `graph.ts` first, then `factors/between.ts`.
 */
export * from './autodiff/define-factor.ts'
export { Dual, type Scalar } from './autodiff/dual.ts'
export * as ad from './autodiff/index.ts'
export * from './factor.ts'
export * from './factors/bearing.ts'
export * from './factors/between.ts'
export * from './factors/landmark.ts'
export * from './factors/prior.ts'
export * from './factors/range.ts'
export * from './factors/reprojection.ts'
export * from './factors/reprojection-bal.ts'
export * from './graph.ts'
export * from './key.ts'
export * from './noise.ts'
export * from './robust.ts'
export * from './values.ts'
