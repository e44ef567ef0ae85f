// Made by scripts/expressions.mjs from scripts/expressions/formulas.ts; do not edit.

/** The relative-pose factor in the plane with g2o's error (docs/maths/factors.md, eq. 2.1). */
export function evaluateBetweenSe2G2o(
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
  const t1 = Math.floor(0.5 + (t0 * 0.6366197723675814))
  const t2 = t1 - (4 * Math.floor(0.25 * t1))
  const t3 = 0.5 < (t2 - (2 * Math.floor(0.5 * t2)))
  const t4 = t0 - (1.5707963267341256 * t1)
  const t5 = 6.077100506303966e-11 * t1
  const t6 = t4 - t5
  const t7 = t4 - t6 - t5 - (2.0222662487959506e-21 * t1)
  const t8 = t6 + t7
  const t9 = t8 * t8
  const t10 = t7 + (t6 - t8)
  const t11 = 0.5 * t9
  const t12 = 1 - t11
  const t13 = t8 + ((t9 * (0.008333333333333333 + (t9 * (t9 * (0.0000027557319223985893 + (t9 * (t9 * (1.6059043836821613e-10 + (t9 * (2.8114572543455206e-15 * t9 - 7.647163731819816e-13))) - 2.505210838544172e-8))) - 0.0001984126984126984))) - 0.16666666666666666) * (t8 * t9) + (t10 * t12))
  const t14 = t12 + (1 - t12 - t11 + ((0.041666666666666664 + (t9 * (t9 * (0.0000248015873015873 + (t9 * (t9 * (2.08767569878681e-9 + (t9 * (4.779477332387385e-14 * t9 - 1.1470745597729725e-11))) - 2.755731922398589e-7))) - 0.001388888888888889))) * (t9 * t9) - (t8 * t10)))
  const t15 = t3 ? t13 : t14
  const t16 = Math.abs(t2 - 1.5) < 1 ? -t15 : t15
  const t17 = x[v1] - x[v0]
  const t18 = x[v0 + 2]
  const t19 = Math.floor(0.5 + (t18 * 0.6366197723675814))
  const t20 = t19 - (4 * Math.floor(t19 * 0.25))
  const t21 = 0.5 < (t20 - (2 * Math.floor(0.5 * t20)))
  const t22 = t18 - (t19 * 1.5707963267341256)
  const t23 = t19 * 6.077100506303966e-11
  const t24 = t22 - t23
  const t25 = t22 - t24 - t23 - (t19 * 2.0222662487959506e-21)
  const t26 = t24 + t25
  const t27 = t26 * t26
  const t28 = t25 + (t24 - t26)
  const t29 = 0.5 * t27
  const t30 = 1 - t29
  const t31 = t26 + ((t27 * (t27 * (t27 * (t27 * (t27 * (t27 * (t27 * 2.8114572543455206e-15 - 7.647163731819816e-13) + 1.6059043836821613e-10) - 2.505210838544172e-8) + 0.0000027557319223985893) - 0.0001984126984126984) + 0.008333333333333333) - 0.16666666666666666) * (t26 * t27) + (t28 * t30))
  const t32 = t30 + (1 - t30 - t29 + ((t27 * (t27 * (t27 * (t27 * (t27 * (t27 * 4.779477332387385e-14 - 1.1470745597729725e-11) + 2.08767569878681e-9) - 2.755731922398589e-7) + 0.0000248015873015873) - 0.001388888888888889) + 0.041666666666666664) * (t27 * t27) - (t26 * t28)))
  const t33 = t21 ? t31 : t32
  const t34 = Math.abs(t20 - 1.5) < 1 ? -t33 : t33
  const t35 = x[v1 + 1] - x[v0 + 1]
  const t36 = t21 ? t32 : t31
  const t37 = 1.5 < t20 ? -t36 : t36
  const t38 = t17 * t34 + (t35 * t37)
  const t39 = t38 - z[zAt]
  const t40 = t3 ? t14 : t13
  const t41 = 1.5 < t2 ? -t40 : t40
  const t42 = t35 * t34 - (t17 * t37)
  const t43 = t42 - z[zAt + 1]
  const t44 = x[v1 + 2] - t18
  const t45 = t44 - t0
  r[rAt] = t16 * t39 + (t41 * t43)
  r[rAt + 1] = t16 * t43 - (t41 * t39)
  r[rAt + 2] = 3.141592653589793 < Math.abs(t45) ? (t45 - (Math.floor(0.5 + (t45 * 0.15915494309189535)) * 6.283185307179586)) : t45
  if (J === null) return
  const t46 = -t16
  const t47 = Math.floor(0.5 + (t44 * 0.6366197723675814))
  const t48 = t47 - (4 * Math.floor(0.25 * t47))
  const t49 = 0.5 < (t48 - (2 * Math.floor(0.5 * t48)))
  const t50 = t44 - (1.5707963267341256 * t47)
  const t51 = 6.077100506303966e-11 * t47
  const t52 = t50 - t51
  const t53 = t50 - t52 - t51 - (2.0222662487959506e-21 * t47)
  const t54 = t52 + t53
  const t55 = t54 * t54
  const t56 = t53 + (t52 - t54)
  const t57 = 0.5 * t55
  const t58 = 1 - t57
  const t59 = t54 + ((t55 * (0.008333333333333333 + (t55 * (t55 * (0.0000027557319223985893 + (t55 * (t55 * (1.6059043836821613e-10 + (t55 * (2.8114572543455206e-15 * t55 - 7.647163731819816e-13))) - 2.505210838544172e-8))) - 0.0001984126984126984))) - 0.16666666666666666) * (t54 * t55) + (t56 * t58))
  const t60 = t58 + (1 - t58 - t57 + ((0.041666666666666664 + (t55 * (t55 * (0.0000248015873015873 + (t55 * (t55 * (2.08767569878681e-9 + (t55 * (4.779477332387385e-14 * t55 - 1.1470745597729725e-11))) - 2.755731922398589e-7))) - 0.001388888888888889))) * (t55 * t55) - (t54 * t56)))
  const t61 = t49 ? t59 : t60
  const t62 = Math.abs(t48 - 1.5) < 1 ? -t61 : t61
  const t63 = t49 ? t60 : t59
  const t64 = 1.5 < t48 ? -t63 : t63
  const t65 = t62 * t16 + (t64 * t41)
  const t66 = t62 * t41
  const t67 = t64 * t16
  J[JAt] = t46
  J[JAt + 1] = -t41
  J[JAt + 2] = t42 * t16 - (t38 * t41)
  J[JAt + 3] = t41
  J[JAt + 4] = t46
  J[JAt + 5] = -(t38 * t16 + (t42 * t41))
  J[JAt + 6] = 0
  J[JAt + 7] = 0
  J[JAt + 8] = -1
  J[JAt + 9] = t65
  J[JAt + 10] = t66 - t67
  J[JAt + 11] = 0
  J[JAt + 12] = t67 - t66
  J[JAt + 13] = t65
  J[JAt + 14] = 0
  J[JAt + 15] = 0
  J[JAt + 16] = 0
  J[JAt + 17] = 1
}
