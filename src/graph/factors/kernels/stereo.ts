// Made by scripts/expressions.mjs from scripts/expressions/formulas.ts; do not edit.

/** A point seen by a rectified stereo pair (docs/maths/factors.md, eq. 6.8). */
export function evaluateStereo(
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
  const t0 = z[zAt + 5]
  const t1 = z[zAt + 3]
  const t2 = x[v0 + 3]
  const t3 = x[v0 + 5]
  const t4 = t2 * t3
  const t5 = x[v0 + 4]
  const t6 = x[v0 + 6]
  const t7 = t5 * t6
  const t8 = 2 * (t4 - t7)
  const t9 = x[v1 + 2] - x[v0 + 2]
  const t10 = t5 * t5
  const t11 = t3 * t3
  const t12 = 1 - ((t10 + t11) * 2)
  const t13 = x[v1] - x[v0]
  const t14 = t2 * t5
  const t15 = t3 * t6
  const t16 = 2 * (t14 + t15)
  const t17 = x[v1 + 1] - x[v0 + 1]
  const t18 = t8 * t9 + (t12 * t13 + (t16 * t17))
  const t19 = t2 * t2
  const t20 = 1 - (2 * (t10 + t19))
  const t21 = 2 * (t4 + t7)
  const t22 = t5 * t3
  const t23 = t2 * t6
  const t24 = 2 * (t22 - t23)
  const t25 = t20 * t9 + (t21 * t13 + (t24 * t17))
  const t26 = 1 / t25
  const t27 = t18 * t26
  const t28 = t26 * (t18 - z[zAt + 7])
  const t29 = z[zAt + 4]
  const t30 = 2 * (t22 + t23)
  const t31 = 2 * (t14 - t15)
  const t32 = 1 - (2 * (t11 + t19))
  const t33 = t30 * t9 + (t31 * t13 + (t32 * t17))
  const t34 = t33 * t26
  r[rAt] = t0 + (t1 * t27) - z[zAt]
  r[rAt + 1] = t0 + (t1 * t28) - z[zAt + 1]
  r[rAt + 2] = z[zAt + 6] + (t29 * t34) - z[zAt + 2]
  if (J === null) return
  const t35 = t1 * t26
  const t36 = -t35
  const t37 = t1 * (t26 * t27)
  const t38 = t25 * t35
  const t39 = t33 * t35
  const t40 = t1 * (t26 * t28)
  const t41 = t29 * t26
  const t42 = t29 * (t26 * t34)
  const t43 = t12 * t35
  const t44 = t16 * t35
  const t45 = t8 * t35
  J[JAt] = t36
  J[JAt + 1] = 0
  J[JAt + 2] = t37
  J[JAt + 3] = t33 * t37
  J[JAt + 4] = -(t38 + (t18 * t37))
  J[JAt + 5] = t39
  J[JAt + 6] = t36
  J[JAt + 7] = 0
  J[JAt + 8] = t40
  J[JAt + 9] = t33 * t40
  J[JAt + 10] = -(t38 + (t18 * t40))
  J[JAt + 11] = t39
  J[JAt + 12] = 0
  J[JAt + 13] = -t41
  J[JAt + 14] = t42
  J[JAt + 15] = t25 * t41 + (t33 * t42)
  J[JAt + 16] = -(t18 * t42)
  J[JAt + 17] = -(t18 * t41)
  J[JAt + 18] = t43 - (t21 * t37)
  J[JAt + 19] = t44 - (t24 * t37)
  J[JAt + 20] = t45 - (t20 * t37)
  J[JAt + 21] = t43 - (t21 * t40)
  J[JAt + 22] = t44 - (t24 * t40)
  J[JAt + 23] = t45 - (t20 * t40)
  J[JAt + 24] = t31 * t41 - (t21 * t42)
  J[JAt + 25] = t32 * t41 - (t24 * t42)
  J[JAt + 26] = t30 * t41 - (t20 * t42)
}
