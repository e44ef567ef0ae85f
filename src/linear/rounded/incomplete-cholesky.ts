import { formats, roundTo, UsageError } from '../../numeric/index.ts'
import { entryOf } from '../block-pattern.ts'
import type { SymmetricBlockMatrix } from '../blocks.ts'
import { scalarSize } from '../ops/jacobian-product.ts'
import { BlockScaling, JacobiScaling } from '../preconditioner/equilibration.ts'
import type { Preconditioner } from '../preconditioner/identity.ts'
import { levelOfFill } from '../preconditioner/level-of-fill.ts'
import { RoundedBlockTriangular } from './block-triangular.ts'
import type { Rounding } from './product.ts'
import type { RoundedStage } from './stage.ts'

export interface RoundedIncompleteCholeskyOptions {
  /** Level of fill: 0 keeps the pattern of H. Default 0. */
  readonly fill?: number
  /** 'jacobi': unit diagonal. 'blocks': unit diagonal blocks. Default 'jacobi'. */
  readonly scaling?: 'jacobi' | 'blocks'
  /** Arithmetic of the factorization. */
  readonly factorization: RoundedStage
  /** Storage of the factor and arithmetic of the triangular solves. */
  readonly solves: RoundedStage
  /** Whether vectors enter the solves divided by a power of two. Default true. */
  readonly normalize?: boolean
}

export interface RoundedIncompleteCholeskyReport {
  outcome: 'factored' | 'indefinite'
  retries: number
  /** What was added to the scaled diagonal. */
  shift: number
  /** Breakdowns by kind, over all retries: B1 a pivot too small, B2 overflow in scaling a column, B3 overflow in an update. */
  pivot: number
  scale: number
  update: number
  /** First breakdown: block column and the number found. */
  first: { readonly block: number; readonly value: number } | null
  /** Entries of the factor that rounding to its storage lost upwards, and downwards. */
  overflowed: number
  subnormal: number
}

const FIRST_SHIFT = 1e-3
const MAX_RETRIES = 24

/**
 * Incomplete block Cholesky whose every operation is rounded: S (H + Λ) S + σ I ≈ L Lᵀ on the pattern of a level of fill, in
 * the order of H, looking left. A factorization in low precision can break down in three ways (J. Scott and M. Tůma,
 * "Avoiding breakdown in incomplete factorizations in low precision arithmetic", 2024, section 2): B1, a pivot is too
 * small or not positive; B2, scaling a column by it overflows; B3, an update overflows. Each is counted, and answered by
 * a global shift of the scaled diagonal that doubles until none happens (Manteuffel 1980).
 */
export class RoundedIncompleteCholesky implements Preconditioner {
  readonly report: RoundedIncompleteCholeskyReport = {
    outcome: 'factored',
    retries: 0,
    shift: 0,
    pivot: 0,
    scale: 0,
    update: 0,
    first: null,
    overflowed: 0,
    subnormal: 0,
  }
  /** Pattern of L and its numbers, reciprocals on the diagonal. */
  readonly factor: SymmetricBlockMatrix
  readonly solves: RoundedBlockTriangular
  private readonly hessian: SymmetricBlockMatrix
  private readonly scaling: JacobiScaling | BlockScaling
  private readonly stage: RoundedStage
  private readonly times: Rounding
  private readonly plus: Rounding
  /** The smallest pivot, in units of the diagonal, that still has a digit. */
  private readonly leastPivot: number
  private readonly rowStart: Int32Array
  private readonly rowEntry: Int32Array
  private readonly rowColumn: Int32Array
  private readonly placeOfRow: Int32Array
  private readonly scaled: Float64Array
  private readonly place: Int32Array

  constructor(H: SymmetricBlockMatrix, options: RoundedIncompleteCholeskyOptions) {
    const { fill = 0, scaling = 'jacobi', factorization, solves, normalize = true } = options
    if (!(fill >= 0)) throw new UsageError(`level of fill: expected a number ≥ 0, got ${fill}`)
    this.hessian = H
    this.stage = factorization
    this.times = roundTo(factorization.computed)
    this.plus = roundTo(factorization.accumulated)
    this.leastPivot = Math.max(64 * Number.EPSILON, formats[factorization.computed].eps)
    this.factor = levelOfFill(H, fill)
    this.solves = new RoundedBlockTriangular(this.factor, this.factor.values.length, solves, normalize)
    this.scaling = scaling === 'blocks' ? new BlockScaling(H.blocks) : new JacobiScaling(H.blocks)
    const { start, entry, column } = byRows(this.factor)
    this.rowStart = start
    this.rowEntry = entry
    this.rowColumn = column
    this.placeOfRow = new Int32Array(H.blocks.count).fill(-1)
    this.scaled = new Float64Array(H.values.length)
    this.place = new Int32Array(H.rowIndex.length)
    for (let j = 0; j < H.blocks.count; j++)
      for (let e = H.columnStart[j]; e < H.columnStart[j + 1]; e++)
        this.place[e] = this.factor.valueStart[entryOf(this.factor, H.rowIndex[e], j)]
  }

  /** Factors the current numbers of H, with damping Λ (one number per unknown). */
  update(damping: Float64Array | null = null): RoundedIncompleteCholeskyReport {
    const { hessian: H, scaling, report } = this
    if (damping && damping.length !== scalarSize(H.blocks))
      throw new UsageError(`incomplete Cholesky: expected damping of ${scalarSize(H.blocks)}, got ${damping.length}`)
    scaling.update(H, damping)
    this.scale(damping)
    report.outcome = 'indefinite'
    report.pivot = report.scale = report.update = 0
    report.first = null
    for (report.retries = 0; report.retries <= MAX_RETRIES; report.retries++) {
      report.shift = report.retries === 0 ? 0 : FIRST_SHIFT * 2 ** (report.retries - 1)
      this.load(report.shift)
      if (!this.factorize()) continue
      const { overflowed, subnormal } = this.solves.load(this.factor.values)
      report.overflowed = overflowed
      report.subnormal = subnormal
      if (overflowed > 0) continue
      report.outcome = 'factored'
      return report
    }
    return report
  }

