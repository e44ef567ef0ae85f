import type { LieGroup } from './manifold.ts'

/** 2π as the double nearest to it and what that leaves: their sum holds 2π to 106 bits. */
const TWO_PI = 2 * Math.PI
const TWO_PI_REST = 2.4492935982947064e-16

/** The same angle in [−π, π]. Angles inside are returned as they are, bit for bit. */
export function wrapAngle(theta: number): number {
  if (theta >= -Math.PI && theta <= Math.PI) return theta
  const turns = Math.round(theta / TWO_PI)
  const wrapped = theta - turns * TWO_PI - turns * TWO_PI_REST
  // The quotient's rounding may have chosen the neighbouring turn for angles next to an odd multiple of π.
  return Math.abs(wrapped) <= Math.PI ? wrapped : Math.sign(wrapped) * Math.PI
}

/** Rotations of the plane, stored as the angle [θ] in radians, in [−π, π]. Acts on points of the plane. */
export const SO2: LieGroup = {
  name: 'SO2',
  ambient: 1,
  dim: 1,
  pointDim: 2,
  identity(out, outAt) {
    out[outAt] = 0
  },
  exp(xi, xiAt, out, outAt) {
    out[outAt] = wrapAngle(xi[xiAt])
  },
  log(x, xAt, out, outAt) {
    out[outAt] = wrapAngle(x[xAt])
  },
  compose(a, aAt, b, bAt, out, outAt) {
    out[outAt] = wrapAngle(a[aAt] + b[bAt])
  },
  inverse(a, aAt, out, outAt) {
    out[outAt] = -a[aAt]
  },
  retract(x, xAt, delta, deltaAt, out, outAt) {
    out[outAt] = wrapAngle(x[xAt] + delta[deltaAt])
  },
  local(x, xAt, y, yAt, out, outAt) {
    out[outAt] = wrapAngle(y[yAt] - x[xAt])
  },
  retractJacobian(_x, _xAt, out, outAt) {
    out[outAt] = 1
  },
  normalize(x, xAt) {
    x[xAt] = wrapAngle(x[xAt])
  },
  adjoint: one,
  leftJacobian: one,
  rightJacobian: one,
  leftJacobianInverse: one,
  rightJacobianInverse: one,
  act(a, aAt, p, pAt, out, outAt) {
    const cos = Math.cos(a[aAt])
    const sin = Math.sin(a[aAt])
    const px = p[pAt]
    const py = p[pAt + 1]
    out[outAt] = cos * px - sin * py
    out[outAt + 1] = sin * px + cos * py
  },
}

/** The group commutes: adjoint and Jacobians are all 1. */
function one(_: Float64Array, _at: number, out: Float64Array, outAt: number): void {
  out[outAt] = 1
}
