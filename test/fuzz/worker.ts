import { parentPort, workerData } from 'node:worker_threads'
import { caseInput, runCase } from './cases.ts'
import { targets } from './targets.ts'

/** What the main thread asks for and gets. `clock[0]` is the case that runs now: the main thread watches it. */
export interface FuzzOrder {
  readonly target: string
  readonly seed: number
  readonly from: number
  readonly to: number
  readonly clock: Int32Array
}

export interface FuzzReport {
  readonly counts: { read: number; refused: number; failed: number }
  readonly failures: readonly { index: number; error: string }[]
  readonly slowest: { index: number; milliseconds: number }
}

async function work({ target: name, seed, from, to, clock }: FuzzOrder): Promise<FuzzReport> {
  const target = targets.find((known) => known.name === name)!
  const counts = { read: 0, refused: 0, failed: 0 }
  const failures: { index: number; error: string }[] = []
  const slowest = { index: from, milliseconds: 0 }
  for (let index = from; index < to; index++) {
    Atomics.store(clock, 0, index)
    const { source } = caseInput(target, seed, index)
    const started = performance.now()
    const outcome = await runCase(target, source)
    const milliseconds = performance.now() - started
    if (milliseconds > slowest.milliseconds) Object.assign(slowest, { index, milliseconds })
    counts[outcome.kind]++
    if (outcome.kind === 'failed' && failures.length < 20) failures.push({ index, error: outcome.error })
  }
  return { counts, failures, slowest }
}

parentPort?.postMessage(await work(workerData as FuzzOrder))
