import type { LieGroup } from '../../geometry/index.ts'
import type { Graph } from '../../graph/index.ts'

/** The relative-pose measurements of a graph in columns. Nodes are the graph's pose variables, numbered from 0. */
export interface PoseEdges {
  readonly group: LieGroup
  /** Variable of each node, and node of each variable (−1 for others). */
  readonly variables: Int32Array
  readonly nodeOf: Int32Array
  /** Pairs of nodes (i, j). */
  readonly ends: Int32Array
  /** edges × group.ambient: Z ≈ Xi⁻¹ Xj. */
  readonly measurements: Float64Array
  /** edges × dim × dim: the whole information matrix, row-major. */
  readonly information: Float64Array
}

/** Collects the relative poses of the graph's one pose group; null when there are none, or two groups are mixed. */
export function poseEdges(graph: Graph): PoseEdges | null {
  const batches = graph.batches.filter((batch) => batch.type.relative && batch.count > 0)
  const group = batches[0]?.type.relative
  if (!group || batches.some((batch) => batch.type.relative!.name !== group.name)) return null
  const nodeOf = new Int32Array(graph.variableCount).fill(-1)
  const variables: number[] = []
  for (let v = 0; v < graph.variableCount; v++)
    if (graph.values.manifold(v).name === group.name) nodeOf[v] = variables.push(v) - 1

  const count = batches.reduce((sum, batch) => sum + batch.count, 0)
  const { ambient, dim } = group
  const ends = new Int32Array(2 * count)
  const measurements = new Float64Array(count * ambient)
  const information = new Float64Array(count * dim * dim)
  let e = 0
  for (const batch of batches) {
    const indices = batch.variables.view()
    const data = batch.data.view()
    const omega = batch.information?.view()
    for (let f = 0; f < batch.count; f++, e++) {
      ends[2 * e] = nodeOf[indices[2 * f]]
      ends[2 * e + 1] = nodeOf[indices[2 * f + 1]]
      const from = f * batch.type.dataSize
      for (let k = 0; k < ambient; k++) measurements[e * ambient + k] = data[from + k]
      unpack(omega, f, dim, information, e * dim * dim)
    }
  }
  return { group, variables: Int32Array.from(variables), nodeOf, ends, measurements, information }
}

/** Writes the whole symmetric matrix from the f-th packed upper triangle; the identity when there is none. */
function unpack(packed: Float64Array | undefined, f: number, n: number, out: Float64Array, at: number): void {
  let k = f * ((n * (n + 1)) / 2)
  for (let a = 0; a < n; a++)
    for (let b = a; b < n; b++) {
      const value = packed ? packed[k++] : a === b ? 1 : 0
      out[at + a * n + b] = value
      out[at + b * n + a] = value
    }
}
