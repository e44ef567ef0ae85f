import type { StepOutcome } from '../step/step.ts'
import type { Linearization, Method, Trial, Verdict } from './method.ts'

/**
 * Plain Gauss-Newton: the full step, accepted whatever it does to the cost, as long as the cost is finite (J. Nocedal and
 * S. Wright, "Numerical Optimization", 2006, eq. 10.23). Near a good start it is the fastest; it may also wander off.
 */
export class GaussNewton implements Method {
  readonly name = 'gn'
  readonly damping = 0
  private readonly hold: Float64Array
  private reason: string | null = null

  constructor(unknowns: number) {
    this.hold = new Float64Array(unknowns)
  }

  begin({ frozen }: Linearization): void {
    for (let i = 0; i < frozen.length; i++) this.hold[i] = frozen[i]
  }

  propose({ linear, gradient }: Linearization, step: Float64Array): StepOutcome {
    return linear.solve(gradient, this.hold, step)
  }

  onFailure(): 'give-up' {
    return 'give-up'
  }

  judge({ cost, trialCost }: Trial): Verdict {
    if (Number.isFinite(trialCost)) return 'accept'
    this.reason = `the full step leads from cost ${cost} to ${trialCost}`
    return 'reject'
  }

  exhausted(): string | null {
    return this.reason
  }
}
