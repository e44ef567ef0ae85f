import {
  type BlockJacobian,
  ConjugateGradientsWorkspace,
  conjugateGradients,
  type KrylovReport,
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

/** A residual computed anew may miss the target that the iteration's own one has reached by this factor. */
const SLACK = 10

/**
 * The normal equations by conjugate gradients in the formats of a policy: operator Jᵀ(J p), preconditioned by an incomplete
 * factor that is computed once and kept ('static'), its triangular solves in the policy's formats.
 *
 * A solve that breaks down or does not reach its tolerance first has its factor renewed at the current linearization, then
 * climbs the ladder (`ladder.ts`); the rung it ends on stays, and the record says so.
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
  private readonly residual: Float64Array
  private readonly correction: Float64Array
  private readonly workspace: ConjugateGradientsWorkspace
  /** JᵀJ + Λ in the format of refinement. */
  private readonly refinement: NormalOperator
  private refinements = 0
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
    this.residual = new Float64Array(n)
    this.correction = new Float64Array(n)
    this.workspace = new ConjugateGradientsWorkspace(n)
    this.operator = normalOperator(jacobian, this.normal, policy.operator, policy, this.damping, record)
    this.refinement =
      policy.refine.passes === 0
        ? this.operator
        : normalOperator(jacobian, this.normal, stage(policy.refine.residual), unscaled(policy), this.damping, record)
    this.factor = roundedFactor(this.normal, this.rungs[0], policy, record)
    this.amounts = [this.factor]
    this.vectors = vectorOperations(policy.vectors, policy.reductions)
  }

  get name(): string {
    return `pcg (${describeRung(this.rungs[this.rung])})`
  }

  prepare(): void {
    this.unfit = this.operator.update()
    if (this.refinement !== this.operator) this.unfit = this.refinement.update() ?? this.unfit
    if (this.policy.form === 'hessian') this.counts[this.rung].forms++
    if (this.age >= 0) this.age++
    // Where fp32 has failed, a factor of another linearization leaves too much in weak directions as well.
    if (this.policy.incomplete.refresh === 'fresh' || this.rungs[this.rung].widened) this.age = -1
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
      // A factor of an earlier linearization is renewed before anything is given up.
      if (this.age > 0) this.age = -1
      else if (!this.climb(outcome.reason)) return { ...outcome, iterations }
      // What a failing factor has left in directions that the cost hardly sees, no later residual would show: begin anew.
      step.fill(0)
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
      tally.add(
        'hessian',
        hessianForming(jacobian, normal.hessian.values.length),
        factorizations + forms,
        stage('fp64'),
      )
      tally.add('factorization', factor.factorizationAmount(), factorizations, factorization)
      tally.add('preconditioner', factor.solvesAmount(), solves, solvesStage)
      const withDamping = { ...vectors, flops: vectors.flops + diagonalDamping(blocks) }
      tally.add('vectors', withDamping, iterations, widened ?? { ...policy.vectors, accumulated: policy.reductions })
    })
    const refined = jacobianProduct(jacobian, policy.refine.residual, policy.refine.residual)
    if (policy.refine.passes > 0)
      tally.add('refinement', times(2, refined), this.refinements, stage(policy.refine.residual))
    const { seconds } = this.record
    tally.time('operator', seconds.operator)
    tally.time('preconditioner', seconds.preconditioner)
    tally.time('factorization', seconds.factorization)
  }

  /**
   * (JᵀJ + Λ) δ = b with the factor of this rung: conjugate gradients on the residual b − (JᵀJ + Λ) δ, which is
   * computed anew in the policy's refinement format after each pass. The residual that the iteration itself carries falls
   * whatever its rounding does to δ; this one tells.
   */
  private attempt(step: Float64Array): StepOutcome {
    const { policy, rightHandSide: b, residual: r, correction } = this
    const fail = (reason: string): StepOutcome => ({ ok: false, iterations: 0, reason })
    if (this.unfit !== null) return fail(this.unfit)
    if (this.age < 0) {
      const broken = this.refresh()
      if (broken !== null) return fail(broken)
    }
    const { passes, residual: format } = policy.refine
    // With a complete factor an iteration brings two digits or more: the outer loop gains by taking them.
    const { fill, widened } = this.rungs[this.rung]
    const tolerance = policy.innerTolerance ** (widened ? 4 : fill === null ? 2 : 1)
    const target = tolerance * this.preconditionedNorm(b)
    let norm = this.residualOf(step)
    let iterations = 0
    for (let pass = 0; ; pass++) {
      const report = this.gradients(r, correction, Math.min(0.5, target / norm))
      iterations += report.iterations
      for (let i = 0; i < step.length; i++) step[i] += correction[i]
      const outcome = { ...finiteStep(mixedOutcome(report), step), iterations }
      if (outcome.truncated || !outcome.ok) return { ...outcome, reason: describeReport(report) }
      if (passes === 0) return outcome
      const before = norm
      norm = this.residualOf(step)
      if (norm <= SLACK * target) return outcome
      if (pass < passes && norm < before / 2) continue
      const reason = `the residual in ${format} is ${norm.toPrecision(3)} against ${target.toPrecision(3)} after ${pass + 1} passes`
      return { ...outcome, truncated: true, reason }
    }
  }

  /** Conjugate gradients for one right-hand side, from zero. */
  private gradients(b: Float64Array, x: Float64Array, tolerance: number): KrylovReport {
    const { policy, record } = this
    const complete = this.age > 0 ? STALE_LIMIT : FRESH_LIMIT
    const limit =
      this.rungs[this.rung].fill === null ? Math.min(complete, policy.innerIterations) : policy.innerIterations
    const options = {
      tolerance,
      maxIterations: limit,
      norm: 'preconditioned',
      beta: 'polak-ribiere',
      preconditioner: this.timed(),
      vectors: this.vectors,
    } as const
    const report = conjugateGradients(this.counted(), b, x, options, this.workspace)
    this.counts[this.rung].iterations += report.iterations
    if (report.outcome === 'indefinite' || report.outcome === 'breakdown')
      record.events.note('operator', report.outcome, report.residualNorm, () => `inner iteration ${report.iterations}`)
    return report
  }

  /** residual ← b − (JᵀJ + Λ) step in the refinement's format; returns its preconditioned norm. */
  private residualOf(step: Float64Array): number {
    const { rightHandSide: b, residual: r, refinement } = this
    refinement.apply(step, r)
    this.refinements++
    for (let i = 0; i < r.length; i++) r[i] = b[i] - r[i]
    return this.preconditionedNorm(r)
  }

  private preconditionedNorm(r: Float64Array): number {
    const { z } = this.workspace
    this.timed().apply(r, z)
    let sum = 0
    for (let i = 0; i < r.length; i++) sum += r[i] * z[i]
    return Math.sqrt(Math.max(0, sum))
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

function describeReport({ outcome, iterations, residualNorm, target }: KrylovReport): string {
  const numbers = Number.isNaN(residualNorm)
    ? 'rᵀ M⁻¹ r < 0: the rounded solves are not definite'
    : `residual ${residualNorm.toPrecision(3)} against ${target.toPrecision(3)}`
  return `conjugate gradients: ${outcome} after ${iterations} iterations, ${numbers}`
}

/** Residuals for refinement are formed from J as it is. */
function unscaled(policy: PrecisionPolicy): PrecisionPolicy {
  return { ...policy, form: 'jacobian', scaling: 'none' }
}

function times(n: number, { flops, bytes }: { flops: number; bytes: number }): { flops: number; bytes: number } {
  return { flops: n * flops, bytes: n * bytes }
}
