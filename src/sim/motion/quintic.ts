/**
 * Uniform B-splines of degree 5, C⁴: over its piece i, t = u − i in [0, 1], the curve is Σ N_j(t) c_{i+j}, j = 0 … 5 (C. de Boor, "A
 * Practical Guide to Splines", 1978, IX). It lies in the convex hull of any six neighbouring control points, reproduces
 * straight lines, and stands still, with all derivatives zero, where five neighbours are equal.
 */

/** 120 N_j(t) = Σ_k coefficients[6 j + k] tᵏ. */
const coefficients = Float64Array.of(
  ...[1, -5, 10, -10, 5, -1],
  ...[26, -50, 20, 20, -20, 5],
  ...[66, 0, -60, 0, 30, -10],
  ...[26, 50, 20, -20, -20, 10],
  ...[1, 5, 10, 10, 5, -5],
  ...[0, 0, 0, 0, 0, 1],
)

/** Pieces of a spline with this many control points. */
export function pieces(count: number): number {
  return count - 5
}

const weights = new Float64Array(4)

/**
 * out[4 d + n] = the n-th derivative by u, n = 0 … 3, of coordinate d < `dimensions` at u in [0, pieces]. Control point i is
 * `controls[dimensions · i …]`.
 */
export function evaluateQuintic(controls: Float64Array, dimensions: number, u: number, out: Float64Array): void {
  const last = controls.length / dimensions - 6
  const piece = Math.min(last, Math.max(0, Math.floor(u)))
  const t = u - piece
  out.fill(0, 0, 4 * dimensions)
  for (let j = 0; j < 6; j++) {
    derivatives(6 * j, t)
    for (let d = 0; d < dimensions; d++) {
      const c = controls[dimensions * (piece + j) + d] / 120
      for (let n = 0; n < 4; n++) out[4 * d + n] += weights[n] * c
    }
  }
}

/** 120 N_j and its derivatives at t, by Horner's rule for a polynomial and its derivatives. */
function derivatives(at: number, t: number): void {
  let [p, q, r, s] = [0, 0, 0, 0] // p, p′, p″/2, p‴/6
  for (let k = 5; k >= 0; k--) {
    s = s * t + r
    r = r * t + q
    q = q * t + p
    p = p * t + coefficients[at + k]
  }
  weights[0] = p
  weights[1] = q
  weights[2] = 2 * r
  weights[3] = 6 * s
}
