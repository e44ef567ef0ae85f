import {
  BlockCholesky,
  type BlockJacobian,
  DenseCholesky,
  type FactorOutcome,
  SchurComplement,
} from '../../linear/index.ts'
import {
  denseFactorization,
  hessianForming,
  hessianNumbers,
  pointElimination,
  substitution,
} from '../precision/amounts.ts'
import { stage } from '../precision/presets.ts'
import type { WorkTally } from '../precision/tally.ts'
import { type LinearStep, type StepOutcome, solved } from './step.ts'

/** Remaining unknowns up to which the reduced system is taken as dense: cameras that all see each other make it so. */
const DENSE_UNKNOWNS = 600

/** The normal equations with the points eliminated first; the reduced camera system by dense or sparse Cholesky. */
export class SchurStep implements LinearStep {
  readonly name: string
  readonly exact = true
  private readonly schur: SchurComplement
  private readonly cholesky: DenseCholesky | BlockCholesky
  private readonly remainingStep: Float64Array
  private readonly jacobian: BlockJacobian
  private readonly eliminated: Uint8Array
  private prepares = 0
  private solves = 0

  constructor(jacobian: BlockJacobian, eliminated: Uint8Array) {
    this.jacobian = jacobian
    this.eliminated = eliminated
    let remaining = 0
    for (let j = 0; j < eliminated.length; j++) if (!eliminated[j]) remaining += jacobian.blocks.dims[j]
    const form = remaining <= DENSE_UNKNOWNS ? 'dense' : 'sparse'
    this.name = `schur (${form})`
    this.schur = new SchurComplement(jacobian, eliminated, { form })
    this.cholesky = form === 'dense' ? new DenseCholesky(remaining) : new BlockCholesky(this.schur.reduced)
    this.remainingStep = new Float64Array(remaining)
  }

  prepare(): void {
    this.prepares++
    this.schur.prepare()
  }

  solve(gradient: Float64Array, damping: Float64Array, step: Float64Array): StepOutcome {
    const { schur, cholesky, remainingStep } = this
    this.solves++
    const { outcome, block } = schur.eliminate(damping, gradient)
    if (outcome !== 'eliminated')
      return { ok: false, iterations: 0, reason: `the 3 × 3 system of point block ${block} is not positive definite` }
    const factored: FactorOutcome = cholesky.factor(schur.reduced)
    if (!factored.ok)
      return { ok: false, iterations: 0, reason: `pivot ${factored.pivot} in camera block ${factored.block}` }
    for (let i = 0; i < remainingStep.length; i++) remainingStep[i] = -schur.reducedGradient[i]
    cholesky.solve(remainingStep, remainingStep)
    schur.backSubstitute(remainingStep, step)
    return solved
  }

  report(): string {
    const { schur, cholesky } = this
    return `elimination: ${schur.runs}; cameras: ${cholesky.describe()}`
  }

  dispose(): void {
    this.cholesky.dispose()
  }

  work(tally: WorkTally): void {
    const { jacobian, eliminated, cholesky, prepares, solves } = this
    const n = this.remainingStep.length
    const double = stage('fp64')
    tally.add('hessian', hessianForming(jacobian, hessianNumbers(jacobian)), prepares, double)
    tally.add('elimination', pointElimination(jacobian, eliminated), solves, double)
    if (cholesky instanceof BlockCholesky) {
      const { flops, nonzeros } = cholesky.symbolic
      tally.add('factorization', { flops, bytes: 16 * nonzeros }, solves, double)
      tally.add('solve', substitution(nonzeros), solves, double)
    } else {
      tally.add('factorization', denseFactorization(n), solves, double)
      tally.add('solve', substitution((n * (n + 1)) / 2), solves, double)
    }
  }
}
