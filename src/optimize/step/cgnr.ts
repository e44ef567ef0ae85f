import {
  BlockJacobi,
  type BlockJacobian,
  CgnrWorkspace,
  cgnr,
  jacobianOperator,
  type RectangularOperator,
} from '../../linear/index.ts'
import { blockSolves, cgnrVectors, diagonalDamping, jacobianProduct } from '../precision/amounts.ts'
import { stage } from '../precision/presets.ts'
import type { WorkTally } from '../precision/tally.ts'
import { innerLimit, KRYLOV, krylovOutcome } from './iterative.ts'
import type { LinearStep, StepOutcome } from './step.ts'

/** The normal equations by conjugate gradients on the Jacobian, the Hessian never formed; block Jacobi preconditioner. */
export class CgnrStep implements LinearStep {
  readonly name = 'cgnr'
  readonly exact = false
  private readonly jacobian: BlockJacobian
  private readonly operator: RectangularOperator
  private readonly preconditioner: BlockJacobi
  private readonly workspace: CgnrWorkspace
  private iterations = 0
  private solves = 0

  constructor(jacobian: BlockJacobian) {
    this.jacobian = jacobian
    this.operator = jacobianOperator(jacobian)
    this.preconditioner = new BlockJacobi(jacobian.blocks)
    this.workspace = new CgnrWorkspace(jacobian.rows, this.operator.columns)
  }

  prepare(): void {}

  solve(gradient: Float64Array, damping: Float64Array, step: Float64Array): StepOutcome {
    const { jacobian, preconditioner } = this
    preconditioner.update(jacobian, damping)
    const problem = { jacobian: this.operator, residual: jacobian.residual, gradient, damping }
    const options = { ...KRYLOV, preconditioner, maxIterations: innerLimit(step.length) }
    const report = cgnr(problem, step, options, this.workspace)
    this.iterations += report.iterations
    this.solves++
    return krylovOutcome(report)
  }

  work(tally: WorkTally): void {
    const { jacobian, iterations, solves } = this
    const double = stage('fp64')
    tally.add('operator', jacobianProduct(jacobian, 'fp64', 'fp64'), 2 * iterations + solves, double)
    tally.add('preconditioner', blockSolves(jacobian.blocks, 'fp64', 'fp64'), iterations + 2 * solves, double)
    const vectors = cgnrVectors(jacobian, false, diagonalDamping(jacobian.blocks), 'fp64')
    tally.add('vectors', vectors, iterations, double)
  }
}
