import {
  apply,
  type Dual,
  difference,
  fixed,
  minus,
  negative,
  plus,
  times,
  total,
  type Vector,
  withSlopes,
} from './dual.ts'
import { add, constant, input, mul, type Node, neg, one, sub, zero } from './node.ts'
import { sineAndCosine } from './trigonometry.ts'

/*
 * What formulas are made of: variables with their right perturbations, and the few maps between frames whose derivatives
 * are written down, because unit quaternions and orthogonal matrices are not known to the rules of arithmetic.
 */

/** A variable: its numbers, and the column of its first perturbation. */
export interface Variable {
  readonly numbers: readonly Node[]
  readonly column: number
}

export function numbersOf(from: 'variable' | 'data', slot: number, count: number): Node[] {
  return Array.from({ length: count }, (_, index) => input(from, slot, index))
}

/** `count` numbers of a variable from `at` on that are their own perturbations. */
export function euclidean({ numbers, column }: Variable, at: number, count: number, columnAt = 0): Vector {
  return Array.from({ length: count }, (_, k) => withSlopes(numbers[at + k]!, [[column + columnAt + k, one]]))
}

const double = (x: Node): Node => mul(constant(2), x)

/** The matrix of the unit quaternion (x, y, z, w), by rows. */
export function matrixOf([x, y, z, w]: readonly Node[]): Node[][] {
  const diagonal = (a: Node, b: Node): Node => sub(one, double(add(mul(a, a), mul(b, b))))
  const lower = (a: Node, b: Node, c: Node): Node => double(add(mul(a, b), mul(c, w!)))
  const upper = (a: Node, b: Node, c: Node): Node => double(sub(mul(a, b), mul(c, w!)))
  return [
    [diagonal(y!, z!), upper(x!, y!, z!), lower(x!, z!, y!)],
    [lower(x!, y!, z!), diagonal(x!, z!), upper(y!, z!, x!)],
    [upper(x!, z!, y!), lower(y!, z!, x!), diagonal(x!, y!)],
  ]
}

export function conjugate([x, y, z, w]: readonly Node[]): Node[] {
  return [neg(x!), neg(y!), neg(z!), w!]
}

/** The Hamilton product of (x, y, z, w) quaternions. */
export function product(a: Vector, b: Vector): Vector {
  const t = (i: number, j: number): Dual => times(a[i]!, b[j]!)
  const four = (p: Dual, q: Dual, r: Dual, s: Dual): Dual => minus(plus(plus(p, q), r), s)
  return [
    four(t(3, 0), t(0, 3), t(1, 2), t(2, 1)),
    four(t(3, 1), t(1, 3), t(2, 0), t(0, 2)),
    four(t(3, 2), t(2, 3), t(0, 1), t(1, 0)),
    minus(minus(minus(t(3, 3), t(0, 0)), t(1, 1)), t(2, 2)),
  ]
}

export function fixedVector(v: readonly Node[]): Vector {
  return v.map((x) => fixed(x))
}

export function fixedMatrix(M: readonly (readonly Node[])[]): Dual[][] {
  return M.map((row) => row.map((x) => fixed(x)))
}

/** [v]×, by rows. */
function cross([x, y, z]: readonly Node[]): Node[][] {
  return [
    [zero, neg(z!), y!],
    [z!, zero, neg(x!)],
    [neg(y!), x!, zero],
  ]
}

/**
 * b = Rᵀ (p − t): a point in the frame of a pose (t, q) with perturbation (δt, δφ):
 * d b = −δt + [b]× δφ + Rᵀ δp                                                              (docs/maths/factors.md, eq. 4.2)
 */
export function inFrame(pose: Variable, point: Vector): Vector {
  const A = matrixOf(conjugate(pose.numbers.slice(3, 7)))
  const from = fixedVector(pose.numbers.slice(0, 3))
  const moved = apply(fixedMatrix(A), difference(point, from))
  const turn = cross(moved.map((x) => x.value))
  return moved.map((x, i) =>
    withSlopes(x.value, [
      ...[0, 1, 2].map((k) => [pose.column + k, k === i ? neg(one) : zero] as const),
      ...[0, 1, 2].map((k) => [pose.column + 3 + k, turn[i]![k]!] as const),
      ...x.slopes,
    ]),
  )
}

/**
 * D = Xi⁻¹ · Xj = (d, qd) of two poses in space: d d = −δti + [d]× δφi + R(qd) δtj,
 * d qd = −½ (δφi, 0) qd + ½ qd (δφj, 0)                                                        (eq. 3.2, 3.3)
 */
export function relative3(i: Variable, j: Variable): { translation: Vector; rotation: Vector } {
  const A = matrixOf(conjugate(i.numbers.slice(3, 7)))
  const apart = difference(fixedVector(j.numbers.slice(0, 3)), fixedVector(i.numbers.slice(0, 3)))
  const d = apply(fixedMatrix(A), apart).map((x) => x.value)
  const qd = product(fixedVector(conjugate(i.numbers.slice(3, 7))), fixedVector(j.numbers.slice(3, 7)))
  const R = matrixOf(qd.map((x) => x.value))
  const turn = cross(d)
  const translation = d.map((x, a) =>
    withSlopes(
      x,
      [0, 1, 2].flatMap((k) => [
        [i.column + k, k === a ? neg(one) : zero] as const,
        [i.column + 3 + k, turn[a]![k]!] as const,
        [j.column + k, R[a]![k]!] as const,
      ]),
    ),
  )
  const half = constant(0.5)
  const slopes = [0, 1, 2].flatMap((k) => {
    const axis = fixedVector([0, 1, 2, 3].map((m) => (m === k ? half : zero)))
    return [
      { column: i.column + 3 + k, q: product(axis, qd).map(negative) },
      { column: j.column + 3 + k, q: product(qd, axis) },
    ]
  })
  const rotation = qd.map((x, m) =>
    withSlopes(
      x.value,
      slopes.map(({ column, q }) => [column, q[m]!.value] as const),
    ),
  )
  return { translation, rotation }
}

/**
 * The same in the plane, poses (x, y, θ): d = R(θi)ᵀ (tj − ti), d d = −δti − (−d_y, d_x) δθi + R(θj − θi) δtj; the angle
 * is θj − θi.                                                                                                 (eq. 2.2 – 2.4)
 */
export function relative2(i: Variable, j: Variable): { translation: Vector; angle: Dual } {
  const turned = sub(j.numbers[2]!, i.numbers[2]!)
  const { sin, cos } = sineAndCosine(i.numbers[2]!)
  const { sin: s, cos: c } = sineAndCosine(turned)
  const x = sub(j.numbers[0]!, i.numbers[0]!)
  const y = sub(j.numbers[1]!, i.numbers[1]!)
  const dx = add(mul(cos, x), mul(sin, y))
  const dy = sub(mul(cos, y), mul(sin, x))
  const at = (variable: Variable, slopes: readonly Node[]) =>
    slopes.map((slope, k) => [variable.column + k, slope] as const)
  return {
    translation: [
      withSlopes(dx, [...at(i, [neg(one), zero, dy]), ...at(j, [c, neg(s)])]),
      withSlopes(dy, [...at(i, [zero, neg(one), neg(dx)]), ...at(j, [s, c])]),
    ],
    angle: withSlopes(turned, [...at(i, [zero, zero, neg(one)]), ...at(j, [zero, zero, one])]),
  }
}

/** a² + b² */
export function squaredNorm(v: Vector): Dual {
  return total(v.map((x) => times(x, x)))
}
