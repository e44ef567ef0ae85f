import { basename } from 'node:path'
import { Command, Option } from 'commander'
import type { Values } from '../../../../src/graph/index.ts'
import { UsageError } from '../../../../src/numeric/index.ts'
import {
  type InitializationName,
  type MethodName,
  type OptimizeOptions,
  type OptimizeResult,
  optimizeAsync,
  type StepName,
} from '../../../../src/optimize/index.ts'
import { checkWritable, writeFile } from '../files.ts'
import { onInterrupt } from '../interrupt.ts'
import { parseLoss, parseNotNegative, parsePositive, parsePositiveCount } from '../options.ts'
import { readPolicy } from '../precision-policy.ts'
import { type Problem, readProblem } from '../problem.ts'
import { createProgress, type Progress } from '../progress.ts'
import { type Format, formatNames, readFormats } from '../recognise.ts'
import { humanReport, jsonReport, type RunReport } from '../report.ts'
import { resultTarget, writeResult } from '../result.ts'

interface Flags {
  readonly step: StepName
  readonly init: InitializationName
  readonly method: MethodName
  readonly precision: string
  readonly loss?: NonNullable<OptimizeOptions['loss']>
  readonly maxIterations?: number
  readonly maxSeconds?: number
  readonly tolerance?: number
  readonly out?: string
  readonly plot?: string
  readonly format?: Format
  readonly repairInformation?: boolean
  readonly progress?: boolean
  readonly json?: boolean
  readonly quiet?: boolean
}

export function optimizeCommand(): Command {
  return new Command('optimize')
    .summary('find the optimum of a pose graph or bundle adjustment problem')
    .description(
      `Finds the optimum of a pose graph or a bundle adjustment problem, reports what happened, and writes the
result and a picture. FILE: .g2o, TORO .graph, iSAM text, BAL (also .gz, .bz2), or the folder of a COLMAP model; - is standard input.`,
    )
    .argument('<file>', 'the problem')
    .addOption(
      new Option('--step <name>', 'how linear systems are solved')
        .choices(['auto', 'cholesky', 'pcg', 'cgnr', 'schur', 'qr'])
        .default('auto'),
    )
    .addOption(
      new Option('--init <name>', 'where the first values come from')
        .choices(['auto', 'file', 'odometry', 'tree', 'chordal', 'incremental'])
        .default('auto'),
    )
    .addOption(
      new Option('--method <name>', 'how steps are chosen')
        .choices(['auto', 'lm', 'geodesic', 'gn', 'dogleg'])
        .default('auto'),
    )
    .addOption(
      new Option(
        '--loss <name:scale>',
        'a robust loss, its scale in sigmas: huber, cauchy, tukey, geman-mcclure, dcs',
      ).argParser(parseLoss),
    )
    .option('--precision <name|file>', 'double, single, mixed, mixed-strict, bfloat, half, or a JSON policy', 'double')
    .addOption(new Option('--max-iterations <n>', 'stop after this many (default: 100)').argParser(parsePositiveCount))
    .addOption(new Option('--max-seconds <s>', 'stop after this many seconds').argParser(parsePositive))
    .addOption(
      new Option(
        '--tolerance <t>',
        'converged when a step changes the cost by less than this part (default: 1e-9; bundle adjustment 1e-6)',
      ).argParser(parseNotNegative),
    )
    .option('--out <file>', 'write the result: .g2o, .txt (BAL), .tum, .kitti, .ply, or a folder (COLMAP)')
    .option('--plot <file>', 'draw before and after: .svg or .png')
    .addOption(new Option('--format <name>', 'read FILE as this format').choices(readFormats))
    .option('--repair-information', 'clip negative eigenvalues of information matrices instead of refusing the file')
    .option('--progress', 'show iterations on stderr even where that is no terminal (--no-progress: never)')
    .addOption(new Option('--no-progress').hideHelp())
    .option('--json', 'print one JSON object instead of the report')
    .option('--quiet', 'print nothing but errors')
    .addHelpText(
      'after',
      `
Examples:
  homeward optimize sphere2500.g2o
  homeward optimize city.g2o --loss dcs:5 --out city-best.g2o --plot city.png
  homeward optimize ladybug.txt.bz2 --step schur --tolerance 1e-12 --out best.txt
  homeward optimize model/ --out refined/                       a COLMAP model
  homeward optimize city.g2o --json | jq .finalCost

Costs: chi2 for pose graphs, half the sum of squares for bundle adjustment; the report says which.
Ctrl-C stops after the iteration; what was reached is reported and written. Once more quits at once.
Exit codes: 0 converged, 1 ran but did not converge, 2 bad input or usage, 130 interrupted.`,
    )
    .action(run)
}

