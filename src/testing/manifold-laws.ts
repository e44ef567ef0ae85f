import type { Manifold } from '../geometry/index.ts'
import { type FunctionalManifold, functional } from './functional-manifold.ts'
import { assertLaws, LawBook, type LawResult, show } from './law-book.ts'
import { type ManifoldCheckOptions, Samples } from './manifold-samples.ts'
import { largest, largestDifference } from './tolerance.ts'

const EPS = Number.EPSILON

/**
 * Rounding a law may collect, relative to the largest number involved: a few dozen operations on each side, whose errors
 * are measured through `local`, which may magnify them a little. Homeward's own groups stay below 13 eps.
 */
export const ROUNDING: number = 64 * EPS
/**
 * A five-point difference with step h = eps^(1/5) errs by about h⁴ and eps/h, both eps^(4/5) = 3·10⁻¹³, times the size of
 * a fifth derivative (up to about 100 where an ordinary tangent vector has length 3).
 */
export const DIFFERENCE: number = 64 * EPS ** (4 / 5)
const STEP = EPS ** (1 / 5)

/**
 * Holds a manifold to its laws at random, small and special samples, in the spirit of Ceres' manifold test utilities and
 * Sophus' group tests. Needs no test framework.
 *
 *     checkManifold(MyManifold, { rotations: [[3, 3]] })
 *
 * @returns every law with its worst sample
 * @throws Error listing the broken laws (unless `onBroken` is 'report'), and at once when an operation writes outside its
 * output or into its inputs
 */
export function checkManifold(manifold: Manifold, options: ManifoldCheckOptions = {}): LawResult[] {
  const book = new LawBook(options.slack ?? 1)
  measureManifoldLaws(manifold, new Samples(manifold.dim, options), book)
  const results = book.results()
  if (options.onBroken !== 'report') assertLaws(manifold.name, results)
  return results
}

/** Lays all laws of a manifold into the book. */
export function measureManifoldLaws(manifold: Manifold, samples: Samples, book: LawBook): void {
  const m = functional(manifold)
  const zero = new Float64Array(manifold.dim)
  const e = m.identity()
  book.measure('identity is on the manifold', 0, largestDifference(m.normalize(e), e), 1, () => show(e))

  for (let i = 0; i < samples.count; i++) {
    const x = samples.element(manifold)
    const y = samples.element(manifold)
    const at = (): string => `x = ${show(x)}, y = ${show(y)}`
    book.measure('x ⊞ 0 = x', ROUNDING, distance(m, x, m.retract(x, zero)), size(x), at)
    book.measure('x ⊟ x = 0', ROUNDING, largest(m.local(x, x)), size(x), at)
    book.measure('x ⊞ (y ⊟ x) = y', ROUNDING, distance(m, y, m.retract(x, m.local(x, y))), size(x, y), at)
    measureNormalize(m, x, book)
    measureRetractJacobian(manifold, m, x, book)
    measureManifoldAliasing(manifold, m, x, y, samples.ordinary(), book)
  }
  for (const delta of both(samples.tangents(), samples.nearCut())) {
    const x = samples.element(manifold)
    const found = m.local(x, m.retract(x, delta))
    const at = (): string => `x = ${show(x)}, δ = ${show(delta)}`
    book.measure('(x ⊞ δ) ⊟ x = δ', ROUNDING, largestDifference(found, delta), size(x, delta), at)
  }
  for (const delta of samples.atCut()) {
    const x = samples.element(manifold)
    const y = m.retract(x, delta)
    const back = m.retract(x, m.local(x, y))
    const at = (): string => `x = ${show(x)}, δ = ${show(delta)}`
    book.measure('x ⊞ (y ⊟ x) = y at the cut', ROUNDING, distance(m, y, back), size(x, y), at)
  }
}

/** How far y is from x, through local. */
export function distance(m: FunctionalManifold, x: Float64Array, y: Float64Array): number {
  return largest(m.local(x, y))
}

/** The largest magnitude among some arrays, at least 1. */
export function size(...arrays: Float64Array[]): number {
  return Math.max(1, ...arrays.map(largest))
}

export function* both<T>(first: Iterable<T>, second: Iterable<T>): Generator<T> {
  yield* first
  yield* second
}

/** ∂f/∂δ at 0 by five points, for a vector function of a tangent vector: rows of f, columns of δ. */
export function differentiate(dim: number, f: (delta: Float64Array) => Float64Array): Float64Array {
  const columns: Float64Array[] = []
  for (let k = 0; k < dim; k++) {
    const at = (steps: number): Float64Array => {
      const delta = new Float64Array(dim)
      delta[k] = steps * STEP
      return f(delta)
    }
    const [far, near, nearBack, farBack] = [at(2), at(1), at(-1), at(-2)]
    columns.push(near.map((v, i) => (8 * (v - nearBack[i]) - (far[i] - farBack[i])) / (12 * STEP)))
  }
  const rows = columns[0]?.length ?? 0
  const J = new Float64Array(rows * dim)
  for (let i = 0; i < rows; i++) for (let k = 0; k < dim; k++) J[i * dim + k] = columns[k][i]
  return J
}

function measureNormalize(m: FunctionalManifold, x: Float64Array, book: LawBook): void {
  const once = m.normalize(x.map((v) => v * (1 + 1e-9)))
  const at = (): string => `x = ${show(x)}`
  book.measure('normalize is idempotent', 0, largestDifference(m.normalize(once), once), 1, at)
  book.measure('normalize keeps elements', ROUNDING, distance(m, x, m.normalize(x)), size(x), at)
}

function measureRetractJacobian(manifold: Manifold, m: FunctionalManifold, x: Float64Array, book: LawBook): void {
  const J = m.retractJacobian(x)
  const numeric = differentiate(manifold.dim, (delta) => m.retract(x, delta))
  const off = largestDifference(J, numeric)
  book.measure('retractJacobian = ∂(x ⊞ δ)/∂δ', DIFFERENCE, off, size(x, J), () => `x = ${show(x)}`)
}

/** The same call with its output laid over each input in turn must give the same bits. */
function measureManifoldAliasing(
  manifold: Manifold,
  m: FunctionalManifold,
  x: Float64Array,
  y: Float64Array,
  delta: Float64Array,
  book: LawBook,
): void {
  const { ambient, dim } = manifold
  const at = (): string => `x = ${show(x)}, y = ${show(y)}, δ = ${show(delta)}`
  const same = (operation: string, expected: Float64Array, got: Float64Array): void => {
    book.measure(`${operation} may overwrite its inputs`, 0, largestDifference(got, expected), 1, at)
  }
  const retracted = m.retract(x, delta)
  const located = m.local(x, y)
  same(
    'retract',
    retracted,
    overlaid(x, ambient, (run) => manifold.retract(run, 0, delta, 0, run, 0)),
  )
  same(
    'retract',
    retracted,
    overlaid(delta, ambient, (run) => manifold.retract(x, 0, run, 0, run, 0)),
  )
  same(
    'local',
    located,
    overlaid(x, dim, (run) => manifold.local(run, 0, y, 0, run, 0)),
  )
  same(
    'local',
    located,
    overlaid(y, dim, (run) => manifold.local(x, 0, run, 0, run, 0)),
  )
}

/** A copy of `input`, long enough for the output, after an operation that reads and writes it. */
export function overlaid(input: Float64Array, length: number, operate: (run: Float64Array) => void): Float64Array {
  const run = new Float64Array(Math.max(input.length, length))
  run.set(input)
  operate(run)
  return run.subarray(0, length)
}
