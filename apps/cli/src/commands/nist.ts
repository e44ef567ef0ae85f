import { readdirSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { Command, Option } from 'commander'
import { InputError, type NistProblem, parseNist } from '../../../../src/data/index.ts'
import { UsageError } from '../../../../src/numeric/index.ts'
import type { MethodName } from '../../../../src/optimize/index.ts'
import { openSource } from '../decompress.ts'
import { type NistResult, runNist, solvedDigits } from '../nist/run.ts'

interface NistCommandOptions {
  readonly method: MethodName
  readonly json?: boolean
}

/** `homeward nist PATH…`: NIST's StRD nonlinear regression problems, each from both starts. */
export function nistCommand(): Command {
  return new Command('nist')
    .description("Solves NIST's StRD nonlinear regression problems and counts correct digits.")
    .argument('<path...>', 'problem files (.dat), or folders of them')
    .addOption(
      new Option('--method <name>', 'auto tries lm and geodesic and keeps the lower cost')
        .choices(['auto', 'lm', 'geodesic', 'dogleg', 'gn'])
        .default('auto'),
    )
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `\nExit code 0 when every problem is solved to ${solvedDigits} digits from both starts, else 1.`,
    )
    .action(async (paths: string[], options: NistCommandOptions) => {
      const problems: NistProblem[] = []
      for (const path of paths.flatMap(filesAt)) problems.push(parseNist(await readText(path), path))
      const results = problems.flatMap((problem) =>
        ([1, 2] as const).map((start) => runNist(problem, start, { method: options.method })),
      )
      process.stdout.write(options.json ? `${JSON.stringify(jsonOf(results))}\n` : table(results))
      process.exitCode = results.every(isSolved) ? 0 : 1
    })
}

/** The file itself, or the .dat files of a folder in order of their names. */
function filesAt(path: string): string[] {
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) return [path]
  const files = readdirSync(path)
    .filter((name) => name.toLowerCase().endsWith('.dat'))
    .sort()
  if (files.length === 0) throw new UsageError(`${path}: expected .dat files in this folder, found none`)
  return files.map((name) => join(path, name))
}

/** StRD files have a few kilobytes; one of another kind is refused before it fills the memory. */
const most = 10 * 2 ** 20

async function readText(path: string): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of openSource(path)) {
    chunks.push(chunk)
    size += chunk.length
    if (size > most) throw new InputError(path, 0, 'an StRD file of a few kilobytes', `more than ${most} bytes`)
  }
  return Buffer.concat(chunks).toString('latin1')
}

function isSolved(result: NistResult): boolean {
  return result.worstDigits >= solvedDigits
}

function jsonOf(results: readonly NistResult[]): object {
  return {
    solved: results.filter(isSolved).length,
    runs: results.length,
    meanLogRelativeError: meanDigits(results),
    results: results.map(({ name, start, parameters, digits, residualSum, residualDigits, worstDigits, summary }) => ({
      name,
      start,
      parameters: [...parameters],
      digits: [...digits],
      worstDigits,
      residualSum,
      residualDigits,
      method: summary.method.name,
      iterations: summary.iterations.length,
      termination: summary.termination,
      reason: summary.reason,
    })),
  }
}

function meanDigits(results: readonly NistResult[]): number {
  return results.reduce((sum, { worstDigits }) => sum + worstDigits, 0) / Math.max(1, results.length)
}

function table(results: readonly NistResult[]): string {
  const rows = results.map((result) => {
    const { name, start, worstDigits, residualDigits, residualSum, summary } = result
    const cells = [
      basename(name).padEnd(10),
      String(start).padStart(5),
      worstDigits.toFixed(1).padStart(11),
      residualDigits.toFixed(1).padStart(11),
      residualSum.toExponential(9).padStart(17),
      String(summary.iterations.length).padStart(11),
      `  ${summary.method.name.padEnd(9)}`,
      isSolved(result) ? '' : 'NOT SOLVED',
    ]
    return cells.join(' ').trimEnd()
  })
  return `${[
    'problem    start  parameters    residual     residual sum  iterations   method',
    '                  digits        digits',
    ...rows,
    '',
    `${results.filter(isSolved).length} of ${results.length} solved to ${solvedDigits} digits or more; mean of the worst parameter's digits ${meanDigits(results).toFixed(2)}`,
  ].join('\n')}\n`
}
