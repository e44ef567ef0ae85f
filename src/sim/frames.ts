import { matrixToQuaternion } from '../geometry/index.ts'

const R = new Float64Array(9)

/**
 * Writes the SE3 pose at `position` that looks along `forward` (its x axis) with z as near to `up` as can be. Neither
 * needs unit length; they must not be parallel.
 */
export function writeFrame(
  out: Float64Array,
  at: number,
  position: readonly [number, number, number],
  forward: readonly [number, number, number],
  up: readonly [number, number, number],
): void {
  const [fx, fy, fz] = forward
  const f = Math.hypot(fx, fy, fz)
  // y = up × forward, z = forward × y
  let yx = up[1] * fz - up[2] * fy
  let yy = up[2] * fx - up[0] * fz
  let yz = up[0] * fy - up[1] * fx
  const y = Math.hypot(yx, yy, yz)
  yx /= y
  yy /= y
  yz /= y
  R[0] = fx / f
  R[3] = fy / f
  R[6] = fz / f
  R[1] = yx
  R[4] = yy
  R[7] = yz
  R[2] = R[3] * yz - R[6] * yy
  R[5] = R[6] * yx - R[0] * yz
  R[8] = R[0] * yy - R[3] * yx
  out[at] = position[0]
  out[at + 1] = position[1]
  out[at + 2] = position[2]
  matrixToQuaternion(R, 0, out, at + 3)
}
