import type { LieGroup } from '../../geometry/index.ts'
import type { FactorType } from '../factor.ts'

type Propagate = NonNullable<FactorType['propagate']>

/** Places either end of a relative pose from the other: Xj = Xi · Z, Xi = Xj · Z⁻¹. */
export function betweenPropagation(group: LieGroup): Propagate {
  const inverse = new Float64Array(group.ambient)
  return (x, at, atAt, data, dataAt, slot) => {
    const i = at[atAt]
    const j = at[atAt + 1]
    if (slot === 1) group.compose(x, i, data, dataAt, x, j)
    else {
      group.inverse(data, dataAt, inverse, 0)
      group.compose(x, j, inverse, 0, x, i)
    }
    return true
  }
}

/** Places a landmark (slot 1) from the pose that measured it: p = X · z. */
export function landmarkPropagation(group: LieGroup): Propagate {
  return (x, at, atAt, data, dataAt, slot) => {
    if (slot !== 1) return false
    group.act(x, at[atAt], data, dataAt, x, at[atAt + 1])
    return true
  }
}

/** As {@link landmarkPropagation}, through a sensor mounted on the body: p = X · bodyFromSensor · z. */
export function mountedLandmarkPropagation(group: LieGroup): Propagate {
  const inBody = new Float64Array(group.pointDim)
  return (x, at, atAt, data, dataAt, slot) => {
    if (slot !== 1) return false
    group.act(data, dataAt + group.pointDim, data, dataAt, inBody, 0)
    group.act(x, at[atAt], inBody, 0, x, at[atAt + 1])
    return true
  }
}

/** Places a point (slot 1) from the pose that saw it, by the point in the body frame that `point` makes of the data. */
export function bearingRangePropagation(
  group: LieGroup,
  point: (data: Float64Array, dataAt: number, inBody: Float64Array) => void,
): Propagate {
  const inBody = new Float64Array(group.pointDim)
  return (x, at, atAt, data, dataAt, slot) => {
    if (slot !== 1) return false
    point(data, dataAt, inBody)
    group.act(x, at[atAt], inBody, 0, x, at[atAt + 1])
    return true
  }
}
