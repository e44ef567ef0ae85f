import type { LieGroup } from '../../geometry/index.ts'
import type { FactorType } from '../factor.ts'

/**
 * The relative-pose factor on any Lie group, by the group's own operations: with D = Xi⁻¹ · Xj, E = Z⁻¹ · D and r = Log(E),
 *   d r / d δi = −J_r⁻¹(r) Ad(D⁻¹),   d r / d δj = J_r⁻¹(r)                       (docs/maths/factors.md, eq. 1.3, 1.4).
 */
export function betweenGroupKernel(group: LieGroup): FactorType['evaluate'] {
  const { ambient, dim } = group
  const inverse = new Float64Array(ambient)
  const D = new Float64Array(ambient)
  const E = new Float64Array(ambient)
  const adjoint = new Float64Array(dim * dim)
  return (x, at, atAt, z, zAt, r, rAt, J, JAt) => {
    group.inverse(x, at[atAt], inverse, 0)
    group.compose(inverse, 0, x, at[atAt + 1], D, 0)
    group.inverse(z, zAt, inverse, 0)
    group.compose(inverse, 0, D, 0, E, 0)
    group.log(E, 0, r, rAt)
    if (J === null) return
    const right = JAt + dim * dim
    group.rightJacobianInverse(r, rAt, J, right)
    group.inverse(D, 0, inverse, 0)
    group.adjoint(inverse, 0, adjoint, 0)
    for (let row = 0; row < dim; row++)
      for (let column = 0; column < dim; column++) {
        let sum = 0
        for (let k = 0; k < dim; k++) sum -= J[right + row * dim + k] * adjoint[k * dim + column]
        J[JAt + row * dim + column] = sum
      }
  }
}
