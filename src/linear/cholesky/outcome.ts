/**
 * What became of a factorization. When it stopped: the block and the scalar within it (original order), the pivot and the
 * floor it had to exceed.
 */
export type FactorOutcome =
  | { readonly ok: true }
  | {
      readonly ok: false
      readonly block: number
      readonly scalar: number
      readonly pivot: number
      readonly floor: number
    }

/** The outcome of every factorization that succeeds: shared, so that success allocates nothing. */
export const factored: FactorOutcome = Object.freeze({ ok: true })

/**
 * A pivot counts as zero when it is not above this times its own (damped) diagonal entry. The pivot is that entry minus
 * squares that add up to at most the entry, so its rounding error is a few eps of the entry (docs/maths/cholesky.md,
 * eq. 7); 16 lets an honest pivot of a system with condition 10¹⁴ pass.
 */
export const defaultPivotTolerance: number = 16 * 2 ** -52
