import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Arguments, parseArguments, usage } from './arguments.ts'
import { measureColdStart } from './cold-start.ts'
import { contest, type Row } from './contest.ts'
import { bless, readBaseline, regressions, stillWorse } from './gate.ts'
import { kernelMetrics } from './kernels/kernels.ts'
import { type Metric, show, table } from './metrics.ts'
import { buildCeres } from './peers/ceres.ts'
import { rowsTable, writePeers } from './report.ts'
import { printSolo } from './solo.ts'
import { machine } from './timing.ts'
import { type Workload, workloads } from './workloads.ts'

/*
 * `npm run bench`: how long the main job takes, what it reaches and what it needs, on real and generated problems; with
 * --peers beside Ceres. bench/README.md says how to read it. Runs from the repository's root.
 */
const baselineFile = join('bench', 'baseline.json')

async function main(): Promise<number> {
  const args = parseArguments(process.argv.slice(2))
  const { present, missing } = workloads(process.env['HOMEWARD_DATA'] ?? join('..', 'shared', 'data'))
  if (args.solo !== null) {
    const workload = present.find(({ name }) => name === args.solo)
    if (!workload) throw new Error(`no workload ${args.solo}`)
    await printSolo(workload)
    return 0
  }
  const say = args.json ? console.error : console.log
  const here = machine()
  say(`${here.cpu}, ${here.cores} cores, Node ${here.node}`)
  const metrics: Metric[] = []
  const rows: Row[] = []
  if (args.kernels) metrics.push(...kernelMetrics(args.quick, say))
  else await measureWorkloads(args, choose(present, args), metrics, rows, say)
  if (missing.length > 0 && !args.kernels) say(`\nnot here: ${missing.join(', ')} (set HOMEWARD_DATA)`)

  mkdirSync('out', { recursive: true })
  const json = `${JSON.stringify({ machine: here, metrics }, null, 2)}\n`
  writeFileSync(join('out', 'bench.json'), json)
  if (args.json) console.log(json)
  else say('\nwrote out/bench.json')
  if (args.bless) {
    bless(baselineFile, here, metrics)
    say(`moved ${baselineFile}`)
  }
  return args.gate ? await gate(args, present, metrics, say) : 0
}

/** Workloads by pattern: a whole name means that one alone, anything else all names that contain it. */
function choose(present: readonly Workload[], { only, quick }: Arguments): Workload[] {
  const names = present.map(({ name }) => name)
  const matches = (name: string, pattern: string): boolean =>
    names.includes(pattern) ? name === pattern : name.toLowerCase().includes(pattern.toLowerCase())
  const chosen = present.filter((workload) =>
    only.length > 0 ? only.some((pattern) => matches(workload.name, pattern)) : !quick || workload.quick,
  )
  if (chosen.length > 0) return chosen
  throw new Error(`no workload has ${only.join(' or ')} in its name: ${names.join(', ')}\n${usage}`)
}

async function measureWorkloads(
  { quick, peers }: Arguments,
  chosen: readonly Workload[],
  metrics: Metric[],
  rows: Row[],
  say: (text: string) => void,
): Promise<void> {
  const unable = peers ? buildCeres() : null
  if (unable) say(`without Ceres: ${unable}`)
  for (const [i, workload] of chosen.entries()) {
    const outcome = await contest(workload, quick, peers && unable === null)
    if (!outcome) continue
    rows.push(...outcome.rows)
    metrics.push(...outcome.metrics)
    // After each, so that an interrupted run leaves what it measured.
    if (peers && unable === null) writePeers(machine(), rows, metrics)
    say(`\n[${i + 1}/${chosen.length}] ${workload.name}: ${outcome.rows[0].note}\n${rowsTable(outcome.rows, true)}`)
  }
  const sphere = chosen.find(({ name }) => name === 'sphere2500')
  if (sphere) {
    const cold = measureColdStart(sphere, quick ? 3 : 7)
    metrics.push(...cold)
    say(
      `\n${table(
        ['cold start', 'value', 'unit'],
        cold.map(({ key, value, unit }) => [key, show(value), unit]),
      )}`,
    )
  }
  if (!peers || unable !== null) return
  writePeers(machine(), rows, metrics)
  say('\nwrote bench/results/peers.md and peers.json')
}

/** What is worse than the baseline is measured again, up to twice: a neighbour on the machine is no regression. */
async function gate(
  args: Arguments,
  present: readonly Workload[],
  metrics: readonly Metric[],
  say: (text: string) => void,
): Promise<number> {
  const baseline = readBaseline(baselineFile)
  if (!baseline) {
    say(`there is no ${baselineFile} to compare with; --bless writes it`)
    return 1
  }
  let found = regressions(baseline.metrics, metrics)
  for (let again = 0; again < 2 && found.length > 0; again++) {
    // 'sphere2500/ours/…', and 'cold-start/sphere2500/…'
    const suspects = new Set(found.flatMap(({ key }) => key.split('/').slice(0, 2)))
    say(`\ngate: once more, because of\n  ${found.map(({ text }) => text).join('\n  ')}`)
    const fresh: Metric[] = []
    if (args.kernels) fresh.push(...kernelMetrics(args.quick, say))
    else
      await measureWorkloads(
        args,
        present.filter(({ name }) => suspects.has(name)),
        fresh,
        [],
        say,
      )
    found = stillWorse(found, regressions(baseline.metrics, fresh))
  }
  if (found.length === 0) say('\ngate: no regression')
  else say(`\ngate: ${found.length} regressions\n  ${found.map(({ text }) => text).join('\n  ')}`)
  return found.length === 0 ? 0 : 1
}

try {
  process.exitCode = await main()
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 2
}
