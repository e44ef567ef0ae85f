import type { Trial } from './method/method.ts'
import type { Termination } from './summary.ts'

export interface Criteria {
  readonly maxIterations: number
  readonly tolerance: number
  readonly gradientTolerance: number
  readonly stepTolerance: number
  readonly maxSeconds: number
  readonly signal: { readonly aborted: boolean } | null
  /** Spacing of costs, relative, where residuals are not computed in fp64: smaller changes say nothing. */
  readonly resolution?: number
}

/** Why the loop ended: the kind, and one sentence with the two numbers that were compared. */
export interface Stop {
  readonly termination: Termination
  readonly reason: string
}

/**
 * Costs are sums of up to millions of rounded squares: differences below this share of the cost say nothing. 64 ε allows
 * for the random walk of rounding over 4,000 terms, and more of them average out no worse.
 */
const ROUNDING = 64 * 2 ** -52

/** A cost that cannot show changes as small as this cannot show convergence either. */
const TOO_COARSE = 1e-5

/** The stop criteria of one run. */
export class StopRule {
  private readonly criteria: Criteria
  /** Small decreases in a row that mean the end: one of an exact step, two of an inexact one; a truncated one counts half. */
  private readonly needed: number
  private small = 0

  constructor(criteria: Criteria, exact: boolean) {
    this.criteria = criteria
    this.needed = exact ? 1 : 2
  }

  beforeStep(iteration: number, gradient: Float64Array, elapsed: number): Stop | null {
    const { maxIterations, gradientTolerance, maxSeconds, signal } = this.criteria
    let largest = 0
    for (let i = 0; i < gradient.length; i++) largest = Math.max(largest, Math.abs(gradient[i]))
    if (!(largest < Number.POSITIVE_INFINITY))
      return {
        termination: 'failed',
        reason: `the largest entry of the gradient is ${largest}; expected a finite number`,
      }
    if (largest <= gradientTolerance)
      return { termination: 'converged', reason: `gradient ${show(largest)} ≤ ${show(gradientTolerance)}` }
    if (signal?.aborted)
      return { termination: 'aborted', reason: `stopped by the caller before iteration ${iteration}` }
    if (iteration > maxIterations)
      return { termination: 'max-iterations', reason: `${iteration - 1} iterations ≥ ${maxIterations}` }
    if (elapsed >= maxSeconds)
      return { termination: 'max-seconds', reason: `${show(elapsed)} s ≥ ${show(maxSeconds)} s` }
    return null
  }

  afterStep(
    { cost, trialCost }: Trial,
    accepted: boolean,
    stepNorm: number,
    size: number,
    truncated = false,
  ): Stop | null {
    if (!accepted) return null
    const { stepTolerance, resolution = 0 } = this.criteria
    const tolerance = Math.max(this.criteria.tolerance, resolution)
    const relative = cost === trialCost ? 0 : Math.abs(cost - trialCost) / Math.abs(cost)
    this.small = relative <= tolerance ? this.small + (truncated ? 0.5 : 1) : 0
    if (this.small >= this.needed && resolution > TOO_COARSE)
      return {
        termination: 'failed',
        reason: `relative cost change ${show(relative)} ≤ ${show(resolution)}, the resolution of its format: convergence cannot be seen`,
      }
    if (this.small >= this.needed)
      return { termination: 'converged', reason: `relative cost change ${show(relative)} ≤ ${show(tolerance)}` }
    const limit = stepTolerance * (size + stepTolerance)
    if (stepNorm <= limit) return { termination: 'converged', reason: `step ${show(stepNorm)} ≤ ${show(limit)}` }
    return null
  }

  /**
   * Near the optimum both the promised and the measured change vanish in the rounding of the cost; a judge that compares
   * them would reject for ever. Such a step is taken: it ends the run by the cost criterion.
   */
  lostInRounding({ cost, trialCost, predicted }: Trial): boolean {
    const rounding = Math.max(ROUNDING, this.criteria.resolution ?? 0) * cost
    return Math.abs(predicted) <= rounding && Math.abs(cost - trialCost) <= rounding
  }

  exhausted(reason: string | null, { cost, predicted }: Trial): Stop | null {
    if (reason === null) return null
    return { termination: 'failed', reason: `${reason} (cost ${show(cost)}, promised decrease ${show(predicted)})` }
  }

  unsolvable(reason: string): Stop {
    return { termination: 'failed', reason: `the linear system could not be solved: ${reason}` }
  }

  notFinite(cost: number): Stop {
    return { termination: 'failed', reason: `the cost at the start is ${cost}; expected a finite number` }
  }
}

/** A number as sentences show it. */
export function show(value: number): string {
  return value === 0
    ? '0'
    : Math.abs(value) >= 1e-3 && Math.abs(value) < 1e6
      ? `${+value.toPrecision(4)}`
      : value.toExponential(2)
}
