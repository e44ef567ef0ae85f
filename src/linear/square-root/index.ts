/** square-root: elimination of points by QR, in fp64 and fp32, and the Hessian form beside it. Read `square-root-elimination.ts`. */
export * from './cholesky-fp32.ts'
export { HessianElimination } from './hessian-elimination.ts'
export type { PointElimination, PointEliminationOptions } from './point-elimination.ts'
export { SquareRootElimination } from './square-root-elimination.ts'
