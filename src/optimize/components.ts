import type { Graph } from '../graph/index.ts'

/**
 * Connected components of a factor graph: `componentOf[variable]`, numbered in order of first appearance. A factor joins
 * all its variables.
 */
export function connectedComponents(graph: Graph): { componentOf: Int32Array; count: number } {
  const parent = Int32Array.from({ length: graph.variableCount }, (_, i) => i)
  const find = (i: number): number => {
    while (parent[i] !== i) {
      parent[i] = parent[parent[i]!]!
      i = parent[i]!
    }
    return i
  }
  for (const batch of graph.batches) {
    const arity = batch.type.variables.length
    const variables = batch.variables.view()
    for (let f = 0; f < batch.count; f++) {
      const root = find(variables[f * arity]!)
      for (let k = 1; k < arity; k++) parent[find(variables[f * arity + k]!)] = root
    }
  }
  const componentOf = new Int32Array(graph.variableCount).fill(-1)
  let count = 0
  for (let v = 0; v < graph.variableCount; v++) {
    const root = find(v)
    if (componentOf[root] === -1) componentOf[root] = count++
    componentOf[v] = componentOf[root]!
  }
  return { componentOf, count }
}
