import { existsSync } from 'node:fs'
import { join } from 'node:path'
import {
  type BundleFile,
  bundleOfColmap,
  type ColmapModel,
  type ColmapSources,
  type G2oParameter,
  InputError,
  type PoseGraphFile,
  type ReadOptions,
  type ReadReport,
  readBal,
  readColmap,
  readG2o,
  readIsam,
  readKeble,
  readKitti,
  readToro,
  readTum,
  readTumWindow,
  type Trajectory,
  trajectoryOf,
} from '../../../src/data/index.ts'
import type { Graph } from '../../../src/graph/index.ts'
import { type CostConvention, initialize } from '../../../src/optimize/index.ts'
import { openSource } from './decompress.ts'
import { type Format, formatNames, openInput } from './recognise.ts'
import { count } from './report.ts'

/** A file's problem, ready to be optimized. */
export interface Problem {
  readonly path: string
  readonly format: Format
  readonly graph: Graph
  readonly costConvention: CostConvention
  readonly report: ReadReport
  /** Sentences on how the file was taken, the reader's own among them. */
  readonly warnings: readonly string[]
  /** What a .g2o writer puts back. */
  readonly parameters: readonly G2oParameter[]
  /** Where the problem came from a COLMAP model: the model, for writing it back. */
  readonly colmap: ColmapModel | null
}

export interface ProblemOptions extends ReadOptions {
  /** Read as this format, whatever the content looks like. */
  readonly format?: Format
}

const poseGraphReaders = { g2o: readG2o, toro: readToro, isam: readIsam, keble: readKeble }

/** A file of poses and times. */
export interface TrajectoryInput {
  readonly path: string
  readonly format: 'tum' | 'kitti'
  readonly trajectory: Trajectory
}

/**
 * Reads whatever Homeward reads.
 * @throws InputError for what cannot be read
 */
export async function readInput(path: string, options: ProblemOptions = {}): Promise<Problem | TrajectoryInput> {
  const { format, source } = await openInput(path, options.format)
  const reading = { ...options, name: path }
  switch (format) {
    case 'g2o':
    case 'toro':
    case 'isam':
    case 'keble':
      return poseGraphProblem(path, await poseGraphReaders[format](source, reading))
    case 'bal':
      return bundleProblem(path, format, await readBal(source, reading))
    case 'window':
      return bundleProblem(path, format, await readTumWindow(source, reading))
    case 'colmap': {
      const model = await readColmap(colmapSources(path), reading)
      return bundleProblem(path, format, bundleOfColmap(model), model)
    }
    case 'tum':
      return { path, format, trajectory: await readTum(source, reading) }
    case 'kitti':
      return { path, format, trajectory: await readKitti(source, reading) }
  }
}

/**
 * Reads a pose graph or a bundle adjustment problem.
 * @throws InputError for what cannot be read, and for a trajectory, which is no problem
 */
export async function readProblem(path: string, options: ProblemOptions = {}): Promise<Problem> {
  const input = await readInput(path, options)
  if ('graph' in input) return input
  throw new InputError(path, 0, 'a pose graph or a bundle adjustment problem', `a file of ${formatNames[input.format]}`)
}

/**
 * Reads a trajectory: TUM or KITTI lines, or the poses of a graph.
 * @throws InputError
 */
export async function readTrajectory(path: string, options: ProblemOptions = {}): Promise<Trajectory> {
  const input = await readInput(path, options)
  if ('trajectory' in input) return input.trajectory
  const found = trajectoryOf(input.graph.values)
  if (found.timestamps.length > 0) return found
  throw new InputError(path, 0, 'a trajectory', `a file of ${formatNames[input.format]} without poses`)
}

/**
 * A graph without initial values (all of whose variables stand at the identity) starts along its odometry, so that "from
 * the file" means something, and the picture before shows what was measured.
 */
function poseGraphProblem(path: string, file: PoseGraphFile): Problem {
  const { graph, report } = file
  const warnings = [...warningsOf(report)]
  if (file.initial === 'none') {
    graph.values.data.set(initialize(graph, 'odometry', []).x)
    warnings.push('the file has no initial values: its variables start along the odometry')
  }
  return {
    path,
    format: file.format,
    graph,
    costConvention: 'chi2',
    report,
    warnings,
    parameters: file.parameters,
    colmap: null,
  }
}

function bundleProblem(path: string, format: Format, file: BundleFile, colmap: ColmapModel | null = null): Problem {
  return {
    path,
    format,
    graph: file.graph,
    costConvention: 'half sum of squares',
    report: file.report,
    warnings: warningsOf(file.report),
    parameters: [],
    colmap,
  }
}

/** The three files of a model: binary where all are there in binary, else text. */
function colmapSources(folder: string): ColmapSources {
  const names = ['cameras', 'images', 'points3D']
  const ending = names.every((name) => existsSync(join(folder, `${name}.bin`))) ? 'bin' : 'txt'
  const [cameras, images, points] = names.map((name) => openSource(join(folder, `${name}.${ending}`)))
  return { cameras: cameras!, images: images!, points: points! }
}

function warningsOf({ warnings, unknownTags, repaired }: ReadReport): string[] {
  const all = [...warnings]
  for (const { tag, count: lines, firstLine } of unknownTags)
    all.push(`${count(lines, 'line')} of unknown kind '${tag}' left out, the first is line ${firstLine}`)
  if (repaired > 0)
    all.push(`${repaired} information matrices had negative eigenvalues, which are now 0 (--repair-information)`)
  return all
}
