import { UsageError } from '../../numeric/index.ts'
import type { SymmetricBlockMatrix } from '../blocks.ts'
import { factorDiagonal, solveRows, solveRows3, solveRows6 } from './ops/panel.ts'
import {
  backwardColumn,
  backwardColumn3,
  backwardColumn6,
  forwardColumn,
  forwardColumn3,
  forwardColumn6,
  type SubstituteColumn,
} from './ops/substitute.ts'
import { type UpdateColumn, update3, update6, updateColumn } from './ops/update.ts'
import type { OrderingName } from './ordering.ts'
import { defaultPivotTolerance, type FactorOutcome, factored } from './outcome.ts'
import { analyze, type Symbolic } from './symbolic.ts'

/**
 * P (H + diag(damping)) Pᵀ = L Lᵀ on blocks, left-looking (docs/maths/cholesky.md). All memory is asked for in the
 * constructor; `factor` and `solve` may run any number of times on matrices of the same structure.
 *
 * A pivot fails when it is not greater than pivotTolerance · (H + damping)ᵢᵢ: a pivot is its diagonal entry minus squares
 * that add up to at most that entry, so what is left below a few roundings of it carries no digit (eq. 7). Rounding can
 * also leave a larger pivot where the exact one is zero: success alone does not prove a matrix definite.
 */
export class BlockCholesky {
  readonly symbolic: Symbolic
  /** L as Symbolic describes it; after a failed factorization its columns are unfinished. */
  readonly values: Float64Array
  /** True after a successful `factor`. */
  factored = false
  private readonly pivotTolerance: number
  /** Diagonal of H + damping, by position. */
  private readonly diagonal: Float64Array
  private readonly work: Float64Array
  /** Where the block of each row lies in the current column. */
  private readonly place: Int32Array
  /** The first entry of each finished column that still has to update another. */
  private readonly cursor: Int32Array
  /** Chains of finished columns by the row at their cursor. */
  private readonly chainHead: Int32Array
  private readonly chainNext: Int32Array
  private readonly update: UpdateColumn
  private readonly solvePanel: (values: Float64Array, at: number, d: number, rows: number) => void
  private readonly forward: SubstituteColumn
  private readonly backward: SubstituteColumn

  constructor(
    structure: Symbolic | SymmetricBlockMatrix,
    options: { ordering?: OrderingName | Int32Array; pivotTolerance?: number } = {},
  ) {
    const symbolic = 'flops' in structure ? structure : analyze(structure, options.ordering ?? 'auto')
    const n = symbolic.blocks.count
    const scalars = symbolic.blocks.offset[n]
    this.symbolic = symbolic
    this.pivotTolerance = options.pivotTolerance ?? defaultPivotTolerance
    this.values = new Float64Array(symbolic.nonzeros)
    this.diagonal = new Float64Array(scalars)
    this.work = new Float64Array(scalars)
    this.place = new Int32Array(n)
    this.cursor = new Int32Array(n)
    this.chainHead = new Int32Array(n)
    this.chainNext = new Int32Array(n)
    const d = symbolic.uniform
    this.update = d === 3 ? update3 : d === 6 ? update6 : updateColumn
    this.solvePanel = d === 3 ? solveRows3 : d === 6 ? solveRows6 : solveRows
    this.forward = d === 3 ? forwardColumn3 : d === 6 ? forwardColumn6 : forwardColumn
    this.backward = d === 3 ? backwardColumn3 : d === 6 ? backwardColumn6 : backwardColumn
  }

  /** Number of scalar unknowns. */
  get size(): number {
    return this.work.length
  }

  /**
   * Factors H + diag(damping); damping: one number per scalar in the original order, null for none.
   * Throws UsageError when the matrix has another structure than the one analyzed.
   */
  factor(matrix: SymmetricBlockMatrix, damping: Float64Array | null = null): FactorOutcome {
    this.checkStructure(matrix, damping)
    this.factored = false
    this.load(matrix, damping)
    const { columnStart, permuted } = this.symbolic
    this.chainHead.fill(-1)
    for (let k = 0; k < permuted.count; k++) {
      this.updateFromChain(k)
      const failed = this.finishColumn(k)
      if (failed >= 0) return this.failure(k, failed)
      this.cursor[k] = columnStart[k] + 1
      this.chain(k)
    }
    this.factored = true
    return factored
  }

  /** x = (H + diag(damping))⁻¹ b in the original order; b and x may be the same array. */
  solve(b: Float64Array, x: Float64Array): void {
    const { order, blocks, permuted } = this.symbolic
    if (!this.factored)
      throw new UsageError('BlockCholesky.solve: there is no factor; call factor() and check its outcome')
    if (b.length !== this.size || x.length !== this.size)
      throw new UsageError(`BlockCholesky.solve: expected vectors of ${this.size}, got ${b.length} and ${x.length}`)
    const { work } = this
    for (let k = 0; k < permuted.count; k++) {
      const from = blocks.offset[order[k]]
      for (let s = permuted.offset[k], r = from; s < permuted.offset[k + 1]; s++, r++) work[s] = b[r]
    }
    this.substitute(work)
    for (let k = 0; k < permuted.count; k++) {
      const to = blocks.offset[order[k]]
      for (let s = permuted.offset[k], r = to; s < permuted.offset[k + 1]; s++, r++) x[r] = work[s]
    }
  }

