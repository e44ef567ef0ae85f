/**
 * evaluate: how good an estimate is. Trajectory errors against truth (ATE, RPE), consistency of covariances (NEES),
 * distributions of errors. Imports data, geometry, numeric. Poses are worldFromBody [t, q]; errors in metres and radians.
 * Mathematics: docs/maths/evaluation.md. Read `trajectory-error.ts` first.
 */
export * from './alignment.ts'
export { type AssociateOptions, type Association, associate } from './associate.ts'
export { chiSquareProbability, chiSquareQuantile } from './chi-square.ts'
export * from './consistency.ts'
export * from './histogram.ts'
export * from './pose-error.ts'
export * from './pose-pairs.ts'
export * from './statistics.ts'
export * from './trajectory-error.ts'
