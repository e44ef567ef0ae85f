import type { NistProblem } from '../../../../src/data/index.ts'
import { euclidean } from '../../../../src/geometry/index.ts'
import { ad, type Dual, defineFactor, type FactorType } from '../../../../src/graph/index.ts'
import { UsageError } from '../../../../src/numeric/index.ts'

const { add, sub, mul, div, exp, pow, sin, cos, square, atan2 } = ad

/** The expected response for parameters b (counted from 0, where NIST counts from 1) and the predictors x of one row. */
type Model = (b: readonly Dual[], x: readonly number[]) => Dual

/** A sum of exponentials Σ a exp(−k x), of pairs (a, k). */
function decays(b: readonly Dual[], x: number): Dual {
  let sum = mul(b[0], exp(mul(b[1], -x)))
  for (let k = 2; k < b.length; k += 2) sum = add(sum, mul(b[k], exp(mul(b[k + 1], -x))))
  return sum
}

/** c₀ + c₁ x + c₂ x² + …, by Horner's rule. */
function polynomial(c: readonly Dual[], x: number): Dual {
  let sum = c[c.length - 1]
  for (let k = c.length - 2; k >= 0; k--) sum = add(mul(sum, x), c[k])
  return sum
}

/** A polynomial over 1 + another one without constant term. */
function rational(numerator: readonly Dual[], denominator: readonly Dual[], x: number): Dual {
  return div(polynomial(numerator, x), add(mul(polynomial(denominator, x), x), 1))
}

/** a exp(−((x − centre) / width)²) */
function bell(a: Dual, centre: Dual, width: Dual, x: number): Dual {
  return mul(a, exp(square(div(sub(x, centre), width)).neg()))
}

const saturation: Model = ([b1, b2], [x]) => mul(b1!, sub(1, exp(mul(b2!, -x!))))
const chwirut: Model = ([b1, b2, b3], [x]) => div(exp(mul(b1!, -x!)), add(b2!, mul(b3!, x!)))
const cubicOverCubic: Model = (b, [x]) => rational(b.slice(0, 4), b.slice(4), x!)
const gauss: Model = ([b1, b2, b3, b4, b5, b6, b7, b8], [x]) =>
  add(decays([b1!, b2!], x!), add(bell(b3!, b4!, b5!, x!), bell(b6!, b7!, b8!, x!)))
const lanczos: Model = (b, [x]) => decays(b, x!)

/** Amplitudes of cos and sin of the angle 2π x / period. */
function wave(c: Dual, s: Dual, period: Dual | number, x: number): Dual {
  if (typeof period === 'number') {
    const angle = (2 * Math.PI * x) / period
    return add(mul(c, Math.cos(angle)), mul(s, Math.sin(angle)))
  }
  const angle = div(2 * Math.PI * x, period)
  return add(mul(c, cos(angle)), mul(s, sin(angle)))
}

/** The 27 models, as the files write them. */
const models: Readonly<Record<string, Model>> = {
  Bennett5: ([b1, b2, b3], [x]) => mul(b1!, pow(add(b2!, x!), div(-1, b3!))),
  BoxBOD: saturation,
  Chwirut1: chwirut,
  Chwirut2: chwirut,
  DanWood: ([b1, b2], [x]) => mul(b1!, pow(x!, b2!)),
  Eckerle4: ([b1, b2, b3], [x]) => mul(div(b1!, b2!), exp(mul(square(div(sub(x!, b3!), b2!)), -0.5))),
  ENSO: ([b1, b2, b3, b4, b5, b6, b7, b8, b9], [x]) =>
    add(b1!, add(wave(b2!, b3!, 12, x!), add(wave(b5!, b6!, b4!, x!), wave(b8!, b9!, b7!, x!)))),
  Gauss1: gauss,
  Gauss2: gauss,
  Gauss3: gauss,
  Hahn1: cubicOverCubic,
  Kirby2: (b, [x]) => rational(b.slice(0, 3), b.slice(3), x!),
  Lanczos1: lanczos,
  Lanczos2: lanczos,
  Lanczos3: lanczos,
  MGH09: ([b1, b2, b3, b4], [x]) => div(mul(b1!, add(mul(b2!, x!), x! * x!)), add(add(mul(b3!, x!), x! * x!), b4!)),
  MGH10: ([b1, b2, b3], [x]) => mul(b1!, exp(div(b2!, add(b3!, x!)))),
  MGH17: ([b1, b2, b3, b4, b5], [x]) => add(b1!, decays([b2!, b4!, b3!, b5!], x!)),
  Misra1a: saturation,
  Misra1b: ([b1, b2], [x]) => mul(b1!, sub(1, pow(add(mul(b2!, x! / 2), 1), -2))),
  Misra1c: ([b1, b2], [x]) => mul(b1!, sub(1, pow(add(mul(b2!, 2 * x!), 1), -0.5))),
  Misra1d: ([b1, b2], [x]) => div(mul(mul(b1!, b2!), x!), add(mul(b2!, x!), 1)),
  Nelson: ([b1, b2, b3], [x1, x2]) => sub(b1!, mul(mul(b2!, x1!), exp(mul(b3!, -x2!)))),
  Rat42: ([b1, b2, b3], [x]) => div(b1!, add(exp(sub(b2!, mul(b3!, x!))), 1)),
  Rat43: ([b1, b2, b3, b4], [x]) => div(b1!, pow(add(exp(sub(b2!, mul(b3!, x!))), 1), div(1, b4!))),
  Roszman1: roszman(Math.PI),
  Thurber: cubicOverCubic,
}

/**
 * b1 − b2 x − arctan(b3 / (x − b4)) / π. An arctangent is known up to multiples of π, and b1 up to whole numbers with it.
 * Copies of Roszman1.dat differ: NIST's has b1 = 0.20196866396, of the branch in (−π/2, π/2) on its data; others have
 * 1.20196866396, of the branch in (0, π), which is the one that stays smooth when x passes b4.
 */
function roszman(turn: number): Model {
  return ([b1, b2, b3, b4], [x]) =>
    sub(sub(b1!, mul(b2!, x!)), div(add(atan2(b3!, sub(x!, b4!)), turn - Math.PI), Math.PI))
}

/** The response as the model predicts it: Nelson fits log y. */
function response(problem: NistProblem, y: number): number {
  return /^log\s*\[y\]/i.test(problem.model) ? Math.log(y) : y
}

/**
 * A problem's residual as a factor over one Rⁿ variable: r = y(b, x) − y; data = one row of observations, response first
 * (as {@link observationRows} gives them).
 * @throws UsageError for a problem that is not one of the 27
 */
export function nistFactor(problem: NistProblem): FactorType {
  const model = modelOf(problem)
  return defineFactor({
    name: `nist(${problem.name})`,
    variables: [euclidean(problem.certified.length)],
    residualDim: 1,
    dataSize: problem.columns.length,
    residual: ([b], [y, ...x]) => model(b, x).sub(y!),
  })
}

/** The rows of observations, each with the response as the model predicts it. */
export function observationRows(problem: NistProblem): Float64Array[] {
  const width = problem.columns.length
  return Array.from({ length: problem.observationCount }, (_, i) => {
    const row = problem.observations.slice(i * width, (i + 1) * width)
    row[0] = response(problem, row[0])
    return row
  })
}

function modelOf(problem: NistProblem): Model {
  const model = models[problem.name]
  if (!model)
    throw new UsageError(
      `no model for the problem '${problem.name}'; expected one of ${Object.keys(models).join(', ')}`,
    )
  if (problem.name === 'Roszman1' && problem.certified[0] < 0.7) return roszman(0)
  return model
}
