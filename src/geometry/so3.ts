import type { LieGroup } from './manifold.ts'
import {
  quaternionBetween,
  quaternionConjugate,
  quaternionMultiply,
  quaternionNormalize,
  quaternionRetractJacobian,
  quaternionTighten,
  quaternionToMatrix,
  rotate,
} from './quaternion.ts'
import { coefficients, inverseJacobianCoefficient, rotationCoefficients } from './rotation-coefficients.ts'

const step = new Float64Array(4)

/** out = the unit quaternion (sin(θ/2) φ/θ, cos(θ/2)) of a rotation vector φ, θ = |φ| (G5). */
export function so3Exp(phi: Float64Array, phiAt: number, out: Float64Array, outAt: number): void {
  const x = phi[phiAt]
  const y = phi[phiAt + 1]
  const z = phi[phiAt + 2]
  const squared = x * x + y * y + z * z
  let scale: number
  let w: number
  if (squared < 1e-7) {
    // sin(θ/2)/θ and cos(θ/2) do not cancel, so the switch is free: the next terms, θ⁶/645120 and θ⁸/…, are below 10⁻²⁶
    scale = 1 / 2 - squared / 48 + (squared * squared) / 3840
    w = 1 - squared / 8 + (squared * squared) / 384
  } else {
    const theta = Math.sqrt(squared)
    scale = Math.sin(theta / 2) / theta
    w = Math.cos(theta / 2)
  }
  out[outAt] = scale * x
  out[outAt + 1] = scale * y
  out[outAt + 2] = scale * z
  out[outAt + 3] = w
}

/**
 * out = the rotation vector, |φ| ≤ π, of a quaternion (v, w): of q and −q the one with w ≥ 0 is meant (G5). At π both ±φ
 * are right and the sign of v decides. The angle is 2 atan2(|v|, w), good to an ulp from 0 to π, of any length of q.
 */
export function so3Log(q: Float64Array, qAt: number, out: Float64Array, outAt: number): void {
  const w = q[qAt + 3]
  logarithm(q, qAt, w < 0 ? -1 : 1, out, outAt)
}

/** As {@link so3Log} without identifying q and −q: |φ| ≤ 2π. At q = −1, where every direction is right, φ = (2π, 0, 0). */
export function quaternionLog(q: Float64Array, qAt: number, out: Float64Array, outAt: number): void {
  logarithm(q, qAt, 1, out, outAt)
}

function logarithm(q: Float64Array, qAt: number, sign: number, out: Float64Array, outAt: number): void {
  const x = sign * q[qAt]
  const y = sign * q[qAt + 1]
  const z = sign * q[qAt + 2]
  const w = sign * q[qAt + 3]
  const squared = x * x + y * y + z * z
  let scale: number
  if (w > 0 && squared < 1e-7 * w * w) {
    // atan(n/w)/n, whose quotient does not cancel either: the next term of the series, (n/w)⁶/7, is below 10⁻²¹
    const t = squared / (w * w)
    scale = (2 - t * (2 / 3 - t * (2 / 5))) / w
  } else {
    const n = Math.sqrt(squared)
    if (n < 1e-150) {
      // q = −1 (or n² lost to underflow around it): the direction is gone, the angle is 2π
      out[outAt] = 2 * Math.PI
      out[outAt + 1] = 0
      out[outAt + 2] = 0
      return
    }
    scale = (2 * Math.atan2(n, w)) / n
  }
  out[outAt] = scale * x
  out[outAt + 1] = scale * y
  out[outAt + 2] = scale * z
}

/**
 * out = J_l(sign·φ) = I + C₂ φ× + C₃ φ×² (G6), 3 × 3 with rows `stride` apart; the sign −1 makes it J_r(φ).
 * Leaves the coefficients of φ for the caller.
 */
export function so3Jacobian(
  phi: Float64Array,
  phiAt: number,
  sign: 1 | -1,
  out: Float64Array,
  outAt: number,
  stride = 3,
): void {
  const x = phi[phiAt]
  const y = phi[phiAt + 1]
  const z = phi[phiAt + 2]
  rotationCoefficients(phi, phiAt)
  polynomial(x, y, z, sign * coefficients[2], coefficients[3], out, outAt, stride)
}

