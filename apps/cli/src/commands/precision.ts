import { basename } from 'node:path'
import { Command, Option } from 'commander'
import { trajectoryOf } from '../../../../src/data/index.ts'
import { absoluteTrajectoryError } from '../../../../src/evaluate/index.ts'
import { UsageError } from '../../../../src/numeric/index.ts'
import {
  type OptimizeResult,
  optimize,
  type PolicyChanges,
  type PresetName,
  presetNames,
  type StepName,
} from '../../../../src/optimize/index.ts'
import { checkWritable, writeFile } from '../files.ts'
import { parseNotNegative, parsePositiveCount } from '../options.ts'
import { readPolicy } from '../precision-policy.ts'
import { type Problem, readProblem } from '../problem.ts'
import { type Format, readFormats } from '../recognise.ts'
import { line, number } from '../report.ts'
import { flopsByFormat, modelRates, predictedSeconds, totalBytes } from '../work-model.ts'

interface Flags {
  readonly presets: string
  readonly step: StepName
  readonly maxIterations?: number
  readonly tolerance?: number
  readonly plot?: string
  readonly format?: Format
  readonly repairInformation?: boolean
  readonly json?: boolean
}

/** One policy's run, beside double's. */
export interface PrecisionRow {
  readonly name: string
  readonly step: string
  readonly cost: number
  /** (cost − double's) / double's. */
  readonly relative: number
  /** RMS distance of its positions from double's, metres (after a similarity for bundle adjustment); null without poses. */
  readonly ate: number | null
  readonly outer: number
  readonly inner: number
  /** Operations by the format they are computed in. */
  readonly flops: Readonly<Record<string, number>>
  readonly bytes: number
  readonly measuredSeconds: number
  /** By the cost model. */
  readonly modelSeconds: number
  readonly termination: string
  readonly reason: string
  readonly fallbacks: OptimizeResult['summary']['fallbacks']
  readonly events: OptimizeResult['summary']['precision']['events']
  readonly work: OptimizeResult['summary']['work']
}

/** The method of `mixed` with every stage in fp64: what precision alone changes is the difference from it. */
const sameMethod = 'double, same method'

export function precisionCommand(): Command {
  return new Command('precision')
    .summary('run precision presets side by side')
    .description(
      `Optimizes one problem in several precisions and prints one table: cost and positions against double, iterations,
operations and bytes by format, seconds measured here and seconds that a cost model predicts for other hardware.`,
    )
    .argument('<file>', 'the problem, as for optimize')
    .addOption(
      new Option('--presets <names>', 'presets and JSON policies, separated by commas').default(presetNames.join(',')),
    )
    .addOption(
      new Option('--step <name>', 'how linear systems are solved')
        .choices(['auto', 'cholesky', 'pcg', 'cgnr', 'schur'])
        .default('auto'),
    )
    .addOption(new Option('--max-iterations <n>', 'stop after this many (default: 100)').argParser(parsePositiveCount))
    .addOption(
      new Option('--tolerance <t>', 'relative decrease at which a run has converged').argParser(parseNotNegative),
    )
    .option('--plot <file>', 'draw cost against work: .svg or .png')
    .addOption(new Option('--format <name>', 'read FILE as this format').choices(readFormats))
    .option('--repair-information', 'clip negative eigenvalues of information matrices instead of refusing the file')
    .option('--json', 'print one JSON object instead of the table')
    .addHelpText(
      'after',
      `
Examples:
  homeward precision sphere2500.g2o
  homeward precision ladybug.txt --presets double,mixed,half --plot precision.svg
  homeward precision city.g2o --presets mixed,mine.json --json | jq '.rows[].relative'

The row '${sameMethod}' is the method of mixed with all numbers in fp64: compare precision with it, methods with double.
Seconds by the model are no measurement: operations over ${modelRates.fp64 / 1e9} Gflop/s in fp64, twice that in fp32, four times in fp16 and bf16.
Exit codes: 0 all runs are in the table, whether they converged or not; 2 bad input or usage.`,
    )
    .action(run)
}

async function run(file: string, flags: Flags): Promise<void> {
  if (flags.plot !== undefined) checkPlot(flags.plot)
  const wanted = flags.presets
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
  const policies = wanted.map((name) => ({ name, policy: readPolicy(name) }))
  const problem = await readProblem(file, {
    ...(flags.format && { format: flags.format }),
    repairInformation: flags.repairInformation ?? false,
  })
  const runs = runAll(problem, policies, flags)
  if (flags.plot !== undefined) await draw(flags.plot, problem, runs)
  const rows = runs.map(({ row }) => row)
  if (flags.json) process.stdout.write(`${JSON.stringify({ file, model: modelRates, rows }, null, 2)}\n`)
  else process.stdout.write(report(problem, rows))
}

interface Run {
  readonly row: PrecisionRow
  readonly result: OptimizeResult
}

function runAll(
  problem: Problem,
  policies: readonly { name: string; policy: PresetName | PolicyChanges }[],
  flags: Flags,
): Run[] {
  const double = solve(problem, 'double', flags)
  const runs: Run[] = []
  for (const { name, policy } of policies) {
    runs.push(toRow(problem, name, policy === 'double' ? double : solve(problem, policy, flags), double))
    if (policy === 'double' && flags.step !== 'schur')
      runs.push(toRow(problem, sameMethod, solve(problem, allDouble, flags), double))
  }
  return runs
}

const fp64 = { stored: 'fp64', computed: 'fp64', accumulated: 'fp64' } as const
const allDouble: PolicyChanges = {
  name: sameMethod,
  base: 'mixed',
  operator: fp64,
  preconditioner: fp64,
  factorization: fp64,
  vectors: fp64,
  reductions: 'fp64',
}

