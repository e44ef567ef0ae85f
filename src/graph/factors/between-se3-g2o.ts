/**
 * Kernel of the relative-pose factor in space with g2o's error, the one that .g2o information matrices belong to. Poses
 * and the measurement are stored (t, q) with q = (x, y, z, w).
 *
 * With D = Xi⁻¹ · Xj = (d, qd) and E = Z⁻¹ · D = (e, qe), the residual is r = (e, s·vec qe), s = ±1 making the scalar part
 * of s·qe non-negative (docs/maths/factors.md, eq. 3.1). Its derivatives (eq. 3.2, 3.3), with v = s·vec qe, w = s·scalar qe:
 *   d r / d δi = [−Rzᵀ, Rzᵀ [d]×; 0, −½ (w I − [v]×) Rzᵀ],   d r / d δj = [Re, 0; 0, ½ (w I + [v]×)].
 */
export function evaluateBetweenSE3G2o(
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
  // d = Riᵀ (tj − ti) by p + 2w (u × p) + 2 u × (u × p) with u = −vec qi
  const ix = -x[i + 3]
  const iy = -x[i + 4]
  const iz = -x[i + 5]
  const iw = x[i + 6]
  const gx = x[j] - x[i]
  const gy = x[j + 1] - x[i + 1]
  const gz = x[j + 2] - x[i + 2]
  let cx = 2 * (iy * gz - iz * gy)
  let cy = 2 * (iz * gx - ix * gz)
  let cz = 2 * (ix * gy - iy * gx)
  const dx = gx + iw * cx + iy * cz - iz * cy
  const dy = gy + iw * cy + iz * cx - ix * cz
  const dz = gz + iw * cz + ix * cy - iy * cx
  // qd = qi* · qj
  const jx = x[j + 3]
  const jy = x[j + 4]
  const jz = x[j + 5]
  const jw = x[j + 6]
  const qx = iw * jx + ix * jw + iy * jz - iz * jy
  const qy = iw * jy - ix * jz + iy * jw + iz * jx
  const qz = iw * jz + ix * jy - iy * jx + iz * jw
  const qw = iw * jw - ix * jx - iy * jy - iz * jz
  // e = Rzᵀ (d − tz), qe = qz* · qd, flipped to w ≥ 0
  const zx = -z[zAt + 3]
  const zy = -z[zAt + 4]
  const zz = -z[zAt + 5]
  const zw = z[zAt + 6]
  const px = dx - z[zAt]
  const py = dy - z[zAt + 1]
  const pz = dz - z[zAt + 2]
  cx = 2 * (zy * pz - zz * py)
  cy = 2 * (zz * px - zx * pz)
  cz = 2 * (zx * py - zy * px)
  let vx = zw * qx + zx * qw + zy * qz - zz * qy
  let vy = zw * qy - zx * qz + zy * qw + zz * qx
  let vz = zw * qz + zx * qy - zy * qx + zz * qw
  let w = zw * qw - zx * qx - zy * qy - zz * qz
  if (w < 0) {
    vx = -vx
    vy = -vy
    vz = -vz
    w = -w
  }
  r[rAt] = px + zw * cx + zy * cz - zz * cy
  r[rAt + 1] = py + zw * cy + zz * cx - zx * cz
  r[rAt + 2] = pz + zw * cz + zx * cy - zy * cx
  r[rAt + 3] = vx
  r[rAt + 4] = vy
  r[rAt + 5] = vz
  if (J === null) return

  // A = Rzᵀ, the matrix of the conjugate (zx, zy, zz, zw)
  const a0 = 1 - 2 * (zy * zy + zz * zz)
  const a1 = 2 * (zx * zy - zz * zw)
  const a2 = 2 * (zx * zz + zy * zw)
  const a3 = 2 * (zx * zy + zz * zw)
  const a4 = 1 - 2 * (zx * zx + zz * zz)
  const a5 = 2 * (zy * zz - zx * zw)
  const a6 = 2 * (zx * zz - zy * zw)
  const a7 = 2 * (zy * zz + zx * zw)
  const a8 = 1 - 2 * (zx * zx + zy * zy)
  // rows 0 – 2 of d r / d δi: −A, A [d]×
  J[JAt] = -a0
  J[JAt + 1] = -a1
  J[JAt + 2] = -a2
  J[JAt + 3] = a1 * dz - a2 * dy
  J[JAt + 4] = a2 * dx - a0 * dz
  J[JAt + 5] = a0 * dy - a1 * dx
  J[JAt + 6] = -a3
  J[JAt + 7] = -a4
  J[JAt + 8] = -a5
  J[JAt + 9] = a4 * dz - a5 * dy
  J[JAt + 10] = a5 * dx - a3 * dz
  J[JAt + 11] = a3 * dy - a4 * dx
  J[JAt + 12] = -a6
  J[JAt + 13] = -a7
  J[JAt + 14] = -a8
  J[JAt + 15] = a7 * dz - a8 * dy
  J[JAt + 16] = a8 * dx - a6 * dz
  J[JAt + 17] = a6 * dy - a7 * dx
  // rows 3 – 5: 0, −½ (w I − [v]×) A
  const hx = 0.5 * vx
  const hy = 0.5 * vy
  const hz = 0.5 * vz
  const hw = 0.5 * w
  J[JAt + 18] = 0
  J[JAt + 19] = 0
  J[JAt + 20] = 0
  J[JAt + 21] = hy * a6 - hz * a3 - hw * a0
  J[JAt + 22] = hy * a7 - hz * a4 - hw * a1
  J[JAt + 23] = hy * a8 - hz * a5 - hw * a2
  J[JAt + 24] = 0
  J[JAt + 25] = 0
  J[JAt + 26] = 0
  J[JAt + 27] = hz * a0 - hx * a6 - hw * a3
  J[JAt + 28] = hz * a1 - hx * a7 - hw * a4
  J[JAt + 29] = hz * a2 - hx * a8 - hw * a5
  J[JAt + 30] = 0
  J[JAt + 31] = 0
  J[JAt + 32] = 0
  J[JAt + 33] = hx * a3 - hy * a0 - hw * a6
  J[JAt + 34] = hx * a4 - hy * a1 - hw * a7
  J[JAt + 35] = hx * a5 - hy * a2 - hw * a8
  // d r / d δj: Re, 0; 0, ½ (w I + [v]×)
  J[JAt + 36] = 1 - 2 * (vy * vy + vz * vz)
  J[JAt + 37] = 2 * (vx * vy - vz * w)
  J[JAt + 38] = 2 * (vx * vz + vy * w)
  J[JAt + 39] = 0
  J[JAt + 40] = 0
  J[JAt + 41] = 0
  J[JAt + 42] = 2 * (vx * vy + vz * w)
  J[JAt + 43] = 1 - 2 * (vx * vx + vz * vz)
  J[JAt + 44] = 2 * (vy * vz - vx * w)
  J[JAt + 45] = 0
  J[JAt + 46] = 0
  J[JAt + 47] = 0
  J[JAt + 48] = 2 * (vx * vz - vy * w)
  J[JAt + 49] = 2 * (vy * vz + vx * w)
  J[JAt + 50] = 1 - 2 * (vx * vx + vy * vy)
  J[JAt + 51] = 0
  J[JAt + 52] = 0
  J[JAt + 53] = 0
  J[JAt + 54] = 0
  J[JAt + 55] = 0
  J[JAt + 56] = 0
  J[JAt + 57] = hw
  J[JAt + 58] = -hz
  J[JAt + 59] = hy
  J[JAt + 60] = 0
  J[JAt + 61] = 0
  J[JAt + 62] = 0
  J[JAt + 63] = hz
  J[JAt + 64] = hw
  J[JAt + 65] = -hx
  J[JAt + 66] = 0
  J[JAt + 67] = 0
  J[JAt + 68] = 0
  J[JAt + 69] = -hy
  J[JAt + 70] = hx
  J[JAt + 71] = hw
}
