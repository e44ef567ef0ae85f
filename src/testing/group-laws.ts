import type { LieGroup } from '../geometry/index.ts'
import { type FunctionalGroup, functionalGroup } from './functional-manifold.ts'
import { assertLaws, LawBook, type LawResult, show } from './law-book.ts'
import {
  both,
  DIFFERENCE,
  differentiate,
  distance,
  measureManifoldLaws,
  overlaid,
  ROUNDING,
  size,
} from './manifold-laws.ts'
import { type ManifoldCheckOptions, Samples } from './manifold-samples.ts'
import { largest, largestDifference } from './tolerance.ts'

/**
 * Holds a Lie group to the laws of its manifold and of a group in Homeward's conventions (docs/maths/geometry.md, (G1) to
 * (G3)): identity, inverse, associativity, Exp and Log, adjoint, left and right Jacobians against differences, against the
 * integral of the adjoint and against each other, their inverses, action on points. Needs no test framework.
 *
 *     checkGroup(MyGroup, { rotations: [[3, 3]] })
 *
 * @returns every law with its worst sample
 * @throws Error as `checkManifold`
 */
export function checkGroup(group: LieGroup, options: ManifoldCheckOptions = {}): LawResult[] {
  const book = new LawBook(options.slack ?? 1)
  const samples = new Samples(group.dim, options)
  measureManifoldLaws(group, samples, book)
  const g = functionalGroup(group)
  for (let i = 0; i < samples.count; i++) {
    const a = samples.element(group)
    const b = samples.element(group)
    const c = samples.element(group)
    const xi = samples.ordinary()
    measureAlgebra(g, a, b, c, book)
    measureAdjoint(group, g, a, b, xi, book)
    measureConventions(g, a, b, xi, book)
    measureGroupAliasing(group, g, a, b, xi, book)
    if (group.pointDim > 0) measureAction(group, g, a, b, samples.point(group), book)
  }
  for (const xi of both(samples.tangents(), samples.nearCut())) {
    measureExpLog(g, xi, options.storesNearOne ?? false, book)
    measureJacobians(group, g, xi, book)
  }
  for (const xi of samples.atCut()) {
    const x = g.exp(xi)
    const error = distance(g, x, g.exp(g.log(x)))
    book.measure('Exp(Log(x)) = x at the cut', ROUNDING, error, size(x, xi), () => `ξ = ${show(xi)}`)
    measureJacobians(group, g, xi, book)
  }
  const results = book.results()
  if (options.onBroken !== 'report') assertLaws(group.name, results)
  return results
}

function measureAlgebra(g: FunctionalGroup, a: Float64Array, b: Float64Array, c: Float64Array, book: LawBook): void {
  const at = (): string => `a = ${show(a)}, b = ${show(b)}, c = ${show(c)}`
  const e = g.identity()
  const scale = size(a, b, c) * size(a) * size(b)
  const equal = (law: string, x: Float64Array, y: Float64Array): void =>
    book.measure(law, ROUNDING, distance(g, x, y), Math.max(scale, size(x, y)), at)
  equal('e · a = a', a, g.compose(e, a))
  equal('a · e = a', a, g.compose(a, e))
  equal('a⁻¹ · a = e', e, g.compose(g.inverse(a), a))
  equal('a · a⁻¹ = e', e, g.compose(a, g.inverse(a)))
  equal('(a · b) · c = a · (b · c)', g.compose(g.compose(a, b), c), g.compose(a, g.compose(b, c)))
}

function measureAdjoint(
  group: LieGroup,
  g: FunctionalGroup,
  a: Float64Array,
  b: Float64Array,
  xi: Float64Array,
  book: LawBook,
): void {
  const at = (): string => `a = ${show(a)}, b = ${show(b)}, ξ = ${show(xi)}`
  const n = group.dim
  const Ada = g.adjoint(a)
  const moved = times(Ada, n, xi)
  const conjugated = g.compose(g.compose(a, g.exp(xi)), g.inverse(a))
  const reached = distance(g, conjugated, g.exp(moved))
  book.measure('a · Exp(ξ) · a⁻¹ = Exp(Ad ξ)', ROUNDING, reached, size(a, conjugated, moved) * size(a), at)
  const product = times(Ada, n, g.adjoint(b))
  const off = largestDifference(g.adjoint(g.compose(a, b)), product)
  book.measure('Ad(a · b) = Ad(a) Ad(b)', ROUNDING, off, size(product) * size(Ada), at)
}

