import { UsageError } from '../../numeric/index.ts'
import { type BlockPartition, partition, type SymmetricBlockMatrix } from '../blocks.ts'
import { rowOfFactor } from './elimination-tree.ts'
import { type OrderingName, order as orderOf } from './ordering.ts'
import { type BlockPattern, blockPattern } from './pattern.ts'
import { columnFlops, postordered } from './prediction.ts'

/**
 * Everything about P H Pᵀ = L Lᵀ that does not depend on numbers. "Position" is a block's place in the elimination order.
 * L lies by block columns, diagonal block first, rows ascending; the blocks of a column stand one below the other and
 * form one dense panel, row-major, dims[column] wide. Entry e of column k is the block row rowIndex[e] at valueStart[e].
 */
export interface Symbolic {
  /** The matrix's own partition and structure (lower triangle), to which the numeric part holds every matrix. */
  readonly blocks: BlockPartition
  readonly matrixColumnStart: Int32Array
  readonly matrixRowIndex: Int32Array
  /** order[k]: the block at position k; position[order[k]] = k. */
  readonly order: Int32Array
  readonly position: Int32Array
  /** The partition by position. */
  readonly permuted: BlockPartition
  /** Elimination tree over positions; −1 at a root. */
  readonly parent: Int32Array
  readonly columnStart: Int32Array
  readonly rowIndex: Int32Array
  readonly valueStart: Int32Array
  /** For every entry of the matrix, where its block goes in L; −1 − start where it goes transposed. */
  readonly target: Int32Array
  /** Uniform block size, 0 when sizes differ. */
  readonly uniform: number
  /** Σ c², c the entries of each scalar column of L with its diagonal: multiplications and additions of the numeric part. */
  readonly flops: number
  /** Blocks of L, scalars stored for them (diagonal blocks whole), bytes of the numbers and the structure. */
  readonly factorBlocks: number
  readonly nonzeros: number
  readonly bytes: number
}

/**
 * The symbolic factorization; `ordering` is a name or order[k], the block to be eliminated k-th. Another matrix's analysis
 * serves where both have the same blocks in the same places, of whatever sizes; otherwise it is as 'auto'.
 */
export function analyze(
  matrix: SymmetricBlockMatrix,
  ordering: OrderingName | Int32Array | Symbolic = 'auto',
): Symbolic {
  if (typeof ordering === 'object' && 'flops' in ordering) return analyzeLike(matrix, ordering)
  const pattern = blockPattern(matrix)
  const chosen = typeof ordering === 'string' ? orderOf(pattern, ordering) : checkedOrder(ordering, pattern.count)
  const { order, position, parent } = postordered(pattern, chosen)
  return sized(matrix, { order, position, parent, ...factorPattern(pattern, order, position, parent) })
}

function analyzeLike(matrix: SymmetricBlockMatrix, like: Symbolic): Symbolic {
  const { columnStart, rowIndex } = matrix
  const same = equal(columnStart, like.matrixColumnStart) && equal(rowIndex, like.matrixRowIndex)
  return same ? sized(matrix, like) : analyze(matrix)
}

/** What depends on the sizes of blocks, added to what does not. */
function sized(
  matrix: SymmetricBlockMatrix,
  {
    order,
    position,
    parent,
    columnStart,
    rowIndex,
  }: Pick<Symbolic, 'order' | 'position' | 'parent' | 'columnStart' | 'rowIndex'>,
): Symbolic {
  const { dims, count: n } = matrix.blocks
  const permuted = partition(gathered(dims, order))
  const valueStart = new Int32Array(rowIndex.length)
  let nonzeros = 0
  for (let k = 0; k < n; k++)
    for (let e = columnStart[k]; e < columnStart[k + 1]; e++) {
      valueStart[e] = nonzeros
      nonzeros += permuted.dims[k] * permuted.dims[rowIndex[e]]
    }
  if (nonzeros > 0x7fffffff)
    throw new UsageError(`analyze: the factor would hold ${nonzeros} numbers; at most ${0x7fffffff} can be addressed`)
  return {
    blocks: matrix.blocks,
    matrixColumnStart: matrix.columnStart,
    matrixRowIndex: matrix.rowIndex,
    order,
    position,
    permuted,
    parent,
    columnStart,
    rowIndex,
    valueStart,
    target: targets(matrix, position, columnStart, rowIndex, valueStart),
    uniform: uniformSize(dims),
    flops: flopsOf(permuted.dims, columnStart, rowIndex),
    factorBlocks: rowIndex.length,
    nonzeros,
    bytes: 8 * nonzeros + 4 * (2 * rowIndex.length + matrix.rowIndex.length + 5 * n),
  }
}

