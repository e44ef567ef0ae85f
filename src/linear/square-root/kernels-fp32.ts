import type { EliminationKernels, Reals } from './kernels.ts'

/*
 * The twins of `kernels.ts` in fp32: numbers lie in Float32Array (or are fp32 numbers in a Float64Array), and every
 * operation is rounded to nearest fp32. A product, sum, quotient or square root of fp32 numbers computed in fp64 and rounded
 * once more is the correctly rounded fp32 result (S. A. Figueroa, "When is double rounding innocuous?", SIGNUM 1995).
 */
const f = Math.fround

function reflect(A: Reals, at: number, rows: number, ld: number, d: number, w: Reals): void {
  for (let k = 0; k < d; k++) {
    const top = at + k * ld
    let below = 0
    for (let i = k + 1; i < rows; i++) below = f(below + f(A[at + i * ld + k] * A[at + i * ld + k]))
    if (below === 0) continue
    const a0 = A[top + k]
    const length = f(Math.sqrt(f(f(a0 * a0) + below)))
    const beta = a0 > 0 ? -length : length
    const tau = f(f(beta - a0) / beta)
    const scale = f(1 / f(a0 - beta))
    A[top + k] = beta
    for (let j = k + 1; j < ld; j++) w[j] = A[top + j]
    for (let i = k + 1; i < rows; i++) {
      const row = at + i * ld
      const v = f(A[row + k] * scale)
      A[row + k] = v
      for (let j = k + 1; j < ld; j++) w[j] = f(w[j] + f(v * A[row + j]))
    }
    for (let j = k + 1; j < ld; j++) {
      w[j] = f(w[j] * tau)
      A[top + j] = f(A[top + j] - w[j])
    }
    for (let i = k + 1; i < rows; i++) {
      const row = at + i * ld
      const v = A[row + k]
      A[row + k] = 0
      for (let j = k + 1; j < ld; j++) A[row + j] = f(A[row + j] - f(v * w[j]))
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
  for (let r = 0; r < rows; r++) {
    const a = at + r * ld
    let c = cAt
    for (let s = i; s < i + p; s++) {
      const x = A[a + s]
      for (let t = j; t < j + q; t++, c++) C[c] = f(C[c] + f(x * A[a + t]))
    }
  }
}

function addSquare(A: Reals, at: number, ld: number, rows: number, i: number, p: number, C: Reals, cAt: number): void {
  for (let r = 0; r < rows; r++) {
    const a = at + r * ld + i
    for (let s = 0; s < p; s++) {
      const x = A[a + s]
      const c = cAt + s * p
      for (let t = 0; t <= s; t++) C[c + t] = f(C[c + t] + f(x * A[a + t]))
    }
  }
  for (let s = 0; s < p; s++) for (let t = 0; t < s; t++) C[cAt + t * p + s] = C[cAt + s * p + t]
}

function addScaled(y: Reals, yAt: number, a: number, x: Reals, xAt: number, n: number): void {
  for (let k = 0; k < n; k++) y[yAt + k] = f(y[yAt + k] + f(a * x[xAt + k]))
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
  for (let r = 0; r < rows; r++) {
    const a = at + r * ld
    let c = cAt
    for (let s = i; s < i + p; s++) {
      const x = A[a + s]
      for (let t = j; t < j + q; t++, c++) C[c] = f(C[c] - f(x * A[a + t]))
    }
  }
}

/** fp32, every operation rounded. */
export const singleKernels: EliminationKernels = {
  round: f,
  epsilon: 2 ** -23,
  reflect,
  addGram,
  addSquare,
  addScaled,
  subtractGram,
}
