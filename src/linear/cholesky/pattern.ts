import type { SymmetricBlockMatrix } from '../blocks.ts'

/**
 * The adjacency graph of a symmetric block matrix: vertex j is block j with weight dims[j]; its neighbours, without j
 * itself, are neighbors[start[j]] … neighbors[start[j + 1] − 1]. Each edge stands in both lists; each list ascends.
 */
export interface BlockPattern {
  readonly count: number
  readonly dims: Int32Array
  readonly start: Int32Array
  readonly neighbors: Int32Array
}

/** The graph of a matrix stored by its lower triangle. */
export function blockPattern(matrix: SymmetricBlockMatrix): BlockPattern {
  const { columnStart, rowIndex } = matrix
  const n = matrix.blocks.count
  const start = new Int32Array(n + 1)
  for (let j = 0; j < n; j++)
    for (let e = columnStart[j]; e < columnStart[j + 1]; e++) {
      const i = rowIndex[e]
      if (i === j) continue
      start[i + 1]++
      start[j + 1]++
    }
  for (let j = 0; j < n; j++) start[j + 1] += start[j]
  const neighbors = new Int32Array(start[n])
  const next = start.slice(0, n)
  // Columns ascend, so row i receives its j < i in order, and then, as column i, its rows > i in order.
  for (let j = 0; j < n; j++)
    for (let e = columnStart[j]; e < columnStart[j + 1]; e++) {
      const i = rowIndex[e]
      if (i === j) continue
      neighbors[next[i]++] = j
      neighbors[next[j]++] = i
    }
  return { count: n, dims: matrix.blocks.dims, start, neighbors }
}
