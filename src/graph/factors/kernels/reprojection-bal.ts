// Made by scripts/expressions.mjs from scripts/expressions/formulas.ts; do not edit.

/** A point seen by a camera of BAL (docs/maths/factors.md, eq. 6.1). */
export function evaluateReprojectionBal(
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
  const t0 = x[v0 + 3]
  const t1 = x[v0 + 5]
  const t2 = t0 * t1
  const t3 = x[v0 + 4]
  const t4 = x[v0 + 6]
  const t5 = t3 * t4
  const t6 = 2 * (t2 - t5)
  const t7 = x[v1 + 2] - x[v0 + 2]
  const t8 = t3 * t3
  const t9 = t1 * t1
  const t10 = 1 - ((t8 + t9) * 2)
  const t11 = x[v1] - x[v0]
  const t12 = t0 * t3
  const t13 = t1 * t4
  const t14 = 2 * (t12 + t13)
  const t15 = x[v1 + 1] - x[v0 + 1]
  const t16 = t6 * t7 + (t10 * t11 + (t14 * t15))
  const t17 = t0 * t0
  const t18 = 1 - (2 * (t8 + t17))
  const t19 = 2 * (t2 + t5)
  const t20 = t3 * t1
  const t21 = t0 * t4
  const t22 = 2 * (t20 - t21)
  const t23 = t18 * t7 + (t19 * t11 + (t22 * t15))
  const t24 = 1 / t23
  const t25 = t16 * t24
  const t26 = x[v0 + 7]
  const t27 = 2 * (t20 + t21)
  const t28 = 2 * (t12 - t13)
  const t29 = 1 - (2 * (t9 + t17))
  const t30 = t27 * t7 + (t28 * t11 + (t29 * t15))
  const t31 = t30 * t24
  const t32 = t25 * t25 + (t31 * t31)
  const t33 = x[v0 + 9]
  const t34 = x[v0 + 8] + (t33 * t32)
  const t35 = 1 + (t32 * t34)
  const t36 = t26 * t35
  r[rAt] = -(z[zAt] + (t25 * t36))
  r[rAt + 1] = -(z[zAt + 1] + (t31 * t36))
  if (J === null) return
  const t37 = t25 + t25
  const t38 = t26 * (t37 * t34 + (t32 * (t33 * t37)))
  const t39 = t36 + (t25 * t38)
  const t40 = t24 * t39
  const t41 = t31 + t31
  const t42 = t26 * (t41 * t34 + (t32 * (t33 * t41)))
  const t43 = t25 * t42
  const t44 = t24 * t43
  const t45 = t24 * t25
  const t46 = t24 * t31
  const t47 = t45 * t39 + (t46 * t43)
  const t48 = t26 * t32
  const t49 = t26 * (t32 * t32)
  const t50 = t31 * t38
  const t51 = t24 * t50
  const t52 = t36 + (t31 * t42)
  const t53 = t24 * t52
  const t54 = t45 * t50 + (t46 * t52)
  J[JAt] = t40
  J[JAt + 1] = t44
  J[JAt + 2] = -t47
  J[JAt + 3] = -(t23 * t44 + (t30 * t47))
  J[JAt + 4] = t23 * t40 + (t16 * t47)
  J[JAt + 5] = t16 * t44 - (t30 * t40)
  J[JAt + 6] = -(t25 * t35)
  J[JAt + 7] = -(t25 * t48)
  J[JAt + 8] = -(t25 * t49)
  J[JAt + 9] = t51
  J[JAt + 10] = t53
  J[JAt + 11] = -t54
  J[JAt + 12] = -(t23 * t53 + (t30 * t54))
  J[JAt + 13] = t23 * t51 + (t16 * t54)
  J[JAt + 14] = t16 * t53 - (t30 * t51)
  J[JAt + 15] = -(t31 * t35)
  J[JAt + 16] = -(t31 * t48)
  J[JAt + 17] = -(t31 * t49)
  J[JAt + 18] = t19 * t47 - (t10 * t40 + (t28 * t44))
  J[JAt + 19] = t22 * t47 - (t14 * t40 + (t29 * t44))
  J[JAt + 20] = t18 * t47 - (t6 * t40 + (t27 * t44))
  J[JAt + 21] = t19 * t54 - (t10 * t51 + (t28 * t53))
  J[JAt + 22] = t22 * t54 - (t14 * t51 + (t29 * t53))
  J[JAt + 23] = t18 * t54 - (t6 * t51 + (t27 * t53))
}
