import { UsageError } from '../../numeric/index.ts'
import type { BlockPartition } from '../blocks.ts'
import { scalarSize } from '../ops/jacobian-product.ts'
import type { HessianSource } from './diagonal.ts'
import { readDiagonal, sameSize } from './diagonal.ts'
import type { Preconditioner } from './identity.ts'

/** z = r / diag(H + Λ). An unknown whose diagonal is not positive is left as it is. */
export class Jacobi implements Preconditioner {
  /** Unknowns whose diagonal was not positive in the latest update. */
  replaced = 0
  private readonly blocks: BlockPartition
  private readonly inverse: Float64Array

  constructor(blocks: BlockPartition) {
    this.blocks = blocks
    this.inverse = new Float64Array(scalarSize(blocks)).fill(1)
  }

  /** Takes the numbers of H, from J or as formed, and of the damping Λ. Allocates nothing. */
  update(source: HessianSource, damping: Float64Array | null = null): void {
    const { inverse } = this
    if (!sameSize(this.blocks, source, damping)) throw new UsageError(`Jacobi: expected size ${inverse.length}`)
    this.replaced = 0
    readDiagonal(source, inverse)
    for (let i = 0; i < inverse.length; i++) {
      const diagonal = inverse[i] + (damping ? damping[i] : 0)
      if (!(diagonal > 0)) this.replaced++
      inverse[i] = diagonal > 0 ? 1 / diagonal : 1
    }
  }

  apply(r: Float64Array, z: Float64Array): void {
    const { inverse } = this
    for (let i = 0; i < z.length; i++) z[i] = inverse[i] * r[i]
  }
}
