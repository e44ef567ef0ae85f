import { Command, Option } from 'commander'
import { writeKitti, writeTum } from '../../../../src/data/index.ts'
import { UsageError } from '../../../../src/numeric/index.ts'
import { checkWritable, writeFile } from '../files.ts'
import { readInput } from '../problem.ts'
import { type Format, readFormats } from '../recognise.ts'
import { type ResultFormat, resultFormats, resultTarget, writeResult } from '../result.ts'

interface Flags {
  readonly format?: Format
  readonly to?: ResultFormat
  readonly repairInformation?: boolean
  readonly quiet?: boolean
}

export function convertCommand(): Command {
  return new Command('convert')
    .summary('write a file in another format')
    .description(
      `Reads a file and writes it in the format that the other name's ending says: .g2o, .txt (BAL), .tum, .kitti,
.ply, or a folder (COLMAP text).`,
    )
    .argument('<in>', 'the file to read')
    .argument('<out>', 'the file to write')
    .addOption(new Option('--format <name>', 'read IN as this format').choices(readFormats))
    .addOption(new Option('--to <name>', 'write OUT in this format, whatever its name').choices(resultFormats))
    .option('--repair-information', 'clip negative eigenvalues of information matrices instead of refusing the file')
    .option('--quiet', 'print nothing but errors')
    .addHelpText(
      'after',
      `
Examples:
  homeward convert victoriaPark.txt victoria.g2o          iSAM to g2o
  homeward convert ladybug.txt.bz2 ladybug.ply            cameras and points, for a viewer
  homeward convert KITTI_00_gt.txt truth.tum
  homeward convert model/ model-text/                     a COLMAP model from binary to text`,
    )
    .action(run)
}

async function run(from: string, to: string, flags: Flags): Promise<void> {
  const input = await readInput(from, {
    ...(flags.format && { format: flags.format }),
    repairInformation: flags.repairInformation ?? false,
  })
  let path = to
  if ('trajectory' in input) {
    const write = trajectoryWriter(to, flags.to)
    checkWritable(to)
    writeFile(to, write(input.trajectory))
  } else {
    const target = resultTarget(to, input, flags.to)
    writeResult(target, input, input.graph.values)
    path = target.path
  }
  if (flags.quiet) return
  for (const warning of 'warnings' in input ? input.warnings : []) process.stderr.write(`warning: ${warning}\n`)
  process.stdout.write(`wrote ${path}\n`)
}

function trajectoryWriter(path: string, asked?: ResultFormat): typeof writeTum {
  const format = asked ?? /\.(tum|kitti)$/i.exec(path)?.[1]?.toLowerCase()
  if (format === 'tum') return writeTum
  if (format === 'kitti') return writeKitti
  throw new UsageError(`${path}: a trajectory can be written as .tum or .kitti`)
}
