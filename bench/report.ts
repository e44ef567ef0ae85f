import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Row } from './contest.ts'
import { type Metric, markdown, show, table } from './metrics.ts'
import { published, publishedPeers } from './peers/published.ts'
import type { Machine } from './timing.ts'

const header = [
  'workload',
  'solver',
  'wall ms',
  'median',
  'cpu ms',
  'start',
  'compile',
  'linearize',
  'solve',
  'its',
  'excess',
  'ours/it',
  'same start',
]

/** Rows of one workload (or all) as text for a terminal. */
export function rowsTable(rows: readonly Row[], withHeader: boolean): string {
  const text = table(header, rows.map(cells))
  return withHeader ? text : text.slice(text.indexOf('\n') + 1)
}

function cells(row: Row): string[] {
  const ms = (value: number | undefined): string => (value === undefined ? '' : show(1000 * value))
  const [auto, sameStart] = row.ratios ?? [null, null]
  const { stages } = row
  return [
    row.workload,
    row.solver,
    ms(row.wall),
    ms(row.wallMedian),
    ms(row.cpu),
    ...[0, 1, 2, 3].map((k) => ms(stages[k])),
    String(row.iterations),
    show(row.excess),
    auto === null ? '' : show(auto),
    sameStart === null ? '' : show(sameStart),
  ]
}

interface Results {
  readonly machine: Machine
  readonly rows: readonly Row[]
  readonly metrics: readonly Metric[]
}

/**
 * Writes bench/results/peers.md and .json. Workloads of this run replace what was there of them; the others stay when
 * they were measured on the same kind of machine.
 */
export function writePeers(machine: Machine, newRows: readonly Row[], newMetrics: readonly Metric[]): void {
  const folder = join('bench', 'results')
  mkdirSync(folder, { recursive: true })
  const { rows, metrics } = merged(join(folder, 'peers.json'), { machine, rows: newRows, metrics: newMetrics })
  const names = [...new Set(rows.map(({ workload }) => workload))].filter((name) => published[name])
  const text = [
    '# Ours and its peers, side by side',
    '',
    `${machine.cpu}, ${machine.cores} cores, ${machine.platform}, Node ${machine.node}. One thread, data in memory → optimum at a`,
    'relative decrease of 1e-6; chordal start, ordering and compilation are in our time, building its problem is not in',
    'Ceres’s. Interleaved runs; wall is the least and the median, cpu the least. "ours/it": our processor seconds over the',
    'peer’s; "same start": the same with both from the file’s values (odometry where it has none), or both from our chordal start. Excess: over the best',
    'known cost, relative; where it is large the solver ended in another minimum.',
    '',
    ...notesOf(rows),
    '',
    markdown(header, rows.map(cells)),
    '',
    '## Published figures of peers (not measured here)',
    '',
    'Seconds (iterations), one thread of an EPYC, from the file’s own start; SE-Sync from a chordal one.',
    '',
    markdown(
      ['workload', ...publishedPeers.map((peer) => `${peer} (not measured here)`)],
      names.map((name) => [name, ...published[name]]),
    ),
    '',
  ]
  writeFileSync(join(folder, 'peers.md'), text.join('\n'))
  writeFileSync(join(folder, 'peers.json'), `${JSON.stringify({ machine, rows, metrics }, null, 1)}\n`)
}

function merged(file: string, fresh: Results): Results {
  if (!existsSync(file)) return fresh
  const old = JSON.parse(readFileSync(file, 'utf8')) as Results
  if (JSON.stringify(old.machine) !== JSON.stringify(fresh.machine)) return fresh
  const measured = new Set(fresh.rows.map(({ workload }) => workload))
  const isOld = (name: string): boolean => !measured.has(name)
  return {
    machine: fresh.machine,
    rows: [...old.rows.filter(({ workload }) => isOld(workload)), ...fresh.rows],
    metrics: [...old.metrics.filter(({ key }) => isOld(key.slice(0, key.indexOf('/')))), ...fresh.metrics],
  }
}

/** Notes on rows that deserve one: what large problems needed, who did not converge. */
function notesOf(rows: readonly Row[]): string[] {
  const noted = rows.filter(({ note }) => note !== '' && !note.startsWith('first run'))
  return noted.map(({ workload, solver, note }) => `- ${workload}, ${solver}: ${note}`)
}
