/**
 * What factors between a pose (SE3, worldFromBody) and a point share: b = Rᵀ (p − t), the point in the body frame, with
 * d b / d δ = [−I, [b]×] and d b / d p = Rᵀ (docs/maths/factors.md, eq. 4.2).
 */

/** b, as {@link pointInBody} leaves it. */
export const body: Float64Array = new Float64Array(3)
/** Rᵀ, row-major, as {@link pointInBody} leaves it. */
export const bodyFromWorld: Float64Array = new Float64Array(9)

/** Leaves b in `body` and Rᵀ in `bodyFromWorld`. */
export function pointInBody(x: Float64Array, pose: number, p: number): void {
  const A = bodyFromWorld
  const qx = -x[pose + 3]
  const qy = -x[pose + 4]
  const qz = -x[pose + 5]
  const qw = x[pose + 6]
  const dx = x[p] - x[pose]
  const dy = x[p + 1] - x[pose + 1]
  const dz = x[p + 2] - x[pose + 2]
  A[0] = 1 - 2 * (qy * qy + qz * qz)
  A[1] = 2 * (qx * qy - qz * qw)
  A[2] = 2 * (qx * qz + qy * qw)
  A[3] = 2 * (qx * qy + qz * qw)
  A[4] = 1 - 2 * (qx * qx + qz * qz)
  A[5] = 2 * (qy * qz - qx * qw)
  A[6] = 2 * (qx * qz - qy * qw)
  A[7] = 2 * (qy * qz + qx * qw)
  A[8] = 1 - 2 * (qx * qx + qy * qy)
  body[0] = A[0] * dx + A[1] * dy + A[2] * dz
  body[1] = A[3] * dx + A[4] * dy + A[5] * dz
  body[2] = A[6] * dx + A[7] * dy + A[8] * dz
}

/**
 * Given G = d e / d b (rows × 3 at GAt), writes G · d b / d δ (rows × 6 at poseAt) and G · d b / d p (rows × 3 at pointAt).
 * The pose block has `stride` numbers a row; G must not overlap them.
 */
export function chainPoseAndPoint(
  G: Float64Array,
  GAt: number,
  rows: number,
  J: Float64Array,
  poseAt: number,
  stride: number,
  pointAt: number,
): void {
  const A = bodyFromWorld
  const bx = body[0]
  const by = body[1]
  const bz = body[2]
  for (let i = 0; i < rows; i++) {
    const gx = G[GAt + 3 * i]
    const gy = G[GAt + 3 * i + 1]
    const gz = G[GAt + 3 * i + 2]
    const row = poseAt + i * stride
    J[row] = -gx
    J[row + 1] = -gy
    J[row + 2] = -gz
    J[row + 3] = gy * bz - gz * by
    J[row + 4] = gz * bx - gx * bz
    J[row + 5] = gx * by - gy * bx
    const column = pointAt + 3 * i
    J[column] = gx * A[0] + gy * A[3] + gz * A[6]
    J[column + 1] = gx * A[1] + gy * A[4] + gz * A[7]
    J[column + 2] = gx * A[2] + gy * A[5] + gz * A[8]
  }
}
