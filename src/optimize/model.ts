import { evaluateCost, linearize } from './linearize.ts'
import { type Program, retract } from './program.ts'

/** How often the loop asked for each thing: what operations are counted from (`precision/work.ts`). */
export interface ModelCalls {
  linearizations: number
  gradients: number
  costs: number
  retractions: number
}

/**
 * The nonlinear problem as the loop sees it: residuals, derivatives, cost and ⊞, in whatever arithmetic was chosen when the
 * problem was compiled. States, gradients and steps are fp64 arrays in every model; a model of lower precision leaves in
 * them only numbers that its formats hold.
 */
export interface Model {
  /** Whether it runs the kernels that the program has for whole batches, or evaluates factors one by one. */
  readonly batched: boolean
  readonly calls: ModelCalls
  /** Fills the program's Jacobian and residual at x. Returns the cost ½ Σ ρ as this model sees it. */
  linearize(x: Float64Array): number
  /** out = g = Jᵀ r of the latest linearization. */
  gradient(out: Float64Array): void
  /** The cost ½ Σ ρ at x; NaN or Infinity where x cannot be evaluated. */
  cost(x: Float64Array): number
  /** out = x ⊞ step */
  retract(x: Float64Array, step: Float64Array, out: Float64Array): void
}

/** Everything in fp64. */
export function exactModel(program: Program): Model {
  const calls: ModelCalls = { linearizations: 0, gradients: 0, costs: 0, retractions: 0 }
  return {
    batched: true,
    calls,
    linearize(x) {
      calls.linearizations++
      return linearize(program, x)
    },
    gradient(out) {
      calls.gradients++
      program.products.gradient(out)
    },
    cost(x) {
      calls.costs++
      return evaluateCost(program, x)
    },
    retract(x, step, out) {
      calls.retractions++
      retract(program, x, step, out)
    },
  }
}
