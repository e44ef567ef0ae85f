import { Command, Option } from 'commander'
import {
  type AlignmentKind,
  absoluteTrajectoryError,
  alignmentKinds,
  associate,
  type DeltaUnit,
  type ErrorPart,
  errorParts,
  relativePoseError,
  type Statistics,
} from '../../../../src/evaluate/index.ts'
import { parseFinite, parseNotNegative, parsePositive } from '../options.ts'
import { readTrajectory } from '../problem.ts'
import { line, number } from '../report.ts'

interface Flags {
  readonly align: AlignmentKind
  readonly part: ErrorPart
  readonly maxDifference: number
  readonly offset: number
  readonly delta: number
  readonly deltaUnit: DeltaUnit
  readonly allPairs?: boolean
  readonly json?: boolean
}

export function evaluateCommand(): Command {
  return new Command('evaluate')
    .summary('compare an estimated trajectory with the truth')
    .description(
      `Compares an estimated trajectory with the truth: poses are paired by time, the estimate is aligned, and the absolute
(ATE) and relative (RPE) errors are reported, by the rules of evo. Files: TUM, KITTI, or the poses of a pose graph.`,
    )
    .argument('<estimate>', 'the estimated trajectory')
    .argument('<truth>', 'the true trajectory')
    .addOption(
      new Option('--align <kind>', 'how the estimate is moved onto the truth first')
        .choices([...alignmentKinds])
        .default('se3'),
    )
    .addOption(new Option('--part <name>', 'what of each pose counts').choices([...errorParts]).default('translation'))
    .addOption(
      new Option('--max-difference <s>', 'largest time difference of a pair').argParser(parseNotNegative).default(0.01),
    )
    .addOption(new Option('--offset <s>', "added to the estimate's times").argParser(parseFinite).default(0))
    .addOption(
      new Option('--delta <d>', 'how far apart the poses of a relative error are').argParser(parsePositive).default(1),
    )
    .addOption(
      new Option('--delta-unit <unit>', 'what delta counts')
        .choices(['frames', 'metres', 'radians', 'degrees'])
        .default('frames'),
    )
    .option('--all-pairs', 'relative errors from every pose, overlapping')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Examples:
  homeward evaluate estimate.tum truth.tum
  homeward evaluate monocular.tum truth.tum --align sim3
  homeward evaluate KITTI_00_ORB.txt KITTI_00_gt.txt --delta 100 --delta-unit metres`,
    )
    .action(run)
}

async function run(estimatePath: string, truthPath: string, flags: Flags): Promise<void> {
  const [given, true_] = [await readTrajectory(estimatePath), await readTrajectory(truthPath)]
  const { estimate, truth } = associate(given, true_, flags)
  const { align, part } = flags
  const absolute = absoluteTrajectoryError(estimate, truth, { align, part })
  const pairs = { delta: flags.delta, unit: flags.deltaUnit, allPairs: flags.allPairs ?? false }
  // Relative errors see no rigid motion; only the scale of a similarity is theirs too.
  const relative = relativePoseError(estimate, truth, { ...pairs, part, align: align === 'sim3' ? 'sim3' : 'none' })
  const { pose, scale, determined } = absolute.alignment
  const warnings = determined
    ? []
    : ['the positions do not determine the alignment: they lie on a line, or are too few']

  if (flags.json) {
    const facts = {
      estimate: { file: estimatePath, poses: given.timestamps.length },
      truth: { file: truthPath, poses: true_.timestamps.length },
      pairs: estimate.timestamps.length,
      part,
      unit: absolute.unit,
      alignment: { kind: align, translation: [...pose.subarray(0, 3)], quaternion: [...pose.subarray(3)], scale },
      ate: numbersOf(absolute),
      rpe: { ...numbersOf(relative), ...pairs },
      warnings,
    }
    process.stdout.write(`${JSON.stringify(facts, null, 2)}\n`)
    return
  }
  const unit = absolute.unit === '' ? '' : ` (${absolute.unit})`
  const lines = [
    line('estimate', `${estimatePath}: ${given.timestamps.length} poses`),
    line('truth', `${truthPath}: ${true_.timestamps.length} poses`),
    line('pairs', `${estimate.timestamps.length}, times within ${flags.maxDifference} s`),
    line('alignment', `${align}${align === 'sim3' ? `, scale ${number(scale)}` : ''}`),
    '',
    header,
    row(`ATE ${part}${unit}`, absolute),
    row(`RPE per ${flags.delta} ${flags.deltaUnit}${unit}`, relative),
    ...warnings.map((warning) => line('warning', warning)),
  ]
  process.stdout.write(`${lines.join('\n')}\n`)
}

const columns = ['rmse', 'mean', 'median', 'std', 'min', 'max'] as const

const header = `${''.padEnd(28)}${columns.map((name) => name.padStart(12)).join('')}`

function row(name: string, statistics: Statistics): string {
  return name.padEnd(28) + columns.map((column) => statistics[column].toFixed(6).padStart(12)).join('')
}

function numbersOf({ n, rmse, mean, median, std, min, max, sse }: Statistics): Statistics {
  return { n, rmse, mean, median, std, min, max, sse }
}
