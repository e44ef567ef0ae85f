import { UsageError } from '../../numeric/index.ts'
import type { SymmetricBlockMatrix } from '../blocks.ts'
import type { FactorBackend } from '../cholesky/factorization.ts'
import { defaultPivotTolerance, type FactorOutcome, factored } from '../cholesky/outcome.ts'
import { dotRange, subtractPanelProduct } from './product.ts'
import { SimdDenseCholesky } from './simd-cholesky.ts'
import { solveLower, solveLowerTransposed } from './triangular.ts'

/** Columns factored together: the part left to row products shrinks with it, the part done by tiles grows. */
const panelWidth = 24

/**
 * A = L Lᵀ in place on the lower triangle of the n × n row-major matrix at `at` with leading dimension ld; the upper
 * triangle is neither read nor written. Returns −1, or the first s whose pivot is not greater than
 * pivotTolerance · A(s, s); that pivot is then at (s, s). Left-looking by panels: Golub and Van Loan, Matrix Computations,
 * 4th ed., algorithm 4.2.2 with blocks.
 */
export function choleskyInPlace(
  A: Float64Array,
  n: number,
  at: number = 0,
  ld: number = n,
  pivotTolerance: number = defaultPivotTolerance,
): number {
  for (let j = 0; j < n; j += panelWidth) {
    const width = Math.min(panelWidth, n - j)
    const panel = at + j * ld
    // What the finished columns take from the diagonal, before the tiles overwrite it.
    for (let s = j; s < j + width; s++) {
      const failed = finishRow(A, at, ld, j, s, pivotTolerance)
      if (failed) return s
    }
    const below = n - j - width
    const rest = panel + width * ld
    subtractPanelProduct(A, rest + j, ld, A, rest, ld, A, panel, ld, below, width, j)
    for (let i = 0; i < below; i++) solveLower(A, width, A, panel + j, ld, rest + i * ld + j)
  }
  return -1
}

/** Row s of L in the panel that starts at column j, by row products over all earlier columns; true when its pivot fails. */
function finishRow(A: Float64Array, at: number, ld: number, j: number, s: number, tolerance: number): boolean {
  const row = at + s * ld
  for (let t = j; t < s; t++) {
    const other = at + t * ld
    A[row + t] = (A[row + t] - dotRange(A, row, A, other, t)) / A[other + t]
  }
  const entry = A[row + s]
  const pivot = entry - dotRange(A, row, A, row, s)
  const passed = pivot > tolerance * Math.max(0, entry) && pivot < Number.POSITIVE_INFINITY
  A[row + s] = passed ? Math.sqrt(pivot) : pivot
  return !passed
}

/**
 * x ← A⁻¹ x for a small symmetric positive definite A (n × n, row-major, lower triangle read, overwritten by its factor).
 * Returns false, leaving x as it was, when A is not positive definite.
 */
export function solvePositiveDefinite(
  A: Float64Array,
  n: number,
  x: Float64Array,
  at: number = 0,
  from: number = 0,
): boolean {
  if (choleskyInPlace(A, n, at) >= 0) return false
  solveLower(A, n, x, at, n, from)
  solveLowerTransposed(A, n, x, at, n, from)
  return true
}

/** Up to here the call into WebAssembly costs what it saves. */
const TWIN_SIZE = 12

export interface DenseCholeskyOptions {
  readonly pivotTolerance?: number
  /** Default 'auto': WebAssembly where the engine has it and the size pays. `describe()` says what was taken. */
  readonly backend?: FactorBackend
}

/**
 * Dense A + diag(damping) = L Lᵀ behind the same door as BlockCholesky: the baseline, and the fast road for small or full
 * systems. All memory is asked for in the constructor.
 */
export class DenseCholesky {
  readonly size: number
  factored = false
  private readonly pivotTolerance: number
  /** Where the matrix is written and factored; the twin has its own. */
  private readonly plain: Float64Array | null
  private readonly diagonal: Float64Array
  private readonly twin: SimdDenseCholesky | null
  private readonly description: string

  constructor(size: number, options: DenseCholeskyOptions = {}) {
    if (!(Number.isInteger(size) && size >= 0)) throw new UsageError(`DenseCholesky: expected a size ≥ 0, got ${size}`)
    this.size = size
    this.pivotTolerance = options.pivotTolerance ?? defaultPivotTolerance
    const twin = bind(size, options.backend ?? 'auto')
    this.twin = typeof twin === 'string' ? null : twin
    this.plain = this.twin ? null : new Float64Array(size * size)
    this.diagonal = new Float64Array(size)
    this.description = typeof twin === 'string' ? `fp64, plain (${twin})` : 'fp64, WebAssembly SIMD'
  }

  /** Format and implementation. */
  describe(): string {
    return this.description
  }

