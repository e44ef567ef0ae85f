import { UsageError } from '../numeric/index.ts'
import type { BlockPartition, SymmetricBlockMatrix } from './blocks.ts'

/**
 * The symmetric block matrix (values 0) with all diagonal blocks and the blocks (rows[e], columns[e]), in either triangle
 * and as often as the caller likes.
 */
export function symmetricBlockMatrix(
  blocks: BlockPartition,
  rows: Int32Array,
  columns: Int32Array,
): SymmetricBlockMatrix {
  const lists = sortedColumns(blocks.count, rows, columns)
  const columnStart = new Int32Array(blocks.count + 1)
  for (let j = 0; j < blocks.count; j++) columnStart[j + 1] = columnStart[j] + lists[j].length
  const rowIndex = new Int32Array(columnStart[blocks.count])
  const valueStart = new Int32Array(rowIndex.length)
  let size = 0
  for (let j = 0; j < blocks.count; j++) {
    rowIndex.set(lists[j], columnStart[j])
    for (let e = columnStart[j]; e < columnStart[j + 1]; e++) {
      valueStart[e] = size
      size += blocks.dims[rowIndex[e]] * blocks.dims[j]
    }
  }
  return { blocks, columnStart, rowIndex, valueStart, values: new Float64Array(size) }
}

/** The entry of block (row, column), row ≥ column, or −1 where the pattern has none. */
export function entryOf(H: SymmetricBlockMatrix, row: number, column: number): number {
  let low = H.columnStart[column]
  let high = H.columnStart[column + 1] - 1
  while (low <= high) {
    const middle = (low + high) >> 1
    const found = H.rowIndex[middle]
    if (found === row) return middle
    if (found < row) low = middle + 1
    else high = middle - 1
  }
  return -1
}

/** Each column's distinct rows, ascending, starting with the diagonal. */
function sortedColumns(count: number, rows: Int32Array, columns: Int32Array): Int32Array[] {
  const start = new Int32Array(count + 2)
  for (let e = 0; e < rows.length; e++) {
    const low = Math.min(rows[e], columns[e])
    if (low < 0 || Math.max(rows[e], columns[e]) >= count)
      throw new UsageError(`block (${rows[e]}, ${columns[e]}) lies outside a partition of ${count} blocks`)
    start[low + 2]++
  }
  for (let j = 0; j < count; j++) start[j + 2] += start[j + 1] + 1 // + 1: room for the diagonal
  const all = new Int32Array(start[count + 1])
  for (let j = 0; j < count; j++) all[start[j + 1]++] = j
  for (let e = 0; e < rows.length; e++) all[start[Math.min(rows[e], columns[e]) + 1]++] = Math.max(rows[e], columns[e])
  const lists: Int32Array[] = []
  for (let j = 0; j < count; j++) {
    const list = all.subarray(start[j], start[j + 1]).sort()
    let distinct = 0
    for (let e = 0; e < list.length; e++) if (e === 0 || list[e] !== list[e - 1]) list[distinct++] = list[e]
    lists.push(list.subarray(0, distinct))
  }
  return lists
}
