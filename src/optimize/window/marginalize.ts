import type { Gauge, Key, Values } from '../../graph/index.ts'
import { type FactorBatch, Graph, showKey } from '../../graph/index.ts'
import { UsageError } from '../../numeric/index.ts'
import { compile } from '../compile.ts'
import { linearize } from '../linearize.ts'
import type { Program } from '../program.ts'
import { eliminateHessian, eliminateRows, formats } from './elimination.ts'
import { expectGroup, type HessianPrior, localOf, type Prior } from './prior.ts'

export interface MarginalizeOptions {
  /** 'square-root' (default): QR on rows. 'hessian': Schur complement of the normal equations. */
  readonly form?: 'square-root' | 'hessian'
  /** Format of the elimination's arithmetic and of the prior's numbers. Default 'fp64'. */
  readonly format?: 'fp64' | 'fp32'
  /**
   * How the Hessian form takes a variable out: 'pivots' (default), unknown by unknown as Cholesky does; 'inverse', with the
   * inverse of its diagonal block. Equal but for rounding, which the inverse multiplies by the block's condition.
   */
  readonly elimination?: 'pivots' | 'inverse'
  /** A Hessian prior that is no factor of the graph (see `addPrior`), to become part of the new one; form 'hessian' only. */
  readonly prior?: HessianPrior | null
}

export interface Marginal {
  /** What the removed variables' factors say about the variables that stay; null when they say nothing. */
  readonly prior: Prior | null
  /** The variables that stay, at `values`, with the factors that touch none of the removed. The prior is not in it. */
  readonly graph: Graph
  /** Removed unknowns that nothing determined to rounding of the format. */
  readonly undetermined: number
}

/**
 * Takes variables out of a problem: linearizes the factors that touch them at `values`, eliminates them, and leaves a prior
 * over their neighbours (their Markov blanket) with its linearization point fixed there (docs/maths/square-root.md, eqs. 13
 * to 19). On a linear problem nothing changes for the variables that stay. Robust losses enter with their weights at
 * `values`; constants stay constants and are in no prior.
 *
 * @throws UsageError for keys that are not in the graph, an option that does not exist, neighbours that are no Lie groups
 */
export function marginalize(
  graph: Graph,
  values: Values,
  remove: readonly Key[],
  options: MarginalizeOptions = {},
): Marginal {
  const { form = 'square-root', format = 'fp64', elimination = 'pivots', prior = null } = options
  checkOptions(form, format, prior)
  const removed = new Uint8Array(graph.variableCount)
  for (const key of remove) removed[graph.values.index(key)] = 1
  const touched = prior ? prior.keys.map((key) => graph.values.index(key)) : []
  const { local, gauge } = absorbedGraph(graph, values, removed, touched)
  const rest = remainingGraph(graph, values, removed)
  if (local.variableCount === 0) return { prior: null, graph: rest, undetermined: 0 }

  const program = compile(local)
  linearize(program, local.values.data)
  const order = eliminationOrder(program, (key) => removed[graph.values.index(key)] === 1)
  const stays = Array.from(program.variableOf.keys()).filter((j) => !order.includes(j))
  const keys = stays.map((j) => local.values.key(program.variableOf[j]))
  const groups = stays.map((j) => expectGroup(program.manifolds[j]))
  const about = {
    format,
    keys,
    groups,
    at: Float64Array.from(keys.flatMap((key) => [...local.values.get(key)])),
    size: groups.reduce((sum, { dim }) => sum + dim, 0),
    gauge: prior ? least(gauge, prior.gauge) : gauge,
  }
  const store = (numbers: Float64Array): Float64Array | Float32Array =>
    format === 'fp32' ? Float32Array.from(numbers) : numbers
  if (form === 'square-root') {
    const { rows, R, d, undetermined } = eliminateRows(program.jacobian, order, formats[format])
    if (rows === 0) return { prior: null, graph: rest, undetermined }
    return { prior: { ...about, form, rows, R: store(R), d: store(d) }, graph: rest, undetermined }
  }
  const term = prior ? atValues(prior, program) : null
  const { H, b, undetermined } = eliminateHessian(program.jacobian, order, term, formats[format], elimination)
  if (about.size === 0) return { prior: null, graph: rest, undetermined }
  return { prior: { ...about, form, H: store(H), b: store(b) }, graph: rest, undetermined }
}

