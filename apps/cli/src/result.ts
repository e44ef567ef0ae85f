import { statSync } from 'node:fs'
import { extname } from 'node:path'
import {
  colmapWith,
  type PointCloud,
  trajectoryOf,
  writeBal,
  writeColmap,
  writeG2o,
  writeKitti,
  writePly,
  writeTum,
} from '../../../src/data/index.ts'
import type { Graph, Values } from '../../../src/graph/index.ts'
import { UsageError } from '../../../src/numeric/index.ts'
import { type Content, checkWritable, writeFile, writeFolder } from './files.ts'
import { readScene } from './plot/scene.ts'
import type { Problem } from './problem.ts'
import { formatNames } from './recognise.ts'

/** What a problem's values can be written as. */
export type ResultFormat = 'g2o' | 'bal' | 'colmap' | 'tum' | 'kitti' | 'ply'

export const resultFormats: readonly ResultFormat[] = ['g2o', 'bal', 'colmap', 'tum', 'kitti', 'ply']

/** Where a result goes, decided and checked before the work. */
export interface ResultTarget {
  readonly path: string
  readonly format: ResultFormat
}

/**
 * The format by the name's ending (`.g2o`, `.bal` and `.txt` for BAL, `.tum`, `.kitti`, `.ply`). A name without an ending
 * gets that of the problem's own format; a COLMAP model is a folder.
 * @param asked the format, where it is not to be told from the name
 * @throws UsageError for an unknown ending, and for a format that cannot hold this problem
 */
export function resultTarget(path: string, problem: Problem, asked?: ResultFormat): ResultTarget {
  const fitting = fittingFormats(problem)
  const target = chooseTarget(path, problem, fitting, asked)
  if (!fitting.includes(target.format))
    throw new UsageError(
      `${path}: a problem from a file of the kind ${formatNames[problem.format]} can be written as ${fitting.join(', ')}, not as ${target.format}`,
    )
  if (target.format !== 'colmap') checkWritable(target.path)
  return target
}

/** What can hold a problem, its own format first. */
function fittingFormats({ format }: Problem): readonly ResultFormat[] {
  switch (format) {
    case 'bal':
      return ['bal', 'ply']
    case 'colmap':
      return ['colmap', 'ply']
    case 'window':
    case 'keble':
      return ['ply']
    default:
      return ['g2o', 'tum', 'kitti', 'ply']
  }
}

const endings: Record<ResultFormat, string> = {
  g2o: '.g2o',
  bal: '.txt',
  colmap: '',
  tum: '.tum',
  kitti: '.kitti',
  ply: '.ply',
}

function chooseTarget(
  path: string,
  { format }: Problem,
  fitting: readonly ResultFormat[],
  asked?: ResultFormat,
): ResultTarget {
  if (asked) return { path, format: asked }
  const ending = extname(path).toLowerCase()
  const own = fitting[0]
  const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false
  if (own === 'colmap' && (ending === '' || isFolder)) return { path, format: own }
  if (ending === '') return { path: `${path}${endings[own]}`, format: own }
  if (ending === '.txt' && format === 'bal') return { path, format: 'bal' }
  const found = resultFormats.find((name) => `.${name}` === ending)
  if (found) return { path, format: found }
  const known = fitting.map((name) => endings[name] || 'a folder').join(', ')
  throw new UsageError(`${path}: expected a name that ends in ${known}, found '${ending}'`)
}

/** Writes a problem at some values, whole or not at all. */
export function writeResult({ path, format }: ResultTarget, problem: Problem, values: Values): void {
  if (format === 'colmap') {
    const { cameras, images, points } = writeColmap(colmapWith(problem.colmap!, problem.graph, values))
    writeFolder(path, [
      ['cameras.txt', cameras],
      ['images.txt', images],
      ['points3D.txt', points],
    ])
  } else writeFile(path, contentOf(format, problem, values))
}

function contentOf(format: Exclude<ResultFormat, 'colmap'>, { graph, parameters }: Problem, values: Values): Content {
  switch (format) {
    case 'g2o':
      return writeG2o(graph, values, { parameters })
    case 'bal':
      return writeBal(graph, values)
    case 'tum':
      return writeTum(trajectoryOf(values))
    case 'kitti':
      return writeKitti(trajectoryOf(values))
    case 'ply':
      return writePly(cloudOf(graph, values))
  }
}

const poseColor = [31, 119, 180]
const landmarkColor = [150, 150, 150]

/** Poses and landmarks as points, edges between poses as lines. */
function cloudOf(graph: Graph, values: Values): PointCloud {
  const { after, chain, loops } = readScene(graph, values, values)
  const { posePositions, landmarkPositions } = after
  const poses = posePositions.length
  const n = poses + landmarkPositions.length
  const positions = new Float64Array(n)
  positions.set(posePositions)
  positions.set(landmarkPositions, poses)
  const colors = Uint8Array.from({ length: n }, (_, i) => (i < poses ? poseColor : landmarkColor)[i % 3])
  const edges = new Int32Array(chain.length + loops.length)
  edges.set(chain)
  edges.set(loops, chain.length)
  return { positions, colors, edges }
}
