import { gradient as computeGradient } from '../../linear/index.ts'
import { whitenVector } from '../linearize.ts'
import { predictedDecrease } from '../minimize.ts'
import { type Program, type ProgramBatch, retract } from '../program.ts'
import type { StepOutcome } from '../step/step.ts'
import { LevenbergMarquardt, type LevenbergMarquardtOptions } from './levenberg-marquardt.ts'
import type { Linearization, Method, Trial, Verdict } from './method.ts'

/** Length of the probe, as a share of the step: what the paper recommends. */
const PROBE = 0.1

/** A correction longer than this share of the step means that the step leaves the region where two orders describe it. */
const MAX_CURVATURE = 0.75

/**
 * A step that promises less than this share of the cost is taken as it is: its second order changes nothing, and would be
 * read from differences of residuals that are mostly rounding.
 */
const NEGLIGIBLE = 1e-10

/**
 * Levenberg-Marquardt with geodesic acceleration (M. Transtrum and J. Sethna, "Improvements to the Levenberg-Marquardt
 * algorithm for nonlinear least-squares minimization", 2012, section 4). The damped step v is followed by the second
 * order of the path that the residuals would take:
 *
 *   δ = v + a/2,  (Jᵀ J + λ D) a = −Jᵀ r_vv,  r_vv ≈ (2/h) ((r(x ⊞ h v) − r(x)) / h − J v),
 *
 * and a step with 2 ‖a‖ > 0.75 ‖v‖ (lengths in the damping's metric D) is refused: where the linear model promises a huge
 * decrease far outside its range, plain LM runs off into a plateau and this stays. One more evaluation of the residuals
 * and one more solve per step. Weights of robust losses are held during a step.
 */
export class Geodesic implements Method {
  readonly name = 'geodesic'
  private readonly program: Program
  private readonly inner: LevenbergMarquardt
  private readonly probe: Float64Array
  private readonly hold: Float64Array
  private readonly product: Float64Array
  private readonly curvature: Float64Array
  private readonly rightHandSide: Float64Array
  private readonly correction: Float64Array
  private readonly weighed: Float64Array
  private corrected: Linearization | null = null

  constructor(program: Program, options: LevenbergMarquardtOptions = {}) {
    const { blocks, jacobian, scratch } = program
    const unknowns = blocks.offset[blocks.count]
    this.program = program
    this.inner = new LevenbergMarquardt(unknowns, options)
    this.probe = program.graph.values.data.slice()
    this.hold = new Float64Array(jacobian.rows)
    this.product = new Float64Array(jacobian.rows)
    this.curvature = new Float64Array(jacobian.rows)
    this.rightHandSide = new Float64Array(unknowns)
    this.correction = new Float64Array(unknowns)
    this.weighed = new Float64Array(scratch.residual.length)
  }

  get damping(): number {
    return this.inner.damping
  }

  begin(at: Linearization): void {
    this.inner.begin(at)
  }

  propose(at: Linearization, step: Float64Array): StepOutcome {
    const first = this.inner.propose(at, step)
    if (!first.ok) return first
    const predicted = predictedDecrease(this.program, step, this.product)
    if (predicted <= NEGLIGIBLE * halfSquare(at.jacobian.residual)) return first
    this.findCurvature(at, step)
    const second = this.solveFor(at)
    if (!second.ok) return second
    const { correction } = this
    const share = (2 * this.inner.lengthOf(correction)) / this.inner.lengthOf(step)
    const iterations = first.iterations + second.iterations
    if (!(share <= MAX_CURVATURE))
      return { ok: false, iterations, reason: `correction ${share.toPrecision(3)} > ${MAX_CURVATURE} of the step` }
    for (let i = 0; i < step.length; i++) step[i] += 0.5 * correction[i]
    return { ok: true, iterations, reason: '', predicted }
  }

  onFailure(): 'reject' {
    return this.inner.onFailure()
  }

  judge(trial: Trial): Verdict {
    return this.inner.judge(trial)
  }

  exhausted(): string | null {
    return this.inner.exhausted()
  }

  /** curvature ← r_vv along v, by one more evaluation at x ⊞ h v. */
  private findCurvature({ x, jacobian, products }: Linearization, v: Float64Array): void {
    const { program, probe, product, curvature, correction } = this
    for (let i = 0; i < v.length; i++) correction[i] = PROBE * v[i]
    retract(program, x, correction, probe)
    for (const batch of program.batches) this.evaluateBatch(batch, x)
    products.multiply(v, product)
    const r = jacobian.residual
    for (let i = 0; i < r.length; i++) curvature[i] = (2 / PROBE) * ((curvature[i] - r[i]) / PROBE - product[i])
  }

  /** curvature ← √ρ′ R r at the probe, with the weight √ρ′ of the state x. */
  private evaluateBatch(batch: ProgramBatch, x: Float64Array): void {
    const { probe, curvature, weighed } = this
    const { type, loss, count, at, data, squareRootInformation: root, jacobian } = batch
    const m = type.residualDim
    const triangle = (m * (m + 1)) / 2
    for (let f = 0; f < count; f++) {
      const rAt = jacobian.row + f * m
      type.evaluate(probe, at, f * jacobian.arity, data, f * type.dataSize, curvature, rAt, null, 0)
      if (root) whitenVector(root, f * triangle, m, curvature, rAt)
      if (!loss) continue
      type.evaluate(x, at, f * jacobian.arity, data, f * type.dataSize, weighed, 0, null, 0)
      if (root) whitenVector(root, f * triangle, m, weighed, 0)
      let s = 0
      for (let i = 0; i < m; i++) s += weighed[i] * weighed[i]
      const weight = Math.sqrt(loss.weight(s))
      for (let i = 0; i < m; i++) curvature[rAt + i] *= weight
    }
  }

  /** correction ← a, the damped step for the residual r_vv in place of r; dense steps read it from the Jacobian's side. */
  private solveFor(at: Linearization): StepOutcome {
    const { hold, curvature, rightHandSide, correction } = this
    const { jacobian, frozen } = at
    const r = jacobian.residual
    hold.set(r)
    r.set(curvature)
    computeGradient(jacobian, rightHandSide)
    for (let i = 0; i < frozen.length; i++) if (frozen[i]) rightHandSide[i] = 0
    // All arrays of a linearization live as long as the run, so one twin with the other gradient serves it all.
    this.corrected ??= { ...at, gradient: rightHandSide }
    const outcome = this.inner.propose(this.corrected, correction)
    r.set(hold)
    return outcome
  }
}

/** ½ ‖r‖² */
function halfSquare(r: Float64Array): number {
  let sum = 0
  for (let i = 0; i < r.length; i++) sum += r[i] * r[i]
  return sum / 2
}
