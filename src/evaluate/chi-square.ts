import { UsageError } from '../numeric/index.ts'

/**
 * P(χ²_k ≤ x) = P(k/2, x/2), the regularized lower incomplete gamma function: by its series below the mean and by
 * Lentz's continued fraction of the complement above (NIST DLMF 8.11.4 and 8.9.2). Relative error a few 1e-14.
 * @throws UsageError unless k > 0 and x ≥ 0
 */
export function chiSquareProbability(x: number, k: number): number {
  if (!(k > 0) || !Number.isFinite(k)) throw new UsageError(`degrees of freedom must be positive, got ${k}`)
  if (!(x >= 0)) throw new UsageError(`a chi-square value is at least 0, got ${x}`)
  return incompleteGamma(k / 2, x / 2)
}

/**
 * The x with P(χ²_k ≤ x) = p: Newton steps on ln x inside a bracket, halved where a step leaves it.
 * @throws UsageError unless 0 ≤ p ≤ 1 and k > 0
 */
export function chiSquareQuantile(p: number, k: number): number {
  if (!(p >= 0 && p <= 1)) throw new UsageError(`a probability lies in [0, 1], got ${p}`)
  if (!(k > 0) || !Number.isFinite(k)) throw new UsageError(`degrees of freedom must be positive, got ${k}`)
  if (p === 0) return 0
  if (p === 1) return Number.POSITIVE_INFINITY
  const a = k / 2
  // P(a, y) ≤ yᵃ / Γ(a + 1), so this is below the quantile; for small p it is the quantile.
  let low = 2 * Math.exp((Math.log(p) + logGamma(a + 1)) / a) * (1 - 1e-12)
  if (low < 1e-300) return low
  let high = Math.max(4, 2 * k)
  while (chiSquareProbability(high, k) < p) high *= 2
  let x = Math.sqrt(low) * Math.sqrt(high)
  for (let step = 0; step < 200; step++) {
    const error = chiSquareProbability(x, k) - p
    if (error < 0) low = x
    else high = x
    // d P / d ln x = (x/2)ᵃ exp(−x/2) / Γ(a)
    const slope = Math.exp(a * Math.log(x / 2) - x / 2 - logGamma(a))
    const newton = x * Math.exp(-error / slope)
    const next = newton > low && newton < high ? newton : Math.sqrt(low) * Math.sqrt(high)
    if (Math.abs(next - x) <= 2 * Number.EPSILON * x) return next
    x = next
  }
  return x
}

function incompleteGamma(a: number, x: number): number {
  if (x === 0) return 0
  if (x === Number.POSITIVE_INFINITY) return 1
  const scale = Math.exp(a * Math.log(x) - x - logGamma(a))
  return x < a + 1 ? scale * lowerSeries(a, x) : 1 - scale * upperFraction(a, x)
}

/** Σ xⁿ / (a (a+1) … (a+n)) */
function lowerSeries(a: number, x: number): number {
  let term = 1 / a
  let sum = term
  for (let n = 1; n < 100_000 && term > sum * 1e-17; n++) {
    term *= x / (a + n)
    sum += term
  }
  return sum
}

/** 1/(x+1−a− 1(1−a)/(x+3−a− 2(2−a)/(x+5−a− …))), by the modified Lentz method. */
function upperFraction(a: number, x: number): number {
  const tiny = 1e-300
  let b = x + 1 - a
  let c = 1 / tiny
  let d = 1 / b
  let value = d
  for (let n = 1; n < 100_000; n++) {
    const numerator = -n * (n - a)
    b += 2
    d = 1 / nonzero(numerator * d + b, tiny)
    c = nonzero(b + numerator / c, tiny)
    value *= d * c
    if (Math.abs(d * c - 1) < 1e-16) break
  }
  return value
}

function nonzero(x: number, tiny: number): number {
  return Math.abs(x) < tiny ? tiny : x
}

/** ln Γ(z), z > 0: Stirling's series (DLMF 5.11.1) after moving z above 10 by Γ(z + 1) = z Γ(z). */
export function logGamma(z: number): number {
  let shift = 0
  for (; z < 10; z++) shift += Math.log(z)
  const w = 1 / (z * z)
  const series =
    (1 / 12 - w * (1 / 360 - w * (1 / 1260 - w * (1 / 1680 - w * (1 / 1188 - w * (691 / 360360 - w / 156)))))) / z
  return (z - 0.5) * Math.log(z) - z + 0.5 * Math.log(2 * Math.PI) + series - shift
}
