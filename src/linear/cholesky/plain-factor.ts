import type { SymmetricBlockMatrix } from '../blocks.ts'
import type { FactorFormat, Factorization, FailedPivot } from './factorization.ts'
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
import type { Symbolic } from './symbolic.ts'

/**
 * The definition: P (H + diag(damping)) Pᵀ = L Lᵀ on blocks, left-looking (docs/maths/cholesky.md). All memory is asked for
 * in the constructor. For fp32 the matrix, scaled to unit diagonal, and the finished factor are rounded to fp32; what
 * lies between is computed in fp64.
 */
export class PlainFactor implements Factorization {
  readonly values: Float64Array
  readonly diagonal: Float64Array
  private readonly symbolic: Symbolic
  private readonly reason: string
  /** What makes the diagonal 1, in the original order; null in fp64. */
  private readonly scale: Float64Array | null
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

  /** `reason`: why it is not the twin. */
  constructor(symbolic: Symbolic, format: FactorFormat, reason: string) {
    const n = symbolic.blocks.count
    const scalars = symbolic.blocks.offset[n]
    this.symbolic = symbolic
    this.reason = reason
    this.values = new Float64Array(symbolic.nonzeros)
    this.diagonal = new Float64Array(scalars)
    this.scale = format === 'fp32' ? new Float64Array(scalars) : null
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

  describe(): string {
    const format = this.scale ? 'fp32 (scaled; stored, computed in fp64)' : 'fp64'
    return `${format}, plain (${this.reason})`
  }

  factor(matrix: SymmetricBlockMatrix, damping: Float64Array | null, tolerance: number): FailedPivot | null {
    this.load(matrix, damping)
    const { columnStart, permuted } = this.symbolic
    this.chainHead.fill(-1)
    for (let k = 0; k < permuted.count; k++) {
      this.updateFromChain(k)
      const failed = this.finishColumn(k, tolerance)
      if (failed >= 0) return this.failure(k, failed, tolerance)
      this.cursor[k] = columnStart[k] + 1
      this.chain(k)
    }
    if (this.scale) this.roundAndUnscale(this.scale)
    return null
  }

  solve(b: Float64Array, x: Float64Array): void {
    const { work } = this
    const { order, blocks, permuted } = this.symbolic
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

  dispose(): void {}

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
    const { blocks, target, position, columnStart, valueStart } = this.symbolic
    const { values, diagonal, scale } = this
    const given = matrix.values
    values.fill(0)
    for (let j = 0; j < blocks.count; j++) {
      const columns = blocks.dims[j]
      for (let e = matrix.columnStart[j]; e < matrix.columnStart[j + 1]; e++) {
        const size = blocks.dims[matrix.rowIndex[e]] * columns
        const from = matrix.valueStart[e]
        const to = target[e]
        if (to >= 0) for (let q = 0; q < size; q++) values[to + q] = given[from + q]
        else copyTransposed(given, from, size / columns, columns, values, -1 - to)
      }
    }
    for (let j = 0; j < blocks.count; j++) {
      const d = blocks.dims[j]
      const at = valueStart[columnStart[position[j]]]
      for (let s = 0; s < d; s++) {
        if (damping !== null) values[at + s * (d + 1)] += damping[blocks.offset[j] + s]
        const entry = values[at + s * (d + 1)]
        diagonal[blocks.offset[j] + s] = entry
        if (scale)
          scale[blocks.offset[j] + s] = entry > 0 && entry < Number.POSITIVE_INFINITY ? 1 / Math.sqrt(entry) : 1
      }
    }
    if (scale)
      this.forEachValue((q, row, column) => {
        values[q] = Math.fround(values[q] * scale[row] * scale[column])
      })
  }

  /** What is stored is fp32; what is shown is L in the units of H. */
  private roundAndUnscale(scale: Float64Array): void {
    const { values } = this
    this.forEachValue((q, row) => {
      values[q] = Math.fround(values[q]) / scale[row]
    })
  }

  /** Visits every number of L with its row and column in the original order. */
  private forEachValue(visit: (q: number, row: number, column: number) => void): void {
    const { columnStart, rowIndex, permuted, blocks, order } = this.symbolic
    for (let k = 0, q = 0; k < permuted.count; k++)
      for (let e = columnStart[k]; e < columnStart[k + 1]; e++)
        for (let r = 0; r < permuted.dims[rowIndex[e]]; r++)
          for (let c = 0; c < permuted.dims[k]; c++)
            visit(q++, blocks.offset[order[rowIndex[e]]] + r, blocks.offset[order[k]] + c)
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

  private finishColumn(k: number, tolerance: number): number {
    const { columnStart, valueStart, permuted, blocks, order } = this.symbolic
    const { values, diagonal, scale } = this
    const d = permuted.dims[k]
    const at = valueStart[columnStart[k]]
    const end = columnStart[k + 1] < valueStart.length ? valueStart[columnStart[k + 1]] : values.length
    const first = blocks.offset[order[k]]
    // The scaled diagonal is 1, or what could not be scaled: the pivots of both are held to the same floor.
    const failed = factorDiagonal(values, at, d, diagonal, first, tolerance, scale)
    if (failed < 0) this.solvePanel(values, at, d, (end - at) / d - d)
    return failed
  }

  private failure(position: number, scalar: number, tolerance: number): FailedPivot {
    const { order, permuted, columnStart, valueStart, blocks } = this.symbolic
    const at = blocks.offset[order[position]] + scalar
    const unit = this.scale ? this.scale[at] ** 2 : 1
    const pivot = this.values[valueStart[columnStart[position]] + scalar * (permuted.dims[position] + 1)] / unit
    return { position, scalar, pivot, floor: tolerance * Math.max(0, this.diagonal[at]) }
  }
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
