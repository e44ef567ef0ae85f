import type { LieGroup } from '../../geometry/index.ts'
import type { FactorType } from '../factor.ts'
import { type PoseErrorOptions, poseErrorId } from './between.ts'

export interface PriorOptions extends PoseErrorOptions {
  /**
   * The measured pose is that of a sensor on the body: data = Z, then bodyFromSensor; Z ≈ X · bodyFromSensor. g2o's
   * EDGE_SE3_PRIOR has one. Default false.
   */
  readonly offset?: boolean
}

const cache = new Map<string, FactorType>()

/**
 * An absolute measurement of a variable: data = Z, an element as it is stored. r = Z⁻¹ · X in the error of {@link between}:
 * its logarithm, that is local(Z, X), or g2o's (EDGE_PRIOR_SE2, EDGE_SE3_PRIOR). The same arguments give the same object;
 * named 'prior(SE3)', 'prior(SE3,g2o)', 'prior(SE3,g2o,offset)'. (docs/maths/factors.md, eq. 1.5)
 */
export function prior(group: LieGroup, options: PriorOptions = {}): FactorType {
  const { offset = false } = options
  const error = poseErrorId(group, options)
  const id = `${error}${offset ? ',offset' : ''}`
  let type = cache.get(id)
  if (!type) {
    type = {
      name: `prior(${id})`,
      variables: [group],
      residualDim: group.dim,
      dataSize: offset ? 2 * group.ambient : group.ambient,
      gauge: 'none',
      evaluate: priorKernel(group, ERRORS[error] ?? logError(group), offset),
    }
    cache.set(id, type)
  }
  return type
}

/** r = error(E) and, with J, its derivative by the perturbation of E on the right. */
type PoseError = (E: Float64Array, r: Float64Array, rAt: number, J: Float64Array | null, JAt: number) => void

function priorKernel(group: LieGroup, error: PoseError, offset: boolean): FactorType['evaluate'] {
  const { ambient, dim } = group
  const E = new Float64Array(ambient)
  const inverse = new Float64Array(ambient)
  const adjoint = new Float64Array(dim * dim)
  const inSensor = new Float64Array(dim * dim)
  return (x, at, atAt, z, zAt, r, rAt, J, JAt) => {
    group.inverse(z, zAt, inverse, 0)
    group.compose(inverse, 0, x, at[atAt], E, 0)
    if (!offset) {
      error(E, r, rAt, J, JAt)
      return
    }
    group.compose(E, 0, z, zAt + ambient, E, 0)
    error(E, r, rAt, J === null ? null : inSensor, 0)
    if (J === null) return
    // X Exp(δ) P = X P Exp(Ad(P⁻¹) δ)
    group.inverse(z, zAt + ambient, inverse, 0)
    group.adjoint(inverse, 0, adjoint, 0)
    for (let row = 0; row < dim; row++)
      for (let column = 0; column < dim; column++) {
        let sum = 0
        for (let k = 0; k < dim; k++) sum += inSensor[row * dim + k] * adjoint[k * dim + column]
        J[JAt + row * dim + column] = sum
      }
  }
}

/** r = Log(E), d r = J_r⁻¹(r). */
function logError(group: LieGroup): PoseError {
  return (E, r, rAt, J, JAt) => {
    group.log(E, 0, r, rAt)
    if (J !== null) group.rightJacobianInverse(r, rAt, J, JAt)
  }
}

const ERRORS: Readonly<Record<string, PoseError>> = {
  /** (t, θ); d r = [R(θ), 0; 0 0 1]. */
  'SE2,g2o': (E, r, rAt, J, JAt) => {
    const angle = E[2]
    r[rAt] = E[0]
    r[rAt + 1] = E[1]
    r[rAt + 2] = angle
    if (J === null) return
    const c = Math.cos(angle)
    const s = Math.sin(angle)
    J.fill(0, JAt, JAt + 9)
    J[JAt] = c
    J[JAt + 1] = -s
    J[JAt + 3] = s
    J[JAt + 4] = c
    J[JAt + 8] = 1
  },
  /** (t, v) with w ≥ 0; d r = [R(q), 0; 0, ½ (w I + [v]×)]. */
  'SE3,g2o': (E, r, rAt, J, JAt) => {
    const sign = E[6] < 0 ? -1 : 1
    const x = sign * E[3]
    const y = sign * E[4]
    const z = sign * E[5]
    const w = sign * E[6]
    r[rAt] = E[0]
    r[rAt + 1] = E[1]
    r[rAt + 2] = E[2]
    r[rAt + 3] = x
    r[rAt + 4] = y
    r[rAt + 5] = z
    if (J === null) return
    J.fill(0, JAt, JAt + 36)
    J[JAt] = 1 - 2 * (y * y + z * z)
    J[JAt + 1] = 2 * (x * y - z * w)
    J[JAt + 2] = 2 * (x * z + y * w)
    J[JAt + 6] = 2 * (x * y + z * w)
    J[JAt + 7] = 1 - 2 * (x * x + z * z)
    J[JAt + 8] = 2 * (y * z - x * w)
    J[JAt + 12] = 2 * (x * z - y * w)
    J[JAt + 13] = 2 * (y * z + x * w)
    J[JAt + 14] = 1 - 2 * (x * x + y * y)
    J[JAt + 21] = w / 2
    J[JAt + 22] = -z / 2
    J[JAt + 23] = y / 2
    J[JAt + 27] = z / 2
    J[JAt + 28] = w / 2
    J[JAt + 29] = -x / 2
    J[JAt + 33] = -y / 2
    J[JAt + 34] = x / 2
    J[JAt + 35] = w / 2
  },
}
