/**
 * Triangular solves in which every operation is rounded: the definitions, which every twin equals to the bit. Off
 * the diagonal the numbers are −L, on it 1 / Lᵢᵢ, so that nothing is subtracted or divided; above the diagonal of diagonal
 * blocks nothing is read.
 *
 * The numbers of L are of the format of the products. `times` rounds a product and whatever enters one, `plus` a sum. x is in
 * the format of the sums when it comes and in that of the products when it leaves (docs/maths/precision.md, eqs. 11 and 12).
 */
import type { BlockPartition } from '../blocks.ts'
import type { Rounding } from './product.ts'

/** The pattern of a block lower triangular L by block columns, diagonal block first: entry e is row rowIndex[e] at valueStart[e]. */
export interface TriangularPattern {
  readonly blocks: BlockPartition
  readonly columnStart: Int32Array
  readonly rowIndex: Int32Array
  readonly valueStart: Int32Array
}

/** x ← L⁻¹ x, column by column: an unknown is finished, then what it contributes to those below is added. */
export function roundedForward(
  L: TriangularPattern,
  values: Float64Array,
  x: Float64Array,
  times: Rounding,
  plus: Rounding,
): void {
  const { blocks, columnStart, rowIndex, valueStart } = L
  const { count, dims, offset } = blocks
  for (let j = 0; j < count; j++) {
    const d = dims[j]
    const own = offset[j]
    const diagonal = valueStart[columnStart[j]]
    for (let k = 0; k < d; k++) {
      const xk = times(times(x[own + k]) * values[diagonal + k * d + k])
      x[own + k] = xk
      for (let i = k + 1; i < d; i++) x[own + i] = plus(x[own + i] + times(values[diagonal + i * d + k] * xk))
    }
    for (let e = columnStart[j] + 1; e < columnStart[j + 1]; e++) {
      const to = offset[rowIndex[e]]
      const rows = dims[rowIndex[e]]
      for (let r = 0, at = valueStart[e]; r < rows; r++) {
        let sum = x[to + r]
        for (let c = 0; c < d; c++, at++) sum = plus(sum + times(values[at] * x[own + c]))
        x[to + r] = sum
      }
    }
  }
}

/** x ← L⁻ᵀ x, from the last column to the first: what those below contribute is added, then the unknown is finished. */
export function roundedBackward(
  L: TriangularPattern,
  values: Float64Array,
  x: Float64Array,
  times: Rounding,
  plus: Rounding,
): void {
  const { blocks, columnStart, rowIndex, valueStart } = L
  const { count, dims, offset } = blocks
  for (let j = count - 1; j >= 0; j--) {
    const d = dims[j]
    const own = offset[j]
    for (let e = columnStart[j] + 1; e < columnStart[j + 1]; e++) {
      const from = offset[rowIndex[e]]
      const rows = dims[rowIndex[e]]
      for (let c = 0; c < d; c++) {
        let sum = x[own + c]
        for (let r = 0, at = valueStart[e] + c; r < rows; r++, at += d)
          sum = plus(sum + times(values[at] * x[from + r]))
        x[own + c] = sum
      }
    }
    const diagonal = valueStart[columnStart[j]]
    for (let k = d - 1; k >= 0; k--) {
      const xk = times(times(x[own + k]) * values[diagonal + k * d + k])
      x[own + k] = xk
      for (let c = 0; c < k; c++) x[own + c] = plus(x[own + c] + times(values[diagonal + k * d + c] * xk))
    }
  }
}
