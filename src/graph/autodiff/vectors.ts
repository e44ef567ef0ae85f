import type { Dual, Scalar } from './dual.ts'
import { add, atan2, cos, div, mul, neg, real, sin, sqrt, square, sub } from './functions.ts'

/** Vectors, quaternions (x, y, z, w) and poses as arrays of scalars, as variables arrive. */
export type Vector = readonly Scalar[]

/** a + b, number by number. */
export function plus(a: Vector, b: Vector): Scalar[] {
  return a.map((value, i) => add(value, b[i]))
}

/** a − b, number by number. */
export function minus(a: Vector, b: Vector): Scalar[] {
  return a.map((value, i) => sub(value, b[i]))
}

/** s · a. */
export function scaled(a: Vector, s: Scalar): Scalar[] {
  return a.map((value) => mul(value, s))
}

/** aᵀ b. */
export function dot(a: Vector, b: Vector): Scalar {
  let sum: Scalar = mul(a[0], b[0])
  for (let i = 1; i < a.length; i++) sum = add(sum, mul(a[i], b[i]))
  return sum
}

/** a × b in space. */
export function cross(a: Vector, b: Vector): Scalar[] {
  return [
    sub(mul(a[1], b[2]), mul(a[2], b[1])),
    sub(mul(a[2], b[0]), mul(a[0], b[2])),
    sub(mul(a[0], b[1]), mul(a[1], b[0])),
  ]
}

/** |a|. At a = 0, where the length has no derivative, the derivative is taken as 0. */
export function norm(a: readonly Dual[]): Dual
export function norm(a: Vector): Scalar
export function norm(a: Vector): Scalar {
  const sum = dot(a, a)
  if (typeof sum === 'number') return Math.sqrt(sum)
  return sum.value === 0 ? sum.chain(0, 0) : sqrt(sum)
}

/** The same angle in [−π, π]; derivatives pass through. */
export function wrapAngle(angle: Dual): Dual
export function wrapAngle(angle: Scalar): Scalar
export function wrapAngle(angle: Scalar): Scalar {
  const value = real(angle)
  if (value >= -Math.PI && value <= Math.PI) return angle
  return sub(angle, 2 * Math.PI * Math.round(value / (2 * Math.PI)))
}

/** R(q) p for a unit quaternion q: p + 2w (v × p) + 2 v × (v × p). */
export function rotate(q: Vector, p: Vector): Scalar[] {
  const once = scaled(cross(q, p), 2)
  return plus(plus(p, scaled(once, q[3])), cross(q, once))
}

/** R(q)ᵀ p. */
export function rotateBack(q: Vector, p: Vector): Scalar[] {
  return rotate(conjugate(q), p)
}

/** q* = (−v, w), the inverse of a unit quaternion. */
export function conjugate(q: Vector): Scalar[] {
  return [neg(q[0]), neg(q[1]), neg(q[2]), q[3]]
}

/** The Hamilton product p q: R(p q) = R(p) R(q). */
export function quaternionMultiply(p: Vector, q: Vector): Scalar[] {
  const vector = plus(plus(scaled(q.slice(0, 3), p[3]), scaled(p.slice(0, 3), q[3])), cross(p, q))
  return [...vector, sub(mul(p[3], q[3]), dot(p.slice(0, 3), q.slice(0, 3)))]
}

/** Log q, the rotation vector of a unit quaternion, |Log q| ≤ π. */
export function quaternionLog(q: Vector): Scalar[] {
  const v = real(q[3]) < 0 ? q.map((value) => neg(value)) : q
  const vector = v.slice(0, 3)
  const w = v[3]
  const squared = dot(vector, vector)
  if (real(squared) < 1e-10) {
    // 2 atan(n/w)/n = 2/w (1 − (n/w)²/3 + (n/w)⁴/5 − …)
    const ratio = div(squared, square(w))
    return scaled(vector, mul(div(2, w), sub(1, mul(ratio, sub(1 / 3, mul(ratio, 1 / 5))))))
  }
  const n = sqrt(squared)
  return scaled(vector, div(mul(2, atan2(n, w)), n))
}

/** The plane's rotation R(θ) p. */
export function rotate2(theta: Scalar, p: Vector): Scalar[] {
  const c = cos(theta)
  const s = sin(theta)
  return [sub(mul(c, p[0]), mul(s, p[1])), add(mul(s, p[0]), mul(c, p[1]))]
}

/** Poses of the plane, (x, y, θ). */
export const se2: PoseFunctions = {
  compose: (a, b) => [...plus(rotate2(a[2], b.slice(0, 2)), a.slice(0, 2)), wrapAngle(add(a[2], b[2]))],
  inverse: (a) => [...rotate2(neg(a[2]), [neg(a[0]), neg(a[1])]), neg(a[2])],
  act: (a, p) => plus(rotate2(a[2], p), a.slice(0, 2)),
  actBack: (a, p) => rotate2(neg(a[2]), minus(p, a.slice(0, 2))),
  between: (a, b) => [...rotate2(neg(a[2]), minus(b.slice(0, 2), a.slice(0, 2))), wrapAngle(sub(b[2], a[2]))],
}

/** Poses of space, (t, q). */
export const se3: PoseFunctions = {
  compose: (a, b) => [...se3.act(a, b.slice(0, 3)), ...quaternionMultiply(a.slice(3), b.slice(3))],
  inverse: (a) => [
    ...rotateBack(
      a.slice(3),
      a.slice(0, 3).map((value) => neg(value)),
    ),
    ...conjugate(a.slice(3)),
  ],
  act: (a, p) => plus(rotate(a.slice(3), p), a.slice(0, 3)),
  actBack: (a, p) => rotateBack(a.slice(3), minus(p, a.slice(0, 3))),
  between: (a, b) => [...se3.actBack(a, b.slice(0, 3)), ...quaternionMultiply(conjugate(a.slice(3)), b.slice(3))],
}

export interface PoseFunctions {
  /** a · b. */
  compose(a: Vector, b: Vector): Scalar[]
  /** a⁻¹. */
  inverse(a: Vector): Scalar[]
  /** The point a · p. */
  act(a: Vector, p: Vector): Scalar[]
  /** The point a⁻¹ · p. */
  actBack(a: Vector, p: Vector): Scalar[]
  /** a⁻¹ · b. */
  between(a: Vector, b: Vector): Scalar[]
}
