/** A graph with weights, for dissection: both directions of every edge, no loops. */
export interface WeightedGraph {
  readonly count: number
  readonly start: Int32Array
  readonly neighbors: Int32Array
  readonly vertexWeight: Int32Array
  readonly edgeWeight: Int32Array
}

/** The part of `graph` whose vertices have side[v] = which; `vertices` names them in `graph`. */
export function subgraph(
  graph: WeightedGraph,
  side: Uint8Array,
  which: number,
): { graph: WeightedGraph; vertices: Int32Array } {
  const local = new Int32Array(graph.count).fill(-1)
  let count = 0
  let edges = 0
  for (let v = 0; v < graph.count; v++) {
    if (side[v] !== which) continue
    local[v] = count++
    edges += graph.start[v + 1] - graph.start[v]
  }
  const vertices = new Int32Array(count)
  const start = new Int32Array(count + 1)
  const vertexWeight = new Int32Array(count)
  const neighbors = new Int32Array(edges)
  const edgeWeight = new Int32Array(edges)
  let at = 0
  for (let v = 0; v < graph.count; v++) {
    const i = local[v]
    if (i < 0) continue
    vertices[i] = v
    vertexWeight[i] = graph.vertexWeight[v]
    for (let q = graph.start[v]; q < graph.start[v + 1]; q++) {
      const j = local[graph.neighbors[q]]
      if (j < 0) continue
      neighbors[at] = j
      edgeWeight[at++] = graph.edgeWeight[q]
    }
    start[i + 1] = at
  }
  return {
    graph: { count, start, neighbors: neighbors.slice(0, at), vertexWeight, edgeWeight: edgeWeight.slice(0, at) },
    vertices,
  }
}

/**
 * A graph of about half the size: vertices matched along their heaviest edges become one (heavy-edge matching, Karypis and
 * Kumar, "A fast and high quality multilevel scheme for partitioning irregular graphs", SIAM J. Sci. Comput. 20, 1998).
 * coarse[v] is the vertex that v became.
 */
export function coarsen(graph: WeightedGraph, seed: number): { graph: WeightedGraph; coarse: Int32Array } {
  const coarse = match(graph, seed)
  let count = 0
  for (let v = 0; v < graph.count; v++) count = Math.max(count, coarse[v] + 1)
  const first = new Int32Array(count).fill(-1)
  const second = new Int32Array(count).fill(-1)
  const vertexWeight = new Int32Array(count)
  for (let v = 0; v < graph.count; v++) {
    const c = coarse[v]
    vertexWeight[c] += graph.vertexWeight[v]
    if (first[c] < 0) first[c] = v
    else second[c] = v
  }
  const start = new Int32Array(count + 1)
  const neighbors = new Int32Array(graph.neighbors.length)
  const edgeWeight = new Int32Array(graph.neighbors.length)
  const slot = new Int32Array(count).fill(-1)
  let at = 0
  for (let c = 0; c < count; c++) {
    const from = at
    for (let v = first[c]; v >= 0; v = v === first[c] ? second[c] : -1)
      for (let q = graph.start[v]; q < graph.start[v + 1]; q++) {
        const d = coarse[graph.neighbors[q]]
        if (d === c) continue
        if (slot[d] < from) {
          slot[d] = at
          neighbors[at] = d
          edgeWeight[at++] = graph.edgeWeight[q]
        } else edgeWeight[slot[d]] += graph.edgeWeight[q]
      }
    start[c + 1] = at
  }
  return {
    graph: { count, start, neighbors: neighbors.slice(0, at), vertexWeight, edgeWeight: edgeWeight.slice(0, at) },
    coarse,
  }
}

function match(graph: WeightedGraph, seed: number): Int32Array {
  const { count, start, neighbors, edgeWeight, vertexWeight } = graph
  const coarse = new Int32Array(count).fill(-1)
  let total = 0
  for (let v = 0; v < count; v++) total += vertexWeight[v]
  const heaviest = Math.max(2, (3 * total) / 100) // no vertex may grow into a part of its own
  let next = 0
  for (const v of shuffled(count, seed)) {
    if (coarse[v] >= 0) continue
    let partner = -1
    let best = -1
    for (let q = start[v]; q < start[v + 1]; q++) {
      const u = neighbors[q]
      if (coarse[u] >= 0 || vertexWeight[u] + vertexWeight[v] > heaviest) continue
      // Between equal edges the lighter partner keeps the coarse graph even.
      if (edgeWeight[q] > best || (edgeWeight[q] === best && vertexWeight[u] < vertexWeight[partner])) {
        best = edgeWeight[q]
        partner = u
      }
    }
    coarse[v] = next
    if (partner >= 0) coarse[partner] = next
    next++
  }
  return coarse
}

/** 0 … count − 1 in an order fixed by the seed. */
export function shuffled(count: number, seed: number): Int32Array {
  const order = Int32Array.from({ length: count }, (_, i) => i)
  let state = seed >>> 0
  for (let i = count - 1; i > 0; i--) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    const j = Math.floor((state / 2 ** 32) * (i + 1))
    const swap = order[i]
    order[i] = order[j]
    order[j] = swap
  }
  return order
}