  /** L, row-major: a copy of the lower triangle, zero above. */
  get values(): Float64Array {
    const { size } = this
    const { matrix, stride } = this.storage()
    const values = new Float64Array(size * size)
    for (let r = 0; r < size; r++) for (let c = 0; c <= r; c++) values[r * size + c] = matrix[r * stride + c]
    return values
  }

  /**
   * Factors matrix + diag(damping). The matrix is size × size row-major, of which the lower triangle is read, or a block
   * matrix; with a plain array a failure names block 0 and the row. Throws UsageError for wrong sizes.
   */
  factor(matrix: Float64Array | SymmetricBlockMatrix, damping: Float64Array | null = null): FactorOutcome {
    const { size, diagonal, twin } = this
    if (damping !== null && damping.length !== size)
      throw new UsageError(`DenseCholesky.factor: expected ${size} damping values, got ${damping.length}`)
    const { matrix: values, stride } = this.storage()
    load(matrix, values, size, stride)
    for (let s = 0; s < size; s++) {
      if (damping !== null) values[s * stride + s] += damping[s]
      diagonal[s] = values[s * stride + s]
    }
    if (twin) twin.diagonal.set(diagonal)
    const failed = twin
      ? twin.factor(this.pivotTolerance)
      : choleskyInPlace(values, size, 0, stride, this.pivotTolerance)
    this.factored = failed < 0
    if (this.factored) return factored
    let block = 0
    if (!(matrix instanceof Float64Array)) while (matrix.blocks.offset[block + 1] <= failed) block++
    return {
      ok: false,
      block,
      scalar: failed - (matrix instanceof Float64Array ? 0 : matrix.blocks.offset[block]),
      pivot: values[failed * stride + failed],
      floor: this.pivotTolerance * Math.max(0, diagonal[failed]),
    }
  }

  /** x = (A + diag(damping))⁻¹ b; b and x may be the same array. */
  solve(b: Float64Array, x: Float64Array): void {
    const { size, twin } = this
    if (!this.factored)
      throw new UsageError('DenseCholesky.solve: there is no factor; call factor() and check its outcome')
    if (b.length !== size || x.length !== size)
      throw new UsageError(`DenseCholesky.solve: expected vectors of ${size}, got ${b.length} and ${x.length}`)
    if (twin) {
      twin.solve(b, x)
      return
    }
    const { matrix } = this.storage()
    if (x !== b) x.set(b)
    solveLower(matrix, size, x)
    solveLowerTransposed(matrix, size, x)
  }

  /** Gives the factor's memory back at once instead of when this is collected. It cannot be used again. */
  dispose(): void {
    this.factored = false
    this.twin?.dispose()
  }

  private storage(): { matrix: Float64Array; stride: number } {
    if (this.twin) return { matrix: this.twin.matrix, stride: this.twin.stride }
    return { matrix: this.plain as Float64Array, stride: this.size }
  }
}

function bind(size: number, backend: FactorBackend): SimdDenseCholesky | string {
  if (backend === 'plain') return 'asked for'
  if (backend === 'auto' && size < TWIN_SIZE) return 'small'
  const twin = SimdDenseCholesky.bind(size)
  if (backend === 'wasm' && typeof twin === 'string')
    throw new UsageError(`DenseCholesky: no WebAssembly twin: ${twin}; expected backend 'auto' or 'plain' here`)
  return twin
}

function load(matrix: Float64Array | SymmetricBlockMatrix, values: Float64Array, size: number, stride: number): void {
  if (!(matrix instanceof Float64Array)) {
    const unknowns = matrix.blocks.offset[matrix.blocks.count]
    if (unknowns !== size) throw new UsageError(`DenseCholesky.factor: expected ${size} unknowns, got ${unknowns}`)
    lowerTriangle(matrix, values, stride)
    return
  }
  if (matrix.length !== size * size)
    throw new UsageError(`DenseCholesky.factor: expected ${size} × ${size} numbers, got ${matrix.length}`)
  if (size === stride) values.set(matrix)
  else for (let r = 0; r < size; r++) for (let c = 0; c <= r; c++) values[r * stride + c] = matrix[r * size + c]
}

/** The lower triangle of a block matrix as a dense row-major one, rows `stride` apart; the rest of `dense` is set to zero. */
export function lowerTriangle(
  matrix: SymmetricBlockMatrix,
  dense: Float64Array,
  stride: number = matrix.blocks.offset[matrix.blocks.count],
): void {
  const { values } = matrix
  const { dims, offset, count } = matrix.blocks
  dense.fill(0)
  for (let j = 0; j < count; j++)
    for (let e = matrix.columnStart[j]; e < matrix.columnStart[j + 1]; e++) {
      const i = matrix.rowIndex[e]
      let from = matrix.valueStart[e]
      for (let r = offset[i]; r < offset[i + 1]; r++)
        for (let c = offset[j]; c < offset[j] + dims[j]; c++) dense[r * stride + c] = values[from++]
    }
}
