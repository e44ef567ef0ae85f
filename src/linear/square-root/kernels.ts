/**
 * Dense kernels of elimination on row-major panels, the plain ones: arithmetic of the arrays' numbers as they are. Their
 * twins in `kernels-fp32.ts` round every operation to fp32.
 */
export type Reals = Float64Array | Float32Array

export interface EliminationKernels {
  /** Rounds one number to the format. */
  readonly round: (x: number) => number
  /** Unit roundoff of the format, doubled: the distance from 1 to the next number. */
  readonly epsilon: number
  /**
   * Householder reflections that make the first `d` columns of the panel A (rows × ld at `at`) upper triangular, applied to
   * all its columns; what they clear is set to zero. `w`: scratch of ld numbers. Golub and Van Loan, Matrix Computations,
   * 4th ed., algorithm 5.2.1.
   */
  reflect(A: Reals, at: number, rows: number, ld: number, d: number, w: Reals): void
  /** C += Σ_r A(r, i)ᵀ A(r, j) over `rows` rows from `at` (leading dimension ld), for the column blocks i (p wide) and j (q). */
  addGram(
    A: Reals,
    at: number,
    ld: number,
    rows: number,
    i: number,
    p: number,
    j: number,
    q: number,
    C: Reals,
    cAt: number,
  ): void
  /** The same for i = j: C += Σ_r A(r, i)ᵀ A(r, i), C symmetric, half the products. */
  addSquare(A: Reals, at: number, ld: number, rows: number, i: number, p: number, C: Reals, cAt: number): void
  /** y += a x over n numbers. */
  addScaled(y: Reals, yAt: number, a: number, x: Reals, xAt: number, n: number): void
  /** C −= the product of `addGram`. */
  subtractGram(
    A: Reals,
    at: number,
    ld: number,
    rows: number,
    i: number,
    p: number,
    j: number,
    q: number,
    C: Reals,
    cAt: number,
  ): void
}

function reflect(A: Reals, at: number, rows: number, ld: number, d: number, w: Reals): void {
  for (let k = 0; k < d; k++) {
    const top = at + k * ld
    let below = 0
    for (let i = k + 1; i < rows; i++) below += A[at + i * ld + k] ** 2
    if (below === 0) continue
    const a0 = A[top + k]
    // H = I − τ v vᵀ with H a = (β, 0 …): β = −sign(a₀)|a|, v = a − β e₁ scaled to v₀ = 1, τ = (β − a₀)/β.
    const length = Math.sqrt(a0 * a0 + below)
    const beta = a0 > 0 ? -length : length
    const tau = (beta - a0) / beta
    const scale = 1 / (a0 - beta)
    A[top + k] = beta
    for (let j = k + 1; j < ld; j++) w[j] = A[top + j]
    for (let i = k + 1; i < rows; i++) {
      const row = at + i * ld
      const v = A[row + k] * scale
      A[row + k] = v
      for (let j = k + 1; j < ld; j++) w[j] += v * A[row + j]
    }
    for (let j = k + 1; j < ld; j++) {
      w[j] *= tau
      A[top + j] -= w[j]
    }
    for (let i = k + 1; i < rows; i++) {
      const row = at + i * ld
      const v = A[row + k]
      A[row + k] = 0
      for (let j = k + 1; j < ld; j++) A[row + j] -= v * w[j]
    }
  }
}

function addGram(
  A: Reals,
  at: number,
  ld: number,
  rows: number,
  i: number,
  p: number,
  j: number,
  q: number,
  C: Reals,
  cAt: number,
): void {
  let r = 0
  for (; r + 3 <= rows; r += 3) {
    const a0 = at + r * ld
    const a1 = a0 + ld
    const a2 = a1 + ld
    let c = cAt
    for (let s = i; s < i + p; s++) {
      const x0 = A[a0 + s]
      const x1 = A[a1 + s]
      const x2 = A[a2 + s]
      for (let t = j; t < j + q; t++) C[c++] += x0 * A[a0 + t] + x1 * A[a1 + t] + x2 * A[a2 + t]
    }
  }
  for (; r < rows; r++) {
    const a0 = at + r * ld
    let c = cAt
    for (let s = i; s < i + p; s++) {
      const x0 = A[a0 + s]
      for (let t = j; t < j + q; t++) C[c++] += x0 * A[a0 + t]
    }
  }
}

function addSquare(A: Reals, at: number, ld: number, rows: number, i: number, p: number, C: Reals, cAt: number): void {
  let r = 0
  for (; r + 3 <= rows; r += 3) {
    const a0 = at + r * ld + i
    const a1 = a0 + ld
    const a2 = a1 + ld
    for (let s = 0; s < p; s++) {
      const x0 = A[a0 + s]
      const x1 = A[a1 + s]
      const x2 = A[a2 + s]
      const c = cAt + s * p
      for (let t = 0; t <= s; t++) C[c + t] += x0 * A[a0 + t] + x1 * A[a1 + t] + x2 * A[a2 + t]
    }
  }
  for (; r < rows; r++) {
    const a = at + r * ld + i
    for (let s = 0; s < p; s++) {
      const x = A[a + s]
      const c = cAt + s * p
      for (let t = 0; t <= s; t++) C[c + t] += x * A[a + t]
    }
  }
  for (let s = 0; s < p; s++) for (let t = 0; t < s; t++) C[cAt + t * p + s] = C[cAt + s * p + t]
}

function addScaled(y: Reals, yAt: number, a: number, x: Reals, xAt: number, n: number): void {
  for (let k = 0; k < n; k++) y[yAt + k] += a * x[xAt + k]
}

function subtractGram(
  A: Reals,
  at: number,
  ld: number,
  rows: number,
  i: number,
  p: number,
  j: number,
  q: number,
  C: Reals,
  cAt: number,
): void {
  let r = 0
  for (; r + 3 <= rows; r += 3) {
    const a0 = at + r * ld
    const a1 = a0 + ld
    const a2 = a1 + ld
    let c = cAt
    for (let s = i; s < i + p; s++) {
      const x0 = A[a0 + s]
      const x1 = A[a1 + s]
      const x2 = A[a2 + s]
      for (let t = j; t < j + q; t++) C[c++] -= x0 * A[a0 + t] + x1 * A[a1 + t] + x2 * A[a2 + t]
    }
  }
  for (; r < rows; r++) {
    const a0 = at + r * ld
    let c = cAt
    for (let s = i; s < i + p; s++) {
      const x0 = A[a0 + s]
      for (let t = j; t < j + q; t++) C[c++] -= x0 * A[a0 + t]
    }
  }
}

/** fp64, on Float64Array. */
export const doubleKernels: EliminationKernels = {
  round: (x) => x,
  epsilon: 2 ** -52,
  reflect,
  addGram,
  addSquare,
  addScaled,
  subtractGram,
}
