import { portableAtan2 } from '../../numeric/index.ts'
import { clearanceAt, type FreeSpace } from '../home/free-space.ts'
import { evaluateQuintic, pieces } from './quintic.ts'
import { distance } from './route.ts'

/** Seconds between the control points of a law of time. */
export const beat = 0.1

/**
 * A piece of motion that begins and ends at rest, all derivatives zero, so that pieces join with four continuous derivatives.
 * Driving: position p(u(t)) on a curve in the plane, the heading along it, so that wheels never slide sideways. Turning: the
 * heading ψ(t) at a place. Standing: a turn by nothing.
 */
export interface Leg {
  readonly kind: 'drive' | 'turn' | 'stop'
  /** When it begins and how long it takes, seconds. */
  readonly start: number
  readonly seconds: number
  /** Control points (x, y) of the curve; empty where the robot stays in its place. */
  readonly curve: Float64Array
  /** Control points of u(t) for a drive, of ψ(t) otherwise, `beat` apart. */
  readonly law: Float64Array
  /** Where it begins. */
  readonly x: number
  readonly y: number
  /** Metres of curve before this leg, counted along control points, and per unit of u. */
  readonly travelled: number
  readonly perPiece: number
}

/** What a robot can and likes to do. */
export interface DriveLimits {
  /** m/s, reached on straight stretches. */
  readonly speed: number
  /** rad/s, in place and in curves. */
  readonly turnRate: number
  /** m/s² */
  readonly acceleration: number
  /** Of the robot, metres. */
  readonly radius: number
}

/** Spaces between control points that are tried, metres: the first rounds corners most. */
const spacings = [0.3, 0.22, 0.16, 0.11, 0.07]

/** Samples of a curve per piece, for limits and clearance. */
const perPiece = 8

/**
 * A smooth curve along a route's corners, through both of its ends, that keeps the robot's radius from everything; null where
 * none was found. Before and after the ends it is continued by its mirror image in the end, which keeps the curve through
 * it: (c₋₂ + 26 c₋₁ + 66 c₀ + 26 c₁ + c₂)/120 = c₀.
 */
export function curveAlong(corners: readonly number[], space: FreeSpace, radius: number): Float64Array | null {
  for (const spacing of spacings) {
    const points = resample(corners, spacing)
    const [m, at] = [points.length / 2 - 1, (i: number, k: number): number => points[2 * i + k]]
    if (m < 2) continue
    const curve = new Float64Array(2 * (m + 5))
    curve.set(points, 4)
    for (let k = 0; k < 2; k++)
      for (let i = 1; i <= 2; i++) {
        curve[4 - 2 * i + k] = 2 * at(0, k) - at(i, k)
        curve[4 + 2 * (m + i) + k] = 2 * at(m, k) - at(m - i, k)
      }
    if (isClear(curve, space, radius)) return curve
  }
  return null
}

/** Points on the route at equal distances, about `spacing`, ends included. */
function resample(corners: readonly number[], spacing: number): number[] {
  const lengths: number[] = []
  for (let i = 2; i < corners.length; i += 2)
    lengths.push(distance(corners[i - 2], corners[i - 1], corners[i], corners[i + 1]))
  const total = lengths.reduce((a, b) => a + b, 0)
  const count = Math.max(2, Math.round(total / spacing))
  const points: number[] = []
  let edge = 0
  let passed = 0
  for (let i = 0; i < count; i++) {
    const s = (total * i) / count
    while (edge < lengths.length - 1 && passed + lengths[edge] < s) passed += lengths[edge++]
    const t = lengths[edge] > 0 ? (s - passed) / lengths[edge] : 0
    for (let k = 0; k < 2; k++)
      points.push(corners[2 * edge + k] + t * (corners[2 * edge + 2 + k] - corners[2 * edge + k]))
  }
  points.push(corners[corners.length - 2], corners[corners.length - 1])
  return points
}

const p = new Float64Array(8)

function isClear(curve: Float64Array, space: FreeSpace, radius: number): boolean {
  const end = perPiece * pieces(curve.length / 2)
  for (let k = 0; k <= end; k++) {
    evaluateQuintic(curve, 2, k / perPiece, p)
    if (clearanceAt(space, p[0], p[4]) < radius) return false
  }
  return true
}

/** The heading of a curve at u, radians in [−π, π]. */
export function headingOn(curve: Float64Array, u: number): number {
  evaluateQuintic(curve, 2, u, p)
  return portableAtan2(p[5], p[1])
}

/**
 * u at equal times for a drive along a curve: as fast as speed, turn rate (|κ| v) and acceleration allow, which is a pass
 * forwards and one backwards over v² (v² grows by at most 2 a ds), then smoothed by being a spline's control points.
 */
export function drivingLaw(curve: Float64Array, { speed, turnRate, acceleration }: DriveLimits): Float64Array {
  const last = perPiece * pieces(curve.length / 2)
  const ds = new Float64Array(last + 1)
  const square = new Float64Array(last + 1)
  for (let k = 0; k <= last; k++) {
    evaluateQuintic(curve, 2, k / perPiece, p)
    const [vx, vy, ax, ay] = [p[1], p[5], p[2], p[6]]
    const norm = Math.sqrt(vx * vx + vy * vy)
    const curvature = Math.abs(vx * ay - vy * ax) / (norm * norm * norm)
    ds[k] = norm / perPiece
    const fastest = Math.min(speed, turnRate / curvature)
    square[k] = fastest * fastest
  }
  square[0] = square[last] = 0
  for (let k = 1; k <= last; k++) square[k] = Math.min(square[k], square[k - 1] + acceleration * (ds[k - 1] + ds[k]))
  for (let k = last - 1; k >= 0; k--)
    square[k] = Math.min(square[k], square[k + 1] + acceleration * (ds[k + 1] + ds[k]))
  const samples: number[] = []
  let time = 0
  let next = beat
  for (let k = 0; k < last; k++) {
    const step = (ds[k] + ds[k + 1]) / (Math.sqrt(square[k]) + Math.sqrt(square[k + 1]))
    for (; next < time + step; next += beat) samples.push((k + (next - time) / step) / perPiece)
    time += step
  }
  return atRest(0, samples, last / perPiece)
}

/** ψ at equal times for a turn in place from one heading by an angle: faster and faster, even, slower and slower. */
export function turningLaw(from: number, by: number, { turnRate }: DriveLimits): Float64Array {
  const gain = 2 // rad/s²
  const size = Math.abs(by)
  const rate = Math.min(turnRate, Math.sqrt(gain * size))
  const ramp = rate / gain
  const total = size / rate + ramp
  const samples: number[] = []
  for (let k = 1; k * beat < total; k++) {
    const t = k * beat
    const back = total - t
    const angle =
      t < ramp ? (gain * t * t) / 2 : back < ramp ? size - (gain * back * back) / 2 : rate * t - (rate * ramp) / 2
    samples.push(from + Math.sign(by) * angle)
  }
  return atRest(from, samples, from + by)
}

/** ψ for standing still. */
export function standingLaw(heading: number, seconds: number): Float64Array {
  return new Float64Array(Math.max(6, Math.round(seconds / beat) + 5)).fill(heading)
}

/** A spline through rest at both ends: five equal control points before and after. */
function atRest(first: number, samples: readonly number[], last: number): Float64Array {
  const law = new Float64Array(samples.length + 10)
  law.fill(first, 0, 5)
  law.set(samples, 5)
  law.fill(last, samples.length + 5)
  return law
}

/** Seconds that a law takes. */
export function lawSeconds(law: Float64Array): number {
  return pieces(law.length) * beat
}
