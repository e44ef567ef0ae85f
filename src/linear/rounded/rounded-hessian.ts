import { formats, roundTo, UsageError } from '../../numeric/index.ts'
import type { SymmetricBlockMatrix } from '../blocks.ts'
import type { LinearOperator } from '../operator.ts'
import { scalarSize } from '../ops/jacobian-product.ts'
import { readDiagonal } from '../preconditioner/diagonal.ts'
import type { Rounding } from './product.ts'
import { expectStage, type RoundedStage } from './stage.ts'

/**
 * x ↦ H x with H = JᵀJ formed, scaled to unit diagonal or not, and rounded. Rounding H, unlike rounding J, does not keep it
 * positive semi-definite: where its condition is above the reciprocal of the format's eps, conjugate gradients meet negative
 * curvature. Kept to show that.
 */
export class RoundedHessian implements LinearOperator {
  readonly size: number
  /** Finite numbers that rounded to ±Infinity in the latest update, and those below the least normal number. */
  readonly report = { overflowed: 0, subnormal: 0 }
  private readonly source: SymmetricBlockMatrix
  private readonly values: Float64Array
  private readonly stage: RoundedStage
  private readonly scale: Float64Array | null
  private readonly entering: Float64Array

  constructor(H: SymmetricBlockMatrix, stage: RoundedStage, scaling: 'none' | 'columns') {
    expectStage('rounded Hessian', stage)
    this.size = scalarSize(H.blocks)
    this.source = H
    this.stage = stage
    this.values = new Float64Array(H.values.length)
    this.scale = scaling === 'columns' ? new Float64Array(this.size).fill(1) : null
    this.entering = new Float64Array(this.size)
  }

  /** Takes H's numbers. */
  update(): void {
    const { source: H, values, scale, report } = this
    const { count, dims, offset } = H.blocks
    const round = roundTo(this.stage.stored)
    if (scale) {
      readDiagonal(H, scale)
      for (let i = 0; i < scale.length; i++) scale[i] = scale[i] > 0 ? 1 / Math.sqrt(scale[i]) : 1
    }
    report.overflowed = 0
    report.subnormal = 0
    for (let j = 0; j < count; j++)
      for (let e = H.columnStart[j]; e < H.columnStart[j + 1]; e++) {
        const i = H.rowIndex[e]
        for (let a = 0, at = H.valueStart[e]; a < dims[i]; a++)
          for (let b = 0; b < dims[j]; b++, at++) {
            const value = scale ? H.values[at] * scale[offset[i] + a] * scale[offset[j] + b] : H.values[at]
            values[at] = round(value)
            if (value !== 0 && Math.abs(values[at]) < formats[this.stage.stored].minNormal) report.subnormal++
            if (!Number.isFinite(values[at])) report.overflowed++
          }
      }
  }

  apply(x: Float64Array, out: Float64Array): void {
    if (x.length !== this.size || out.length !== this.size)
      throw new UsageError(`rounded Hessian of size ${this.size}: got x of ${x.length}, out of ${out.length}`)
    const { source: H, values, scale, entering } = this
    const { blocks, columnStart, rowIndex, valueStart } = H
    const { count, dims, offset } = blocks
    const times = roundTo(this.stage.computed)
    const plus = roundTo(this.stage.accumulated)
    for (let i = 0; i < x.length; i++) entering[i] = times(scale ? x[i] / scale[i] : x[i])
    out.fill(0)
    for (let j = 0; j < count; j++)
      for (let e = columnStart[j]; e < columnStart[j + 1]; e++) {
        const i = rowIndex[e]
        addBlock(values, valueStart[e], dims[i], dims[j], entering, offset[j], out, offset[i], times, plus)
        if (i !== j)
          addBlockTransposed(values, valueStart[e], dims[i], dims[j], entering, offset[i], out, offset[j], times, plus)
      }
    if (scale) for (let i = 0; i < out.length; i++) out[i] /= scale[i]
  }
}

function addBlock(
  B: Float64Array,
  at: number,
  rows: number,
  columns: number,
  x: Float64Array,
  from: number,
  out: Float64Array,
  to: number,
  times: Rounding,
  plus: Rounding,
): void {
  for (let r = 0; r < rows; r++) {
    let sum = out[to + r]
    for (let c = 0; c < columns; c++) sum = plus(sum + times(B[at++] * x[from + c]))
    out[to + r] = sum
  }
}

function addBlockTransposed(
  B: Float64Array,
  at: number,
  rows: number,
  columns: number,
  x: Float64Array,
  from: number,
  out: Float64Array,
  to: number,
  times: Rounding,
  plus: Rounding,
): void {
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < columns; c++) out[to + c] = plus(out[to + c] + times(B[at++] * x[from + r]))
}
