import { euclidean, product, SE3 } from '../../geometry/index.ts'
import type { FactorType } from '../factor.ts'
import { evaluateReprojectionBal } from './kernels/reprojection-bal.ts'

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
  kernel: 'ReprojectionBal',
  evaluate: evaluateReprojectionBal,
}
