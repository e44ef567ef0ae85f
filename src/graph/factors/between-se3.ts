/**
 * Kernel of the relative-pose factor in space on the full logarithm, r = Log(E) = (ρ, φ) with E = Z⁻¹ · Xi⁻¹ · Xj = (e, qe).
 * Poses and the measurement are stored (t, q) with q = (x, y, z, w).
 *
 * φ = Log qe, ρ = V⁻¹ e with V⁻¹ = I − ½ [φ]× + b [φ]×², b = (1 − (θ/2) cot(θ/2)) / θ² (T. D. Barfoot, "State Estimation
 * for Robotics", 2017, section 7.1; here docs/maths/factors.md, eq. 3.4). Derivatives (eq. 3.5 – 3.7), with W = V⁻¹ Rzᵀ,
 * d = Riᵀ (tj − ti) and M = ∂(V⁻¹ e)/∂φ at fixed e:
 *   d r / d δi = [−W, W [d]× − M W; 0, −W],   d r / d δj = [V⁻ᵀ, M V⁻ᵀ; 0, V⁻ᵀ].
 */
export function evaluateBetweenSE3(
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
  // d = Riᵀ (tj − ti), with u = −vec qi
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
  // e = Rzᵀ (d − tz), qe = qz* · qd, flipped to w ≥ 0: the shorter way round
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
  const ex = px + zw * cx + zy * cz - zz * cy
  const ey = py + zw * cy + zz * cx - zx * cz
  const ez = pz + zw * cz + zx * cy - zy * cx
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
  // φ = 2 atan2(|v|, w) v/|v|
  const n = Math.sqrt(vx * vx + vy * vy + vz * vz)
  const scale = n < 1e-8 ? 2 / w : (2 * Math.atan2(n, w)) / n
  const fx = scale * vx
  const fy = scale * vy
  const fz = scale * vz
  const tt = fx * fx + fy * fy + fz * fz // θ²
  // b and c = (db/dθ)/θ; the series of b is Σ |B₂ₙ| θ²ⁿ⁻² / (2n)! over Bernoulli numbers B₂ₙ              (eq. 3.4, 3.6)
  let b: number
  let c: number
  if (tt < 0.0625) {
    b =
      1 / 12 + tt * (1 / 720 + tt * (1 / 30240 + tt * (1 / 1209600 + tt * (1 / 47900160 + tt * 5.284190138687493e-10))))
    c =
      1 / 360 +
      tt *
        (1 / 7560 + tt * (1 / 201600 + tt * (1 / 5987520 + tt * (5.284190138687493e-9 + tt * 1.605904383682161e-10))))
  } else {
    const a = 0.5 * scale * w // (θ/2) cot(θ/2) = (θ/2) w / |v|, and scale = θ / |v|
    b = (1 - a) / tt
    c = (0.25 * tt - (1 - a) * (a + 2)) / (tt * tt)
  }
  // ρ = e − ½ φ × e + b (φ (φ·e) − θ² e)
  const fe = fx * ex + fy * ey + fz * ez
  const gex = fx * fe - tt * ex
  const gey = fy * fe - tt * ey
  const gez = fz * fe - tt * ez
  r[rAt] = ex - 0.5 * (fy * ez - fz * ey) + b * gex
  r[rAt + 1] = ey - 0.5 * (fz * ex - fx * ez) + b * gey
  r[rAt + 2] = ez - 0.5 * (fx * ey - fy * ex) + b * gez
  r[rAt + 3] = fx
  r[rAt + 4] = fy
  r[rAt + 5] = fz
  if (J === null) return

  // V⁻¹ = (1 − b θ²) I − ½ [φ]× + b φ φᵀ
  const k = 1 - b * tt
  const hx = 0.5 * fx
  const hy = 0.5 * fy
  const hz = 0.5 * fz
  const bxy = b * fx * fy
  const bxz = b * fx * fz
  const byz = b * fy * fz
  const v0 = k + b * fx * fx
  const v1 = bxy + hz
  const v2 = bxz - hy
  const v3 = bxy - hz
  const v4 = k + b * fy * fy
  const v5 = byz + hx
  const v6 = bxz + hy
  const v7 = byz - hx
  const v8 = k + b * fz * fz
  // M = ½ [e]× + b ((φ·e) I + φ eᵀ − 2 e φᵀ) + c (φ (φ·e) − θ² e) φᵀ                                         (eq. 3.6)
  const lx = c * gex - 2 * b * ex
  const ly = c * gey - 2 * b * ey
  const lz = c * gez - 2 * b * ez
  const bfx = b * fx
  const bfy = b * fy
  const bfz = b * fz
  const bfe = b * fe
  const m0 = bfe + bfx * ex + lx * fx
  const m1 = bfx * ey + lx * fy - 0.5 * ez
  const m2 = bfx * ez + lx * fz + 0.5 * ey
  const m3 = bfy * ex + ly * fx + 0.5 * ez
  const m4 = bfe + bfy * ey + ly * fy
  const m5 = bfy * ez + ly * fz - 0.5 * ex
  const m6 = bfz * ex + lz * fx - 0.5 * ey
  const m7 = bfz * ey + lz * fy + 0.5 * ex
  const m8 = bfe + bfz * ez + lz * fz

  // d r / d δj = [V⁻ᵀ, M V⁻ᵀ; 0, V⁻ᵀ]
  J[JAt + 36] = v0
  J[JAt + 37] = v3
  J[JAt + 38] = v6
  J[JAt + 39] = m0 * v0 + m1 * v1 + m2 * v2
  J[JAt + 40] = m0 * v3 + m1 * v4 + m2 * v5
  J[JAt + 41] = m0 * v6 + m1 * v7 + m2 * v8
  J[JAt + 42] = v1
  J[JAt + 43] = v4
  J[JAt + 44] = v7
  J[JAt + 45] = m3 * v0 + m4 * v1 + m5 * v2
  J[JAt + 46] = m3 * v3 + m4 * v4 + m5 * v5
  J[JAt + 47] = m3 * v6 + m4 * v7 + m5 * v8
  J[JAt + 48] = v2
  J[JAt + 49] = v5
  J[JAt + 50] = v8
  J[JAt + 51] = m6 * v0 + m7 * v1 + m8 * v2
  J[JAt + 52] = m6 * v3 + m7 * v4 + m8 * v5
  J[JAt + 53] = m6 * v6 + m7 * v7 + m8 * v8
  J[JAt + 54] = 0
  J[JAt + 55] = 0
  J[JAt + 56] = 0
  J[JAt + 57] = v0
  J[JAt + 58] = v3
  J[JAt + 59] = v6
  J[JAt + 60] = 0
  J[JAt + 61] = 0
  J[JAt + 62] = 0
  J[JAt + 63] = v1
  J[JAt + 64] = v4
  J[JAt + 65] = v7
  J[JAt + 66] = 0
  J[JAt + 67] = 0
  J[JAt + 68] = 0
  J[JAt + 69] = v2
  J[JAt + 70] = v5
  J[JAt + 71] = v8

  // A = Rzᵀ, the matrix of the conjugate (zx, zy, zz, zw); W = V⁻¹ A
  const a0 = 1 - 2 * (zy * zy + zz * zz)
  const a1 = 2 * (zx * zy - zz * zw)
  const a2 = 2 * (zx * zz + zy * zw)
  const a3 = 2 * (zx * zy + zz * zw)
  const a4 = 1 - 2 * (zx * zx + zz * zz)
  const a5 = 2 * (zy * zz - zx * zw)
  const a6 = 2 * (zx * zz - zy * zw)
  const a7 = 2 * (zy * zz + zx * zw)
  const a8 = 1 - 2 * (zx * zx + zy * zy)
  const w0 = v0 * a0 + v1 * a3 + v2 * a6
  const w1 = v0 * a1 + v1 * a4 + v2 * a7
  const w2 = v0 * a2 + v1 * a5 + v2 * a8
  const w3 = v3 * a0 + v4 * a3 + v5 * a6
  const w4 = v3 * a1 + v4 * a4 + v5 * a7
  const w5 = v3 * a2 + v4 * a5 + v5 * a8
  const w6 = v6 * a0 + v7 * a3 + v8 * a6
  const w7 = v6 * a1 + v7 * a4 + v8 * a7
  const w8 = v6 * a2 + v7 * a5 + v8 * a8
  // d r / d δi = [−W, W [d]× − M W; 0, −W]
  J[JAt] = -w0
  J[JAt + 1] = -w1
  J[JAt + 2] = -w2
  J[JAt + 3] = w1 * dz - w2 * dy - (m0 * w0 + m1 * w3 + m2 * w6)
  J[JAt + 4] = w2 * dx - w0 * dz - (m0 * w1 + m1 * w4 + m2 * w7)
  J[JAt + 5] = w0 * dy - w1 * dx - (m0 * w2 + m1 * w5 + m2 * w8)
  J[JAt + 6] = -w3
  J[JAt + 7] = -w4
  J[JAt + 8] = -w5
  J[JAt + 9] = w4 * dz - w5 * dy - (m3 * w0 + m4 * w3 + m5 * w6)
  J[JAt + 10] = w5 * dx - w3 * dz - (m3 * w1 + m4 * w4 + m5 * w7)
  J[JAt + 11] = w3 * dy - w4 * dx - (m3 * w2 + m4 * w5 + m5 * w8)
  J[JAt + 12] = -w6
  J[JAt + 13] = -w7
  J[JAt + 14] = -w8
  J[JAt + 15] = w7 * dz - w8 * dy - (m6 * w0 + m7 * w3 + m8 * w6)
  J[JAt + 16] = w8 * dx - w6 * dz - (m6 * w1 + m7 * w4 + m8 * w7)
  J[JAt + 17] = w6 * dy - w7 * dx - (m6 * w2 + m7 * w5 + m8 * w8)
  J[JAt + 18] = 0
  J[JAt + 19] = 0
  J[JAt + 20] = 0
  J[JAt + 21] = -w0
  J[JAt + 22] = -w1
  J[JAt + 23] = -w2
  J[JAt + 24] = 0
  J[JAt + 25] = 0
  J[JAt + 26] = 0
  J[JAt + 27] = -w3
  J[JAt + 28] = -w4
  J[JAt + 29] = -w5
  J[JAt + 30] = 0
  J[JAt + 31] = 0
  J[JAt + 32] = 0
  J[JAt + 33] = -w6
  J[JAt + 34] = -w7
  J[JAt + 35] = -w8
}
