import { type Graph, type InitializationName, type OptimizeResult, optimize } from 'homeward'
import { median, minimum, type Timing, timed, yardstick } from './timing.ts'
import type { Workload } from './workloads.ts'

/** Runs of one way of solving one workload, in the order they were made. */
export interface Runs {
  readonly first: Timing
  readonly timings: Timing[]
  /** Of the fastest run. */
  result: OptimizeResult
}

/** What is measured together, so that a neighbour's load meets all alike. */
export interface Contender {
  run(): void | Promise<void>
}

const clock = (): number => performance.now() / 1000

/** Data in memory → optimum: start, compilation and ordering included. */
export function solve(graph: Graph, workload: Workload, init: InitializationName = 'auto'): OptimizeResult {
  return optimize(graph, { ...workload.options, init, clock })
}

/** Our own solver as a contender; `first` is its first run of this workload, with the compiler still at work. */
export async function ourselves(
  graph: Graph,
  workload: Workload,
  init?: InitializationName,
): Promise<Contender & { readonly runs: Runs }> {
  const { result, wall, cpu } = await timed(() => solve(graph, workload, init))
  const runs: Runs = { first: { wall, cpu }, timings: [], result }
  return {
    runs,
    async run() {
      const { result, wall, cpu } = await timed(() => solve(graph, workload, init))
      if (runs.timings.every((before) => wall < before.wall)) runs.result = result
      runs.timings.push({ wall, cpu })
    },
  }
}

/** The fixed work in whose units times are gated. */
export function yardsticks(): Contender & { readonly timings: Timing[] } {
  yardstick()
  const timings: Timing[] = []
  return {
    timings,
    async run() {
      const { wall, cpu } = await timed(yardstick)
      timings.push({ wall, cpu })
    },
  }
}

/** Lets the contenders run in turn, `rounds` times. */
export async function interleave(contenders: readonly Contender[], rounds: number): Promise<void> {
  for (let round = 0; round < rounds; round++) for (const contender of contenders) await contender.run()
}

/** Rounds for runs of `seconds`: many of the short, few of the long. */
export function roundsFor(seconds: number, quick: boolean): number {
  const [budget, most] = quick ? [1, 7] : [3, 15]
  return Math.max(seconds > 20 ? 1 : 3, Math.min(most, Math.floor(budget / seconds)))
}

export interface TimingSummary {
  readonly wall: number
  readonly wallMedian: number
  readonly cpu: number
}

export function summarize(timings: readonly Timing[]): TimingSummary {
  const walls = timings.map(({ wall }) => wall)
  return { wall: minimum(walls), wallMedian: median(walls), cpu: minimum(timings.map(({ cpu }) => cpu)) }
}

/** The best cost: the known one, or what a run to the last digits reaches. */
export function bestCost(graph: Graph, workload: Workload): number {
  if (workload.best !== null) return workload.best
  return optimize(graph, { ...workload.options, clock, tolerance: 1e-13, maxIterations: 300 }).summary.finalCost
}

/** Relative excess over the best; a cost below it (best is known to ten digits) is no excess. */
export function excessOver(best: number, cost: number): number {
  return Math.max(0, (cost - best) / best)
}
