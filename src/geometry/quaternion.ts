/**
 * Quaternions: Hamilton, stored (x, y, z, w), on runs of Float64Arrays. Outputs may be the same run as inputs.
 */

/** out = a ⊗ b. Unit when both are, up to rounding. */
export function quaternionMultiply(
  a: Float64Array,
  aAt: number,
  b: Float64Array,
  bAt: number,
  out: Float64Array,
  outAt: number,
): void {
  const ax = a[aAt]
  const ay = a[aAt + 1]
  const az = a[aAt + 2]
  const aw = a[aAt + 3]
  const bx = b[bAt]
  const by = b[bAt + 1]
  const bz = b[bAt + 2]
  const bw = b[bAt + 3]
  out[outAt] = aw * bx + ax * bw + ay * bz - az * by
  out[outAt + 1] = aw * by + ay * bw + az * bx - ax * bz
  out[outAt + 2] = aw * bz + az * bw + ax * by - ay * bx
  out[outAt + 3] = aw * bw - ax * bx - ay * by - az * bz
}

/** out = a⁻¹ ⊗ b, for unit a: the rotation from b's frame to a's. */
export function quaternionBetween(
  a: Float64Array,
  aAt: number,
  b: Float64Array,
  bAt: number,
  out: Float64Array,
  outAt: number,
): void {
  const ax = a[aAt]
  const ay = a[aAt + 1]
  const az = a[aAt + 2]
  const aw = a[aAt + 3]
  const bx = b[bAt]
  const by = b[bAt + 1]
  const bz = b[bAt + 2]
  const bw = b[bAt + 3]
  out[outAt] = aw * bx - ax * bw - ay * bz + az * by
  out[outAt + 1] = aw * by - ay * bw - az * bx + ax * bz
  out[outAt + 2] = aw * bz - az * bw - ax * by + ay * bx
  out[outAt + 3] = aw * bw + ax * bx + ay * by + az * bz
}

/** out = q⁻¹ of a unit quaternion: its conjugate. */
export function quaternionConjugate(q: Float64Array, qAt: number, out: Float64Array, outAt: number): void {
  out[outAt] = -q[qAt]
  out[outAt + 1] = -q[qAt + 1]
  out[outAt + 2] = -q[qAt + 2]
  out[outAt + 3] = q[qAt + 3]
}

/**
 * q ← q / |q|. A quaternion of unit length to rounding is left as it is, so that reading and writing loses nothing and
 * normalizing twice changes nothing. The zero quaternion names no rotation and becomes NaN.
 */
export function quaternionNormalize(q: Float64Array, at: number): void {
  const x = q[at]
  const y = q[at + 1]
  const z = q[at + 2]
  const w = q[at + 3]
  const squared = x * x + y * y + z * z + w * w
  if (Math.abs(squared - 1) <= UNIT) return
  const norm = squared > TINY && squared < HUGE ? Math.sqrt(squared) : Math.hypot(x, y, z, w)
  q[at] = x / norm
  q[at + 1] = y / norm
  q[at + 2] = z / norm
  q[at + 3] = w / norm
}

/** |q|² after dividing by |q|: off 1 by the rounding of four quotients and four squares, below 4 eps. */
const UNIT = 4 * Number.EPSILON
/** Outside this range squares under- or overflow. */
const TINY = 1e-290
const HUGE = 1e290

/**
 * One Newton step on |q|² = 1, q ← q (3 − |q|²)/2: takes a quaternion that is unit up to ε back to unit up to ε². Done
 * after each product, it keeps long chains on the sphere for four multiplications and no root.
 */
export function quaternionTighten(q: Float64Array, at: number): void {
  const x = q[at]
  const y = q[at + 1]
  const z = q[at + 2]
  const w = q[at + 3]
  const factor = (3 - (x * x + y * y + z * z + w * w)) / 2
  q[at] = x * factor
  q[at + 1] = y * factor
  q[at + 2] = z * factor
  q[at + 3] = w * factor
}

/** out = R(q) p: a point or vector rotated. p + 2w (v × p) + 2 v × (v × p), with q = (v, w). */
export function rotate(
  q: Float64Array,
  qAt: number,
  p: Float64Array,
  pAt: number,
  out: Float64Array,
  outAt: number,
): void {
  const x = q[qAt]
  const y = q[qAt + 1]
  const z = q[qAt + 2]
  const w = q[qAt + 3]
  const px = p[pAt]
  const py = p[pAt + 1]
  const pz = p[pAt + 2]
  const cx = 2 * (y * pz - z * py)
  const cy = 2 * (z * px - x * pz)
  const cz = 2 * (x * py - y * px)
  out[outAt] = px + w * cx + y * cz - z * cy
  out[outAt + 1] = py + w * cy + z * cx - x * cz
  out[outAt + 2] = pz + w * cz + x * cy - y * cx
}

