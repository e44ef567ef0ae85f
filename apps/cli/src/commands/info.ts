import { Command, Option } from 'commander'
import type { Graph } from '../../../../src/graph/index.ts'
import { factorCosts, problemKind } from '../../../../src/optimize/index.ts'
import { type Problem, readInput, type TrajectoryInput } from '../problem.ts'
import { type Format, formatNames, readFormats } from '../recognise.ts'
import { count, line, number } from '../report.ts'

interface Flags {
  readonly format?: Format
  readonly repairInformation?: boolean
  readonly json?: boolean
}

export function infoCommand(): Command {
  return new Command('info')
    .summary('say what is in a file')
    .description(
      'Says what is in a file: its format, variables, measurements, cost as it stands, and what is odd about it.',
    )
    .argument('<file>', 'a pose graph, bundle adjustment problem, COLMAP folder, or trajectory')
    .addOption(new Option('--format <name>', 'read FILE as this format').choices(readFormats))
    .option('--repair-information', 'clip negative eigenvalues of information matrices instead of refusing the file')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Examples:
  homeward info city.g2o
  homeward info ladybug.txt.bz2 --json | jq .factors`,
    )
    .action(run)
}

async function run(file: string, flags: Flags): Promise<void> {
  const input = await readInput(file, {
    ...(flags.format && { format: flags.format }),
    repairInformation: flags.repairInformation ?? false,
  })
  const facts = 'graph' in input ? problemFacts(input) : trajectoryFacts(input)
  process.stdout.write(flags.json ? `${JSON.stringify(facts, null, 2)}\n` : humanFacts(facts))
}

interface Facts {
  readonly file: string
  readonly format: Format
  readonly kind: string
  /** How many of each manifold, and of each kind of factor. */
  readonly variables: Readonly<Record<string, number>>
  readonly factors: Readonly<Record<string, number>>
  readonly unknowns: number
  readonly residuals: number
  readonly constants: number
  /** Cost at the file's values, in the convention of reports; null where there is nothing to cost. */
  readonly cost: number | null
  readonly costConvention: string | null
  readonly seconds: readonly [first: number, last: number] | null
  readonly metres: number | null
  readonly warnings: readonly string[]
}

function problemFacts({ path, format, graph, costConvention, warnings }: Problem): Facts {
  const chi2 = factorCosts(graph, graph.values).flatMap((costs) => [...costs])
  const total = chi2.reduce((sum, cost) => sum + cost, 0)
  return {
    file: path,
    format,
    kind: problemKind(graph),
    ...countVariables(graph),
    ...countFactors(graph),
    cost: costConvention === 'chi2' ? total : total / 2,
    costConvention,
    seconds: null,
    metres: null,
    warnings,
  }
}

function countVariables(graph: Graph): Pick<Facts, 'variables' | 'unknowns' | 'constants'> {
  const variables: Record<string, number> = {}
  let unknowns = 0
  let constants = 0
  for (let i = 0; i < graph.variableCount; i++) {
    const { name, dim } = graph.values.manifold(i)
    variables[name] = (variables[name] ?? 0) + 1
    if (graph.isConstant(i)) constants++
    else unknowns += dim
  }
  return { variables, unknowns, constants }
}

function countFactors(graph: Graph): Pick<Facts, 'factors' | 'residuals'> {
  const factors: Record<string, number> = {}
  let residuals = 0
  for (const { type, count } of graph.batches) {
    factors[type.name] = (factors[type.name] ?? 0) + count
    residuals += count * type.residualDim
  }
  return { factors, residuals }
}

function trajectoryFacts({ path, format, trajectory }: TrajectoryInput): Facts {
  const { timestamps, poses } = trajectory
  let metres = 0
  for (let i = 7; i < poses.length; i += 7)
    metres += Math.hypot(poses[i] - poses[i - 7], poses[i + 1] - poses[i - 6], poses[i + 2] - poses[i - 5])
  return {
    file: path,
    format,
    kind: 'trajectory',
    variables: { pose: timestamps.length },
    factors: {},
    unknowns: 0,
    residuals: 0,
    constants: 0,
    cost: null,
    costConvention: null,
    seconds: [timestamps[0], timestamps[timestamps.length - 1]],
    metres,
    warnings: [],
  }
}

function humanFacts(facts: Facts): string {
  const list = (kinds: Readonly<Record<string, number>>): string =>
    Object.entries(kinds)
      .map(([name, n]) => `${n.toLocaleString('en-US')} ${name}`)
      .join(', ')
  const lines = [
    line('file', `${facts.file} (${formatNames[facts.format]}): ${facts.kind}`),
    line('variables', list(facts.variables)),
  ]
  if (facts.residuals > 0) {
    lines.push(line('factors', list(facts.factors)))
    lines.push(line('size', `${count(facts.residuals, 'residual')}, ${count(facts.unknowns, 'unknown')}`))
  }
  if (facts.constants > 0) lines.push(line('constant', count(facts.constants, 'variable')))
  if (facts.cost !== null)
    lines.push(line('cost', `${number(facts.cost)} (${facts.costConvention}) at the file's values`))
  if (facts.seconds) lines.push(line('time', `${number(facts.seconds[0])} to ${number(facts.seconds[1])} s`))
  if (facts.metres !== null) lines.push(line('length', `${number(facts.metres)} m`))
  for (const warning of facts.warnings) lines.push(line('warning', warning))
  return `${lines.join('\n')}\n`
}
