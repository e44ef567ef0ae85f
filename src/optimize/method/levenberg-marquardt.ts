import type { StepOutcome } from '../step/step.ts'
import type { Linearization, Method, Trial, Verdict } from './method.ts'

export interface LevenbergMarquardtOptions {
  /** First λ. Default 1e-4. */
  readonly damping?: number
  /** λ never falls below this. Default 0. */
  readonly minDamping?: number
  /** λ at which it gives up. Default 1e32. */
  readonly maxDamping?: number
}

/** Bounds of the damping metric diag(Jᵀ J): keeps unseen directions damped and steep ones movable. */
const METRIC_MIN = 1e-6
const METRIC_MAX = 1e32

/** A step is taken when it brings at least this share of the decrease that the linear model promised. */
const MIN_GAIN = 1e-3

/**
 * Levenberg-Marquardt: (Jᵀ J + λ diag(Jᵀ J)) δ = −g with λ controlled by the gain ratio (K. Madsen, H. Nielsen, O. Tingleff,
 * "Methods for Non-Linear Least Squares Problems", 2004, algorithm 3.16; Marquardt's diagonal metric, 1963; docs/maths/optimize.md, O5 and O6). The rule's
 * cubic brings λ down by at most 3 after a good step and doubles the growth with every rejection in a row.
 */
export class LevenbergMarquardt implements Method {
  readonly name = 'lm'
  damping: number
  private readonly minDamping: number
  private readonly maxDamping: number
  private growth = 2
  private readonly metric: Float64Array
  private readonly diagonal: Float64Array

  constructor(unknowns: number, options: LevenbergMarquardtOptions = {}) {
    this.damping = options.damping ?? 1e-4
    this.minDamping = options.minDamping ?? 0
    this.maxDamping = options.maxDamping ?? 1e32
    this.metric = new Float64Array(unknowns)
    this.diagonal = new Float64Array(unknowns)
  }

  begin({ products }: Linearization): void {
    products.squaredColumnNorms(this.metric)
    for (let i = 0; i < this.metric.length; i++)
      this.metric[i] = Math.min(Math.max(this.metric[i], METRIC_MIN), METRIC_MAX)
  }

  propose({ linear, gradient, frozen }: Linearization, step: Float64Array): StepOutcome {
    const { metric, diagonal, damping } = this
    for (let i = 0; i < metric.length; i++) diagonal[i] = frozen[i] ? 1 : damping * metric[i]
    return linear.solve(gradient, diagonal, step)
  }

  /** √(vᵀ D v) in the metric of the last linearization. */
  lengthOf(v: Float64Array): number {
    let sum = 0
    for (let i = 0; i < v.length; i++) sum += this.metric[i] * v[i] * v[i]
    return Math.sqrt(sum)
  }

  onFailure(): 'reject' {
    this.grow()
    return 'reject'
  }

  judge({ gain }: Trial): Verdict {
    if (!(gain > MIN_GAIN)) {
      this.grow()
      return 'reject'
    }
    this.damping = Math.max(this.minDamping, this.damping * Math.max(1 / 3, 1 - (2 * gain - 1) ** 3))
    this.growth = 2
    return 'accept'
  }

  exhausted(): string | null {
    return this.damping >= this.maxDamping ? `damping ${this.damping} ≥ ${this.maxDamping} without a decrease` : null
  }

  private grow(): void {
    this.damping *= this.growth
    this.growth *= 2
  }
}
