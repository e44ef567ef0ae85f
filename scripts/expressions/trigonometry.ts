import { abs, add, constant, floor, less, mul, type Node, neg, one, select, sub } from './node.ts'

/*
 * Sine and cosine of |x| ≤ 10⁶ with the bits of src/numeric/elementary.ts, whose steps these are, one by one; without
 * branches: both series are evaluated and the quadrant chooses.
 */

const c = constant
const times = (...factors: Node[]): Node => factors.reduce(mul)

/** sum = sum · z + next, coefficient by coefficient. */
function horner(z: Node, [first, ...others]: readonly number[]): Node {
  return others.reduce((sum, next) => add(mul(sum, z), c(next)), c(first!))
}

const sineSeries = [
  1 / 355687428096000,
  -1 / 1307674368000,
  1 / 6227020800,
  -1 / 39916800,
  1 / 362880,
  -1 / 5040,
  1 / 120,
  -1 / 6,
]
const cosineSeries = [1 / 20922789888000, -1 / 87178291200, 1 / 479001600, -1 / 3628800, 1 / 40320, -1 / 720, 1 / 24]

export function sineAndCosine(angle: Node): { sin: Node; cos: Node } {
  // angle = k π/2 + x + t
  const k = floor(add(mul(angle, c(2 / Math.PI)), c(0.5)))
  const a = sub(angle, mul(k, c(1.5707963267341256)))
  const b = mul(k, c(6.077100506303966e-11))
  const high = sub(a, b)
  const rest = sub(sub(sub(a, high), b), mul(k, c(2.0222662487959506e-21)))
  const x = add(high, rest)
  const t = add(sub(high, x), rest)
  const z = mul(x, x)
  const half = mul(z, c(0.5))
  const main = sub(one, half)
  const s = add(x, add(times(x, z, horner(z, sineSeries)), mul(t, main)))
  const correction = add(sub(sub(one, main), half), sub(times(z, z, horner(z, cosineSeries)), mul(x, t)))
  const co = add(main, correction)
  // The quadrant k mod 4, exactly.
  const quadrant = sub(k, mul(c(4), floor(mul(k, c(0.25)))))
  const odd = less(c(0.5), sub(quadrant, mul(c(2), floor(mul(quadrant, c(0.5))))))
  const sine = select(odd, co, s)
  const cosine = select(odd, s, co)
  return {
    sin: select(less(c(1.5), quadrant), neg(sine), sine),
    cos: select(less(abs(sub(quadrant, c(1.5))), one), neg(cosine), cosine),
  }
}

/** An angle brought to [−π, π]; one that lies there stays as it is. */
export function wrapped(angle: Node): Node {
  const turns = floor(add(mul(angle, c(1 / (2 * Math.PI))), c(0.5)))
  return select(less(c(Math.PI), abs(angle)), sub(angle, mul(turns, c(2 * Math.PI))), angle)
}
