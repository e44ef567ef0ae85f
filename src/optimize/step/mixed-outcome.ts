import type { KrylovReport } from '../../linear/index.ts'
import { krylovOutcome } from './iterative.ts'
import type { StepOutcome } from './step.ts'

/** As {@link krylovOutcome}, saying also whether the iteration ended at its limit. */
export function mixedOutcome(report: KrylovReport): StepOutcome {
  const outcome = krylovOutcome(report)
  return report.outcome === 'converged' ? outcome : { ...outcome, truncated: true }
}

/** The outcome, or a failure where the step holds a number that is not finite. */
export function finiteStep(outcome: StepOutcome, step: Float64Array): StepOutcome {
  if (!outcome.ok) return outcome
  for (let i = 0; i < step.length; i++)
    if (!Number.isFinite(step[i]))
      return { ok: false, iterations: outcome.iterations, reason: `entry ${i} of the step is ${step[i]}` }
  return outcome
}
