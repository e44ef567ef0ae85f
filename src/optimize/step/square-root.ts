import {
  type BlockJacobian,
  DenseCholesky,
  DenseCholesky32,
  HessianElimination,
  type PointElimination,
  SquareRootElimination,
} from '../../linear/index.ts'
import { denseFactorization, pointElimination, squareRootElimination } from '../precision/amounts.ts'
import { stage } from '../precision/presets.ts'
import type { WorkTally } from '../precision/tally.ts'
import { type LinearStep, type StepOutcome, solved } from './step.ts'

export interface EliminationStepOptions {
  /** 'square-root': points by QR. 'hessian': by their normal equations. */
  readonly form: 'square-root' | 'hessian'
  /** Format of elimination, reduced system, its factor and the step. */
  readonly format: 'fp64' | 'fp32'
  /** Format in which the reduced system is added up, as in `PointEliminationOptions`. Default 'fp64'. */
  readonly sums?: 'fp64' | 'fp32'
}

/**
 * The points eliminated on dense panels in one form and format, and the reduced camera system by a dense Cholesky of the
 * same format (docs/maths/square-root.md).
 */
export class EliminationStep implements LinearStep {
  readonly name: string
  readonly exact = true
  private readonly elimination: PointElimination
  private readonly cholesky: DenseCholesky | DenseCholesky32
  private readonly remainingStep: Float64Array
  private readonly jacobian: BlockJacobian
  private readonly eliminated: Uint8Array
  private readonly options: EliminationStepOptions
  private prepares = 0
  private solves = 0

  constructor(jacobian: BlockJacobian, eliminated: Uint8Array, options: EliminationStepOptions) {
    const { form, format, sums = 'fp64' } = options
    this.jacobian = jacobian
    this.eliminated = eliminated
    this.options = options
    this.name = `${form} elimination (${format}${format === 'fp32' ? `, sums ${sums}` : ''})`
    const make = form === 'square-root' ? SquareRootElimination : HessianElimination
    this.elimination = new make(jacobian, eliminated, { form: 'dense', format, sums })
    const size = this.elimination.reducedGradient.length
    this.cholesky = format === 'fp32' ? new DenseCholesky32(size) : new DenseCholesky(size)
    this.remainingStep = new Float64Array(size)
  }

  prepare(): void {
    this.prepares++
    this.elimination.prepare()
  }

  solve(_gradient: Float64Array, damping: Float64Array, step: Float64Array): StepOutcome {
    const { elimination, cholesky, remainingStep } = this
    this.solves++
    const { outcome, block } = elimination.eliminate(damping)
    if (outcome !== 'eliminated')
      return { ok: false, iterations: 0, reason: `point block ${block} is not determined by its rows and damping` }
    const factored = cholesky.factor(elimination.reduced)
    if (!factored.ok)
      return { ok: false, iterations: 0, reason: `pivot ${factored.pivot} in camera block ${factored.block}` }
    for (let i = 0; i < remainingStep.length; i++) remainingStep[i] = -elimination.reducedGradient[i]
    cholesky.solve(remainingStep, remainingStep)
    elimination.backSubstitute(remainingStep, step)
    return solved
  }
  work(tally: WorkTally): void {
    const { jacobian, eliminated, options, prepares, solves } = this
    const { form, format } = options
    const at = stage(format)
    if (form === 'square-root') {
      const { prepare, eliminate } = squareRootElimination(jacobian, eliminated, format === 'fp32' ? 4 : 8)
      tally.add('condensation', prepare, prepares, at)
      tally.add('elimination', eliminate, solves, at)
    } else tally.add('elimination', pointElimination(jacobian, eliminated), solves, at)
    tally.add('factorization', denseFactorization(this.remainingStep.length), solves, at)
  }
}
