/**
 * linear: sparse linear least squares on blocks, knowing nothing of graphs or robots. Block Jacobians, normal equations,
 * ordering and block Cholesky, Schur complement, conjugate gradients and their preconditioners, dense Cholesky and QR.
 * Imports numeric, backend. Read `block-jacobian.ts` first, then `conjugate-gradients.ts`.
 */
export * from './block-jacobian.ts'
export * from './block-pattern.ts'
export * from './blocks.ts'
export * from './cholesky/index.ts'
export * from './normal-equations.ts'
export * from './ops/jacobian-product.ts'
export * from './ops/symmetric-product.ts'
