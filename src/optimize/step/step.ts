import type { WorkTally } from '../precision/tally.ts'

/**
 * How a linear step is computed. Bound to one program's Jacobian when it is made; all its memory is asked for then.
 */
export interface LinearStep {
  readonly name: string
  /** Whether `solve` solves to rounding; an inexact step must be given twice before a small decrease counts as the end. */
  readonly exact: boolean
  /** Takes over a new linearization: forms or eliminates what does not depend on the damping. */
  prepare(): void
  /** Solves (Jᵀ J + diag(damping)) δ = −g into `step`. May be called again with other damping after one `prepare`. */
  solve(gradient: Float64Array, damping: Float64Array, step: Float64Array): StepOutcome
  /** Adds what it has done so far, by stage. */
  work?(tally: WorkTally): void
  /** What it has done so far, as the end of a sentence: which twin, how many factors. */
  report?(): string
  /** Gives memory back at once that would otherwise wait for the collector; the step is not used again. */
  dispose?(): void
}

export interface StepOutcome {
  readonly ok: boolean
  /** Inner iterations; 0 for direct solvers. */
  readonly iterations: number
  /** When not ok: what was found, with its numbers. */
  readonly reason: string
  /** The decrease that was promised, where it is not the linear model's for the whole step. */
  readonly predicted?: number
  /** The inner iteration ended at its limit: a small decrease of the cost then says less about the end. */
  readonly truncated?: boolean
}

export const solved: StepOutcome = { ok: true, iterations: 0, reason: '' }
