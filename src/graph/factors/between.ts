import type { LieGroup } from '../../geometry/index.ts'
import { UsageError } from '../../numeric/index.ts'
import type { FactorType, Gauge } from '../factor.ts'
import { betweenGroupKernel } from './between-group.ts'
import { evaluateBetweenSE2 } from './between-se2.ts'
import { evaluateBetweenSE3 } from './between-se3.ts'
import { evaluateBetweenSe2G2o } from './kernels/between-se2-g2o.ts'
import { evaluateBetweenSe3G2o } from './kernels/between-se3-g2o.ts'
import { betweenPropagation } from './propagation.ts'

/** Which error a pose difference is measured in; see {@link between}. */
export interface PoseErrorOptions {
  /** Default 'log'. 'g2o' exists for SE2 and SE3. */
  readonly error?: 'log' | 'g2o'
}

const KERNELS: Readonly<Record<string, FactorType['evaluate']>> = {
  SE2: evaluateBetweenSE2,
  'SE2,g2o': evaluateBetweenSe2G2o,
  SE3: evaluateBetweenSE3,
  'SE3,g2o': evaluateBetweenSe3G2o,
}

/** Those that come from expressions have twins in WebAssembly. */
const TWINS: Readonly<Record<string, string>> = { 'SE2,g2o': 'BetweenSe2G2o', 'SE3,g2o': 'BetweenSe3G2o' }

const cache = new Map<string, FactorType>()

/**
 * The measured motion from variable i to variable j: data = Z, an element of the group as it is stored (Xj ≈ Xi · Z).
 *
 * `error: 'log'` (the default): r = Log(Z⁻¹ · Xi⁻¹ · Xj), dim numbers in tangent order.
 * `error: 'g2o'`: the error that the information matrices of .g2o files belong to (R. Kümmerle et al., "g2o: a general
 * framework for graph optimization", ICRA 2011): (t, θ wrapped) for SE2, (t, vec q with w ≥ 0) for SE3 of the same product.
 * Near the measurement Log ≈ (t, θ) in the plane, and (t, 2 vec q) in space.
 *
 * The same arguments give the same object. Named 'between(SE3)', 'between(SE3,g2o)'.
 */
export function between(group: LieGroup, options: PoseErrorOptions = {}): FactorType {
  const id = poseErrorId(group, options)
  let type = cache.get(id)
  if (!type) {
    type = {
      name: `between(${id})`,
      variables: [group, group],
      residualDim: group.dim,
      dataSize: group.ambient,
      gauge: gaugeOf(group),
      relative: group,
      propagate: betweenPropagation(group),
      ...(TWINS[id] && { kernel: TWINS[id] }),
      evaluate: KERNELS[id] ?? betweenGroupKernel(group),
    }
    cache.set(id, type)
  }
  return type
}

/** 'SE3' or 'SE3,g2o'; refuses errors that do not exist. */
export function poseErrorId(group: LieGroup, { error = 'log' }: PoseErrorOptions): string {
  if (error === 'log') return group.name
  if (error !== 'g2o') throw new UsageError(`unknown error '${error}'; expected 'log' or 'g2o'`)
  if (group.name !== 'SE2' && group.name !== 'SE3')
    throw new UsageError(`the g2o error is defined for SE2 and SE3, not for ${group.name}; use error 'log'`)
  return `${group.name},g2o`
}

function gaugeOf(group: LieGroup): Gauge {
  if (/^R\d+$/.test(group.name)) return 'translation'
  if (group.name === 'Sim3') return 'similarity'
  if (/^S[OE][23]$/.test(group.name)) return 'rigid'
  return 'none'
}
