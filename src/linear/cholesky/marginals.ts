import { UsageError } from '../../numeric/index.ts'
import { dotRange, subtractPanelProduct } from '../dense/product.ts'
import { solveLower } from '../dense/triangular.ts'
import type { BlockCholesky } from './numeric.ts'
import { selectedInverse } from './selected-inverse.ts'
import { findRow, type Symbolic } from './symbolic.ts'

/** A pair of blocks (row, column) of the inverse. */
export type BlockPair = readonly [row: number, column: number]

/**
 * The blocks (i, j) of (H + diag(damping))⁻¹, the marginal covariances of a factored information matrix: for each pair a
 * dims[i] × dims[j] row-major block, in the original numbering. A few blocks come from solves along paths of the
 * elimination tree, many from one sweep over the factor; the cheaper road is taken.
 * Throws UsageError when there is no factor or a block does not exist.
 */
export function covarianceBlocks(cholesky: BlockCholesky, pairs: readonly BlockPair[]): Float64Array[] {
  const { symbolic } = cholesky
  const count = symbolic.blocks.count
  if (!cholesky.factored)
    throw new UsageError('covarianceBlocks: there is no factor; call factor() and check its outcome')
  for (const pair of pairs)
    for (const block of pair)
      if (!(Number.isInteger(block) && block >= 0 && block < count))
        throw new UsageError(`covarianceBlocks: expected blocks 0 … ${count - 1}, got ${block}`)
  // The sweep of eq. (10) multiplies twice as often as the factorization.
  const sweep = pathFlops(symbolic, pairs) > 2 * symbolic.flops ? selectedInverse(symbolic, cholesky.values) : null
  const paths = new PathCache(cholesky)
  return pairs.map(
    ([i, j]) => (sweep && fromPattern(symbolic, sweep, i, j)) ?? product(symbolic, paths.of(i), paths.of(j)),
  )
}

function pathFlops(symbolic: Symbolic, pairs: readonly BlockPair[]): number {
  const { position, parent, permuted, columnStart, valueStart, nonzeros } = symbolic
  let flops = 0
  for (const block of new Set(pairs.flat()))
    for (let k = position[block]; k >= 0; k = parent[k]) {
      const end = columnStart[k + 1] < valueStart.length ? valueStart[columnStart[k + 1]] : nonzeros
      flops += 2 * permuted.dims[position[block]] * (end - valueStart[columnStart[k]])
    }
  return flops
}

/** Block (i, j) out of the inverse on the factor's pattern; null where it lies outside. */
function fromPattern(symbolic: Symbolic, inverse: Float64Array, i: number, j: number): Float64Array | null {
  const { position, columnStart, rowIndex, valueStart, blocks } = symbolic
  const column = Math.min(position[i], position[j])
  const e = findRow(rowIndex, columnStart[column], columnStart[column + 1], Math.max(position[i], position[j]))
  if (e < 0) return null
  const rows = blocks.dims[i]
  const columns = blocks.dims[j]
  const at = valueStart[e]
  const block = new Float64Array(rows * columns)
  const transposed = position[i] < position[j]
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < columns; c++)
      block[r * columns + c] = inverse[at + (transposed ? c * rows + r : r * columns + c)]
  return block
}

/** Y = L⁻¹ P E for the unit columns E of one block: nonzero only on the path from it to the root (eq. 8). */
interface PathColumns {
  readonly width: number
  /** Positions on the path, ascending, and where each one's part of Yᵀ (width × dims, row-major) starts in `values`. */
  readonly nodes: number[]
  readonly start: number[]
  readonly values: Float64Array
}

/** Columns of recently used blocks: pairs that share a block mostly stand together. */
class PathCache {
  private readonly cholesky: BlockCholesky
  private readonly kept = new Map<number, PathColumns>()
  private readonly slot: Int32Array

  constructor(cholesky: BlockCholesky) {
    this.cholesky = cholesky
    this.slot = new Int32Array(cholesky.symbolic.blocks.count)
  }

  of(block: number): PathColumns {
    const known = this.kept.get(block)
    if (known) return known
    if (this.kept.size >= 64) this.kept.delete(this.kept.keys().next().value as number)
    const path = forwardAlongPath(this.cholesky, block, this.slot)
    this.kept.set(block, path)
    return path
  }
}

/** `slot` is scratch: one entry per block. */
function forwardAlongPath(cholesky: BlockCholesky, block: number, slot: Int32Array): PathColumns {
  const { position, parent, permuted, columnStart, rowIndex, valueStart } = cholesky.symbolic
  const L = cholesky.values
  const first = position[block]
  const width = permuted.dims[first]
  const nodes: number[] = []
  const start: number[] = []
  let size = 0
  for (let k = first; k >= 0; k = parent[k]) {
    nodes.push(k)
    start.push(size)
    slot[k] = size
    size += permuted.dims[k] * width
  }
  const y = new Float64Array(size)
  for (let s = 0; s < width; s++) y[s * width + s] = 1
  for (const k of nodes) {
    const d = permuted.dims[k]
    let a = valueStart[columnStart[k]]
    for (let c = 0; c < width; c++) solveLower(L, d, y, a, d, slot[k] + c * d)
    a += d * d
    for (let e = columnStart[k] + 1; e < columnStart[k + 1]; e++) {
      const rows = permuted.dims[rowIndex[e]]
      subtractPanelProduct(y, slot[rowIndex[e]], rows, y, slot[k], d, L, a, d, width, rows, d)
      a += rows * d
    }
  }
  return { width, nodes, start, values: y }
}

/** Σ(i, j) = Yᵢᵀ Yⱼ over the positions that both paths visit (eq. 8). */
function product({ permuted }: Symbolic, a: PathColumns, b: PathColumns): Float64Array {
  const block = new Float64Array(a.width * b.width)
  let p = a.nodes.length - 1
  let q = b.nodes.length - 1
  for (; p >= 0 && q >= 0 && a.nodes[p] === b.nodes[q]; p--, q--) {
    const d = permuted.dims[a.nodes[p]]
    for (let r = 0; r < a.width; r++)
      for (let c = 0; c < b.width; c++)
        block[r * b.width + c] += dotRange(a.values, a.start[p] + r * d, b.values, b.start[q] + c * d, d)
  }
  return block
}
