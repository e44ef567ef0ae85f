import { UsageError } from '../../numeric/index.ts'
import type { SymmetricBlockMatrix } from '../blocks.ts'
import type { FactorBackend, FactorFormat, Factorization } from './factorization.ts'
import type { OrderingName } from './ordering.ts'
import { defaultPivotTolerance, type FactorOutcome, factored } from './outcome.ts'
import { PlainFactor } from './plain-factor.ts'
import { SimdFactor } from './simd/simd-factor.ts'
import { analyze, equal, type Symbolic } from './symbolic.ts'

export interface BlockCholeskyOptions {
  readonly ordering?: OrderingName | Int32Array
  /** Default: 16 roundings of the format. */
  readonly pivotTolerance?: number
  /** In which format L is stored and computed. H is given in fp64 in any case, and so are vectors. Default 'fp64'. */
  readonly format?: FactorFormat
  /** Default 'auto'. 'wasm' throws a UsageError where there is none; `describe()` says what was taken. */
  readonly backend?: FactorBackend
}

/**
 * P (H + diag(damping)) Pᵀ = L Lᵀ on blocks (docs/maths/cholesky.md). All memory is asked for in the constructor;
 * `factor` and `solve` may run any number of times on matrices of the same structure. The loops are those of
 * `plain-factor.ts`, or of its WebAssembly twin where the engine has it. In fp32 the factor is that of the matrix scaled
 * to unit diagonal and rounded: a preconditioner, or a solution with fp32's digits.
 *
 * A pivot fails when it is not greater than pivotTolerance · (H + damping)ᵢᵢ: a pivot is its diagonal entry minus squares
 * that add up to at most that entry, so what is left below a few roundings of it carries no digit (eq. 7). Rounding can
 * also leave a larger pivot where the exact one is zero: success alone does not prove a matrix definite.
 */
export class BlockCholesky {
  readonly symbolic: Symbolic
  readonly format: FactorFormat
  /** True after a successful `factor`. */
  factored = false
  private readonly pivotTolerance: number
  private readonly factorization: Factorization

  constructor(structure: Symbolic | SymmetricBlockMatrix, options: BlockCholeskyOptions = {}) {
    const { format = 'fp64', backend = 'auto' } = options
    this.symbolic = 'flops' in structure ? structure : analyze(structure, options.ordering ?? 'auto')
    this.format = format
    this.pivotTolerance = options.pivotTolerance ?? defaultPivotTolerance * (format === 'fp32' ? 2 ** 29 : 1)
    const twin = backend === 'plain' ? 'asked for' : SimdFactor.bind(this.symbolic, format)
    if (backend === 'wasm' && typeof twin === 'string')
      throw new UsageError(`BlockCholesky: no WebAssembly twin: ${twin}; expected backend 'auto' or 'plain' here`)
    this.factorization = typeof twin === 'string' ? new PlainFactor(this.symbolic, format, twin) : twin
  }

  /** Number of scalar unknowns. */
  get size(): number {
    return this.symbolic.blocks.offset[this.symbolic.blocks.count]
  }

  /** L as Symbolic describes it, in fp64 and the units of H; after a failed factorization its columns are unfinished. */
  get values(): Float64Array {
    return this.factorization.values
  }

  /** Format and implementation: 'fp64, WebAssembly SIMD'. */
  describe(): string {
    return this.factorization.describe()
  }

  /**
   * Factors H + diag(damping); damping: one number per scalar in the original order, null for none.
   * Throws UsageError when the matrix has another structure than the one analyzed.
   */
  factor(matrix: SymmetricBlockMatrix, damping: Float64Array | null = null): FactorOutcome {
    checkStructure(this.symbolic, matrix, damping)
    const failed = this.factorization.factor(matrix, damping, this.pivotTolerance)
    this.factored = failed === null
    if (failed === null) return factored
    const { position, scalar, pivot, floor } = failed
    return { ok: false, block: this.symbolic.order[position], scalar, pivot, floor }
  }

  /** x = (H + diag(damping))⁻¹ b in the original order; b and x may be the same array. */
  solve(b: Float64Array, x: Float64Array): void {
    if (!this.factored)
      throw new UsageError('BlockCholesky.solve: there is no factor; call factor() and check its outcome')
    if (b.length !== this.size || x.length !== this.size)
      throw new UsageError(`BlockCholesky.solve: expected vectors of ${this.size}, got ${b.length} and ${x.length}`)
    this.factorization.solve(b, x)
  }

  /**
   * The least pivot in units of its own diagonal entry: how many digits elimination took (eq. 7). Near 2⁻⁵² times some
   * hundreds the factor of a singular matrix may have passed on rounding alone: ask `nullSpace`. 1 for an empty matrix.
   */
  leastPivotRatio(): number {
    const { permuted, columnStart, valueStart, blocks, order } = this.symbolic
    const { values, diagonal } = this.factorization
    let least = 1
    for (let k = 0; k < permuted.count; k++)
      for (let s = 0; s < permuted.dims[k]; s++) {
        const root = values[valueStart[columnStart[k]] + s * (permuted.dims[k] + 1)]
        least = Math.min(least, root ** 2 / diagonal[blocks.offset[order[k]] + s])
      }
    return least
  }

  /** Gives the factor's memory back at once instead of when this is collected. It cannot be used again. */
  dispose(): void {
    this.factored = false
    this.factorization.dispose()
  }
}

/** Throws UsageError when a matrix has another structure than the one analyzed, or damping another size. */
export function checkStructure(s: Symbolic, matrix: SymmetricBlockMatrix, damping: Float64Array | null): void {
  const same =
    equal(matrix.blocks.dims, s.blocks.dims) &&
    equal(matrix.columnStart, s.matrixColumnStart) &&
    equal(matrix.rowIndex, s.matrixRowIndex)
  if (!same)
    throw new UsageError(
      `BlockCholesky.factor: expected the structure that was analyzed (${s.blocks.count} blocks, ` +
        `${s.matrixRowIndex.length} entries), got another one (${matrix.blocks.count}, ${matrix.rowIndex.length})`,
    )
  const size = s.blocks.offset[s.blocks.count]
  if (damping !== null && damping.length !== size)
    throw new UsageError(`BlockCholesky.factor: expected ${size} damping values, got ${damping.length}`)
}
