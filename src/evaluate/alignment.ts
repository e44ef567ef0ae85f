import { poseSize, type Trajectory } from '../data/index.ts'
import { type AlignmentMode, alignPoints, quaternionMultiply, rotate } from '../geometry/index.ts'
import { UsageError } from '../numeric/index.ts'

/** What may be moved before comparing. */
export type AlignmentKind = AlignmentMode

export const alignmentKinds: readonly AlignmentKind[] = ['se3', 'sim3', 'yaw', 'translation', 'none']

/** xInTruth = scale · R(q) xInEstimate + t. */
export interface Alignment {
  readonly kind: AlignmentKind
  /** truthFromEstimate: [t, q], seven numbers. */
  readonly pose: Float64Array
  readonly scale: number
  /**
   * Whether the positions determine it. Positions on one line leave the turn about that line free, a single one the whole
   * rotation and the scale; then the smallest rotation that does is taken, and a scale of 1.
   */
  readonly determined: boolean
}

/**
 * The alignment that minimizes Σ ‖truth position − aligned estimate position‖² (docs/maths/evaluation.md,
 * equations 2 to 5).
 * @throws UsageError for trajectories of different length, empty ones, and an unknown kind
 */
export function alignTrajectories(estimate: Trajectory, truth: Trajectory, kind: AlignmentKind = 'se3'): Alignment {
  if (!alignmentKinds.includes(kind))
    throw new UsageError(`align must be one of ${alignmentKinds.join(', ')}; got ${kind}`)
  const n = estimate.timestamps.length
  if (n !== truth.timestamps.length)
    throw new UsageError(
      `the estimate has ${n} poses and the truth ${truth.timestamps.length}: pair them first, by time with associate()`,
    )
  if (n === 0) throw new UsageError('trajectories without poses cannot be compared')
  const { toFromFrom, freedom } = alignPoints(positionsOf(estimate), positionsOf(truth), kind)
  return { kind, pose: toFromFrom.slice(0, poseSize), scale: toFromFrom[poseSize], determined: freedom === 0 }
}

/** The estimate in the frame of the truth: positions scaled, turned and shifted, orientations turned. */
export function applyAlignment({ timestamps, poses }: Trajectory, { pose, scale }: Alignment): Trajectory {
  const out = poses.slice()
  for (let at = 0; at < out.length; at += poseSize) {
    rotate(pose, 3, poses, at, out, at)
    for (let k = 0; k < 3; k++) out[at + k] = scale * out[at + k] + pose[k]
    quaternionMultiply(pose, 3, poses, at + 3, out, at + 3)
  }
  return { timestamps, poses: out }
}

function positionsOf({ timestamps, poses }: Trajectory): Float64Array {
  const positions = new Float64Array(3 * timestamps.length)
  for (let i = 0; i < timestamps.length; i++) for (let k = 0; k < 3; k++) positions[3 * i + k] = poses[poseSize * i + k]
  return positions
}
