import { rotate } from '../geometry/index.ts'
import { symmetricEigen } from '../numeric/index.ts'

export interface Similarity {
  /** toFromFrom: [t, q]. */
  readonly pose: Float64Array
  readonly scale: number
  /** Whether the positions leave no freedom. */
  readonly determined: boolean
}

/**
 * The pose (and scale) that takes n positions onto n others with the least sum of squares (docs/maths/evaluation.md,
 * equations 2 to 5). The rotation is Horn's: the eigenvector of the largest eigenvalue of a symmetric 4 × 4 matrix made of
 * M = Σ from toᵀ (B. K. P. Horn, "Closed-form solution of absolute orientation using unit quaternions", JOSA A 4(4),
 * 1987); always a rotation, never a reflection, and so equal to S. Umeyama's (PAMI 13(4), 1991). Scale: his equation 42.
 */
export function alignPositions(
  from: Float64Array,
  to: Float64Array,
  kind: 'se3' | 'sim3' | 'yaw' | 'translation',
): Similarity {
  const centreFrom = centre(from)
  const centreTo = centre(to)
  const M = new Float64Array(9)
  let spread = 0
  for (let at = 0; at < from.length; at += 3)
    for (let i = 0; i < 3; i++) {
      const x = from[at + i] - centreFrom[i]
      spread += x * x
      for (let j = 0; j < 3; j++) M[3 * i + j] += x * (to[at + j] - centreTo[j])
    }
  const pose = Float64Array.of(0, 0, 0, 0, 0, 0, 1)
  let determined = true
  if (kind === 'yaw') determined = yawOf(M, pose)
  else if (kind !== 'translation') determined = rotationOf(M, pose)
  const scale = kind === 'sim3' ? scaleOf(M, spread, pose) : 1
  if (!(scale > 0)) return { pose, scale: 1, determined: false }
  rotate(pose, 3, centreFrom, 0, pose, 0)
  for (let k = 0; k < 3; k++) pose[k] = centreTo[k] - scale * pose[k]
  return { pose, scale, determined }
}

function centre(positions: Float64Array): Float64Array {
  const mean = new Float64Array(3)
  for (let at = 0; at < positions.length; at++) mean[at % 3] += positions[at]
  return mean.map((sum) => sum / (positions.length / 3))
}

/**
 * Writes the quaternion that maximizes Σ to · R from = qᵀ N q (equation 4): where several do equally well the one of the
 * smallest angle, the identity projected onto their space. Returns whether there is only one.
 */
function rotationOf(M: Float64Array, pose: Float64Array): boolean {
  const [xx, xy, xz, yx, yy, yz, zx, zy, zz] = M
  // Horn's N for (x, y, z, w); symmetric, upper triangle.
  const N = Float64Array.of(
    ...[xx - yy - zz, xy + yx, zx + xz, yz - zy],
    ...[0, yy - xx - zz, yz + zy, zx - xz],
    ...[0, 0, zz - xx - yy, xy - yx],
    ...[0, 0, 0, xx + yy + zz],
  )
  const values = new Float64Array(4)
  const vectors = new Float64Array(16)
  symmetricEigen(N, 4, values, vectors)
  // Positions on a line make the largest eigenvalue double, a single point makes all four zero. Rounding of the sums
  // leaves gaps of about n eps.
  const slack = 1e-10 * Math.max(Math.abs(values[0]), Math.abs(values[3]))
  const q = pose.subarray(3)
  q.fill(0)
  for (let j = 0; j < 4; j++)
    if (values[j] >= values[3] - slack) for (let k = 0; k < 4; k++) q[k] += vectors[4 * j + 3] * vectors[4 * j + k]
  const length = Math.hypot(...q)
  // A half turn has w = 0, so that nothing is left of the projection: the eigenvector itself.
  if (length > 1e-8) for (let k = 0; k < 4; k++) q[k] /= length
  else q.set(vectors.subarray(12))
  return values[3] - values[2] > slack
}

/** The turn about z that maximizes Σ to · R from: tan θ = Σ (x y′ − y x′) / Σ (x x′ + y y′) (equation 5). */
function yawOf(M: Float64Array, pose: Float64Array): boolean {
  const sine = M[1] - M[3]
  const cosine = M[0] + M[4]
  if (sine === 0 && cosine === 0) return false
  const half = Math.atan2(sine, cosine) / 2
  pose[5] = Math.sin(half)
  pose[6] = Math.cos(half)
  return true
}

/** Σ to · R from / Σ ‖from‖² (equation 3). */
function scaleOf(M: Float64Array, spread: number, pose: Float64Array): number {
  let along = 0
  const column = new Float64Array(3)
  for (let i = 0; i < 3; i++) {
    // Row i of M is Σ x_i to; R maps axis i to its column i.
    column.fill(0)
    column[i] = 1
    rotate(pose, 3, column, 0, column, 0)
    for (let j = 0; j < 3; j++) along += column[j] * M[3 * i + j]
  }
  return along / spread
}
