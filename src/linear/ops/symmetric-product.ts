import { UsageError } from '../../numeric/index.ts'
import type { SymmetricBlockMatrix } from '../blocks.ts'
import { addProduct, addTransposedVector } from './block-kernels.ts'

/**
 * out = H x for a symmetric block matrix of which the lower triangle is stored: every block B = H_ij, i > j, serves twice,
 * out_i += B x_j and out_j += Bᵀ x_i, in one pass over the values.
 */
export function symmetricMultiply(H: SymmetricBlockMatrix, x: Float64Array, out: Float64Array): void {
  const { blocks, columnStart, rowIndex, valueStart, values } = H
  const { count, dims, offset } = blocks
  const size = offset[count]
  if (x.length !== size || out.length !== size)
    throw new UsageError(`symmetric product of size ${size}: got x of ${x.length}, out of ${out.length}`)
  out.fill(0)
  for (let j = 0; j < count; j++) {
    const n = dims[j]
    const xAt = offset[j]
    let e = columnStart[j]
    addProduct(values, valueStart[e], n, n, x, xAt, out, xAt)
    for (e++; e < columnStart[j + 1]; e++) {
      const i = rowIndex[e]
      const m = dims[i]
      addProduct(values, valueStart[e], m, n, x, xAt, out, offset[i])
      addTransposedVector(values, valueStart[e], m, n, x, offset[i], out, xAt)
    }
  }
}
