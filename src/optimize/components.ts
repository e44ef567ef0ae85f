import type { Graph } from '../graph/index.ts'

/** Disjoint sets of 0 … n−1 with path halving (R. Tarjan, "Data Structures and Network Algorithms", 1983, chapter 2). */
export class DisjointSets {
  private readonly parent: Int32Array

  constructor(n: number) {
    this.parent = Int32Array.from({ length: n }, (_, i) => i)
  }

  find(i: number): number {
    const { parent } = this
    while (parent[i] !== i) {
      parent[i] = parent[parent[i]]
      i = parent[i]
    }
    return i
  }

  join(i: number, j: number): void {
    this.parent[this.find(i)] = this.find(j)
  }
}

/**
 * Connected components of a factor graph: `componentOf[variable]`, numbered in order of first appearance. A factor joins
 * all its variables.
 */
export function connectedComponents(graph: Graph): { componentOf: Int32Array; count: number } {
  const sets = new DisjointSets(graph.variableCount)
  for (const batch of graph.batches) {
    const arity = batch.type.variables.length
    const variables = batch.variables.view()
    for (let f = 0; f < batch.count; f++)
      for (let k = 1; k < arity; k++) sets.join(variables[f * arity + k], variables[f * arity])
  }
  const componentOf = new Int32Array(graph.variableCount).fill(-1)
  let count = 0
  for (let v = 0; v < graph.variableCount; v++) {
    const root = sets.find(v)
    if (componentOf[root] === -1) componentOf[root] = count++
    componentOf[v] = componentOf[root]
  }
  return { componentOf, count }
}
