import { evaluateCost } from '../linearize.ts'
import type { Minimum } from '../minimize.ts'
import type { Model } from '../model.ts'
import type { Program } from '../program.ts'
import type { LinearStep } from '../step/step.ts'
import type { Stopwatch } from '../stopwatch.ts'
import type { PrecisionReport } from '../summary.ts'
import { jacobianEvaluation, jacobianProduct, residualEvaluation, retraction } from './amounts.ts'
import { describeEvent } from './events.ts'
import type { PrecisionPlan } from './plan.ts'
import { type PrecisionPolicy, type Stage, type StageName, stageNames } from './policy.ts'
import { preset } from './presets.ts'
import type { Fallback } from './record.ts'
import { type Work, WorkTally } from './tally.ts'

/** A minimum as it is handed out: on the manifold, with its cost in fp64, never dearer than the start. */
export interface Finished extends Minimum {
  readonly warnings: readonly string[]
}

/** Brings what a run in lower precision found back to fp64. */
export function finish(program: Program, plan: PrecisionPlan | null, minimum: Minimum, start: Float64Array): Finished {
  if (!plan) return { ...minimum, warnings: [] }
  const { policy, record, warnings } = plan
  const x = minimum.x.slice()
  if (policy.update.stored !== 'fp64')
    for (let j = 0; j < program.blocks.count; j++) program.manifolds[j].normalize(x, program.stateAt[j])
  const cost = evaluateCost(program, x)
  const startCost = evaluateCost(program, start)
  const stop = explained(minimum, record.events.list().map(describeEvent))
  if (cost <= startCost || !(startCost < Number.POSITIVE_INFINITY)) return { x, cost, stop, warnings }
  const reason = `${stop.reason}; what it found costs ${cost} in fp64 (½ Σ ρ), more than its start (${startCost}), which is returned`
  return { x: start, cost: startCost, stop: { termination: 'failed', reason }, warnings }
}

/** A failure that names the first thing that went wrong with the numbers. */
function explained({ stop }: Minimum, events: readonly string[]): Minimum['stop'] {
  const cause = events.find((event) => !event.includes('underflow'))
  return stop.termination === 'failed' && cause ? { ...stop, reason: `${stop.reason}; ${cause}` } : stop
}

/** What the summary says of formats, fallbacks and work. */
export function reportPrecision(
  program: Program,
  plan: PrecisionPlan | null,
  model: Model,
  step: LinearStep,
  seconds: Stopwatch['seconds'],
): { precision: PrecisionReport; fallbacks: readonly Fallback[]; work: Work } {
  const policy = plan?.policy ?? preset('double', 'direct')
  return {
    precision: {
      policy: policy.name,
      stages: Object.fromEntries(stageNames.map((name) => [name, policy[name]])) as Record<StageName, Stage>,
      events: plan?.record.events.list() ?? [],
    },
    fallbacks: plan?.record.fallbacks ?? [],
    work: workOf(program, policy, model, step, seconds),
  }
}

function workOf(
  program: Program,
  policy: PrecisionPolicy,
  model: Model,
  step: LinearStep,
  seconds: Stopwatch['seconds'],
): Work {
  const { linearizations, gradients, costs, retractions } = model.calls
  const tally = new WorkTally()
  const { residual, jacobian, gradient, update } = policy
  tally.add('residual', residualEvaluation(program, residual.stored), costs + linearizations, residual)
  tally.add('jacobian', jacobianEvaluation(program, jacobian.stored), linearizations, jacobian)
  tally.add('gradient', jacobianProduct(program.jacobian, jacobian.stored, gradient.stored), gradients, gradient)
  step.work?.(tally)
  tally.add('update', retraction(program, update.stored), retractions, update)
  for (const name of ['residual', 'jacobian', 'gradient', 'update'] as const) tally.time(name, seconds[name])
  return tally.work()
}