/** out = R(q)ᵀ p: rotated back. */
export function rotateBack(
  q: Float64Array,
  qAt: number,
  p: Float64Array,
  pAt: number,
  out: Float64Array,
  outAt: number,
): void {
  const x = q[qAt]
  const y = q[qAt + 1]
  const z = q[qAt + 2]
  const w = q[qAt + 3]
  const px = p[pAt]
  const py = p[pAt + 1]
  const pz = p[pAt + 2]
  const cx = 2 * (y * pz - z * py)
  const cy = 2 * (z * px - x * pz)
  const cz = 2 * (x * py - y * px)
  out[outAt] = px - w * cx + y * cz - z * cy
  out[outAt + 1] = py - w * cy + z * cx - x * cz
  out[outAt + 2] = pz - w * cz + x * cy - y * cx
}

/** out = R(q), 3 × 3 with rows `stride` numbers apart (3 when it stands alone). Not in place. */
export function quaternionToMatrix(q: Float64Array, qAt: number, out: Float64Array, outAt: number, stride = 3): void {
  const x = q[qAt]
  const y = q[qAt + 1]
  const z = q[qAt + 2]
  const w = q[qAt + 3]
  const row1 = outAt + stride
  const row2 = row1 + stride
  out[outAt] = 1 - 2 * (y * y + z * z)
  out[outAt + 1] = 2 * (x * y - w * z)
  out[outAt + 2] = 2 * (x * z + w * y)
  out[row1] = 2 * (x * y + w * z)
  out[row1 + 1] = 1 - 2 * (x * x + z * z)
  out[row1 + 2] = 2 * (y * z - w * x)
  out[row2] = 2 * (x * z - w * y)
  out[row2 + 1] = 2 * (y * z + w * x)
  out[row2 + 2] = 1 - 2 * (x * x + y * y)
}

/**
 * out = the quaternion, w ≥ 0, of a 3 × 3 row-major rotation matrix. Divides by the largest of |x|, |y|, |z|, |w|, which
 * is at least ½, so no rotation is special (S. W. Shepperd, "Quaternion from rotation matrix", J. Guidance and Control
 * 1(3), 1978). A matrix off orthogonality by ε gives a quaternion off by the order of ε, of unit length.
 */
export function matrixToQuaternion(R: Float64Array, RAt: number, out: Float64Array, outAt: number): void {
  const r00 = R[RAt]
  const r01 = R[RAt + 1]
  const r02 = R[RAt + 2]
  const r10 = R[RAt + 3]
  const r11 = R[RAt + 4]
  const r12 = R[RAt + 5]
  const r20 = R[RAt + 6]
  const r21 = R[RAt + 7]
  const r22 = R[RAt + 8]
  const trace = r00 + r11 + r22
  let x: number
  let y: number
  let z: number
  let w: number
  // Each branch holds 4·(largest component)·(x, y, z, w); the length is divided out at the end.
  if (trace >= r00 && trace >= r11 && trace >= r22) {
    x = r21 - r12
    y = r02 - r20
    z = r10 - r01
    w = 1 + trace
  } else if (r00 >= r11 && r00 >= r22) {
    x = 1 + r00 - r11 - r22
    y = r01 + r10
    z = r02 + r20
    w = r21 - r12
  } else if (r11 >= r22) {
    x = r01 + r10
    y = 1 + r11 - r00 - r22
    z = r12 + r21
    w = r02 - r20
  } else {
    x = r02 + r20
    y = r12 + r21
    z = 1 + r22 - r00 - r11
    w = r10 - r01
  }
  const norm = Math.sqrt(x * x + y * y + z * z + w * w)
  const scale = w < 0 ? -1 / norm : 1 / norm
  out[outAt] = x * scale
  out[outAt + 1] = y * scale
  out[outAt + 2] = z * scale
  out[outAt + 3] = w * scale
}

/** out = ∂(q ⊗ Exp(δ))/∂δ at 0, 4 × 3 with rows `stride` numbers apart: half the vector columns of q's left product. */
export function quaternionRetractJacobian(
  q: Float64Array,
  qAt: number,
  out: Float64Array,
  outAt: number,
  stride = 3,
): void {
  const x = q[qAt] / 2
  const y = q[qAt + 1] / 2
  const z = q[qAt + 2] / 2
  const w = q[qAt + 3] / 2
  const row1 = outAt + stride
  const row2 = row1 + stride
  const row3 = row2 + stride
  out[outAt] = w
  out[outAt + 1] = -z
  out[outAt + 2] = y
  out[row1] = z
  out[row1 + 1] = w
  out[row1 + 2] = -x
  out[row2] = -y
  out[row2 + 1] = x
  out[row2 + 2] = w
  out[row3] = -x
  out[row3 + 1] = -y
  out[row3 + 2] = -z
}
