/** What an iteration does to vectors besides products with matrices. Vectors that must differ are `y` and `x`, `p` and `z`. */
export interface VectorOperations {
  /** to = from */
  copy(to: Float64Array, from: Float64Array): void
  /** Σ aᵢ bᵢ */
  dot(a: Float64Array, b: Float64Array): number
  /** y += α x */
  addScaled(y: Float64Array, alpha: number, x: Float64Array): void
  /** p = z + β p */
  scaleAndAdd(p: Float64Array, beta: number, z: Float64Array): void
  /** y += Λ x, with Λ a diagonal */
  addWeighted(y: Float64Array, diagonal: Float64Array, x: Float64Array): void
  /** xᵀ Λ x */
  weightedSquare(diagonal: Float64Array, x: Float64Array): number
}

/** Σ aᵢ bᵢ, in four partial sums: shorter chains of dependent additions, and smaller rounding errors. */
export function dot(a: Float64Array, b: Float64Array): number {
  const n = a.length
  let s0 = 0
  let s1 = 0
  let s2 = 0
  let s3 = 0
  let i = 0
  for (; i + 3 < n; i += 4) {
    s0 += a[i] * b[i]
    s1 += a[i + 1] * b[i + 1]
    s2 += a[i + 2] * b[i + 2]
    s3 += a[i + 3] * b[i + 3]
  }
  for (; i < n; i++) s0 += a[i] * b[i]
  return s0 + s1 + (s2 + s3)
}

/** y += α x */
export function addScaled(y: Float64Array, alpha: number, x: Float64Array): void {
  for (let i = 0; i < y.length; i++) y[i] += alpha * x[i]
}

/** p = z + β p */
export function scaleAndAdd(p: Float64Array, beta: number, z: Float64Array): void {
  for (let i = 0; i < p.length; i++) p[i] = z[i] + beta * p[i]
}

/** y += Λ x */
export function addWeighted(y: Float64Array, diagonal: Float64Array, x: Float64Array): void {
  for (let i = 0; i < y.length; i++) y[i] += diagonal[i] * x[i]
}

/** xᵀ Λ x */
export function weightedSquare(diagonal: Float64Array, x: Float64Array): number {
  let sum = 0
  for (let i = 0; i < x.length; i++) sum += diagonal[i] * x[i] * x[i]
  return sum
}

/** In fp64, as the machine does them. */
export const doubleVectors: VectorOperations = {
  copy: (to, from) => to.set(from),
  dot,
  addScaled,
  scaleAndAdd,
  addWeighted,
  weightedSquare,
}
