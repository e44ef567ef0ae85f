import { UsageError } from '../numeric/index.ts'

/** How many samples lie where: counts[i] of them in [edges[i], edges[i + 1]), the last bin closed on both sides. */
export interface Histogram {
  readonly edges: Float64Array
  readonly counts: Float64Array
  readonly below: number
  readonly above: number
}

/**
 * @param edges ascending, at least two
 * @throws UsageError for edges that do not ascend and for samples that are not numbers
 */
export function histogram(samples: ArrayLike<number>, edges: ArrayLike<number>): Histogram {
  checkEdges(edges, 2)
  const counts = new Float64Array(edges.length - 1)
  const last = edges.length - 1
  let below = 0
  let above = 0
  for (const x of ascending(samples)) {
    if (x < edges[0]) below++
    else if (x > edges[last]) above++
    else counts[Math.min(countUpTo(edges, x), last) - 1]++
  }
  return { edges: Float64Array.from(edges), counts, below, above }
}

/**
 * The cumulative histogram (empirical distribution function) at the edges: the fraction of samples ≤ each edge.
 * @throws UsageError for no samples, samples that are not numbers, edges that do not ascend
 */
export function cumulativeHistogram(samples: ArrayLike<number>, edges: ArrayLike<number>): Float64Array {
  checkEdges(edges, 1)
  const sorted = ascending(samples)
  if (sorted.length === 0) throw new UsageError('a cumulative histogram needs at least one sample, got none')
  return Float64Array.from(edges, (edge) => countUpTo(sorted, edge) / sorted.length)
}

/**
 * The Kolmogorov-Smirnov distance sup |F_a(x) − F_b(x)| of two sets of samples (docs/maths/evaluation.md, equation 16).
 * 0: the same distribution of samples; 1: they do not overlap.
 * @throws UsageError for no samples and samples that are not numbers
 */
export function kolmogorovDistance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const x = ascending(a)
  const y = ascending(b)
  if (x.length === 0 || y.length === 0)
    throw new UsageError(`the Kolmogorov distance needs samples on both sides, got ${x.length} and ${y.length}`)
  let i = 0
  let j = 0
  let largest = 0
  while (i < x.length && j < y.length) {
    const at = Math.min(x[i], y[j])
    while (i < x.length && x[i] <= at) i++
    while (j < y.length && y[j] <= at) j++
    largest = Math.max(largest, Math.abs(i / x.length - j / y.length))
  }
  return largest
}

/**
 * The distance sup |F_n(x) − F(x)| of samples from a distribution given by its function F (equation 17).
 * @throws UsageError for no samples and samples that are not numbers
 */
export function kolmogorovDistanceTo(samples: ArrayLike<number>, distribution: (x: number) => number): number {
  const x = ascending(samples)
  const n = x.length
  if (n === 0) throw new UsageError('the Kolmogorov distance needs at least one sample, got none')
  let largest = 0
  for (let i = 0; i < n; i++) {
    // F_n jumps at x[i] from i/n to (i + 1)/n; F does not, so the largest gap is on one side of a jump.
    const F = distribution(x[i])
    largest = Math.max(largest, (i + 1) / n - F, F - i / n)
  }
  return largest
}

/**
 * Probability that the distance of n samples from their own distribution exceeds D, by Kolmogorov's limit with Stephens'
 * correction for finite n (M. A. Stephens, JRSS B 32, 1970; equation 18). For two sets pass n = n₁ n₂ / (n₁ + n₂).
 */
export function kolmogorovProbability(D: number, n: number): number {
  if (!(n > 0)) throw new UsageError(`the number of samples must be positive, got ${n}`)
  const root = Math.sqrt(n)
  const lambda = (root + 0.12 + 0.11 / root) * D
  // Below this the alternating sum needs many terms and is 1 to 10 digits.
  if (lambda < 0.2) return 1
  let sum = 0
  for (let k = 1; k <= 100; k++) {
    const term = Math.exp(-2 * k * k * lambda * lambda)
    sum += k % 2 === 1 ? term : -term
    if (term < 1e-17) break
  }
  return Math.min(1, Math.max(0, 2 * sum))
}

function ascending(samples: ArrayLike<number>): Float64Array {
  const sorted = Float64Array.from(samples).sort()
  // NaN sorts last.
  if (Number.isNaN(sorted[sorted.length - 1])) throw new UsageError('a sample is NaN; expected numbers')
  return sorted
}

/** How many values of an ascending list are ≤ x. */
function countUpTo(ascendingValues: ArrayLike<number>, x: number): number {
  let low = 0
  let high = ascendingValues.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (ascendingValues[middle] <= x) low = middle + 1
    else high = middle
  }
  return low
}

function checkEdges(edges: ArrayLike<number>, atLeast: number): void {
  if (edges.length < atLeast) throw new UsageError(`expected at least ${atLeast} edges, got ${edges.length}`)
  if (Number.isNaN(edges[0])) throw new UsageError('edge 0 is NaN')
  for (let i = 1; i < edges.length; i++)
    if (!(edges[i] > edges[i - 1]))
      throw new UsageError(`edges must ascend: edge ${i} is ${edges[i]} after ${edges[i - 1]}`)
}
