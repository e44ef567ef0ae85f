import {
  BlockJacobi,
  type BlockJacobian,
  ConjugateGradientsWorkspace,
  conjugateGradients,
  hessianOperator,
  IncompleteCholesky,
  type LinearOperator,
  NormalEquations,
} from '../../linear/index.ts'
import { innerLimit, KRYLOV, krylovOutcome } from './iterative.ts'
import type { LinearStep, StepOutcome } from './step.ts'

/**
 * The normal equations by conjugate gradients on the formed Hessian, preconditioned by an incomplete block Cholesky factor
 * (block Jacobi where that breaks down).
 */
export class PcgStep implements LinearStep {
  readonly name = 'pcg'
  readonly exact = false
  private readonly normal: NormalEquations
  private readonly operator: LinearOperator
  private readonly damping: Float64Array
  private readonly rightHandSide: Float64Array
  private readonly incomplete: IncompleteCholesky
  private readonly blockJacobi: BlockJacobi
  private readonly workspace: ConjugateGradientsWorkspace

  constructor(jacobian: BlockJacobian, normal: NormalEquations = new NormalEquations(jacobian)) {
    const { blocks } = jacobian
    const unknowns = blocks.offset[blocks.count]!
    this.normal = normal
    this.damping = new Float64Array(unknowns)
    this.operator = hessianOperator(normal.hessian, this.damping)
    this.rightHandSide = new Float64Array(unknowns)
    this.incomplete = new IncompleteCholesky(normal.hessian)
    this.blockJacobi = new BlockJacobi(blocks)
    this.workspace = new ConjugateGradientsWorkspace(unknowns)
  }

  prepare(): void {
    this.normal.form()
  }

  solve(gradient: Float64Array, damping: Float64Array, step: Float64Array): StepOutcome {
    this.damping.set(damping)
    for (let i = 0; i < gradient.length; i++) this.rightHandSide[i] = -gradient[i]!
    const broken = this.incomplete.update(damping).outcome !== 'factored'
    if (broken) this.blockJacobi.update(this.normal.hessian, damping)
    const preconditioner = broken ? this.blockJacobi : this.incomplete
    const options = { ...KRYLOV, preconditioner, maxIterations: innerLimit(step.length) }
    return krylovOutcome(conjugateGradients(this.operator, this.rightHandSide, step, options, this.workspace))
  }
}
