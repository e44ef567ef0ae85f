import { UsageError } from '../numeric/index.ts'
import type { LinearOperator } from './operator.ts'
import type { Preconditioner } from './preconditioner/identity.ts'
import { identity } from './preconditioner/identity.ts'
import { doubleVectors, type VectorOperations } from './vectors.ts'

/** How an iteration ended. */
export type KrylovOutcome =
  /** The residual norm fell to its target. */
  | 'converged'
  /** The limit of iterations was reached first. */
  | 'iterations'
  /** A direction p with pᵀ A p ≤ 0 was met: A is singular or not positive definite. x is the last iterate before it. */
  | 'indefinite'
  /** A number stopped being finite, or rᵀ M⁻¹ r ≤ 0 for r ≠ 0: the preconditioner is not positive definite. */
  | 'breakdown'

export interface KrylovReport {
  readonly outcome: KrylovOutcome
  readonly iterations: number
  /** The norm of the (recursively updated) residual at the end, and what it was to fall to, in the norm asked for. */
  readonly residualNorm: number
  readonly target: number
}

export type MutableKrylovReport = { -readonly [K in keyof KrylovReport]: KrylovReport[K] }

export interface KrylovOptions {
  /** Stop when ‖r‖ ≤ tolerance · ‖b‖. Default 1e-10. */
  readonly tolerance?: number
  /** Default: ten times the number of unknowns. */
  readonly maxIterations?: number
  /** Default: none. */
  readonly preconditioner?: Preconditioner
  /** 'plain': ‖r‖ = √(rᵀ r). 'preconditioned': √(rᵀ M⁻¹ r), the same in every unit of the unknowns. Default 'plain'. */
  readonly norm?: 'plain' | 'preconditioned'
  /** 'zero': x is overwritten. 'guess': the iteration starts from the x given. Default 'zero'. */
  readonly start?: 'zero' | 'guess'
  /**
   * 'fletcher-reeves' (default): β = rᵀz⁺/rᵀz of the textbook. 'polak-ribiere': β = (r⁺ − r)ᵀ z⁺ / rᵀ z, flexible: the same
   * for an exact preconditioner, and better where M⁻¹ changes from one application to the next, as a rounded one does.
   */
  readonly beta?: 'fletcher-reeves' | 'polak-ribiere'
  /** How vectors are added and multiplied; the right-hand side enters rounded. Default: in fp64. */
  readonly vectors?: VectorOperations
}

/** What {@link conjugateGradients} needs besides A, b and x: built once, used for any number of solves of that size. */
export class ConjugateGradientsWorkspace {
  /** Residual b − A x. */
  readonly r: Float64Array
  /** M⁻¹ r. */
  readonly z: Float64Array
  /** Direction. */
  readonly p: Float64Array
  /** A p. */
  readonly q: Float64Array
  /** Of the latest solve; overwritten by the next. */
  readonly report: MutableKrylovReport

  constructor(size: number) {
    this.r = new Float64Array(size)
    this.z = new Float64Array(size)
    this.p = new Float64Array(size)
    this.q = new Float64Array(size)
    this.report = { outcome: 'converged', iterations: 0, residualNorm: 0, target: 0 }
  }
}

/**
 * Solves A x = b for a symmetric positive definite A by preconditioned conjugate gradients (M. R. Hestenes and E. Stiefel,
 * "Methods of Conjugate Gradients for Solving Linear Systems", 1952, eqs. 3:1; with a preconditioner: Y. Saad, "Iterative
 * Methods for Sparse Linear Systems", 2003, algorithm 9.1; docs/maths/least-squares.md, eq. 6; the flexible β: Y. Notay,
 * "Flexible Conjugate Gradients", 2000; docs/maths/precision.md, eq. 13). x is left at the last
 * iterate whatever the outcome. Allocates nothing: the report is the workspace's.
 */
export function conjugateGradients(
  A: LinearOperator,
  b: Float64Array,
  x: Float64Array,
  options: KrylovOptions,
  workspace: ConjugateGradientsWorkspace,
): KrylovReport {
  const { r, z, p, q, report } = workspace
  expectSizes(A.size, b, x, r)
  const { tolerance = 1e-10, maxIterations = 10 * A.size, preconditioner: M = identity } = options
  const { vectors = doubleVectors } = options
  const plain = options.norm !== 'preconditioned'
  const flexible = options.beta === 'polak-ribiere'

  report.target = tolerance * rightHandSideNorm(b, M, plain, z, vectors)
  if (options.start === 'guess') {
    A.apply(x, q)
    for (let i = 0; i < r.length; i++) r[i] = b[i] - q[i]
    vectors.copy(r, r)
  } else {
    x.fill(0)
    vectors.copy(r, b)
  }
  M.apply(r, z)
  vectors.copy(p, z)
  let rho = vectors.dot(r, z)

  for (let k = 0; ; k++) {
    const squared = plain ? vectors.dot(r, r) : rho
    const norm = Math.sqrt(squared)
    if (norm <= report.target) return finish(report, 'converged', k, norm)
    if (!(rho > 0 && squared < Number.POSITIVE_INFINITY)) return finish(report, 'breakdown', k, norm)
    if (k >= maxIterations) return finish(report, 'iterations', k, norm)

    A.apply(p, q)
    const curvature = vectors.dot(p, q) // pᵀ A p
    if (!Number.isFinite(curvature)) return finish(report, 'breakdown', k, norm)
    if (!(curvature > 0)) return finish(report, 'indefinite', k, norm)
    const alpha = rho / curvature
    vectors.addScaled(x, alpha, p)
    vectors.addScaled(r, -alpha, q)
    M.apply(r, z)
    const next = vectors.dot(r, z)
    const change = flexible ? -alpha * vectors.dot(q, z) : next // (r⁺ − r)ᵀ z⁺, with r⁺ − r = −α q
    vectors.scaleAndAdd(p, change / rho, z)
    rho = next
  }
}

/** Writes down how an iteration ended. */
export function finish(
  report: MutableKrylovReport,
  outcome: KrylovOutcome,
  iterations: number,
  residualNorm: number,
): KrylovReport {
  report.outcome = outcome
  report.iterations = iterations
  report.residualNorm = residualNorm
  return report
}

/** ‖b‖, or √(bᵀ M⁻¹ b), by which the tolerance is relative. */
export function rightHandSideNorm(
  b: Float64Array,
  M: Preconditioner,
  plain: boolean,
  scratch: Float64Array,
  vectors: VectorOperations,
): number {
  if (plain) return Math.sqrt(vectors.dot(b, b))
  M.apply(b, scratch)
  return Math.sqrt(Math.max(0, vectors.dot(b, scratch)))
}

function expectSizes(size: number, b: Float64Array, x: Float64Array, r: Float64Array): void {
  if (b.length !== size || x.length !== size || r.length !== size)
    throw new UsageError(
      `conjugate gradients of size ${size}: got b of ${b.length}, x of ${x.length}, a workspace of ${r.length}`,
    )
}
