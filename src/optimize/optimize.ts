import { Region } from '../backend/index.ts'
import type { Graph } from '../graph/index.ts'
import { showKey } from '../graph/index.ts'
import { compile } from './compile.ts'
import { type Criteria, show } from './criteria.ts'
import { type GaugePlan, planGauge } from './gauge.ts'
import { cheapestStart } from './initialize/cheapest.ts'
import { type Initialization, initialize } from './initialize/initialize.ts'
import { type ProblemKind, problemKind } from './kind.ts'
import { evaluateCost } from './linearize.ts'
import { chooseMethod } from './method/choose.ts'
import type { Method } from './method/method.ts'
import { type Minimum, minimize } from './minimize.ts'
import { exactModel, type Model } from './model.ts'
import type { OptimizeOptions } from './options.ts'
import { type PrecisionPlan, planPrecision } from './precision/plan.ts'
import { finish, reportPrecision } from './precision/report.ts'
import { describeKernels, type Program } from './program.ts'
import { type ChosenStep, chooseStep } from './step/choose.ts'
import { Stopwatch } from './stopwatch.ts'
import type { IterationRow, OptimizeResult } from './summary.ts'
import { checkOptions } from './validate.ts'

/**
 * Finds the values of a graph's variables that minimize Σ ρ(rᵀ Ω r), from its values or a better start. The graph is left
 * as it is; what happened is in the summary, also when it did not converge.
 *
 * @throws UsageError for a graph without variables or factors, an impossible option, an information matrix that is not
 *   positive semi-definite
 */
export function optimize(graph: Graph, options: OptimizeOptions = {}): OptimizeResult {
  const run = optimizeStepwise(graph, options)
  for (;;) {
    const turn = run.next()
    if (turn.done) return turn.value
  }
}

/**
 * As {@link optimize}, letting others work between iterations: `pause` is awaited after each
 * (`() => new Promise(setImmediate)` lets signals and input in).
 */
export async function optimizeAsync(
  graph: Graph,
  options: OptimizeOptions = {},
  pause: () => Promise<unknown> = () => Promise.resolve(),
): Promise<OptimizeResult> {
  const run = optimizeStepwise(graph, options)
  for (;;) {
    const turn = run.next()
    if (turn.done) return turn.value
    await pause()
  }
}

/** One optimization as a generator of iteration rows: the caller sets the pace. */
export function* optimizeStepwise(
  graph: Graph,
  options: OptimizeOptions = {},
): Generator<IterationRow, OptimizeResult, void> {
  checkOptions(graph, options)
  const memory = Region.open()
  try {
    return yield* optimizeWithin(memory, graph, options)
  } finally {
    memory?.close()
  }
}

function* optimizeWithin(
  memory: Region | null,
  graph: Graph,
  options: OptimizeOptions,
): Generator<IterationRow, OptimizeResult, void> {
  const watch = new Stopwatch(options.clock)
  const kind = problemKind(graph)
  const gauge = planGauge(graph, options.method ?? 'auto')

  watch.enter('initialize')
  let start = initialize(graph, options.init ?? 'auto', gauge.anchors)

  watch.enter('compile')
  const program = compile(graph, { anchors: gauge.anchors, holds: gauge.holds, loss: options.loss ?? null, memory })
  const robust = program.batches.some(({ loss }) => loss !== null)
  if (robust && (options.init ?? 'auto') === 'auto' && start.name === 'chordal')
    start = cheapestStart(graph, program, start, gauge.anchors)
  let method = chooseMethod(program, kind, gauge, options)
  const precision = planPrecision(program, kind, options)
  const step = precision?.step ?? chooseStep(program, kind, options, start.analysis)
  const model = precision?.model ?? exactModel(program)
  watch.enter('other')

  const scale = (options.costConvention ?? 'chi2') === 'chi2' ? 2 : 1
  const initialCost = scale * evaluateCost(program, graph.values.data)
  const startCost = scale * evaluateCost(program, start.x)
  const rows: IterationRow[] = []
  const parts: Parts = {
    graph,
    kind,
    gauge,
    start,
    program,
    precision,
    model,
    step,
    method,
    initialCost,
    startCost,
    rows,
    scale,
  }
  let minimum = yield* iterate(parts, start.x, options, watch)
  const better = findEscape(parts, minimum, options, watch)
  if (better) {
    method = chooseMethod(program, kind, gauge, options)
    minimum = yield* iterate({ ...parts, method }, better.x, options, watch)
  }
  const result = report({ ...parts, method }, minimum, better, watch, options)
  step.step.dispose?.()
  return result
}

/** One run of the loop, its rows numbered on and in the summary's convention. */
function* iterate(
  { kind, program, precision, model, step, method, rows, scale }: Parts,
  start: Float64Array,
  options: OptimizeOptions,
  watch: Stopwatch,
): Generator<IterationRow, Minimum, void> {
  const criteria = criteriaOf(options, kind, rows.length, precision)
  const from = precision?.admit(start) ?? start
  const loop = minimize(program, from, step.step, method.method, criteria, watch, model)
  for (let turn = loop.next(); ; turn = loop.next()) {
    if (turn.done) return turn.value
    const { cost, costChange } = turn.value
    const row = { ...turn.value, iteration: rows.length + 1, cost: scale * cost, costChange: scale * costChange }
    rows.push(row)
    options.onIteration?.(row)
    yield row
  }
}

