import type { BlockJacobian, JacobianProducts } from '../../linear/index.ts'
import type { LinearStep, StepOutcome } from '../step/step.ts'

/** What a method sees of the current linearization. */
export interface Linearization {
  /** The state it was made at. */
  readonly x: Float64Array
  readonly jacobian: BlockJacobian
  readonly products: JacobianProducts
  /** g = Jᵀ r, zero where frozen. */
  readonly gradient: Float64Array
  /** 1 where an unknown may not move. */
  readonly frozen: Uint8Array
  readonly linear: LinearStep
}

export interface Trial {
  /** Cost before the step and of the trial state (may be NaN or Infinity). */
  readonly cost: number
  readonly trialCost: number
  /** Decrease that the linear model promises. */
  readonly predicted: number
  /** (cost − trialCost) / predicted. */
  readonly gain: number
}

/** 'restore': go back to the best state seen and go on from there with another method. */
export type Verdict = 'accept' | 'reject' | 'restore'

/**
 * How steps are proposed and judged: Gauss-Newton, Levenberg-Marquardt, dogleg, or one watching over another. Made for one
 * run: it carries the damping or the radius.
 */
export interface Method {
  readonly name: string
  /** λ, trust radius, or 0: what the report shows. */
  readonly damping: number
  /** Called once per linearization, before its first `propose`. */
  begin(at: Linearization): void
  /** Writes a step for the current linearization; called again after a rejection. */
  propose(at: Linearization, step: Float64Array): StepOutcome
  /** Told when `propose` failed: 'reject' to be asked again, 'restore' to begin anew at the best state, or give up. */
  onFailure(): 'reject' | 'restore' | 'give-up'
  judge(trial: Trial): Verdict
  /** When it can go no further ("damping 1e32 ≥ 1e32"), one sentence; otherwise null. */
  exhausted(): string | null
}
