/** Columns of A and B multiplied before C is touched again: six rows of this length stay in the first-level cache. */
const depthBlock = 256

/**
 * C ← C − A Bᵀ on row-major panels of one array: C is rows × width at `c` with leading dimension ldc, A is rows × depth at
 * `a` (lda), B is width × depth at `b` (ldb). C may overlap neither A nor B. Tiles of 3 × 3 results stay in locals.
 */
export function subtractProduct(
  v: Float64Array,
  c: number,
  ldc: number,
  a: number,
  lda: number,
  b: number,
  ldb: number,
  rows: number,
  width: number,
  depth: number,
): void {
  for (let t = 0; t < depth; t += depthBlock) {
    const part = Math.min(depthBlock, depth - t)
    let r = 0
    for (; r + 3 <= rows; r += 3) {
      let s = 0
      for (; s + 3 <= width; s += 3) tile3(v, c + r * ldc + s, ldc, a + r * lda + t, lda, b + s * ldb + t, ldb, part)
      for (; s < width; s++) strip3(v, c + r * ldc + s, ldc, a + r * lda + t, lda, b + s * ldb + t, part)
    }
    for (; r < rows; r++)
      for (let s = 0; s < width; s++) v[c + r * ldc + s] -= dotRange(v, a + r * lda + t, b + s * ldb + t, part)
  }
}

/** Σ v[a + t] v[b + t], t < length. */
export function dotRange(v: Float64Array, a: number, b: number, length: number): number {
  let sum = 0
  for (let t = 0; t < length; t++) sum += v[a + t] * v[b + t]
  return sum
}

function strip3(v: Float64Array, c: number, ldc: number, a: number, lda: number, b: number, depth: number): void {
  let s0 = 0
  let s1 = 0
  let s2 = 0
  for (let t = 0; t < depth; t++) {
    const y = v[b + t]
    s0 += v[a + t] * y
    s1 += v[a + lda + t] * y
    s2 += v[a + 2 * lda + t] * y
  }
  v[c] -= s0
  v[c + ldc] -= s1
  v[c + 2 * ldc] -= s2
}

function tile3(
  v: Float64Array,
  c: number,
  ldc: number,
  a: number,
  lda: number,
  b: number,
  ldb: number,
  depth: number,
): void {
  let c00 = 0
  let c01 = 0
  let c02 = 0
  let c10 = 0
  let c11 = 0
  let c12 = 0
  let c20 = 0
  let c21 = 0
  let c22 = 0
  const end = a + depth
  for (let p = a, q = b; p < end; p++, q++) {
    const a0 = v[p]
    const a1 = v[p + lda]
    const a2 = v[p + 2 * lda]
    const b0 = v[q]
    const b1 = v[q + ldb]
    const b2 = v[q + 2 * ldb]
    c00 += a0 * b0
    c01 += a0 * b1
    c02 += a0 * b2
    c10 += a1 * b0
    c11 += a1 * b1
    c12 += a1 * b2
    c20 += a2 * b0
    c21 += a2 * b1
    c22 += a2 * b2
  }
  v[c] -= c00
  v[c + 1] -= c01
  v[c + 2] -= c02
  c += ldc
  v[c] -= c10
  v[c + 1] -= c11
  v[c + 2] -= c12
  c += ldc
  v[c] -= c20
  v[c + 1] -= c21
  v[c + 2] -= c22
}
