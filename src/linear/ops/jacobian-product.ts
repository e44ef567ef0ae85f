/**
 * Products with a sparse block Jacobian J (see `block-jacobian.ts`), in plain loops: the definitions. Unknowns are
 * scalars, n = J.blocks.offset[J.blocks.count]; rows are scalars, m = J.rows. A column −1 (a constant variable) and a row
 * that no factor owns contribute nothing. Every function overwrites `out` and allocates nothing.
 */
import { UsageError } from '../../numeric/index.ts'
import type { BlockJacobian } from '../block-jacobian.ts'
import type { BlockPartition } from '../blocks.ts'
import { addGram, addProduct, addTransposedProduct, addTransposedVector } from './block-kernels.ts'

/** Number of scalar unknowns of a partition. */
export function scalarSize(blocks: BlockPartition): number {
  return blocks.offset[blocks.count]
}

/** out = J x (m numbers), for x of n numbers. */
export function multiply(J: BlockJacobian, x: Float64Array, out: Float64Array): void {
  expectLength('x', x, scalarSize(J.blocks))
  expectLength('out', out, J.rows)
  out.fill(0)
  const { offset } = J.blocks
  for (let b = 0; b < J.batches.length; b++) {
    const { count, residualDim: m, arity, dims, columns, row, stride, values } = J.batches[b]
    for (let k = 0, first = 0; k < arity; first += m * dims[k], k++) {
      const n = dims[k]
      for (let i = 0; i < count; i++) {
        const column = columns[i * arity + k]
        if (column >= 0) addProduct(values, i * stride + first, m, n, x, offset[column], out, row + i * m)
      }
    }
  }
}

/** out = Jᵀ y (n numbers), for y of m numbers. */
export function multiplyTransposed(J: BlockJacobian, y: Float64Array, out: Float64Array): void {
  expectLength('y', y, J.rows)
  expectLength('out', out, scalarSize(J.blocks))
  out.fill(0)
  const { offset } = J.blocks
  for (let b = 0; b < J.batches.length; b++) {
    const { count, residualDim: m, arity, dims, columns, row, stride, values } = J.batches[b]
    for (let k = 0, first = 0; k < arity; first += m * dims[k], k++) {
      const n = dims[k]
      for (let i = 0; i < count; i++) {
        const column = columns[i * arity + k]
        if (column >= 0) addTransposedVector(values, i * stride + first, m, n, y, row + i * m, out, offset[column])
      }
    }
  }
}

/** out = g = Jᵀ r, the gradient of ½ rᵀ r. */
export function gradient(J: BlockJacobian, out: Float64Array): void {
  multiplyTransposed(J, J.residual, out)
}

/** out_j = Σ_i J_ij², the diagonal of JᵀJ. */
export function squaredColumnNorms(J: BlockJacobian, out: Float64Array): void {
  expectLength('out', out, scalarSize(J.blocks))
  out.fill(0)
  const { offset } = J.blocks
  for (let b = 0; b < J.batches.length; b++) {
    const { count, residualDim: m, arity, dims, columns, stride, values } = J.batches[b]
    for (let i = 0; i < count; i++)
      for (let k = 0, at = i * stride; k < arity; at += m * dims[k], k++) {
        const column = columns[i * arity + k]
        if (column < 0) continue
        const n = dims[k]
        for (let r = 0; r < m; r++)
          for (let c = 0; c < n; c++) {
            const v = values[at + r * n + c]
            out[offset[column] + c] += v * v
          }
        // A variable met twice has the column J_k + J_l: its square has twice the cross product.
        for (let l = 0, atL = i * stride; l < k; atL += m * dims[l], l++) {
          if (columns[i * arity + l] !== column) continue
          for (let e = 0; e < m * n; e++) out[offset[column] + (e % n)] += 2 * values[at + e] * values[atL + e]
        }
      }
  }
}

/** Where each block of a block diagonal starts: block j is dims[j] × dims[j], row-major; the last entry is the length. */
export function blockDiagonalStarts(blocks: BlockPartition): Int32Array {
  const start = new Int32Array(blocks.count + 1)
  for (let j = 0; j < blocks.count; j++) start[j + 1] = start[j] + blocks.dims[j] * blocks.dims[j]
  return start
}

/** out = the diagonal blocks of JᵀJ, at `start` = {@link blockDiagonalStarts}. */
export function blockDiagonal(J: BlockJacobian, start: Int32Array, out: Float64Array): void {
  expectLength('out', out, start[J.blocks.count])
  out.fill(0)
  for (let b = 0; b < J.batches.length; b++) {
    const { count, residualDim: m, arity, dims, columns, stride, values } = J.batches[b]
    for (let i = 0; i < count; i++)
      for (let k = 0, at = i * stride; k < arity; at += m * dims[k], k++) {
        const column = columns[i * arity + k]
        if (column < 0) continue
        const n = dims[k]
        addGram(values, m, at, n, out, start[column])
        for (let l = 0, atL = i * stride; l < arity; atL += m * dims[l], l++)
          if (l !== k && columns[i * arity + l] === column)
            addTransposedProduct(values, m, at, n, atL, n, out, start[column])
      }
  }
}

function expectLength(name: string, array: Float64Array, length: number): void {
  if (array.length !== length) throw new UsageError(`${name}: expected ${length} numbers, got ${array.length}`)
}
