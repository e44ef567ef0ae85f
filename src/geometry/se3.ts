import type { LieGroup } from './manifold.ts'
import {
  quaternionBetween,
  quaternionMultiply,
  quaternionNormalize,
  quaternionRetractJacobian,
  quaternionTighten,
  quaternionToMatrix,
  rotate,
  rotateBack,
} from './quaternion.ts'
import { coefficients, inverseJacobianCoefficient, rotationCoefficients } from './rotation-coefficients.ts'
import { so3Exp, so3Jacobian, so3JacobianInverse, so3Log } from './so3.ts'

const step = new Float64Array(7)
const point = new Float64Array(3)
const signed = new Float64Array(6)
const block = new Float64Array(9)

/** out = ρ + b φ × ρ + c φ × (φ × ρ): a polynomial in φ× applied to a vector. `out` may be ρ, not φ. */
function applyPolynomial(
  phi: Float64Array,
  phiAt: number,
  b: number,
  c: number,
  rho: Float64Array,
  rhoAt: number,
  out: Float64Array,
  outAt: number,
): void {
  const x = phi[phiAt]
  const y = phi[phiAt + 1]
  const z = phi[phiAt + 2]
  const rx = rho[rhoAt]
  const ry = rho[rhoAt + 1]
  const rz = rho[rhoAt + 2]
  const ux = y * rz - z * ry
  const uy = z * rx - x * rz
  const uz = x * ry - y * rx
  out[outAt] = rx + b * ux + c * (y * uz - z * uy)
  out[outAt + 1] = ry + b * uy + c * (z * ux - x * uz)
  out[outAt + 2] = rz + b * uz + c * (x * uy - y * ux)
}

/**
 * Rigid motions of space, stored [tx, ty, tz, qx, qy, qz, qw]; tangent (ρ, φ). Acts as R(q) p + t.
 * Exp: t = J_l(φ) ρ, q = Exp(φ) (G10).
 */
export const SE3: LieGroup = {
  name: 'SE3',
  ambient: 7,
  dim: 6,
  pointDim: 3,
  identity(out, outAt) {
    out.fill(0, outAt, outAt + 6)
    out[outAt + 6] = 1
  },
  exp(xi, xiAt, out, outAt) {
    rotationCoefficients(xi, xiAt + 3)
    applyPolynomial(xi, xiAt + 3, coefficients[2], coefficients[3], xi, xiAt, point, 0)
    so3Exp(xi, xiAt + 3, out, outAt + 3)
    out[outAt] = point[0]
    out[outAt + 1] = point[1]
    out[outAt + 2] = point[2]
  },
  log(x, xAt, out, outAt) {
    so3Log(x, xAt + 3, step, 3)
    const px = step[3]
    const py = step[4]
    const pz = step[5]
    rotationCoefficients(step, 3)
    applyPolynomial(step, 3, -0.5, inverseJacobianCoefficient(), x, xAt, out, outAt)
    out[outAt + 3] = px
    out[outAt + 4] = py
    out[outAt + 5] = pz
  },
  compose(a, aAt, b, bAt, out, outAt) {
    rotate(a, aAt + 3, b, bAt, point, 0)
    const x = a[aAt] + point[0]
    const y = a[aAt + 1] + point[1]
    const z = a[aAt + 2] + point[2]
    quaternionMultiply(a, aAt + 3, b, bAt + 3, out, outAt + 3)
    quaternionTighten(out, outAt + 3)
    out[outAt] = x
    out[outAt + 1] = y
    out[outAt + 2] = z
  },
  inverse(a, aAt, out, outAt) {
    rotateBack(a, aAt + 3, a, aAt, out, outAt)
    out[outAt] = -out[outAt]
    out[outAt + 1] = -out[outAt + 1]
    out[outAt + 2] = -out[outAt + 2]
    out[outAt + 3] = -a[aAt + 3]
    out[outAt + 4] = -a[aAt + 4]
    out[outAt + 5] = -a[aAt + 5]
    out[outAt + 6] = a[aAt + 6]
  },
  retract(x, xAt, delta, deltaAt, out, outAt) {
    SE3.exp(delta, deltaAt, step, 0)
    SE3.compose(x, xAt, step, 0, out, outAt)
  },
  local(x, xAt, y, yAt, out, outAt) {
    step[0] = y[yAt] - x[xAt]
    step[1] = y[yAt + 1] - x[xAt + 1]
    step[2] = y[yAt + 2] - x[xAt + 2]
    rotateBack(x, xAt + 3, step, 0, point, 0)
    quaternionBetween(x, xAt + 3, y, yAt + 3, step, 3)
    so3Log(step, 3, step, 3)
    const px = step[3]
    const py = step[4]
    const pz = step[5]
    rotationCoefficients(step, 3)
    applyPolynomial(step, 3, -0.5, inverseJacobianCoefficient(), point, 0, out, outAt)
    out[outAt + 3] = px
    out[outAt + 4] = py
    out[outAt + 5] = pz
  },
  /** x ⊞ δ = (t + R J_l(δφ) δρ, q ⊗ Exp(δφ)): R over the quaternion's 4 × 3. */
  retractJacobian(x, xAt, out, outAt) {
    out.fill(0, outAt, outAt + 42)
    quaternionToMatrix(x, xAt + 3, out, outAt, 6)
    quaternionRetractJacobian(x, xAt + 3, out, outAt + 21, 6)
  },
  normalize(x, xAt) {
    quaternionNormalize(x, xAt + 3)
  },
  /** Ad = [R, t× R; 0, R]. */
  adjoint(a, aAt, out, outAt) {
    const x = a[aAt]
    const y = a[aAt + 1]
    const z = a[aAt + 2]
    quaternionToMatrix(a, aAt + 3, block, 0)
    for (let j = 0; j < 3; j++) {
      const r0 = block[j]
      const r1 = block[3 + j]
      const r2 = block[6 + j]
      out[outAt + j] = r0
      out[outAt + 6 + j] = r1
      out[outAt + 12 + j] = r2
      out[outAt + 3 + j] = y * r2 - z * r1
      out[outAt + 9 + j] = z * r0 - x * r2
      out[outAt + 15 + j] = x * r1 - y * r0
    }
    finishLower(out, outAt)
  },
  leftJacobian(xi, xiAt, out, outAt) {
    jacobian(xi, xiAt, 1, out, outAt)
  },
  rightJacobian(xi, xiAt, out, outAt) {
    jacobian(xi, xiAt, -1, out, outAt)
  },
  leftJacobianInverse(xi, xiAt, out, outAt) {
    jacobianInverse(xi, xiAt, 1, out, outAt)
  },
  rightJacobianInverse(xi, xiAt, out, outAt) {
    jacobianInverse(xi, xiAt, -1, out, outAt)
  },
  act(a, aAt, p, pAt, out, outAt) {
    rotate(a, aAt + 3, p, pAt, point, 0)
    out[outAt] = a[aAt] + point[0]
    out[outAt + 1] = a[aAt + 1] + point[1]
    out[outAt + 2] = a[aAt + 2] + point[2]
  },
}

