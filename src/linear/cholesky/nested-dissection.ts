import { subgraph, type WeightedGraph } from './dissection/graph.ts'
import { SEPARATOR } from './dissection/refine.ts'
import { separate } from './dissection/separator.ts'
import { minimumDegree } from './minimum-degree.ts'
import type { BlockPattern } from './pattern.ts'

/** Parts of this many blocks are left to minimum degree. */
const leaf = 250

/**
 * Nested dissection: a separator goes last, the two parts before it, each dissected in turn (A. George, "Nested dissection
 * of a regular finite element mesh", SIAM J. Numer. Anal. 10, 1973). Separators of one depth never meet, so the whole
 * dissection is a stage per block, and minimum degree orders within the stages, seeing the whole graph.
 */
export function nestedDissection(pattern: BlockPattern): Int32Array {
  const depth = new Int32Array(pattern.count)
  const deepest = dissect(
    weighted(pattern),
    Int32Array.from(depth, (_, i) => i),
    depth,
    1,
  )
  return minimumDegree(
    pattern,
    depth.map((d) => (d === 0 ? 0 : deepest + 1 - d)),
  )
}

/** Sets the depth of every separator's blocks, 1 for the first; small parts stay 0. Returns the greatest depth. */
function dissect(graph: WeightedGraph, names: Int32Array, depth: Int32Array, level: number): number {
  if (graph.count <= leaf) return level - 1
  const side = separate(graph)
  let separator = 0
  for (let v = 0; v < graph.count; v++) {
    if (side[v] !== SEPARATOR) continue
    depth[names[v]] = level
    separator++
  }
  if (separator === graph.count) return level
  let deepest = level
  for (const which of [0, 1]) {
    const part = subgraph(graph, side, which)
    if (part.graph.count === graph.count) return level // nothing to divide
    const partNames = part.vertices.map((v) => names[v])
    deepest = Math.max(deepest, dissect(part.graph, partNames, depth, level + 1))
  }
  return deepest
}

function weighted(pattern: BlockPattern): WeightedGraph {
  return {
    count: pattern.count,
    start: pattern.start,
    neighbors: pattern.neighbors,
    vertexWeight: pattern.dims,
    edgeWeight: new Int32Array(pattern.neighbors.length).fill(1),
  }
}
