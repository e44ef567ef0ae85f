import type { Graph } from '../../graph/index.ts'
import { evaluateCost } from '../linearize.ts'
import type { Program } from '../program.ts'
import { type Initialization, initialize } from './initialize.ts'

/**
 * The start for a problem with robust losses. Chordal relaxation is least squares: it believes every loop, false ones too,
 * and from where they have bent it a loss that lets go of outliers lets go of the wrong ones. So the robust cost decides
 * between it, the odometry chain, which believes none, and the values given.
 */
export function cheapestStart(
  graph: Graph,
  program: Program,
  chordal: Initialization,
  anchors: readonly number[],
): Initialization {
  let best = chordal
  let least = evaluateCost(program, chordal.x)
  for (const name of ['odometry', 'file'] as const) {
    const start = initialize(graph, name, anchors)
    const cost = evaluateCost(program, start.x)
    if (!(cost < least)) continue
    best = { ...start, reason: 'the least robust cost among chordal, odometry and the values given' }
    least = cost
  }
  return best
}
