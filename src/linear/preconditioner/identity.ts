/** An approximate inverse of a symmetric positive definite matrix: z = M⁻¹ r. Overwrites z, which is never r. */
export interface Preconditioner {
  apply(r: Float64Array, z: Float64Array): void
}

/** z = r: no preconditioning. */
export const identity: Preconditioner = {
  apply(r, z) {
    z.set(r)
  },
}