/**
 * out = Q(ρ, φ), the upper right block of SE3's left Jacobian, 3 × 3 with rows `stride` apart: T. Barfoot, "State
 * Estimation for Robotics" (2017), equation 7.86. With s = φ·ρ and the identities φ×ρ×φ× = −s φ× and
 * φ×²ρ× + ρ×φ×² = −(θ²ρ + sφ)× its nine products of matrices become (G11a)
 *
 *   Q = (C₂ρ + s(2C₄ − C₃)φ)× + C₃(ρφᵀ + φρᵀ − 2sI) − s(C₄ − 3C₅)(φφᵀ − θ²I).
 *
 * `xi` holds (ρ, φ). Leaves the coefficients of φ for the caller.
 */
export function se3Q(xi: Float64Array, xiAt: number, out: Float64Array, outAt: number, stride = 3): void {
  const rx = xi[xiAt]
  const ry = xi[xiAt + 1]
  const rz = xi[xiAt + 2]
  const x = xi[xiAt + 3]
  const y = xi[xiAt + 4]
  const z = xi[xiAt + 5]
  const squared = x * x + y * y + z * z
  rotationCoefficients(xi, xiAt + 3)
  const c2 = coefficients[2]
  const c3 = coefficients[3]
  const s = x * rx + y * ry + z * rz
  const e = s * (2 * coefficients[4] - c3)
  const f = s * (coefficients[4] - 3 * coefficients[5])
  const vx = c2 * rx + e * x
  const vy = c2 * ry + e * y
  const vz = c2 * rz + e * z
  const diagonal = f * squared - 2 * c3 * s
  const xy = c3 * (rx * y + x * ry) - f * x * y
  const xz = c3 * (rx * z + x * rz) - f * x * z
  const yz = c3 * (ry * z + y * rz) - f * y * z
  const row1 = outAt + stride
  const row2 = row1 + stride
  out[outAt] = diagonal + 2 * c3 * rx * x - f * x * x
  out[outAt + 1] = xy - vz
  out[outAt + 2] = xz + vy
  out[row1] = xy + vz
  out[row1 + 1] = diagonal + 2 * c3 * ry * y - f * y * y
  out[row1 + 2] = yz - vx
  out[row2] = xz - vy
  out[row2 + 1] = yz + vx
  out[row2 + 2] = diagonal + 2 * c3 * rz * z - f * z * z
}

/** J_l = [J, Q; 0, J], J = J_l(φ) (G11); J_r(ξ) = J_l(−ξ). */
function jacobian(xi: Float64Array, xiAt: number, sign: 1 | -1, out: Float64Array, outAt: number): void {
  for (let i = 0; i < 6; i++) signed[i] = sign * xi[xiAt + i]
  so3Jacobian(signed, 3, 1, out, outAt, 6)
  se3Q(signed, 0, out, outAt + 3, 6)
  finishLower(out, outAt)
}

/** J_l⁻¹ = [J⁻¹, −J⁻¹ Q J⁻¹; 0, J⁻¹]. */
function jacobianInverse(xi: Float64Array, xiAt: number, sign: 1 | -1, out: Float64Array, outAt: number): void {
  for (let i = 0; i < 6; i++) signed[i] = sign * xi[xiAt + i]
  so3JacobianInverse(signed, 3, 1, out, outAt, 6)
  se3Q(signed, 0, block, 0)
  // Q J⁻¹, row by row in place; then −J⁻¹ (Q J⁻¹) into the upper right
  for (let i = 0; i < 9; i += 3) {
    const q0 = block[i]
    const q1 = block[i + 1]
    const q2 = block[i + 2]
    for (let j = 0; j < 3; j++) block[i + j] = q0 * out[outAt + j] + q1 * out[outAt + 6 + j] + q2 * out[outAt + 12 + j]
  }
  for (let row = outAt; row < outAt + 18; row += 6)
    for (let j = 0; j < 3; j++)
      out[row + 3 + j] = -(out[row] * block[j] + out[row + 1] * block[3 + j] + out[row + 2] * block[6 + j])
  finishLower(out, outAt)
}

/** The lower half of [A, B; 0, A]: zero, and A again. */
function finishLower(out: Float64Array, outAt: number): void {
  for (let row = outAt; row < outAt + 18; row += 6)
    for (let j = 0; j < 3; j++) {
      out[row + 18 + j] = 0
      out[row + 21 + j] = out[row + j]
    }
}
