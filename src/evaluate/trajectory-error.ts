import { poseSize, type Trajectory } from '../data/index.ts'
import { SE3 } from '../geometry/index.ts'
import { UsageError } from '../numeric/index.ts'
import { type Alignment, type AlignmentKind, alignTrajectories, applyAlignment } from './alignment.ts'
import { type ErrorPart, errorParts, sizeOf, unitOf } from './pose-error.ts'
import { type PairOptions, posePairs } from './pose-pairs.ts'
import { type Statistics, statistics } from './statistics.ts'

export interface AbsoluteErrorOptions {
  /** How the estimate is moved onto the truth first. Default 'se3'. */
  readonly align?: AlignmentKind
  /** What of each pose counts. Default 'translation'. */
  readonly part?: ErrorPart
}

export interface AbsoluteError extends Statistics {
  readonly part: ErrorPart
  readonly unit: 'm' | 'rad' | ''
  /** One per pose. */
  readonly errors: Float64Array
  readonly alignment: Alignment
  /** The estimate in the frame of the truth: what was compared. */
  readonly aligned: Trajectory
}

/**
 * The absolute trajectory error (ATE, also APE; J. Sturm et al., IROS 2012): with the estimate aligned, the difference of
 * each pose from its truth, Eᵢ = Qᵢ⁻¹ S Pᵢ (docs/maths/evaluation.md, equation 6).
 * @param estimate, truth of equal length, pose i of one belonging to pose i of the other: see {@link associate}
 * @throws UsageError for trajectories of different length, empty ones, and unknown options
 */
export function absoluteTrajectoryError(
  estimate: Trajectory,
  truth: Trajectory,
  options: AbsoluteErrorOptions = {},
): AbsoluteError {
  const { align = 'se3', part = 'translation' } = options
  checkPart(part)
  const alignment = alignTrajectories(estimate, truth, align)
  const aligned = applyAlignment(estimate, alignment)
  const n = aligned.timestamps.length
  const errors = new Float64Array(n)
  const E = new Float64Array(poseSize)
  for (let i = 0; i < n; i++) {
    const at = poseSize * i
    between(truth.poses, at, aligned.poses, at, E, 0)
    errors[i] = sizeOf(part, E, 0)
  }
  return { ...statistics(errors), part, unit: unitOf(part), errors, alignment, aligned }
}

export interface RelativeErrorOptions extends PairOptions {
  /** What of each difference counts. Default 'translation'. */
  readonly part?: ErrorPart
  /** Whose path measures `delta`. Default 'estimate', as in evo. */
  readonly pairsFrom?: 'estimate' | 'truth'
  /** Only a scale (`sim3`) changes relative errors. Default 'none'. */
  readonly align?: AlignmentKind
}

export interface RelativeError extends Statistics {
  readonly part: ErrorPart
  readonly unit: 'm' | 'rad' | ''
  /** One per pair. */
  readonly errors: Float64Array
  /** i₀ j₀ i₁ j₁ …: the poses of each pair. */
  readonly pairs: Int32Array
}

/**
 * The relative pose error (RPE): how far the estimate's motion between two poses some distance apart is from the true one,
 * Eᵢⱼ = (Qᵢ⁻¹ Qⱼ)⁻¹ (Pᵢ⁻¹ Pⱼ) (equation 10).
 * @param estimate, truth of equal length, pose i of one belonging to pose i of the other: see {@link associate}
 * @throws UsageError for trajectories of different length, unknown options, and where no two poses are `delta` apart
 */
export function relativePoseError(
  estimate: Trajectory,
  truth: Trajectory,
  options: RelativeErrorOptions = {},
): RelativeError {
  const { part = 'translation', pairsFrom = 'estimate', align = 'none' } = options
  checkPart(part)
  const aligned = applyAlignment(estimate, alignTrajectories(estimate, truth, align))
  const pairs = posePairs(pairsFrom === 'truth' ? truth : aligned, options)
  if (pairs.length === 0) {
    const { delta = 1, unit = 'frames' } = options
    throw new UsageError(`no two of ${truth.timestamps.length} poses are ${delta} ${unit} apart: try a smaller delta`)
  }
  const errors = new Float64Array(pairs.length / 2)
  const motions = new Float64Array(2 * poseSize)
  for (let k = 0; k < errors.length; k++) {
    const i = poseSize * pairs[2 * k]
    const j = poseSize * pairs[2 * k + 1]
    between(truth.poses, i, truth.poses, j, motions, 0)
    between(aligned.poses, i, aligned.poses, j, motions, poseSize)
    between(motions, 0, motions, poseSize, motions, 0)
    errors[k] = sizeOf(part, motions, 0)
  }
  return { ...statistics(errors), part, unit: unitOf(part), errors, pairs }
}

const inverse = new Float64Array(poseSize)

/** out = a⁻¹ b. */
function between(a: Float64Array, aAt: number, b: Float64Array, bAt: number, out: Float64Array, outAt: number): void {
  SE3.inverse(a, aAt, inverse, 0)
  SE3.compose(inverse, 0, b, bAt, out, outAt)
}

function checkPart(part: ErrorPart): void {
  if (!errorParts.includes(part)) throw new UsageError(`part must be one of ${errorParts.join(', ')}; got ${part}`)
}
