import type { IterationRow, Summary } from '../../../src/index.ts'

/** What a run of `optimize` has to tell, beyond what the optimizer itself reports. */
export interface RunReport {
  readonly file: string
  readonly format: string
  readonly summary: Summary
  readonly readSeconds: number
  /** From the first byte read to the last iteration. */
  readonly totalSeconds: number
  readonly warnings: readonly string[]
  /** Files written. */
  readonly written: readonly string[]
}

/** The object that `--json` prints. */
export function jsonReport(run: RunReport): object {
  const { summary } = run
  const { initialize, compile, linearize, solve } = summary.seconds
  return {
    file: run.file,
    format: run.format,
    problem: summary.problem,
    initialCost: summary.initialCost,
    finalCost: summary.finalCost,
    costConvention: summary.costConvention,
    iterations: summary.iterations,
    termination: summary.termination,
    reason: summary.reason,
    step: summary.step,
    kernels: summary.kernels,
    method: summary.method,
    initialization: summary.initialization,
    gauge: summary.gauge,
    precision: summary.precision,
    fallbacks: summary.fallbacks,
    work: summary.work,
    seconds: { read: run.readSeconds, initialize, compile, linearize, solve, total: run.totalSeconds },
    warnings: run.warnings,
    written: run.written,
  }
}

/** The report for people; the iteration table is left out where the progress lines just showed it. */
export function humanReport(run: RunReport, { table = true }: { readonly table?: boolean } = {}): string {
  const { summary } = run
  const cost = summary.costConvention === 'chi2' ? 'chi2' : '½ Σ r²'
  const { problem, initialization, method, step } = summary
  const lines = [
    line('problem', `${run.file} (${run.format}): ${describeProblem(problem)}`),
    line('size', `${count(problem.residuals, 'residual')}, ${count(problem.unknowns, 'free unknown')}`),
    line('start', `${initialization.name}: ${initialization.reason}; ${cost} ${number(initialization.cost)}`),
    line('method', `${method.name}: ${method.reason}`),
    line('step', `${step.name}: ${step.reason}`),
    ...precisionLines(summary),
    ...some(summary.gauge, 6, 'component').map((gauge) =>
      line(
        'gauge',
        typeof gauge === 'string' ? gauge : `${gauge.freedom} (component of ${gauge.component}): ${gauge.handling}`,
      ),
    ),
  ]
  if (table) lines.push('', tableHead(cost), ...summary.iterations.map(tableRow))
  lines.push(
    '',
    line(outcome[summary.termination], `${summary.reason}; ${count(summary.iterations.length, 'iteration')}`),
    line(cost, `${number(summary.initialCost)} → ${number(summary.finalCost)}`),
    line('seconds', describeSeconds(run)),
    ...some(run.warnings, 12, 'warning').map((warning) => line('warning', warning)),
    ...run.written.map((path) => line('wrote', path)),
  )
  return `${lines.join('\n')}\n`
}

/** Nothing for double; otherwise the policy, what it gave up, and what happened to the numbers. */
function precisionLines({ precision, fallbacks }: Summary): string[] {
  if (precision.policy === 'double') return []
  const { residual, operator, preconditioner, vectors, update } = precision.stages
  const stages = Object.entries({ residual, operator, preconditioner, vectors, update })
  return [
    line('precision', `${precision.policy}: ${stages.map(([name, stage]) => `${name} ${stage.computed}`).join(', ')}`),
    ...fallbacks.map(({ from, to, reason }) => line('fallback', `${from} → ${to}: ${reason}`)),
    ...precision.events.map(({ stage, kind, count: times, first }) =>
      line('numbers', `${stage}: ${count(times, kind)}, first at ${first.where} with ${first.value}`),
    ),
  ]
}

const outcome: Record<Summary['termination'], string> = {
  converged: 'converged',
  'max-iterations': 'stopped',
  'max-seconds': 'stopped',
  aborted: 'interrupted',
  failed: 'failed',
}

function describeProblem({ kind, variables, factors }: Summary['problem']): string {
  return `${kind}, ${count(variables, 'variable')}, ${count(factors, 'factor')}`
}

function describeSeconds(run: RunReport): string {
  const { initialize, compile, linearize, solve } = run.summary.seconds
  const parts = { read: run.readSeconds, initialize, compile, linearize, solve, total: run.totalSeconds }
  return Object.entries(parts)
    .map(([name, seconds]) => `${name} ${seconds.toFixed(3)}`)
    .join(', ')
}

/** Head of the iteration table; `cost` is what the cost is called. */
export function tableHead(cost: string): string {
  return row('iter', cost, 'change', 'gradient', 'step', 'gain', 'damping', 'CG', 'seconds')
}

/** One iteration as one line. */
export function tableRow(it: IterationRow): string {
  return row(
    String(it.iteration),
    number(it.cost),
    it.accepted ? it.costChange.toExponential(2) : 'rejected',
    it.gradient.toExponential(2),
    it.stepNorm.toExponential(2),
    it.gain.toFixed(3),
    it.damping === 0 ? '0' : it.damping.toExponential(1),
    it.linearIterations === 0 ? '-' : String(it.linearIterations),
    it.seconds.toFixed(2),
  )
}

const widths = [5, 15, 11, 10, 10, 8, 9, 6, 9]

function row(...cells: string[]): string {
  return cells.map((cell, i) => cell.padStart(widths[i])).join('')
}

/** `name   text`, further lines of the text indented. */
export function line(name: string, text: string): string {
  return `${name.padEnd(12)} ${text}`
}

/** 7 significant digits, without a tail of zeros. */
export function number(x: number): string {
  if (x === 0 || !Number.isFinite(x)) return String(x)
  const size = Math.abs(x)
  return size >= 1e7 || size < 1e-4 ? x.toExponential(6) : String(Number(x.toPrecision(10)))
}

/** '1 factor', '4,949 factors'. */
export function count(n: number, noun: string): string {
  return `${n.toLocaleString('en-US')} ${noun}${n === 1 ? '' : 's'}`
}

/** The first few, and how many more there are. */
function some<T>(items: readonly T[], most: number, noun: string): (T | string)[] {
  if (items.length <= most) return [...items]
  return [...items.slice(0, most), `and ${count(items.length - most, `more ${noun}`)}`]
}
