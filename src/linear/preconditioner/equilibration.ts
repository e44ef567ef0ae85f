import type { BlockPartition, SymmetricBlockMatrix } from '../blocks.ts'
import { blockDiagonalStarts, scalarSize } from '../ops/jacobian-product.ts'
import { factorSmall, solveLower, solveRightTransposed, solveUpper } from '../ops/small-cholesky.ts'
import { factorDiagonal } from './block-jacobi.ts'
import { readBlockDiagonal, readDiagonal } from './diagonal.ts'

/** Symmetric scaling to unit diagonal: A = S (H + Λ) S, S = diag(H + Λ)^−½ (1 where the diagonal is not positive). */
export class JacobiScaling {
  private readonly blocks: BlockPartition
  private readonly scale: Float64Array

  constructor(blocks: BlockPartition) {
    this.blocks = blocks
    this.scale = new Float64Array(scalarSize(blocks))
  }

  update(H: SymmetricBlockMatrix, damping: Float64Array | null): void {
    const { scale } = this
    readDiagonal(H, scale)
    for (let i = 0; i < scale.length; i++) {
      const diagonal = scale[i] + (damping ? damping[i] : 0)
      scale[i] = diagonal > 0 ? 1 / Math.sqrt(diagonal) : 1
    }
  }

  /** Block (i, j) of H + Λ, in place, to that of A. */
  scaleBlock(values: Float64Array, at: number, i: number, j: number): void {
    const { blocks, scale } = this
    for (let a = 0; a < blocks.dims[i]; a++)
      for (let b = 0; b < blocks.dims[j]; b++) values[at++] *= scale[blocks.offset[i] + a] * scale[blocks.offset[j] + b]
  }

  /** z = S r */
  applyTransposed(r: Float64Array, z: Float64Array): void {
    for (let i = 0; i < z.length; i++) z[i] = this.scale[i] * r[i]
  }

  /** z = S z */
  apply(z: Float64Array): void {
    for (let i = 0; i < z.length; i++) z[i] *= this.scale[i]
  }
}

/** Symmetric scaling to unit diagonal blocks: A_ij = C_i⁻¹ (H + Λ)_ij C_j⁻ᵀ with C_j C_jᵀ = (H + Λ)_jj, or its diagonal. */
export class BlockScaling {
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

  update(H: SymmetricBlockMatrix, damping: Float64Array | null): void {
    const { blocks, start, matrix, factor } = this
    readBlockDiagonal(H, start, matrix)
    for (let j = 0; j < blocks.count; j++) {
      const d = blocks.dims[j]
      if (damping) for (let a = 0; a < d; a++) matrix[start[j] + a * d + a] += damping[blocks.offset[j] + a]
    }
    factor.set(matrix)
    for (let j = 0; j < blocks.count; j++)
      if (factorSmall(factor, start[j], blocks.dims[j]) >= 0) factorDiagonal(matrix, factor, start[j], blocks.dims[j])
  }

  /** Block (i, j) of H + Λ, in place, to that of A. */
  scaleBlock(values: Float64Array, at: number, i: number, j: number): void {
    const { blocks, start, factor } = this
    const p = blocks.dims[i]
    const q = blocks.dims[j]
    solveRightTransposed(factor, start[j], q, values, at, p)
    // From the left, column by column: x ← C_i⁻¹ x.
    for (let b = 0; b < q; b++)
      for (let a = 0; a < p; a++) {
        let sum = values[at + a * q + b]
        for (let k = 0; k < a; k++) sum -= factor[start[i] + a * p + k] * values[at + k * q + b]
        values[at + a * q + b] = sum * factor[start[i] + a * p + a]
      }
  }

  /** z_j = C_j⁻¹ r_j */
  applyTransposed(r: Float64Array, z: Float64Array): void {
    const { blocks, start, factor } = this
    z.set(r)
    for (let j = 0; j < blocks.count; j++) solveLower(factor, start[j], blocks.dims[j], z, blocks.offset[j])
  }

  /** z_j = C_j⁻ᵀ z_j */
  apply(z: Float64Array): void {
    const { blocks, start, factor } = this
    for (let j = 0; j < blocks.count; j++) solveUpper(factor, start[j], blocks.dims[j], z, blocks.offset[j])
  }
}
