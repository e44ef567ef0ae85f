import { Command, InvalidArgumentError, Option } from 'commander'
import { trajectoryOf, writeBal, writeG2o, writeTum } from '../../../../src/data/index.ts'
import {
  bundleWindow,
  garage,
  grid,
  home,
  homeSvg,
  manhattan,
  motion,
  motionTrajectory,
  type PoseGraphOptions,
  type PoseGraphProblem,
  type PoseNoise,
  ring,
  sphere,
  torus,
} from '../../../../src/sim/index.ts'
import { checkWritable, writeFile } from '../files.ts'
import { parseCount, parseFraction, parseNotNegative, parsePositive, parsePositiveCount } from '../options.ts'
import { count } from '../report.ts'

type OptionRow = readonly [flag: string, description: string, parse: (text: string) => unknown]

/** What a generator made, ready to be written. */
interface Made {
  readonly problem: Iterable<string>
  readonly truth: Iterable<string>
  /** '2,500 poses, 2,450 loop closures' */
  readonly about: string
}

/** A kind of problem: who makes it, and its own options. The option '--per-layer' is the generator's perLayer. */
interface Kind {
  readonly name: string
  readonly summary: string
  readonly options: readonly OptionRow[]
  /** Values of --start; none where nothing is to be estimated. */
  readonly starts: readonly string[]
  /** Endings of the files, for help. */
  readonly problemFile: string
  readonly truthFile: string
  make(options: object): Made
}

const poseGraphOptions: readonly OptionRow[] = [
  ['--noise <m,rad>', 'deviations of each measurement, metres and radians', parseNoise],
  ['--false-loops <p>', 'false loop closures, as a fraction of the true ones', parseNotNegative],
]

function poseGraph(
  name: string,
  summary: string,
  generate: (options: PoseGraphOptions) => PoseGraphProblem,
  sizes: readonly OptionRow[],
): Kind {
  return {
    name,
    summary,
    options: [...sizes, ...poseGraphOptions],
    starts: ['odometry', 'truth'],
    problemFile: '.g2o',
    truthFile: '.tum',
    make(options) {
      const { graph, truth, loopClosures, falseLoops } = generate(options)
      const lies = falseLoops.length > 0 ? `, ${falseLoops.length} of them false` : ''
      return {
        problem: writeG2o(graph),
        truth: writeTum(trajectoryOf(truth)),
        about: `${count(graph.variableCount, 'pose')}, ${count(loopClosures, 'loop closure')}${lies}`,
      }
    },
  }
}

const bundle: Kind = {
  name: 'bundle',
  summary: 'a camera driving through a room: a bundle adjustment problem (50 frames)',
  options: [
    ['--frames <n>', 'key frames (default: 50)', parsePositiveCount],
    ['--features <n>', 'points seen in each frame (default: 28)', parsePositiveCount],
    ['--survival <p>', 'chance that a point is found again in the next frame (default: 0.86)', parseFraction],
    ['--pixel-noise <px>', 'deviation of image coordinates, pixels (default: 1)', parseNotNegative],
    ['--outliers <p>', 'part of the observations that are wrong (default: 0)', parseFraction],
  ],
  starts: ['truth'],
  problemFile: '.txt',
  truthFile: '.txt',
  make(options) {
    const { graph, truth, cameras, points, observations } = bundleWindow({ ...options, camera: 'bal' })
    return {
      problem: writeBal(graph),
      truth: writeBal(graph, truth),
      about: `${count(cameras, 'camera')}, ${count(points, 'point')}, ${count(observations, 'observation')}`,
    }
  },
}

const floorPlan: Kind = {
  name: 'home',
  summary: 'a home with a robot driving through it, as a floor plan (60 s)',
  options: [
    ['--seconds <s>', 'how long it drives (default: 60)', parsePositive],
    ['--landmarks', 'draw the landmarks too', () => true],
  ],
  starts: [],
  problemFile: '.svg',
  truthFile: '.tum',
  make(options) {
    const {
      seed = 1,
      seconds = 60,
      landmarks = false,
    } = options as {
      readonly seed?: number
      readonly seconds?: number
      readonly landmarks?: boolean
    }
    const place = home({ seed })
    const drive = motionTrajectory(motion(place, { seed, seconds }))
    const path = Array.from(drive.timestamps, (_, k) => [drive.poses[7 * k], drive.poses[7 * k + 1]]).flat()
    return {
      problem: [homeSvg(place, { path, landmarks })],
      truth: writeTum(drive),
      about: `${count(place.rooms.length, 'room')}, ${count(place.landmarks.count, 'landmark')}, ${seconds} s of driving`,
    }
  },
}

