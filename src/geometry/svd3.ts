/**
 * Singular values of a 3 × 3 matrix with both sides rotations: A = Leftᵀ diag(d₁, d₂, d₃) Right, d₁ ≥ d₂ ≥ |d₃|, where d₃
 * carries the sign of det A. That is what fitting rotations asks for: Leftᵀ Right is the rotation nearest to A (G18), also
 * where the nearest orthogonal matrix is a reflection.
 *
 * By one-sided Jacobi rotations (M. Hestenes 1958): columns of A are turned into each other until they are orthogonal.
 * Small singular values keep their digits, which forming AᵀA would square away.
 *
 * `A` is row-major at `AAt`. ROWS k of `left` and `right` (3 × 3) get the unit singular vectors of singular[k]. Singular
 * vectors that A does not determine (rank below 2) are chosen: Right's is kept, Left's is perpendicular to the first.
 */
export function svd3(
  A: Float64Array,
  AAt: number,
  left: Float64Array,
  singular: Float64Array,
  right: Float64Array,
): void {
  // rows of W are the columns of A; rows of `right` follow them
  for (let i = 0; i < 3; i++) for (let j = 0; j < 3; j++) W[3 * j + i] = A[AAt + 3 * i + j]
  right.fill(0, 0, 9)
  right[0] = right[4] = right[8] = 1
  let sweeps = 0
  while (sweeps++ < MOST_SWEEPS) {
    let turned = orthogonalize(0, 3, right)
    turned = orthogonalize(0, 6, right) || turned
    turned = orthogonalize(3, 6, right) || turned
    if (!turned) break
  }
  if (length(W, 0) < length(W, 3)) swap(0, 3, right)
  if (length(W, 0) < length(W, 6)) swap(0, 6, right)
  if (length(W, 3) < length(W, 6)) swap(3, 6, right)

  const d1 = length(W, 0)
  const d2 = length(W, 3)
  if (d1 > 0) for (let i = 0; i < 3; i++) left[i] = W[i] / d1
  else unitAxis(left, 0, 0)
  if (d2 > Number.EPSILON * Number.EPSILON * d1) for (let i = 0; i < 3; i++) left[3 + i] = W[3 + i] / d2
  else perpendicular(left, 0, left, 3)
  cross(left, 0, left, 3, left, 6)
  // det Right = ±1; a third row made by the cross product turns the third column of A with it
  const before6 = right[6]
  const before7 = right[7]
  const before8 = right[8]
  cross(right, 0, right, 3, right, 6)
  const sign = before6 * right[6] + before7 * right[7] + before8 * right[8] < 0 ? -1 : 1
  singular[0] = d1
  singular[1] = d2
  singular[2] = sign * (W[6] * left[6] + W[7] * left[7] + W[8] * left[8])
}

/** out = the rotation nearest to a 3 × 3 matrix in the sum of squares, row-major; `out` may be A. */
export function nearestRotation(A: Float64Array, AAt: number, out: Float64Array, outAt: number): void {
  svd3(A, AAt, leftScratch, singularScratch, rightScratch)
  for (let i = 0; i < 3; i++)
    for (let j = 0; j < 3; j++) {
      let sum = 0
      for (let k = 0; k < 9; k += 3) sum += leftScratch[k + i] * rightScratch[k + j]
      out[outAt + 3 * i + j] = sum
    }
}

const W = new Float64Array(9)
const leftScratch = new Float64Array(9)
const rightScratch = new Float64Array(9)
const singularScratch = new Float64Array(3)
/** Convergence is quadratic, 3 to 5 sweeps; the cap guards against NaN and cycles of roundings. */
const MOST_SWEEPS = 30

/** Turns rows p and q of W until they are orthogonal to rounding; says whether they were not. */
function orthogonalize(p: number, q: number, right: Float64Array): boolean {
  const pp = W[p] * W[p] + W[p + 1] * W[p + 1] + W[p + 2] * W[p + 2]
  const qq = W[q] * W[q] + W[q + 1] * W[q + 1] + W[q + 2] * W[q + 2]
  const pq = W[p] * W[q] + W[p + 1] * W[q + 1] + W[p + 2] * W[q + 2]
  if (!(Math.abs(pq) > Number.EPSILON * Math.sqrt(pp) * Math.sqrt(qq))) return false
  const eta = (qq - pp) / (2 * pq)
  const t = (eta < 0 ? -1 : 1) / (Math.abs(eta) + Math.sqrt(1 + eta * eta))
  const c = 1 / Math.sqrt(1 + t * t)
  const s = c * t
  for (let i = 0; i < 3; i++) {
    const w = W[p + i]
    W[p + i] = c * w - s * W[q + i]
    W[q + i] = s * w + c * W[q + i]
    const v = right[p + i]
    right[p + i] = c * v - s * right[q + i]
    right[q + i] = s * v + c * right[q + i]
  }
  return true
}

function swap(p: number, q: number, right: Float64Array): void {
  for (let i = 0; i < 3; i++) {
    const w = W[p + i]
    W[p + i] = W[q + i]
    W[q + i] = w
    const v = right[p + i]
    right[p + i] = right[q + i]
    right[q + i] = v
  }
}

function length(v: Float64Array, at: number): number {
  return Math.sqrt(v[at] * v[at] + v[at + 1] * v[at + 1] + v[at + 2] * v[at + 2])
}

function unitAxis(out: Float64Array, at: number, axis: number): void {
  for (let i = 0; i < 3; i++) out[at + i] = i === axis ? 1 : 0
}

/** out = a unit vector perpendicular to the unit vector u: u × the axis it is furthest from. */
export function perpendicular(u: Float64Array, uAt: number, out: Float64Array, outAt: number): void {
  const x = Math.abs(u[uAt])
  const y = Math.abs(u[uAt + 1])
  const z = Math.abs(u[uAt + 2])
  unitAxis(axisScratch, 0, x <= y && x <= z ? 0 : y <= z ? 1 : 2)
  cross(u, uAt, axisScratch, 0, out, outAt)
  const n = length(out, outAt)
  for (let i = 0; i < 3; i++) out[outAt + i] /= n
}

const axisScratch = new Float64Array(3)

function cross(a: Float64Array, aAt: number, b: Float64Array, bAt: number, out: Float64Array, outAt: number): void {
  const x = a[aAt + 1] * b[bAt + 2] - a[aAt + 2] * b[bAt + 1]
  const y = a[aAt + 2] * b[bAt] - a[aAt] * b[bAt + 2]
  const z = a[aAt] * b[bAt + 1] - a[aAt + 1] * b[bAt]
  out[outAt] = x
  out[outAt + 1] = y
  out[outAt + 2] = z
}