  /** z = S L⁻ᵀ L⁻¹ S r */
  apply(r: Float64Array, z: Float64Array): void {
    this.scaling.applyTransposed(r, z)
    this.solves.solve(z)
    this.scaling.apply(z)
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

  /** L's values = S (H + Λ) S + σ I as stored, and 0 in the fill. */
  private load(shift: number): void {
    const { hessian: H, factor, place, scaled } = this
    const { count, dims } = H.blocks
    const round = roundTo(this.stage.stored)
    factor.values.fill(0)
    for (let j = 0; j < count; j++) {
      const d = dims[j]
      for (let e = H.columnStart[j]; e < H.columnStart[j + 1]; e++) {
        const from = H.valueStart[e] - place[e]
        const end = place[e] + dims[H.rowIndex[e]] * d
        for (let at = place[e]; at < end; at++) factor.values[at] = round(scaled[from + at])
      }
      const diagonal = place[H.columnStart[j]]
      for (let a = 0; a < d; a++)
        factor.values[diagonal + a * d + a] = round(factor.values[diagonal + a * d + a] + shift)
    }
  }

  private factorize(): boolean {
    const { factor, placeOfRow } = this
    const { blocks, columnStart, rowIndex, valueStart, values } = factor
    for (let j = 0; j < blocks.count; j++) {
      const first = columnStart[j]
      const end = columnStart[j + 1]
      for (let e = first; e < end; e++) placeOfRow[rowIndex[e]] = valueStart[e]
      const updated = this.subtractColumnsLeft(j)
      for (let e = first; e < end; e++) placeOfRow[rowIndex[e]] = -1
      if (!updated) return this.breakdown('update', j, Number.POSITIVE_INFINITY)
      const pivot = this.factorDiagonal(valueStart[first], blocks.dims[j])
      if (pivot !== null) return this.breakdown('pivot', j, pivot)
      for (let e = first + 1; e < end; e++)
        if (!this.scaleBlock(valueStart[first], blocks.dims[j], valueStart[e], blocks.dims[rowIndex[e]]))
          return this.breakdown('scale', j, Number.POSITIVE_INFINITY)
    }
    for (let e = 0; e < values.length; e++) if (!Number.isFinite(values[e])) return false
    return true
  }

  private breakdown(kind: 'pivot' | 'scale' | 'update', block: number, value: number): false {
    this.report[kind]++
    this.report.first ??= { block, value }
    return false
  }

  /** A_ij ← A_ij − Σ_k L_ik L_jkᵀ on the pattern; false when a number overflows. */
  private subtractColumnsLeft(j: number): boolean {
    const { factor, placeOfRow, rowStart, rowEntry, rowColumn, times, plus } = this
    const { blocks, columnStart, rowIndex, valueStart, values } = factor
    const d = blocks.dims[j]
    let largest = 0
    for (let l = rowStart[j]; l < rowStart[j + 1]; l++) {
      const own = valueStart[rowEntry[l]]
      const inner = blocks.dims[rowColumn[l]]
      for (let e = rowEntry[l]; e < columnStart[rowColumn[l] + 1]; e++) {
        const at = placeOfRow[rowIndex[e]]
        if (at < 0) continue
        const from = valueStart[e]
        for (let r = 0; r < blocks.dims[rowIndex[e]]; r++)
          for (let c = 0; c < d; c++) {
            let sum = values[at + r * d + c]
            for (let k = 0; k < inner; k++)
              sum = plus(sum - times(values[from + r * inner + k] * values[own + c * inner + k]))
            values[at + r * d + c] = sum
            if (!(Math.abs(sum) <= largest)) largest = Math.abs(sum)
          }
      }
    }
    return largest < Number.POSITIVE_INFINITY
  }

  /** G Gᵀ = D in place, reciprocals on the diagonal; the pivot where one is too small. */
  private factorDiagonal(at: number, d: number): number | null {
    const { times, plus, leastPivot } = this
    const { values } = this.factor
    for (let j = 0; j < d; j++) {
      const row = at + j * d
      let pivot = values[row + j]
      for (let k = 0; k < j; k++) pivot = plus(pivot - times(values[row + k] * values[row + k]))
      if (!(pivot > leastPivot && pivot < Number.POSITIVE_INFINITY)) return pivot
      const reciprocal = times(1 / times(Math.sqrt(pivot)))
      values[row + j] = reciprocal
      for (let i = j + 1; i < d; i++) {
        const below = at + i * d
        let sum = values[below + j]
        for (let k = 0; k < j; k++) sum = plus(sum - times(values[below + k] * values[row + k]))
        values[below + j] = times(sum * reciprocal)
      }
    }
    return null
  }

  /** B ← B G⁻ᵀ; false when a number overflows. */
  private scaleBlock(diagonal: number, d: number, at: number, rows: number): boolean {
    const { times, plus } = this
    const { values } = this.factor
    let sound = true
    for (let r = 0; r < rows; r++)
      for (let i = 0; i < d; i++) {
        let sum = values[at + r * d + i]
        for (let k = 0; k < i; k++) sum = plus(sum - times(values[diagonal + i * d + k] * values[at + r * d + k]))
        values[at + r * d + i] = times(sum * values[diagonal + i * d + i])
        if (!Number.isFinite(values[at + r * d + i])) sound = false
      }
    return sound
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
