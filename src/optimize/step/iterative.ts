import type { KrylovReport } from '../../linear/index.ts'
import type { StepOutcome } from './step.ts'

/**
 * How far conjugate gradients go for one step. A tolerance of 1e-6 on the preconditioned residual makes the outer
 * iterations those of a direct step; a looser one stops early on ill-conditioned graphs with the optimum still 1e-4 away
 * (measured on parking-garage and M3500a), because a small decrease then says little.
 */
export const KRYLOV = { tolerance: 1e-6, norm: 'preconditioned' } as const

/** Inner iterations for n unknowns: in exact arithmetic n are enough, rounding needs some more. */
export function innerLimit(unknowns: number): number {
  return Math.min(Math.max(2 * unknowns, 100), 20_000)
}

/**
 * An inner iteration that ended as a step: a truncated solution of conjugate gradients is a descent direction whatever ended
 * it, as long as one direction was taken (Steihaug 1983).
 */
export function krylovOutcome({ outcome, iterations, residualNorm, target }: KrylovReport): StepOutcome {
  const ok = outcome === 'converged' || outcome === 'iterations' || (iterations > 0 && Number.isFinite(residualNorm))
  const reason = `conjugate gradients: ${outcome} after ${iterations} iterations, residual ${residualNorm} against ${target}`
  return { ok, iterations, reason: ok ? '' : reason }
}
