// Made by scripts/expressions.mjs from scripts/expressions/formulas.ts; do not edit.

/** A point seen by a calibrated pinhole (docs/maths/factors.md, eq. 6.5). */
export function evaluateReprojectionCalibrated(
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
  const v0 = at[atAt]
  const v1 = at[atAt + 1]
  const t0 = z[zAt + 2]
  const t1 = x[v0 + 3]
  const t2 = x[v0 + 5]
  const t3 = t1 * t2
  const t4 = x[v0 + 4]
  const t5 = x[v0 + 6]
  const t6 = t4 * t5
  const t7 = 2 * (t3 - t6)
  const t8 = x[v1 + 2] - x[v0 + 2]
  const t9 = t4 * t4
  const t10 = t2 * t2
  const t11 = 1 - ((t9 + t10) * 2)
  const t12 = x[v1] - x[v0]
  const t13 = t1 * t4
  const t14 = t2 * t5
  const t15 = 2 * (t13 + t14)
  const t16 = x[v1 + 1] - x[v0 + 1]
  const t17 = t7 * t8 + (t11 * t12 + (t15 * t16))
  const t18 = t1 * t1
  const t19 = 1 - (2 * (t9 + t18))
  const t20 = 2 * (t3 + t6)
  const t21 = t4 * t2
  const t22 = t1 * t5
  const t23 = 2 * (t21 - t22)
  const t24 = t19 * t8 + (t20 * t12 + (t23 * t16))
  const t25 = 1 / t24
  const t26 = t17 * t25
  const t27 = z[zAt + 3]
  const t28 = 2 * (t21 + t22)
  const t29 = 2 * (t13 - t14)
  const t30 = 1 - (2 * (t10 + t18))
  const t31 = t28 * t8 + (t29 * t12 + (t30 * t16))
  const t32 = t31 * t25
  r[rAt] = z[zAt + 4] + (t0 * t26) - z[zAt]
  r[rAt + 1] = z[zAt + 5] + (t27 * t32) - z[zAt + 1]
  if (J === null) return
  const t33 = t0 * t25
  const t34 = t0 * (t25 * t26)
  const t35 = t27 * t25
  const t36 = t27 * (t25 * t32)
  J[JAt] = -t33
  J[JAt + 1] = 0
  J[JAt + 2] = t34
  J[JAt + 3] = t31 * t34
  J[JAt + 4] = -(t24 * t33 + (t17 * t34))
  J[JAt + 5] = t31 * t33
  J[JAt + 6] = 0
  J[JAt + 7] = -t35
  J[JAt + 8] = t36
  J[JAt + 9] = t24 * t35 + (t31 * t36)
  J[JAt + 10] = -(t17 * t36)
  J[JAt + 11] = -(t17 * t35)
  J[JAt + 12] = t11 * t33 - (t20 * t34)
  J[JAt + 13] = t15 * t33 - (t23 * t34)
  J[JAt + 14] = t7 * t33 - (t19 * t34)
  J[JAt + 15] = t29 * t35 - (t20 * t36)
  J[JAt + 16] = t30 * t35 - (t23 * t36)
  J[JAt + 17] = t28 * t35 - (t19 * t36)
}
