import { parseArgs } from 'node:util'

export interface Arguments {
  readonly quick: boolean
  readonly json: boolean
  readonly gate: boolean
  readonly bless: boolean
  readonly peers: boolean
  readonly kernels: boolean
  /** Names of workloads must contain one of these; empty: all. */
  readonly only: readonly string[]
  /** Internal: solve this workload once, in a process of its own, and print what it took. */
  readonly solo: string | null
}

export const usage = `usage: npm run bench -- [options] [PATTERN …]
  --quick          the small workloads, few repeats (about a minute)
  --only PATTERN   workloads whose name contains PATTERN; may be repeated, as may plain words
  --peers          also build and run Ceres on the same problems (needs g++ and libceres-dev)
  --kernels        the kernels alone, per working set; against C where there is a compiler
  --json           print one JSON object instead of tables
  --gate           compare with bench/baseline.json; exit 1 on a regression
  --bless          write bench/baseline.json from this run: a deliberate act, for a commit of its own`

/** @throws Error with the usage for words it does not know */
export function parseArguments(words: readonly string[]): Arguments {
  try {
    const { values, positionals } = parseArgs({
      args: [...words],
      allowPositionals: true,
      options: {
        quick: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        gate: { type: 'boolean', default: false },
        bless: { type: 'boolean', default: false },
        peers: { type: 'boolean', default: false },
        kernels: { type: 'boolean', default: false },
        only: { type: 'string', multiple: true, default: [] },
        solo: { type: 'string' },
      },
    })
    return { ...values, only: [...values.only, ...positionals], solo: values.solo ?? null }
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : error}\n${usage}`)
  }
}
