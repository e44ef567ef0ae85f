import { formats, roundTo } from '../../numeric/index.ts'
import type { BlockPartition } from '../blocks.ts'
import type { Rounding } from './product.ts'
import { unitOf } from './rounded-jacobian.ts'
import { expectStage, isPartOf, type RoundedStage } from './stage.ts'

/** The pattern of a block lower triangular L by block columns, diagonal block first: entry e is row rowIndex[e] at valueStart[e]. */
export interface TriangularPattern {
  readonly blocks: BlockPartition
  readonly columnStart: Int32Array
  readonly rowIndex: Int32Array
  readonly valueStart: Int32Array
}

/** What rounding did to the numbers of a factor. */
export interface TriangularReport {
  /** Finite numbers that rounded to ±Infinity. */
  overflowed: number
  /** Numbers other than zero below the least normal number of the format. */
  subnormal: number
  /** Largest |l| before rounding. */
  largest: number
}

/**
 * x ← L⁻ᵀ L⁻¹ x with L rounded once to `stage.stored` and every operation of the two sweeps rounded: products to
 * `computed`, sums to `accumulated` (docs/maths/precision.md). Diagonal blocks hold the reciprocals of their diagonals, so
 * that nothing is divided.
 */
export class RoundedBlockTriangular {
  readonly stage: RoundedStage
  readonly report: TriangularReport = { overflowed: 0, subnormal: 0, largest: 0 }
  private readonly pattern: TriangularPattern
  private readonly normalize: boolean
  private readonly values: Float64Array

  constructor(pattern: TriangularPattern, size: number, stage: RoundedStage, normalize: boolean) {
    expectStage('triangular solves', stage)
    this.pattern = pattern
    this.stage = stage
    this.normalize = normalize
    this.values = new Float64Array(size)
  }

  /** Takes L's numbers, reciprocals on the diagonal. */
  load(L: Float64Array): TriangularReport {
    const { values, report, stage } = this
    const toStored = roundTo(stage.stored)
    const toComputed = roundTo(stage.computed)
    const cut = !isPartOf(stage.stored, stage.computed)
    const least = formats[stage.stored].minNormal
    report.overflowed = 0
    report.subnormal = 0
    report.largest = 0
    for (let e = 0; e < L.length; e++) {
      const value = L[e]
      const kept = cut ? toComputed(toStored(value)) : toStored(value)
      values[e] = kept
      const size = Math.abs(value)
      if (size > report.largest) report.largest = size
      if (value !== 0 && Math.abs(kept) < least) report.subnormal++
      if (!Number.isFinite(kept)) report.overflowed++
    }
    return report
  }

  /** x ← L⁻ᵀ L⁻¹ x in place; divided by a power of two before and multiplied by it after, where `normalize` says so. */
  solve(x: Float64Array): void {
    const { computed, accumulated } = this.stage
    const unit = this.normalize ? unitOf(x) : 1
    const scale = 1 / unit
    const enter = roundTo(accumulated)
    for (let i = 0; i < x.length; i++) x[i] = enter(x[i] * scale)
    if (computed === 'fp32' && accumulated === 'fp32') this.sweepSingle(x)
    else this.sweep(x, roundTo(computed), roundTo(accumulated))
    if (unit !== 1) for (let i = 0; i < x.length; i++) x[i] *= unit
  }

  private sweep(x: Float64Array, times: Rounding, plus: Rounding): void {
    const { values } = this
    const { blocks, columnStart, rowIndex, valueStart } = this.pattern
    const { count, dims, offset } = blocks
    for (let j = 0; j < count; j++) {
      const d = dims[j]
      const own = offset[j]
      const first = columnStart[j]
      lower(values, valueStart[first], d, x, own, times, plus)
      for (let e = first + 1; e < columnStart[j + 1]; e++)
        subtractProduct(values, valueStart[e], dims[rowIndex[e]], d, x, own, offset[rowIndex[e]], times, plus)
    }
    for (let j = count - 1; j >= 0; j--) {
      const d = dims[j]
      const own = offset[j]
      const first = columnStart[j]
      for (let e = first + 1; e < columnStart[j + 1]; e++)
        subtractTransposed(values, valueStart[e], dims[rowIndex[e]], d, x, offset[rowIndex[e]], own, times, plus)
      upper(values, valueStart[first], d, x, own, times, plus)
    }
  }

