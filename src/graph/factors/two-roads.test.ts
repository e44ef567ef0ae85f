import { describe, expect, it } from 'vitest'
import { euclidean, product, SE2, SE3 } from '../../geometry/index.ts'
import { Random } from '../../numeric/index.ts'
import { type CheckJacobianOptions, defaultState, type StateKind } from '../../testing/index.ts'
import { ad, defineFactor, type FactorType, type Gauge, jacobianStride, type Scalar } from '../index.ts'
import { bearingRange2 } from './bearing.ts'
import { between } from './between.ts'
import { landmark2, landmark3, landmark3WithOffset } from './landmark.ts'
import { prior } from './prior.ts'
import { range2, range3 } from './range.ts'
import { reprojection, reprojectionRadial, stereo } from './reprojection.ts'
import { reprojectionBal } from './reprojection-bal.ts'

const R1 = euclidean(1)
const R2 = euclidean(2)
const R3 = euclidean(3)
type V = readonly Scalar[]

/** The same residual written down from its definition, differentiated automatically. */
function twin(type: FactorType, residual: (variables: readonly V[], data: readonly number[]) => Scalar[]): FactorType {
  const { variables, residualDim, dataSize } = type
  return defineFactor({
    name: `${type.name}, automatic`,
    variables,
    residualDim,
    dataSize,
    gauge: type.gauge as Gauge,
    residual: (duals, data) => residual(duals, [...data]),
  })
}

/** (t, vec q with w ≥ 0) */
function g2oError(e: V): Scalar[] {
  const flipped = ad.real(e[6]) < 0
  return [...e.slice(0, 3), ...e.slice(3, 6).map((value) => (flipped ? ad.neg(value) : value))]
}

/** V⁻¹(φ) t = t − ½ φ × t + b φ × (φ × t), b = (1 − (θ/2) cot(θ/2)) / θ². */
function logSE3(e: V): Scalar[] {
  const phi = ad.quaternionLog(e.slice(3))
  const t = e.slice(0, 3)
  const tt = ad.dot(phi, phi)
  const half = ad.mul(ad.norm(phi), 0.5)
  const b: Scalar =
    ad.real(tt) < 1e-2
      ? ad.add(1 / 12, ad.mul(tt, ad.add(1 / 720, ad.mul(tt, ad.add(1 / 30240, ad.mul(tt, 1 / 1209600))))))
      : ad.div(ad.sub(1, ad.div(half, ad.tan(half))), tt)
  const once = ad.cross(phi, t)
  return [...ad.plus(ad.minus(t, ad.scaled(once, 0.5)), ad.scaled(ad.cross(phi, once), b)), ...phi]
}

function logSE2(e: V): Scalar[] {
  const h = ad.mul(e[2], 0.5)
  const hh = ad.square(h)
  const a: Scalar = ad.real(hh) < 1e-4 ? ad.sub(1, ad.mul(hh, ad.add(1 / 3, ad.mul(hh, 1 / 45)))) : ad.div(h, ad.tan(h))
  return [ad.add(ad.mul(a, e[0]), ad.mul(h, e[1])), ad.sub(ad.mul(a, e[1]), ad.mul(h, e[0])), e[2]]
}

const pixel = (f: Scalar, k1: Scalar, k2: Scalar, p: V) => {
  const n = ad.dot(p, p)
  return ad.scaled(p, ad.mul(f, ad.add(1, ad.mul(n, ad.add(k1, ad.mul(n, k2))))))
}
const perspective = (P: V, sign: number) => [0, 1].map((i) => ad.mul(sign, ad.div(P[i], P[2])))

