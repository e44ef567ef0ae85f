import { euclidean, SE3 } from '../../geometry/index.ts'
import type { FactorType } from '../factor.ts'
import { evaluateReprojectionCalibrated } from './kernels/reprojection-calibrated.ts'
import { evaluateStereo } from './kernels/stereo.ts'
import { body, chainPoseAndPoint, pointInBody } from './pose-point.ts'

/*
 * Cameras that look along +z, as computer vision and COLMAP have them: P = Rᵀ (X − t) is the point in the camera frame,
 * p = (x, y) = P.xy / P.z, n = |p|². Every factor is over a pose (SE3 worldFromCamera), sometimes the camera's own numbers,
 * and a point (R3, in world); data begin with the observed (u, v) in pixels. Nothing is checked: a point in the camera's
 * plane (P.z = 0) gives numbers that are not finite, one behind it is projected through the centre.
 * (docs/maths/factors.md, eq. 6.5 – 6.8)
 */

const R3 = euclidean(3)

/** Calibrated pinhole over [SE3, R3]: data = (u, v, fx, fy, cx, cy); r = (fx x + cx − u, fy y + cy − v). */
export const reprojection: FactorType = {
  name: 'reprojection(calibrated)',
  variables: [SE3, R3],
  residualDim: 2,
  dataSize: 6,
  gauge: 'similarity',
  kernel: 'ReprojectionCalibrated',
  evaluate: evaluateReprojectionCalibrated,
}

/** Pinhole with shared intrinsics over [SE3, R4 (fx, fy, cx, cy), R3]; COLMAP's PINHOLE. data = (u, v). */
export const reprojectionPinhole: FactorType = {
  name: 'reprojection(pinhole)',
  variables: [SE3, euclidean(4), R3],
  residualDim: 2,
  dataSize: 2,
  gauge: 'similarity',
  evaluate(x, at, atAt, z, zAt, r, rAt, J, JAt) {
    pointInBody(x, at[atAt], at[atAt + 2])
    const camera = at[atAt + 1]
    const inverse = 1 / body[2]
    const px = body[0] * inverse
    const py = body[1] * inverse
    const fx = x[camera]
    const fy = x[camera + 1]
    r[rAt] = fx * px + x[camera + 2] - z[zAt]
    r[rAt + 1] = fy * py + x[camera + 3] - z[zAt + 1]
    if (J === null) return
    imageByPoint(fx, 0, 0, fy, px, py, inverse)
    chainPoseAndPoint(G, 0, 2, J, JAt, 6, JAt + 20)
    const K = JAt + 12
    J[K] = px
    J[K + 1] = 0
    J[K + 2] = 1
    J[K + 3] = 0
    J[K + 4] = 0
    J[K + 5] = py
    J[K + 6] = 0
    J[K + 7] = 1
  },
}

/** One focal length and no distortion over [SE3, R3 (f, cx, cy), R3]; COLMAP's SIMPLE_PINHOLE. data = (u, v). */
export const reprojectionSimplePinhole: FactorType = radial('simple pinhole', 0)

/** One focal length and a radial distortion k over [SE3, R4 (f, cx, cy, k), R3]; COLMAP's SIMPLE_RADIAL. data = (u, v). */
export const reprojectionSimpleRadial: FactorType = radial('simple radial', 1)

/** One focal length and two radial distortions over [SE3, R5 (f, cx, cy, k1, k2), R3]; COLMAP's RADIAL. data = (u, v). */
export const reprojectionRadial: FactorType = radial('radial', 2)

/** r = f (1 + k1 n + k2 n²) p + (cx, cy) − (u, v), with 0 for the coefficients that there are not. */
function radial(name: string, coefficients: 0 | 1 | 2): FactorType {
  const numbers = 3 + coefficients
  return {
    name: `reprojection(${name})`,
    variables: [SE3, euclidean(numbers), R3],
    residualDim: 2,
    dataSize: 2,
    gauge: 'similarity',
    evaluate(x, at, atAt, z, zAt, r, rAt, J, JAt) {
      pointInBody(x, at[atAt], at[atAt + 2])
      const camera = at[atAt + 1]
      const inverse = 1 / body[2]
      const px = body[0] * inverse
      const py = body[1] * inverse
      const f = x[camera]
      const k1 = coefficients > 0 ? x[camera + 3] : 0
      const k2 = coefficients === 2 ? x[camera + 4] : 0
      const n = px * px + py * py
      const distortion = 1 + n * (k1 + n * k2)
      const fd = f * distortion
      r[rAt] = fd * px + x[camera + 1] - z[zAt]
      r[rAt + 1] = fd * py + x[camera + 2] - z[zAt + 1]
      if (J === null) return
      // d u / d p = f (d I + (2 k1 + 4 k2 n) p pᵀ)                                                          (eq. 6.2)
      const g = f * (2 * k1 + 4 * k2 * n)
      const gxy = g * px * py
      imageByPoint(fd + g * px * px, gxy, gxy, fd + g * py * py, px, py, inverse)
      chainPoseAndPoint(G, 0, 2, J, JAt, 6, JAt + 12 + 2 * numbers)
      const K = JAt + 12
      J[K] = distortion * px
      J[K + 1] = 1
      J[K + 2] = 0
      if (coefficients > 0) J[K + 3] = f * n * px
      if (coefficients === 2) J[K + 4] = f * n * n * px
      J[K + numbers] = distortion * py
      J[K + numbers + 1] = 0
      J[K + numbers + 2] = 1
      if (coefficients > 0) J[K + numbers + 3] = f * n * py
      if (coefficients === 2) J[K + numbers + 4] = f * n * n * py
    },
  }
}

/**
 * Rectified stereo over [SE3 worldFromLeftCamera, R3]: data = (uL, uR, v, fx, fy, cx, cy, b), the right camera b metres along
 * the left one's x axis. r = (fx x + cx − uL, fx (x − b/P.z) + cx − uR, fy y + cy − v). Scale is seen. (eq. 6.8)
 */
export const stereo: FactorType = {
  name: 'stereo(calibrated)',
  variables: [SE3, R3],
  residualDim: 3,
  dataSize: 8,
  gauge: 'rigid',
  kernel: 'Stereo',
  evaluate: evaluateStereo,
}

/** d u / d P, by rows. */
const G = new Float64Array(6)

/** G = B · d p / d P for B = d u / d p (2 × 2, by rows), with d p / d P = 1/P.z [I, −p] (eq. 6.6). */
function imageByPoint(b0: number, b1: number, b2: number, b3: number, px: number, py: number, inverse: number): void {
  G[0] = b0 * inverse
  G[1] = b1 * inverse
  G[2] = -(b0 * px + b1 * py) * inverse
  G[3] = b2 * inverse
  G[4] = b3 * inverse
  G[5] = -(b2 * px + b3 * py) * inverse
}