function factorPattern(
  pattern: BlockPattern,
  order: Int32Array,
  position: Int32Array,
  parent: Int32Array,
): { columnStart: Int32Array; rowIndex: Int32Array } {
  const n = pattern.count
  const mark = new Int32Array(n).fill(-1)
  const row = new Int32Array(n)
  const columnStart = new Int32Array(n + 1)
  for (let k = 0; k < n; k++) {
    const count = rowOfFactor(k, pattern, order, position, parent, mark, row)
    columnStart[k + 1]++
    for (let q = 0; q < count; q++) columnStart[row[q] + 1]++
  }
  for (let k = 0; k < n; k++) columnStart[k + 1] += columnStart[k]
  const rowIndex = new Int32Array(columnStart[n])
  const next = columnStart.slice(0, n)
  mark.fill(-1)
  // Rows come in ascending order, so every column ascends; its own row is the first to reach it.
  for (let k = 0; k < n; k++) {
    const count = rowOfFactor(k, pattern, order, position, parent, mark, row)
    rowIndex[next[k]++] = k
    for (let q = 0; q < count; q++) rowIndex[next[row[q]]++] = k
  }
  return { columnStart, rowIndex }
}

function targets(
  matrix: SymmetricBlockMatrix,
  position: Int32Array,
  columnStart: Int32Array,
  rowIndex: Int32Array,
  valueStart: Int32Array,
): Int32Array {
  const target = new Int32Array(matrix.rowIndex.length)
  for (let j = 0; j < matrix.blocks.count; j++)
    for (let e = matrix.columnStart[j]; e < matrix.columnStart[j + 1]; e++) {
      const a = position[matrix.rowIndex[e]]
      const b = position[j]
      const column = Math.min(a, b)
      const at = valueStart[findRow(rowIndex, columnStart[column], columnStart[column + 1], Math.max(a, b))]
      target[e] = a >= b ? at : -1 - at
    }
  return target
}

/** The entry in from … to − 1 whose row is `row`; −1 if there is none. */
export function findRow(rowIndex: Int32Array, from: number, to: number, row: number): number {
  let low = from
  let high = to - 1
  while (low <= high) {
    const middle = (low + high) >> 1
    if (rowIndex[middle] === row) return middle
    if (rowIndex[middle] < row) low = middle + 1
    else high = middle - 1
  }
  return -1
}

function flopsOf(dims: Int32Array, columnStart: Int32Array, rowIndex: Int32Array): number {
  let flops = 0
  for (let k = 0; k < dims.length; k++) {
    let below = 0
    for (let e = columnStart[k] + 1; e < columnStart[k + 1]; e++) below += dims[rowIndex[e]]
    flops += columnFlops(dims[k], below)
  }
  return flops
}

function gathered(dims: Int32Array, order: Int32Array): Int32Array {
  const out = new Int32Array(order.length)
  for (let k = 0; k < out.length; k++) out[k] = dims[order[k]]
  return out
}

/** Whether two lists of integers are the same. */
export function equal(a: Int32Array, b: Int32Array): boolean {
  if (a === b) return true
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}

function uniformSize(dims: Int32Array): number {
  return dims.length > 0 && dims.every((d) => d === dims[0]) ? dims[0] : 0
}

function checkedOrder(order: Int32Array, count: number): Int32Array {
  const seen = new Uint8Array(count)
  for (const block of order) if (block >= 0 && block < count) seen[block] = 1
  if (order.length !== count || seen.includes(0))
    throw new UsageError(`analyze: expected an order of ${count} blocks, each once, got ${order.length} entries`)
  return order
}
