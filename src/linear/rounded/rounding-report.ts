import { type Format, formats, roundArray } from '../../numeric/index.ts'
import { isPartOf } from './stage.ts'

/** What rounding did to the numbers of a matrix. */
export interface RoundingReport {
  /** Finite numbers that rounded to ±Infinity. */
  overflowed: number
  /** Numbers other than zero that fell below the format's least normal number, and so lost digits; to zero included. */
  subnormal: number
  /** Numbers that were not finite before rounding. */
  nonFinite: number
  /** The first of those that overflowed or were not finite: which factor of which batch, and the number before rounding. */
  first: { readonly batch: number; readonly factor: number; readonly value: number } | null
}

/** Numbers rounded at a time, in the one loop that rounds to a format without asking which. */
const CHUNK = 1024
const chunk = new Float64Array(CHUNK)
const rounded = new Float64Array(CHUNK)

export function clearReport(report: RoundingReport): void {
  report.overflowed = 0
  report.subnormal = 0
  report.nonFinite = 0
  report.first = null
}

/**
 * Rounds values to `stored` and then, where that format is no part of it, to `computed`; adds what happened to the counts of
 * the report. Returns the first index whose number overflowed or was not finite, −1 for none; its number before rounding is
 * left in `before`.
 */
export function roundValues(
  values: Float64Array,
  stage: { readonly stored: Format; readonly computed: Format },
  report: RoundingReport,
  before: { value: number },
): number {
  const { stored, computed } = stage
  const least = Math.max(formats[stored].minNormal, formats[computed].minNormal)
  const again = !isPartOf(stored, computed)
  let first = -1
  for (let start = 0; start < values.length; start += CHUNK) {
    const length = Math.min(CHUNK, values.length - start)
    for (let i = 0; i < length; i++) chunk[i] = values[start + i]
    roundArray(stored, chunk, rounded)
    if (again) roundArray(computed, rounded, rounded)
    for (let i = 0; i < length; i++) {
      const kept = rounded[i]
      values[start + i] = kept
      const size = Math.abs(kept)
      if (size >= least && size < Number.POSITIVE_INFINITY) continue
      if (size < least) {
        if (chunk[i] !== 0) report.subnormal++
        continue
      }
      if (Number.isFinite(chunk[i])) report.overflowed++
      else report.nonFinite++
      if (first >= 0) continue
      first = start + i
      before.value = chunk[i]
    }
  }
  return first
}
