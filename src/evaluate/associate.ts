import { selectPoses, type Trajectory } from '../data/index.ts'
import { UsageError } from '../numeric/index.ts'

export interface AssociateOptions {
  /** Largest difference of the times of a pair, in seconds. Default 0.01. */
  readonly maxDifference?: number
  /** Added to the estimate's times before comparing, in seconds. Default 0. */
  readonly offset?: number
}

/** Two trajectories of equal length, pose i of one belonging to pose i of the other. */
export interface Association {
  readonly estimate: Trajectory
  readonly truth: Trajectory
  /** Which poses of the given trajectories they are. */
  readonly estimateIndices: Int32Array
  readonly truthIndices: Int32Array
}

/**
 * Pairs the poses of two trajectories by time: each pose of the shorter one takes the pose of the longer one that is
 * nearest in time (the earlier of two equally near), where that is near enough. A pose of the longer one may serve twice.
 * This is the rule of evo (M. Grupp, 2017), so that numbers can be compared with published ones.
 * @throws UsageError where no two poses are near enough, with the smallest difference found
 */
export function associate(estimate: Trajectory, truth: Trajectory, options: AssociateOptions = {}): Association {
  const { maxDifference = 0.01, offset = 0 } = options
  if (!(maxDifference >= 0)) throw new UsageError(`maxDifference must be at least 0 seconds, got ${maxDifference}`)
  if (!Number.isFinite(offset)) throw new UsageError(`offset must be a number of seconds, got ${offset}`)
  const n = estimate.timestamps.length
  const m = truth.timestamps.length
  if (n === 0 || m === 0)
    throw new UsageError(`cannot pair trajectories of ${n} (estimate) and ${m} (truth) poses: one of them is empty`)
  const truthIsShort = n > m
  const [short, long] = truthIsShort ? [truth, estimate] : [estimate, truth]
  // The offset belongs to the estimate; moving the truth against it is the same.
  const shift = truthIsShort ? offset : -offset
  const { ofShort, ofLong, nearest } = pairUp(short.timestamps, long.timestamps, shift, maxDifference)
  if (ofShort.length === 0)
    throw new UsageError(
      `no pose of the estimate is within ${maxDifference} s of one of the truth; the nearest two differ by ${nearest} s (estimate: ${span(estimate)}, truth: ${span(truth)})`,
    )
  const estimateIndices = truthIsShort ? ofLong : ofShort
  const truthIndices = truthIsShort ? ofShort : ofLong
  return {
    estimate: selectPoses(estimate, estimateIndices),
    truth: selectPoses(truth, truthIndices),
    estimateIndices,
    truthIndices,
  }
}

function pairUp(
  short: Float64Array,
  long: Float64Array,
  shift: number,
  maxDifference: number,
): { ofShort: Int32Array; ofLong: Int32Array; nearest: number } {
  const order = inTimeOrder(long)
  const times = Float64Array.from(order, (i) => long[i] + shift)
  const ofShort: number[] = []
  const ofLong: number[] = []
  let nearest = Number.POSITIVE_INFINITY
  for (let i = 0; i < short.length; i++) {
    const at = nearestIndex(times, short[i])
    const difference = Math.abs(times[at] - short[i])
    nearest = Math.min(nearest, difference)
    if (difference > maxDifference) continue
    ofShort.push(i)
    ofLong.push(order[at])
  }
  return { ofShort: Int32Array.from(ofShort), ofLong: Int32Array.from(ofLong), nearest }
}

/** Indices of ascending times; equal times in the order in which they stand. */
function inTimeOrder(times: Float64Array): Int32Array {
  return Int32Array.from(times, (_, i) => i).sort((a, b) => times[a] - times[b] || a - b)
}

/** Index of the value nearest to `x` in an ascending list; the first of several equally near ones. */
export function nearestIndex(ascending: Float64Array, x: number, from = 0): number {
  let low = from
  let high = ascending.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (ascending[middle] < x) low = middle + 1
    else high = middle
  }
  // ascending[low − 1] < x ≤ ascending[low]: the nearest is one of the two.
  if (low === ascending.length) low--
  let best = low
  if (low > from && x - ascending[low - 1] <= Math.abs(ascending[low] - x)) best = low - 1
  while (best > from && ascending[best - 1] === ascending[best]) best--
  return best
}

function span({ timestamps }: Trajectory): string {
  return `${timestamps[0]} to ${timestamps[timestamps.length - 1]} s`
}
