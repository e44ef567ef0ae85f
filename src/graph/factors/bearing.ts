import { euclidean, SE2, SE3, wrapAngle } from '../../geometry/index.ts'
import type { FactorType } from '../factor.ts'
import { body, chainPoseAndPoint, pointInBody } from './pose-point.ts'
import { bearingRangePropagation } from './propagation.ts'

/**
 * The direction to a landmark in the plane, over [SE2 worldFromBody, R2 point in world]: with b = R(θ)ᵀ (p − t),
 * r = atan2(by, bx) − z wrapped to [−π, π]; data = z in radians, counter-clockwise from the body's x axis. At b = 0, where
 * there is no direction, the derivative is taken as 0. (docs/maths/factors.md, eq. 5.2)
 */
export const bearing2: FactorType = {
  name: 'bearing(SE2,R2)',
  variables: [SE2, euclidean(2)],
  residualDim: 1,
  dataSize: 1,
  gauge: 'similarity',
  evaluate(x, at, atAt, z, zAt, r, rAt, J, JAt) {
    pointInPlane(x, at[atAt], at[atAt + 1])
    r[rAt] = wrapAngle(Math.atan2(plane[1], plane[0]) - z[zAt])
    if (J === null) return
    const inverse = inverseSquare()
    planarRow(-plane[1] * inverse, plane[0] * inverse, J, JAt, JAt + 3)
  },
}

/** {@link bearing2} and the distance: data = (bearing, range), r = (bearing error wrapped, |b| − range). (eq. 5.2, 5.1) */
export const bearingRange2: FactorType = {
  name: 'bearing-range(SE2,R2)',
  variables: [SE2, euclidean(2)],
  residualDim: 2,
  dataSize: 2,
  gauge: 'rigid',
  propagate: bearingRangePropagation(SE2, (z, at, p) => {
    p[0] = z[at + 1] * Math.cos(z[at])
    p[1] = z[at + 1] * Math.sin(z[at])
  }),
  evaluate(x, at, atAt, z, zAt, r, rAt, J, JAt) {
    pointInPlane(x, at[atAt], at[atAt + 1])
    const bx = plane[0]
    const by = plane[1]
    const distance = Math.sqrt(bx * bx + by * by)
    r[rAt] = wrapAngle(Math.atan2(by, bx) - z[zAt])
    r[rAt + 1] = distance - z[zAt + 1]
    if (J === null) return
    const inverse = inverseSquare()
    planarRow(-by * inverse, bx * inverse, J, JAt, JAt + 6)
    planarRow(bx * inverse * distance, by * inverse * distance, J, JAt + 3, JAt + 8)
  },
}

/**
 * Direction and distance of a landmark in space, over [SE3 worldFromBody, R3 point in world]. data = (a unit vector d in the
 * body frame, the distance): 4 numbers. With b = Rᵀ (p − t), u = b/|b| and B = [b₁ b₂] an orthonormal basis of the plane
 * perpendicular to d (T. Duff et al., "Building an orthonormal basis, revisited", JCGT 2017), the bearing error is the
 * sphere's logarithm at d in that basis,
 *
 *   r₀₁ = (θ / sin θ) Bᵀ u,  θ = the angle between d and u,  r₂ = |b| − distance                             (eq. 5.3)
 *
 * so that |r₀₁| = θ in radians, and standard deviations of the bearing are angles. Opposite to d (θ = π) the logarithm has
 * no direction; at b = 0 there is none to measure. Derivatives there are not to be trusted.
 */