const pairs: readonly [FactorType, FactorType, CheckJacobianOptions['data']][] = [
  [between(SE2), twin(between(SE2), ([a, b], z) => logSE2(ad.se2.between(z, ad.se2.between(a, b)))), SE2],
  [between(SE3), twin(between(SE3), ([a, b], z) => logSE3(ad.se3.between(z, ad.se3.between(a, b)))), SE3],
  [
    between(SE2, { error: 'g2o' }),
    twin(between(SE2, { error: 'g2o' }), ([a, b], z) => ad.se2.compose(ad.se2.inverse(z), ad.se2.between(a, b))),
    SE2,
  ],
  [
    between(SE3, { error: 'g2o' }),
    twin(between(SE3, { error: 'g2o' }), ([a, b], z) =>
      g2oError(ad.se3.compose(ad.se3.inverse(z), ad.se3.compose(ad.se3.inverse(a), b))),
    ),
    SE3,
  ],
  [prior(SE3), twin(prior(SE3), ([a], z) => logSE3(ad.se3.between(z, a))), SE3],
  [
    prior(SE3, { error: 'g2o', offset: true }),
    twin(prior(SE3, { error: 'g2o', offset: true }), ([a], z) =>
      g2oError(ad.se3.between(z.slice(0, 7), ad.se3.compose(a, z.slice(7)))),
    ),
    product(SE3, SE3),
  ],
  [landmark2, twin(landmark2, ([a, p], z) => ad.minus(ad.se2.actBack(a, p), z)), R2],
  [landmark3, twin(landmark3, ([a, p], z) => ad.minus(ad.se3.act(ad.se3.inverse(a), p), z)), R3],
  [
    landmark3WithOffset,
    twin(landmark3WithOffset, ([a, p], z) => ad.minus(ad.se3.actBack(ad.se3.compose(a, z.slice(3)), p), z.slice(0, 3))),
    product(R3, SE3),
  ],
  [range2(SE2, SE2), twin(range2(SE2, SE2), ([a, b], [z]) => [ad.sub(ad.norm(ad.minus(a, b).slice(0, 2)), z)]), R1],
  [range3(), twin(range3(), ([a, p], [z]) => [ad.sub(ad.norm(ad.minus(p, a)), z)]), R1],
  [
    bearingRange2,
    twin(bearingRange2, ([a, p], [bearing, range]) => {
      const b = ad.se2.actBack(a, p)
      return [ad.wrapAngle(ad.sub(ad.atan2(b[1], b[0]), bearing)), ad.sub(ad.norm(b), range)]
    }),
    R2,
  ],
  [
    reprojectionBal,
    twin(reprojectionBal, ([c, X], z) =>
      ad.minus(pixel(c[7], c[8], c[9], perspective(ad.se3.actBack(c.slice(0, 7), X), -1)), z),
    ),
    R2,
  ],
  [
    reprojectionRadial,
    twin(reprojectionRadial, ([c, k, X], z) =>
      ad.minus(ad.plus(pixel(k[0], k[3], k[4], perspective(ad.se3.actBack(c, X), 1)), k.slice(1, 3)), z),
    ),
    R2,
  ],
  [
    reprojection,
    twin(reprojection, ([c, X], [u, v, fx, fy, cx, cy]) => {
      const p = perspective(ad.se3.actBack(c, X), 1)
      return [ad.sub(ad.add(ad.mul(p[0], fx), cx), u), ad.sub(ad.add(ad.mul(p[1], fy), cy), v)]
    }),
    euclidean(6),
  ],
  [
    stereo,
    twin(stereo, ([c, X], [uL, uR, v, fx, fy, cx, cy, b]) => {
      const left = ad.se3.actBack(c, X)
      const right = [ad.sub(left[0], b), left[1], left[2]] // the same point, from b metres further along x
      const p = perspective(left, 1)
      const q = perspective(right, 1)
      return [
        ad.sub(ad.add(ad.mul(p[0], fx), cx), uL),
        ad.sub(ad.add(ad.mul(q[0], fx), cx), uR),
        ad.sub(ad.add(ad.mul(p[1], fy), cy), v),
      ]
    }),
    euclidean(8),
  ],
]

describe('by hand and by automatic differentiation: two roads to one answer', () => {
  for (const [byHand, automatic, data] of pairs)
    it(byHand.name, () => {
      const random = new Random(11)
      for (const kind of ['random', 'near 0', 'near π'] as StateKind[])
        for (let k = 0; k < 50; k++) {
          const { variables, data: numbers } = defaultState(byHand, data ?? [], random, kind)
          const x = Float64Array.from(variables.flatMap((value) => Array.from(value)))
          const at = new Int32Array(variables.length)
          for (let i = 1; i < at.length; i++) at[i] = at[i - 1] + variables[i - 1].length
          const [r, J] = evaluate(byHand, x, at, Float64Array.from(numbers))
          const [s, K] = evaluate(automatic, x, at, Float64Array.from(numbers))
          const size = Math.max(1, ...r.map(Math.abs), ...J.map(Math.abs))
          // Some hundred operations on numbers of this size; where 1/|b| or 1/P.z is large, its cube multiplies rounding,
          // and `size` holds one power or two of it.
          const bound = 1e4 * Number.EPSILON * size * size
          expect(difference(r, s), `r, ${kind} ${k}`).toBeLessThan(bound)
          expect(difference(J, K), `J, ${kind} ${k}`).toBeLessThan(bound)
        }
    })
})

function evaluate(type: FactorType, x: Float64Array, at: Int32Array, data: Float64Array) {
  const r = new Float64Array(type.residualDim)
  const J = new Float64Array(jacobianStride(type))
  type.evaluate(x, at, 0, data, 0, r, 0, J, 0)
  return [r, J] as const
}

function difference(a: Float64Array, b: Float64Array): number {
  return Math.max(...a.map((value, i) => Math.abs(value - b[i])))
}