/** out = J_l(sign·φ)⁻¹ = I − ½ φ× + d φ×² (G7), laid out as in {@link so3Jacobian}. */
export function so3JacobianInverse(
  phi: Float64Array,
  phiAt: number,
  sign: 1 | -1,
  out: Float64Array,
  outAt: number,
  stride = 3,
): void {
  const x = phi[phiAt]
  const y = phi[phiAt + 1]
  const z = phi[phiAt + 2]
  rotationCoefficients(phi, phiAt)
  polynomial(x, y, z, -sign / 2, inverseJacobianCoefficient(), out, outAt, stride)
}

/** out = I + b φ× + c φ×², with φ×² = φφᵀ − θ²I written out. */
function polynomial(
  x: number,
  y: number,
  z: number,
  b: number,
  c: number,
  out: Float64Array,
  outAt: number,
  stride: number,
): void {
  const row1 = outAt + stride
  const row2 = row1 + stride
  const cxy = c * x * y
  const cxz = c * x * z
  const cyz = c * y * z
  out[outAt] = 1 - c * (y * y + z * z)
  out[outAt + 1] = cxy - b * z
  out[outAt + 2] = cxz + b * y
  out[row1] = cxy + b * z
  out[row1 + 1] = 1 - c * (x * x + z * z)
  out[row1 + 2] = cyz - b * x
  out[row2] = cxz - b * y
  out[row2 + 1] = cyz + b * x
  out[row2 + 2] = 1 - c * (x * x + y * y)
}

/** The parts that rotations and unit quaternions share: everything but the name, Log and what follows from it. */
const shared = {
  ambient: 4,
  dim: 3,
  pointDim: 3,
  identity(out: Float64Array, outAt: number): void {
    out[outAt] = 0
    out[outAt + 1] = 0
    out[outAt + 2] = 0
    out[outAt + 3] = 1
  },
  exp: so3Exp,
  compose(a: Float64Array, aAt: number, b: Float64Array, bAt: number, out: Float64Array, outAt: number): void {
    quaternionMultiply(a, aAt, b, bAt, out, outAt)
    quaternionTighten(out, outAt)
  },
  inverse: quaternionConjugate,
  retract(x: Float64Array, xAt: number, delta: Float64Array, deltaAt: number, out: Float64Array, outAt: number): void {
    so3Exp(delta, deltaAt, step, 0)
    quaternionMultiply(x, xAt, step, 0, out, outAt)
    quaternionTighten(out, outAt)
  },
  retractJacobian(x: Float64Array, xAt: number, out: Float64Array, outAt: number): void {
    quaternionRetractJacobian(x, xAt, out, outAt)
  },
  normalize: quaternionNormalize,
  adjoint(a: Float64Array, aAt: number, out: Float64Array, outAt: number): void {
    quaternionToMatrix(a, aAt, out, outAt)
  },
  leftJacobian(xi: Float64Array, xiAt: number, out: Float64Array, outAt: number): void {
    so3Jacobian(xi, xiAt, 1, out, outAt)
  },
  rightJacobian(xi: Float64Array, xiAt: number, out: Float64Array, outAt: number): void {
    so3Jacobian(xi, xiAt, -1, out, outAt)
  },
  leftJacobianInverse(xi: Float64Array, xiAt: number, out: Float64Array, outAt: number): void {
    so3JacobianInverse(xi, xiAt, 1, out, outAt)
  },
  rightJacobianInverse(xi: Float64Array, xiAt: number, out: Float64Array, outAt: number): void {
    so3JacobianInverse(xi, xiAt, -1, out, outAt)
  },
  act: rotate,
} as const

/**
 * Rotations of space, stored as a unit quaternion [x, y, z, w]; q and −q are the same rotation and both are accepted.
 * Tangent: the rotation vector. |Log| ≤ π.
 */
export const SO3: LieGroup = {
  ...shared,
  name: 'SO3',
  log: so3Log,
  local(x, xAt, y, yAt, out, outAt) {
    quaternionBetween(x, xAt, y, yAt, step, 0)
    so3Log(step, 0, out, outAt)
  },
}

/**
 * Unit quaternions themselves, the sphere S³: as SO3 in everything but that q and −q are two elements, 2π apart. Tangent:
 * the rotation vector, twice the angle on the sphere; |Log| ≤ 2π. Acts on points by the rotation it stands for.
 */
export const UnitQuaternion: LieGroup = {
  ...shared,
  name: 'UnitQuaternion',
  log: quaternionLog,
  local(x, xAt, y, yAt, out, outAt) {
    quaternionBetween(x, xAt, y, yAt, step, 0)
    quaternionLog(step, 0, out, outAt)
  },
}
