import { euclidean, SE2, SE3 } from '../../geometry/index.ts'
import type { FactorType } from '../factor.ts'
import { landmarkPropagation, mountedLandmarkPropagation } from './propagation.ts'

/**
 * A landmark seen from a pose in the plane, over [SE2 worldFromBody, R2 point in world]: r = R(θ)ᵀ (p − t) − z with
 * data = z, the point as measured in the body frame, in metres. g2o's EDGE_SE2_XY. (docs/maths/factors.md, eq. 4.1)
 */
export const landmark2: FactorType = {
  name: 'landmark(SE2,R2)',
  variables: [SE2, euclidean(2)],
  residualDim: 2,
  dataSize: 2,
  gauge: 'rigid',
  propagate: landmarkPropagation(SE2),
  evaluate(x, at, atAt, z, zAt, r, rAt, J, JAt) {
    const i = at[atAt]!
    const p = at[atAt + 1]!
    const c = Math.cos(x[i + 2]!)
    const s = Math.sin(x[i + 2]!)
    const dx = x[p]! - x[i]!
    const dy = x[p + 1]! - x[i + 1]!
    const bx = c * dx + s * dy
    const by = c * dy - s * dx
    r[rAt] = bx - z[zAt]!
    r[rAt + 1] = by - z[zAt + 1]!
    if (J === null) return
    // d b / d δ = [−I, (by, −bx)], d b / d p = Rᵀ
    J[JAt] = -1
    J[JAt + 1] = 0
    J[JAt + 2] = by
    J[JAt + 3] = 0
    J[JAt + 4] = -1
    J[JAt + 5] = -bx
    J[JAt + 6] = c
    J[JAt + 7] = s
    J[JAt + 8] = -s
    J[JAt + 9] = c
  },
}

/**
 * A landmark seen from a pose in space, over [SE3 worldFromBody, R3 point in world]: r = Rᵀ (p − t) − z with data = z, the
 * point as measured in the body frame. g2o's EDGE_SE3_XYZ without a sensor offset. (eq. 4.2)
 */
export const landmark3: FactorType = {
  name: 'landmark(SE3,R3)',
  variables: [SE3, euclidean(3)],
  residualDim: 3,
  dataSize: 3,
  gauge: 'rigid',
  propagate: landmarkPropagation(SE3),
  evaluate(x, at, atAt, z, zAt, r, rAt, J, JAt) {
    pointInBody(x, at[atAt]!, at[atAt + 1]!)
    for (let k = 0; k < 3; k++) r[rAt + k] = body[k]! - z[zAt + k]!
    if (J === null) return
    poseAndPointJacobian(J, JAt)
  },
}

/**
 * {@link landmark3} through a sensor mounted on the body: data = z (3 numbers, in the sensor frame), then bodyFromSensor
 * as SE3 stores it (7 numbers). r = (worldFromBody · bodyFromSensor)⁻¹ p − z. g2o's EDGE_SE3_TRACKXYZ. (eq. 4.3)
 */
export const landmark3WithOffset: FactorType = {
  name: 'landmark(SE3,R3,offset)',
  variables: [SE3, euclidean(3)],
  residualDim: 3,
  dataSize: 10,
  gauge: 'rigid',
  propagate: mountedLandmarkPropagation(SE3),
  evaluate(x, at, atAt, z, zAt, r, rAt, J, JAt) {
    pointInBody(x, at[atAt]!, at[atAt + 1]!)
    SE3.inverse(z, zAt + 3, sensorFromBody, 0)
    SE3.act(sensorFromBody, 0, body, 0, point, 0)
    for (let k = 0; k < 3; k++) r[rAt + k] = point[k]! - z[zAt + k]!
    if (J === null) return
    poseAndPointJacobian(inBody, 0)
    // rows in the sensor frame: S = R(sensorFromBody) times the 3 × 6 and 3 × 3 blocks
    rotation(sensorFromBody, 3, S)
    leftMultiply(S, inBody, 0, 6, J, JAt)
    leftMultiply(S, inBody, 18, 3, J, JAt + 18)
  },
}

const body = new Float64Array(3) // b = Rᵀ (p − t)
const A = new Float64Array(9) // Rᵀ
const S = new Float64Array(9)
const point = new Float64Array(3)
const sensorFromBody = new Float64Array(7)
const inBody = new Float64Array(27)

/** Leaves b in `body` and Rᵀ in `A`. */
function pointInBody(x: Float64Array, pose: number, p: number): void {
  const qx = -x[pose + 3]!
  const qy = -x[pose + 4]!
  const qz = -x[pose + 5]!
  const qw = x[pose + 6]!
  const dx = x[p]! - x[pose]!
  const dy = x[p + 1]! - x[pose + 1]!
  const dz = x[p + 2]! - x[pose + 2]!
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

/** d b / d δ = [−I, [b]×] (3 × 6), then d b / d p = Rᵀ (3 × 3). */
function poseAndPointJacobian(J: Float64Array, JAt: number): void {
  const bx = body[0]!
  const by = body[1]!
  const bz = body[2]!
  J[JAt] = -1
  J[JAt + 1] = 0
  J[JAt + 2] = 0
  J[JAt + 3] = 0
  J[JAt + 4] = -bz
  J[JAt + 5] = by
  J[JAt + 6] = 0
  J[JAt + 7] = -1
  J[JAt + 8] = 0
  J[JAt + 9] = bz
  J[JAt + 10] = 0
  J[JAt + 11] = -bx
  J[JAt + 12] = 0
  J[JAt + 13] = 0
  J[JAt + 14] = -1
  J[JAt + 15] = -by
  J[JAt + 16] = bx
  J[JAt + 17] = 0
  for (let k = 0; k < 9; k++) J[JAt + 18 + k] = A[k]!
}

/** M = R(q), row-major, of the unit quaternion at `qAt`. */
function rotation(q: Float64Array, qAt: number, M: Float64Array): void {
  const x = q[qAt]!
  const y = q[qAt + 1]!
  const z = q[qAt + 2]!
  const w = q[qAt + 3]!
  M[0] = 1 - 2 * (y * y + z * z)
  M[1] = 2 * (x * y - z * w)
  M[2] = 2 * (x * z + y * w)
  M[3] = 2 * (x * y + z * w)
  M[4] = 1 - 2 * (x * x + z * z)
  M[5] = 2 * (y * z - x * w)
  M[6] = 2 * (x * z - y * w)
  M[7] = 2 * (y * z + x * w)
  M[8] = 1 - 2 * (x * x + y * y)
}

/** out = M B for M 3 × 3 and B 3 × columns, row-major. */
function leftMultiply(
  M: Float64Array,
  B: Float64Array,
  BAt: number,
  columns: number,
  out: Float64Array,
  outAt: number,
) {
  for (let i = 0; i < 3; i++)
    for (let j = 0; j < columns; j++)
      out[outAt + i * columns + j] =
        M[3 * i]! * B[BAt + j]! + M[3 * i + 1]! * B[BAt + columns + j]! + M[3 * i + 2]! * B[BAt + 2 * columns + j]!
}
