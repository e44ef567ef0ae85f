/**
 * Products with a block Jacobian in which every operation is rounded: the definitions, which every twin equals to the bit.
 * The order of the operations is part of them: batches, then slots, then factors, as they are stored; in a product by J the
 * columns of a slot in order, in a product by Jᵀ first the rows of one block from zero, then the sum into the unknown
 * (docs/maths/precision.md, eqs. 8 and 9).
 *
 * J's values and the entering vector are numbers of the format of the products already. `times` rounds a product, `plus` a
 * sum. Both functions overwrite `out` and allocate nothing.
 */
import type { BlockJacobian } from '../block-jacobian.ts'

export type Rounding = (x: number) => number

/** out = J x */
export function roundedMultiply(
  J: BlockJacobian,
  x: Float64Array,
  out: Float64Array,
  times: Rounding,
  plus: Rounding,
): void {
  out.fill(0)
  const { offset } = J.blocks
  for (let b = 0; b < J.batches.length; b++) {
    const { count, residualDim: m, arity, dims, columns, row, stride, values } = J.batches[b]
    for (let k = 0, first = 0; k < arity; first += m * dims[k], k++) {
      const n = dims[k]
      for (let i = 0; i < count; i++) {
        const column = columns[i * arity + k]
        if (column < 0) continue
        const from = offset[column]
        for (let r = 0, at = i * stride + first; r < m; r++) {
          let sum = out[row + i * m + r]
          for (let c = 0; c < n; c++, at++) sum = plus(sum + times(values[at] * x[from + c]))
          out[row + i * m + r] = sum
        }
      }
    }
  }
}

/** out = Jᵀ y */
export function roundedMultiplyTransposed(
  J: BlockJacobian,
  y: Float64Array,
  out: Float64Array,
  times: Rounding,
  plus: Rounding,
): void {
  out.fill(0)
  const { offset } = J.blocks
  for (let b = 0; b < J.batches.length; b++) {
    const { count, residualDim: m, arity, dims, columns, row, stride, values } = J.batches[b]
    for (let k = 0, first = 0; k < arity; first += m * dims[k], k++) {
      const n = dims[k]
      for (let i = 0; i < count; i++) {
        const column = columns[i * arity + k]
        if (column < 0) continue
        const to = offset[column]
        for (let c = 0; c < n; c++) {
          let sum = 0
          for (let r = 0, at = i * stride + first + c; r < m; r++, at += n)
            sum = plus(sum + times(values[at] * y[row + i * m + r]))
          out[to + c] = plus(out[to + c] + sum)
        }
      }
    }
  }
}