function checkOptions(form: string, format: string, prior: HessianPrior | null): void {
  if (form !== 'square-root' && form !== 'hessian')
    throw new UsageError(`marginalize: form must be 'square-root' or 'hessian', got '${form}'`)
  if (format !== 'fp64' && format !== 'fp32')
    throw new UsageError(`marginalize: format must be 'fp64' or 'fp32', got '${format}'`)
  if (prior && form !== 'hessian')
    throw new UsageError("marginalize: only form 'hessian' takes in a Hessian prior; add it to the graph with addPrior")
}

const GAUGES: readonly Gauge[] = ['none', 'translation', 'rigid', 'similarity']

function least(a: Gauge, b: Gauge): Gauge {
  return GAUGES.indexOf(a) < GAUGES.indexOf(b) ? a : b
}

/** The factors that touch a removed variable, with their variables at `values`, and what those factors cannot see. */
function absorbedGraph(
  graph: Graph,
  values: Values,
  removed: Uint8Array,
  touched: readonly number[],
): { local: Graph; gauge: Gauge } {
  const local = new Graph()
  const newIndex = new Int32Array(graph.variableCount).fill(-1)
  let gauge: Gauge = 'similarity'
  const take = (v: number): number => {
    if (newIndex[v] < 0) newIndex[v] = addVariable(local, graph, values, v)
    return newIndex[v]
  }
  for (const v of touched) take(v)
  for (const batch of graph.batches)
    for (const { indices, copyTo } of factorsOf(batch)) {
      if (!indices.some((v) => removed[v])) continue
      copyTo(local, indices.map(take))
      gauge = least(gauge, batch.type.gauge)
    }
  // A removed variable without factors leaves nothing behind.
  return { local, gauge: indicesConstant(graph, newIndex) ? 'none' : gauge }
}

/** A constant among the variables fixes what the factors cannot see. */
function indicesConstant(graph: Graph, newIndex: Int32Array): boolean {
  return newIndex.some((index, v) => index >= 0 && graph.isConstant(v))
}

function remainingGraph(graph: Graph, values: Values, removed: Uint8Array): Graph {
  const rest = new Graph()
  const newIndex = new Int32Array(graph.variableCount).fill(-1)
  for (let v = 0; v < graph.variableCount; v++) if (!removed[v]) newIndex[v] = addVariable(rest, graph, values, v)
  for (const batch of graph.batches)
    for (const { indices, copyTo } of factorsOf(batch))
      if (!indices.some((v) => removed[v])) copyTo(rest, indices.map((v) => newIndex[v])) // biome-ignore format: one thought
  return rest
}

function addVariable(to: Graph, graph: Graph, values: Values, v: number): number {
  const key = graph.values.key(v)
  if (!values.has(key)) throw new UsageError(`marginalize: the values have no variable ${showKey(key)}`)
  const bounds = graph.bounds(v)
  return to.addVariable(key, graph.values.manifold(v), values.get(key), {
    constant: graph.isConstant(v),
    ...(bounds ?? {}),
  })
}

interface FactorView {
  readonly indices: readonly number[]
  copyTo(graph: Graph, indices: readonly number[]): void
}

function* factorsOf(batch: FactorBatch): Generator<FactorView> {
  const { type, loss } = batch
  const arity = type.variables.length
  const triangle = (type.residualDim * (type.residualDim + 1)) / 2
  const variables = batch.variables.view()
  const data = batch.data.view()
  const information = batch.information?.view()
  for (let f = 0; f < batch.count; f++)
    yield {
      indices: Array.from(variables.subarray(f * arity, (f + 1) * arity)),
      copyTo: (graph, indices) =>
        graph.addFactorAt(type, indices, data.subarray(f * type.dataSize, (f + 1) * type.dataSize), {
          loss,
          ...(information ? { information: information.subarray(f * triangle, (f + 1) * triangle) } : {}),
        }),
    }
}