  /** {@link sweep} in fp32, in its own loops: the machine rounds. */
  private sweepSingle(x: Float64Array): void {
    const { values: L } = this
    const { blocks, columnStart, rowIndex, valueStart } = this.pattern
    const { count, dims, offset } = blocks
    const f = Math.fround
    for (let j = 0; j < count; j++) {
      const d = dims[j]
      const own = offset[j]
      const first = columnStart[j]
      lower(L, valueStart[first], d, x, own, f, f)
      for (let e = first + 1; e < columnStart[j + 1]; e++) {
        const to = offset[rowIndex[e]]
        for (let r = 0, at = valueStart[e]; r < dims[rowIndex[e]]; r++) {
          let sum = x[to + r]
          for (let c = 0; c < d; c++) sum = f(sum - f(L[at++] * x[own + c]))
          x[to + r] = sum
        }
      }
    }
    for (let j = count - 1; j >= 0; j--) {
      const d = dims[j]
      const own = offset[j]
      const first = columnStart[j]
      for (let e = first + 1; e < columnStart[j + 1]; e++) {
        const from = offset[rowIndex[e]]
        for (let r = 0, at = valueStart[e]; r < dims[rowIndex[e]]; r++) {
          const y = x[from + r]
          for (let c = 0; c < d; c++) x[own + c] = f(x[own + c] - f(L[at++] * y))
        }
      }
      upper(L, valueStart[first], d, x, own, f, f)
    }
  }
}

/** x ← G⁻¹ x */
function lower(
  L: Float64Array,
  at: number,
  d: number,
  x: Float64Array,
  own: number,
  times: Rounding,
  plus: Rounding,
): void {
  for (let i = 0; i < d; i++) {
    let sum = x[own + i]
    for (let k = 0; k < i; k++) sum = plus(sum - times(L[at + i * d + k] * times(x[own + k])))
    x[own + i] = plus(times(sum) * L[at + i * d + i])
  }
}

/** x ← G⁻ᵀ x */
function upper(
  L: Float64Array,
  at: number,
  d: number,
  x: Float64Array,
  own: number,
  times: Rounding,
  plus: Rounding,
): void {
  for (let i = d - 1; i >= 0; i--) {
    let sum = x[own + i]
    for (let k = i + 1; k < d; k++) sum = plus(sum - times(L[at + k * d + i] * times(x[own + k])))
    x[own + i] = plus(times(sum) * L[at + i * d + i])
  }
}

/** x(to) ← x(to) − B x(from) for a block B of rows × d. */
function subtractProduct(
  L: Float64Array,
  at: number,
  rows: number,
  d: number,
  x: Float64Array,
  from: number,
  to: number,
  times: Rounding,
  plus: Rounding,
): void {
  for (let r = 0; r < rows; r++) {
    let sum = x[to + r]
    for (let c = 0; c < d; c++) sum = plus(sum - times(L[at++] * times(x[from + c])))
    x[to + r] = sum
  }
}

/** x(to) ← x(to) − Bᵀ x(from) */
function subtractTransposed(
  L: Float64Array,
  at: number,
  rows: number,
  d: number,
  x: Float64Array,
  from: number,
  to: number,
  times: Rounding,
  plus: Rounding,
): void {
  for (let r = 0; r < rows; r++) {
    const y = times(x[from + r])
    for (let c = 0; c < d; c++) x[to + c] = plus(x[to + c] - times(L[at++] * y))
  }
}
