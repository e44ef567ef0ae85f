import { euclidean, type LieGroup, SE2, SE3 } from '../../geometry/index.ts'
import { UsageError } from '../../numeric/index.ts'
import type { FactorType } from '../factor.ts'

const cache = new Map<string, FactorType>()

/** A distance in the plane between two ends, each a pose (SE2) or a point (R2); see {@link range3}. */
export function range2(a: LieGroup = SE2, b: LieGroup = euclidean(2)): FactorType {
  return range(a, b, SE2, 2)
}

/**
 * A distance in space between two ends, each a pose (SE3) or a point (R3): by default from a pose to a point. data = the
 * distance in metres; r = |tb − ta| − z. Where the ends coincide the distance has no derivative; 0 is given.
 * The same arguments give the same object; named 'range(SE3,R3)'. (docs/maths/factors.md, eq. 5.1)
 */
export function range3(a: LieGroup = SE3, b: LieGroup = euclidean(3)): FactorType {
  return range(a, b, SE3, 3)
}

function range(a: LieGroup, b: LieGroup, pose: LieGroup, n: 2 | 3): FactorType {
  for (const end of [a, b])
    if (end.name !== pose.name && end.name !== `R${n}`)
      throw new UsageError(`range${n} connects ${pose.name} and R${n} variables, got ${end.name}`)
  const name = `range(${a.name},${b.name})`
  let type = cache.get(name)
  if (!type) {
    const poseA = a.name === pose.name
    const poseB = b.name === pose.name
    const evaluate = n === 2 ? rangeKernel2(poseA, poseB) : rangeKernel3(poseA, poseB)
    type = { name, variables: [a, b], residualDim: 1, dataSize: 1, gauge: 'rigid', evaluate }
    cache.set(name, type)
  }
  return type
}

/** With u the unit vector from a to b: d r = −uᵀ d ta + uᵀ d tb, and d t = R ρ of a pose, so its row is ±(Rᵀu)ᵀ, 0. */
function rangeKernel2(poseA: boolean, poseB: boolean): FactorType['evaluate'] {
  return (x, at, atAt, z, zAt, r, rAt, J, JAt) => {
    const a = at[atAt]
    const b = at[atAt + 1]
    const dx = x[b] - x[a]
    const dy = x[b + 1] - x[a + 1]
    const distance = Math.sqrt(dx * dx + dy * dy)
    r[rAt] = distance - z[zAt]
    if (J === null) return
    const inverse = distance > 0 ? 1 / distance : 0
    const next = end2(x, a, poseA, -dx * inverse, -dy * inverse, J, JAt)
    end2(x, b, poseB, dx * inverse, dy * inverse, J, next)
  }
}

function end2(x: Float64Array, at: number, pose: boolean, ux: number, uy: number, J: Float64Array, JAt: number) {
  if (!pose) {
    J[JAt] = ux
    J[JAt + 1] = uy
    return JAt + 2
  }
  const c = Math.cos(x[at + 2])
  const s = Math.sin(x[at + 2])
  J[JAt] = c * ux + s * uy
  J[JAt + 1] = c * uy - s * ux
  J[JAt + 2] = 0
  return JAt + 3
}

function rangeKernel3(poseA: boolean, poseB: boolean): FactorType['evaluate'] {
  return (x, at, atAt, z, zAt, r, rAt, J, JAt) => {
    const a = at[atAt]
    const b = at[atAt + 1]
    const dx = x[b] - x[a]
    const dy = x[b + 1] - x[a + 1]
    const dz = x[b + 2] - x[a + 2]
    const distance = Math.sqrt(dx * dx + dy * dy + dz * dz)
    r[rAt] = distance - z[zAt]
    if (J === null) return
    const inverse = distance > 0 ? 1 / distance : 0
    const next = end3(x, a, poseA, -dx * inverse, -dy * inverse, -dz * inverse, J, JAt)
    end3(x, b, poseB, dx * inverse, dy * inverse, dz * inverse, J, next)
  }
}

function end3(
  x: Float64Array,
  at: number,
  pose: boolean,
  ux: number,
  uy: number,
  uz: number,
  J: Float64Array,
  JAt: number,
): number {
  if (!pose) {
    J[JAt] = ux
    J[JAt + 1] = uy
    J[JAt + 2] = uz
    return JAt + 3
  }
  // Rᵀ u by u + 2w (v × u) + 2 v × (v × u), v = −vec q
  const vx = -x[at + 3]
  const vy = -x[at + 4]
  const vz = -x[at + 5]
  const w = x[at + 6]
  const cx = 2 * (vy * uz - vz * uy)
  const cy = 2 * (vz * ux - vx * uz)
  const cz = 2 * (vx * uy - vy * ux)
  J[JAt] = ux + w * cx + vy * cz - vz * cy
  J[JAt + 1] = uy + w * cy + vz * cx - vx * cz
  J[JAt + 2] = uz + w * cz + vx * cy - vy * cx
  J[JAt + 3] = 0
  J[JAt + 4] = 0
  J[JAt + 5] = 0
  return JAt + 6
}
