/**
 * Eigenvalues and eigenvectors of a symmetric matrix by cyclic Jacobi rotations: A = Σⱼ λⱼ vⱼ vⱼᵀ
 * (C. G. J. Jacobi 1846; the rotation as in G. Golub and C. Van Loan, "Matrix Computations", 4th ed., 8.5). For small n,
 * up to about 50. Small eigenvalues of positive definite matrices come out with relative accuracy, which methods that
 * first make A tridiagonal do not give (J. Demmel and K. Veselić, "Jacobi's method is more accurate than QR", 1992).
 *
 * `A` is n × n row-major; only its upper triangle is read and nothing of it is written. `values` gets the n eigenvalues
 * in ascending order. ROW j of `vectors` (numbers j·n … j·n + n − 1) gets the unit eigenvector of values[j]; the rows are
 * orthonormal. `work` (n × n, allocated when absent) must be none of the others. Returns the sweeps used, or −1 when A
 * holds NaN or ±Infinity, and then values and vectors are NaN.
 */
export function symmetricEigen(
  A: Float64Array,
  n: number,
  values: Float64Array,
  vectors: Float64Array,
  work: Float64Array = new Float64Array(n * n),
): number {
  let largest = 0
  let finite = true
  for (let i = 0; i < n; i++)
    for (let j = i; j < n; j++) {
      const a = A[i * n + j]
      work[i * n + j] = a
      if (!Number.isFinite(a)) finite = false
      if (Math.abs(a) > largest) largest = Math.abs(a)
    }
  if (!finite) {
    values.fill(Number.NaN, 0, n)
    vectors.fill(Number.NaN, 0, n * n)
    return -1
  }
  vectors.fill(0, 0, n * n)
  for (let i = 0; i < n; i++) vectors[i * (n + 1)] = 1

  const floor = EPS * EPS * largest
  let sweeps = 0
  while (sweeps < MOST_SWEEPS && sweep(work, n, vectors, floor)) sweeps++
  for (let i = 0; i < n; i++) values[i] = work[i * (n + 1)]
  sortAscending(values, vectors, n)
  return sweeps
}

const EPS = Number.EPSILON
/** Convergence is quadratic: 6 to 10 sweeps in practice. The cap only guards against a cycle of roundings. */
const MOST_SWEEPS = 60

/**
 * One rotation for each pair p < q whose a_pq still matters; says whether there was any. a_pq is negligible at
 * eps √|a_pp a_qq|, Demmel and Veselić's criterion, or far below the rounding of the largest entry.
 */
function sweep(a: Float64Array, n: number, vectors: Float64Array, floor: number): boolean {
  let rotated = false
  for (let p = 0; p < n - 1; p++)
    for (let q = p + 1; q < n; q++) {
      const apq = a[p * n + q]
      const size = Math.abs(apq)
      const pp = p * (n + 1)
      const qq = q * (n + 1)
      if (size <= floor || size <= EPS * Math.sqrt(Math.abs(a[pp])) * Math.sqrt(Math.abs(a[qq]))) continue
      rotated = true
      // t = tan of the smaller angle that zeroes a_pq: t² + 2ηt − 1 = 0
      const eta = (a[qq] - a[pp]) / (2 * apq)
      const t = (eta < 0 ? -1 : 1) / (Math.abs(eta) + Math.sqrt(1 + eta * eta))
      const c = 1 / Math.sqrt(1 + t * t)
      const s = t * c
      a[pp] -= t * apq
      a[qq] += t * apq
      a[p * n + q] = 0
      for (let i = 0; i < p; i++) rotatePair(a, i * n + p, i * n + q, c, s)
      for (let i = p + 1; i < q; i++) rotatePair(a, p * n + i, i * n + q, c, s)
      for (let i = q + 1; i < n; i++) rotatePair(a, p * n + i, q * n + i, c, s)
      for (let i = 0; i < n; i++) rotatePair(vectors, p * n + i, q * n + i, c, s)
    }
  return rotated
}

function rotatePair(m: Float64Array, i: number, j: number, c: number, s: number): void {
  const x = m[i]
  const y = m[j]
  m[i] = c * x - s * y
  m[j] = s * x + c * y
}

function sortAscending(values: Float64Array, vectors: Float64Array, n: number): void {
  for (let i = 0; i < n - 1; i++) {
    let least = i
    for (let j = i + 1; j < n; j++) if (values[j] < values[least]) least = j
    if (least === i) continue
    const value = values[i]
    values[i] = values[least]
    values[least] = value
    for (let k = 0; k < n; k++) {
      const x = vectors[i * n + k]
      vectors[i * n + k] = vectors[least * n + k]
      vectors[least * n + k] = x
    }
  }
}
