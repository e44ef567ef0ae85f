/** dense: small and full systems, and the baselines of the sparse ones. Read `cholesky.ts` first. */
export * from './cholesky.ts'
export * from './qr.ts'
export * from './triangular.ts'
