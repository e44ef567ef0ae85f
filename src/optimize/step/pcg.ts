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
import {
  factorization,
  gradientsVectors,
  hessianForming,
  symmetricProduct,
  triangularSolves,
} from '../precision/amounts.ts'
import { stage } from '../precision/presets.ts'
import type { WorkTally } from '../precision/tally.ts'
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
  private readonly jacobian: BlockJacobian
  private forms = 0
  private solves = 0
  private iterations = 0

  constructor(jacobian: BlockJacobian, normal: NormalEquations = new NormalEquations(jacobian)) {
    const { blocks } = jacobian
    const unknowns = blocks.offset[blocks.count]
    this.jacobian = jacobian
    this.normal = normal
    this.damping = new Float64Array(unknowns)
    this.operator = hessianOperator(normal.hessian, this.damping)
    this.rightHandSide = new Float64Array(unknowns)
    this.incomplete = new IncompleteCholesky(normal.hessian)
    this.blockJacobi = new BlockJacobi(blocks)
    this.workspace = new ConjugateGradientsWorkspace(unknowns)
  }

  prepare(): void {
    this.forms++
    this.normal.form()
  }

  solve(gradient: Float64Array, damping: Float64Array, step: Float64Array): StepOutcome {
    this.damping.set(damping)
    for (let i = 0; i < gradient.length; i++) this.rightHandSide[i] = -gradient[i]
    const broken = this.incomplete.update(damping).outcome !== 'factored'
    if (broken) this.blockJacobi.update(this.normal.hessian, damping)
    const preconditioner = broken ? this.blockJacobi : this.incomplete
    const options = { ...KRYLOV, preconditioner, maxIterations: innerLimit(step.length) }
    const report = conjugateGradients(this.operator, this.rightHandSide, step, options, this.workspace)
    this.iterations += report.iterations
    this.solves++
    return krylovOutcome(report)
  }

  work(tally: WorkTally): void {
    const { jacobian, normal, incomplete, forms, solves, iterations } = this
    const { hessian } = normal
    const { factor } = incomplete
    const double = stage('fp64')
    tally.add('hessian', hessianForming(jacobian, hessian.values.length), forms, double)
    tally.add('factorization', factorization(factor, 'fp64'), solves, double)
    tally.add('operator', symmetricProduct(hessian, 'fp64', 'fp64'), iterations, double)
    const applied = triangularSolves(hessian.blocks, factor.values.length, 'fp64', 'fp64')
    tally.add('preconditioner', applied, iterations + 2 * solves, double)
    tally.add('vectors', gradientsVectors(this.damping.length, 'fp64'), iterations, double)
  }
}
