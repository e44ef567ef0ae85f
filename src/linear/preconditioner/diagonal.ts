import type { BlockJacobian } from '../block-jacobian.ts'
import type { BlockPartition, SymmetricBlockMatrix } from '../blocks.ts'
import { blockDiagonal, scalarSize, squaredColumnNorms } from '../ops/jacobian-product.ts'

/** Where a preconditioner reads H = JᵀJ: from the Jacobian, or formed. */
export type HessianSource = BlockJacobian | SymmetricBlockMatrix

/** out = the diagonal of H. */
export function readDiagonal(source: HessianSource, out: Float64Array): void {
  if ('batches' in source) {
    squaredColumnNorms(source, out)
    return
  }
  const { blocks, columnStart, valueStart, values } = source
  for (let j = 0; j < blocks.count; j++) {
    const d = blocks.dims[j]
    const at = valueStart[columnStart[j]]
    for (let a = 0; a < d; a++) out[blocks.offset[j] + a] = values[at + a * d + a]
  }
}

/** out = the diagonal blocks of H, at `start` = blockDiagonalStarts(blocks). */
export function readBlockDiagonal(source: HessianSource, start: Int32Array, out: Float64Array): void {
  if ('batches' in source) {
    blockDiagonal(source, start, out)
    return
  }
  const { blocks, columnStart, valueStart, values } = source
  for (let j = 0; j < blocks.count; j++) {
    const at = valueStart[columnStart[j]] - start[j]
    for (let e = start[j]; e < start[j + 1]; e++) out[e] = values[at + e]
  }
}

export function sameSize(blocks: BlockPartition, source: HessianSource, damping: Float64Array | null): boolean {
  const size = scalarSize(blocks)
  return scalarSize(source.blocks) === size && (damping === null || damping.length === size)
}
