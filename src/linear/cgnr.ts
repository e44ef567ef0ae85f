import { UsageError } from '../numeric/index.ts'
import type { KrylovOptions, KrylovReport, MutableKrylovReport } from './conjugate-gradients.ts'
import { finish, rightHandSideNorm } from './conjugate-gradients.ts'
import type { RectangularOperator } from './operator.ts'
import { identity } from './preconditioner/identity.ts'
import { doubleVectors, type VectorOperations } from './vectors.ts'

export interface CgnrOptions extends KrylovOptions {
  /**
   * How the residual s of the normal equations is carried.
   * 'normal' (default): by its own recursion, s ← s − α (Jᵀ J p + Λ p).
   * 'rows': as textbooks write CGNR, the rows' residual e = −r − J x by recursion, then s = Jᵀ e − Λ x anew. Near the
   * optimum s is then a small difference of large numbers, which low precision does not survive.
   */
  readonly recurrence?: 'normal' | 'rows'
}

export class CgnrWorkspace {
  /** Residual of the normal equations, −g − (JᵀJ + Λ) x. */
  readonly s: Float64Array
  /** M⁻¹ s. */
  readonly z: Float64Array
  readonly p: Float64Array
  /** Jᵀ J p + Λ p; in the 'rows' recurrence the previous s. */
  readonly v: Float64Array
  /** J p, by rows. */
  readonly q: Float64Array
  /** −r − J x, by rows: used by the 'rows' recurrence. */
  readonly e: Float64Array
  /** Of the latest solve; overwritten by the next. */
  readonly report: MutableKrylovReport

  constructor(rows: number, columns: number) {
    this.s = new Float64Array(columns)
    this.z = new Float64Array(columns)
    this.p = new Float64Array(columns)
    this.v = new Float64Array(columns)
    this.q = new Float64Array(rows)
    this.e = new Float64Array(rows)
    this.report = { outcome: 'converged', iterations: 0, residualNorm: 0, target: 0 }
  }
}

/** A symmetric positive semidefinite Λ, known only by its products. */
export interface Damping {
  /** out += Λ x */
  addTo(x: Float64Array, out: Float64Array): void
  /** xᵀ Λ x ≥ 0 */
  square(x: Float64Array): number
}

/** Λ by its diagonal, by its products where it is not diagonal, or none. */
export type AnyDamping = Float64Array | Damping | null

/** The least squares problem that {@link cgnr} solves: min ½ ‖J x + r‖² + ½ xᵀ Λ x. */
export interface DampedLeastSquares<D extends AnyDamping = Float64Array | null> {
  readonly jacobian: RectangularOperator
  /** r, by rows; read by the 'rows' recurrence only. */
  readonly residual: Float64Array
  /** g = Jᵀ r. Given, not computed: a rounded J must not move the minimum. */
  readonly gradient: Float64Array
  /** Λ ≥ 0 */
  readonly damping: D
}

/**
 * Solves (JᵀJ + Λ) x = −g by conjugate gradients on the normal equations, without forming them (Saad 2003, algorithm 8.4;
 * docs/maths/least-squares.md, eqs. 9 and 10). The curvature pᵀ(JᵀJ + Λ)p = ‖J p‖² + pᵀΛp is a sum of squares, so
 * rounding cannot make it negative; 'indefinite' means that it is zero. Options and outcomes as in
 * {@link conjugateGradients}, with b = −g.
 */
