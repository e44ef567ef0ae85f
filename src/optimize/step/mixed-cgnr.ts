import {
  type BlockJacobian,
  CgnrWorkspace,
  cgnr,
  type RectangularOperator,
  RoundedJacobian,
  type VectorOperations,
  vectorOperations,
} from '../../linear/index.ts'
import { cgnrVectors, jacobianProduct, jacobianScaling, scaledDamping } from '../precision/amounts.ts'
import type { PrecisionPolicy, Stage } from '../precision/policy.ts'
import { stage } from '../precision/presets.ts'
import type { PrecisionRecord } from '../precision/record.ts'
import type { WorkTally } from '../precision/tally.ts'
import { describeStage, widerStages } from './ladder.ts'
import { finiteStep, mixedOutcome } from './mixed-outcome.ts'
import type { LinearStep, StepOutcome } from './step.ts'

/**
 * The normal equations by conjugate gradients on a Jacobian that is scaled and rounded once per linearization, every
 * operation of the iteration in the formats of a policy. Solved for y in δ = L⁻ᵀ y, with L Lᵀ ≈ the diagonal blocks of JᵀJ
 * folded into J: conjugate gradients then need no preconditioner (docs/maths/precision.md, eq. 7).
 *
 * Where the formats cannot hold the numbers, or the iteration breaks down, the operator's are widened for good: to fp32,
 * then fp64; each time is recorded.
 */
export class MixedCgnrStep implements LinearStep {
  readonly exact = false
  private readonly jacobian: BlockJacobian
  private readonly policy: PrecisionPolicy
  private readonly record: PrecisionRecord
  private readonly rungs: readonly Stage[]
  private readonly vectors: VectorOperations
  private readonly workspace: CgnrWorkspace
  private readonly scaledGradient: Float64Array
  private readonly y: Float64Array
  private rounded: RoundedJacobian
  private operator: RectangularOperator
  private rung = 0
  /** Per rung: linearizations rounded, products J p, products Jᵀ q. */
  private readonly counts: { updates: number; products: number }[]
  private iterations = 0

  constructor(jacobian: BlockJacobian, policy: PrecisionPolicy, record: PrecisionRecord) {
    const n = jacobian.blocks.offset[jacobian.blocks.count]
    this.jacobian = jacobian
    this.policy = policy
    this.record = record
    this.rungs = policy.fallback === 'ladder' ? widerStages(policy.operator) : [policy.operator]
    this.counts = this.rungs.map(() => ({ updates: 0, products: 0 }))
    this.vectors = vectorOperations(policy.vectors, policy.reductions)
    this.workspace = new CgnrWorkspace(jacobian.rows, n)
    this.scaledGradient = new Float64Array(n)
    this.y = new Float64Array(n)
    this.rounded = this.operatorOf(this.rungs[0])
    this.operator = this.counted(this.rounded)
  }

  get name(): string {
    return `cgnr (${describeStage(this.rungs[this.rung])})`
  }

  prepare(): void {
    for (;;) {
      const { overflowed, nonFinite, subnormal, first } = this.rounded.update()
      this.counts[this.rung].updates++
      const { stored, computed } = this.rungs[this.rung]
      const where = () => (first ? this.record.factorName(first.batch, first.factor) : 'the Jacobian')
      if (overflowed > 0) this.record.events.note('operator', 'overflow', first?.value ?? 0, where, overflowed)
      if (subnormal > 0) this.record.events.note('operator', 'underflow', 0, () => 'the Jacobian', subnormal)
      if (overflowed === 0 || nonFinite > 0) return
      const reason =
        `${overflowed} entries of the ${this.policy.scaling === 'none' ? 'unscaled' : 'scaled'} Jacobian overflow ` +
        `${computed === stored ? stored : `${stored} or ${computed}`}, first ${first?.value} of ${where()}`
      if (!this.widen(reason)) return
    }
  }

  solve(gradient: Float64Array, damping: Float64Array, step: Float64Array): StepOutcome {
    let iterations = 0
    for (;;) {
      const outcome = this.attempt(gradient, damping, step)
      iterations += outcome.iterations
      if (outcome.ok || !this.widen(outcome.reason)) return { ...outcome, iterations }
      this.prepare()
    }
  }

  work(tally: WorkTally): void {
    const { jacobian, policy, rungs, counts } = this
    rungs.forEach((formats, i) => {
      const { updates, products } = counts[i]
      const amount = jacobianProduct(jacobian, formats.stored, policy.vectors.stored)
      tally.add('operator', amount, products, formats)
      const scaling = jacobianScaling(jacobian, policy.scaling === 'blocks', formats.stored)
      if (policy.scaling !== 'none') tally.add('scaling', scaling, updates, stage('fp64'))
    })
    const vectors = cgnrVectors(
      jacobian,
      policy.recurrence === 'textbook',
      scaledDamping(jacobian.blocks),
      policy.vectors.stored,
    )
    tally.add('vectors', vectors, this.iterations, { ...policy.vectors, accumulated: policy.reductions })
    tally.time('operator', this.record.seconds.operator)
  }

  private attempt(gradient: Float64Array, damping: Float64Array, step: Float64Array): StepOutcome {
    const { rounded, policy, vectors, scaledGradient, y, jacobian } = this
    if (policy.gradientFrom === 'operator') this.operator.multiplyTransposed(jacobian.residual, scaledGradient)
    else rounded.gradientToScaled(gradient, scaledGradient)
    const problem = {
      jacobian: this.operator,
      residual: jacobian.residual,
      gradient: scaledGradient,
      damping: rounded.damping(damping),
    }
    const report = cgnr(
      problem,
      y,
      {
        tolerance: policy.innerTolerance,
        maxIterations: policy.innerIterations,
        norm: 'preconditioned',
        beta: policy.recurrence === 'textbook' ? 'fletcher-reeves' : 'polak-ribiere',
        recurrence: policy.recurrence === 'textbook' ? 'rows' : 'normal',
        vectors,
      },
      this.workspace,
    )
    this.iterations += report.iterations
    rounded.fromScaled(y, step)
    if (report.outcome === 'indefinite' || report.outcome === 'breakdown')
      this.record.events.note(
        'operator',
        report.outcome,
        report.residualNorm,
        () => `inner iteration ${report.iterations}`,
      )
    return finiteStep(mixedOutcome(report), step)
  }

  /** One rung up; false at the top. */
  private widen(reason: string): boolean {
    if (this.rung + 1 >= this.rungs.length) return false
    const from = this.name
    this.rung++
    this.rounded = this.operatorOf(this.rungs[this.rung])
    this.operator = this.counted(this.rounded)
    this.record.fallBack(from, this.name, reason)
    return true
  }

  private operatorOf(formats: Stage): RoundedJacobian {
    const { jacobian, policy } = this
    const damping = policy.vectors.computed
    return new RoundedJacobian(jacobian, formats, policy.scaling, undefined, { normalize: policy.normalize, damping })
  }

  private counted(J: RoundedJacobian): RectangularOperator {
    const count = this.counts[this.rung]
    const { seconds, clock } = this.record
    return {
      rows: J.rows,
      columns: J.columns,
      multiply(p, q) {
        const since = clock()
        J.multiply(p, q)
        seconds.operator += clock() - since
        count.products++
      },
      multiplyTransposed(q, z) {
        const since = clock()
        J.multiplyTransposed(q, z)
        seconds.operator += clock() - since
        count.products++
      },
    }
  }
}
