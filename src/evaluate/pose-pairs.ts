import { poseSize, type Trajectory } from '../data/index.ts'
import { UsageError } from '../numeric/index.ts'
import { nearestIndex } from './associate.ts'

export type DeltaUnit = 'frames' | 'metres' | 'radians' | 'degrees'

export interface PairOptions {
  /** How far apart the two poses of a pair are. Default 1. */
  readonly delta?: number
  /** What `delta` counts: poses, metres along the path, or turned angle. Default 'frames'. */
  readonly unit?: DeltaUnit
  /** Pairs from every pose, overlapping, instead of one pair after the other. Default false. */
  readonly allPairs?: boolean
  /** With `allPairs` and a unit other than frames: accepted difference from delta, as a fraction of it. Default 0.1. */
  readonly tolerance?: number
}

/**
 * Pairs (i, j), i < j, of poses a given distance apart, as i₀ j₀ i₁ j₁ …
 *
 * One after the other: a pair closes at the first pose where the path (or turned angle) since its start reaches delta, and
 * the next begins there; along a path the first pair begins at the first pose that is delta from the start, as in evo.
 * All pairs: for metres the pose whose path from i is nearest to delta; for angles every j turned by delta from i.
 * @throws UsageError for a delta that is not positive (frames: a positive integer) or a negative tolerance
 */
export function posePairs(path: Trajectory, options: PairOptions = {}): Int32Array {
  const { delta = 1, unit = 'frames', allPairs = false, tolerance = 0.1 } = options
  if (!(delta > 0) || !Number.isFinite(delta)) throw new UsageError(`delta must be positive, got ${delta}`)
  if (!(tolerance >= 0)) throw new UsageError(`tolerance must be at least 0, got ${tolerance}`)
  switch (unit) {
    case 'frames':
      if (!Number.isInteger(delta)) throw new UsageError(`delta in frames must be a whole number, got ${delta}`)
      return framePairs(path.timestamps.length, delta, allPairs)
    case 'metres':
      return allPairs
        ? allPathPairs(steps(path, distance), delta, delta * tolerance)
        : consecutivePathPairs(steps(path, distance), delta)
    case 'radians':
    case 'degrees': {
      const angle = unit === 'degrees' ? (delta * Math.PI) / 180 : delta
      return allPairs ? allAnglePairs(path, angle, angle * tolerance) : anglePairs(steps(path, turnedAngle), angle)
    }
    default:
      throw new UsageError(`unit must be frames, metres, radians or degrees, got ${unit as string}`)
  }
}

function framePairs(n: number, delta: number, allPairs: boolean): Int32Array {
  const pairs: number[] = []
  for (let i = 0; i + delta < n; i += allPairs ? 1 : delta) pairs.push(i, i + delta)
  return Int32Array.from(pairs)
}

function consecutivePathPairs(step: Float64Array, delta: number): Int32Array {
  const stops: number[] = []
  let travelled = 0
  for (let i = 0; i < step.length; i++) {
    travelled += step[i]
    if (travelled < delta) continue
    stops.push(i)
    travelled = 0
  }
  return chain(stops)
}

function anglePairs(step: Float64Array, delta: number): Int32Array {
  const stops = [0]
  let turned = 0
  for (let i = 1; i < step.length; i++) {
    turned += step[i]
    if (turned < delta) continue
    stops.push(i)
    turned = 0
  }
  return chain(stops)
}

/** 1, 2, 3 → the pairs (1, 2), (2, 3). */
function chain(stops: readonly number[]): Int32Array {
  return Int32Array.from(stops.slice(1).flatMap((stop, i) => [stops[i], stop]))
}

function allPathPairs(step: Float64Array, delta: number, tolerance: number): Int32Array {
  const length = new Float64Array(step.length)
  for (let i = 1; i < step.length; i++) length[i] = length[i - 1] + step[i]
  const pairs: number[] = []
  for (let i = 0; i + 1 < length.length; i++) {
    const j = nearestIndex(length, length[i] + delta, i + 1)
    if (Math.abs(length[j] - length[i] - delta) <= tolerance) pairs.push(i, j)
  }
  return Int32Array.from(pairs)
}

function allAnglePairs({ timestamps, poses }: Trajectory, delta: number, tolerance: number): Int32Array {
  const pairs: number[] = []
  for (let i = 0; i < timestamps.length; i++)
    for (let j = i + 1; j < timestamps.length; j++)
      if (Math.abs(turnedAngle(poses, poseSize * i, poseSize * j) - delta) <= tolerance) pairs.push(i, j)
  return Int32Array.from(pairs)
}

/** Element i is what lies between poses i − 1 and i; element 0 is 0. */
function steps(path: Trajectory, between: (poses: Float64Array, a: number, b: number) => number): Float64Array {
  const out = new Float64Array(path.timestamps.length)
  for (let i = 1; i < out.length; i++) out[i] = between(path.poses, poseSize * (i - 1), poseSize * i)
  return out
}

function distance(poses: Float64Array, a: number, b: number): number {
  return Math.hypot(poses[b] - poses[a], poses[b + 1] - poses[a + 1], poses[b + 2] - poses[a + 2])
}

/** The angle of R_aᵀ R_b: 2 atan2(‖vec q‖, |w|) of q = q_a* q_b. */
function turnedAngle(poses: Float64Array, a: number, b: number): number {
  const ax = poses[a + 3]
  const ay = poses[a + 4]
  const az = poses[a + 5]
  const aw = poses[a + 6]
  const bx = poses[b + 3]
  const by = poses[b + 4]
  const bz = poses[b + 5]
  const bw = poses[b + 6]
  const x = aw * bx - ax * bw - ay * bz + az * by
  const y = aw * by - ay * bw - az * bx + ax * bz
  const z = aw * bz - az * bw - ax * by + ay * bx
  const w = aw * bw + ax * bx + ay * by + az * bz
  return 2 * Math.atan2(Math.hypot(x, y, z), Math.abs(w))
}
