import { euclidean, product, SE3 } from '../../geometry/index.ts'
import type { FactorType } from '../factor.ts'

/**
 * A point seen by a camera of "Bundle Adjustment in the Large" (S. Agarwal et al., ECCV 2010): over [SE3 × R3: worldFromCamera
 * and (f, k1, k2); R3: the point X in world]. data = (u, v) in pixels from the image centre; the camera looks along −z:
 *
 *   P = Rᵀ (X − t),  p = −P.xy / P.z,  n = |p|²,  r = f (1 + k1 n + k2 n²) p − (u, v)                        (eq. 6.1)
 *
 * BAL files give cameraFromWorld; the pose here is its inverse. Nothing is checked: a point in the camera's plane
 * (P.z = 0) gives numbers that are not finite. (docs/maths/factors.md, eq. 6.1 – 6.4)
 */
export const reprojectionBal: FactorType = {
  name: 'reprojection(BAL)',
  variables: [product(SE3, euclidean(3)), euclidean(3)],
  residualDim: 2,
  dataSize: 2,
  gauge: 'similarity',
  evaluate(x, at, atAt, z, zAt, r, rAt, J, JAt) {
    const i = at[atAt]
    const j = at[atAt + 1]
    // A = Rᵀ, the matrix of the conjugate quaternion
    const qx = -x[i + 3]
    const qy = -x[i + 4]
    const qz = -x[i + 5]
    const qw = x[i + 6]
    const a0 = 1 - 2 * (qy * qy + qz * qz)
    const a1 = 2 * (qx * qy - qz * qw)
    const a2 = 2 * (qx * qz + qy * qw)
    const a3 = 2 * (qx * qy + qz * qw)
    const a4 = 1 - 2 * (qx * qx + qz * qz)
    const a5 = 2 * (qy * qz - qx * qw)
    const a6 = 2 * (qx * qz - qy * qw)
    const a7 = 2 * (qy * qz + qx * qw)
    const a8 = 1 - 2 * (qx * qx + qy * qy)
    const dx = x[j] - x[i]
    const dy = x[j + 1] - x[i + 1]
    const dz = x[j + 2] - x[i + 2]
    const X = a0 * dx + a1 * dy + a2 * dz
    const Y = a3 * dx + a4 * dy + a5 * dz
    const Z = a6 * dx + a7 * dy + a8 * dz
    const inverse = -1 / Z
    const px = X * inverse
    const py = Y * inverse
    const f = x[i + 7]
    const k1 = x[i + 8]
    const k2 = x[i + 9]
    const n = px * px + py * py
    const distortion = 1 + n * (k1 + n * k2)
    const fd = f * distortion
    r[rAt] = fd * px - z[zAt]
    r[rAt + 1] = fd * py - z[zAt + 1]
    if (J === null) return
    // B = d u / d p = f (d I + (2 k1 + 4 k2 n) p pᵀ); C = B · d p / d P with d p / d P = −1/Z [I, p]          (eq. 6.2)
    const g = f * (2 * k1 + 4 * k2 * n)
    const bxy = g * px * py * inverse
    const c0 = (fd + g * px * px) * inverse
    const c4 = (fd + g * py * py) * inverse
    const c2 = c0 * px + bxy * py
    const c5 = bxy * px + c4 * py
    // d P / d δ = [−I, [P]×]                                                                               (eq. 6.3)
    J[JAt] = -c0
    J[JAt + 1] = -bxy
    J[JAt + 2] = -c2
    J[JAt + 3] = bxy * Z - c2 * Y
    J[JAt + 4] = c2 * X - c0 * Z
    J[JAt + 5] = c0 * Y - bxy * X
    J[JAt + 6] = distortion * px
    J[JAt + 7] = f * n * px
    J[JAt + 8] = f * n * n * px
    J[JAt + 9] = -bxy
    J[JAt + 10] = -c4
    J[JAt + 11] = -c5
    J[JAt + 12] = c4 * Z - c5 * Y
    J[JAt + 13] = c5 * X - bxy * Z
    J[JAt + 14] = bxy * Y - c4 * X
    J[JAt + 15] = distortion * py
    J[JAt + 16] = f * n * py
    J[JAt + 17] = f * n * n * py
    // d P / d X = Rᵀ                                                                                       (eq. 6.4)
    J[JAt + 18] = c0 * a0 + bxy * a3 + c2 * a6
    J[JAt + 19] = c0 * a1 + bxy * a4 + c2 * a7
    J[JAt + 20] = c0 * a2 + bxy * a5 + c2 * a8
    J[JAt + 21] = bxy * a0 + c4 * a3 + c5 * a6
    J[JAt + 22] = bxy * a1 + c4 * a4 + c5 * a7
    J[JAt + 23] = bxy * a2 + c4 * a5 + c5 * a8
  },
}
