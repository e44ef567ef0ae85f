import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type Kind, kinds, type Source } from './ablation/problems.ts'
import { pose, type Row, run } from './ablation/run.ts'
import { type KindResult, page, type Results } from './ablation/table.ts'

/*
 * `npm run study -- ablation [windows] [pose-graphs] [bal] [--count N] [--core]`: what each remedy of the mixed policy is
 * worth. It takes them away one at a time, and some together, on windows, pose graphs and BAL, with `fallback: 'none'` so that
 * failures show. --count N: at most so many problems of each kind (of windows 4 without it); --core: the variations that large
 * problems get, for all. Writes bench/studies/results/ablation.json and ablation.md; a kind that is not run keeps its rows.
 */

/** Windows of a full run. */
const WINDOWS = 4

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { count: { type: 'string' }, core: { type: 'boolean', default: false } },
})
const folder = join('bench', 'studies', 'results')
const dataRoot = process.env['HOMEWARD_DATA'] ?? join('..', 'shared', 'data')
const count = Math.max(1, Math.floor(Number(values.count ?? WINDOWS)) || WINDOWS)
const all = kinds(dataRoot, count)
const unknown = positionals.filter((name) => !all.some((kind) => kind.name === name))
if (unknown.length > 0) {
  console.error(`no kind ${unknown.join(', ')}; there are: ${all.map(({ name }) => name).join(', ')}`)
  process.exit(2)
}
for (const kind of all) if (positionals.length === 0 || positionals.includes(kind.name)) await study(kind)

/** All variations on all problems of a kind; kept after each, so that an interrupted run leaves what it measured. */
async function study(kind: Kind): Promise<void> {
  const { name, title, setting, variations } = kind
  const rows: Row[] = []
  const problems = kind.problems.slice(0, values.count === undefined ? undefined : count)
  if (problems.length === 0) console.error(`${name}: no data here (set HOMEWARD_DATA)`)
  for (const source of problems) {
    rows.push(...(await studyProblem(kind, source)))
    const done = variations.filter((v) =>
      rows.some(({ factor, variation }) => v.name === variation && v.factor === factor),
    )
    keep(name, { title, setting, variations: done.map((v) => ({ factor: v.factor, name: v.name })), rows })
  }
}

async function studyProblem({ name: kind, options, variations }: Kind, source: Source): Promise<Row[]> {
  const problem = pose(source.name, await source.load(), options)
  return variations.flatMap((variation) => {
    if ((source.large || values.core) && !variation.core) return []
    const started = performance.now()
    const row = run(problem, variation)
    const seconds = ((performance.now() - started) / 1000).toFixed(1)
    console.error(
      `${kind}, ${source.name}, ${variation.factor}: ${variation.name}: excess ${row.excess.toExponential(1)}, ` +
        `${row.outer} outer, ${row.inner} inner, ${row.termination}; ${seconds} s`,
    )
    return [row]
  })
}

/** Puts one kind's results beside those of the others. */
function keep(name: string, result: KindResult): void {
  mkdirSync(folder, { recursive: true })
  const file = join(folder, 'ablation.json')
  const before: Partial<Results> = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {}
  const results: Results = {
    command: 'npm run study -- ablation',
    node: process.version,
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    kinds: { ...before.kinds, [name]: result },
  }
  replace(file, `${JSON.stringify(results, null, 1)}\n`)
  replace(
    join(folder, 'ablation.md'),
    page(
      results,
      all.map((kind) => kind.name),
    ),
  )
  console.error(`wrote ${file} and ablation.md`)
}

/** Written beside and then moved: a reader sees the old file or the new one. */
function replace(file: string, text: string): void {
  writeFileSync(`${file}.new`, text)
  renameSync(`${file}.new`, file)
}
