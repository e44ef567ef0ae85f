import type { LinearFloat64 } from '../backend/index.ts'
import type { BlockJacobian, JacobianBatch } from './block-jacobian.ts'
import { entryOf, symmetricBlockMatrix } from './block-pattern.ts'
import type { SymmetricBlockMatrix } from './blocks.ts'
import { JacobianProducts } from './jacobian-products.ts'
import { addGram, addTransposedProduct } from './ops/block-kernels.ts'
import { scalarSize } from './ops/jacobian-product.ts'
import { NormalTwin } from './ops/normal-twin.ts'
import { attempt, type Store, store } from './store.ts'

/** What the SIMD twin needs beside J. */
interface Bound {
  readonly twin: NormalTwin
  readonly values: LinearFloat64
  /** For each batch the address of its places in H. */
  readonly targets: readonly number[]
}

/**
 * The normal equations H δ = −g of one linearization (docs/maths/least-squares.md, eq. 2): H = JᵀJ and g = Jᵀr. The
 * pattern of H and the place of every product are found once; `form` fills in the numbers as often as J changes.
 */
export class NormalEquations {
  readonly jacobian: BlockJacobian
  /** H = JᵀJ; a block that no factor touches keeps a zero diagonal block. */
  readonly hessian: SymmetricBlockMatrix
  /** Per batch, factor and ordered pair of slots (k, l): where J_kᵀ J_l is added in H's values, or −1. */
  private readonly targets: readonly Int32Array[]
  private readonly products: JacobianProducts
  private readonly bound: Bound | null
  private readonly gradientStore: Store

  constructor(jacobian: BlockJacobian) {
    this.jacobian = jacobian
    const structure = pattern(jacobian)
    this.targets = jacobian.batches.map((batch) => scatterMap(batch, structure))
    this.bound = attempt(jacobian.memory, (memory) => {
      const twin = NormalTwin.bind(jacobian, memory)
      return (
        twin && {
          twin,
          values: memory.float64(structure.values.length, false),
          targets: this.targets.map((target) => memory.constants(target)),
        }
      )
    })
    this.hessian = this.bound ? inStore(structure, this.bound.values) : structure
    this.gradientStore = store(scalarSize(jacobian.blocks), jacobian.memory)
    this.products = new JacobianProducts(jacobian)
  }

  /** g = Jᵀ r. */
  get gradient(): Float64Array {
    return this.gradientStore.view
  }

  /** 'WebAssembly SIMD' or 'plain'. */
  get runs(): string {
    return this.bound ? 'WebAssembly SIMD' : 'plain'
  }

  /** Recomputes H and g from J's values. Allocates nothing. */
  form(): void {
    this.formHessian()
    this.formGradient()
  }

  /** Recomputes g alone. */
  formGradient(): void {
    this.products.gradient(this.gradient)
  }

  /** Recomputes H alone, for those who have g from elsewhere. */
  formHessian(): void {
    const { batches } = this.jacobian
    const { values } = this.hessian
    values.fill(0)
    if (this.bound) this.bound.twin.addNormalProducts(this.bound.targets, this.bound.values)
    else for (let b = 0; b < batches.length; b++) addProducts(batches[b], this.targets[b], values)
  }
}

/** The same matrix with its values where a store has them. */
export function inStore(
  { blocks, columnStart, rowIndex, valueStart }: SymmetricBlockMatrix,
  values: Store,
): SymmetricBlockMatrix {
  return {
    blocks,
    columnStart,
    rowIndex,
    valueStart,
    get values() {
      return values.view
    },
  }
}

/** H += J_kᵀ J_l for every factor and every pair (k, l) of its slots that has a place in the lower triangle. */
function addProducts(batch: JacobianBatch, target: Int32Array, H: Float64Array): void {
  const { count, residualDim: m, arity, dims, stride, values } = batch
  for (let i = 0, pair = 0; i < count; i++)
    for (let k = 0, atK = i * stride; k < arity; atK += m * dims[k], k++)
      for (let l = 0, atL = i * stride; l < arity; atL += m * dims[l], l++) {
        const at = target[pair++]
        if (at < 0) continue
        if (k === l) addGram(values, m, atK, dims[k], H, at)
        else addTransposedProduct(values, m, atK, dims[k], atL, dims[l], H, at)
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
        const row = columns[i * arity + k]
        const column = columns[i * arity + l]
        target[pair++] = column >= 0 && row >= column ? H.valueStart[entryOf(H, row, column)] : -1
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
          const row = batch.columns[i * batch.arity + k]
          const column = batch.columns[i * batch.arity + l]
          if (row < 0 || column < 0) continue
          rows[used] = row
          columns[used++] = column
        }
  return symmetricBlockMatrix(blocks, rows.subarray(0, used), columns.subarray(0, used))
}
