import { maximum, mean, median, minimum, rms, standardDeviation } from '../numeric/index.ts'

/** What is said of a list of errors; in the unit of the errors (`sse` in its square). */
export interface Statistics {
  readonly n: number
  /** √(sse / n) */
  readonly rmse: number
  readonly mean: number
  readonly median: number
  /** Of the list itself: √(Σ (e − mean)² / n). */
  readonly std: number
  readonly min: number
  readonly max: number
  /** Σ e² */
  readonly sse: number
}

/**
 * @throws UsageError for an empty list
 */
export function statistics(errors: ArrayLike<number>): Statistics {
  const n = errors.length
  const rmse = rms(errors)
  return {
    n,
    rmse,
    mean: mean(errors),
    median: median(errors),
    std: standardDeviation(errors),
    min: minimum(errors),
    max: maximum(errors),
    sse: n * rmse * rmse,
  }
}
