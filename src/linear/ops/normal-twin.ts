import { kernels, type LinearFloat64, type Region } from '../../backend/index.ts'
import type { BlockJacobian, JacobianBatch } from '../block-jacobian.ts'

type Kernel = (...args: number[]) => number

/** One batch as the kernels take it: addresses in bytes. */
interface BoundBatch {
  readonly batch: JacobianBatch
  /** Of the sizes of the slots. */
  readonly dims: number
  /** Where each factor's slots begin among the unknowns, in numbers; −1 where constant. */
  readonly places: number
}

/**
 * The products of `jacobian-product.ts` and the sums of `normal-equations.ts` by WebAssembly SIMD, equal to them to the
 * bit, for a Jacobian whose numbers lie in the linear memory. Reads the structure when it is made, values at every call.
 */
export class NormalTwin {
  private readonly J: BlockJacobian
  private readonly batches: readonly BoundBatch[]
  private readonly addProducts: Kernel
  private readonly addTransposed: Kernel
  private readonly addProduct: Kernel
  private readonly addSquares: Kernel
  private readonly sumChange: Kernel

  /** Null where there are no kernels, or J is not within their reach. */
  static bind(J: BlockJacobian, memory: Region): NormalTwin | null {
    const available = kernels()
    if (!available || !reachable(J, available.arena.buffer)) return null
    return new NormalTwin(J, memory, available.functions)
  }

  private constructor(J: BlockJacobian, memory: Region, functions: Readonly<Record<string, Kernel>>) {
    this.J = J
    this.addProducts = functions['addNormalProducts']
    this.addTransposed = functions['addTransposedVector']
    this.addProduct = functions['addProductOfSlot']
    this.addSquares = functions['addColumnSquares']
    this.sumChange = functions['sumChange']
    const { offset } = J.blocks
    this.batches = J.batches.map((batch) => ({
      batch,
      dims: memory.constants(Int32Array.from(batch.dims)),
      places: memory.constants(batch.columns.map((column) => (column < 0 ? -1 : offset[column]))),
    }))
  }

  /** H += Jᵀ J; `targets`: for each batch the address of its places in H. */
  addNormalProducts(targets: readonly number[], H: LinearFloat64): void {
    for (let b = 0; b < this.batches.length; b++) {
      const { batch, dims } = this.batches[b]
      const { residualDim, arity, count, stride, values } = batch
      this.addProducts(residualDim, arity, dims, count, 8 * stride, values.byteOffset, targets[b], H.address)
    }
  }

  /** out += Jᵀ y, for addresses of vectors. */
  addTransposedVector(y: number, out: number): void {
    for (const { batch, places } of this.batches) {
      const { residualDim: m, arity, dims, count, stride, row, values } = batch
      for (let k = 0, at = values.byteOffset; k < arity; at += 8 * m * dims[k], k++)
        this.addTransposed(m, dims[k], count, 8 * stride, at, places + 4 * k, 4 * arity, y + 8 * row, out)
    }
  }

  /** out += J x, for addresses of vectors. */
  addVector(x: number, out: number): void {
    for (const { batch, places } of this.batches) {
      const { residualDim: m, arity, dims, count, stride, row, values } = batch
      for (let k = 0, at = values.byteOffset; k < arity; at += 8 * m * dims[k], k++)
        this.addProduct(m, dims[k], count, 8 * stride, at, places + 4 * k, 4 * arity, x, out + 8 * row)
    }
  }

  /** out += the diagonal of Jᵀ J, for the address of a vector. */
  addColumnSquares(out: number): void {
    for (const { batch, dims, places } of this.batches) {
      const { residualDim, arity, count, stride, values } = batch
      this.addSquares(residualDim, arity, dims, count, 8 * stride, values.byteOffset, places, out)
    }
  }

  /** Σ c (r + c/2) for the address of c = J x. */
  change(c: number): number {
    return this.sumChange(this.J.rows, c, this.residual)
  }

  /** Address of J's residual. */
  get residual(): number {
    return this.J.residual.byteOffset
  }
}

/** Whether all numbers of J lie in this memory. An empty array may lie anywhere. */
function reachable(J: BlockJacobian, memory: ArrayBuffer): boolean {
  const here = (array: Float64Array): boolean => array.length === 0 || array.buffer === memory
  return here(J.residual) && J.batches.every(({ values }) => here(values))
}
