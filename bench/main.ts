import { mkdirSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus } from 'node:os'
import { join } from 'node:path'
import { optimize } from 'homeward'
import { type Metric, minimumSeconds, table } from './metrics.ts'
import { type Workload, workloads } from './workloads.ts'

/*
 * `npm run bench [-- NAME …]`: how long the main job takes and what it reaches, on problems of our own making and on real
 * files where they are. Prints a table and writes out/bench.json. Each workload is read once, warmed up once, and timed
 * as the smallest of its repeats; compare numbers of one machine only.
 */
const wanted = process.argv.slice(2)
const { present, missing } = workloads(process.env['HOMEWARD_DATA'] ?? join('..', 'shared', 'data'))
const chosen = present.filter(({ name }) => wanted.length === 0 || wanted.includes(name))
if (chosen.length === 0) {
  console.error(`no workload ${wanted.join(', ')}; there are ${present.map(({ name }) => name).join(', ')}`)
  process.exit(2)
}

const metrics: Metric[] = []
for (const workload of chosen) {
  const measured = await measure(workload)
  metrics.push(...measured)
  console.log(table(measured))
}
if (missing.length > 0) console.log(`\nnot here: ${missing.join(', ')} (set HOMEWARD_DATA)`)

const machine = { cpu: cpus()[0]?.model ?? 'unknown', cores: availableParallelism(), node: process.version }
mkdirSync('out', { recursive: true })
writeFileSync(join('out', 'bench.json'), `${JSON.stringify({ machine, metrics }, null, 2)}\n`)
console.log('\nwrote out/bench.json')

async function measure({ name, options, repeats, load }: Workload): Promise<Metric[]> {
  const started = performance.now()
  const graph = await load()
  const loadSeconds = (performance.now() - started) / 1000
  const clock = (): number => performance.now() / 1000
  const { seconds, result } = await minimumSeconds(repeats, () => optimize(graph, { ...options, clock }))
  const { summary } = result
  const metric = (key: string, value: number, unit: string): Metric => ({
    key: `optimize/${name}/${key}`,
    value,
    unit,
    direction: 'lower',
  })
  return [
    metric('load', loadSeconds, 's'),
    metric('seconds', seconds, 's'),
    metric('solve', summary.seconds.solve, 's'),
    metric('iterations', summary.iterations.length, 'iterations'),
    metric('cost', summary.finalCost, summary.costConvention),
    metric('unconverged', summary.termination === 'converged' ? 0 : 1, 'runs'),
  ]
}