/** A better place to start from than where a run has ended. */
interface Escape {
  readonly x: Float64Array
  readonly warning: string
}

/** Iterations after which a pose graph's plain run counts as lost: from a good start they are 3 to 12. */
const PATIENCE = 15

/**
 * Whether a run of the automatic method has ended in a local minimum: it began elsewhere than at a chordal start, took
 * long, and the chordal start alone is cheaper than where it ended.
 */
function findEscape(
  { graph, kind, gauge, start, program, rows, scale }: Parts,
  { cost, stop }: Minimum,
  { method = 'auto' }: OptimizeOptions,
  watch: Stopwatch,
): Escape | null {
  if (method !== 'auto' || !kind.startsWith('pose-graph') || start.name === 'chordal') return null
  if (rows.length <= PATIENCE || stop.termination === 'aborted' || stop.termination === 'max-seconds') return null
  watch.enter('initialize')
  const chordal = initialize(graph, 'chordal', gauge.anchors)
  watch.enter('other')
  const better = evaluateCost(program, chordal.x)
  if (chordal.name !== 'chordal' || !(better < cost)) return null
  const warning =
    `the start '${start.name}' led to a local minimum of ${show(scale * cost)} in ${rows.length} iterations; ` +
    `a chordal start costs ${show(scale * better)}, so the run went on from there (--method gn, lm or dogleg would not)`
  return { x: chordal.x, warning }
}

function criteriaOf(
  options: OptimizeOptions,
  kind: ProblemKind,
  done: number,
  precision: PrecisionPlan | null,
): Criteria {
  return {
    maxIterations: Math.max(options.maxIterations ?? 100, done) - done,
    tolerance: options.tolerance ?? (kind === 'bundle-adjustment' ? 1e-6 : 1e-9),
    gradientTolerance: options.gradientTolerance ?? 1e-10,
    stepTolerance: options.stepTolerance ?? 1e-12,
    maxSeconds: options.maxSeconds ?? Number.POSITIVE_INFINITY,
    signal: options.signal ?? null,
    resolution: precision?.resolution ?? 0,
  }
}

interface Parts {
  readonly graph: Graph
  readonly kind: ProblemKind
  readonly gauge: GaugePlan
  readonly start: Initialization
  readonly program: Program
  /** Null in fp64. */
  readonly precision: PrecisionPlan | null
  readonly model: Model
  readonly step: ChosenStep
  readonly method: { readonly method: Method; readonly reason: string }
  readonly initialCost: number
  readonly startCost: number
  /** Filled as the run goes on. */
  readonly rows: IterationRow[]
  readonly scale: number
}

function report(
  parts: Parts,
  minimum: Minimum,
  detour: Escape | null,
  watch: Stopwatch,
  options: OptimizeOptions,
): OptimizeResult {
  const { graph, program, gauge, precision } = parts
  watch.enter('other')
  const { x, cost, stop, warnings } = finish(program, precision, minimum, parts.start.x)
  const { initialize, compile, jacobian, gradient, residual, update, solve } = watch.seconds
  const linearize = jacobian + gradient + residual + update
  return {
    values: graph.values.copy(x),
    summary: {
      problem: {
        kind: parts.kind,
        variables: graph.variableCount,
        factors: graph.factorCount,
        residuals: program.jacobian.rows,
        unknowns: program.heldByGauge.length - program.heldByGauge.reduce((sum, held) => sum + held, 0),
      },
      initialCost: parts.initialCost,
      finalCost: parts.scale * cost,
      costConvention: options.costConvention ?? 'chi2',
      iterations: parts.rows,
      termination: stop.termination,
      reason: stop.reason,
      step: { name: parts.step.step.name, reason: explained(parts.step) },
      kernels: describeKernels(program, parts.model.batched),
      initialization: { name: parts.start.name, reason: parts.start.reason, cost: parts.startCost },
      method: { name: parts.method.method.name, reason: parts.method.reason },
      gauge: gauge.reports,
      ...reportPrecision(program, precision, parts.model, parts.step.step, watch.seconds),
      seconds: { initialize, compile, linearize, solve, total: watch.elapsed() },
      warnings: [...(detour ? [detour.warning] : []), ...warnings, ...warningsOf(graph, program, gauge)],
    },
  }
}

/** Why a step was chosen, and what it has cost. */
function explained({ step, reason }: ChosenStep): string {
  const done = step.report?.()
  return done ? `${reason}; ${done}` : reason
}

function warningsOf(graph: Graph, program: Program, gauge: GaugePlan): string[] {
  const warnings: string[] = []
  const seen = new Uint8Array(graph.variableCount)
  for (const batch of graph.batches) for (const v of batch.variables.view()) seen[v] = 1
  const unseen: string[] = []
  for (let v = 0; v < seen.length; v++) if (!seen[v]) unseen.push(showKey(graph.values.key(v)))
  if (unseen.length > 0)
    warnings.push(`${unseen.length} variables have no factor and keep their value: ${firstFew(unseen)}`)
  const components = gauge.componentCount - unseen.length
  if (components > 1)
    warnings.push(`the graph falls into ${components} unconnected components; each is solved by itself`)
  if (program.blocks.count === 0) warnings.push('every variable is constant; nothing to optimize')
  return warnings
}

function firstFew(names: readonly string[]): string {
  return names.length <= 5 ? names.join(', ') : `${names.slice(0, 5).join(', ')} and ${names.length - 5} more`
}
