/**
 * Triangular solves in place for row-major matrices inside an array: L is n × n at `at` with leading dimension ld, only
 * its triangle is read; x is n numbers at `from`. Golub and Van Loan, Matrix Computations, 4th ed., section 3.1.
 */

/** x ← L⁻¹ x, L lower. */
export function solveLower(
  L: Float64Array,
  n: number,
  x: Float64Array,
  at: number = 0,
  ld: number = n,
  from: number = 0,
): void {
  for (let s = 0; s < n; s++) {
    const row = at + s * ld
    let sum = x[from + s]
    for (let t = 0; t < s; t++) sum -= L[row + t] * x[from + t]
    x[from + s] = sum / L[row + s]
  }
}

/** x ← L⁻ᵀ x, L lower; rows of L are read one after the other. */
export function solveLowerTransposed(
  L: Float64Array,
  n: number,
  x: Float64Array,
  at: number = 0,
  ld: number = n,
  from: number = 0,
): void {
  for (let s = n - 1; s >= 0; s--) {
    const row = at + s * ld
    const xs = x[from + s] / L[row + s]
    x[from + s] = xs
    for (let t = 0; t < s; t++) x[from + t] -= L[row + t] * xs
  }
}

/** x ← R⁻¹ x, R upper. */
export function solveUpper(
  R: Float64Array,
  n: number,
  x: Float64Array,
  at: number = 0,
  ld: number = n,
  from: number = 0,
): void {
  for (let s = n - 1; s >= 0; s--) {
    const row = at + s * ld
    let sum = x[from + s]
    for (let t = s + 1; t < n; t++) sum -= R[row + t] * x[from + t]
    x[from + s] = sum / R[row + s]
  }
}