const kinds: readonly Kind[] = [
  poseGraph('sphere', 'a spiral over a sphere, every turn tied to the next (2,500 poses in space)', sphere, [
    ['--layers <n>', 'turns from pole to pole (default: 50)', parsePositiveCount],
    ['--per-layer <n>', 'poses per turn (default: 50)', parsePositiveCount],
    ['--radius <m>', 'metres (default: 50)', parsePositive],
  ]),
  poseGraph('torus', 'a coil wound on a ring, every turn tied to the next (2,400 poses in space)', torus, [
    ['--turns <n>', 'turns of the coil (default: 60)', parsePositiveCount],
    ['--per-turn <n>', 'poses per turn (default: 40)', parsePositiveCount],
    ['--radius <m>', 'of the ring, metres (default: 40)', parsePositive],
    ['--tube <m>', 'radius of the coil, metres (default: 15)', parsePositive],
  ]),
  poseGraph(
    'grid',
    'a lattice ploughed row by row, tied to its neighbours (1,728 poses in space, or a field in the plane)',
    grid,
    [
      ['--dimension <n>', '2 or 3 (default: 3)', parsePositiveCount],
      ['--side <n>', 'poses along each edge (default: 12 in space, 50 in the plane)', parsePositiveCount],
      ['--spacing <m>', 'metres between neighbours (default: 2)', parsePositive],
      ['--loop-fraction <p>', 'part of the neighbours measured (default: 0.7)', parseFraction],
    ],
  ),
  poseGraph('manhattan', 'a walk through the streets of a square town (3,500 poses in the plane)', manhattan, [
    ['--poses <n>', 'poses (default: 3500)', parsePositiveCount],
    ['--blocks <n>', 'blocks along each side (default: 10)', parsePositiveCount],
    ['--block-length <n>', 'steps along a block (default: 5)', parsePositiveCount],
    ['--step <m>', 'metres per step (default: 1)', parsePositive],
    ['--loop-fraction <p>', 'part of the places seen again that are recognized (default: 0.6)', parseFraction],
  ]),
  poseGraph('ring', 'laps around a circle (400 poses in the plane)', ring, [
    ['--per-lap <n>', 'poses per lap (default: 200)', parsePositiveCount],
    ['--laps <n>', 'laps (default: 2)', parsePositiveCount],
    ['--closure-every <n>', 'every how many poses a place is recognized (default: 10)', parsePositiveCount],
    ['--radius <m>', 'metres (default: 30)', parsePositive],
  ]),
  poseGraph('garage', 'a car climbing a parking garage (900 poses in space)', garage, [
    ['--floors <n>', 'floors (default: 6)', parsePositiveCount],
    ['--per-floor <n>', 'poses per round (default: 150)', parsePositiveCount],
    ['--length <m>', 'of a round, metres (default: 60)', parsePositive],
    ['--width <m>', 'of a round, metres (default: 30)', parsePositive],
    ['--height <m>', 'between floors, metres (default: 3)', parsePositive],
    ['--loop-fraction <p>', 'part of the poses tied to the floor below (default: 0.5)', parseFraction],
  ]),
  bundle,
  floorPlan,
]

interface Flags {
  readonly out?: string
  readonly truth?: string
  readonly quiet?: boolean
}

export function generateCommand(): Command {
  const command = new Command('generate')
    .summary('make a problem with known truth')
    .description('Makes a problem with known truth. The same options and seed give the same file, bit for bit.')
    .addHelpText(
      'after',
      `
Examples:
  homeward generate sphere --out sphere.g2o
  homeward generate manhattan --poses 10000 --false-loops 0.05 --seed 7 --out town.g2o --truth town.tum
  homeward generate grid --side 22 --noise 0.1,0.05 > grid.g2o
Each kind has its own help: homeward generate sphere --help`,
    )
  for (const kind of kinds) command.addCommand(kindCommand(kind))
  return command
}

function kindCommand(kind: Kind): Command {
  const command = new Command(kind.name).summary(kind.summary).description(`Makes ${kind.summary}.`)
  for (const [flag, description, parse] of kind.options)
    command.addOption(new Option(flag, description).argParser(parse))
  if (kind.starts.length > 0) command.addOption(new Option('--start <name>', 'first values').choices(kind.starts))
  return command
    .addOption(new Option('--seed <n>', 'of the random numbers (default: 1)').argParser(parseCount))
    .option('--out <file>', `the ${kind.problemFile} file to write (default: to stdout)`)
    .option('--truth <file>', `write the truth too, as a ${kind.truthFile} file`)
    .option('--quiet', 'print nothing but errors')
    .addHelpText('after', `\nExample:\n  homeward generate ${kind.name} --seed 2 --out ${kind.name}${kind.problemFile}`)
    .action((flags: Flags) => run(kind, flags))
}

function run(kind: Kind, { out, truth, quiet, ...options }: Flags): void {
  for (const path of [out, truth]) if (path !== undefined) checkWritable(path)
  const made = kind.make(options)
  if (truth !== undefined) writeFile(truth, made.truth)
  if (out === undefined) {
    for (const piece of made.problem) process.stdout.write(piece)
    return
  }
  writeFile(out, made.problem)
  if (quiet) return
  process.stdout.write(`wrote ${out}: ${kind.name}, ${made.about}\n`)
  if (truth !== undefined) process.stdout.write(`wrote ${truth}: the truth\n`)
}

function parseNoise(text: string): PoseNoise {
  const [translation, rotation, ...rest] = text.split(',').map(parseNotNegative)
  if (translation === undefined || rotation === undefined || rest.length > 0)
    throw new InvalidArgumentError('Expected two deviations, metres and radians, like 0.05,0.02.')
  return { translation, rotation }
}
