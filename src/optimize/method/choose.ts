import type { GaugePlan } from '../gauge.ts'
import type { ProblemKind } from '../kind.ts'
import type { OptimizeOptions } from '../options.ts'
import type { Program } from '../program.ts'
import { Dogleg } from './dogleg.ts'
import { GaussNewton } from './gauss-newton.ts'
import { Geodesic } from './geodesic.ts'
import { LevenbergMarquardt } from './levenberg-marquardt.ts'
import type { Method } from './method.ts'
import { Watchdog } from './watchdog.ts'

/**
 * The least λ where the damping is all that holds a free gauge: below it Cholesky pivots along the gauge, λ times the
 * diagonal, drown in the rounding of the factorization (n ε of the diagonal, with n the couplings of a camera).
 */
const GAUGE_DAMPING = 1e-11

/** The method that was asked for, or the one that suits the problem. */
export function chooseMethod(
  program: Program,
  kind: ProblemKind,
  gauge: GaugePlan,
  { method = 'auto' }: OptimizeOptions,
): { method: Method; reason: string } {
  const unknowns = program.blocks.offset[program.blocks.count]
  const minDamping = gauge.damped ? GAUGE_DAMPING : 0
  switch (method) {
    case 'gn':
      return { method: new GaussNewton(unknowns), reason: 'asked for' }
    case 'dogleg':
      return { method: new Dogleg(unknowns), reason: 'asked for' }
    case 'geodesic':
      return { method: new Geodesic(program, { minDamping }), reason: 'asked for' }
    case 'lm':
      return { method: new LevenbergMarquardt(unknowns, { minDamping }), reason: 'asked for' }
    default:
      if (kind.startsWith('pose-graph') && program.bounds.length === 0 && !gauge.damped)
        return { method: new Watchdog(unknowns), reason: 'a pose graph: full steps under a watchdog' }
      return { method: new LevenbergMarquardt(unknowns, { minDamping }), reason: `${kind}: damped steps` }
  }
}
