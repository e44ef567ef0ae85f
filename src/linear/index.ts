/**
 * linear: sparse linear least squares on blocks, knowing nothing of graphs or robots. Block Jacobians, normal equations,
 * ordering and block Cholesky, Schur complement, conjugate gradients and their preconditioners, dense Cholesky and QR.
 * Imports numeric, backend. Read `block-jacobian.ts` first, then `conjugate-gradients.ts`.
 */
export * from './block-jacobian.ts'
export * from './block-pattern.ts'
export * from './blocks.ts'
export * from './cgnr.ts'
export * from './cholesky/index.ts'
export type { KrylovOptions, KrylovOutcome, KrylovReport } from './conjugate-gradients.ts'
export { ConjugateGradientsWorkspace, conjugateGradients } from './conjugate-gradients.ts'
export * from './dense/index.ts'
export * from './normal-equations.ts'
export * from './operator.ts'
export * from './ops/jacobian-product.ts'
export * from './ops/symmetric-product.ts'
export { BlockJacobi } from './preconditioner/block-jacobi.ts'
export type { HessianSource } from './preconditioner/diagonal.ts'
export * from './preconditioner/identity.ts'
export * from './preconditioner/incomplete-cholesky.ts'
export * from './preconditioner/jacobi.ts'
export * from './reorder.ts'
export * from './rounded/index.ts'
export * from './schur.ts'
export type { SchurForm } from './schur-pattern.ts'
export * from './square-root/index.ts'
export { doubleVectors } from './vectors.ts'
