import { coarsen, shuffled, type WeightedGraph } from './graph.ts'
import { SEPARATOR, SeparatorRefiner } from './refine.ts'

/** The coarsest graph, where separators are grown from several vertices. */
const coarsest = 50
const attempts = 8

/**
 * A light vertex separator: side[v] is 0 or 1 for the two parts, between which there is no edge, or SEPARATOR. Multilevel:
 * the graph is coarsened, separated where it is small, and the separator is refined on every level on the way back.
 */
export function separate(graph: WeightedGraph, seed: number = 1): Uint8Array {
  if (graph.count > coarsest) {
    const { graph: smaller, coarse } = coarsen(graph, seed)
    if (smaller.count < 0.95 * graph.count) {
      const coarseSide = separate(smaller, seed + 1)
      const side = new Uint8Array(graph.count)
      for (let v = 0; v < graph.count; v++) side[v] = coarseSide[coarse[v]]
      new SeparatorRefiner(graph, side).refine()
      return side
    }
  }
  return bestGrown(graph, seed)
}

function bestGrown(graph: WeightedGraph, seed: number): Uint8Array {
  const seeds = shuffled(graph.count, seed)
  let best = new Uint8Array(graph.count)
  let bestScore = Number.POSITIVE_INFINITY
  for (let attempt = 0; attempt < Math.min(attempts, graph.count); attempt++) {
    const refiner = new SeparatorRefiner(graph, grow(graph, seeds[attempt]))
    refiner.refine()
    const [zero, one, separator] = refiner.weight
    // Balance only decides between equals: unequal parts with a light separator cause less fill (measured on pose graphs).
    const score = separator + 0.02 * Math.abs(zero - one)
    if (score >= bestScore) continue
    bestScore = score
    best = refiner.side as Uint8Array<ArrayBuffer>
  }
  return best
}

/** Part 0 is grown breadth first from `from` to half the weight; of part 1, what touches it becomes the separator. */
function grow(graph: WeightedGraph, from: number): Uint8Array {
  const { count, start, neighbors, vertexWeight } = graph
  const side = new Uint8Array(count).fill(1)
  let left = 0
  for (let v = 0; v < count; v++) left += vertexWeight[v]
  left /= 2
  const queue = new Int32Array(count)
  const queued = new Uint8Array(count)
  let end = 0
  let restart = 0
  queue[end++] = from
  queued[from] = 1
  for (let next = 0; next < count && left > 0; next++) {
    if (next === end) {
      while (queued[restart] !== 0) restart++ // another component
      queue[end++] = restart
      queued[restart] = 1
    }
    const v = queue[next]
    side[v] = 0
    left -= vertexWeight[v]
    for (let q = start[v]; q < start[v + 1]; q++) {
      const u = neighbors[q]
      if (queued[u] !== 0) continue
      queued[u] = 1
      queue[end++] = u
    }
  }
  for (let v = 0; v < count; v++) {
    if (side[v] !== 1) continue
    for (let q = start[v]; q < start[v + 1]; q++)
      if (side[neighbors[q]] === 0) {
        side[v] = SEPARATOR
        break
      }
  }
  return side
}
