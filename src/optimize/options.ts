import type { Loss } from '../graph/index.ts'
import type { PolicyChanges, PresetName } from './precision/policy.ts'
import type { CostConvention, IterationRow } from './summary.ts'

/** How the linear step is computed. `auto` looks at the problem's structure; the summary says what was taken and why. */
export type StepName = 'auto' | 'cholesky' | 'pcg' | 'cgnr' | 'schur' | 'qr'

/** Where the first values come from. `auto`: chordal for pose graphs, incremental for
 * those with landmarks, the file's values for everything else; with a robust loss the cheapest of chordal, odometry, file. */
export type InitializationName = 'auto' | 'file' | 'odometry' | 'tree' | 'chordal' | 'incremental'

/**
 * `auto`: Gauss-Newton under a watchdog after a chordal start, Levenberg-Marquardt otherwise. `geodesic`:
 * Levenberg-Marquardt with a second-order correction, for curve fitting in narrow curved valleys.
 */
export type MethodName = 'auto' | 'lm' | 'gn' | 'dogleg' | 'geodesic'

export interface OptimizeOptions {
  /** Default 'auto'. */
  readonly step?: StepName
  /** Default 'auto'. */
  readonly init?: InitializationName
  /** Default 'auto'. */
  readonly method?: MethodName
  /**
   * In which formats numbers are stored and computed: a preset, or an object with what it changes in one. Default 'double'.
   * Other policies choose the steps that they are about: 'cgnr' for bundle adjustment, 'pcg' for pose graphs.
   */
  readonly precision?: PresetName | PolicyChanges
  /** A robust loss for every factor that has none of its own. */
  readonly loss?: Loss | null
  /** Default 100. */
  readonly maxIterations?: number
  /**
   * Stop when an accepted step changes the cost by less than this fraction. Default 1e-9, and 1e-6 for bundle
   * adjustment, whose valleys are long: the last 1e-5 of ladybug-49 take as many steps as all before.
   */
  readonly tolerance?: number
  /** Stop when the largest entry of the gradient is below this. Default 1e-10. */
  readonly gradientTolerance?: number
  /** Stop when the step is shorter than this, relative to the size of the values. Default 1e-12. */
  readonly stepTolerance?: number
  /** Stop after this many seconds of `clock`. */
  readonly maxSeconds?: number
  /** Seconds since any fixed moment (`() => performance.now() / 1000`). Without it no times are reported. */
  readonly clock?: () => number
  /** Stops between iterations when aborted; the best values so far are returned. An AbortSignal fits. */
  readonly signal?: { readonly aborted: boolean }
  /** Called after every iteration. */
  readonly onIteration?: (row: IterationRow) => void
  /** How costs are reported. Default: 'chi2'. */
  readonly costConvention?: CostConvention
}
