import { analyze, BlockCholesky, type BlockJacobian, NormalEquations, type Symbolic } from '../../linear/index.ts'
import { hessianForming, substitution } from '../precision/amounts.ts'
import { stage } from '../precision/presets.ts'
import type { WorkTally } from '../precision/tally.ts'
import { type LinearStep, type StepOutcome, solved } from './step.ts'

/** The normal equations by sparse block Cholesky: ordered and analysed once, factored at every damping. */
export class CholeskyStep implements LinearStep {
  readonly name = 'cholesky'
  readonly exact = true
  readonly symbolic: Symbolic
  private readonly normal: NormalEquations
  private readonly cholesky: BlockCholesky
  private readonly jacobian: BlockJacobian
  private forms = 0
  private factors = 0

  constructor(jacobian: BlockJacobian, normal: NormalEquations = new NormalEquations(jacobian), symbolic?: Symbolic) {
    this.jacobian = jacobian
    this.normal = normal
    this.symbolic = symbolic ?? analyze(normal.hessian)
    this.cholesky = new BlockCholesky(this.symbolic)
  }

  prepare(): void {
    this.forms++
    this.normal.formHessian()
  }

  solve(gradient: Float64Array, damping: Float64Array, step: Float64Array): StepOutcome {
    this.factors++
    const outcome = this.cholesky.factor(this.normal.hessian, damping)
    if (!outcome.ok) return { ok: false, iterations: 0, reason: `pivot ${outcome.pivot} in block ${outcome.block}` }
    for (let i = 0; i < step.length; i++) step[i] = -gradient[i]
    this.cholesky.solve(step, step)
    return solved
  }

  report(): string {
    return this.cholesky.describe()
  }

  dispose(): void {
    this.cholesky.dispose()
  }

  work(tally: WorkTally): void {
    const { flops, nonzeros } = this.symbolic
    const double = stage('fp64')
    tally.add('hessian', hessianForming(this.jacobian, this.normal.hessian.values.length), this.forms, double)
    tally.add('factorization', { flops, bytes: 16 * nonzeros }, this.factors, double)
    tally.add('solve', substitution(nonzeros), this.factors, double)
  }
}
