import { UsageError } from './errors.ts'

/**
 * Summaries of a list of numbers. An empty list has none, and asking throws; a NaN in the list makes every summary NaN.
 */

/** Σ xᵢ, with the rounding of each addition carried along (A. Neumaier 1974): right to an ulp at any length. */
export function sum(values: ArrayLike<number>): number {
  return compensatedSum(values, same)
}

/** Arithmetic mean. */
export function mean(values: ArrayLike<number>): number {
  requireSome(values, 'mean')
  return sum(values) / values.length
}

/** Root mean square, √(Σ xᵢ² / n). */
export function rms(values: ArrayLike<number>): number {
  requireSome(values, 'rms')
  return Math.sqrt(compensatedSum(values, square) / values.length)
}

/** Standard deviation of the list itself, √(Σ (xᵢ − mean)² / n), not the n − 1 estimate of a larger population's. */
export function standardDeviation(values: ArrayLike<number>): number {
  requireSome(values, 'standardDeviation')
  const center = mean(values)
  return Math.sqrt(compensatedSum(values, (x) => (x - center) * (x - center)) / values.length)
}

/** The middle value, or the mean of the two middle ones. */
export function median(values: ArrayLike<number>): number {
  return quantile(values, 0.5)
}

/**
 * The value below which a fraction q of the list lies, by linear interpolation between neighbours in order: at rank
 * q (n − 1), counted from 0 (type 7 of R. Hyndman and Y. Fan, "Sample quantiles in statistical packages", 1996).
 */
export function quantile(values: ArrayLike<number>, q: number): number {
  requireSome(values, 'quantile')
  if (!(q >= 0 && q <= 1)) throw new UsageError(`quantile takes a fraction from 0 to 1, got ${q}`)
  const sorted = Float64Array.from(values).sort() // NaN sorts last
  if (Number.isNaN(sorted[sorted.length - 1])) return Number.NaN
  const rank = q * (sorted.length - 1)
  const below = Math.floor(rank)
  const low = sorted[below]
  const fraction = rank - below
  return fraction === 0 ? low : (1 - fraction) * low + fraction * sorted[below + 1]
}

export function minimum(values: ArrayLike<number>): number {
  requireSome(values, 'minimum')
  let least = values[0]
  for (let i = 1; i < values.length; i++) least = Math.min(least, values[i])
  return least
}

export function maximum(values: ArrayLike<number>): number {
  requireSome(values, 'maximum')
  let largest = values[0]
  for (let i = 1; i < values.length; i++) largest = Math.max(largest, values[i])
  return largest
}

function same(x: number): number {
  return x
}

function square(x: number): number {
  return x * x
}

function compensatedSum(values: ArrayLike<number>, term: (x: number) => number): number {
  let total = 0
  let lost = 0
  for (let i = 0; i < values.length; i++) {
    const x = term(values[i])
    const next = total + x
    lost += Math.abs(total) >= Math.abs(x) ? total - next + x : x - next + total
    total = next
  }
  return Number.isFinite(total) ? total + lost : total
}

function requireSome(values: ArrayLike<number>, what: string): void {
  if (values.length === 0) throw new UsageError(`${what} of an empty list: expected at least one number`)
}
