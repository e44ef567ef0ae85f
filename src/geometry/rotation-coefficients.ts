/**
 * The functions every closed form of rotations is made of (docs/maths/geometry.md, (G4)–(G7)). For x = θ²,
 *
 *   Cₖ(x) = Σⱼ (−x)ʲ / (2j + k)!        C₀ = cos θ,  C₁ = sin θ / θ,  C₂ = (1 − cos θ) / θ²,  C₃ = (θ − sin θ) / θ³,  …
 *
 * (K. Stumpff's functions of celestial mechanics), tied by  Cₖ = 1/k! − x Cₖ₊₂.  All are entire in x: nothing special
 * happens at θ = 0 or θ = π, only their closed forms cancel.
 */

/** Where rotationCoefficients leaves C₁ … C₅: `coefficients[k]` is Cₖ, and [0] is C₀. */
export const coefficients: Float64Array = new Float64Array(6)

/**
 * Below this θ² the series is used, above it the closed form. At θ = 2 nine terms leave a truncation of 4·10⁻¹⁷ (C₄)
 * and 8·10⁻¹⁸ (C₅), relative; the closed form of C₅ cancels twice, losing a factor of about 10 there and 10 more per
 * halving of θ². So the switch sits as high as nine terms allow.
 */
const SERIES_BELOW = 4

/**
 * Writes C₀ … C₅ of x = |v|², for the `length` numbers of a rotation vector v at `at`, into {@link coefficients}, each to a
 * few ulps. (It takes the vector because a double handed to a function that is not inlined is allocated.)
 */
export function rotationCoefficients(v: Float64Array, at: number, length: 1 | 3 = 3): void {
  const c = coefficients
  let x = v[at] * v[at]
  if (length === 3) x += v[at + 1] * v[at + 1] + v[at + 2] * v[at + 2]
  if (x < SERIES_BELOW) {
    const c4 = series4(x)
    const c5 = series5(x)
    const c2 = 1 / 2 - x * c4
    const c3 = 1 / 6 - x * c5
    c[0] = 1 - x * c2
    c[1] = 1 - x * c3
    c[2] = c2
    c[3] = c3
    c[4] = c4
    c[5] = c5
    return
  }
  const theta = Math.sqrt(x)
  const sinHalf = Math.sin(theta / 2)
  const cosHalf = Math.cos(theta / 2)
  const c1 = (2 * sinHalf * cosHalf) / theta
  const c2 = (2 * sinHalf * sinHalf) / x // half angles: no cancellation in 1 − cos θ near θ = 2π
  const c3 = (1 - c1) / x
  c[0] = 1 - x * c2
  c[1] = c1
  c[2] = c2
  c[3] = c3
  c[4] = (1 / 2 - c2) / x
  c[5] = (1 / 6 - c3) / x
}

/**
 * The coefficient d of φ×² in J_l⁻¹ = I − ½φ× + d φ×² (G7). The textbook's 1/θ² − (1 + cos θ)/(2θ sin θ) is 0/0 at 0
 * and at π; in the functions above it is (C₃ − 2C₄)/(2C₂), good up to the true pole at θ = 2π. Reads {@link coefficients}.
 */
export function inverseJacobianCoefficient(): number {
  const c = coefficients
  return (c[3] - 2 * c[4]) / (2 * c[2])
}

function series4(x: number): number {
  let sum = 1 - x / 462
  sum = 1 - (x / 380) * sum
  sum = 1 - (x / 306) * sum
  sum = 1 - (x / 240) * sum
  sum = 1 - (x / 182) * sum
  sum = 1 - (x / 132) * sum
  sum = 1 - (x / 90) * sum
  sum = 1 - (x / 56) * sum
  sum = 1 - (x / 30) * sum
  return sum / 24
}

function series5(x: number): number {
  let sum = 1 - x / 506
  sum = 1 - (x / 420) * sum
  sum = 1 - (x / 342) * sum
  sum = 1 - (x / 272) * sum
  sum = 1 - (x / 210) * sum
  sum = 1 - (x / 156) * sum
  sum = 1 - (x / 110) * sum
  sum = 1 - (x / 72) * sum
  sum = 1 - (x / 42) * sum
  return sum / 120
}
