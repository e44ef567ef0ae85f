import type { Manifold } from '../../geometry/index.ts'
import { UsageError } from '../../numeric/index.ts'
import type { FactorType, Gauge } from '../factor.ts'
import { Dual, DualPool, type Scalar } from './dual.ts'

/** One array of duals per variable: its numbers as its manifold stores them. */
export type DualsOf<M extends readonly Manifold[]> = { readonly [K in keyof M]: readonly Dual[] }
/** One plain array per variable. */
export type NumbersOf<M extends readonly Manifold[]> = { readonly [K in keyof M]: Float64Array }

export interface FactorDefinition<M extends readonly Manifold[]> {
  /** Unique among the factor types of a graph. */
  readonly name: string
  /** The manifolds of the variables that the residual touches, in order. */
  readonly variables: M
  /** Length m of the residual. */
  readonly residualDim: number
  /** Constant numbers per factor. Default 0. */
  readonly dataSize?: number
  /** What the residual cannot see; see {@link Gauge}. Default 'none'. */
  readonly gauge?: Gauge
  /**
   * The residual: m scalars, returned as an array (a single scalar when m = 1). `data` are this factor's numbers. `out` is
   * an array of length m to fill and return, for those who wish to allocate nothing.
   */
  readonly residual: (variables: DualsOf<M>, data: Float64Array, out: Scalar[]) => Scalar | readonly Scalar[]
  /**
   * Derivatives by hand instead of automatic ones: fills J[k], zeros at first, with d r / d δₖ, m × dimₖ row-major, for
   * the perturbation variables[k] ⊞ δₖ. Hold it against the differences with `checkJacobian` of homeward/testing.
   */
  readonly jacobian?: (variables: NumbersOf<M>, data: Float64Array, J: NumbersOf<M>) => void
}

/**
 * A factor of one's own from a plain function over variables; derivatives come from automatic differentiation.
 *
 * ```ts
 * import { ad, defineFactor } from 'homeward/graph'
 *
 * // y = b₀ (1 − exp(−b₁ x)), data (x, y)
 * const saturation = defineFactor({
 *   name: 'saturation',
 *   variables: [euclidean(2)],
 *   residualDim: 1,
 *   dataSize: 2,
 *   residual: ([b], [x, y]) => ad.sub(b[0].mul(ad.sub(1, ad.exp(b[1].mul(-x)))), y),
 * })
 *
 * // the distance from a pose in the plane to a point, data: metres
 * const distance = defineFactor({
 *   name: 'distance',
 *   variables: [SE2, euclidean(2)],
 *   residualDim: 1,
 *   dataSize: 1,
 *   gauge: 'rigid',
 *   residual: ([pose, point], [metres]) => ad.norm([point[0].sub(pose[0]), point[1].sub(pose[1])]).sub(metres),
 * })
 *
 * graph.addFactor(saturation, ['b'], [77.6, 10.07])
 * ```
 *
 * Variables arrive as arrays of {@link Dual} scalars in their storage (SE2: x, y, θ; SE3: t, then q = x, y, z, w). Write
 * `a.add(b)`, `a.mul(b)`, `a.sin()`, …, or the functions of `ad`, which take plain numbers on either side, and its helpers
 * for vectors, rotations and poses (`ad.rotate`, `ad.se3.compose`, …). Branches on `a.value` are fine. The function must
 * depend on nothing but its arguments, and keep none of them.
 *
 * @throws UsageError on an impossible definition; at evaluation, when the residual has not `residualDim` numbers.
 */
export function defineFactor<const M extends readonly Manifold[]>(definition: FactorDefinition<M>): FactorType {
  const { name, variables, residualDim, dataSize = 0, gauge = 'none' } = definition
  if (!name) throw new UsageError('a factor needs a name')
  if (variables.length === 0) throw new UsageError(`${name}: a factor needs at least one variable`)
  for (const [what, size, least] of [['residualDim', residualDim, 1] as const, ['dataSize', dataSize, 0] as const])
    if (!Number.isInteger(size) || size < least)
      throw new UsageError(`${name}: ${what} must be a whole number of at least ${least}, got ${size}`)
  const residual = residualOf(definition, dataSize)
  const jacobian = definition.jacobian && jacobianOf(definition, definition.jacobian, dataSize)
  return {
    name,
    variables,
    residualDim,
    dataSize,
    gauge,
    evaluate(x, at, atAt, data, dataAt, r, rAt, J, JAt) {
      residual(x, at, atAt, data, dataAt, r, rAt, jacobian ? null : J, JAt)
      if (J !== null && jacobian) jacobian(x, at, atAt, data, dataAt, J, JAt)
    },
  }
}

