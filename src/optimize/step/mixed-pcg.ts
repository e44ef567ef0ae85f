import {
  type BlockJacobian,
  ConjugateGradientsWorkspace,
  conjugateGradients,
  NormalEquations,
  type Preconditioner,
  type VectorOperations,
  vectorOperations,
} from '../../linear/index.ts'
import {
  diagonalDamping,
  gradientsVectors,
  hessianForming,
  jacobianProduct,
  symmetricProduct,
} from '../precision/amounts.ts'
import type { PrecisionPolicy } from '../precision/policy.ts'
import { stage } from '../precision/presets.ts'
import type { PrecisionRecord } from '../precision/record.ts'
import type { WorkTally } from '../precision/tally.ts'
import { describeRung, type Rung, rungsOf } from './ladder.ts'
import { finiteStep, mixedOutcome } from './mixed-outcome.ts'
import { type NormalOperator, normalOperator } from './normal-operator.ts'
import { type RoundedFactor, roundedFactor } from './rounded-factor.ts'
import type { LinearStep, StepOutcome } from './step.ts'

/** A complete factor of this linearization needs a handful of iterations, of an earlier one some more. */
const FRESH_LIMIT = 100
const STALE_LIMIT = 30

/**
 * The normal equations by conjugate gradients in the formats of a policy: operator Jᵀ(J p), preconditioned by an incomplete
 * factor that is computed once and kept ('static'), its triangular solves in the policy's formats.
 *
 * A solve that breaks down or does not reach its tolerance first has its factor renewed at the current linearization, then
 * climbs the ladder (`ladder.ts`), going on from what it has reached; the rung it ends on stays, and the record says so.
 */
export class MixedPcgStep implements LinearStep {
  readonly exact = false
  private readonly jacobian: BlockJacobian
  private readonly policy: PrecisionPolicy
  private readonly record: PrecisionRecord
  private readonly normal: NormalEquations
  private readonly rungs: readonly Rung[]
  private readonly counts: {
    products: number
    solves: number
    factorizations: number
    forms: number
    iterations: number
  }[]
  private readonly damping: Float64Array
  private readonly rightHandSide: Float64Array
  private readonly workspace: ConjugateGradientsWorkspace
  private rung = 0
  private operator: NormalOperator
  private factor: RoundedFactor
  private readonly amounts: RoundedFactor[]
  private vectors: VectorOperations
  /** Linearizations since the factor was computed; −1: there is none. */
  private age = -1
  private unfit: string | null = null

  constructor(jacobian: BlockJacobian, policy: PrecisionPolicy, record: PrecisionRecord) {
    const n = jacobian.blocks.offset[jacobian.blocks.count]
    this.jacobian = jacobian
    this.policy = policy
    this.record = record
    this.normal = new NormalEquations(jacobian)
    this.rungs = rungsOf(policy)
    this.counts = this.rungs.map(() => ({ products: 0, solves: 0, factorizations: 0, forms: 0, iterations: 0 }))
    this.damping = new Float64Array(n)
    this.rightHandSide = new Float64Array(n)
    this.workspace = new ConjugateGradientsWorkspace(n)
    this.operator = normalOperator(jacobian, this.normal, policy.operator, policy, this.damping, record)
    this.factor = roundedFactor(this.normal, this.rungs[0], policy, record)
    this.amounts = [this.factor]
    this.vectors = vectorOperations(policy.vectors, policy.reductions)
  }

  get name(): string {
    return `pcg (${describeRung(this.rungs[this.rung])})`
  }

  prepare(): void {
    this.unfit = this.operator.update()
    if (this.policy.form === 'hessian') this.counts[this.rung].forms++
    if (this.age >= 0) this.age++
    if (this.policy.incomplete.refresh === 'fresh') this.age = -1
  }

  solve(gradient: Float64Array, damping: Float64Array, step: Float64Array): StepOutcome {
    this.damping.set(damping)
    const { rightHandSide: b, policy } = this
    if (!(policy.gradientFrom === 'operator' && this.operator.gradient(b))) b.set(gradient)
    for (let i = 0; i < b.length; i++) b[i] = -b[i]
    step.fill(0)
    let iterations = 0
    for (;;) {
      const outcome = this.attempt(step)
      iterations += outcome.iterations
      if (outcome.ok && !outcome.truncated) return { ...outcome, iterations }
      if (!outcome.ok || !finite(step)) step.fill(0)
      // A factor of an earlier linearization is renewed before anything is given up.
      if (this.age > 0) this.age = -1
      else if (
        !this.climb(outcome.reason || `${outcome.iterations} inner iterations did not reach ${policy.innerTolerance}`)
      )
        return { ...outcome, iterations }
    }
  }

