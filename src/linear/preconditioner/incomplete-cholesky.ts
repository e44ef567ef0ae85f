import { UsageError } from '../../numeric/index.ts'
import { entryOf } from '../block-pattern.ts'
import type { SymmetricBlockMatrix } from '../blocks.ts'
import { addProduct, addTransposedVector, subtractProductTransposed } from '../ops/block-kernels.ts'
import { scalarSize } from '../ops/jacobian-product.ts'
import { factorSmall, solveLower, solveRight, solveRightTransposed, solveUpper } from '../ops/small-cholesky.ts'
import { BlockScaling, JacobiScaling } from './equilibration.ts'
import type { Preconditioner } from './identity.ts'
import { levelOfFill } from './level-of-fill.ts'

export interface IncompleteCholeskyOptions {
  /** Level of fill: 0 keeps the pattern of H, Infinity is the complete factor. Default 0. */
  readonly fill?: number
  /** 'jacobi': unit diagonal. 'blocks': unit diagonal blocks. Default 'jacobi'. */
  readonly scaling?: 'jacobi' | 'blocks'
}

export interface IncompleteCholeskyReport {
  /** 'indefinite': no shift up to the last one tried made the pivots positive (numbers not finite); do not apply. */
  outcome: 'factored' | 'indefinite'
  /** Factorizations that broke down before this one. */
  retries: number
  /** What was added to the scaled diagonal. */
  shift: number
}

/** First shift of the scaled diagonal (1) after a breakdown; doubled until the pivots are positive. */
const FIRST_SHIFT = 1e-3
/** 1e-3 · 2²³ ≈ 8000 dominates any row of a scaled matrix: |a_ij| ≤ 1 and rows have fewer entries. */
const MAX_RETRIES = 24
/** A pivot that came from 1 and is below this is rounding: a singular H must not make a huge factor. */
const SMALLEST_PIVOT = 64 * Number.EPSILON

/**
 * Incomplete block Cholesky with level of fill, in the order of H: S (H + Λ) S + σ I ≈ L D Lᵀ with L unit lower triangular
 * by blocks, S the scaling, and σ the smallest of 0, 1e-3, 2e-3, … for which every pivot is positive (the global shift of
 * T. A. Manteuffel, "An incomplete factorization technique for positive definite linear systems", 1980). The pattern is
 * found once; `update` refactors as often as H changes.
 *
 * −L is stored twice, by columns ascending for the forward sweep and descending for the backward one, so that both stream
 * through memory upwards.
 */
export class IncompleteCholesky implements Preconditioner {
  /** Of the latest update. */
  readonly report: IncompleteCholeskyReport = { outcome: 'factored', retries: 0, shift: 0 }
  /** Pattern of L, and during `update` its numbers: afterwards −L below, Cholesky factors of D on the diagonal. */
  readonly factor: SymmetricBlockMatrix
  private readonly hessian: SymmetricBlockMatrix
  private readonly scaling: JacobiScaling | BlockScaling
  /** Where each entry of H goes in L's values. */
  private readonly place: Int32Array
  /** By rows: the entries of L left of the diagonal, and their columns. */
  private readonly rowStart: Int32Array
  private readonly rowEntry: Int32Array
  private readonly rowColumn: Int32Array
  /** Where block (i, j) of the current column j lies, by i; −1 where there is none. */
  private readonly placeOfRow: Int32Array
  private readonly backward: Float64Array
  /** S (H + Λ) S, entry by entry as H. */
  private readonly scaled: Float64Array

  constructor(H: SymmetricBlockMatrix, options: IncompleteCholeskyOptions = {}) {
    const { fill = 0, scaling = 'jacobi' } = options
    if (!(fill >= 0)) throw new UsageError(`level of fill: expected a number ≥ 0, got ${fill}`)
    const { count } = H.blocks
    this.hessian = H
    this.factor = levelOfFill(H, fill)
    this.scaling = scaling === 'blocks' ? new BlockScaling(H.blocks) : new JacobiScaling(H.blocks)
    this.place = new Int32Array(H.rowIndex.length)
    for (let j = 0; j < count; j++)
      for (let e = H.columnStart[j]; e < H.columnStart[j + 1]; e++)
        this.place[e] = this.factor.valueStart[entryOf(this.factor, H.rowIndex[e], j)]
    const { start, entry, column } = byRows(this.factor)
    this.rowStart = start
    this.rowEntry = entry
    this.rowColumn = column
    this.placeOfRow = new Int32Array(count).fill(-1)
    this.backward = new Float64Array(this.factor.values.length)
    this.scaled = new Float64Array(H.values.length)
  }

  /** Factors the current numbers of H, with damping Λ (one number per unknown). Allocates nothing. */
  update(damping: Float64Array | null = null): IncompleteCholeskyReport {
    const { hessian: H, scaling, report } = this
    if (damping && damping.length !== scalarSize(H.blocks))
      throw new UsageError(`incomplete Cholesky: expected damping of ${scalarSize(H.blocks)}, got ${damping.length}`)
    scaling.update(H, damping)
    this.scale(damping)
    report.outcome = 'indefinite'
    for (report.retries = 0; report.retries <= MAX_RETRIES; report.retries++) {
      report.shift = report.retries === 0 ? 0 : FIRST_SHIFT * 2 ** (report.retries - 1)
      this.load(report.shift)
      if (!this.factorize()) continue
      this.normalize()
      report.outcome = 'factored'
      return report
    }
    return report
  }

