import { spawnSync } from 'node:child_process'
import type { Summary } from 'homeward'
import { solve } from './solve.ts'
import { type Timing, timed } from './timing.ts'
import type { Workload } from './workloads.ts'

/** A run in a process of its own, which tells what memory it needed. */
export interface Solo extends Timing {
  readonly cost: number
  readonly iterations: number
  readonly converged: boolean
  readonly seconds: Summary['seconds']
  readonly step: string
  /** Resident memory with the graph alone, and at the peak, in MB. */
  readonly graphMegabytes: number
  readonly peakMegabytes: number
}

/** The child's side: solves once and prints one line of JSON. */
export async function printSolo(workload: Workload): Promise<void> {
  const graph = await workload.load()
  const graphMegabytes = process.memoryUsage.rss() / 2 ** 20
  const { result, wall, cpu } = await timed(() => solve(graph, workload))
  const { summary } = result
  const solo: Solo = {
    wall,
    cpu,
    cost: summary.finalCost,
    iterations: summary.iterations.length,
    converged: summary.termination === 'converged',
    seconds: summary.seconds,
    step: `${summary.step.name}: ${summary.step.reason}`,
    graphMegabytes,
    peakMegabytes: process.resourceUsage().maxRSS / 1024,
  }
  console.log(JSON.stringify(solo))
}

/** The parent's side. @returns null, after a message, when the child failed (out of memory, say) */
export function runSolo(workload: Workload): Solo | null {
  const child = spawnSync(process.execPath, [process.argv[1], '--solo', workload.name], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: 1_200_000,
  })
  if (child.status === 0) return JSON.parse(child.stdout) as Solo
  console.error(`${workload.name}: the run failed (${child.error?.message ?? `exit code ${child.status}`})`)
  return null
}
