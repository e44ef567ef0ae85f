/** A partition of n scalar unknowns into blocks, one per variable: block j covers offset[j] … offset[j+1] − 1. */
export interface BlockPartition {
  /** Number of blocks. */
  readonly count: number
  /** Size of each block. */
  readonly dims: Int32Array
  /** count + 1 offsets; the last is n. */
  readonly offset: Int32Array
}

/** The partition with blocks of the given sizes. */
export function partition(dims: ArrayLike<number>): BlockPartition {
  const offset = new Int32Array(dims.length + 1)
  for (let j = 0; j < dims.length; j++) offset[j + 1] = offset[j] + dims[j]
  return { count: dims.length, dims: Int32Array.from(dims), offset }
}

/**
 * A symmetric matrix of blocks: the lower triangle by block columns, diagonal block first, rows ascending. Entry e of
 * column j (columnStart[j] ≤ e < columnStart[j+1]) is the block (rowIndex[e], j), row-major dims[row] × dims[j] at
 * valueStart[e] of `values`. Diagonal blocks are stored whole.
 */
export interface SymmetricBlockMatrix {
  readonly blocks: BlockPartition
  readonly columnStart: Int32Array
  readonly rowIndex: Int32Array
  readonly valueStart: Int32Array
  readonly values: Float64Array
}