/** Removed blocks, those in the fewest factors first: points before the poses that see them. */
function eliminationOrder(program: Program, isRemoved: (key: Key) => boolean): number[] {
  const { jacobian, variableOf, graph } = program
  const factors = new Int32Array(jacobian.blocks.count)
  for (const { columns } of jacobian.batches) for (const column of columns) if (column >= 0) factors[column]++
  return Array.from(variableOf.keys())
    .filter((j) => isRemoved(graph.values.key(variableOf[j])))
    .sort((a, b) => factors[a] - factors[b] || a - b)
}

/** A Hessian prior over all unknowns of a program, about the program's values: Jᵀ H J and Jᵀ (b + H δ), J = J_r⁻¹(δ). */
function atValues(prior: HessianPrior, program: Program): { H: Float64Array; b: Float64Array } {
  const { blocks, blockOf, graph } = program
  const { values } = graph
  const indices = prior.keys.map((key) => values.index(key))
  const model = quadraticAt(
    prior,
    values.data,
    Int32Array.from(indices, (v) => values.offset(v)),
  )
  const place: number[] = []
  for (const v of indices) {
    const at = blockOf[v] < 0 ? -1 : blocks.offset[blockOf[v]]
    for (let c = 0; c < values.manifold(v).dim; c++) place.push(at < 0 ? -1 : at + c)
  }
  const n = blocks.offset[blocks.count]
  const H = new Float64Array(n * n)
  const b = new Float64Array(n)
  for (let i = 0; i < prior.size; i++) {
    if (place[i] < 0) continue
    b[place[i]] = model.gradient[i]
    for (let j = 0; j < prior.size; j++)
      if (place[j] >= 0) H[place[i] * n + place[j]] = model.hessian[i * prior.size + j]
  }
  return { H, b }
}

/** A Hessian prior about another point: its value, gradient and Hessian in the tangent there (docs eq. 19). */
export interface QuadraticModel {
  readonly cost: number
  readonly gradient: Float64Array
  readonly hessian: Float64Array
}

/** The quadratic ½ δᵀ H δ + bᵀ δ, δ = local(x₀, x), at x; variable k stands in x at `at[k]`. */
export function quadraticAt(
  { groups, at: x0, size: n, H, b }: HessianPrior,
  x: Float64Array,
  at: Int32Array,
): QuadraticModel {
  const delta = new Float64Array(n)
  localOf(groups, x0, 0, x, at, 0, delta)
  const gradient = new Float64Array(n)
  let cost = 0
  for (let i = 0; i < n; i++) {
    let sum = 0
    for (let j = 0; j < n; j++) sum += H[i * n + j] * delta[j]
    cost += delta[i] * (sum / 2 + b[i])
    gradient[i] = sum + b[i]
  }
  const hessian = Float64Array.from(H)
  let at0 = 0
  for (const group of groups) {
    const { dim } = group
    const J = new Float64Array(dim * dim)
    group.rightJacobianInverse(delta, at0, J, 0)
    chain(hessian, gradient, n, at0, dim, J)
    at0 += dim
  }
  return { cost, gradient, hessian }
}

/** H ← Jᵀ H J and g ← Jᵀ g for the block of unknowns at `at`. */
function chain(H: Float64Array, g: Float64Array, n: number, at: number, dim: number, J: Float64Array): void {
  const line = new Float64Array(dim)
  const apply = (read: (k: number) => number, write: (c: number, value: number) => void): void => {
    for (let c = 0; c < dim; c++) {
      line[c] = 0
      for (let k = 0; k < dim; k++) line[c] += read(k) * J[k * dim + c]
    }
    for (let c = 0; c < dim; c++) write(c, line[c])
  }
  for (let i = 0; i < n; i++) {
    const row = i * n + at
    apply(
      (k) => H[row + k],
      (c, value) => {
        H[row + c] = value
      },
    )
  }
  for (let i = 0; i < n; i++)
    apply(
      (k) => H[(at + k) * n + i],
      (c, value) => {
        H[(at + c) * n + i] = value
      },
    )
  apply(
    (k) => g[at + k],
    (c, value) => {
      g[at + c] = value
    },
  )
}
