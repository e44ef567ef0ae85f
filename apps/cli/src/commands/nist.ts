import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Command, Option } from 'commander'
import { InputError, parseNist } from '../../../../src/data/index.ts'
import type { MethodName } from '../../../../src/optimize/index.ts'
import { type NistResult, runNist, solvedDigits } from '../nist/run.ts'

interface Flags {
  readonly method?: MethodName
  readonly json?: boolean
}

export function nistCommand(): Command {
  return new Command('nist')
    .summary("solve NIST's certified curve fitting problems")
    .description(
      `Solves the nonlinear regression problems of NIST's Statistical Reference Datasets (StRD), each from its two starts,
and counts the correct digits of the parameters (log relative error; 4 count as solved).`,
    )
    .argument(
      '[folder]',
      'the folder with the .dat files',
      process.env['HOMEWARD_DATA'] ? join(process.env['HOMEWARD_DATA'], 'nist') : '.',
    )
    .addOption(
      new Option('--method <name>', 'how steps are chosen').choices(['auto', 'lm', 'geodesic', 'gn', 'dogleg']),
    )
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
The files are at https://www.itl.nist.gov/div898/strd/nls/nls_main.shtml.

Examples:
  homeward nist strd/
  homeward nist strd/ --method dogleg`,
    )
    .action(run)
}

function run(folder: string, { method, json }: Flags): void {
  const results = problemsIn(folder).flatMap(({ name, text }) => {
    const problem = parseNist(text, name)
    return ([1, 2] as const).map((start) => runNist(problem, start, method ? { method } : {}))
  })
  const solved = results.filter(({ worstDigits }) => worstDigits >= solvedDigits).length
  const digits = results.reduce((sum, { worstDigits }) => sum + worstDigits, 0) / results.length
  if (json) {
    const rows = results.map(({ name, start, parameters, worstDigits, residualSum, residualDigits, summary }) => ({
      name,
      start,
      digits: worstDigits,
      parameters: [...parameters],
      residualSum,
      residualDigits,
      iterations: summary.iterations.length,
      termination: summary.termination,
      reason: summary.reason,
    }))
    process.stdout.write(
      `${JSON.stringify({ solved, runs: results.length, meanDigits: digits, results: rows }, null, 2)}\n`,
    )
  } else {
    const lines = ['problem      start  digits  iterations  residual sum of squares', ...results.map(row)]
    lines.push(
      '',
      `${solved} of ${results.length} solved to ${solvedDigits} digits or more; mean ${digits.toFixed(2)} digits`,
    )
    process.stdout.write(`${lines.join('\n')}\n`)
  }
  process.exitCode = solved === results.length ? 0 : 1
}

function row({ name, start, worstDigits, residualSum, summary }: NistResult): string {
  const cells = [name.padEnd(13), String(start).padStart(5), worstDigits.toFixed(2).padStart(8)]
  cells.push(String(summary.iterations.length).padStart(12), '  ', residualSum.toExponential(10))
  if (worstDigits < solvedDigits) cells.push(`  not solved: ${summary.reason}`)
  return cells.join('')
}

function problemsIn(folder: string): { readonly name: string; readonly text: string }[] {
  let names: string[]
  try {
    names = readdirSync(folder).filter((name) => name.endsWith('.dat'))
  } catch (error) {
    throw new InputError(folder, 0, 'a folder with the .dat files of NIST StRD', (error as Error).message)
  }
  if (names.length === 0) throw new InputError(folder, 0, 'a folder with the .dat files of NIST StRD', 'none in it')
  return names.sort().map((name) => ({ name: join(folder, name), text: readFileSync(join(folder, name), 'utf8') }))
}
