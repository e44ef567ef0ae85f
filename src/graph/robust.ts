import { UsageError } from '../numeric/index.ts'

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

/*
 * Formulas are those of Z. Zhang, "Parameter estimation techniques: a tutorial with application to conic fitting" (Image
 * and Vision Computing 1997), table 1, there in x = √s and halved: ρ(s) = 2 ρ_Zhang(√s). See docs/maths/factors.md, 7.
 */

/** P. J. Huber (1964): the square up to k sigmas, its tangent in √s beyond. ρ = s | 2k√s − k². */
export function huber(k: number): Loss {
  checkScale('huber', k)
  const kk = k * k
  return {
    name: 'huber',
    scale: k,
    rho: (s) => (s <= kk ? s : 2 * k * Math.sqrt(s) - kk),
    weight: (s) => (s <= kk ? 1 : k / Math.sqrt(s)),
  }
}

/** Cauchy (Lorentzian): grows like a logarithm. ρ = k² log(1 + s/k²). */
export function cauchy(k: number): Loss {
  checkScale('cauchy', k)
  const kk = k * k
  return {
    name: 'cauchy',
    scale: k,
    rho: (s) => kk * Math.log1p(s / kk),
    weight: (s) => 1 / (1 + s / kk),
  }
}

/** J. W. Tukey's biweight: constant beyond k sigmas, so that an outlier has no pull at all. ρ = k²/3 (1 − (1 − s/k²)³). */
export function tukey(k: number): Loss {
  checkScale('tukey', k)
  const kk = k * k
  return {
    name: 'tukey',
    scale: k,
    rho(s) {
      if (s >= kk) return kk / 3
      const t = s / kk
      return s * (1 - t + (t * t) / 3) // k²/3 (1 − (1 − t)³), expanded: exact for small s
    },
    weight(s) {
      if (s >= kk) return 0
      const u = 1 - s / kk
      return u * u
    },
  }
}

/** Geman-McClure (1985): bounded by k². ρ = s / (1 + s/k²). */
export function gemanMcClure(k: number): Loss {
  checkScale('geman-mcclure', k)
  const kk = k * k
  return {
    name: 'geman-mcclure',
    scale: k,
    rho: (s) => s / (1 + s / kk),
    weight(s) {
      const u = 1 / (1 + s / kk)
      return u * u
    },
  }
}

/**
 * Dynamic covariance scaling: P. Agarwal et al., "Robust map optimization using dynamic covariance scaling" (ICRA 2013):
 * the residual is scaled by min(1, 2Φ / (Φ + s)). As a loss (K. MacTavish and T. D. Barfoot, "At all costs",
 * CRV 2015): ρ = s for s ≤ Φ, 4Φs/(Φ + s) − Φ beyond. Φ is in units of s (sigmas squared); `scale` holds Φ.
 */
export function dcs(phi: number): Loss {
  checkScale('dcs', phi)
  return {
    name: 'dcs',
    scale: phi,
    rho: (s) => (s <= phi ? s : (4 * phi * s) / (phi + s) - phi),
    weight(s) {
      if (s <= phi) return 1
      const scaling = (2 * phi) / (phi + s)
      return scaling * scaling
    },
  }
}

const LOSSES: Readonly<Record<string, (scale: number) => Loss>> = {
  huber,
  cauchy,
  tukey,
  'geman-mcclure': gemanMcClure,
  dcs,
}

/** The loss of a command line, 'huber:1.0' and its kin; 'none' is null. Throws with the names that exist. */
export function parseLoss(text: string): Loss | null {
  if (text === 'none') return null
  const [name = '', scale, ...rest] = text.split(':')
  const make = Object.hasOwn(LOSSES, name) ? LOSSES[name] : undefined
  if (!make)
    throw new UsageError(`unknown loss '${name}'; expected NAME:SCALE with NAME one of ${lossNames}, or 'none'`)
  if (scale === undefined || scale.trim() === '' || rest.length > 0)
    throw new UsageError(`expected a loss as NAME:SCALE, for instance ${name}:1.0, got '${text}'`)
  return make(Number(scale))
}

const lossNames = Object.keys(LOSSES).join(', ')

function checkScale(name: string, scale: number): void {
  if (!(scale > 0 && scale < Number.POSITIVE_INFINITY))
    throw new UsageError(`the scale of ${name} must be a positive number, got ${scale}`)
}
