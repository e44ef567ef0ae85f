/**
 * A robust loss ρ(s) of the squared whitened residual norm s = rᵀ Ω r, with ρ(s) ≈ s for small s. The cost of a factor
 * is ρ(s) in chi2 terms (½ ρ(s) in least-squares terms). `scale` is in units of the whitened residual (sigmas).
 */
export interface Loss {
  readonly name: string
  readonly scale: number
  /** ρ(s) */
  rho(s: number): number
  /** ρ′(s), the weight of iteratively reweighted least squares, in [0, 1] and non-increasing. */
  weight(s: number): number
}
