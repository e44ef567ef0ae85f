import type { StepOutcome } from '../step/step.ts'
import type { Linearization, Method, Trial, Verdict } from './method.ts'

const MIN_GAIN = 1e-3
const MIN_RADIUS = 1e-32
const METRIC_MIN = 1e-6
/** The first shift of a system that could not be solved, in units of its diagonal: some digits above rounding. */
const LEAST_SHIFT = 1e-8

/**
 * Powell's dogleg: within a trust radius Δ, the path from the steepest-descent minimum to the Gauss-Newton step (J. Nocedal
 * and S. Wright, "Numerical Optimization", 2006, section 4.1; K. Madsen et al. 2004, algorithm 3.21). Lengths are measured
 * in the metric D = diag(Jᵀ J)^½, so that metres and radians count alike. A rejected step costs no linear solve.
 */
export class Dogleg implements Method {
  readonly name = 'dogleg'
  private radius: number
  private readonly metric: Float64Array
  private readonly hold: Float64Array
  private readonly newton: Float64Array
  private readonly cauchy: Float64Array
  private product = new Float64Array(0)
  private newtonNorm = 0
  private cauchyNorm = 0
  private stepNorm = 0
  private fresh = false
  /** Levenberg shift that made the Gauss-Newton system solvable; grows when it is not, shrinks when it is. */
  private shift = 0
  /** The largest shift that was too small: what failed once is not tried again. */
  private failedShift = 0

  constructor(unknowns: number, radius = 1e4) {
    this.radius = radius
    this.metric = new Float64Array(unknowns)
    this.hold = new Float64Array(unknowns)
    this.newton = new Float64Array(unknowns)
    this.cauchy = new Float64Array(unknowns)
  }

  get damping(): number {
    return this.radius
  }

  begin({ jacobian, products }: Linearization): void {
    if (this.product.length < jacobian.rows) this.product = new Float64Array(jacobian.rows)
    products.squaredColumnNorms(this.metric)
    for (let i = 0; i < this.metric.length; i++) this.metric[i] = Math.sqrt(Math.max(this.metric[i], METRIC_MIN))
    this.fresh = true
  }

  propose(at: Linearization, step: Float64Array): StepOutcome {
    let iterations = 0
    if (this.fresh) {
      const outcome = this.solveNewton(at)
      if (!outcome.ok) return outcome
      iterations = outcome.iterations
      this.findCauchy(at)
      this.fresh = false
    }
    this.walk(step)
    return { ok: true, iterations, reason: '' }
  }

  onFailure(): 'reject' {
    this.failedShift = this.shift
    this.shift = Math.max(10 * this.shift, LEAST_SHIFT)
    return 'reject'
  }

  judge({ gain }: Trial): Verdict {
    if (!(gain > MIN_GAIN)) {
      this.radius = Math.min(this.radius, this.stepNorm) / 2
      return 'reject'
    }
    if (gain < 0.25) this.radius /= 2
    else if (gain > 0.75) this.radius = Math.max(this.radius, 3 * this.stepNorm)
    if (this.shift / 5 > this.failedShift) this.shift /= 5
    return 'accept'
  }

  exhausted(): string | null {
    if (this.shift > 1e8) return `the Gauss-Newton system stays unsolvable at shift ${this.shift} > 1e8`
    return this.radius <= MIN_RADIUS ? `trust radius ${this.radius} ≤ ${MIN_RADIUS} without a decrease` : null
  }

  private solveNewton({ linear, gradient, frozen }: Linearization): StepOutcome {
    const { metric, hold, shift } = this
    for (let i = 0; i < hold.length; i++) hold[i] = frozen[i] ? 1 : shift * metric[i] ** 2
    const outcome = linear.solve(gradient, hold, this.newton)
    this.newtonNorm = this.norm(this.newton)
    return outcome
  }

  /** (O7): the minimum along −D⁻² g: α = ‖D⁻¹ g‖² / ‖J D⁻² g‖². */
  private findCauchy({ jacobian, products, gradient }: Linearization): void {
    const { metric, cauchy, product } = this
    let numerator = 0
    for (let i = 0; i < cauchy.length; i++) {
      cauchy[i] = -gradient[i] / metric[i] ** 2
      numerator += (gradient[i] / metric[i]) ** 2
    }
    products.multiply(cauchy, product)
    let denominator = 0
    for (let i = 0; i < jacobian.rows; i++) denominator += product[i] ** 2
    const alpha = denominator > 0 ? numerator / denominator : 0
    for (let i = 0; i < cauchy.length; i++) cauchy[i] *= alpha
    this.cauchyNorm = this.norm(cauchy)
  }

  private walk(step: Float64Array): void {
    const { newton, cauchy, radius } = this
    if (this.newtonNorm <= radius) step.set(newton)
    else if (this.cauchyNorm >= radius)
      for (let i = 0; i < step.length; i++) step[i] = (radius / this.cauchyNorm) * cauchy[i]
    else {
      const beta = this.crossing()
      for (let i = 0; i < step.length; i++) step[i] = cauchy[i] + beta * (newton[i] - cauchy[i])
    }
    this.stepNorm = this.norm(step)
  }

  /** β in [0, 1] with ‖D (c + β (n − c))‖ = Δ: the positive root of a quadratic, in the form without cancellation. */
  private crossing(): number {
    const { newton, cauchy, metric, radius } = this
    let a = 0
    let b = 0
    for (let i = 0; i < newton.length; i++) {
      const c = metric[i] * cauchy[i]
      const d = metric[i] * newton[i] - c
      a += d * d
      b += c * d
    }
    const gap = radius ** 2 - this.cauchyNorm ** 2
    const root = Math.sqrt(b * b + a * gap)
    return b > 0 ? gap / (b + root) : (root - b) / a
  }

  private norm(v: Float64Array): number {
    let sum = 0
    for (let i = 0; i < v.length; i++) sum += (this.metric[i] * v[i]) ** 2
    return Math.sqrt(sum)
  }
}
