import { GrowableInt32 } from '../../numeric/index.ts'
import { symmetricBlockMatrix } from '../block-pattern.ts'
import type { SymmetricBlockMatrix } from '../blocks.ts'

/**
 * The pattern of an incomplete factor of H with level of fill k, in H's own order: block (i, j), i > j, is kept when a path
 * of at most k + 1 edges joins i and j through vertices smaller than j (D. Hysom and A. Pothen, "Level-based incomplete LU
 * factorization: graph model and algorithms", 2002, theorem 3.1). k = 0 keeps H's pattern; k = ∞ is the complete factor's.
 */
export function levelOfFill(H: SymmetricBlockMatrix, k: number): SymmetricBlockMatrix {
  const { count } = H.blocks
  const { start, neighbour } = adjacency(H)
  const rows = new GrowableInt32(H.rowIndex.length)
  const columns = new GrowableInt32(H.rowIndex.length)
  const seenFrom = new Int32Array(count).fill(-1)
  const queue = new Int32Array(count)
  for (let j = 0; j < count; j++) {
    seenFrom[j] = j
    queue[0] = j
    let head = 0
    let tail = 1
    for (let depth = 0; depth <= k && head < tail; depth++)
      for (const end = tail; head < end; head++) {
        const v = queue[head]
        for (let e = start[v]; e < start[v + 1]; e++) {
          const w = neighbour[e]
          if (seenFrom[w] === j) continue
          seenFrom[w] = j
          if (w < j) queue[tail++] = w
          else {
            rows.push(w)
            columns.push(j)
          }
        }
      }
  }
  return symmetricBlockMatrix(H.blocks, rows.view(), columns.view())
}

/** Both triangles of H's graph, without the diagonal. */
function adjacency({ blocks, columnStart, rowIndex }: SymmetricBlockMatrix): {
  start: Int32Array
  neighbour: Int32Array
} {
  const start = new Int32Array(blocks.count + 2)
  for (let j = 0; j < blocks.count; j++)
    for (let e = columnStart[j] + 1; e < columnStart[j + 1]; e++) {
      start[j + 2]++
      start[rowIndex[e] + 2]++
    }
  for (let j = 0; j < blocks.count; j++) start[j + 2] += start[j + 1]
  const neighbour = new Int32Array(start[blocks.count + 1])
  for (let j = 0; j < blocks.count; j++)
    for (let e = columnStart[j] + 1; e < columnStart[j + 1]; e++) {
      neighbour[start[j + 1]++] = rowIndex[e]
      neighbour[start[rowIndex[e] + 1]++] = j
    }
  return { start, neighbour }
}
