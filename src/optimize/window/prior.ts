import { isGroup, type LieGroup, type Manifold } from '../../geometry/index.ts'
import type { FactorType, Gauge, Graph, Key } from '../../graph/index.ts'
import { UsageError } from '../../numeric/index.ts'

/** What priors of both forms say about themselves. */
interface PriorBase {
  readonly format: 'fp64' | 'fp32'
  /** The variables it is over. */
  readonly keys: readonly Key[]
  readonly groups: readonly LieGroup[]
  /** The point of linearization x₀: the variables' numbers, one after the other. It never moves. */
  readonly at: Float64Array
  /** Tangent numbers of all variables. */
  readonly size: number
  /** What it cannot see, near x₀: the least that the measurements behind it leave. */
  readonly gauge: Gauge
}

/** ½ ‖R · local(x₀, x) + d‖²: what is known of some variables, as rows (docs/maths/square-root.md, eq. 15). */
export interface SquareRootPrior extends PriorBase {
  readonly form: 'square-root'
  readonly rows: number
  /** rows × size, row-major, upper trapezoidal; Float32Array in fp32. */
  readonly R: Float64Array | Float32Array
  readonly d: Float64Array | Float32Array
}

/** ½ δᵀ H δ + bᵀ δ with δ = local(x₀, x) (eq. 18). Rounding can leave H indefinite: no sum of squares any more. */
export interface HessianPrior extends PriorBase {
  readonly form: 'hessian'
  /** size × size, symmetric, whole; Float32Array in fp32. */
  readonly H: Float64Array | Float32Array
  readonly b: Float64Array | Float32Array
}

export type Prior = SquareRootPrior | HessianPrior

/**
 * Adds a prior to a graph, as one factor over its variables. A Hessian form enters as the rows of a Cholesky factor with
 * diagonal pivoting; what has no positive pivot above rounding (16 eps of its diagonal entry) is not a sum of squares and
 * is left out.
 *
 * @returns unknowns left out: 0 for a square root, the rank deficiency of H otherwise
 */
export function addPrior(graph: Graph, prior: Prior): number {
  const { rows, R, d } = prior.form === 'square-root' ? prior : pivotedRoot(prior)
  if (rows > 0) {
    const data = new Float64Array(prior.at.length + R.length + d.length)
    data.set(prior.at)
    data.set(R, prior.at.length)
    data.set(d, prior.at.length + R.length)
    graph.addFactor(linearPrior(prior.groups, rows, prior.gauge), prior.keys, data)
  }
  return prior.form === 'square-root' ? 0 : prior.size - rows
}

const cache = new Map<string, FactorType>()

/**
 * The factor ½ ‖R · local(x₀, x) + d‖² over any variables that are Lie groups (Rⁿ is one): data = x₀, R (rows × Σ dim,
 * row-major), d. The same arguments give the same object.
 * @throws UsageError for a manifold that is not a group
 */
export function linearPrior(groups: readonly Manifold[], rows: number, gauge: Gauge): FactorType {
  const name = `linear prior(${groups.map((group) => group.name).join(',')};${rows} rows;${gauge})`
  let type = cache.get(name)
  if (!type) {
    type = makeType(name, groups.map(expectGroup), rows, gauge)
    cache.set(name, type)
  }
  return type
}

export function expectGroup(manifold: Manifold): LieGroup {
  if (!isGroup(manifold)) throw new UsageError(`a linear prior is over Lie groups; ${manifold.name} is none`)
  return manifold
}

function makeType(name: string, groups: readonly LieGroup[], rows: number, gauge: Gauge): FactorType {
  const size = groups.reduce((sum, { dim }) => sum + dim, 0)
  const ambient = groups.reduce((sum, group) => sum + group.ambient, 0)
  const widest = Math.max(...groups.map(({ dim }) => dim))
  const delta = new Float64Array(size)
  const inverse = new Float64Array(widest * widest)
  return {
    name,
    variables: groups,
    residualDim: rows,
    dataSize: ambient + rows * size + rows,
    gauge,
    // r = R δ + d with δ = local(x₀, x) and d δ = J_r⁻¹(δ) dx.
    evaluate(x, at, atAt, data, dataAt, r, rAt, J, JAt) {
      localOf(groups, data, dataAt, x, at, atAt, delta)
      const R = dataAt + ambient
      for (let i = 0; i < rows; i++) {
        let sum = data[R + rows * size + i]
        for (let j = 0; j < size; j++) sum += data[R + i * size + j] * delta[j]
        r[rAt + i] = sum
      }
      if (J === null) return
      let block = JAt
      let column = 0
      for (const group of groups) {
        const { dim } = group
        group.rightJacobianInverse(delta, column, inverse, 0)
        for (let i = 0; i < rows; i++)
          for (let c = 0; c < dim; c++) {
            let sum = 0
            for (let k = 0; k < dim; k++) sum += data[R + i * size + column + k] * inverse[k * dim + c]
            J[block++] = sum
          }
        column += dim
      }
    },
  }
}

/** δ = local(x₀, x), variable after variable; variable k of x stands at `at[atAt + k]`. */
export function localOf(
  groups: readonly LieGroup[],
  x0: Float64Array,
  x0At: number,
  x: Float64Array,
  at: Int32Array,
  atAt: number,
  delta: Float64Array,
): void {
  let column = 0
  for (let k = 0; k < groups.length; k++) {
    groups[k].local(x0, x0At, x, at[atAt + k], delta, column)
    x0At += groups[k].ambient
    column += groups[k].dim
  }
}

/** H ≈ RᵀR with b = Rᵀd by Cholesky with diagonal pivoting (Golub and Van Loan, 4th ed., algorithm 4.2.4). */
function pivotedRoot({ H, b, size: n, format }: HessianPrior): { rows: number; R: Float64Array; d: Float64Array } {
  const tolerance = 16 * (format === 'fp32' ? 2 ** -23 : 2 ** -52)
  const A = Float64Array.from(H)
  const rest = Float64Array.from(b)
  const diagonal = Float64Array.from({ length: n }, (_, i) => H[i * n + i])
  const done = new Uint8Array(n)
  const R = new Float64Array(n * n)
  const d = new Float64Array(n)
  let rows = 0
  for (; rows < n; rows++) {
    let next = -1
    let best = tolerance
    for (let i = 0; i < n; i++) {
      const share = A[i * n + i] / diagonal[i]
      if (!done[i] && diagonal[i] > 0 && share > best) [next, best] = [i, share]
    }
    if (next < 0) break
    const root = Math.sqrt(A[next * n + next])
    done[next] = 1
    for (let j = 0; j < n; j++) if (!done[j] || j === next) R[rows * n + j] = A[next * n + j] / root
    d[rows] = rest[next] / root
    for (let i = 0; i < n; i++) {
      if (done[i]) continue
      for (let j = 0; j < n; j++) if (!done[j]) A[i * n + j] -= R[rows * n + i] * R[rows * n + j]
      rest[i] -= R[rows * n + i] * d[rows]
    }
  }
  return { rows, R: R.slice(0, rows * n), d: d.slice(0, rows) }
}
