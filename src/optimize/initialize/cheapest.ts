import type { Graph } from '../../graph/index.ts'
import { LevenbergMarquardt } from '../method/levenberg-marquardt.ts'
import { minimize } from '../minimize.ts'
import type { Program } from '../program.ts'
import { CholeskyStep } from '../step/cholesky.ts'
import { Stopwatch } from '../stopwatch.ts'
import { type Initialization, initialize } from './initialize.ts'

/** Enough to see where a start leads. */
const TRIAL = {
  maxIterations: 10,
  tolerance: 1e-3,
  gradientTolerance: 0,
  stepTolerance: 0,
  maxSeconds: Number.POSITIVE_INFINITY,
  signal: null,
  resolution: 0,
}

/**
 * The start for a problem with robust losses. Chordal relaxation is least squares: it believes every loop, false ones too,
 * and from where they have bent it a loss that lets go of outliers lets go of the wrong ones. The odometry chain believes
 * none, and from there true loops may look like outliers. So each start is tried for some steps, and the robust cost that
 * they lead to decides between chordal, odometry and the values given.
 */
export function cheapestStart(
  graph: Graph,
  program: Program,
  chordal: Initialization,
  anchors: readonly number[],
): Initialization {
  const step = new CholeskyStep(program.jacobian)
  const starts = [chordal, ...(['odometry', 'file'] as const).map((name) => initialize(graph, name, anchors))]
  let best = chordal
  let least = Number.POSITIVE_INFINITY
  for (const start of starts) {
    const method = new LevenbergMarquardt(program.heldByGauge.length)
    const loop = minimize(program, start.x, step, method, TRIAL, new Stopwatch())
    let turn = loop.next()
    while (!turn.done) turn = loop.next()
    // Unfinished trials of one minimum differ a little: only a clear difference is another place.
    if (!(turn.value.cost < 0.99 * least)) continue
    best = start
    least = turn.value.cost
  }
  step.dispose()
  return { ...best, reason: 'of chordal, odometry and the values given, it leads to the least robust cost' }
}
