/**
 * Kernel of the relative-pose factor in the plane on the full logarithm. Poses and the measurement are stored (x, y, θ).
 *
 * With E = Z⁻¹ · Xi⁻¹ · Xj = (e, ε), as docs/maths/factors.md derives (eq. 2.1 – 2.4):
 *   d = R(θi)ᵀ (tj − ti),  e = R(θz)ᵀ (d − tz),  ε = θj − θi − θz wrapped to [−π, π].
 */

const TWO_PI = 2 * Math.PI

/** The full logarithm r = Log(E) = (V(ε)⁻¹ e, ε), V⁻¹ = [a, ε/2; −ε/2, a] with a = (ε/2) cot(ε/2) (eq. 2.5). */
export function evaluateBetweenSE2(
  x: Float64Array,
  at: Int32Array,
  atAt: number,
  z: Float64Array,
  zAt: number,
  r: Float64Array,
  rAt: number,
  J: Float64Array | null,
  JAt: number,
): void {
  const i = at[atAt]
  const j = at[atAt + 1]
  const angleI = x[i + 2]
  const angleZ = z[zAt + 2]
  const ci = Math.cos(angleI)
  const si = Math.sin(angleI)
  const cz = Math.cos(angleZ)
  const sz = Math.sin(angleZ)
  const wx = x[j] - x[i]
  const wy = x[j + 1] - x[i + 1]
  const dx = ci * wx + si * wy
  const dy = ci * wy - si * wx
  const px = dx - z[zAt]
  const py = dy - z[zAt + 1]
  let angle = x[j + 2] - angleI - angleZ
  if (angle > Math.PI || angle < -Math.PI) angle -= TWO_PI * Math.round(angle / TWO_PI)
  const ex = cz * px + sz * py
  const ey = cz * py - sz * px
  const h = 0.5 * angle
  const hh = h * h
  const ce = Math.cos(angle)
  const se = Math.sin(angle)
  // h cot h, from the half-angle form that does not cancel; the series x cot x = 1 − x²/3 − x⁴/45 − … near 0.
  const small = hh < 1e-3
  const a = small
    ? 1 - hh * (1 / 3 + hh * (1 / 45 + hh * (2 / 945 + hh / 4725)))
    : ce > 0
      ? (h * (1 + ce)) / se
      : (h * se) / (1 - ce)
  r[rAt] = a * ex + h * ey
  r[rAt + 1] = a * ey - h * ex
  r[rAt + 2] = angle
  if (J === null) return
  // da/dε = (a − a² − h²) / 2h                                                                                (eq. 2.6)
  const slope = small ? -h * (1 / 3 + hh * (2 / 45 + hh * (2 / 315 + (4 * hh) / 4725))) : (a - a * a - hh) / (2 * h)
  const mx = slope * ex + 0.5 * ey // d(V⁻¹ e)/dε at fixed e
  const my = slope * ey - 0.5 * ex
  // V⁻¹ Rzᵀ
  const w0 = a * cz - h * sz
  const w1 = a * sz + h * cz
  // d r / d δi = −[V⁻¹ Rzᵀ, V⁻¹ Rzᵀ (−dy, dx) + m; 0 0 1]
  J[JAt] = -w0
  J[JAt + 1] = -w1
  J[JAt + 2] = w0 * dy - w1 * dx - mx
  J[JAt + 3] = w1
  J[JAt + 4] = -w0
  J[JAt + 5] = -w1 * dy - w0 * dx - my
  J[JAt + 6] = 0
  J[JAt + 7] = 0
  J[JAt + 8] = -1
  // d r / d δj = [V⁻¹ R(ε), m; 0 0 1], and V⁻¹ R(ε) = V⁻ᵀ
  J[JAt + 9] = a
  J[JAt + 10] = -h
  J[JAt + 11] = mx
  J[JAt + 12] = h
  J[JAt + 13] = a
  J[JAt + 14] = my
  J[JAt + 15] = 0
  J[JAt + 16] = 0
  J[JAt + 17] = 1
}
