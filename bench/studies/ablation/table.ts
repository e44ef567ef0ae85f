import type { Row } from './run.ts'

/** What one kind's runs gave. */
export interface KindResult {
  readonly title: string
  readonly setting: string
  /** Factor and name of each variation, in the order of the table. */
  readonly variations: readonly { readonly factor: string; readonly name: string }[]
  readonly rows: readonly Row[]
}

export interface Results {
  readonly command: string
  readonly node: string
  readonly cpu: string
  readonly kinds: Readonly<Record<string, KindResult>>
}

/** All tables, in the order of the names. */
export function page({ command, node, cpu, kinds: done }: Results, names: readonly string[]): string {
  const ordered = names.flatMap((name) => (done[name] ? [markdown(done[name])] : []))
  return [
    '# What each remedy of the mixed policy is worth',
    '',
    `Made by \`${command}\` (Node ${node}, ${cpu}); counts and costs do not depend on the machine's speed. A row is the`,
    '`mixed` policy with what the row says changed, `fallback: none` unless it says otherwise. **Excess**: fp64 cost of the',
    'values returned over the optimum of fp64 with a complete factor, minus one (0: below 1e-12). Outer and inner iterations,',
    'rejected steps, terminations and events are summed over the problems. **Step off by**: ‖δ − δ₆₄‖ / ‖δ₆₄‖ of the first',
    'linear system (λ = 1e-4) with conjugate gradients run to 1e-6 or 300 iterations, median; it weighs the directions that',
    'the cost hardly sees as much as the others. Large problems get the core variations alone.',
    '',
    ...ordered,
  ].join('\n')
}

/** More problems than this, and windows, share one column: median and worst. */
const MANY = 6

function markdown({ title, setting, variations, rows }: KindResult): string {
  const problems = [...new Set(rows.map(({ problem }) => problem))]
  const together = problems.every((name) => name.startsWith('seed')) || problems.length > MANY
  const excess = together ? ['excess, median / worst'] : problems.map((name) => `excess, ${name}`)
  const header = ['', 'variation', ...excess, 'outer', 'inner', 'rejected', 'converged', ...counters, 'step off by']
  const lines = variations.map(({ factor, name }, i) => {
    const mine = rows.filter((row) => row.variation === name && row.factor === factor)
    const excesses = together
      ? [`${show(median(mine.map((row) => row.excess)))} / ${show(Math.max(...mine.map((row) => row.excess)))}`]
      : problems.map((problem) => show(mine.find((row) => row.problem === problem)?.excess))
    const total = (pick: (row: Row) => number): string => String(mine.reduce((sum, row) => sum + pick(row), 0))
    const steps = mine.map(({ step }) => step)
    return [
      variations[i - 1]?.factor === factor ? '' : factor,
      name,
      ...excesses,
      total((row) => row.outer),
      total((row) => row.inner),
      total((row) => row.rejected),
      ended(mine),
      total((row) => row.overflows),
      total((row) => row.breakdowns),
      total((row) => row.indefinite),
      total((row) => row.fallbacks),
      steps.length === 0 ? '' : steps.some((step) => step === null) ? 'no step' : show(median(steps as number[])),
    ]
  })
  const cells = (line: readonly string[]): string => `| ${line.join(' | ')} |`
  return [
    `## ${title}`,
    '',
    `${setting}.`,
    '',
    cells(header),
    cells(header.map(() => '---')),
    ...lines.map(cells),
    '',
  ].join('\n')
}

const counters = ['overflows', 'breakdowns', 'indefinite', 'fallbacks']

/** '3 of 3', or what the others did: '1 of 3, 2 failed'. */
function ended(rows: readonly Row[]): string {
  const of = (name: string): number => rows.filter(({ termination }) => termination === name).length
  return `${of('converged')} of ${rows.length}${of('failed') > 0 ? `, ${of('failed')} failed` : ''}`
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2
}

/** Differences of costs below this share are rounding of the costs. */
const ROUNDING = 1e-12

function show(value: number | undefined): string {
  if (value === undefined || Number.isNaN(value)) return ''
  if (Math.abs(value) < ROUNDING) return '0'
  return value.toExponential(1).replace('-', '−').replace('e-', 'e−').replace('e+', 'e')
}
