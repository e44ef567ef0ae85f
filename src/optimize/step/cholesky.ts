import { analyze, BlockCholesky, type BlockJacobian, NormalEquations, type Symbolic } from '../../linear/index.ts'
import { type LinearStep, type StepOutcome, solved } from './step.ts'

/** The normal equations by sparse block Cholesky: ordered and analysed once, factored at every damping. */
export class CholeskyStep implements LinearStep {
  readonly name = 'cholesky'
  readonly exact = true
  readonly symbolic: Symbolic
  private readonly normal: NormalEquations
  private readonly cholesky: BlockCholesky

  constructor(jacobian: BlockJacobian, normal: NormalEquations = new NormalEquations(jacobian), symbolic?: Symbolic) {
    this.normal = normal
    this.symbolic = symbolic ?? analyze(normal.hessian)
    this.cholesky = new BlockCholesky(this.symbolic)
  }

  prepare(): void {
    this.normal.formHessian()
  }

  solve(gradient: Float64Array, damping: Float64Array, step: Float64Array): StepOutcome {
    const outcome = this.cholesky.factor(this.normal.hessian, damping)
    if (!outcome.ok) return { ok: false, iterations: 0, reason: `pivot ${outcome.pivot} in block ${outcome.block}` }
    for (let i = 0; i < step.length; i++) step[i] = -gradient[i]!
    this.cholesky.solve(step, step)
    return solved
  }
}