export const bearingRange3: FactorType = {
  name: 'bearing-range(SE3,R3)',
  variables: [SE3, euclidean(3)],
  residualDim: 3,
  dataSize: 4,
  gauge: 'rigid',
  propagate: bearingRangePropagation(SE3, (z, at, p) => {
    for (let k = 0; k < 3; k++) p[k] = z[at + 3] * z[at + k]
  }),
  evaluate(x, at, atAt, z, zAt, r, rAt, J, JAt) {
    pointInBody(x, at[atAt], at[atAt + 1])
    const bx = body[0]
    const by = body[1]
    const bz = body[2]
    const distance = Math.sqrt(bx * bx + by * by + bz * bz)
    const inverse = distance > 0 ? 1 / distance : 0
    const ux = bx * inverse
    const uy = by * inverse
    const uz = bz * inverse
    const dx = z[zAt]
    const dy = z[zAt + 1]
    const dz = z[zAt + 2]
    // the basis of Duff et al.: no case but the sign of dz
    const sign = dz < 0 ? -1 : 1
    const a = -1 / (sign + dz)
    const b = dx * dy * a
    const p0 = 1 + sign * dx * dx * a
    const p1 = sign * b
    const p2 = -sign * dx
    const q1 = sign + dy * dy * a
    const w0 = p0 * ux + p1 * uy + p2 * uz
    const w1 = b * ux + q1 * uy - dy * uz
    const c = dx * ux + dy * uy + dz * uz
    const n = Math.sqrt(w0 * w0 + w1 * w1)
    const k = n < 1e-8 && c > 0 ? 1 : Math.atan2(n, c) / n // θ / sin θ
    r[rAt] = k * w0
    r[rAt + 1] = k * w1
    r[rAt + 2] = distance - z[zAt + 3]
    if (J === null) return
    // d(k w) = k dw + w (h wᵀ dw − dᵀ du), h = (c − k) / n²: from dθ = c dn − n dc                        (eq. 5.4)
    const h = n < 1e-8 ? -2 / 3 : (c - k) / (n * n)
    const s0 = h * w0
    const s1 = h * w1
    const m0 = s0 * p0 + s1 * b - dx
    const m1 = s0 * p1 + s1 * q1 - dy
    const m2 = s0 * p2 - s1 * dy - dz
    // rows of d r / d u, then through d u / d b = (I − u uᵀ)/|b|
    tangentRow(0, k * p0 + w0 * m0, k * p1 + w0 * m1, k * p2 + w0 * m2, ux, uy, uz, inverse)
    tangentRow(3, k * b + w1 * m0, k * q1 + w1 * m1, -k * dy + w1 * m2, ux, uy, uz, inverse)
    G[6] = ux
    G[7] = uy
    G[8] = uz
    chainPoseAndPoint(G, 0, 3, J, JAt, 6, JAt + 18)
  },
}

/** b = R(θ)ᵀ (p − t), then cos θ, sin θ: as pointInPlane leaves them. */
const plane = new Float64Array(4)

function pointInPlane(x: Float64Array, pose: number, p: number): void {
  const c = Math.cos(x[pose + 2])
  const s = Math.sin(x[pose + 2])
  const dx = x[p] - x[pose]
  const dy = x[p + 1] - x[pose + 1]
  plane[0] = c * dx + s * dy
  plane[1] = c * dy - s * dx
  plane[2] = c
  plane[3] = s
}

/** 1/|b|², or 0 at b = 0. */
function inverseSquare(): number {
  const square = plane[0] * plane[0] + plane[1] * plane[1]
  return square > 0 ? 1 / square : 0
}

/** Given g = d e / d b, writes g [−I, (by, −bx)] at `poseAt` and g Rᵀ at `pointAt` (eq. 4.1). */
function planarRow(gx: number, gy: number, J: Float64Array, poseAt: number, pointAt: number): void {
  J[poseAt] = -gx
  J[poseAt + 1] = -gy
  J[poseAt + 2] = gx * plane[1] - gy * plane[0]
  J[pointAt] = gx * plane[2] - gy * plane[3]
  J[pointAt + 1] = gx * plane[3] + gy * plane[2]
}

const G = new Float64Array(9)

/** G[at … at+2] = g (I − u uᵀ) · inverse. */
function tangentRow(
  at: number,
  gx: number,
  gy: number,
  gz: number,
  ux: number,
  uy: number,
  uz: number,
  inverse: number,
): void {
  const along = gx * ux + gy * uy + gz * uz
  G[at] = (gx - along * ux) * inverse
  G[at + 1] = (gy - along * uy) * inverse
  G[at + 2] = (gz - along * uz) * inverse
}