export function cgnr(
  problem: DampedLeastSquares<AnyDamping>,
  x: Float64Array,
  options: CgnrOptions,
  workspace: CgnrWorkspace,
): KrylovReport {
  const { jacobian: J, gradient: g, residual, damping } = problem
  const { s, z, p, v, q, e, report } = workspace
  expectSizes(problem, x, workspace)
  const { tolerance = 1e-10, maxIterations = 10 * J.columns, preconditioner: M = identity } = options
  const { vectors = doubleVectors } = options
  const plain = options.norm !== 'preconditioned'
  const flexible = options.beta === 'polak-ribiere'
  const byRows = options.recurrence === 'rows'

  report.target = tolerance * rightHandSideNorm(g, M, plain, z, vectors)
  if (options.start === 'guess') J.multiply(x, q)
  else {
    x.fill(0)
    q.fill(0)
  }
  if (byRows) {
    for (let i = 0; i < e.length; i++) e[i] = -residual[i] - q[i]
    vectors.copy(e, e)
    residualFromRows(problem, e, x, s, vectors)
  } else {
    J.multiplyTransposed(q, v)
    addDamping(v, damping, x, vectors)
    for (let i = 0; i < s.length; i++) s[i] = -g[i] - v[i]
    vectors.copy(s, s)
  }
  M.apply(s, z)
  vectors.copy(p, z)
  let rho = vectors.dot(s, z)

  for (let k = 0; ; k++) {
    const squared = plain ? vectors.dot(s, s) : rho
    const norm = Math.sqrt(squared)
    if (norm <= report.target) return finish(report, 'converged', k, norm)
    if (!(rho > 0 && squared < Number.POSITIVE_INFINITY)) return finish(report, 'breakdown', k, norm)
    if (k >= maxIterations) return finish(report, 'iterations', k, norm)

    J.multiply(p, q)
    const curvature = vectors.dot(q, q) + dampingSquare(damping, p, vectors)
    if (!Number.isFinite(curvature)) return finish(report, 'breakdown', k, norm)
    if (!(curvature > 0)) return finish(report, 'indefinite', k, norm)
    const alpha = rho / curvature
    vectors.addScaled(x, alpha, p)
    if (byRows) {
      v.set(s)
      vectors.addScaled(e, -alpha, q)
      residualFromRows(problem, e, x, s, vectors)
    } else {
      J.multiplyTransposed(q, v)
      addDamping(v, damping, p, vectors)
      vectors.addScaled(s, -alpha, v)
    }
    M.apply(s, z)
    const next = vectors.dot(s, z)
    const change = flexible ? (byRows ? next - vectors.dot(v, z) : -alpha * vectors.dot(v, z)) : next // (s⁺ − s)ᵀ z⁺
    vectors.scaleAndAdd(p, change / rho, z)
    rho = next
  }
}

/** s = Jᵀ e − Λ x */
function residualFromRows(
  { jacobian: J, damping }: DampedLeastSquares<AnyDamping>,
  e: Float64Array,
  x: Float64Array,
  s: Float64Array,
  vectors: VectorOperations,
): void {
  J.multiplyTransposed(e, s)
  if (damping === null) return
  for (let i = 0; i < s.length; i++) s[i] = -s[i]
  addDamping(s, damping, x, vectors)
  for (let i = 0; i < s.length; i++) s[i] = -s[i]
}

/** v += Λ x */
function addDamping(v: Float64Array, damping: AnyDamping, x: Float64Array, vectors: VectorOperations): void {
  if (damping instanceof Float64Array) vectors.addWeighted(v, damping, x)
  else damping?.addTo(x, v)
}

/** pᵀ Λ p */
function dampingSquare(damping: AnyDamping, p: Float64Array, vectors: VectorOperations): number {
  if (damping instanceof Float64Array) return vectors.weightedSquare(damping, p)
  return damping === null ? 0 : damping.square(p)
}

function expectSizes(problem: DampedLeastSquares<AnyDamping>, x: Float64Array, { s, q }: CgnrWorkspace): void {
  const { jacobian: J, gradient, residual, damping } = problem
  const { rows, columns } = J
  if (
    x.length !== columns ||
    gradient.length !== columns ||
    (damping instanceof Float64Array && damping.length !== columns) ||
    residual.length !== rows
  )
    throw new UsageError(
      `CGNR of ${rows} rows and ${columns} unknowns: got x of ${x.length}, gradient of ${gradient.length}, ` +
        `damping of ${damping instanceof Float64Array ? damping.length : 'none'}, residual of ${residual.length}`,
    )
  if (s.length !== columns || q.length !== rows)
    throw new UsageError(`CGNR of ${rows} rows and ${columns} unknowns: got a workspace of ${q.length} × ${s.length}`)
}
