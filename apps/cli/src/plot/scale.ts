import { residualColour } from './colour.ts'

/** How residual lengths become colours: logarithmic between two lengths that the residuals themselves suggest. */
export interface ResidualScale {
  readonly low: number
  readonly high: number
  readonly colours: readonly string[]
  /** Which of `colours` a length gets. */
  bucket(length: number): number
}

const steps = 20

/**
 * One scale for both panels, so that colours compare: from the lower end of what remains after to the upper end of what
 * was before, at most four powers of ten.
 */
export function residualScale(before: Float64Array, after: Float64Array): ResidualScale {
  const low0 = quantile(after, 0.2)
  const high = Math.max(quantile(before, 0.95), quantile(after, 0.999), 10 * low0, 1e-300)
  const low = Math.max(low0, high / 1e4)
  const span = Math.log(high / low)
  return {
    low,
    high,
    colours: Array.from({ length: steps }, (_, k) => residualColour(k / (steps - 1))),
    bucket(length) {
      const t = Math.log(Math.max(length, low) / low) / span
      return Math.min(steps - 1, Math.floor(Math.max(0, t) * steps))
    },
  }
}

function quantile(values: Float64Array, q: number): number {
  const sorted = values.filter((value) => Number.isFinite(value)).sort()
  return sorted.length === 0 ? 0 : sorted[Math.round(q * (sorted.length - 1))]
}
