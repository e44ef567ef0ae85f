import { euclidean, matrixToQuaternion, SE3 } from '../../geometry/index.ts'
import { Graph, type Key, stereo } from '../../graph/index.ts'
import { InputError } from '../errors.ts'
import type { ReadOptions, Source } from '../source.ts'
import { readLines } from '../text/index.ts'
import type { BundleFile } from './bal.ts'

/** The three files of GTSAM's stereo visual odometry example (F. Dellaert et al.). */
export interface StereoSources {
  /** "fx fy skew cx cy baseline" */
  readonly calibration: Source
  /** "pose, then the 4 × 4 worldFromCamera by rows" */
  readonly poses: Source
  /** "pose landmark uL uR v X Y Z": pixels, and the point in this camera's frame */
  readonly factors: Source
}

/**
 * Reads a stereo visual odometry problem. Pose i becomes variable 'ci' (worldFromLeftCamera), the first one held; landmark j
 * is 'pj', placed where the first observation of it sees it. Cameras stand before points.
 * @param options `name` is what the three files have in common, for messages
 * @throws InputError for lines that are not as above, a skew other than 0, poses that come twice or are missing
 */
export async function readStereoVo(sources: StereoSources, options: ReadOptions = {}): Promise<BundleFile> {
  const { name = 'input' } = options
  const calibration = await readCalibration(sources.calibration, `${name} calibration`)
  const graph = new Graph()
  const cameras = await readPoses(graph, sources.poses, `${name} poses`)
  if (cameras === 0) throw new InputError(`${name} poses`, 0, 'a line "pose, 4 × 4 matrix"', 'none')
  const data = Float64Array.of(0, 0, 0, ...calibration)
  const local = new Float64Array(3)
  const world = new Float64Array(3)
  let observations = 0
  const read = await readLines(
    sources.factors,
    (line) => {
      const pose: Key = `c${line.id('id of a pose')}`
      const landmark: Key = `p${line.id('id of a landmark')}`
      line.reals(data, 0, 3, 'uL uR v')
      line.reals(local, 0, 3, 'X Y Z')
      line.end('pose, landmark, uL uR v, X Y Z')
      if (!graph.values.has(pose)) throw line.fail('a pose of the file of poses', `${pose.slice(1)}`)
      if (!graph.values.has(landmark)) {
        SE3.act(graph.values.get(pose), 0, local, 0, world, 0)
        if (!world.every(Number.isFinite))
          throw line.fail('a point of a size that can be computed with', 'a larger one')
        graph.addVariable(landmark, euclidean(3), world)
      }
      graph.addFactor(stereo, [pose, landmark], data)
      observations++
    },
    { ...options, name: `${name} factors` },
  )
  if (observations === 0) throw new InputError(`${name} factors`, 0, 'a line "pose landmark uL uR v X Y Z"', 'none')
  const report = { ...read, unknownTags: [], repaired: 0, warnings: [] }
  return { graph, cameras, points: graph.variableCount - cameras, observations, report }
}

/** fx, fy, cx, cy, baseline. */
async function readCalibration(source: Source, name: string): Promise<Float64Array> {
  const row = new Float64Array(6)
  let found = 0
  await readLines(
    source,
    (line) => {
      line.reals(row, 0, 6, 'fx fy skew cx cy baseline')
      line.end('fx fy skew cx cy baseline')
      if (row[2] !== 0) throw line.fail('a skew of 0', `${row[2]}`)
      if (++found > 1) throw line.fail('one line of calibration', 'another')
    },
    { name },
  )
  if (found === 0) throw new InputError(name, 0, 'a line "fx fy skew cx cy baseline"', 'an empty file')
  return Float64Array.of(row[0], row[1], row[3], row[4], row[5])
}

async function readPoses(graph: Graph, source: Source, name: string): Promise<number> {
  const matrix = new Float64Array(16)
  const R = new Float64Array(9)
  const pose = new Float64Array(7)
  await readLines(
    source,
    (line) => {
      const key: Key = `c${line.id('id of a pose')}`
      line.reals(matrix, 0, 16, 'a 4 × 4 matrix by rows')
      line.end('a 4 × 4 matrix by rows')
      if (graph.values.has(key)) throw line.fail('each pose once', `${key.slice(1)} again`)
      for (let i = 0; i < 3; i++) {
        for (let j = 0; j < 3; j++) R[3 * i + j] = matrix[4 * i + j]
        pose[i] = matrix[4 * i + 3]
      }
      matrixToQuaternion(R, 0, pose, 3)
      if (!(Math.abs(Math.hypot(...R) - Math.sqrt(3)) < 0.1)) throw line.fail('a rotation matrix', 'one that is none')
      graph.addVariable(key, SE3, pose, { constant: graph.variableCount === 0 })
    },
    { name },
  )
  return graph.variableCount
}
