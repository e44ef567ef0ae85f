import { parentPort, workerData } from 'node:worker_threads'
import { caseInput, runCase } from './cases.ts'
import { targets } from './targets.ts'

/** What the main thread asks for. */
export interface FuzzOrder {
  readonly target: string
  readonly seed: number
  readonly from: number
  readonly to: number
  /** Shared with the main thread, which watches it: the case that runs now, then how many were read, refused, failed. */
  readonly clock: Int32Array
}

/** What it hears: each failure when it happens, and the slowest case at the end. */
export type FuzzNews =
  | { readonly kind: 'failure'; readonly index: number; readonly error: string }
  | { readonly kind: 'done'; readonly slowest: number }

const COUNTER = { read: 1, refused: 2, failed: 3 } as const

async function work({ target: name, seed, from, to, clock }: FuzzOrder): Promise<void> {
  const target = targets.find((known) => known.name === name)!
  const tell = (news: FuzzNews): void => parentPort?.postMessage(news)
  let slowest = 0
  for (let index = from; index < to; index++) {
    Atomics.store(clock, 0, index)
    const { source } = caseInput(target, seed, index)
    const started = performance.now()
    const outcome = await runCase(target, source)
    slowest = Math.max(slowest, performance.now() - started)
    Atomics.add(clock, COUNTER[outcome.kind], 1)
    if (outcome.kind === 'failed') tell({ kind: 'failure', index, error: outcome.error })
  }
  tell({ kind: 'done', slowest })
}

await work(workerData as FuzzOrder)
