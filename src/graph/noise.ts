import { symmetricEigen, UsageError } from '../numeric/index.ts'

/*
 * Information matrices Ω = Σ⁻¹ of m residuals, stored as graphs and .g2o files store them: the upper triangle by rows,
 * m(m+1)/2 numbers, entry (i, j) with i ≤ j at i·m − i(i−1)/2 + j − i.
 */

/** Ω of independent residuals with these standard deviations: diag(1/σ²). */
export function sigmas(sigma: ArrayLike<number>): Float64Array {
  const m = sigma.length
  const omega = new Float64Array(triangle(m))
  for (let i = 0; i < m; i++) {
    const s = sigma[i]
    if (!(s > 0 && s < Number.POSITIVE_INFINITY))
      throw new UsageError(`standard deviation ${i} must be a positive number, got ${s}`)
    omega[packed(m, i, i)] = 1 / (s * s)
  }
  return omega
}

/** Ω of m independent residuals with one standard deviation. */
export function isotropic(m: number, sigma: number): Float64Array {
  return sigmas(new Float64Array(m).fill(sigma))
}

/** Ω from its full matrix: m × m numbers by rows, or m rows. Throws when it is not symmetric. */
export function fullInformation(matrix: ArrayLike<number> | readonly ArrayLike<number>[]): Float64Array {
  const { full, m } = square(matrix, 'information')
  const omega = new Float64Array(triangle(m))
  for (let i = 0; i < m; i++) for (let j = i; j < m; j++) omega[packed(m, i, j)] = full[i * m + j]
  return omega
}

/** Ω = Σ⁻¹ from a full covariance matrix: m × m numbers by rows, or m rows. Throws when Σ is not positive definite. */
export function covariance(matrix: ArrayLike<number> | readonly ArrayLike<number>[]): Float64Array {
  const { full, m } = square(matrix, 'covariance')
  const sigma = fullInformation(full)
  const root = new Float64Array(triangle(m))
  if (!cholesky(sigma, 0, m, root, 0)) {
    const { smallest } = spectrum(sigma, 0, m)
    throw new UsageError(`a covariance matrix must be positive definite; its smallest eigenvalue is ${smallest}`)
  }
  // Σ = RᵀR, so Ω = R⁻¹ R⁻ᵀ; T = R⁻¹ is upper triangular
  const T = new Float64Array(m * m)
  for (let j = 0; j < m; j++) {
    T[j * m + j] = 1 / root[packed(m, j, j)]
    for (let i = j - 1; i >= 0; i--) {
      let sum = 0
      for (let k = i + 1; k <= j; k++) sum -= root[packed(m, i, k)] * T[k * m + j]
      T[i * m + j] = sum / root[packed(m, i, i)]
    }
  }
  const omega = new Float64Array(triangle(m))
  for (let i = 0; i < m; i++)
    for (let j = i; j < m; j++) {
      let sum = 0
      for (let k = j; k < m; k++) sum += T[i * m + k] * T[j * m + k]
      omega[packed(m, i, j)] = sum
    }
  return omega
}

/**
 * out = R, upper triangular with a non-negative diagonal and RᵀR = Ω, packed as Ω is: what whitens a residual (R r) and
 * its Jacobian. `out` may be `omega`. By Cholesky; when Ω is not safely positive definite by R = QR(Λ^½ Vᵀ) of its
 * eigenvalues, negative ones taken as 0 ({@link checkInformation} is the gate). Returns whether Cholesky went through.
 */
export function squareRootInformation(
  omega: Float64Array,
  m: number,
  out: Float64Array,
  omegaAt = 0,
  outAt = 0,
): boolean {
  const size = triangle(m)
  reserve(m)
  if (cholesky(omega, omegaAt, m, root, 0)) {
    for (let k = 0; k < size; k++) out[outAt + k] = root[k]
    return true
  }
  eigen(omega, omegaAt, m)
  for (let i = 0; i < m; i++) {
    const scale = Math.sqrt(Math.max(0, values[i]))
    for (let j = 0; j < m; j++) vectors[i * m + j] = scale * vectors[i * m + j]
  }
  triangularize(vectors, m)
  for (let i = 0; i < m; i++) {
    const sign = vectors[i * m + i] < 0 ? -1 : 1
    for (let j = i; j < m; j++) out[outAt + packed(m, i, j)] = sign * vectors[i * m + j]
  }
  return false
}

export interface InformationCheck {
  /** Positive semi-definite up to rounding: λmin ≥ −1e-9 λmax. */
  readonly ok: boolean
  /** λmin and λmax; NaN when Cholesky decided without them, or when the matrix holds NaN or ±Infinity (then not ok). */
  readonly smallest: number
  readonly largest: number
}

const POSITIVE_DEFINITE: InformationCheck = { ok: true, smallest: Number.NaN, largest: Number.NaN }

/** Rounding of eigenvalues in files: what people's tools leave of a zero. */
const ROUNDING = 1e-9

/** Whether Ω is an information matrix. The common case costs one Cholesky and allocates nothing. */
export function checkInformation(omega: Float64Array, m: number, omegaAt = 0): InformationCheck {
  reserve(m)
  if (cholesky(omega, omegaAt, m, root, 0)) return POSITIVE_DEFINITE
  const { smallest, largest } = spectrum(omega, omegaAt, m)
  return { ok: smallest >= -ROUNDING * largest, smallest, largest }
}

