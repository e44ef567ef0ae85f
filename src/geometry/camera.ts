/**
 * Camera models on runs of Float64Arrays: from points in the camera frame (metres) to pixels and back, with derivatives on
 * request. A `dAdB` argument is a row-major matrix ∂A/∂B or null. Each projection says whether the point lies in front of
 * the camera; the formula is evaluated all the same (behind, it projects through the centre; in the camera's own plane the
 * numbers are not finite). Outputs may not overlap inputs.
 */

/**
 * Pinhole that looks along +z: intrinsics (fx, fy, cx, cy), pixel = (fx X/Z + cx, fy Y/Z + cy) (G15).
 * dPixelDPoint is 2 × 3, dPixelDIntrinsics 2 × 4.
 */
export function projectPinhole(
  intrinsics: Float64Array,
  intrinsicsAt: number,
  pointInCamera: Float64Array,
  pointAt: number,
  pixel: Float64Array,
  pixelAt: number,
  dPixelDPoint: Float64Array | null = null,
  dPixelDPointAt = 0,
  dPixelDIntrinsics: Float64Array | null = null,
  dPixelDIntrinsicsAt = 0,
): boolean {
  const fx = intrinsics[intrinsicsAt]
  const fy = intrinsics[intrinsicsAt + 1]
  const z = pointInCamera[pointAt + 2]
  const inverse = 1 / z
  const x = pointInCamera[pointAt] * inverse
  const y = pointInCamera[pointAt + 1] * inverse
  pixel[pixelAt] = fx * x + intrinsics[intrinsicsAt + 2]
  pixel[pixelAt + 1] = fy * y + intrinsics[intrinsicsAt + 3]
  if (dPixelDPoint) {
    dPixelDPoint[dPixelDPointAt] = fx * inverse
    dPixelDPoint[dPixelDPointAt + 1] = 0
    dPixelDPoint[dPixelDPointAt + 2] = -fx * x * inverse
    dPixelDPoint[dPixelDPointAt + 3] = 0
    dPixelDPoint[dPixelDPointAt + 4] = fy * inverse
    dPixelDPoint[dPixelDPointAt + 5] = -fy * y * inverse
  }
  if (dPixelDIntrinsics) {
    dPixelDIntrinsics.fill(0, dPixelDIntrinsicsAt, dPixelDIntrinsicsAt + 8)
    dPixelDIntrinsics[dPixelDIntrinsicsAt] = x
    dPixelDIntrinsics[dPixelDIntrinsicsAt + 2] = 1
    dPixelDIntrinsics[dPixelDIntrinsicsAt + 5] = y
    dPixelDIntrinsics[dPixelDIntrinsicsAt + 7] = 1
  }
  return z > 0
}

/** The ray of a pixel, as the point of depth 1 on it: ((u − cx)/fx, (v − cy)/fy, 1). dRayDPixel is 3 × 2. */
export function unprojectPinhole(
  intrinsics: Float64Array,
  intrinsicsAt: number,
  pixel: Float64Array,
  pixelAt: number,
  rayInCamera: Float64Array,
  rayAt: number,
  dRayDPixel: Float64Array | null = null,
  dRayDPixelAt = 0,
): void {
  const fx = intrinsics[intrinsicsAt]
  const fy = intrinsics[intrinsicsAt + 1]
  rayInCamera[rayAt] = (pixel[pixelAt] - intrinsics[intrinsicsAt + 2]) / fx
  rayInCamera[rayAt + 1] = (pixel[pixelAt + 1] - intrinsics[intrinsicsAt + 3]) / fy
  rayInCamera[rayAt + 2] = 1
  if (dRayDPixel) {
    dRayDPixel.fill(0, dRayDPixelAt, dRayDPixelAt + 6)
    dRayDPixel[dRayDPixelAt] = 1 / fx
    dRayDPixel[dRayDPixelAt + 3] = 1 / fy
  }
}

/**
 * The camera of "Bundle Adjustment in the Large" (S. Agarwal et al., ECCV 2010), which looks along −z: intrinsics
 * (f, k1, k2), p = −(X, Y)/Z, n = |p|², pixel = f (1 + k1 n + k2 n²) p from the image centre (G16).
 * dPixelDPoint is 2 × 3, dPixelDIntrinsics 2 × 3.
 */