  /**
   * The least pivot in units of its own diagonal entry: how many digits elimination took (eq. 7). Near 2⁻⁵² times some
   * hundreds the factor of a singular matrix may have passed on rounding alone: ask `nullSpace`. 1 for an empty matrix.
   */
  leastPivotRatio(): number {
    const { permuted, columnStart, valueStart } = this.symbolic
    let least = 1
    for (let k = 0; k < permuted.count; k++)
      for (let s = 0; s < permuted.dims[k]; s++) {
        const root = this.values[valueStart[columnStart[k]] + s * (permuted.dims[k] + 1)]
        least = Math.min(least, root ** 2 / this.diagonal[permuted.offset[k] + s])
      }
    return least
  }

  /** x ← L⁻ᵀ L⁻¹ x in elimination order. */
  private substitute(x: Float64Array): void {
    const { columnStart, rowIndex, valueStart, permuted } = this.symbolic
    const { dims, offset, count } = permuted
    const { values, forward, backward } = this
    for (let k = 0; k < count; k++) {
      const e = columnStart[k]
      forward(values, valueStart[e], dims[k], rowIndex, e + 1, columnStart[k + 1], offset, x, offset[k])
    }
    for (let k = count - 1; k >= 0; k--) {
      const e = columnStart[k]
      backward(values, valueStart[e], dims[k], rowIndex, e + 1, columnStart[k + 1], offset, x, offset[k])
    }
  }

  /** Columns of the lower triangle of P (H + damping) Pᵀ in the places of L. */
  private load(matrix: SymmetricBlockMatrix, damping: Float64Array | null): void {
    const { blocks, target, position, permuted, columnStart, valueStart } = this.symbolic
    const { values, diagonal } = this
    values.fill(0)
    for (let j = 0; j < blocks.count; j++) {
      const columns = blocks.dims[j]
      for (let e = matrix.columnStart[j]; e < matrix.columnStart[j + 1]; e++) {
        const size = blocks.dims[matrix.rowIndex[e]] * columns
        const from = matrix.valueStart[e]
        const to = target[e]
        if (to >= 0) for (let q = 0; q < size; q++) values[to + q] = matrix.values[from + q]
        else copyTransposed(matrix.values, from, size / columns, columns, values, -1 - to)
      }
    }
    for (let j = 0; j < blocks.count; j++) {
      const k = position[j]
      const d = blocks.dims[j]
      const at = valueStart[columnStart[k]]
      for (let s = 0; s < d; s++) {
        if (damping !== null) values[at + s * (d + 1)] += damping[blocks.offset[j] + s]
        diagonal[permuted.offset[k] + s] = values[at + s * (d + 1)]
      }
    }
  }

  /** Eq. (4): subtracts from column k what every finished column with an entry in row k contributes. */
  private updateFromChain(k: number): void {
    const { columnStart, rowIndex, valueStart, permuted } = this.symbolic
    const { place, cursor, chainHead, chainNext } = this
    for (let e = columnStart[k]; e < columnStart[k + 1]; e++) place[rowIndex[e]] = valueStart[e]
    for (let c = chainHead[k]; c >= 0; ) {
      const next = chainNext[c]
      const from = cursor[c]
      const to = columnStart[c + 1]
      const { dims } = permuted
      this.update(this.values, rowIndex, dims, place, from, to, valueStart[from], dims[k], dims[c])
      cursor[c] = from + 1
      this.chain(c)
      c = next
    }
  }

  /** Files column c under the row at its cursor. */
  private chain(c: number): void {
    if (this.cursor[c] === this.symbolic.columnStart[c + 1]) return
    const row = this.symbolic.rowIndex[this.cursor[c]]
    this.chainNext[c] = this.chainHead[row]
    this.chainHead[row] = c
  }

  private finishColumn(k: number): number {
    const { columnStart, valueStart, permuted } = this.symbolic
    const d = permuted.dims[k]
    const at = valueStart[columnStart[k]]
    const end = columnStart[k + 1] < valueStart.length ? valueStart[columnStart[k + 1]] : this.values.length
    const failed = factorDiagonal(this.values, at, d, this.diagonal, permuted.offset[k], this.pivotTolerance)
    if (failed < 0) this.solvePanel(this.values, at, d, (end - at) / d - d)
    return failed
  }

  private failure(k: number, scalar: number): FactorOutcome {
    const { order, permuted, columnStart, valueStart } = this.symbolic
    const pivot = this.values[valueStart[columnStart[k]] + scalar * (permuted.dims[k] + 1)]
    const floor = this.pivotTolerance * Math.max(0, this.diagonal[permuted.offset[k] + scalar])
    return { ok: false, block: order[k], scalar, pivot, floor }
  }

  private checkStructure(matrix: SymmetricBlockMatrix, damping: Float64Array | null): void {
    const s = this.symbolic
    const same =
      equal(matrix.blocks.dims, s.blocks.dims) &&
      equal(matrix.columnStart, s.matrixColumnStart) &&
      equal(matrix.rowIndex, s.matrixRowIndex)
    if (!same)
      throw new UsageError(
        `BlockCholesky.factor: expected the structure that was analyzed (${s.blocks.count} blocks, ` +
          `${s.matrixRowIndex.length} entries), got another one (${matrix.blocks.count}, ${matrix.rowIndex.length})`,
      )
    if (damping !== null && damping.length !== this.size)
      throw new UsageError(`BlockCholesky.factor: expected ${this.size} damping values, got ${damping.length}`)
  }
}

function equal(a: Int32Array, b: Int32Array): boolean {
  if (a === b) return true
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}

function copyTransposed(
  from: Float64Array,
  start: number,
  rows: number,
  columns: number,
  to: Float64Array,
  at: number,
): void {
  for (let r = 0; r < rows; r++) for (let c = 0; c < columns; c++) to[at + c * rows + r] = from[start + r * columns + c]
}