/** Perturbations act on the right: what retract and local mean for a group. */
function measureConventions(
  g: FunctionalGroup,
  a: Float64Array,
  b: Float64Array,
  xi: Float64Array,
  book: LawBook,
): void {
  const at = (): string => `a = ${show(a)}, b = ${show(b)}, ξ = ${show(xi)}`
  const x = g.compose(a, g.exp(xi))
  book.measure('x ⊞ δ = x · Exp(δ)', ROUNDING, distance(g, x, g.retract(a, xi)), size(a, x, xi), at)
  const relative = g.log(g.compose(g.inverse(a), b))
  const off = largestDifference(relative, g.local(a, b))
  book.measure('y ⊟ x = Log(x⁻¹ · y)', ROUNDING, off, size(a) * size(a, b), at)
}

function measureExpLog(g: FunctionalGroup, xi: Float64Array, storesNearOne: boolean, book: LawBook): void {
  const at = (): string => `ξ = ${show(xi)}`
  const x = g.exp(xi)
  const minus = xi.map((v) => -v)
  const half = xi.map((v) => v / 2)
  const scale = storesNearOne ? size(xi) : largest(xi) // relative to ξ itself, however small
  book.measure('Log(Exp(ξ)) = ξ', ROUNDING, largestDifference(g.log(x), xi), scale, at)
  const opposite = g.compose(x, g.exp(minus))
  book.measure('Exp(ξ) · Exp(−ξ) = e', ROUNDING, distance(g, g.identity(), opposite), size(x), at)
  const twice = g.compose(g.exp(half), g.exp(half))
  book.measure('Exp(ξ/2) · Exp(ξ/2) = Exp(ξ)', ROUNDING, distance(g, x, twice), size(x, xi), at)
}

function measureJacobians(group: LieGroup, g: FunctionalGroup, xi: Float64Array, book: LawBook): void {
  const at = (): string => `ξ = ${show(xi)}`
  const n = group.dim
  const Jl = g.leftJacobian(xi)
  const Jr = g.rightJacobian(xi)
  const equal = (law: string, tolerance: number, X: Float64Array, Y: Float64Array, scale = size(Y)): void =>
    book.measure(law, tolerance, largestDifference(X, Y), scale, at)

  const x = g.exp(xi)
  const back = g.inverse(x)
  const near = (delta: Float64Array): Float64Array => g.exp(xi.map((v, i) => v + delta[i]))
  const left = differentiate(n, (delta) => g.log(g.compose(near(delta), back)))
  const right = differentiate(n, (delta) => g.log(g.compose(back, near(delta))))
  const Ad = g.adjoint(x)
  equal('J_l = ∂ Log(Exp(ξ + δ) · Exp(ξ)⁻¹)/∂δ', DIFFERENCE, Jl, left, size(Jl, x, back))
  equal('J_r = ∂ Log(Exp(ξ)⁻¹ · Exp(ξ + δ))/∂δ', DIFFERENCE, Jr, right, size(Jr, x, back))
  equal('J_l(ξ) = ∫₀¹ Ad(Exp(uξ)) du', ROUNDING, Jl, integralOfAdjoint(n, g, xi))
  equal('J_r(ξ) = J_l(−ξ)', ROUNDING, Jr, g.leftJacobian(xi.map((v) => -v)))
  equal('J_l(ξ) = Ad(Exp(ξ)) J_r(ξ)', ROUNDING, Jl, times(Ad, n, Jr), size(Jl, Ad) * size(Jr))

  const JlInverse = g.leftJacobianInverse(xi)
  const JrInverse = g.rightJacobianInverse(xi)
  const unit = new Float64Array(n * n)
  for (let i = 0; i < n; i++) unit[i * (n + 1)] = 1
  equal('J_l J_l⁻¹ = I', ROUNDING, times(Jl, n, JlInverse), unit, size(Jl) * size(JlInverse))
  equal('J_r J_r⁻¹ = I', ROUNDING, times(Jr, n, JrInverse), unit, size(Jr) * size(JrInverse))
}

