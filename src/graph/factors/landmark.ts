import { euclidean, quaternionToMatrix, SE2, SE3 } from '../../geometry/index.ts'
import type { FactorType } from '../factor.ts'
import { body, chainPoseAndPoint, pointInBody } from './pose-point.ts'
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
    const i = at[atAt]
    const p = at[atAt + 1]
    const c = Math.cos(x[i + 2])
    const s = Math.sin(x[i + 2])
    const dx = x[p] - x[i]
    const dy = x[p + 1] - x[i + 1]
    const bx = c * dx + s * dy
    const by = c * dy - s * dx
    r[rAt] = bx - z[zAt]
    r[rAt + 1] = by - z[zAt + 1]
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
 * point as measured in the body frame. g2o's EDGE_SE3_TRACKXYZ where the sensor is the body. (eq. 4.2)
 */
export const landmark3: FactorType = {
  name: 'landmark(SE3,R3)',
  variables: [SE3, euclidean(3)],
  residualDim: 3,
  dataSize: 3,
  gauge: 'rigid',
  propagate: landmarkPropagation(SE3),
  evaluate(x, at, atAt, z, zAt, r, rAt, J, JAt) {
    pointInBody(x, at[atAt], at[atAt + 1])
    for (let k = 0; k < 3; k++) r[rAt + k] = body[k] - z[zAt + k]
    if (J !== null) chainPoseAndPoint(IDENTITY, 0, 3, J, JAt, 6, JAt + 18)
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
    pointInBody(x, at[atAt], at[atAt + 1])
    SE3.inverse(z, zAt + 3, sensorFromBody, 0)
    SE3.act(sensorFromBody, 0, body, 0, point, 0)
    for (let k = 0; k < 3; k++) r[rAt + k] = point[k] - z[zAt + k]
    if (J === null) return
    quaternionToMatrix(sensorFromBody, 3, rotation, 0) // d e / d b
    chainPoseAndPoint(rotation, 0, 3, J, JAt, 6, JAt + 18)
  },
}

const IDENTITY = Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1)
const sensorFromBody = new Float64Array(7)
const rotation = new Float64Array(9)
const point = new Float64Array(3)
