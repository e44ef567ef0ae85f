/**
 * `npm run fuzz [-- --reader NAME] [--cases N] [--seed S]`: damaged files for every reader. A case passes when the reader
 * returns or throws UsageError within a second of processor time; others are saved under out/fuzz/ and named with the line
 * to run them again. Exit code 1 when there was one.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Worker } from 'node:worker_threads'
import { caseInput, type FuzzTarget } from './cases.ts'
import { targets } from './targets.ts'
import type { FuzzNews, FuzzOrder } from './worker.ts'

const { values: options } = parseArgs({
  options: {
    reader: { type: 'string' },
    cases: { type: 'string', default: '100000' },
    seed: { type: 'string', default: '1' },
    from: { type: 'string', default: '0' },
  },
})
const [cases, seed, first] = [options.cases, options.seed, options.from].map(Number) as [number, number, number]
const chosen = targets.filter(({ name }) => !options.reader || name === options.reader)
if (chosen.length === 0 || !(cases > 0) || !Number.isInteger(seed) || !(first >= 0)) {
  console.error(`expected --reader ${targets.map(({ name }) => name).join('|')}, --cases and --seed whole numbers`)
  process.exit(2)
}
const folder = join('out', 'fuzz')
mkdirSync(folder, { recursive: true })

let failed = 0
for (const target of chosen) failed += await fuzz(target)
console.log(failed === 0 ? 'fuzz: nothing fell over' : `fuzz: ${failed} cases FAILED; inputs in ${folder}`)
process.exitCode = failed === 0 ? 0 : 1

/** All cases of one reader; after one that hangs the rest go on in a fresh thread. Returns the number of failures. */
async function fuzz(target: FuzzTarget): Promise<number> {
  const started = performance.now()
  const clock = new Int32Array(new SharedArrayBuffer(16))
  let slowest = 0
  for (let from = first; from < first + cases; ) {
    const to = Math.min(first + cases, from + 10_000)
    const end = await watched(target, { target: target.name, seed, from, to, clock })
    slowest = Math.max(slowest, end.slowest)
    from = end.hung === null ? to : end.hung + 1
  }
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  const [, read, refused, failed] = clock
  console.log(
    `${target.name}: seed ${seed}, ${cases} cases in ${seconds} s; ${read} read, ${refused} refused, ` +
      `${failed} FAILED; slowest ${slowest.toFixed(1)} ms`,
  )
  return failed!
}

/**
 * Runs an order in a thread and watches its clock from here: a case that uses over a second of processor time (all of this
 * process's: nothing else runs) ends the thread.
 */
function watched(target: FuzzTarget, order: FuzzOrder): Promise<{ hung: number | null; slowest: number }> {
  const { clock } = order
  Atomics.store(clock, 0, -1)
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./fuzz-worker.js', import.meta.url), { workerData: order })
    let current = -1
    let since = 0
    const watch = setInterval(() => {
      const { user, system } = process.cpuUsage()
      const index = Atomics.load(clock, 0)
      if (index !== current) {
        current = index
        since = user + system
      } else if (index >= 0 && user + system - since > 1e6) {
        Atomics.add(clock, 3, 1)
        save(target, index, 'took over a second of processor time')
        end({ hung: index, slowest: 1000 })
      }
    }, 20)
    const end = (result: { hung: number | null; slowest: number }): void => {
      clearInterval(watch)
      worker.terminate().then(() => resolve(result), reject)
    }
    worker.on('message', (news: FuzzNews) => {
      if (news.kind === 'failure') save(target, news.index, news.error)
      else end({ hung: null, slowest: news.slowest })
    })
    worker.once('error', (error) => {
      clearInterval(watch)
      reject(error)
    })
  })
}

function save(target: FuzzTarget, index: number, error: string): void {
  const path = join(folder, `${target.name}-${seed}-${index}`)
  writeFileSync(`${path}.input`, caseInput(target, seed, index).bytes)
  console.error(`${target.name}: case ${index} of seed ${seed} failed: ${error.split('\n').slice(0, 4).join('\n  ')}`)
  console.error(
    `  input ${path}.input; run again: npm run fuzz -- --reader ${target.name} --seed ${seed} --from ${index} --cases 1`,
  )
}