  /** z = S L⁻ᵀ D⁻¹ L⁻¹ S r */
  apply(r: Float64Array, z: Float64Array): void {
    const { factor, backward, scaling } = this
    const { blocks, columnStart, rowIndex, valueStart, values } = factor
    const { count, dims, offset } = blocks
    scaling.applyTransposed(r, z)
    for (let j = 0; j < count; j++) {
      const d = dims[j]
      for (let e = columnStart[j] + 1; e < columnStart[j + 1]; e++) {
        const i = rowIndex[e]
        addProduct(values, valueStart[e], dims[i], d, z, offset[j], z, offset[i])
      }
    }
    for (let j = count - 1, at = 0; j >= 0; j--) {
      const d = dims[j]
      const diagonal = valueStart[columnStart[j]]
      solveLower(values, diagonal, d, z, offset[j])
      solveUpper(values, diagonal, d, z, offset[j])
      for (let e = columnStart[j] + 1; e < columnStart[j + 1]; e++) {
        const i = rowIndex[e]
        addTransposedVector(backward, at, dims[i], d, z, offset[i], z, offset[j])
        at += dims[i] * d
      }
    }
    scaling.apply(z)
  }

  private scale(damping: Float64Array | null): void {
    const { hessian: H, scaling, scaled } = this
    const { count, dims, offset } = H.blocks
    scaled.set(H.values)
    for (let j = 0; j < count; j++) {
      const d = dims[j]
      const diagonal = H.valueStart[H.columnStart[j]]
      if (damping) for (let a = 0; a < d; a++) scaled[diagonal + a * d + a] += damping[offset[j] + a]
      for (let e = H.columnStart[j]; e < H.columnStart[j + 1]; e++)
        scaling.scaleBlock(scaled, H.valueStart[e], H.rowIndex[e], j)
    }
  }

  /** L's values = S (H + Λ) S + σ I, and 0 in the fill. */
  private load(shift: number): void {
    const { hessian: H, factor, place, scaled } = this
    const { count, dims } = H.blocks
    factor.values.fill(0)
    for (let j = 0; j < count; j++) {
      const d = dims[j]
      for (let e = H.columnStart[j]; e < H.columnStart[j + 1]; e++) {
        const from = H.valueStart[e] - place[e]
        const end = place[e] + dims[H.rowIndex[e]] * d
        for (let at = place[e]; at < end; at++) factor.values[at] = scaled[from + at]
      }
      const diagonal = place[H.columnStart[j]]
      for (let a = 0; a < d; a++) factor.values[diagonal + a * d + a] += shift
    }
  }

  /** L Lᵀ ≈ the loaded values, column by column, looking left. False when a pivot is not positive. */
  private factorize(): boolean {
    const { factor, placeOfRow } = this
    const { blocks, columnStart, rowIndex, valueStart, values } = factor
    for (let j = 0; j < blocks.count; j++) {
      const d = blocks.dims[j]
      const first = columnStart[j]
      const end = columnStart[j + 1]
      for (let e = first; e < end; e++) placeOfRow[rowIndex[e]] = valueStart[e]
      this.subtractColumnsLeft(j)
      for (let e = first; e < end; e++) placeOfRow[rowIndex[e]] = -1
      if (factorSmall(values, valueStart[first], d, SMALLEST_PIVOT) >= 0) return false
      for (let e = first + 1; e < end; e++)
        solveRightTransposed(values, valueStart[first], d, values, valueStart[e], blocks.dims[rowIndex[e]])
    }
    return true
  }

  /** A_ij −= Σ_k L_ik L_jkᵀ for the blocks (i, j) that the pattern keeps. */
  private subtractColumnsLeft(j: number): void {
    const { factor, placeOfRow, rowStart, rowEntry, rowColumn } = this
    const { blocks, columnStart, rowIndex, valueStart, values } = factor
    const d = blocks.dims[j]
    for (let l = rowStart[j]; l < rowStart[j + 1]; l++) {
      const entry = rowEntry[l]
      const inner = blocks.dims[rowColumn[l]]
      const end = columnStart[rowColumn[l] + 1]
      for (let e = entry; e < end; e++) {
        const i = rowIndex[e]
        const at = placeOfRow[i]
        if (at >= 0)
          subtractProductTransposed(
            values,
            valueStart[e],
            blocks.dims[i],
            values,
            valueStart[entry],
            d,
            inner,
            values,
            at,
          )
      }
    }
  }

  /** From L Lᵀ to −L with unit diagonal blocks (D keeps its factor), and the copy for the backward sweep. */
  private normalize(): void {
    const { factor, backward } = this
    const { blocks, columnStart, rowIndex, valueStart, values } = factor
    for (let j = blocks.count - 1, to = 0; j >= 0; j--) {
      const d = blocks.dims[j]
      const diagonal = valueStart[columnStart[j]]
      for (let e = columnStart[j] + 1; e < columnStart[j + 1]; e++) {
        const rows = blocks.dims[rowIndex[e]]
        const at = valueStart[e]
        solveRight(values, diagonal, d, values, at, rows)
        for (let a = 0; a < rows * d; a++) {
          values[at + a] = -values[at + a]
          backward[to++] = values[at + a]
        }
      }
    }
  }
}

function byRows({ blocks, columnStart, rowIndex }: SymmetricBlockMatrix): {
  start: Int32Array
  entry: Int32Array
  column: Int32Array
} {
  const { count } = blocks
  const start = new Int32Array(count + 2)
  for (let j = 0; j < count; j++) for (let e = columnStart[j] + 1; e < columnStart[j + 1]; e++) start[rowIndex[e] + 2]++
  for (let i = 0; i < count; i++) start[i + 2] += start[i + 1]
  const entry = new Int32Array(start[count + 1])
  const column = new Int32Array(entry.length)
  for (let j = 0; j < count; j++)
    for (let e = columnStart[j] + 1; e < columnStart[j + 1]; e++) {
      const at = start[rowIndex[e] + 1]++
      entry[at] = e
      column[at] = j
    }
  return { start, entry, column }
}
