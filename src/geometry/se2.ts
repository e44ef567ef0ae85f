import type { LieGroup } from './manifold.ts'
import { coefficients, rotationCoefficients } from './rotation-coefficients.ts'
import { wrapAngle } from './so2.ts'

const step = new Float64Array(3)
const angle = new Float64Array(1)

/**
 * Rigid motions of the plane, stored [x, y, θ] with θ in [−π, π]; tangent (ρx, ρy, θ). Acts as R(θ) p + t.
 * Exp: t = V(θ) ρ with V = [C₁, −θC₂; θC₂, C₁] (G8).
 */
export const SE2: LieGroup = {
  name: 'SE2',
  ambient: 3,
  dim: 3,
  pointDim: 2,
  identity(out, outAt) {
    out[outAt] = 0
    out[outAt + 1] = 0
    out[outAt + 2] = 0
  },
  exp(xi, xiAt, out, outAt) {
    const x = xi[xiAt]
    const y = xi[xiAt + 1]
    const theta = xi[xiAt + 2]
    rotationCoefficients(xi, xiAt + 2, 1)
    const a = coefficients[1] // sin θ / θ
    const b = theta * coefficients[2] // (1 − cos θ) / θ
    out[outAt] = a * x - b * y
    out[outAt + 1] = b * x + a * y
    out[outAt + 2] = wrapAngle(theta)
  },
  log(x, xAt, out, outAt) {
    const tx = x[xAt]
    const ty = x[xAt + 1]
    const theta = wrapAngle(x[xAt + 2])
    const half = theta / 2
    angle[0] = theta
    rotationCoefficients(angle, 0, 1)
    const a = coefficients[1] / (2 * coefficients[2]) // ½θ cot ½θ: V⁻¹ = [a, θ/2; −θ/2, a]
    out[outAt] = a * tx + half * ty
    out[outAt + 1] = a * ty - half * tx
    out[outAt + 2] = theta
  },
  compose(a, aAt, b, bAt, out, outAt) {
    const theta = a[aAt + 2]
    const cos = Math.cos(theta)
    const sin = Math.sin(theta)
    const bx = b[bAt]
    const by = b[bAt + 1]
    const turned = wrapAngle(theta + b[bAt + 2])
    const ax = a[aAt]
    const ay = a[aAt + 1]
    out[outAt] = ax + cos * bx - sin * by
    out[outAt + 1] = ay + sin * bx + cos * by
    out[outAt + 2] = turned
  },
  inverse(a, aAt, out, outAt) {
    const theta = a[aAt + 2]
    const cos = Math.cos(theta)
    const sin = Math.sin(theta)
    const ax = a[aAt]
    const ay = a[aAt + 1]
    out[outAt] = -(cos * ax + sin * ay)
    out[outAt + 1] = sin * ax - cos * ay
    out[outAt + 2] = -theta
  },
  retract(x, xAt, delta, deltaAt, out, outAt) {
    SE2.exp(delta, deltaAt, step, 0)
    SE2.compose(x, xAt, step, 0, out, outAt)
  },
  local(x, xAt, y, yAt, out, outAt) {
    const theta = x[xAt + 2]
    const cos = Math.cos(theta)
    const sin = Math.sin(theta)
    const dx = y[yAt] - x[xAt]
    const dy = y[yAt + 1] - x[xAt + 1]
    step[0] = cos * dx + sin * dy
    step[1] = cos * dy - sin * dx
    step[2] = y[yAt + 2] - theta
    SE2.log(step, 0, out, outAt)
  },
  /** x ⊞ δ = (t + R V δρ, θ + δθ): R beside 1. */
  retractJacobian(x, xAt, out, outAt) {
    const cos = Math.cos(x[xAt + 2])
    const sin = Math.sin(x[xAt + 2])
    set3(out, outAt, cos, -sin, 0, sin, cos, 0)
  },
  normalize(x, xAt) {
    x[xAt + 2] = wrapAngle(x[xAt + 2])
  },
  /** Ad = [R, (t_y, −t_x); 0, 1]. */
  adjoint(a, aAt, out, outAt) {
    const ax = a[aAt]
    const ay = a[aAt + 1]
    const cos = Math.cos(a[aAt + 2])
    const sin = Math.sin(a[aAt + 2])
    set3(out, outAt, cos, -sin, ay, sin, cos, -ax)
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
    const cos = Math.cos(a[aAt + 2])
    const sin = Math.sin(a[aAt + 2])
    const px = p[pAt]
    const py = p[pAt + 1]
    const ax = a[aAt]
    const ay = a[aAt + 1]
    out[outAt] = ax + cos * px - sin * py
    out[outAt + 1] = ay + sin * px + cos * py
  },
}

/** J_l = [V, c; 0, 1] with c = (θC₃ρx + C₂ρy, θC₃ρy − C₂ρx) (G9); J_r(ξ) = J_l(−ξ). */
function jacobian(xi: Float64Array, xiAt: number, sign: 1 | -1, out: Float64Array, outAt: number): void {
  const x = sign * xi[xiAt]
  const y = sign * xi[xiAt + 1]
  const theta = sign * xi[xiAt + 2]
  rotationCoefficients(xi, xiAt + 2, 1)
  const a = coefficients[1]
  const c2 = coefficients[2]
  const b = theta * c2
  const e = theta * coefficients[3]
  set3(out, outAt, a, -b, e * x + c2 * y, b, a, e * y - c2 * x)
}

/** J_l⁻¹ = [V⁻¹, −V⁻¹c; 0, 1]. */
function jacobianInverse(xi: Float64Array, xiAt: number, sign: 1 | -1, out: Float64Array, outAt: number): void {
  const x = sign * xi[xiAt]
  const y = sign * xi[xiAt + 1]
  const theta = sign * xi[xiAt + 2]
  rotationCoefficients(xi, xiAt + 2, 1)
  const c2 = coefficients[2]
  const a = coefficients[1] / (2 * c2)
  const half = theta / 2
  const e = theta * coefficients[3]
  const cx = e * x + c2 * y
  const cy = e * y - c2 * x
  set3(out, outAt, a, half, -(a * cx + half * cy), -half, a, half * cx - a * cy)
}

/** Two rows given, the third 0 0 1. */
function set3(
  out: Float64Array,
  at: number,
  m00: number,
  m01: number,
  m02: number,
  m10: number,
  m11: number,
  m12: number,
): void {
  out[at] = m00
  out[at + 1] = m01
  out[at + 2] = m02
  out[at + 3] = m10
  out[at + 4] = m11
  out[at + 5] = m12
  out[at + 6] = 0
  out[at + 7] = 0
  out[at + 8] = 1
}
