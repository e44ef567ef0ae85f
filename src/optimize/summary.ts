import type { Values } from '../graph/index.ts'
import type { CostConvention } from './options.ts'

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
  /** 'translation', 'rigid', 'similarity'. */
  readonly freedom: string
  /** What was done: "anchored pose 0", "7 freedoms left to the damping". */
  readonly handling: string
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
  readonly initialization: { readonly name: string; readonly reason: string; readonly cost: number }
  readonly method: { readonly name: string; readonly reason: string }
  readonly gauge: readonly GaugeReport[]
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