  work(tally: WorkTally): void {
    const { jacobian, policy, normal } = this
    const { blocks } = jacobian
    const vectors = gradientsVectors(this.damping.length, policy.vectors.stored)
    this.amounts.forEach((factor, i) => {
      const { products, solves, factorizations, forms, iterations } = this.counts[i]
      const { widened, factorization, solves: solvesStage } = this.rungs[i]
      const formats = widened ?? policy.operator
      const amount =
        policy.form === 'hessian'
          ? symmetricProduct(normal.hessian, formats.stored, policy.vectors.stored)
          : times(2, jacobianProduct(jacobian, formats.stored, policy.vectors.stored))
      tally.add('operator', amount, products, formats)
      tally.add('hessian', hessianForming(jacobian, normal.hessian), factorizations + forms, stage('fp64'))
      tally.add('factorization', factor.factorizationAmount(), factorizations, factorization)
      tally.add('preconditioner', factor.solvesAmount(), solves, solvesStage)
      const withDamping = { ...vectors, flops: vectors.flops + diagonalDamping(blocks) }
      tally.add('vectors', withDamping, iterations, widened ?? { ...policy.vectors, accumulated: policy.reductions })
    })
    const { seconds } = this.record
    tally.time('operator', seconds.operator)
    tally.time('preconditioner', seconds.preconditioner)
    tally.time('factorization', seconds.factorization)
  }

  /** Conjugate gradients on from `step`, with the factor of this rung. */
  private attempt(step: Float64Array): StepOutcome {
    const { policy, record } = this
    const fail = (reason: string): StepOutcome => ({ ok: false, iterations: 0, reason })
    if (this.unfit !== null) return fail(this.unfit)
    if (this.age < 0) {
      const broken = this.refresh()
      if (broken !== null) return fail(broken)
    }
    const rung = this.rungs[this.rung]
    const complete = this.age > 0 ? STALE_LIMIT : FRESH_LIMIT
    const report = conjugateGradients(
      this.counted(),
      this.rightHandSide,
      step,
      {
        // With a complete factor an iteration brings two digits or more: the outer loop gains by taking them.
        tolerance: rung.fill === null ? policy.innerTolerance ** 2 : policy.innerTolerance,
        maxIterations: rung.fill === null ? Math.min(complete, policy.innerIterations) : policy.innerIterations,
        norm: 'preconditioned',
        start: 'guess',
        beta: 'polak-ribiere',
        preconditioner: this.timed(),
        vectors: this.vectors,
      },
      this.workspace,
    )
    this.counts[this.rung].iterations += report.iterations
    if (report.outcome === 'indefinite' || report.outcome === 'breakdown')
      record.events.note('operator', report.outcome, report.residualNorm, () => `inner iteration ${report.iterations}`)
    const reason =
      report.outcome === 'converged'
        ? ''
        : `conjugate gradients: ${report.outcome} after ${report.iterations} iterations, ` +
          (Number.isNaN(report.residualNorm)
            ? 'rᵀ M⁻¹ r < 0: the rounded solves are not definite'
            : `residual ${report.residualNorm.toPrecision(3)} against ${report.target.toPrecision(3)}`)
    return { ...finiteStep(mixedOutcome(report), step), reason }
  }

  /** A new factor of the current linearization. */
  private refresh(): string | null {
    const { record, counts } = this
    const since = record.clock()
    if (this.policy.form !== 'hessian') this.normal.form()
    const broken = this.factor.refresh(this.damping)
    counts[this.rung].factorizations++
    record.seconds.factorization += record.clock() - since
    this.age = broken === null ? 0 : -1
    return broken
  }

  /** One rung up; false at the top. */
  private climb(reason: string): boolean {
    if (this.rung + 1 >= this.rungs.length) return false
    const { jacobian, normal, policy, record } = this
    const from = this.name
    this.rung++
    const rung = this.rungs[this.rung]
    this.factor = roundedFactor(normal, rung, policy, record)
    this.amounts.push(this.factor)
    this.age = -1
    if (rung.widened) {
      this.operator = normalOperator(jacobian, normal, rung.widened, policy, this.damping, record)
      this.unfit = this.operator.update()
      this.vectors = vectorOperations(rung.widened, rung.widened.computed)
    }
    record.fallBack(from, this.name, reason)
    return true
  }

  private counted(): NormalOperator {
    const { operator, record } = this
    const count = this.counts[this.rung]
    return {
      ...operator,
      apply(p, out) {
        const since = record.clock()
        operator.apply(p, out)
        record.seconds.operator += record.clock() - since
        count.products++
      },
    }
  }

  private timed(): Preconditioner {
    const { factor, record } = this
    const count = this.counts[this.rung]
    return {
      apply(r, z) {
        const since = record.clock()
        factor.apply(r, z)
        record.seconds.preconditioner += record.clock() - since
        count.solves++
      },
    }
  }
}

function times(n: number, { flops, bytes }: { flops: number; bytes: number }): { flops: number; bytes: number } {
  return { flops: n * flops, bytes: n * bytes }
}

function finite(x: Float64Array): boolean {
  for (let i = 0; i < x.length; i++) if (!Number.isFinite(x[i])) return false
  return true
}
