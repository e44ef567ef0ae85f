import { Graph } from '../../graph/index.ts'

/**
 * The part of a graph over some of its variables: those with `included[v] = 1`, at the values `x`, and every factor all of
 * whose variables are among them. Keys, constants and bounds are kept; the order of variables too.
 */
export function subgraph(graph: Graph, included: Uint8Array, x: Float64Array): Graph {
  const part = new Graph()
  const { values } = graph
  const indexOf = new Int32Array(graph.variableCount).fill(-1)
  for (let v = 0; v < graph.variableCount; v++) {
    if (!included[v]) continue
    const manifold = values.manifold(v)
    const value = x.subarray(values.offset(v), values.offset(v) + manifold.ambient)
    const bounds = graph.bounds(v)
    indexOf[v] = part.addVariable(values.key(v), manifold, value, { constant: graph.isConstant(v), ...bounds })
  }
  const ends: number[] = []
  for (const { type, loss, count, variables, data, information } of graph.batches) {
    const arity = type.variables.length
    const triangle = (type.residualDim * (type.residualDim + 1)) / 2
    const indices = variables.view()
    const numbers = data.view()
    const omega = information?.view()
    for (let f = 0; f < count; f++) {
      ends.length = 0
      for (let k = 0; k < arity; k++) ends.push(indexOf[indices[f * arity + k]])
      if (ends.includes(-1)) continue
      part.addFactorAt(type, ends, numbers.subarray(f * type.dataSize, (f + 1) * type.dataSize), {
        loss,
        ...(omega && { information: omega.subarray(f * triangle, (f + 1) * triangle) }),
      })
    }
  }
  return part
}