export function projectBal(
  intrinsics: Float64Array,
  intrinsicsAt: number,
  pointInCamera: Float64Array,
  pointAt: number,
  pixel: Float64Array,
  pixelAt: number,
  dPixelDPoint: Float64Array | null = null,
  dPixelDPointAt = 0,
  dPixelDIntrinsics: Float64Array | null = null,
  dPixelDIntrinsicsAt = 0,
): boolean {
  const f = intrinsics[intrinsicsAt]
  const k1 = intrinsics[intrinsicsAt + 1]
  const k2 = intrinsics[intrinsicsAt + 2]
  const z = pointInCamera[pointAt + 2]
  const inverse = -1 / z
  const px = pointInCamera[pointAt] * inverse
  const py = pointInCamera[pointAt + 1] * inverse
  const n = px * px + py * py
  const distortion = 1 + n * (k1 + n * k2)
  pixel[pixelAt] = f * distortion * px
  pixel[pixelAt + 1] = f * distortion * py
  if (dPixelDPoint) {
    // ∂pixel/∂p = f (distortion I + (2k1 + 4k2 n) p pᵀ), ∂p/∂P = −1/Z [I, p]
    const slope = f * (2 * k1 + 4 * k2 * n)
    const xx = f * distortion + slope * px * px
    const xy = slope * px * py
    const yy = f * distortion + slope * py * py
    dPixelDPoint[dPixelDPointAt] = xx * inverse
    dPixelDPoint[dPixelDPointAt + 1] = xy * inverse
    dPixelDPoint[dPixelDPointAt + 2] = (xx * px + xy * py) * inverse
    dPixelDPoint[dPixelDPointAt + 3] = xy * inverse
    dPixelDPoint[dPixelDPointAt + 4] = yy * inverse
    dPixelDPoint[dPixelDPointAt + 5] = (xy * px + yy * py) * inverse
  }
  if (dPixelDIntrinsics) {
    dPixelDIntrinsics[dPixelDIntrinsicsAt] = distortion * px
    dPixelDIntrinsics[dPixelDIntrinsicsAt + 1] = f * n * px
    dPixelDIntrinsics[dPixelDIntrinsicsAt + 2] = f * n * n * px
    dPixelDIntrinsics[dPixelDIntrinsicsAt + 3] = distortion * py
    dPixelDIntrinsics[dPixelDIntrinsicsAt + 4] = f * n * py
    dPixelDIntrinsics[dPixelDIntrinsicsAt + 5] = f * n * n * py
  }
  return z < 0
}

/**
 * The ray of a BAL pixel, as the point of depth 1 on it, (p, −1): the radius ρ of p solves ρ (1 + k1 ρ² + k2 ρ⁴) = |pixel|/|f|
 * by Newton's method on the branch through 0, where the left side grows. Says whether there is such a ρ; when there is
 * none (a pixel beyond the largest radius that a folding distortion reaches) the ray is NaN.
 */
export function unprojectBal(
  intrinsics: Float64Array,
  intrinsicsAt: number,
  pixel: Float64Array,
  pixelAt: number,
  rayInCamera: Float64Array,
  rayAt: number,
): boolean {
  const f = intrinsics[intrinsicsAt]
  const u = pixel[pixelAt] / f
  const v = pixel[pixelAt + 1] / f
  const distorted = Math.sqrt(u * u + v * v)
  const radius = undistortedRadius(distorted, intrinsics[intrinsicsAt + 1], intrinsics[intrinsicsAt + 2])
  const scale = distorted > 0 ? radius / distorted : 1
  rayInCamera[rayAt] = u * scale
  rayInCamera[rayAt + 1] = v * scale
  rayInCamera[rayAt + 2] = Number.isNaN(scale) ? Number.NaN : -1
  return !Number.isNaN(scale)
}

/**
 * ρ ≥ 0 on the first rising branch of g(ρ) = ρ + k1 ρ³ + k2 ρ⁵ with g(ρ) = target, or NaN. That branch ends where
 * g′ = 1 + 3k1 n + 5k2 n² first vanishes, n = ρ²; inside, Newton's steps are kept between bounds that close in.
 */
function undistortedRadius(target: number, k1: number, k2: number): number {
  const end = Math.sqrt(firstFold(k1, k2))
  let low = 0
  let high = end
  let rho = Math.min(target, end)
  for (let step = 0; step < 100; step++) {
    const n = rho * rho
    const off = rho * (1 + n * (k1 + n * k2)) - target
    if (off < 0) low = rho
    else high = rho
    let next = rho - off / (1 + n * (3 * k1 + n * 5 * k2))
    if (Math.abs(next - rho) <= Number.EPSILON * rho) break
    if (!(next > low && next < high)) next = high < Number.POSITIVE_INFINITY ? (low + high) / 2 : 2 * rho
    rho = next
  }
  const n = rho * rho
  const reached = rho * (1 + n * (k1 + n * k2))
  return Math.abs(reached - target) <= 1e-12 * target ? rho : Number.NaN
}