function measureAction(
  group: LieGroup,
  g: FunctionalGroup,
  a: Float64Array,
  b: Float64Array,
  p: Float64Array,
  book: LawBook,
): void {
  const at = (): string => `a = ${show(a)}, b = ${show(b)}, p = ${show(p)}`
  const step = g.act(a, g.act(b, p))
  const scale = size(a, b, p, step) * size(a) * size(b)
  book.measure('(a · b) p = a (b p)', ROUNDING, largestDifference(g.act(g.compose(a, b), p), step), scale, at)
  book.measure('e p = p', ROUNDING, largestDifference(g.act(g.identity(), p), p), size(p), at)
  const there = g.act(a, p)
  const on = overlaid(p, group.pointDim, (run) => group.act(a, 0, run, 0, run, 0))
  book.measure('act may overwrite its point', 0, largestDifference(on, there), 1, at)
}

function measureGroupAliasing(
  group: LieGroup,
  g: FunctionalGroup,
  a: Float64Array,
  b: Float64Array,
  xi: Float64Array,
  book: LawBook,
): void {
  const { ambient, dim } = group
  const at = (): string => `a = ${show(a)}, b = ${show(b)}, ξ = ${show(xi)}`
  const same = (operation: string, expected: Float64Array, got: Float64Array): void => {
    book.measure(`${operation} may overwrite its inputs`, 0, largestDifference(got, expected), 1, at)
  }
  const composed = g.compose(a, b)
  same(
    'compose',
    composed,
    overlaid(a, ambient, (run) => group.compose(run, 0, b, 0, run, 0)),
  )
  same(
    'compose',
    composed,
    overlaid(b, ambient, (run) => group.compose(a, 0, run, 0, run, 0)),
  )
  same(
    'compose',
    g.compose(a, a),
    overlaid(a, ambient, (run) => group.compose(run, 0, run, 0, run, 0)),
  )
  same(
    'inverse',
    g.inverse(a),
    overlaid(a, ambient, (run) => group.inverse(run, 0, run, 0)),
  )
  same(
    'exp',
    g.exp(xi),
    overlaid(xi, ambient, (run) => group.exp(run, 0, run, 0)),
  )
  same(
    'log',
    g.log(a),
    overlaid(a, dim, (run) => group.log(run, 0, run, 0)),
  )
}

/** A X for an n × n matrix A and a vector or n × n matrix X, row-major. */
function times(A: Float64Array, n: number, X: Float64Array): Float64Array {
  const columns = X.length / n
  const out = new Float64Array(X.length)
  for (let i = 0; i < n; i++)
    for (let k = 0; k < n; k++)
      for (let j = 0; j < columns; j++) out[i * columns + j] += A[i * n + k] * X[k * columns + j]
  return out
}

/** ∫₀¹ Ad(Exp(uξ)) du by Gauss–Legendre quadrature: exact to rounding for |ξ| up to about 2π, where 16 nodes would do. */
function integralOfAdjoint(n: number, g: FunctionalGroup, xi: Float64Array): Float64Array {
  const integral = new Float64Array(n * n)
  for (const { node, weight } of RULE) {
    const value = g.adjoint(g.exp(xi.map((v) => ((1 + node) / 2) * v)))
    for (let k = 0; k < integral.length; k++) integral[k] += (weight / 2) * value[k]
  }
  return integral
}

const RULE = gaussLegendre(20)

/** The n-point rule on [−1, 1]: zeros of the Legendre polynomial P by Newton's method, weights 2 / ((1 − x²) P′(x)²). */
function gaussLegendre(n: number): { node: number; weight: number }[] {
  return Array.from({ length: n }, (_, i) => {
    let x = Math.cos((Math.PI * (i + 0.75)) / (n + 0.5))
    let slope = 1
    for (let step = 0; step < 6; step++) {
      let before = 1
      let p = x
      for (let k = 2; k <= n; k++) [before, p] = [p, ((2 * k - 1) * x * p - (k - 1) * before) / k]
      slope = (n * (x * p - before)) / (x * x - 1)
      x -= p / slope
    }
    return { node: x, weight: 2 / ((1 - x * x) * slope * slope) }
  })
}
