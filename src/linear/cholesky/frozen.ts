import { UsageError } from '../../numeric/index.ts'
import type { SymmetricBlockMatrix } from '../blocks.ts'
import { ConjugateGradientsWorkspace, conjugateGradients, type KrylovReport } from '../conjugate-gradients.ts'
import { hessianOperator, type LinearOperator } from '../operator.ts'
import type { FactorBackend, FactorFormat, FailedPivot } from './factorization.ts'
import { checkStructure } from './numeric.ts'
import { defaultPivotTolerance, type FactorOutcome, factored } from './outcome.ts'
import { PlainFactor } from './plain-factor.ts'
import { SimdFactor } from './simd/simd-factor.ts'
import type { Symbolic } from './symbolic.ts'

export interface FrozenCholeskyOptions {
  readonly format?: FactorFormat
  readonly backend?: FactorBackend
  readonly pivotTolerance?: number
}

/** How far one solve goes; `start` as KrylovOptions. */
export interface FrozenSolveOptions {
  readonly start: 'zero' | 'guess'
  readonly maxIterations: number
  readonly tolerance: number
}

/** What computes the iterations: the plain definition or its twin. */
interface Engine {
  describe(): string
  factor(matrix: SymmetricBlockMatrix, damping: Float64Array, tolerance: number): FailedPivot | null
  update(matrix: SymmetricBlockMatrix, damping: Float64Array): void
  iterate(b: Float64Array, x: Float64Array, options: FrozenSolveOptions): KrylovReport
  dispose(): void
}

/**
 * A complete factor that is kept while the matrix goes on changing: (H + Λ) x = b by conjugate gradients whose operator is H in
 * fp64 and whose preconditioner is the factor L Lᵀ of an earlier H, or of this one rounded to fp32. Where the factor is
 * recent a few iterations give what a new factorization would, at the price of two triangular solves each. Never an fp32 H
 * as operator: on graphs of condition 10⁹ it is indefinite (docs/decisions/fast-step.md).
 */
export class FrozenCholesky {
  readonly symbolic: Symbolic
  readonly format: FactorFormat
  /** Whether there is a factor to precondition with. */
  factored = false
  private readonly engine: Engine
  private readonly pivotTolerance: number

  constructor(symbolic: Symbolic, options: FrozenCholeskyOptions = {}) {
    const { format = 'fp32', backend = 'auto' } = options
    this.symbolic = symbolic
    this.format = format
    this.pivotTolerance = options.pivotTolerance ?? defaultPivotTolerance * (format === 'fp32' ? 2 ** 29 : 1)
    const twin = backend === 'plain' ? 'asked for' : SimdFactor.bind(symbolic, format, { iterative: true })
    if (backend === 'wasm' && typeof twin === 'string')
      throw new UsageError(`FrozenCholesky: no WebAssembly twin: ${twin}; expected backend 'auto' or 'plain' here`)
    this.engine = typeof twin === 'string' ? new PlainEngine(symbolic, format, twin) : twin
  }

  /** Format and implementation of the factor. */
  describe(): string {
    return this.engine.describe()
  }

  /** Takes over H + diag(damping), as operator and as what the factor is of. */
  factor(matrix: SymmetricBlockMatrix, damping: Float64Array): FactorOutcome {
    checkStructure(this.symbolic, matrix, damping)
    const failed = this.engine.factor(matrix, damping, this.pivotTolerance)
    this.factored = failed === null
    if (failed === null) return factored
    const { position, scalar, pivot, floor } = failed
    return { ok: false, block: this.symbolic.order[position], scalar, pivot, floor }
  }

  /** Takes over H + diag(damping) as operator and keeps the factor. */
  update(matrix: SymmetricBlockMatrix, damping: Float64Array): void {
    checkStructure(this.symbolic, matrix, damping)
    this.engine.update(matrix, damping)
  }

  /** Iterates on (H + diag(damping)) x = b; norms are the preconditioner's, √(rᵀ M⁻¹ r). */
  solve(b: Float64Array, x: Float64Array, options: FrozenSolveOptions): KrylovReport {
    if (!this.factored)
      throw new UsageError('FrozenCholesky.solve: there is no factor; call factor() and check its outcome')
    const size = this.symbolic.blocks.offset[this.symbolic.blocks.count]
    if (b.length !== size || x.length !== size)
      throw new UsageError(`FrozenCholesky.solve: expected vectors of ${size}, got ${b.length} and ${x.length}`)
    return this.engine.iterate(b, x, options)
  }

  /** Gives the memory back at once instead of when this is collected. It cannot be used again. */
  dispose(): void {
    this.factored = false
    this.engine.dispose()
  }
}

/** The definition of the twin's `iterate`. */
class PlainEngine implements Engine {
  private readonly plain: PlainFactor
  private readonly damping: Float64Array
  private readonly workspace: ConjugateGradientsWorkspace
  private operator: LinearOperator | null = null

  constructor(symbolic: Symbolic, format: FactorFormat, reason: string) {
    this.plain = new PlainFactor(symbolic, format, reason)
    this.damping = new Float64Array(symbolic.blocks.offset[symbolic.blocks.count])
    this.workspace = new ConjugateGradientsWorkspace(this.damping.length)
  }

  describe(): string {
    return this.plain.describe()
  }

  factor(matrix: SymmetricBlockMatrix, damping: Float64Array, tolerance: number): FailedPivot | null {
    this.update(matrix, damping)
    return this.plain.factor(matrix, damping, tolerance)
  }

  update(matrix: SymmetricBlockMatrix, damping: Float64Array): void {
    this.damping.set(damping)
    this.operator = hessianOperator(matrix, this.damping)
  }

  iterate(b: Float64Array, x: Float64Array, options: FrozenSolveOptions): KrylovReport {
    const { plain, workspace } = this
    return conjugateGradients(
      this.operator as LinearOperator,
      b,
      x,
      {
        ...options,
        norm: 'preconditioned',
        beta: 'polak-ribiere',
        preconditioner: { apply: (r, z) => plain.solve(r, z) },
      },
      workspace,
    )
  }

  dispose(): void {}
}
