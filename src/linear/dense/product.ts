/** Columns of A and B multiplied before C is touched again: six rows of this length stay in the first-level cache. */
const depthBlock = 256

/**
 * C ← C − A Bᵀ on row-major panels: C is rows × width at `c` with leading dimension ldc, A is rows × depth at `a` (lda), B is
 * width × depth at `b` (ldb). They may lie in one array, but C may overlap neither A nor B. Tiles of 3 × 3 results stay in
 * locals.
 */
export function subtractPanelProduct(
  C: Float64Array,
  c: number,
  ldc: number,
  A: Float64Array,
  a: number,
  lda: number,
  B: Float64Array,
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
      for (; s + 3 <= width; s += 3)
        tile3(C, c + r * ldc + s, ldc, A, a + r * lda + t, lda, B, b + s * ldb + t, ldb, part)
      for (; s < width; s++) strip3(C, c + r * ldc + s, ldc, A, a + r * lda + t, lda, B, b + s * ldb + t, part)
    }
    for (; r < rows; r++)
      for (let s = 0; s < width; s++) C[c + r * ldc + s] -= dotRange(A, a + r * lda + t, B, b + s * ldb + t, part)
  }
}

/** Σ A[a + t] B[b + t], t < length. */
export function dotRange(A: Float64Array, a: number, B: Float64Array, b: number, length: number): number {
  let sum = 0
  for (let t = 0; t < length; t++) sum += A[a + t] * B[b + t]
  return sum
}

function strip3(
  C: Float64Array,
  c: number,
  ldc: number,
  A: Float64Array,
  a: number,
  lda: number,
  B: Float64Array,
  b: number,
  depth: number,
): void {
  let s0 = 0
  let s1 = 0
  let s2 = 0
  for (let t = 0; t < depth; t++) {
    const y = B[b + t]
    s0 += A[a + t] * y
    s1 += A[a + lda + t] * y
    s2 += A[a + 2 * lda + t] * y
  }
  C[c] -= s0
  C[c + ldc] -= s1
  C[c + 2 * ldc] -= s2
}

function tile3(
  C: Float64Array,
  c: number,
  ldc: number,
  A: Float64Array,
  a: number,
  lda: number,
  B: Float64Array,
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
    const a0 = A[p]
    const a1 = A[p + lda]
    const a2 = A[p + 2 * lda]
    const b0 = B[q]
    const b1 = B[q + ldb]
    const b2 = B[q + 2 * ldb]
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
  C[c] -= c00
  C[c + 1] -= c01
  C[c + 2] -= c02
  c += ldc
  C[c] -= c10
  C[c + 1] -= c11
  C[c + 2] -= c12
  c += ldc
  C[c] -= c20
  C[c + 1] -= c21
  C[c + 2] -= c22
}
