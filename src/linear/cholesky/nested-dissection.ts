import { subgraph, type WeightedGraph } from './dissection/graph.ts'
import { SEPARATOR } from './dissection/refine.ts'
import { separate } from './dissection/separator.ts'
import { minimumDegree } from './minimum-degree.ts'
import type { BlockPattern } from './pattern.ts'

/** Parts of this many blocks are left to minimum degree. */
const leaf = 120

/**
 * Nested dissection: a separator goes last, the two parts before it, each dissected in turn (A. George, "Nested dissection
 * of a regular finite element mesh", SIAM J. Numer. Anal. 10, 1973); small parts are ordered by minimum degree.
 */
export function nestedDissection(pattern: BlockPattern): Int32Array {
  const order = new Int32Array(pattern.count)
  const graph: WeightedGraph = {
    count: pattern.count,
    start: pattern.start,
    neighbors: pattern.neighbors,
    vertexWeight: pattern.dims,
    edgeWeight: new Int32Array(pattern.neighbors.length).fill(1),
  }
  dissect(
    graph,
    Int32Array.from(order, (_, i) => i),
    order,
    0,
  )
  return order
}

/** Fills order[from …] with the vertices of `graph`, whose names are `vertices`. */
function dissect(graph: WeightedGraph, vertices: Int32Array, order: Int32Array, from: number): void {
  if (graph.count <= leaf) {
    place(graph, vertices, order, from)
    return
  }
  const side = separate(graph)
  const zero = subgraph(graph, side, 0)
  const one = subgraph(graph, side, 1)
  const last = subgraph(graph, side, SEPARATOR)
  const named = (part: Int32Array): Int32Array => part.map((v) => vertices[v])
  if (zero.graph.count === graph.count || one.graph.count === graph.count || last.graph.count === graph.count) {
    place(graph, vertices, order, from) // nothing to divide, as in a complete graph
    return
  }
  dissect(zero.graph, named(zero.vertices), order, from)
  dissect(one.graph, named(one.vertices), order, from + zero.graph.count)
  place(last.graph, named(last.vertices), order, from + zero.graph.count + one.graph.count)
}

function place(graph: WeightedGraph, vertices: Int32Array, order: Int32Array, from: number): void {
  const local = minimumDegree({
    count: graph.count,
    dims: graph.vertexWeight,
    start: graph.start,
    neighbors: graph.neighbors,
  })
  for (let k = 0; k < local.length; k++) order[from + k] = vertices[local[k]]
}