async function run(file: string, flags: Flags): Promise<void> {
  const started = performance.now()
  if (flags.plot !== undefined) checkPlot(flags.plot)
  const interrupt = onInterrupt()
  let name = 'cost'
  const progress = createProgress(() => name, flags.quiet ? false : flags.progress)

  progress.reading(0)
  const problem = await readProblem(file, {
    ...(flags.format && { format: flags.format }),
    repairInformation: flags.repairInformation ?? false,
    signal: interrupt.signal,
    onProgress: progress.reading,
  })
  const readSeconds = (performance.now() - started) / 1000
  name = problem.costConvention === 'chi2' ? 'chi2' : '½ Σ r²'
  const target = flags.out === undefined ? null : resultTarget(flags.out, problem)

  const { values, summary } = await solve(problem, flags, interrupt.signal, progress)
  const totalSeconds = (performance.now() - started) / 1000
  interrupt.release()

  const written: string[] = []
  if (target) {
    writeResult(target, problem, values)
    written.push(target.path)
  }
  if (flags.plot !== undefined) {
    await draw(flags.plot, problem, { values, summary })
    written.push(flags.plot)
  }
  const report: RunReport = {
    file,
    format: formatNames[problem.format],
    summary,
    readSeconds,
    totalSeconds,
    warnings: [...problem.warnings, ...summary.warnings],
    written,
  }
  if (flags.json) process.stdout.write(`${JSON.stringify(jsonReport(report), null, 2)}\n`)
  else if (!flags.quiet)
    process.stdout.write(
      humanReport(report, { table: !(progress.shown && process.stdout.isTTY && process.stderr.isTTY) }),
    )
  process.exitCode = { converged: 0, aborted: 130, 'max-iterations': 1, 'max-seconds': 1, failed: 1 }[
    summary.termination
  ]
}

function solve(problem: Problem, flags: Flags, signal: AbortSignal, progress: Progress): Promise<OptimizeResult> {
  const options: OptimizeOptions = {
    step: flags.step,
    init: flags.init,
    method: flags.method,
    precision: readPolicy(flags.precision),
    ...(flags.loss && { loss: flags.loss }),
    ...(flags.maxIterations !== undefined && { maxIterations: flags.maxIterations }),
    ...(flags.maxSeconds !== undefined && { maxSeconds: flags.maxSeconds }),
    ...(flags.tolerance !== undefined && { tolerance: flags.tolerance }),
    costConvention: problem.costConvention,
    clock: () => performance.now() / 1000,
    signal,
    onIteration: progress.iteration,
  }
  // Between iterations the event loop turns once, which is where Ctrl-C comes in.
  return optimizeAsync(problem.graph, options, () => new Promise((resolve) => setImmediate(resolve)))
}

/** @throws UsageError for a name that is no picture's, OutputError for a place that cannot be written */
function checkPlot(path: string): void {
  if (!/\.(svg|png)$/i.test(path)) throw new UsageError(`--plot ${path}: expected a name that ends in .svg or .png`)
  checkWritable(path)
}

const pngWidth = 1600

async function draw(
  path: string,
  problem: Problem,
  after: { values: Values; summary: OptimizeResult['summary'] },
): Promise<void> {
  // Loaded only when it is asked for: the libraries of plotting are most of this app.
  const { graphPicture, toPng } = await import('../plot/index.ts')
  const svg = graphPicture({
    title: basename(problem.path),
    graph: problem.graph,
    before: problem.graph.values,
    after: after.values,
    summary: after.summary,
  })
  writeFile(path, /\.png$/i.test(path) ? await toPng(svg, pngWidth) : svg)
}
