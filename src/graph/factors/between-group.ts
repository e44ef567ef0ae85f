import type { LieGroup } from '../../geometry/index.ts'
import type { FactorType } from '../factor.ts'

/**
 * The relative-pose factor on any Lie group, by the group's own operations: with E = Z⁻¹ · Xi⁻¹ · Xj and r = Log(E),
 *   d r / d δi = −J_l⁻¹(r) Ad(Z⁻¹),   d r / d δj = J_r⁻¹(r)                      (docs/maths/factors.md, eq. 1.3, 1.4).
 */
export function betweenGroupKernel(group: LieGroup): FactorType['evaluate'] {
  const { ambient, dim } = group
  const inverse = new Float64Array(ambient) // Xi⁻¹, then Z⁻¹
  const relative = new Float64Array(ambient)
  const left = new Float64Array(dim * dim)
  const adjoint = new Float64Array(dim * dim)
  return (x, at, atAt, z, zAt, r, rAt, J, JAt) => {
    group.inverse(x, at[atAt], inverse, 0)
    group.compose(inverse, 0, x, at[atAt + 1], relative, 0)
    group.inverse(z, zAt, inverse, 0)
    group.compose(inverse, 0, relative, 0, relative, 0)
    group.log(relative, 0, r, rAt)
    if (J === null) return
    group.leftJacobianInverse(r, rAt, left, 0)
    group.adjoint(inverse, 0, adjoint, 0)
    for (let row = 0; row < dim; row++)
      for (let column = 0; column < dim; column++) {
        let sum = 0
        for (let k = 0; k < dim; k++) sum -= left[row * dim + k] * adjoint[k * dim + column]
        J[JAt + row * dim + column] = sum
      }
    group.rightJacobianInverse(r, rAt, J, JAt + dim * dim)
  }
}