/** The smallest n > 0 with 1 + 3k1 n + 5k2 n² = 0, or ∞: in the form 2/(−b + √…) that neither k = 0 nor cancelling hurts. */
function firstFold(k1: number, k2: number): number {
  const b = 3 * k1
  const discriminant = b * b - 20 * k2
  if (discriminant < 0) return Number.POSITIVE_INFINITY
  const denominator = -b + Math.sqrt(discriminant)
  return denominator > 0 ? 2 / denominator : Number.POSITIVE_INFINITY
}

/**
 * Rectified stereo, both cameras looking along +z, the right one `b` metres along the left one's x: calibration
 * (fx, fy, cx, cy, b), measurement (uL, uR, v) with uR = uL − fx b/Z (G15). The point is in the left camera.
 * dMeasurementDPoint is 3 × 3.
 */
export function projectStereo(
  calibration: Float64Array,
  calibrationAt: number,
  pointInLeft: Float64Array,
  pointAt: number,
  measurement: Float64Array,
  measurementAt: number,
  dMeasurementDPoint: Float64Array | null = null,
  dMeasurementDPointAt = 0,
): boolean {
  const fx = calibration[calibrationAt]
  const fy = calibration[calibrationAt + 1]
  const baseline = calibration[calibrationAt + 4]
  const z = pointInLeft[pointAt + 2]
  const inverse = 1 / z
  const x = pointInLeft[pointAt] * inverse
  const y = pointInLeft[pointAt + 1] * inverse
  const left = fx * x + calibration[calibrationAt + 2]
  const disparity = fx * baseline * inverse
  measurement[measurementAt] = left
  measurement[measurementAt + 1] = left - disparity
  measurement[measurementAt + 2] = fy * y + calibration[calibrationAt + 3]
  if (dMeasurementDPoint) {
    const at = dMeasurementDPointAt
    dMeasurementDPoint[at] = fx * inverse
    dMeasurementDPoint[at + 1] = 0
    dMeasurementDPoint[at + 2] = -fx * x * inverse
    dMeasurementDPoint[at + 3] = fx * inverse
    dMeasurementDPoint[at + 4] = 0
    dMeasurementDPoint[at + 5] = (disparity - fx * x) * inverse
    dMeasurementDPoint[at + 6] = 0
    dMeasurementDPoint[at + 7] = fy * inverse
    dMeasurementDPoint[at + 8] = -fy * y * inverse
  }
  return z > 0
}

/**
 * The point of a stereo measurement, in the left camera: Z = fx b/(uL − uR). Says whether the disparity is positive; at 0 the
 * point is not finite. dPointDMeasurement is 3 × 3.
 */
export function unprojectStereo(
  calibration: Float64Array,
  calibrationAt: number,
  measurement: Float64Array,
  measurementAt: number,
  pointInLeft: Float64Array,
  pointAt: number,
  dPointDMeasurement: Float64Array | null = null,
  dPointDMeasurementAt = 0,
): boolean {
  const fx = calibration[calibrationAt]
  const fy = calibration[calibrationAt + 1]
  const disparity = measurement[measurementAt] - measurement[measurementAt + 1]
  const z = (fx * calibration[calibrationAt + 4]) / disparity
  const x = (measurement[measurementAt] - calibration[calibrationAt + 2]) / fx
  const y = (measurement[measurementAt + 2] - calibration[calibrationAt + 3]) / fy
  pointInLeft[pointAt] = x * z
  pointInLeft[pointAt + 1] = y * z
  pointInLeft[pointAt + 2] = z
  if (dPointDMeasurement) {
    // ∂Z/∂uL = −Z/disparity = −∂Z/∂uR
    const at = dPointDMeasurementAt
    const slope = z / disparity
    dPointDMeasurement[at] = z / fx - x * slope
    dPointDMeasurement[at + 1] = x * slope
    dPointDMeasurement[at + 2] = 0
    dPointDMeasurement[at + 3] = -y * slope
    dPointDMeasurement[at + 4] = y * slope
    dPointDMeasurement[at + 5] = z / fy
    dPointDMeasurement[at + 6] = -slope
    dPointDMeasurement[at + 7] = slope
    dPointDMeasurement[at + 8] = 0
  }
  return disparity > 0
}
