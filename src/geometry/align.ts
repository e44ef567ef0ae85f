import { UsageError } from '../numeric/index.ts'
import { matrixToQuaternion } from './quaternion.ts'
import { Sim3 } from './sim3.ts'
import { perpendicular, svd3 } from './svd3.ts'

/**
 * What may move: a rigid motion ('se3'), a similarity ('sim3', for a monocular estimate), a turn about the z axis with a
 * shift ('yaw', where gravity is observed), a shift, or nothing.
 */
export type AlignmentMode = 'se3' | 'sim3' | 'yaw' | 'translation' | 'none'

export interface PointAlignment {
  readonly mode: AlignmentMode
  /** toFromFrom, stored as Sim3 [t, q, s]: pInTo ≈ s R(q) pInFrom + t. s = 1 unless the mode is 'sim3'. */
  readonly toFromFrom: Float64Array
  /** √(Σ |to − aligned from|² / n), in the points' unit. */
  readonly rmse: number
  /**
   * In how many directions the alignment could move without changing the sum: 0 when the points determine it; 1 for points
   * on a line (the turn about it); 3 when all coincide, and the scale besides with 'sim3'. Where it is not 0 the smallest
   * rotation, and scale 1, were taken.
   */
  readonly freedom: number
}

/**
 * The motion that takes the points `from` onto the points `to` (x, y, z one behind the other, paired by place) with the least
 * sum of squared distances: S. Umeyama, "Least-squares estimation of transformation parameters between two point patterns",
 * PAMI 13(4), 1991, equations 34 to 42; never a reflection, not even between mirrored sets (G17, G18).
 *
 * @throws UsageError for no points, lists of different length or not of threes, and numbers that are not finite
 */
export function alignPoints(from: Float64Array, to: Float64Array, mode: AlignmentMode = 'se3'): PointAlignment {
  checkPoints(from, to)
  const n = from.length / 3
  const toFromFrom = new Float64Array(8)
  Sim3.identity(toFromFrom, 0)
  let freedom = 0
  if (mode !== 'none') {
    const centerFrom = center(from)
    const centerTo = center(to)
    const moments = centralMoments(from, centerFrom, to, centerTo)
    if (mode === 'yaw') freedom = fitYaw(moments, toFromFrom)
    else if (mode !== 'translation') freedom = fitRotation(moments, mode === 'sim3', toFromFrom)
    // t = centerTo − s R centerFrom
    Sim3.act(toFromFrom, 0, centerFrom, 0, centerFrom, 0)
    for (let i = 0; i < 3; i++) toFromFrom[i] = centerTo[i] - centerFrom[i]
  }
  return { mode, toFromFrom, rmse: Math.sqrt(squaredDistance(from, to, toFromFrom) / n), freedom }
}

interface Moments {
  /** Σ = (1/n) Σ (to − center)(from − center)ᵀ, 3 × 3 row-major. */
  readonly covariance: Float64Array
  /** (1/n) Σ |from − center|². */
  readonly spread: number
  /** What rounding can add to an entry of the covariance. */
  readonly noise: number
}

function checkPoints(from: Float64Array, to: Float64Array): void {
  if (from.length !== to.length || from.length % 3 !== 0)
    throw new UsageError(
      `alignment takes two lists of as many points, three numbers each; got ${from.length} and ${to.length} numbers`,
    )
  if (from.length === 0) throw new UsageError('alignment takes at least one pair of points, got none')
  for (const [name, list] of [['from', from] as const, ['to', to] as const]) {
    const bad = list.findIndex((x) => !Number.isFinite(x))
    if (bad >= 0)
      throw new UsageError(
        `alignment takes finite numbers; ${name}[${bad}] (point ${Math.floor(bad / 3)}) is ${list[bad]}`,
      )
  }
}

function center(points: Float64Array): Float64Array {
  const sum = new Float64Array(3)
  for (let at = 0; at < points.length; at += 3) for (let i = 0; i < 3; i++) sum[i] += points[at + i]
  return sum.map((x) => x / (points.length / 3))
}

