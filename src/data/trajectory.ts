import { quaternionNormalize } from '../geometry/index.ts'
import type { Key, Values } from '../graph/index.ts'
import { UsageError } from '../numeric/index.ts'

/**
 * Where a body was, and when. Pose i is worldFromBody: seven numbers at `poses[7 i]`, translation (m) first, then the
 * Hamilton unit quaternion (x, y, z, w). Times in seconds; readers of files without times count frames instead.
 */
export interface Trajectory {
  readonly timestamps: Float64Array
  readonly poses: Float64Array
}

/** Numbers of one pose of a trajectory. */
export const poseSize = 7

/**
 * A trajectory from its numbers; quaternions are brought to length 1 in place.
 * @throws UsageError unless there are seven numbers of poses per time, all finite, with quaternions that have a length
 */
export function trajectory(timestamps: Float64Array, poses: Float64Array): Trajectory {
  if (poses.length !== poseSize * timestamps.length)
    throw new UsageError(
      `a trajectory has ${poseSize} numbers per pose: expected ${poseSize * timestamps.length} for ${timestamps.length} times, got ${poses.length}`,
    )
  for (let i = 0; i < timestamps.length; i++) {
    if (!Number.isFinite(timestamps[i])) throw new UsageError(`time ${i} of a trajectory is ${timestamps[i]}`)
    for (let k = 0; k < poseSize; k++)
      if (!Number.isFinite(poses[poseSize * i + k]))
        throw new UsageError(`number ${k} of pose ${i} is ${poses[poseSize * i + k]}; expected a finite number`)
    quaternionNormalize(poses, poseSize * i + 3)
    if (!Number.isFinite(poses[poseSize * i + 3])) throw new UsageError(`the quaternion of pose ${i} is zero`)
  }
  return { timestamps, poses }
}

/** The poses of these indices, in this order, as a trajectory of its own. */
export function selectPoses({ timestamps, poses }: Trajectory, indices: ArrayLike<number>): Trajectory {
  const times = new Float64Array(indices.length)
  const chosen = new Float64Array(poseSize * indices.length)
  for (let i = 0; i < indices.length; i++) {
    const from = indices[i]
    times[i] = timestamps[from]
    chosen.set(poses.subarray(poseSize * from, poseSize * (from + 1)), poseSize * i)
  }
  return { timestamps: times, poses: chosen }
}

export interface GraphTrajectory extends Trajectory {
  /** The variable of each pose. */
  readonly keys: readonly Key[]
}

/**
 * The poses among a graph's values, in the order of the variables: SE3, SE2 (as a motion in the plane z = 0) and cameras
 * (a product that begins with SE3). Time i is the key where all keys are numbers that fit a double, the count otherwise.
 */
export function trajectoryOf(values: Values): GraphTrajectory {
  const keys: Key[] = []
  const poses: number[] = []
  for (let i = 0; i < values.count; i++) {
    const { name } = values.manifold(i)
    const at = values.offset(i)
    if (isSpatialPose(name)) for (let k = 0; k < poseSize; k++) poses.push(values.data[at + k])
    else if (name === 'SE2') poses.push(...planarPose(values.data, at))
    else continue
    keys.push(values.key(i))
  }
  const numbers = keys.every((key) => typeof key !== 'string' && Number.isSafeInteger(Number(key)))
  const timestamps = Float64Array.from(keys, (key, i) => (numbers ? Number(key) : i))
  return { timestamps, poses: Float64Array.from(poses), keys }
}

/** 'SE3', or a product whose first part it is ('SE3×R3'). */
function isSpatialPose(name: string): boolean {
  return /^[(]?SE3\b/.test(name)
}

/** (x, y, θ) as a pose in space: rotation by θ about z. */
function planarPose(data: Float64Array, at: number): number[] {
  const half = data[at + 2] / 2
  return [data[at], data[at + 1], 0, 0, 0, Math.sin(half), Math.cos(half)]
}
