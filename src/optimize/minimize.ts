import { activateBounds, clipStep, releaseBounds } from './bounds.ts'
import { type Criteria, type Stop, StopRule } from './criteria.ts'
import type { Linearization, Method, Trial, Verdict } from './method/method.ts'
import { exactModel, type Model } from './model.ts'
import type { Program } from './program.ts'
import type { LinearStep } from './step/step.ts'
import type { Stopwatch } from './stopwatch.ts'
import type { IterationRow } from './summary.ts'

export interface Minimum {
  /** The best state seen, and its cost ½ Σ ρ. */
  readonly x: Float64Array
  readonly cost: number
  readonly stop: Stop
}

/**
 * Minimizes ½ Σ ρ(rᵀ Ω r) over the program's free variables, from the state `start` (left as it is). One turn of the loop
 * is one proposed step: linearize where we stand, ask the method for a step, look at the cost there, let the method judge.
 * In which arithmetic residuals, costs and states are computed is the model's affair.
 * A generator, so that the caller may look, wait or stop between iterations; each yields its row (costs: ½ Σ ρ).
 */
export function* minimize(
  program: Program,
  start: Float64Array,
  linear: LinearStep,
  method: Method,
  criteria: Criteria,
  watch: Stopwatch,
  model: Model = exactModel(program),
): Generator<IterationRow, Minimum, void> {
  const { jacobian, products, frozen, blocks } = program
  const unknowns = blocks.offset[blocks.count]
  const x = start.slice()
  const trialX = start.slice()
  const best = start.slice()
  const gradient = new Float64Array(unknowns)
  const step = new Float64Array(unknowns)
  const change = new Float64Array(jacobian.rows)
  const at: Linearization = { x, jacobian, products, gradient, frozen, linear }
  const rule = new StopRule(criteria, linear.exact)

  const relinearize = (): number => {
    watch.enter('jacobian')
    releaseBounds(program)
    const cost = model.linearize(x)
    watch.enter('gradient')
    model.gradient(gradient)
    activateBounds(program, x, gradient)
    watch.enter('solve')
    linear.prepare()
    method.begin(at)
    watch.enter('other')
    return cost
  }

  let cost = relinearize()
  let bestCost = cost
  if (!Number.isFinite(cost)) return { x: best, cost, stop: rule.notFinite(cost) }

  for (let iteration = 1; ; iteration++) {
    const before = rule.beforeStep(iteration, gradient, watch.elapsed())
    if (before) return { x: best, cost: bestCost, stop: before }

    watch.enter('solve')
    const outcome = method.propose(at, step)
    watch.enter('other')

    let verdict: Verdict | 'give-up' = outcome.ok ? 'accept' : method.onFailure()
    let trial: Trial = { cost, trialCost: Number.NaN, predicted: 0, gain: Number.NaN }
    if (outcome.ok) {
      clipStep(program, x, step)
      const predicted = outcome.predicted ?? predictedDecrease(program, step, change)
      watch.enter('update')
      model.retract(x, step, trialX)
      watch.enter('residual')
      const trialCost = model.cost(trialX)
      watch.enter('other')
      trial = { cost, trialCost, predicted, gain: (cost - trialCost) / predicted }
      verdict = rule.lostInRounding(trial) ? 'accept' : method.judge(trial)
    }
    if (verdict === 'give-up') return { x: best, cost: bestCost, stop: rule.unsolvable(outcome.reason) }

    if (verdict === 'accept') {
      x.set(trialX)
      cost = trial.trialCost
    } else if (verdict === 'restore') {
      x.set(best)
      cost = bestCost
    }
    if (cost < bestCost) {
      best.set(x)
      bestCost = cost
    }
    const stepNorm = outcome.ok ? norm(step) : 0
    yield {
      iteration,
      cost,
      costChange: trial.trialCost - trial.cost,
      gradient: maxAbs(gradient),
      stepNorm,
      gain: trial.gain,
      damping: method.damping,
      accepted: verdict === 'accept',
      failure: outcome.reason,
      linearIterations: outcome.iterations,
      seconds: watch.elapsed(),
    }

    const after =
      rule.afterStep(trial, verdict === 'accept', stepNorm, norm(x), outcome.truncated) ??
      rule.exhausted(method.exhausted(), trial)
    if (after) return { x: best, cost: bestCost, stop: after }
    if (verdict !== 'reject') relinearize()
  }
}

/** (O3): cost(0) − cost(δ) of the linear model ½ ‖r + J δ‖²: −(rᵀ J δ + ½ ‖J δ‖²). */
export function predictedDecrease({ products }: Program, step: Float64Array, change: Float64Array): number {
  return -products.change(step, change)
}

function norm(v: Float64Array): number {
  let sum = 0
  for (let i = 0; i < v.length; i++) sum += v[i] * v[i]
  return Math.sqrt(sum)
}

function maxAbs(v: Float64Array): number {
  let max = 0
  for (let i = 0; i < v.length; i++) max = Math.max(max, Math.abs(v[i]))
  return max
}
