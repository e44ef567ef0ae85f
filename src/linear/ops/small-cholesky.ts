/**
 * Cholesky factors of small dense blocks inside long arrays: A = L Lᵀ with L in the lower triangle, row-major d × d, and
 * the reciprocals of L's diagonal on the diagonal, so that solving divides by nothing. The upper triangle is not read and
 * not written.
 */

/**
 * Factors the block in place. Returns −1, or the first row whose pivot is not positive to rounding: at most
 * 4 d eps times the diagonal it came from, which is what d sums of rounded squares leave of an exact zero; or at most
 * `floor`.
 */
export function factorSmall(A: Float64Array, at: number, d: number, floor = 0): number {
  for (let j = 0; j < d; j++) {
    const row = at + j * d
    const diagonal = A[row + j]
    let pivot = diagonal
    for (let k = 0; k < j; k++) pivot -= A[row + k] * A[row + k]
    if (!(pivot > Math.max(4 * d * Number.EPSILON * diagonal, floor) && pivot < Number.POSITIVE_INFINITY)) return j
    const reciprocal = 1 / Math.sqrt(pivot)
    A[row + j] = reciprocal
    for (let i = j + 1; i < d; i++) {
      const below = at + i * d
      let sum = A[below + j]
      for (let k = 0; k < j; k++) sum -= A[below + k] * A[row + k]
      A[below + j] = sum * reciprocal
    }
  }
  return -1
}

/** x ← L⁻¹ x */
export function solveLower(L: Float64Array, at: number, d: number, x: Float64Array, xAt: number): void {
  for (let i = 0; i < d; i++) {
    const row = at + i * d
    let sum = x[xAt + i]
    for (let k = 0; k < i; k++) sum -= L[row + k] * x[xAt + k]
    x[xAt + i] = sum * L[row + i]
  }
}

/** x ← L⁻ᵀ x */
export function solveUpper(L: Float64Array, at: number, d: number, x: Float64Array, xAt: number): void {
  for (let i = d - 1; i >= 0; i--) {
    let sum = x[xAt + i]
    for (let k = i + 1; k < d; k++) sum -= L[at + k * d + i] * x[xAt + k]
    x[xAt + i] = sum * L[at + i * d + i]
  }
}

/** B ← B L⁻ᵀ for B of p × d at `bAt`: each row b becomes L⁻¹ b. */
export function solveRightTransposed(
  L: Float64Array,
  at: number,
  d: number,
  B: Float64Array,
  bAt: number,
  p: number,
): void {
  for (let i = 0; i < p; i++) solveLower(L, at, d, B, bAt + i * d)
}

/** B ← B L⁻¹ for B of p × d at `bAt`: each row b becomes L⁻ᵀ b. */
export function solveRight(L: Float64Array, at: number, d: number, B: Float64Array, bAt: number, p: number): void {
  for (let i = 0; i < p; i++) solveUpper(L, at, d, B, bAt + i * d)
}