interface Solved extends OptimizeResult {
  readonly seconds: number
}

function solve(problem: Problem, precision: PresetName | PolicyChanges, flags: Flags): Solved {
  const since = performance.now()
  const result = optimize(problem.graph, {
    precision,
    step: flags.step,
    ...(flags.maxIterations !== undefined && { maxIterations: flags.maxIterations }),
    ...(flags.tolerance !== undefined && { tolerance: flags.tolerance }),
    costConvention: problem.costConvention,
    clock: () => performance.now() / 1000,
  })
  return { ...result, seconds: (performance.now() - since) / 1000 }
}

function toRow(problem: Problem, name: string, solved: Solved, double: Solved): Run {
  const { summary } = solved
  const row: PrecisionRow = {
    name,
    step: summary.step.name,
    cost: summary.finalCost,
    relative: (summary.finalCost - double.summary.finalCost) / double.summary.finalCost,
    ate: positionError(problem, solved, double),
    outer: summary.iterations.length,
    inner: summary.iterations.reduce((sum, { linearIterations }) => sum + linearIterations, 0),
    flops: flopsByFormat(summary.work),
    bytes: totalBytes(summary.work),
    measuredSeconds: solved.seconds,
    modelSeconds: predictedSeconds(summary.work),
    termination: summary.termination,
    reason: summary.reason,
    fallbacks: summary.fallbacks,
    events: summary.precision.events,
    work: summary.work,
  }
  return { row, result: solved }
}

function positionError(problem: Problem, { values }: OptimizeResult, double: OptimizeResult): number | null {
  const estimate = trajectoryOf(values)
  if (estimate.timestamps.length === 0) return null
  // Only bundle adjustment leaves a similarity free; the frame of a pose graph is the same in all runs.
  const align = problem.costConvention === 'chi2' ? 'none' : 'sim3'
  return absoluteTrajectoryError(estimate, trajectoryOf(double.values), { align }).rmse
}

function report(problem: Problem, rows: readonly PrecisionRow[]): string {
  const cost = problem.costConvention === 'chi2' ? 'chi2' : '½ Σ r²'
  const formats = ['fp64', 'fp32', 'fp16', 'bf16'].filter((format) => rows.some(({ flops }) => flops[format]))
  const head = ['', cost, 'rel. double', 'ATE change', 'outer', 'inner']
  const cells = [
    [...head, ...formats.map((format) => `Mflop ${format}`), 'MB', 'seconds', 'model s', 'ended'],
    ...rows.map((row) => [
      row.name,
      number(row.cost),
      signed(row.relative),
      row.ate === null ? '-' : row.ate.toExponential(1),
      String(row.outer),
      row.inner === 0 ? '-' : String(row.inner),
      ...formats.map((format) => (row.flops[format] ? (row.flops[format] / 1e6).toPrecision(3) : '-')),
      (row.bytes / 1e6).toPrecision(3),
      row.measuredSeconds.toFixed(3),
      row.modelSeconds.toPrecision(3),
      row.termination,
    ]),
  ]
  const notes = rows.flatMap((row) => [
    ...(row.termination === 'converged' ? [] : [line(row.name, row.reason)]),
    ...row.fallbacks.map(({ from, to, reason }) => line(row.name, `${from} → ${to}: ${reason}`)),
  ])
  const model =
    `model s: a model, not a measurement: ${modelRates.fp64 / 1e9} Gflop/s in fp64, ${modelRates.fp32 / 1e9} in fp32, ` +
    `${modelRates.fp16 / 1e9} in fp16 and bf16; here fp16 is storage and emulation`
  return `${[...aligned(cells), '', model, ...gained(rows), ...(notes.length > 0 ? ['', ...notes] : [])].join('\n')}\n`
}

/** Whether fewer bits gained or lost time on this machine, against the same method in fp64: one sentence per row. */
function gained(rows: readonly PrecisionRow[]): string[] {
  const same = rows.find(({ name }) => name === sameMethod)
  if (!same) return []
  return rows.flatMap(({ name, flops, measuredSeconds }) => {
    if (name === sameMethod || !(flops.fp16 || flops.bf16)) return []
    const ratio = measuredSeconds / same.measuredSeconds
    return `time here: ${name} ${ratio < 1 ? 'gained' : 'lost'} time, ${ratio.toFixed(2)} of the same method in fp64`
  })
}

/** Rows of cells under each other, the first column to the left. */
function aligned(cells: readonly (readonly string[])[]): string[] {
  const widths = cells[0].map((_, c) => Math.max(...cells.map((row) => row[c].length)))
  return cells.map((row) =>
    row.map((cell, c) => (c === 0 ? cell.padEnd(widths[c]) : cell.padStart(widths[c]))).join('  '),
  )
}

function signed(x: number): string {
  return x === 0 ? '0' : `${x > 0 ? '+' : ''}${x.toExponential(1)}`
}

function checkPlot(path: string): void {
  if (!/\.(svg|png)$/i.test(path)) throw new UsageError(`--plot ${path}: expected a name that ends in .svg or .png`)
  checkWritable(path)
}

async function draw(path: string, problem: Problem, runs: readonly Run[]): Promise<void> {
  const { toPng, workPicture } = await import('../plot/index.ts')
  const svg = workPicture({
    title: basename(problem.path),
    cost: problem.costConvention === 'chi2' ? 'chi2' : '½ Σ r²',
    runs: runs.map(({ row, result }) => ({ name: row.name, summary: result.summary })),
  })
  writeFile(path, /\.png$/i.test(path) ? await toPng(svg, 1600) : svg)
}
