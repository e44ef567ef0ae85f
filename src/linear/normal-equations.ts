import type { BlockJacobian, JacobianBatch } from './block-jacobian.ts'
import { entryOf, symmetricBlockMatrix } from './block-pattern.ts'
import type { SymmetricBlockMatrix } from './blocks.ts'
import { addGram, addTransposedProduct } from './ops/block-kernels.ts'
import { gradient, scalarSize } from './ops/jacobian-product.ts'

/**
 * The normal equations H δ = −g of one linearization (docs/maths/least-squares.md, eq. 2): H = JᵀJ and g = Jᵀr. The
 * pattern of H and the place of every product are found once; `form` fills in the numbers as often as J changes.
 */
export class NormalEquations {
  readonly jacobian: BlockJacobian
  /** H = JᵀJ; a block that no factor touches keeps a zero diagonal block. */
  readonly hessian: SymmetricBlockMatrix
  /** g = Jᵀ r. */
  readonly gradient: Float64Array
  /** Per batch, factor and ordered pair of slots (k, l): where J_kᵀ J_l is added in H's values, or −1. */
  private readonly targets: readonly Int32Array[]

  constructor(jacobian: BlockJacobian) {
    this.jacobian = jacobian
    this.hessian = pattern(jacobian)
    this.gradient = new Float64Array(scalarSize(jacobian.blocks))
    this.targets = jacobian.batches.map((batch) => scatterMap(batch, this.hessian))
  }

  /** Recomputes H and g from J's values. Allocates nothing. */
  form(): void {
    const { batches } = this.jacobian
    this.hessian.values.fill(0)
    for (let b = 0; b < batches.length; b++) addProducts(batches[b]!, this.targets[b]!, this.hessian.values)
    gradient(this.jacobian, this.gradient)
  }
}

/** H += J_kᵀ J_l for every factor and every pair (k, l) of its slots that has a place in the lower triangle. */
function addProducts(batch: JacobianBatch, target: Int32Array, H: Float64Array): void {
  const { count, residualDim: m, arity, dims, stride, values } = batch
  for (let i = 0, pair = 0; i < count; i++)
    for (let k = 0, atK = i * stride; k < arity; atK += m * dims[k]!, k++)
      for (let l = 0, atL = i * stride; l < arity; atL += m * dims[l]!, l++) {
        const at = target[pair++]!
        if (at < 0) continue
        if (k === l) addGram(values, m, atK, dims[k]!, H, at)
        else addTransposedProduct(values, m, atK, dims[k]!, atL, dims[l]!, H, at)
      }
}

/**
 * Where J_kᵀ J_l goes for each ordered pair of slots: into block (column_k, column_l) when that lies in the lower triangle.
 * Ordered pairs make a variable that a factor meets twice come out right: (k, l) and (l, k) both land on its diagonal.
 */
function scatterMap(batch: JacobianBatch, H: SymmetricBlockMatrix): Int32Array {
  const { count, arity, columns } = batch
  const target = new Int32Array(count * arity * arity)
  for (let i = 0, pair = 0; i < count; i++)
    for (let k = 0; k < arity; k++)
      for (let l = 0; l < arity; l++) {
        const row = columns[i * arity + k]!
        const column = columns[i * arity + l]!
        target[pair++] = column >= 0 && row >= column ? H.valueStart[entryOf(H, row, column)]! : -1
      }
  return target
}

function pattern({ blocks, batches }: BlockJacobian): SymmetricBlockMatrix {
  let pairs = 0
  for (const { count, arity } of batches) pairs += (count * arity * (arity - 1)) / 2
  const rows = new Int32Array(pairs)
  const columns = new Int32Array(pairs)
  let used = 0
  for (const batch of batches)
    for (let i = 0; i < batch.count; i++)
      for (let k = 0; k < batch.arity; k++)
        for (let l = 0; l < k; l++) {
          const row = batch.columns[i * batch.arity + k]!
          const column = batch.columns[i * batch.arity + l]!
          if (row < 0 || column < 0) continue
          rows[used] = row
          columns[used++] = column
        }
  return symmetricBlockMatrix(blocks, rows.subarray(0, used), columns.subarray(0, used))
}
