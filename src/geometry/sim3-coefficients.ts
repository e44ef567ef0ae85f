import { coefficients, rotationCoefficients } from './rotation-coefficients.ts'

/** Where scaledCoefficients leaves [A₁, B₁, C₁, A₂, B₂, C₂]: W₁ and W₂ as polynomials A I + B φ× + C φ×². */
export const scaled: Float64Array = new Float64Array(6)

/**
 * Writes the coefficients of W₁ and W₂ of the four numbers (φ, σ) at `at` into {@link scaled}, where Wₖ = Σₙ Mⁿ/(n + k)! with M = σI + φ×, x = |φ|² (G12).
 * Since φ×³ = −xφ×, the recursion Wₖ₋₁ = I/(k − 1)! + MWₖ, solved for Wₖ, gives closed forms over D = σ² + x.
 * Dividing by D alone, never by σ or θ, leaves one small-parameter region (both small) where textbooks have four.
 */
export function scaledCoefficients(tangent: Float64Array, at: number): void {
  const x = squaredLength(tangent, at)
  const sigma = tangent[at + 3]
  const D = sigma * sigma + x
  if (D < SERIES_BELOW) {
    powerSeries(sigma, x)
    return
  }
  rotationCoefficients(tangent, at)
  const exp = Math.exp(sigma)
  const A1 = sigma === 0 ? 1 : Math.expm1(sigma) / sigma
  const A2 = Math.abs(sigma) < 1 ? tailSeries(sigma) : (A1 - 1) / sigma
  const B0 = exp * coefficients[1] // e^M = e^σ (I + C₁(x) φ× + C₂(x) φ×²)
  const C0 = exp * coefficients[2]
  const B1 = (sigma * (B0 - A1) + x * C0) / D
  const C1 = (A1 - B0 + sigma * C0) / D
  scaled[0] = A1
  scaled[1] = B1
  scaled[2] = C1
  scaled[3] = A2
  scaled[4] = (sigma * (B1 - A2) + x * C1) / D
  scaled[5] = (A2 - B1 + sigma * C1) / D
}

/**
 * The closed forms of C₁ and C₂ cancel by factors of about 6/D and 12/D, the alternating series at σ < 0 by e^(2√D): both
 * lose a digit at D = 2, where 20 terms leave √2²⁰/21! = 2·10⁻¹⁷.
 */
const SERIES_BELOW = 2
const TERMS = 20

/** Mⁿ = aI + bφ× + cφ×², n by n, weighted by 1/(n + 1)! and 1/(n + 2)!. */
function powerSeries(sigma: number, x: number): void {
  scaled.fill(0)
  let a = 1
  let b = 0
  let c = 0
  let weight = 1
  for (let n = 0; n < TERMS; n++) {
    weight /= n + 1
    scaled[0] += a * weight
    scaled[1] += b * weight
    scaled[2] += c * weight
    const next = weight / (n + 2)
    scaled[3] += a * next
    scaled[4] += b * next
    scaled[5] += c * next
    const multiplied = a + sigma * b - x * c
    c = b + sigma * c
    b = multiplied
    a *= sigma
  }
}

/** (e^σ − 1 − σ)/σ² = Σ σⁿ/(n + 2)! for |σ| < 1; the first term left out is below 2/19! = 2·10⁻¹⁷ of the sum. */
function tailSeries(sigma: number): number {
  let sum = 1
  for (let n = 18; n >= 3; n--) sum = 1 + (sigma / n) * sum
  return sum / 2
}

/**
 * Turns W₁'s coefficients in {@link scaled} into those of W₁⁻¹. W₁ has the eigenvalue A along φ and e ± iθB across it,
 * e = A − xC; so the inverse has 1/A, −B/|E|² and (B² − Ce)/(A|E|²) with |E|² = e² + xB² (G14). |E| vanishes only where
 * Exp itself is singular, at θ = 2π with σ = 0.
 */
export function invertScaled(phi: Float64Array, phiAt: number): void {
  const x = squaredLength(phi, phiAt)
  const A = scaled[0]
  const B = scaled[1]
  const C = scaled[2]
  const e = A - x * C
  const squared = e * e + x * B * B
  scaled[0] = 1 / A
  scaled[1] = -B / squared
  scaled[2] = (B * B - C * e) / (A * squared)
}

function squaredLength(v: Float64Array, at: number): number {
  return v[at] * v[at] + v[at + 1] * v[at + 1] + v[at + 2] * v[at + 2]
}
