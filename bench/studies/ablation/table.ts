import type { Row } from './run.ts'

/** What one kind's runs gave. */
export interface KindResult {
  readonly title: string
  readonly setting: string
  /** Factor and name of each variation, in the order of the table. */
  readonly variations: readonly { readonly factor: string; readonly name: string }[]
  readonly rows: readonly Row[]
}

/** More problems than this share one column: median and worst. */
const MANY = 4

export function markdown({ title, setting, variations, rows }: KindResult): string {
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
