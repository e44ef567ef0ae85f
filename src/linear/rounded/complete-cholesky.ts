import type { SymmetricBlockMatrix } from '../blocks.ts'
import { analyze, BlockCholesky, type FactorOutcome, type Symbolic } from '../cholesky/index.ts'
import { JacobiScaling } from '../preconditioner/equilibration.ts'
import type { Preconditioner } from '../preconditioner/identity.ts'
import { RoundedBlockTriangular, type TriangularReport } from './block-triangular.ts'
import type { RoundedStage } from './stage.ts'

/**
 * The complete factor as a preconditioner in low precision: S (H + Λ) S = L Lᵀ with unit diagonal, computed in fp64 or fp32,
 * then rounded to what it is stored in. Scaling bounds |L| by 1. Solves are rounded as {@link RoundedBlockTriangular}'s.
 */
export class RoundedCholesky implements Preconditioner {
  readonly symbolic: Symbolic
  readonly solves: RoundedBlockTriangular
  private readonly hessian: SymmetricBlockMatrix
  private readonly scaling: JacobiScaling
  private readonly scaled: SymmetricBlockMatrix
  private readonly cholesky: BlockCholesky
  private readonly reciprocal: Float64Array
  private readonly work: Float64Array

  /** `format`: in which the factor is computed. */
  constructor(
    H: SymmetricBlockMatrix,
    solves: RoundedStage,
    normalize = true,
    format: 'fp64' | 'fp32' = 'fp64',
    symbolic: Symbolic = analyze(H),
  ) {
    this.hessian = H
    this.symbolic = symbolic
    this.scaling = new JacobiScaling(H.blocks)
    this.scaled = { ...H, values: new Float64Array(H.values.length) }
    this.cholesky = new BlockCholesky(symbolic, { format })
    const { permuted, columnStart, rowIndex, valueStart, nonzeros } = symbolic
    this.solves = new RoundedBlockTriangular(
      { blocks: permuted, columnStart, rowIndex, valueStart },
      nonzeros,
      solves,
      normalize,
    )
    this.reciprocal = new Float64Array(nonzeros)
    this.work = new Float64Array(H.blocks.offset[H.blocks.count])
  }

  /** What rounding did to the factor. */
  get report(): TriangularReport {
    return this.solves.report
  }

  update(damping: Float64Array | null = null): FactorOutcome {
    const { hessian: H, scaled, scaling, cholesky } = this
    const { count, dims, offset } = H.blocks
    scaling.update(H, damping)
    scaled.values.set(H.values)
    for (let j = 0; j < count; j++) {
      const diagonal = H.valueStart[H.columnStart[j]]
      if (damping)
        for (let a = 0; a < dims[j]; a++) scaled.values[diagonal + a * (dims[j] + 1)] += damping[offset[j] + a]
      for (let e = H.columnStart[j]; e < H.columnStart[j + 1]; e++)
        scaling.scaleBlock(scaled.values, H.valueStart[e], H.rowIndex[e], j)
    }
    const outcome = cholesky.factor(scaled)
    if (outcome.ok) this.load()
    return outcome
  }

  /** z = S P L⁻ᵀ L⁻¹ Pᵀ S r */
  apply(r: Float64Array, z: Float64Array): void {
    const { work, scaling } = this
    const { order, blocks, permuted } = this.symbolic
    scaling.applyTransposed(r, z)
    for (let k = 0; k < permuted.count; k++)
      for (let s = permuted.offset[k], i = blocks.offset[order[k]]; s < permuted.offset[k + 1]; s++, i++) work[s] = z[i]
    this.solves.solve(work)
    for (let k = 0; k < permuted.count; k++)
      for (let s = permuted.offset[k], i = blocks.offset[order[k]]; s < permuted.offset[k + 1]; s++, i++) z[i] = work[s]
    scaling.apply(z)
  }

  private load(): void {
    const { permuted, columnStart, valueStart } = this.symbolic
    this.reciprocal.set(this.cholesky.values)
    for (let k = 0; k < permuted.count; k++)
      for (let s = 0, d = permuted.dims[k]; s < d; s++) {
        const at = valueStart[columnStart[k]] + s * (d + 1)
        this.reciprocal[at] = 1 / this.reciprocal[at]
      }
    this.solves.load(this.reciprocal)
  }
}
