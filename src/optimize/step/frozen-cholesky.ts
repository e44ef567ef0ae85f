import {
  type BlockJacobian,
  type FactorFormat,
  type FactorOutcome,
  FrozenCholesky,
  type KrylovReport,
  type NormalEquations,
  type Symbolic,
} from '../../linear/index.ts'
import { gradientsVectors, hessianForming, substitution, symmetricProduct } from '../precision/amounts.ts'
import { stage } from '../precision/presets.ts'
import type { WorkTally } from '../precision/tally.ts'
import { krylovOutcome } from './iterative.ts'
import type { LinearStep, StepOutcome } from './step.ts'

/** The residual of the inner iteration, in the factor's norm, at which a step counts as solved. */
const ETA = 0.01

/** Inner iterations with an older factor before it is refreshed; 6 to 20 take the same time within 5 %. */
const PATIENCE = 10

/** A fresh fp32 factor that needs more iterations than this is no longer one of this matrix. */
const FRESH = 5

/** With a fresh fp64 factor one or two iterations are enough; more are the rounding of a nearly singular matrix. */
const LAST = 20

/** A step that changed Σ r² by more than this share leaves the old factor behind. */
const CHANGE = 0.2

/**
 * The normal equations by conjugate gradients, preconditioned by a complete factor in fp32 that is kept from one linearization
 * to the next; operator and gradient are fp64, so the optimum is that of a direct step. The rules (docs/decisions/fast-step.md):
 * factor anew where the last step changed the cost by more than a fifth; give an old factor ten iterations, then factor
 * where we stand and go on from the iterate; after a bad pivot in fp32, or where a fresh fp32 factor needs more than five
 * iterations, factor in fp64 for good.
 */
export class FrozenCholeskyStep implements LinearStep {
  readonly name = 'frozen-cholesky'
  /** What ETA leaves of the decrease is ETA² of it: a small decrease says as much as after a direct step. */
  readonly exact = true
  readonly symbolic: Symbolic
  private readonly jacobian: BlockJacobian
  private readonly normal: NormalEquations
  private readonly rightHandSide: Float64Array
  private frozen: FrozenCholesky
  private squares = Number.NaN
  private stale = true
  private forms = 0
  private iterations = 0
  private readonly factors: Record<FactorFormat, number> = { fp32: 0, fp64: 0 }
  private readonly iterationsBy: Record<FactorFormat, number> = { fp32: 0, fp64: 0 }
  private escalation = ''

  constructor(jacobian: BlockJacobian, normal: NormalEquations, symbolic: Symbolic) {
    this.jacobian = jacobian
    this.normal = normal
    this.symbolic = symbolic
    this.rightHandSide = new Float64Array(jacobian.blocks.offset[jacobian.blocks.count])
    this.frozen = new FrozenCholesky(symbolic, { format: 'fp32' })
  }

  prepare(): void {
    this.forms++
    this.normal.formHessian()
    const before = this.squares
    this.squares = sumOfSquares(this.jacobian.residual)
    if (!(Math.abs(before - this.squares) <= CHANGE * before)) this.stale = true
  }

  solve(gradient: Float64Array, damping: Float64Array, step: Float64Array): StepOutcome {
    const { rightHandSide: b } = this
    for (let i = 0; i < b.length; i++) b[i] = -gradient[i]
    let start: 'zero' | 'guess' = 'zero'
    this.iterations = 0
    if (!this.stale) {
      this.frozen.update(this.normal.hessian, damping)
      const report = this.iterate(b, step, start, PATIENCE)
      if (report.outcome === 'converged') return this.taken(report)
      start = Number.isFinite(report.residualNorm) ? 'guess' : 'zero'
    }
    if (this.frozen.format === 'fp32') {
      const factored = this.factor(damping)
      const report = factored.ok ? this.iterate(b, step, start, FRESH) : null
      if (report?.outcome === 'converged') return this.taken(report)
      if (factored.ok && report && Number.isFinite(report.residualNorm)) start = 'guess'
      this.escalate(factored, report)
    }
    const factored = this.factor(damping)
    if (!factored.ok) return { ok: false, iterations: 0, reason: `pivot ${factored.pivot} in block ${factored.block}` }
    return this.taken(this.iterate(b, step, start, LAST))
  }

  /** What it has cost, for reports. */
  report(): string {
    const { fp32, fp64 } = this.factors
    const counts = [`${fp32} factors in fp32`, ...(fp64 > 0 ? [`${fp64} in fp64`] : [])].join(', ')
    const inner = this.iterationsBy.fp32 + this.iterationsBy.fp64
    return `${this.frozen.describe()}; ${counts}, ${inner} inner iterations${this.escalation}`
  }

  dispose(): void {
    this.frozen.dispose()
  }

  work(tally: WorkTally): void {
    const { normal, symbolic, jacobian, rightHandSide } = this
    const double = stage('fp64')
    const { flops, nonzeros } = symbolic
    tally.add('hessian', hessianForming(jacobian, normal.hessian.values.length), this.forms, double)
    for (const format of ['fp32', 'fp64'] as const) {
      const size = format === 'fp32' ? 4 : 8
      const { flops: solve } = substitution(nonzeros)
      // Each solve begins with one application more than it has iterations.
      const applications = this.iterationsBy[format] + this.factors[format]
      tally.add('factorization', { flops, bytes: 2 * size * nonzeros }, this.factors[format], stage(format))
      tally.add('preconditioner', { flops: solve, bytes: 2 * size * nonzeros }, applications, stage(format))
    }
    const inner = this.iterationsBy.fp32 + this.iterationsBy.fp64
    tally.add('operator', symmetricProduct(normal.hessian, 'fp64', 'fp64'), inner, double)
    tally.add('vectors', gradientsVectors(rightHandSide.length, 'fp64'), inner, double)
  }

  private factor(damping: Float64Array): FactorOutcome {
    this.factors[this.frozen.format]++
    const outcome = this.frozen.factor(this.normal.hessian, damping)
    this.stale = !outcome.ok
    return outcome
  }

  private iterate(b: Float64Array, x: Float64Array, start: 'zero' | 'guess', maxIterations: number): KrylovReport {
    const report = this.frozen.solve(b, x, { start, maxIterations, tolerance: ETA })
    this.iterations += report.iterations
    this.iterationsBy[this.frozen.format] += report.iterations
    return report
  }

  private escalate(factored: FactorOutcome, report: KrylovReport | null): void {
    const why = factored.ok
      ? `a fresh factor left ${report?.residualNorm} > ${report?.target} after ${report?.iterations} iterations`
      : `pivot ${factored.pivot} in block ${factored.block}`
    this.escalation = `; fp64 since ${why}`
    this.frozen.dispose()
    this.frozen = new FrozenCholesky(this.symbolic, { format: 'fp64' })
  }

  private taken(report: KrylovReport): StepOutcome {
    const outcome = krylovOutcome(report)
    return { ...outcome, iterations: this.iterations, truncated: report.outcome !== 'converged' }
  }
}

function sumOfSquares(v: Float64Array): number {
  let sum = 0
  for (let i = 0; i < v.length; i++) sum += v[i] * v[i]
  return sum
}
