import type { BlockJacobian } from './block-jacobian.ts'
import type { SymmetricBlockMatrix } from './blocks.ts'
import { JacobianProducts } from './jacobian-products.ts'
import { scalarSize } from './ops/jacobian-product.ts'
import { symmetricMultiply } from './ops/symmetric-product.ts'

/** A square linear map: out = A x. Overwrites `out`, which is never `x`; allocates nothing. */
export interface LinearOperator {
  readonly size: number
  apply(x: Float64Array, out: Float64Array): void
}

/** A rectangular linear map and its transpose, known only by their products. Both overwrite `out`. */
export interface RectangularOperator {
  readonly rows: number
  readonly columns: number
  /** out = J x */
  multiply(x: Float64Array, out: Float64Array): void
  /** out = Jᵀ y */
  multiplyTransposed(y: Float64Array, out: Float64Array): void
}

/** x → (H + Λ) x. `damping` is the diagonal Λ, one number per unknown, read at every product; null for none. */
export function hessianOperator(H: SymmetricBlockMatrix, damping: Float64Array | null = null): LinearOperator {
  return {
    size: scalarSize(H.blocks),
    apply(x, out) {
      symmetricMultiply(H, x, out)
      if (damping) for (let i = 0; i < x.length; i++) out[i] += damping[i] * x[i]
    },
  }
}

/** The products of a block Jacobian, as they are at the time of the product. */
export function jacobianOperator(J: BlockJacobian): RectangularOperator {
  return new JacobianProducts(J)
}