/** Raises negative eigenvalues of Ω to 0, in place; returns how many there were (0: nothing was touched). */
export function clipInformation(omega: Float64Array, m: number, omegaAt = 0): number {
  reserve(m)
  if (cholesky(omega, omegaAt, m, root, 0)) return 0
  eigen(omega, omegaAt, m)
  let clipped = 0
  while (clipped < m && values[clipped] < 0) clipped++
  if (clipped === 0) return 0
  for (let i = 0; i < m; i++)
    for (let j = i; j < m; j++) {
      let sum = 0
      for (let k = clipped; k < m; k++) sum += values[k] * vectors[k * m + i] * vectors[k * m + j]
      omega[omegaAt + packed(m, i, j)] = sum
    }
  return clipped
}

/** Place of entry (i, j), i ≤ j, of an m × m upper triangle by rows. */
function packed(m: number, i: number, j: number): number {
  return i * m - (i * (i - 1)) / 2 + j - i
}

function triangle(m: number): number {
  return (m * (m + 1)) / 2
}

/**
 * R with RᵀR = Ω, row by row: R_ii² = Ω_ii − Σ R_ki², R_ij = (Ω_ij − Σ R_ki R_kj) / R_ii. False when a pivot is not clearly
 * above the rounding of its own diagonal entry, m·eps·Ω_ii: smaller pivots are noise, and dividing by them spreads it.
 */
function cholesky(omega: Float64Array, omegaAt: number, m: number, out: Float64Array, outAt: number): boolean {
  const threshold = 4 * m * Number.EPSILON
  let row = 0 // of (i, i)
  for (let i = 0; i < m; i++) {
    for (let j = i; j < m; j++) {
      let sum = omega[omegaAt + row + j - i]
      let above = outAt + i // of (k, i)
      for (let k = 0; k < i; k++) {
        sum -= out[above] * out[above + j - i]
        above += m - k - 1
      }
      out[outAt + row + j - i] = sum
    }
    const pivot = out[outAt + row]
    if (!(pivot > threshold * omega[omegaAt + row] && pivot < Number.POSITIVE_INFINITY)) return false
    const inverse = 1 / Math.sqrt(pivot)
    for (let j = i; j < m; j++) out[outAt + row + j - i] *= inverse
    row += m - i
  }
  return Number.isFinite(out[outAt + row - 1])
}

/** Replaces the square matrix B by the R of its QR decomposition (A. S. Householder 1958), below the diagonal left as is. */
function triangularize(B: Float64Array, m: number): void {
  for (let k = 0; k < m - 1; k++) {
    let norm = 0
    for (let i = k; i < m; i++) norm = Math.hypot(norm, B[i * m + k])
    if (norm === 0) continue
    const alpha = B[k * m + k] > 0 ? -norm : norm
    // v = b − α e₁, H = I − 2 v vᵀ / |v|²
    B[k * m + k] -= alpha
    let vv = 0
    for (let i = k; i < m; i++) vv += B[i * m + k] ** 2
    for (let j = k + 1; j < m; j++) {
      let dot = 0
      for (let i = k; i < m; i++) dot += B[i * m + k] * B[i * m + j]
      const scale = (2 * dot) / vv
      for (let i = k; i < m; i++) B[i * m + j] -= scale * B[i * m + k]
    }
    B[k * m + k] = alpha
  }
}

let root = new Float64Array(0)
let full = new Float64Array(0)
let values = new Float64Array(0)
let vectors = new Float64Array(0)
let work = new Float64Array(0)

/** Makes the scratch above large enough; the same m again allocates nothing. */
function reserve(m: number): void {
  if (values.length >= m) return
  root = new Float64Array(triangle(m))
  values = new Float64Array(m)
  full = new Float64Array(m * m)
  vectors = new Float64Array(m * m)
  work = new Float64Array(m * m)
}

/** Eigenvalues, ascending, in `values`; unit eigenvectors in the rows of `vectors`. */
function eigen(omega: Float64Array, omegaAt: number, m: number): void {
  reserve(m)
  for (let i = 0; i < m; i++) for (let j = i; j < m; j++) full[i * m + j] = omega[omegaAt + packed(m, i, j)]
  symmetricEigen(full, m, values, vectors, work)
}

function spectrum(omega: Float64Array, omegaAt: number, m: number): { smallest: number; largest: number } {
  eigen(omega, omegaAt, m)
  return { smallest: values[0], largest: values[m - 1] }
}

function square(matrix: ArrayLike<number> | readonly ArrayLike<number>[], what: string): { full: number[]; m: number } {
  const rows = Array.from(matrix as ArrayLike<number | ArrayLike<number>>)
  const full = rows.flatMap((row) => (typeof row === 'number' ? row : Array.from(row)))
  const m = Math.sqrt(full.length)
  if (!Number.isInteger(m) || m === 0 || (typeof rows[0] !== 'number' && rows.length !== m))
    throw new UsageError(`a full ${what} matrix has m × m numbers; got ${full.length} in ${rows.length} entries`)
  const largest = full.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
  for (let i = 0; i < m; i++)
    for (let j = 0; j <= i; j++) {
      const [a, b] = [full[i * m + j], full[j * m + i]]
      if (!Number.isFinite(a))
        throw new UsageError(`${what} matrix entry (${i}, ${j}) is ${a}; expected a finite number`)
      if (!(Math.abs(a - b) <= 1e-9 * largest))
        throw new UsageError(`the ${what} matrix is not symmetric: entry (${i}, ${j}) is ${a}, (${j}, ${i}) is ${b}`)
    }
  return { full, m }
}
