import type { StepOutcome } from '../step/step.ts'
import { GaussNewton } from './gauss-newton.ts'
import { LevenbergMarquardt } from './levenberg-marquardt.ts'
import type { Linearization, Method, Trial, Verdict } from './method.ts'

/** Full steps in a row that may fail to improve on the best state before the watchdog calls them back. */
const PATIENCE = 3

/**
 * Gauss-Newton under a watchdog (R. Chamberlain et al., "The watchdog technique", 1982): full steps may raise the cost for a
 * while, as the first one after a chordal start often does; after three without a new best the best state is restored and
 * Levenberg-Marquardt goes on from there. A monotone rule instead gets stuck on real graphs (docs/decisions/watchdog.md).
 */
export class Watchdog implements Method {
  private readonly newton: GaussNewton
  private readonly fallback: LevenbergMarquardt
  private active: Method
  private best = Number.POSITIVE_INFINITY
  private idle = 0

  constructor(unknowns: number) {
    this.newton = new GaussNewton(unknowns)
    this.fallback = new LevenbergMarquardt(unknowns)
    this.active = this.newton
  }

  get name(): string {
    return this.active === this.newton ? 'gn' : 'gn, then lm'
  }

  get damping(): number {
    return this.active.damping
  }

  begin(at: Linearization): void {
    this.active.begin(at)
  }

  propose(at: Linearization, step: Float64Array): StepOutcome {
    return this.active.propose(at, step)
  }

  onFailure(): 'reject' | 'restore' {
    if (this.active === this.fallback) return this.fallback.onFailure()
    this.active = this.fallback
    return 'restore'
  }

  judge(trial: Trial): Verdict {
    if (this.active === this.fallback) return this.fallback.judge(trial)
    this.best = Math.min(this.best, trial.cost)
    this.idle = trial.trialCost < this.best ? 0 : this.idle + 1
    if (Number.isFinite(trial.trialCost) && this.idle < PATIENCE) return 'accept'
    this.active = this.fallback
    return 'restore'
  }

  exhausted(): string | null {
    return this.active.exhausted()
  }
}