function centralMoments(
  from: Float64Array,
  centerFrom: Float64Array,
  to: Float64Array,
  centerTo: Float64Array,
): Moments {
  const n = from.length / 3
  const covariance = new Float64Array(9)
  let spreadFrom = 0
  let spreadTo = 0
  let largestFrom = 0
  let largestTo = 0
  for (let at = 0; at < from.length; at += 3)
    for (let i = 0; i < 3; i++) {
      const y = to[at + i] - centerTo[i]
      const x = from[at + i] - centerFrom[i]
      for (let j = 0; j < 3; j++) covariance[3 * i + j] += (y * (from[at + j] - centerFrom[j])) / n
      spreadFrom += (x * x) / n
      spreadTo += (y * y) / n
      largestFrom = Math.max(largestFrom, Math.abs(from[at + i]))
      largestTo = Math.max(largestTo, Math.abs(to[at + i]))
    }
  // A centred coordinate errs by eps times the largest coordinate (√n of it in the center), and meets the other's spread.
  const errors = largestFrom * Math.sqrt(spreadTo) + largestTo * Math.sqrt(spreadFrom)
  const floor = Number.EPSILON * largestFrom * largestTo
  return { covariance, spread: spreadFrom, noise: 8 * Math.sqrt(n) * Number.EPSILON * (errors + floor) }
}

/**
 * R = Leftᵀ Right of Σ = Leftᵀ diag(d) Right maximizes tr(Rᵀ Σ) (Umeyama's equations 40, 43 with det handled by the sign of
 * d₃), s = (d₁ + d₂ + d₃)/spread (42). Turning R about singular vector k costs the sum of the other two d: where that is
 * rounding, the turn is free.
 */
function fitRotation({ covariance, spread, noise }: Moments, withScale: boolean, out: Float64Array): number {
  const left = new Float64Array(9)
  const right = new Float64Array(9)
  const d = new Float64Array(3)
  svd3(covariance, 0, left, d, right)
  let freedom = 0
  for (const cost of [d[0] + d[1], d[0] + d[2], d[1] + d[2]]) if (cost <= noise) freedom++
  if (d[0] <= noise) {
    // one point, or two sets without relation: the identity
    return freedom + (withScale ? 1 : 0)
  }
  if (d[1] <= noise) smallestRotation(right, left, out)
  else {
    const R = new Float64Array(9)
    for (let i = 0; i < 3; i++)
      for (let j = 0; j < 3; j++)
        R[3 * i + j] = left[i] * right[j] + left[3 + i] * right[3 + j] + left[6 + i] * right[6 + j]
    matrixToQuaternion(R, 0, out, 3)
  }
  if (withScale) out[7] = (d[0] + d[1] + d[2]) / spread
  return freedom
}

/** The quaternion of the smallest rotation that takes unit vector a to unit vector b: (a × b, 1 + a·b), normalized. */
function smallestRotation(a: Float64Array, b: Float64Array, out: Float64Array): void {
  const w = 1 + a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
  const x = a[1] * b[2] - a[2] * b[1]
  const y = a[2] * b[0] - a[0] * b[2]
  const z = a[0] * b[1] - a[1] * b[0]
  const norm = Math.sqrt(x * x + y * y + z * z + w * w)
  if (norm < 1e-7) {
    // opposite to rounding: half a turn about any perpendicular
    perpendicular(a, 0, out, 3)
    out[6] = 0
    return
  }
  out[3] = x / norm
  out[4] = y / norm
  out[5] = z / norm
  out[6] = w / norm
}

/** tr(Rz(θ)ᵀ Σ) = (Σ₀₀ + Σ₁₁) cos θ + (Σ₁₀ − Σ₀₁) sin θ + Σ₂₂ is largest at θ = atan2(Σ₁₀ − Σ₀₁, Σ₀₀ + Σ₁₁). */
function fitYaw({ covariance, noise }: Moments, out: Float64Array): number {
  const cos = covariance[0] + covariance[4]
  const sin = covariance[3] - covariance[1]
  if (Math.sqrt(cos * cos + sin * sin) <= noise) return 1
  const theta = Math.atan2(sin, cos)
  out[5] = Math.sin(theta / 2)
  out[6] = Math.cos(theta / 2)
  return 0
}

function squaredDistance(from: Float64Array, to: Float64Array, toFromFrom: Float64Array): number {
  const p = new Float64Array(3)
  let sum = 0
  for (let at = 0; at < from.length; at += 3) {
    Sim3.act(toFromFrom, 0, from, at, p, 0)
    for (let i = 0; i < 3; i++) sum += (p[i] - to[at + i]) ** 2
  }
  return sum
}
