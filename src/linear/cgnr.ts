import { UsageError } from '../numeric/index.ts'
import type { KrylovOptions, KrylovReport, MutableKrylovReport } from './conjugate-gradients.ts'
import { finish, rightHandSideNorm } from './conjugate-gradients.ts'
import type { RectangularOperator } from './operator.ts'
import { identity } from './preconditioner/identity.ts'
import { addScaled, dot, scaleAndAdd } from './vectors.ts'

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
  /** Jᵀ J p + Λ p. */
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

/** The least squares problem that {@link cgnr} solves: min ½ ‖J x + r‖² + ½ xᵀ Λ x. */
export interface DampedLeastSquares {
  readonly jacobian: RectangularOperator
  /** r, by rows; read by the 'rows' recurrence only. */
  readonly residual: Float64Array
  /** g = Jᵀ r. Given, not computed: a rounded J must not move the minimum. */
  readonly gradient: Float64Array
  /** The diagonal Λ ≥ 0, or null. */
  readonly damping: Float64Array | null
}

/**
 * Solves (JᵀJ + Λ) x = −g by conjugate gradients on the normal equations, without forming them (Saad 2003, algorithm 8.4;
 * docs/maths/least-squares.md, eqs. 9 and 10). The curvature pᵀ(JᵀJ + Λ)p = ‖J p‖² + Σ Λᵢ pᵢ² is a sum of squares, so
 * rounding cannot make it negative; 'indefinite' means that it is zero. Options and outcomes as in
 * {@link conjugateGradients}, with b = −g.
 */
export function cgnr(
  problem: DampedLeastSquares,
  x: Float64Array,
  options: CgnrOptions,
  workspace: CgnrWorkspace,
): KrylovReport {
  const { jacobian: J, gradient: g, residual, damping } = problem
  const { s, z, p, v, q, e, report } = workspace
  expectSizes(problem, x, workspace)
  const { tolerance = 1e-10, maxIterations = 10 * J.columns, preconditioner: M = identity } = options
  const plain = options.norm !== 'preconditioned'
  const byRows = options.recurrence === 'rows'

  report.target = tolerance * rightHandSideNorm(g, M, plain, z)
  if (options.start === 'guess') J.multiply(x, q)
  else {
    x.fill(0)
    q.fill(0)
  }
  if (byRows) {
    for (let i = 0; i < e.length; i++) e[i] = -residual[i]! - q[i]!
    residualFromRows(J, e, damping, x, s)
  } else {
    J.multiplyTransposed(q, v)
    addDamping(v, damping, x)
    for (let i = 0; i < s.length; i++) s[i] = -g[i]! - v[i]!
  }
  M.apply(s, z)
  p.set(z)
  let rho = dot(s, z)

  for (let k = 0; ; k++) {
    const squared = plain ? dot(s, s) : rho
    const norm = Math.sqrt(squared)
    if (norm <= report.target) return finish(report, 'converged', k, norm)
    if (!(rho > 0 && squared < Number.POSITIVE_INFINITY)) return finish(report, 'breakdown', k, norm)
    if (k >= maxIterations) return finish(report, 'iterations', k, norm)

    J.multiply(p, q)
    const curvature = dot(q, q) + weightedSquare(damping, p)
    if (!Number.isFinite(curvature)) return finish(report, 'breakdown', k, norm)
    if (!(curvature > 0)) return finish(report, 'indefinite', k, norm)
    const alpha = rho / curvature
    addScaled(x, alpha, p)
    if (byRows) {
      addScaled(e, -alpha, q)
      residualFromRows(J, e, damping, x, s)
    } else {
      J.multiplyTransposed(q, v)
      addDamping(v, damping, p)
      addScaled(s, -alpha, v)
    }
    M.apply(s, z)
    const next = dot(s, z)
    scaleAndAdd(p, next / rho, z)
    rho = next
  }
}

/** s = Jᵀ e − Λ x */
function residualFromRows(
  J: RectangularOperator,
  e: Float64Array,
  damping: Float64Array | null,
  x: Float64Array,
  s: Float64Array,
): void {
  J.multiplyTransposed(e, s)
  if (damping) for (let i = 0; i < s.length; i++) s[i]! -= damping[i]! * x[i]!
}

/** v += Λ x */
function addDamping(v: Float64Array, damping: Float64Array | null, x: Float64Array): void {
  if (damping) for (let i = 0; i < v.length; i++) v[i]! += damping[i]! * x[i]!
}

/** pᵀ Λ p */
function weightedSquare(damping: Float64Array | null, p: Float64Array): number {
  let sum = 0
  if (damping) for (let i = 0; i < p.length; i++) sum += damping[i]! * p[i]! * p[i]!
  return sum
}

function expectSizes(problem: DampedLeastSquares, x: Float64Array, { s, q }: CgnrWorkspace): void {
  const { jacobian: J, gradient, residual, damping } = problem
  const { rows, columns } = J
  if (
    x.length !== columns ||
    gradient.length !== columns ||
    (damping !== null && damping.length !== columns) ||
    residual.length !== rows
  )
    throw new UsageError(
      `CGNR of ${rows} rows and ${columns} unknowns: got x of ${x.length}, gradient of ${gradient.length}, ` +
        `damping of ${damping ? damping.length : 'none'}, residual of ${residual.length}`,
    )
  if (s.length !== columns || q.length !== rows)
    throw new UsageError(`CGNR of ${rows} rows and ${columns} unknowns: got a workspace of ${q.length} × ${s.length}`)
}
