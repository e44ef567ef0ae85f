import type { Region } from '../backend/index.ts'
import type { BlockPartition } from './blocks.ts'

/**
 * The Jacobian rows of one batch of factors of one type. Factor i owns rows row + i·residualDim … and touches `arity`
 * block columns; its blocks (residualDim × dims[k], row-major) stand one behind the other at values[i·stride].
 */
export interface JacobianBatch {
  readonly count: number
  readonly residualDim: number
  readonly arity: number
  /** Tangent dimension of each slot k. */
  readonly dims: readonly number[]
  /** count × arity block columns; −1 where the variable is constant (its block is not to be read). */
  readonly columns: Int32Array
  /** First row of the batch. */
  readonly row: number
  /** residualDim × Σ dims. */
  readonly stride: number
  readonly values: Float64Array
}

/**
 * A sparse Jacobian J (rows × blocks.offset[count]) and residual r, as the linearizer leaves them: whitened and weighted,
 * so that the cost is ½ rᵀ r near the point of linearization, g = Jᵀ r and H = Jᵀ J. Structure is fixed at compile time;
 * `values` and `residual` are rewritten at every linearization.
 */
export interface BlockJacobian {
  readonly blocks: BlockPartition
  readonly rows: number
  readonly batches: readonly JacobianBatch[]
  readonly residual: Float64Array
  /**
   * The region of the linear memory that `values` and `residual` lie in, where there is one. They are then getters: a view
   * is read where it is used, and not kept beyond the next allocation.
   */
  readonly memory?: Region
}
