import type { Values } from '../graph/index.ts'
import type { PrecisionEvent } from './precision/events.ts'
import type { Stage, StageName } from './precision/policy.ts'
import type { Fallback } from './precision/record.ts'
import type { Work } from './precision/tally.ts'

/** What a pose graph's chi2 and a bundle adjustment's cost are called in reports. */
export type CostConvention = 'chi2' | 'half sum of squares'

/** One iteration as reports show it. Costs are in the summary's convention. */
export interface IterationRow {
  readonly iteration: number
  /** Cost after this iteration (of the values kept). */
  readonly cost: number
  /** Cost change of the step; negative when it went down. */
  readonly costChange: number
  /** Largest absolute entry of the gradient before the step. */
  readonly gradient: number
  /** Euclidean norm of the step. */
  readonly stepNorm: number
  /** Actual over predicted decrease. */
  readonly gain: number
  /** Damping λ (LM), trust radius (dogleg), 0 (Gauss-Newton). */
  readonly damping: number
  readonly accepted: boolean
  /** Why no step was found (a factorization that failed, with its pivot), '' where one was. */
  readonly failure: string
  /** Inner iterations of conjugate gradients; 0 for direct steps. */
  readonly linearIterations: number
  /** Seconds since the start, when a clock was given. */
  readonly seconds: number
}

export type Termination =
  | 'converged'
  | 'max-iterations'
  | 'max-seconds'
  | 'aborted'
  /** No step could be found or the linear system could not be solved; `reason` holds the numbers. */
  | 'failed'

export interface ProblemSize {
  /** 'pose-graph-2d', 'pose-graph-3d', 'pose-graph-sim3', 'bundle-adjustment', 'least-squares'. */
  readonly kind: string
  readonly variables: number
  readonly factors: number
  readonly residuals: number
  /** Scalar unknowns that are free to move. */
  readonly unknowns: number
}

export interface GaugeReport {
  /** Connected component, by the key of one of its variables. */
  readonly component: string
  /** 'translation', 'rigid', 'similarity', 'scale'. */
  readonly freedom: string
  /** What was done: "anchored pose 0", "7 freedoms left to the damping". */
  readonly handling: string
}

/** The precision of a run: what was asked for, and what low precision did. */
export interface PrecisionReport {
  /** Name of the policy. */
  readonly policy: string
  /** Formats of every stage, as the policy has them; `fallbacks` says where they were widened. */
  readonly stages: Readonly<Record<StageName, Stage>>
  /** Overflow, underflow, breakdowns: counted by stage, with where each came first. */
  readonly events: readonly PrecisionEvent[]
}

export interface Summary {
  readonly problem: ProblemSize
  readonly initialCost: number
  readonly finalCost: number
  readonly costConvention: CostConvention
  readonly iterations: readonly IterationRow[]
  readonly termination: Termination
  /** One sentence with the two numbers that were compared. */
  readonly reason: string
  /** The linear step taken, and why: { name: 'cholesky', reason: 'predicted factor 0.41 Gflop' }. */
  readonly step: { readonly name: string; readonly reason: string }
  /**
   * What computed residuals and derivatives, one line for each kind of factor: 'between(SE3,g2o), 4949 factors: WebAssembly
   * SIMD'. 'plain' where there is no twin, or the engine cannot run it.
   */
  readonly kernels: readonly string[]
  readonly initialization: { readonly name: string; readonly reason: string; readonly cost: number }
  readonly method: { readonly name: string; readonly reason: string }
  readonly gauge: readonly GaugeReport[]
  readonly precision: PrecisionReport
  /** Each time a policy could not be kept: what was given up, for what, and why. */
  readonly fallbacks: readonly Fallback[]
  /** Operations and bytes by stage, counted from the structure of the problem and the number of calls. */
  readonly work: Work
  /** Seconds by stage, all 0 without a clock. */
  readonly seconds: {
    readonly initialize: number
    readonly compile: number
    readonly linearize: number
    readonly solve: number
    readonly total: number
  }
  readonly warnings: readonly string[]
}

export interface OptimizeResult {
  /** The best values found; the graph's own are untouched. */
  readonly values: Values
  readonly summary: Summary
}
