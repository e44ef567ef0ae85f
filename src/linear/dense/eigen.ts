/**
 * Eigenvalues and eigenvectors of a small symmetric matrix A (n × n, row-major, overwritten), ascending: A = V diag(λ) Vᵀ.
 * Row k of `vectors` (n × n) becomes the unit eigenvector of eigenvalues[k]. Cyclic Jacobi: Golub and Van Loan, Matrix
 * Computations, 4th ed., algorithms 8.5.1 and 8.5.3; small eigenvalues of scaled matrices keep their digits.
 */
export function symmetricEigen(A: Float64Array, n: number, eigenvalues: Float64Array, vectors: Float64Array): void {
  vectors.fill(0)
  for (let i = 0; i < n; i++) vectors[i * n + i] = 1
  for (let sweep = 0; sweep < 60 && sweepOnce(A, n, vectors); sweep++);
  for (let i = 0; i < n; i++) eigenvalues[i] = A[i * n + i]
  sortAscending(eigenvalues, vectors, n)
}

/** One rotation for every pair (p, q); false when nothing was left to rotate away. */
function sweepOnce(A: Float64Array, n: number, vectors: Float64Array): boolean {
  let rotated = false
  for (let p = 0; p < n; p++)
    for (let q = p + 1; q < n; q++) {
      const off = A[p * n + q]
      if (Math.abs(off) <= 2 ** -53 * Math.sqrt(Math.abs(A[p * n + p] * A[q * n + q])) || off === 0) continue
      rotated = true
      // tan θ of the smaller rotation that makes A(p, q) zero (8.5.2).
      const theta = (A[q * n + q] - A[p * n + p]) / (2 * off)
      const t = (theta >= 0 ? 1 : -1) / (Math.abs(theta) + Math.sqrt(1 + theta * theta))
      const c = 1 / Math.sqrt(1 + t * t)
      rotate(A, n, p, q, c, t * c, vectors)
    }
  return rotated
}

function rotate(A: Float64Array, n: number, p: number, q: number, c: number, s: number, vectors: Float64Array): void {
  for (let i = 0; i < n; i++) {
    const x = A[i * n + p]
    const y = A[i * n + q]
    A[i * n + p] = c * x - s * y
    A[i * n + q] = s * x + c * y
  }
  for (let i = 0; i < n; i++) {
    const x = A[p * n + i]
    const y = A[q * n + i]
    A[p * n + i] = c * x - s * y
    A[q * n + i] = s * x + c * y
  }
  A[p * n + q] = A[q * n + p] = 0
  for (let i = 0; i < n; i++) {
    const x = vectors[p * n + i]
    const y = vectors[q * n + i]
    vectors[p * n + i] = c * x - s * y
    vectors[q * n + i] = s * x + c * y
  }
}

function sortAscending(eigenvalues: Float64Array, vectors: Float64Array, n: number): void {
  for (let k = 0; k < n; k++) {
    let least = k
    for (let i = k + 1; i < n; i++) if (eigenvalues[i] < eigenvalues[least]) least = i
    if (least === k) continue
    const value = eigenvalues[k]
    eigenvalues[k] = eigenvalues[least]
    eigenvalues[least] = value
    for (let i = 0; i < n; i++) {
      const x = vectors[k * n + i]
      vectors[k * n + i] = vectors[least * n + i]
      vectors[least * n + i] = x
    }
  }
}
