import type { Graph } from '../../../src/graph/index.ts'
import {
  type OptimizeOptions,
  optimize,
  type PolicyChanges,
  problemKind,
  type Summary,
} from '../../../src/optimize/index.ts'
import type { Variation } from './variations.ts'

/** A problem with its reference: the optimum and the first step of fp64 with a complete factor. */
export interface Problem {
  readonly name: string
  readonly graph: Graph
  readonly options: OptimizeOptions
  readonly optimum: number
  readonly firstStep: Float64Array
}

/** How one variation did on one problem; all from the summary of `optimize`, but for the step. */
export interface Row {
  readonly factor: string
  readonly variation: string
  readonly problem: string
  /** Cost over the optimum of fp64, minus one; both are fp64 costs of the values returned. */
  readonly excess: number
  readonly cost: number
  readonly outer: number
  readonly inner: number
  readonly rejected: number
  readonly fallbacks: number
  readonly termination: string
  readonly reason: string
  readonly overflows: number
  readonly underflows: number
  readonly breakdowns: number
  readonly indefinite: number
  /** ‖δ − δ₆₄‖ / ‖δ₆₄‖ of the first linear system, solved as far as the precision lets it; null: no usable step. */
  readonly step: number | null
}

/** How far the one linear system is solved, and for how long, to see what the precision leaves of it. */
const STEP_TOLERANCE = 1e-6
const STEP_ITERATIONS = 300

/**
 * Runs begin at the graph's values (`init: 'file'`) so that all first linear systems are the same. The optimum is the
 * least cost that fp64 reaches with a complete factor at a far smaller tolerance.
 */
export function pose(name: string, graph: Graph, options: OptimizeOptions): Problem {
  const { summary } = optimize(graph, { ...options, tolerance: 1e-13, maxIterations: 200 })
  const step = problemKind(graph) === 'bundle-adjustment' ? 'schur' : 'cholesky'
  const one = optimize(graph, { ...options, step, method: 'lm', maxIterations: 1 })
  return { name, graph, options, optimum: summary.finalCost, firstStep: moved(graph, one.values.data) }
}

export function run({ name, graph, options, optimum, firstStep }: Problem, variation: Variation): Row {
  const { precision, step = 'auto' } = variation
  const { summary } = optimize(graph, { ...options, precision, step })
  const { finalCost, iterations, termination, reason, fallbacks } = summary
  return {
    factor: variation.factor,
    variation: variation.name,
    problem: name,
    excess: finalCost / optimum - 1,
    cost: finalCost,
    outer: iterations.length,
    inner: iterations.reduce((sum, { linearIterations }) => sum + linearIterations, 0),
    rejected: iterations.filter(({ accepted }) => !accepted).length,
    fallbacks: fallbacks.length,
    termination,
    reason,
    overflows: count(summary, 'overflow'),
    underflows: count(summary, 'underflow'),
    breakdowns: count(summary, 'breakdown'),
    indefinite: count(summary, 'indefinite'),
    step: firstStepError(graph, options, variation, firstStep),
  }
}

/** One linear system to a small tolerance: what remains is the precision's. */
function firstStepError(
  graph: Graph,
  options: OptimizeOptions,
  variation: Variation,
  exact: Float64Array,
): number | null {
  const preset: PolicyChanges =
    typeof variation.precision === 'string' ? { base: variation.precision } : variation.precision
  const precision = { ...preset, innerTolerance: STEP_TOLERANCE, innerIterations: STEP_ITERATIONS }
  const { step = 'auto' } = variation
  const one = { ...options, precision, step, method: 'lm' as const, maxIterations: 1 }
  const { values, summary } = optimize(graph, one)
  if (!summary.iterations[0]?.accepted) return null
  return distance(moved(graph, values.data), exact) / norm(exact)
}

function moved(graph: Graph, x: Float64Array): Float64Array {
  return x.map((value, i) => value - graph.values.data[i])
}

function count({ precision }: Summary, kind: string): number {
  return precision.events.reduce((sum, event) => sum + (event.kind === kind ? event.count : 0), 0)
}

function norm(v: Float64Array): number {
  return Math.sqrt(v.reduce((sum, value) => sum + value * value, 0))
}

function distance(a: Float64Array, b: Float64Array): number {
  return norm(a.map((value, i) => value - b[i]))
}