/** The residual over duals; with J, its derivatives too. */
function residualOf<M extends readonly Manifold[]>(
  { name, variables, residualDim, residual }: FactorDefinition<M>,
  dataSize: number,
): FactorType['evaluate'] {
  const width = variables.reduce((sum, manifold) => sum + manifold.dim, 0)
  const pool = new DualPool(width)
  const inputs = variables.map((manifold) => Array.from({ length: manifold.ambient }, () => new Dual(pool, 0)))
  const constants = new Float64Array(dataSize)
  const seed = new Float64Array(Math.max(...variables.map((manifold) => manifold.ambient * manifold.dim)))
  const out: Scalar[] = new Array<Scalar>(residualDim).fill(0)
  return (x, at, atAt, data, dataAt, r, rAt, J, JAt) => {
    pool.restart(J === null ? 0 : width)
    for (let k = 0, column = 0; k < variables.length; k++) {
      const manifold = variables[k]
      const from = at[atAt + k]
      for (let c = 0; c < manifold.ambient; c++) inputs[k][c].value = x[from + c]
      if (J !== null) seedInputs(manifold, x, from, inputs[k], column, seed)
      column += manifold.dim
    }
    for (let i = 0; i < dataSize; i++) constants[i] = data[dataAt + i]
    const result = residual(inputs as unknown as DualsOf<M>, constants, out)
    const single = typeof result === 'number' || result instanceof Dual
    const found = single ? 1 : result.length
    if (found !== residualDim)
      throw new UsageError(`${name}: the residual has ${found} numbers, residualDim says ${residualDim}`)
    for (let i = 0; i < residualDim; i++) {
      const scalar = single ? result : result[i]
      r[rAt + i] = typeof scalar === 'number' ? scalar : scalar.value
      if (J !== null) writeRow(scalar, variables, residualDim, i, J, JAt)
    }
  }
}

/** Derivatives of a variable's stored numbers by its own tangent coordinates, at `column` of all. */
function seedInputs(
  manifold: Manifold,
  x: Float64Array,
  from: number,
  duals: readonly Dual[],
  column: number,
  seed: Float64Array,
): void {
  const { ambient, dim } = manifold
  manifold.retractJacobian(x, from, seed, 0)
  for (let c = 0; c < ambient; c++) {
    const { d } = duals[c]
    for (let j = 0; j < dim; j++) d[column + j] = seed[c * dim + j]
  }
}

/** Row i of every variable's block. */
function writeRow(
  scalar: Scalar,
  variables: readonly Manifold[],
  m: number,
  i: number,
  J: Float64Array,
  JAt: number,
): void {
  let column = 0
  for (let k = 0; k < variables.length; k++) {
    const { dim } = variables[k]
    const row = JAt + m * column + i * dim
    for (let c = 0; c < dim; c++) J[row + c] = typeof scalar === 'number' ? 0 : scalar.d[column + c]
    column += dim
  }
}

/** The user's own derivatives, over plain numbers. */
function jacobianOf<M extends readonly Manifold[]>(
  { variables, residualDim }: FactorDefinition<M>,
  jacobian: NonNullable<FactorDefinition<M>['jacobian']>,
  dataSize: number,
): (
  x: Float64Array,
  at: Int32Array,
  atAt: number,
  data: Float64Array,
  dataAt: number,
  J: Float64Array,
  JAt: number,
) => void {
  const values = variables.map((manifold) => new Float64Array(manifold.ambient))
  const blocks = variables.map((manifold) => new Float64Array(residualDim * manifold.dim))
  const constants = new Float64Array(dataSize)
  return (x, at, atAt, data, dataAt, J, JAt) => {
    for (let k = 0; k < values.length; k++) {
      const from = at[atAt + k]
      for (let c = 0; c < values[k].length; c++) values[k][c] = x[from + c]
      blocks[k].fill(0)
    }
    for (let i = 0; i < dataSize; i++) constants[i] = data[dataAt + i]
    jacobian(values as unknown as NumbersOf<M>, constants, blocks as unknown as NumbersOf<M>)
    let to = JAt
    for (const block of blocks) {
      J.set(block, to)
      to += block.length
    }
  }
}
