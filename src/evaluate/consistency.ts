import { UsageError } from '../numeric/index.ts'
import { chiSquareQuantile } from './chi-square.ts'

/**
 * The normalized estimation error squared, ε = eᵀ P⁻¹ e (docs/maths/evaluation.md, equation 12): χ² distributed with n
 * degrees of freedom where the covariance P tells the truth. P is n × n row-major.
 * @returns ε, or null where P is not positive definite
 * @throws UsageError for sizes that do not fit
 */
export function normalizedError(error: ArrayLike<number>, covariance: ArrayLike<number>): number | null {
  const n = error.length
  if (covariance.length !== n * n)
    throw new UsageError(`the covariance of an error of ${n} numbers has ${n * n}, got ${covariance.length}`)
  // P = L Lᵀ and L y = e in one sweep; then ε = yᵀ y.
  const L = new Float64Array(n * n)
  const y = new Float64Array(n)
  let sum = 0
  for (let i = 0; i < n; i++) {
    let rest = error[i]
    for (let j = 0; j <= i; j++) {
      let dot = covariance[n * i + j]
      for (let k = 0; k < j; k++) dot -= L[n * i + k] * L[n * j + k]
      if (j < i) {
        L[n * i + j] = dot / L[n * j + j]
        rest -= L[n * i + j] * y[j]
      } else if (!(dot > 0)) return null
      else L[n * i + i] = Math.sqrt(dot)
    }
    y[i] = rest / L[n * i + i]
    sum += y[i] * y[i]
  }
  return sum
}

/** What a set of normalized errors says of an estimator's covariances. */
export interface Consistency {
  /** Mean of ε; the degrees of freedom where the estimator is consistent. */
  readonly mean: number
  readonly count: number
  readonly degreesOfFreedom: number
  /** Where the mean lies with the given confidence if the estimator is consistent. */
  readonly lower: number
  readonly upper: number
  /** The mean is below the bounds: pessimistic (covariances too large). Above: optimistic (too small). */
  readonly verdict: 'consistent' | 'optimistic' | 'pessimistic'
  /** Fraction of single ε above the bound that a fraction 1 − confidence of them should exceed. */
  readonly exceeding: number
}

/**
 * Tests the mean of N independent normalized errors with n degrees of freedom each: N ε̄ is χ² with N n degrees
 * (Y. Bar-Shalom, X. R. Li, T. Kirubarajan, "Estimation with Applications to Tracking and Navigation", 2001, section
 * 5.4.2; equation 13).
 * @param confidence of the two-sided interval, default 0.95
 * @throws UsageError for no errors, negative errors, impossible n or confidence
 */
export function consistency(normalized: ArrayLike<number>, degreesOfFreedom: number, confidence = 0.95): Consistency {
  const N = normalized.length
  if (N === 0) throw new UsageError('consistency needs at least one normalized error, got none')
  if (!(confidence > 0 && confidence < 1)) throw new UsageError(`confidence lies between 0 and 1, got ${confidence}`)
  const single = chiSquareQuantile(confidence, degreesOfFreedom)
  let mean = 0
  let above = 0
  for (let i = 0; i < N; i++) {
    const error = normalized[i]
    if (!(error >= 0)) throw new UsageError(`normalized error ${i} is ${error}; expected a number of at least 0`)
    mean += error / N
    if (error > single) above++
  }
  const tail = (1 - confidence) / 2
  const lower = chiSquareQuantile(tail, N * degreesOfFreedom) / N
  const upper = chiSquareQuantile(1 - tail, N * degreesOfFreedom) / N
  const verdict = mean > upper ? 'optimistic' : mean < lower ? 'pessimistic' : 'consistent'
  return { mean, count: N, degreesOfFreedom, lower, upper, verdict, exceeding: above / N }
}
