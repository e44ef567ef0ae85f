import { UsageError } from '../../numeric/index.ts'
import type { BlockPartition } from '../blocks.ts'
import { blockDiagonalStarts } from '../ops/jacobian-product.ts'
import { factorSmall, solveLower, solveUpper } from '../ops/small-cholesky.ts'
import type { HessianSource } from './diagonal.ts'
import { readBlockDiagonal, sameSize } from './diagonal.ts'
import type { Preconditioner } from './identity.ts'

/**
 * z_j = (H_jj + Λ_j)⁻¹ r_j for every variable j. A block that is not positive definite is replaced by its diagonal, and a
 * diagonal entry that is not positive by 1.
 */
export class BlockJacobi implements Preconditioner {
  /** Blocks that were not positive definite in the latest update. */
  replaced = 0
  private readonly blocks: BlockPartition
  private readonly start: Int32Array
  private readonly matrix: Float64Array
  private readonly factor: Float64Array

  constructor(blocks: BlockPartition) {
    this.blocks = blocks
    this.start = blockDiagonalStarts(blocks)
    this.matrix = new Float64Array(this.start[blocks.count])
    this.factor = new Float64Array(this.matrix.length)
  }

  /** Takes the numbers of H, from J or as formed, and of the damping Λ. Allocates nothing. */
  update(source: HessianSource, damping: Float64Array | null = null): void {
    const { blocks, start, matrix, factor } = this
    if (!sameSize(blocks, source, damping))
      throw new UsageError(`block Jacobi: expected size ${blocks.offset[blocks.count]}`)
    readBlockDiagonal(source, start, matrix)
    this.replaced = 0
    for (let j = 0; j < blocks.count; j++) {
      const d = blocks.dims[j]
      if (damping) for (let a = 0; a < d; a++) matrix[start[j] + a * d + a] += damping[blocks.offset[j] + a]
    }
    factor.set(matrix)
    for (let j = 0; j < blocks.count; j++) {
      if (factorSmall(factor, start[j], blocks.dims[j]) < 0) continue
      factorDiagonal(matrix, factor, start[j], blocks.dims[j])
      this.replaced++
    }
  }

  apply(r: Float64Array, z: Float64Array): void {
    const { blocks, start, factor } = this
    z.set(r)
    for (let j = 0; j < blocks.count; j++) {
      solveLower(factor, start[j], blocks.dims[j], z, blocks.offset[j])
      solveUpper(factor, start[j], blocks.dims[j], z, blocks.offset[j])
    }
  }
}

/** L = √diag(A), in the form of `small-cholesky.ts`. */
export function factorDiagonal(A: Float64Array, L: Float64Array, at: number, d: number): void {
  for (let a = 0; a < d; a++) {
    const diagonal = A[at + a * d + a]
    for (let b = 0; b < a; b++) L[at + a * d + b] = 0
    L[at + a * d + a] = diagonal > 0 ? 1 / Math.sqrt(diagonal) : 1
  }
}
