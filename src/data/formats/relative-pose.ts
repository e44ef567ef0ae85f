import { quaternionMultiply, quaternionNormalize, quaternionToMatrix } from '../../geometry/index.ts'
import { congruence } from './information-matrix.ts'

/**
 * Relative poses as TORO and iSAM write them: coordinates (x, y, θ) or (x, y, z, roll, pitch, yaw), R = Rz(yaw) Ry(pitch)
 * Rx(roll), and an information matrix of the error c(Xi⁻¹ Xj) − c(Z) in these coordinates c, in the frame of i
 * (G. Grisetti et al., "A tree parameterization for efficiently computing maximum likelihood maps using gradient
 * descent", RSS 2007, section II; M. Kaess et al., "iSAM", T-RO 2008, section II). Homeward's factor measures e of
 * Z⁻¹ Xi⁻¹ Xj, in the frame of Z. These differ by a linear map, c − c(Z) = D e, so Ω_e = Dᵀ Ω_c D: exactly in the plane,
 * to first order in space.
 */

const D = new Float64Array(36)
const axis = new Float64Array(8)

/** out = the information of g2o's error in the plane: D = [R(θz), 0; 0, 1]. */
export function planarInformation(omega: ArrayLike<number>, z: Float64Array, out: Float64Array): void {
  const unturned = omega[0] === omega[3] && omega[1] === 0 && omega[2] === 0 && omega[4] === 0
  if (unturned) {
    out.set(omega)
    return
  }
  const c = Math.cos(z[2])
  const s = Math.sin(z[2])
  D.fill(0)
  D[0] = c
  D[1] = -s
  D[3] = s
  D[4] = c
  D[8] = 1
  congruence(omega, D, 3, out)
}

/**
 * out = the information of g2o's error (t, vec q) in space, at the measurement z (t, q) with angles (roll φ, pitch θ, yaw).
 * t turns with R(z). A body rotation δ = 2 vec q changes the angles by E⁻¹ δ, E⁻¹ = [1, sφ tθ, cφ tθ; 0, cφ, −sφ; 0, sφ/cθ,
 * cφ/cθ] (J. Diebel, "Representing attitude", 2006, eq. 68 and 79). Returns false where pitch is ±90° and E⁻¹ does not
 * exist; then out belongs to E = I.
 */
export function spatialInformation(
  omega: ArrayLike<number>,
  z: Float64Array,
  roll: number,
  pitch: number,
  out: Float64Array,
): boolean {
  const s = Math.sin(roll)
  const c = Math.cos(roll)
  const cosPitch = Math.cos(pitch)
  const regular = Math.abs(cosPitch) > 1e-6
  const tan = regular ? Math.tan(pitch) : 0
  D.fill(0)
  quaternionToMatrix(z, 3, D, 0, 6)
  const E = regular ? [1, s * tan, c * tan, 0, c, -s, 0, s / cosPitch, c / cosPitch] : [1, 0, 0, 0, 1, 0, 0, 0, 1]
  for (let i = 0; i < 3; i++) for (let j = 0; j < 3; j++) D[(3 + i) * 6 + 3 + j] = 2 * E[3 * i + j]
  congruence(omega, D, 6, out)
  return regular
}

/** out = (t, q) from (x, y, z, roll, pitch, yaw). */
export function poseFromAngles(c: ArrayLike<number>, out: Float64Array): void {
  out[0] = c[0]
  out[1] = c[1]
  out[2] = c[2]
  half(2, c[5], 0)
  half(1, c[4], 4)
  quaternionMultiply(axis, 0, axis, 4, out, 3)
  half(0, c[3], 4)
  quaternionMultiply(out, 3, axis, 4, out, 3)
  quaternionNormalize(out, 3)
}

/** axis[at …] = the quaternion of a turn about one coordinate axis. */
function half(k: number, angle: number, at: number): void {
  axis.fill(0, at, at + 3)
  axis[at + k] = Math.sin(angle / 2)
  axis[at + 3] = Math.cos(angle / 2)
}
