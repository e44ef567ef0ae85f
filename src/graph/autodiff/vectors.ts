import type { Dual, Scalar } from './dual.ts'
import { add, atan2, cos, div, mul, neg, real, sin, sqrt, square, sub, twoProducts } from './functions.ts'

/** Vectors, quaternions (x, y, z, w) and poses as arrays of scalars, as variables arrive. */
export type Vector = readonly Scalar[]

/** a + b, number by number. */
export function plus(a: Vector, b: Vector): Scalar[] {
  const out: Scalar[] = []
  for (let i = 0; i < a.length; i++) out.push(add(a[i], b[i]))
  return out
}

/** a − b, number by number. */
export function minus(a: Vector, b: Vector): Scalar[] {
  const out: Scalar[] = []
  for (let i = 0; i < a.length; i++) out.push(sub(a[i], b[i]))
  return out
}

/** s · a. */
export function scaled(a: Vector, s: Scalar): Scalar[] {
  const out: Scalar[] = []
  for (let i = 0; i < a.length; i++) out.push(mul(a[i], s))
  return out
}

/** aᵀ b. */
export function dot(a: Vector, b: Vector): Scalar {
  if (a.length === 1) return mul(a[0], b[0])
  let sum = twoProducts(a[0], b[0], 1, a[1], b[1])
  for (let i = 2; i < a.length; i++) sum = add(sum, mul(a[i], b[i]))
  return sum
}

/** a × b in space. */
export function cross(a: Vector, b: Vector): Scalar[] {
  return [
    twoProducts(a[1], b[2], -1, a[2], b[1]),
    twoProducts(a[2], b[0], -1, a[0], b[2]),
    twoProducts(a[0], b[1], -1, a[1], b[0]),
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

/** R(q) p for a unit quaternion q: p + w c + v × c with c = 2 v × p. */
export function rotate(q: Vector, p: Vector): Scalar[] {
  const c = scaled(cross(q, p), 2)
  return plus(plus(p, scaled(c, q[3])), cross(q, c))
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
  return [
    add(twoProducts(p[3], q[0], 1, p[0], q[3]), twoProducts(p[1], q[2], -1, p[2], q[1])),
    add(twoProducts(p[3], q[1], 1, p[1], q[3]), twoProducts(p[2], q[0], -1, p[0], q[2])),
    add(twoProducts(p[3], q[2], 1, p[2], q[3]), twoProducts(p[0], q[1], -1, p[1], q[0])),
    sub(twoProducts(p[3], q[3], -1, p[0], q[0]), twoProducts(p[1], q[1], 1, p[2], q[2])),
  ]
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
  return [twoProducts(c, p[0], -1, s, p[1]), twoProducts(s, p[0], 1, c, p[1])]
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
