import type { Graph } from '../../graph/index.ts'
import { compile } from '../compile.ts'
import { Watchdog } from '../method/watchdog.ts'
import { minimize } from '../minimize.ts'
import { CholeskyStep } from '../step/cholesky.ts'
import { Stopwatch } from '../stopwatch.ts'
import { Spanning } from './spanning.ts'
import { subgraph } from './subgraph.ts'

/** Poses that are added before the graph is optimized again: at least this many, and this share of those there are. */
const LEAST_GROWTH = 300
const GROWTH = 0.05

/** A rough optimum is enough to go on from. */
const ROUGH = {
  maxIterations: 10,
  tolerance: 1e-4,
  gradientTolerance: 0,
  stepTolerance: 0,
  maxSeconds: Number.POSITIVE_INFINITY,
  signal: null,
}

/**
 * Grows the graph as the robot did (the batch form of M. Kaess et al., "iSAM: Incremental smoothing and mapping", 2008): some
 * hundred poses along the odometry, landmarks where they are first seen, an optimization, the next poses from there. What
 * a graph needs whose loops close through landmarks only: relaxed rotations do not see those, and an odometry chain of
 * kilometres is too far from the optimum for any descent.
 *
 * Rewrites `x` for everything but the known variables; what no factor can place keeps its value.
 */
export function growIncrementally(graph: Graph, known: Uint8Array, x: Float64Array): void {
  const isPose = Uint8Array.from(known, (_, v) => (/^R\d+$/.test(graph.values.manifold(v).name) ? 0 : 1))
  const placed = known.slice()
  const within = Uint8Array.from(isPose, (pose) => 1 - pose)
  const spanning = new Spanning(graph, x, placed, within)
  const last = isPose.lastIndexOf(1)
  let poses = 0
  let batch = 0
  for (let v = 0; v <= last; v++) {
    if (!isPose[v]) continue
    within[v] = 1
    poses++
    batch++
    if (batch < Math.max(LEAST_GROWTH, GROWTH * poses) && v < last) continue
    batch = 0
    spanning.walkChain()
    spanning.spread()
    if (v < last) optimizePart(graph, placed, known, x)
  }
}

/** Optimizes what is placed, roughly, and writes it back into x. */
function optimizePart(graph: Graph, placed: Uint8Array, known: Uint8Array, x: Float64Array): void {
  const part = subgraph(graph, placed, x)
  if (part.factorCount === 0) return
  const variables: number[] = []
  for (let v = 0; v < placed.length; v++) if (placed[v]) variables.push(v)
  const anchors: number[] = []
  for (let i = 0; i < variables.length; i++) if (known[variables[i]]) anchors.push(i)

  const program = compile(part, { anchors })
  const step = new CholeskyStep(program.jacobian)
  const loop = minimize(
    program,
    part.values.data,
    step,
    new Watchdog(program.heldByGauge.length),
    ROUGH,
    new Stopwatch(),
  )
  let turn = loop.next()
  while (!turn.done) turn = loop.next()
  const optimum = turn.value.x
  for (let i = 0; i < variables.length; i++) {
    const at = part.values.offset(i)
    x.set(optimum.subarray(at, at + part.values.manifold(i).ambient), graph.values.offset(variables[i]))
  }
}
