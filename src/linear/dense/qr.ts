import { UsageError } from '../../numeric/index.ts'

export interface QrOptions {
  /** Exchange columns so that |R(k, k)| descends: reveals the rank. Default true. */
  pivoting?: boolean
  /** Columns with |R(k, k)| ≤ tolerance · max |R(i, i)| are taken as dependent. Default max(rows, columns) · 2⁻⁵². */
  tolerance?: number
}

/** How a least-squares solve ended: the numerical rank and the norm of what is left, |b − A x|. */
export interface LeastSquaresOutcome {
  readonly rank: number
  readonly residualNorm: number
}

/**
 * Householder QR, A P = Q R, of a dense m × n matrix with m ≥ n or m < n, for min |A x − b|. Golub and Van Loan, Matrix
 * Computations, 4th ed., algorithms 5.2.1 and 5.4.1 (column pivoting); norms are kept up as in Drmač and Bujanović, "On
 * the failure of rank-revealing QR factorization software", ACM TOMS 35 (2008). All memory is asked for in the constructor.
 */
export class DenseQr {
  readonly rows: number
  readonly columns: number
  /** column k of A P is column permutation[k] of A. */
  readonly permutation: Int32Array
  /** Numerical rank of the last matrix. */
  rank = 0
  private readonly pivoting: boolean
  private readonly tolerance: number
  /** By columns: R on and above the diagonal, the Householder vectors v (v₀ = 1 not stored) below. */
  private readonly values: Float64Array
  private readonly tau: Float64Array
  private readonly norm: Float64Array
  private readonly exactNorm: Float64Array
  private readonly rhs: Float64Array

  constructor(rows: number, columns: number, options: QrOptions = {}) {
    if (!(Number.isInteger(rows) && Number.isInteger(columns) && rows >= 0 && columns >= 0))
      throw new UsageError(`DenseQr: expected sizes ≥ 0, got ${rows} × ${columns}`)
    this.rows = rows
    this.columns = columns
    this.pivoting = options.pivoting ?? true
    this.tolerance = options.tolerance ?? Math.max(rows, columns) * 2 ** -52
    this.values = new Float64Array(rows * columns)
    this.tau = new Float64Array(Math.min(rows, columns))
    this.permutation = new Int32Array(columns)
    this.norm = new Float64Array(columns)
    this.exactNorm = new Float64Array(columns)
    this.rhs = new Float64Array(rows)
  }

  /** Factors A (rows × columns, row-major) and returns its numerical rank. */
  factor(A: Float64Array): number {
    const { rows, columns, values, permutation, norm, exactNorm } = this
    if (A.length !== rows * columns)
      throw new UsageError(`DenseQr.factor: expected ${rows} × ${columns} numbers, got ${A.length}`)
    for (let j = 0; j < columns; j++) {
      for (let i = 0; i < rows; i++) values[j * rows + i] = A[i * columns + j]
      permutation[j] = j
      norm[j] = exactNorm[j] = this.columnNorm(j, 0)
    }
    const steps = Math.min(rows, columns)
    for (let k = 0; k < steps; k++) {
      if (this.pivoting) this.exchange(k, this.longestColumn(k))
      this.reflectColumn(k)
      for (let j = k + 1; j < columns; j++) this.applyTo(k, values, j * rows)
      if (this.pivoting) this.shortenNorms(k)
    }
    this.rank = this.countRank(steps)
    return this.rank
  }

  /**
   * x = argmin |A x − b|; when the rank is less than the number of columns, the basic solution with zeros in the dependent
   * columns. b has `rows` numbers, x `columns`.
   */
  solve(b: Float64Array, x: Float64Array): LeastSquaresOutcome {
    const { rows, columns, values, permutation, rhs } = this
    if (b.length !== rows || x.length !== columns)
      throw new UsageError(`DenseQr.solve: expected ${rows} and ${columns} numbers, got ${b.length} and ${x.length}`)
    rhs.set(b)
    const steps = Math.min(rows, columns)
    for (let k = 0; k < steps; k++) this.applyTo(k, rhs, 0)
    const least = this.leastDiagonal(steps)
    let residual = 0
    for (let i = steps; i < rows; i++) residual = Math.hypot(residual, rhs[i])
    x.fill(0)
    for (let k = steps - 1; k >= 0; k--) {
      const diagonal = values[k * rows + k]
      if (!(Math.abs(diagonal) > least)) {
        residual = Math.hypot(residual, rhs[k])
        continue
      }
      const xk = rhs[k] / diagonal
      x[permutation[k]] = xk
      for (let i = 0; i < k; i++) rhs[i] -= values[k * rows + i] * xk
    }
    return { rank: this.rank, residualNorm: residual }
  }

