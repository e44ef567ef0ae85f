import { matrixToQuaternion, quaternionToMatrix } from '../../geometry/index.ts'
import { GrowableFloat64 } from '../../numeric/index.ts'
import { decimal } from '../decimal.ts'
import { InputError } from '../errors.ts'
import type { ReadOptions, Source } from '../source.ts'
import { readLines } from '../text/index.ts'
import { poseSize, type Trajectory } from '../trajectory.ts'

export interface KittiOptions extends ReadOptions {
  /** The times.txt of the sequence: one time in seconds per pose. Without it poses are counted 0, 1, 2, … */
  readonly times?: Source
  /** Its name, for messages. Default 'times'. */
  readonly timesName?: string
}

/** Rows of rotation matrices in files carry a few digits; ‖RᵀR − I‖ beyond this is no rotation. */
const slack = 0.1

/**
 * Reads KITTI odometry poses (A. Geiger et al., CVPR 2012): lines of twelve numbers, the upper three rows of the 4 × 4
 * worldFromCamera, row by row. Rotations are brought onto the group.
 * @throws InputError for other lines, matrices that are no rotation, files without poses, and times that do not fit
 */
export async function readKitti(source: Source, options: KittiOptions = {}): Promise<Trajectory> {
  const { name = 'input', times, timesName = 'times' } = options
  const poses = new GrowableFloat64(1024)
  const row = new Float64Array(12)
  const R = new Float64Array(9)
  const pose = new Float64Array(poseSize)
  const { lines } = await readLines(
    source,
    (line) => {
      line.reals(row, 0, 12, 'a 3 × 4 pose matrix by rows')
      line.end('a 3 × 4 pose matrix by rows')
      for (let i = 0; i < 3; i++) {
        for (let j = 0; j < 3; j++) R[3 * i + j] = row[4 * i + j]
        pose[i] = row[4 * i + 3]
      }
      const off = distanceFromRotation(R)
      if (!(off <= slack)) throw line.fail('a rotation matrix', `one with ‖RᵀR − I‖ + |det R − 1| = ${off}`)
      matrixToQuaternion(R, 0, pose, 3)
      poses.append(pose)
    },
    options,
  )
  const n = poses.length / poseSize
  if (n === 0) throw new InputError(name, 0, 'a line of twelve numbers', `none in ${lines} lines`)
  const timestamps =
    times === undefined ? Float64Array.from({ length: n }, (_, i) => i) : await readTimes(times, timesName)
  if (timestamps.length !== n)
    throw new InputError(timesName, 0, `${n} times, one per pose of ${name}`, `${timestamps.length}`)
  return { timestamps, poses: poses.view().slice() }
}

/** Reads one time in seconds per line. */
async function readTimes(source: Source, name: string): Promise<Float64Array> {
  const times = new GrowableFloat64(1024)
  await readLines(
    source,
    (line) => {
      times.push(line.real('a time in seconds'))
      line.end('a time in seconds')
    },
    { name },
  )
  return times.view().slice()
}

/** ‖RᵀR − I‖ + |det R − 1|: how far a 3 × 3 matrix is from a rotation. */
function distanceFromRotation(R: Float64Array): number {
  let squared = 0
  for (let i = 0; i < 3; i++)
    for (let j = 0; j < 3; j++) {
      const dot = R[i] * R[j] + R[3 + i] * R[3 + j] + R[6 + i] * R[6 + j]
      squared += (dot - (i === j ? 1 : 0)) ** 2
    }
  const determinant =
    R[0] * (R[4] * R[8] - R[5] * R[7]) - R[1] * (R[3] * R[8] - R[5] * R[6]) + R[2] * (R[3] * R[7] - R[4] * R[6])
  return Math.sqrt(squared) + Math.abs(determinant - 1)
}

/** A trajectory as KITTI poses; its times have no place in this file (see {@link writeKittiTimes}). */
export function* writeKitti({ timestamps, poses }: Trajectory): Generator<string> {
  const R = new Float64Array(9)
  for (let i = 0; i < timestamps.length; i++) {
    const at = poseSize * i
    quaternionToMatrix(poses, at + 3, R, 0)
    const rows = [0, 1, 2].map((k) => [R[3 * k], R[3 * k + 1], R[3 * k + 2], poses[at + k]].map(decimal).join(' '))
    yield `${rows.join(' ')}\n`
  }
}

/** The times of a trajectory as KITTI's times.txt. */
export function* writeKittiTimes({ timestamps }: Trajectory): Generator<string> {
  for (const time of timestamps) yield `${decimal(time)}\n`
}
