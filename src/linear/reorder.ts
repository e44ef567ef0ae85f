import { UsageError } from '../numeric/index.ts'
import type { BlockJacobian, JacobianBatch } from './block-jacobian.ts'
import { partition } from './blocks.ts'

/**
 * The same Jacobian with its block columns in another order: new column c is the old column order[c]. Values and residual
 * are shared, so the reordered Jacobian follows every linearization.
 */
export function reorderColumns(J: BlockJacobian, order: Int32Array): BlockJacobian {
  const { count, dims } = J.blocks
  const newOf = new Int32Array(count).fill(-1)
  order.forEach((old, position) => {
    if (!(old >= 0 && old < count) || newOf[old] !== -1 || order.length !== count)
      throw new UsageError(`column order: expected a permutation of 0 … ${count - 1}, got ${old} at ${position}`)
    newOf[old] = position
  })
  return {
    blocks: partition(order.map((old) => dims[old])),
    rows: J.rows,
    get residual() {
      return J.residual
    },
    ...(J.memory && { memory: J.memory }),
    batches: J.batches.map((batch) =>
      withColumns(
        batch,
        batch.columns.map((column) => (column < 0 ? -1 : newOf[column])),
      ),
    ),
  }
}

function withColumns(batch: JacobianBatch, columns: Int32Array): JacobianBatch {
  const { count, residualDim, arity, dims, row, stride } = batch
  return {
    count,
    residualDim,
    arity,
    dims,
    columns,
    row,
    stride,
    get values() {
      return batch.values
    },
  }
}