  /** R(i, j), i ≤ j, of A P = Q R. */
  entryOfR(i: number, j: number): number {
    return i <= j ? this.values[j * this.rows + i] : 0
  }

  /** |A(from.., j)| without overflow. */
  private columnNorm(j: number, from: number): number {
    const { rows, values } = this
    let largest = 0
    for (let q = j * rows + from; q < (j + 1) * rows; q++) largest = Math.max(largest, Math.abs(values[q]))
    if (!(largest > 0)) return largest
    let sum = 0
    for (let q = j * rows + from; q < (j + 1) * rows; q++) sum += (values[q] / largest) ** 2
    return largest * Math.sqrt(sum)
  }

  private longestColumn(k: number): number {
    let longest = k
    for (let j = k + 1; j < this.columns; j++) if (this.norm[j] > this.norm[longest]) longest = j
    return longest
  }

  private exchange(k: number, j: number): void {
    if (k === j) return
    const { rows, values, permutation, norm, exactNorm } = this
    for (let i = 0; i < rows; i++) {
      const swap = values[k * rows + i]
      values[k * rows + i] = values[j * rows + i]
      values[j * rows + i] = swap
    }
    const index = permutation[k]
    permutation[k] = permutation[j]
    permutation[j] = index
    norm[j] = norm[k]
    exactNorm[j] = exactNorm[k]
  }

  /** H = I − τ v vᵀ with H a = (β, 0 …): β = −sign(a₀)|a|, τ = (β − a₀)/β, v = a / (a₀ − β) below v₀ = 1. */
  private reflectColumn(k: number): void {
    const { rows, values, tau } = this
    const at = k * rows + k
    const length = this.columnNorm(k, k)
    const first = values[at]
    if (length === Math.abs(first)) {
      tau[k] = 0
      return
    }
    const beta = first > 0 ? -length : length
    tau[k] = (beta - first) / beta
    const scale = 1 / (first - beta)
    for (let q = at + 1; q < (k + 1) * rows; q++) values[q] *= scale
    values[at] = beta
  }

  /** a ← (I − τ v vᵀ) a for the column of numbers that starts at `at`. */
  private applyTo(k: number, a: Float64Array, at: number): void {
    const { rows, values } = this
    if (this.tau[k] === 0) return
    const v = k * rows
    let sum = a[at + k]
    for (let i = k + 1; i < rows; i++) sum += values[v + i] * a[at + i]
    sum *= this.tau[k]
    a[at + k] -= sum
    for (let i = k + 1; i < rows; i++) a[at + i] -= sum * values[v + i]
  }

  /** |A(k+1.., j)|² = |A(k.., j)|² − R(k, j)²; where that cancels, the norm is taken anew. */
  private shortenNorms(k: number): void {
    const { rows, values, norm, exactNorm } = this
    for (let j = k + 1; j < this.columns; j++) {
      if (norm[j] === 0) continue
      const left = Math.max(0, 1 - (values[j * rows + k] / norm[j]) ** 2)
      if (left * (norm[j] / exactNorm[j]) ** 2 > 2 ** -26) norm[j] *= Math.sqrt(left)
      else norm[j] = exactNorm[j] = this.columnNorm(j, k + 1)
    }
  }

  private leastDiagonal(steps: number): number {
    let largest = 0
    for (let k = 0; k < steps; k++) largest = Math.max(largest, Math.abs(this.values[k * this.rows + k]))
    return this.tolerance * largest
  }

  private countRank(steps: number): number {
    const least = this.leastDiagonal(steps)
    let rank = 0
    for (let k = 0; k < steps; k++) if (Math.abs(this.values[k * this.rows + k]) > least) rank++
    return rank
  }
}
