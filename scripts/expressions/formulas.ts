import { apply, type Dual, difference, fixed, minus, over, plus, through, times, type Vector } from './dual.ts'
import {
  conjugate,
  euclidean,
  fixedMatrix,
  fixedVector,
  inFrame,
  matrixOf,
  product,
  relative2,
  relative3,
  squaredNorm,
  type Variable,
} from './geometry.ts'
import { less, mul, type Node, neg, one, select, zero } from './node.ts'
import { sineAndCosine, wrapped } from './trigonometry.ts'

/** A factor's residual as an expression; its Jacobian follows from it. */
export interface Formula {
  /** Of the file and of the functions. */
  readonly name: string
  /** What the emitted definition says of itself. */
  readonly about: string
  /** Numbers and tangent dimension of each variable. */
  readonly variables: readonly { readonly numbers: number; readonly dim: number }[]
  readonly data: number
  residual(variables: readonly Variable[], data: readonly Node[]): Vector
}

const pose3 = { numbers: 7, dim: 6 }
const pose2 = { numbers: 3, dim: 3 }
const point = { numbers: 3, dim: 3 }

/** r = (e, vec qe), qe with w ≥ 0, for Z⁻¹ · Xi⁻¹ · Xj = (e, qe)                         (docs/maths/factors.md, eq. 3.1) */
const betweenSE3G2o: Formula = {
  name: 'between-se3-g2o',
  about: "The relative-pose factor in space with g2o's error (docs/maths/factors.md, eq. 3.1).",
  variables: [pose3, pose3],
  data: 7,
  residual([i, j], z) {
    const { translation, rotation } = relative3(i!, j!)
    const back = conjugate(z.slice(3, 7))
    const e = apply(fixedMatrix(matrixOf(back)), difference(translation, fixedVector(z.slice(0, 3))))
    // The sign of the quaternion goes into Z's, so that value and slopes turn together.
    const { value: w } = product(fixedVector(back), rotation)[3]!
    const sign = select(less(w, zero), neg(one), one)
    const signed = back.map((x) => mul(sign, x))
    return [...e, ...product(fixedVector(signed), rotation).slice(0, 3)]
  },
}

/** r = (e, ε), ε in [−π, π], for Z⁻¹ · Xi⁻¹ · Xj = (e, ε)                                                    (eq. 2.1) */
const betweenSE2G2o: Formula = {
  name: 'between-se2-g2o',
  about: "The relative-pose factor in the plane with g2o's error (docs/maths/factors.md, eq. 2.1).",
  variables: [pose2, pose2],
  data: 3,
  residual([i, j], [zx, zy, zt]) {
    const { translation, angle } = relative2(i!, j!)
    const { sin, cos } = sineAndCosine(zt!)
    const [px, py] = difference(translation, fixedVector([zx!, zy!]))
    const error = minus(angle, fixed(zt!))
    return [
      plus(times(fixed(cos), px!), times(fixed(sin), py!)),
      minus(times(fixed(cos), py!), times(fixed(sin), px!)),
      { ...error, value: wrapped(error.value) },
    ]
  },
}

/** r = f (1 + k1 n + k2 n²) p − u, p = −P.xy / P.z, n = |p|², P = Rᵀ (X − t)                                 (eq. 6.1) */
const reprojectionBal: Formula = {
  name: 'reprojection-bal',
  about: 'A point seen by a camera of BAL (docs/maths/factors.md, eq. 6.1).',
  variables: [{ numbers: 10, dim: 9 }, point],
  data: 2,
  residual([camera, X], [u, v]) {
    const [f, k1, k2] = euclidean(camera!, 7, 3, 6) as [Dual, Dual, Dual]
    return through(inFrame(camera!, euclidean(X!, 0, 3)), ([x, y, z]) => {
      const p = [over(x!, minus(fixed(0), z!)), over(y!, minus(fixed(0), z!))]
      return through(p, (q) => {
        const n = squaredNorm(q)
        const scale = times(f, plus(fixed(1), times(n, plus(k1, times(n, k2)))))
        return [minus(times(scale, q[0]!), fixed(u!)), minus(times(scale, q[1]!), fixed(v!))]
      })
    })
  },
}

/** r = (fx x + cx − u, fy y + cy − v), (x, y) = P.xy / P.z                                                   (eq. 6.5) */
const reprojection: Formula = {
  name: 'reprojection-calibrated',
  about: 'A point seen by a calibrated pinhole (docs/maths/factors.md, eq. 6.5).',
  variables: [pose3, point],
  data: 6,
  residual([pose, X], [u, v, fx, fy, cx, cy]) {
    return through(inFrame(pose!, euclidean(X!, 0, 3)), ([x, y, z]) => [
      image(fx!, over(x!, z!), cx!, u!),
      image(fy!, over(y!, z!), cy!, v!),
    ])
  },
}

/** r = (fx x + cx − uL, fx (x − b / P.z) + cx − uR, fy y + cy − v)                                           (eq. 6.8) */
const stereo: Formula = {
  name: 'stereo',
  about: 'A point seen by a rectified stereo pair (docs/maths/factors.md, eq. 6.8).',
  variables: [pose3, point],
  data: 8,
  residual([pose, X], [left, right, v, fx, fy, cx, cy, b]) {
    return through(inFrame(pose!, euclidean(X!, 0, 3)), ([x, y, z]) => [
      image(fx!, over(x!, z!), cx!, left!),
      image(fx!, over(minus(x!, fixed(b!)), z!), cx!, right!),
      image(fy!, over(y!, z!), cy!, v!),
    ])
  },
}

function image(focal: Node, x: Dual, centre: Node, observed: Node): Dual {
  return minus(plus(times(fixed(focal), x), fixed(centre)), fixed(observed))
}

export const formulas: readonly Formula[] = [betweenSE3G2o, betweenSE2G2o, reprojectionBal, reprojection, stereo]
