import { GrowableInt32 } from '../../numeric/index.ts'
import type { BlockJacobian } from '../block-jacobian.ts'
import { entryOf, symmetricBlockMatrix } from '../block-pattern.ts'
import type { BlockPartition, SymmetricBlockMatrix } from '../blocks.ts'
import { partition } from '../blocks.ts'
import type { SchurForm } from '../schur-pattern.ts'

/**
 * The rows of a Jacobian gathered into groups that elimination can treat one by one: first one group per eliminated block
 * ("point"), with the rows of all factors that touch it; then one group per factor that touches none. A group's rows are
 * seen as a dense panel, row-major, [J_p | J_c | r]: the point's columns, the columns of the remaining blocks that the group
 * touches, the residual. Groups have no row in common, so that the whole cost is the sum of theirs.
 */
export interface Groups {
  readonly count: number
  /** The first `pointCount` groups belong to points, in the order of `points`. */
  readonly pointCount: number
  /** Block of J that group g eliminates. */
  readonly points: Int32Array
  /** Blocks of J that stay, ascending, and their partition. */
  readonly remaining: Int32Array
  readonly blocks: BlockPartition
  /** Rows of each panel: those of the group's factors, and at least as many as the point has unknowns. */
  readonly rows: Int32Array
  /** Columns of J_p. */
  readonly pointDim: Int32Array
  /** Columns of J_c. */
  readonly width: Int32Array
  /** The remaining blocks a group touches: entries blockStart[g] … of `block` and `blockColumn` (first column in J_c). */
  readonly blockStart: Int32Array
  readonly block: Int32Array
  readonly blockColumn: Int32Array
  /** Per pair of touched blocks (a, b), b ≤ a, group after group, row by row: where it goes in S, −1 where not kept. */
  readonly pairTarget: Int32Array
  /** 1 where the two blocks have a row in common. */
  readonly pairShared: Uint8Array
  /** What is copied into the panels. */
  readonly pieces: Pieces
}

/** Blocks of J: piece k of group g is `rows × columns` numbers of batch `batch` at `from`, added at `row`, `column`. */
interface Pieces {
  readonly start: Int32Array
  readonly batch: Int32Array
  readonly from: Int32Array
  readonly rows: Int32Array
  readonly columns: Int32Array
  readonly row: Int32Array
  readonly column: Int32Array
  /** Row of J whose residual goes with the piece, or −1 where another piece of its factor brings it. */
  readonly residual: Int32Array
}

/** Groups of J, and the pattern of the reduced system S over the remaining blocks. */
export function groupRows(
  J: BlockJacobian,
  eliminated: Uint8Array,
  form: SchurForm,
): { groups: Groups; reduced: SymmetricBlockMatrix } {
  const all = Int32Array.from({ length: J.blocks.count }, (_, j) => j)
  const points = all.filter((j) => eliminated[j])
  const remaining = all.filter((j) => !eliminated[j])
  const members = factorsByGroup(J, eliminated, points)
  const count = members.length
  const groups = {
    count,
    pointCount: points.length,
    points,
    remaining,
    blocks: partition(remaining.map((j) => J.blocks.dims[j])),
    rows: new Int32Array(count),
    pointDim: Int32Array.from({ length: count }, (_, g) => (g < points.length ? J.blocks.dims[points[g]] : 0)),
    width: new Int32Array(count),
    blockStart: new Int32Array(count + 1),
  }
  const layout = layOut(J, groups, members)
  const reduced = pattern(groups, layout.block, form)
  return { groups: { ...groups, ...layout, ...pairsOf(groups, layout, reduced) }, reduced }
}

/** A factor, by batch and place. */
type Member = readonly [batch: number, factor: number]

function factorsByGroup(J: BlockJacobian, eliminated: Uint8Array, points: Int32Array): Member[][] {
  const groupOf = new Int32Array(J.blocks.count).fill(-1)
  points.forEach((j, g) => {
    groupOf[j] = g
  })
  const members: Member[][] = Array.from(points, () => [])
  J.batches.forEach(({ count, arity, columns }, b) => {
    for (let f = 0; f < count; f++) {
      let group = -1
      let free = false
      for (let k = 0; k < arity; k++) {
        const column = columns[f * arity + k]
        if (column < 0) continue
        free = true
        if (eliminated[column]) group = groupOf[column]
      }
      if (group >= 0) members[group].push([b, f])
      else if (free) members.push([[b, f]])
    }
  })
  return members
}

type Layout = Pick<Groups, 'block' | 'blockColumn' | 'pieces'>
type Sizes = Pick<
  Groups,
  'count' | 'pointCount' | 'points' | 'remaining' | 'blocks' | 'rows' | 'pointDim' | 'width' | 'blockStart'
>

/** Places every factor's blocks in its group's panel; fills in the sizes of `groups`. */
function layOut(J: BlockJacobian, groups: Sizes, members: readonly Member[][]): Layout {
  const position = new Int32Array(J.blocks.count).fill(-1)
  groups.remaining.forEach((j, c) => {
    position[j] = c
  })
  const names = ['batch', 'from', 'rows', 'columns', 'row', 'column', 'residual'] as const
  const grow = Object.fromEntries(names.map((name) => [name, new GrowableInt32()])) as Record<
    (typeof names)[number],
    GrowableInt32
  >
  const start = new Int32Array(groups.count + 1)
  const block = new GrowableInt32()
  const blockColumn = new GrowableInt32()
  const columnOf = new Int32Array(groups.remaining.length)
  let pieces = 0
  let touched = 0
  members.forEach((factors, g) => {
    const d = groups.pointDim[g]
    const met = new Set<number>()
    for (const column of columnsOf(J, factors)) if (position[column] >= 0) met.add(position[column])
    let width = 0
    for (const c of [...met].sort((a, b) => a - b)) {
      columnOf[c] = width
      block.push(c)
      blockColumn.push(width)
      width += groups.blocks.dims[c]
      touched++
    }
    let row = 0
    for (const [b, f] of factors) {
      const { arity, columns, residualDim, dims, stride, row: first } = J.batches[b]
      let from = f * stride
      let residual = first + f * residualDim
      for (let k = 0; k < arity; k++) {
        const column = columns[f * arity + k]
        if (column >= 0) {
          grow.batch.push(b)
          grow.from.push(from)
          grow.rows.push(residualDim)
          grow.columns.push(dims[k])
          grow.row.push(row)
          grow.column.push(position[column] < 0 ? 0 : d + columnOf[position[column]])
          grow.residual.push(residual)
          residual = -1
          pieces++
        }
        from += residualDim * dims[k]
      }
      row += residualDim
    }
    start[g + 1] = pieces
    groups.rows[g] = Math.max(row, d)
    groups.width[g] = width
    groups.blockStart[g + 1] = touched
  })
  const columns = Object.fromEntries(names.map((name) => [name, grow[name].view().slice()])) as Record<
    (typeof names)[number],
    Int32Array
  >
  return { block: block.view().slice(), blockColumn: blockColumn.view().slice(), pieces: { start, ...columns } }
}

function* columnsOf(J: BlockJacobian, factors: readonly Member[]): Generator<number> {
  for (const [b, f] of factors) {
    const { arity, columns } = J.batches[b]
    for (let k = 0; k < arity; k++) if (columns[f * arity + k] >= 0) yield columns[f * arity + k]
  }
}

function pattern(groups: Sizes, block: Int32Array, form: SchurForm): SymmetricBlockMatrix {
  const rows = new GrowableInt32()
  const columns = new GrowableInt32()
  if (form === 'dense')
    for (let a = 0; a < groups.remaining.length; a++)
      for (let b = 0; b < a; b++) {
        rows.push(a)
        columns.push(b)
      }
  if (form === 'sparse') {
    const met = new Set<number>()
    for (let g = 0; g < groups.count; g++)
      for (let a = groups.blockStart[g]; a < groups.blockStart[g + 1]; a++)
        for (let b = groups.blockStart[g]; b < a; b++) {
          const id = block[a] * groups.remaining.length + block[b]
          if (met.has(id)) continue
          met.add(id)
          rows.push(block[a])
          columns.push(block[b])
        }
  }
  return symmetricBlockMatrix(groups.blocks, rows.view().slice(), columns.view().slice())
}

function pairsOf(
  groups: Sizes,
  { block, blockColumn, pieces }: Layout,
  S: SymmetricBlockMatrix,
): Pick<Groups, 'pairTarget' | 'pairShared'> {
  const target = new GrowableInt32()
  const shared = new GrowableInt32()
  for (let g = 0; g < groups.count; g++) {
    const first = groups.blockStart[g]
    const rowsOf = Array.from({ length: groups.blockStart[g + 1] - first }, (): Set<number> => new Set())
    for (let k = pieces.start[g]; k < pieces.start[g + 1]; k++) {
      const column = pieces.column[k] - groups.pointDim[g]
      if (column < 0) continue
      let a = first
      while (blockColumn[a] !== column) a++
      rowsOf[a - first].add(pieces.row[k])
    }
    for (let a = first; a < groups.blockStart[g + 1]; a++)
      for (let b = first; b <= a; b++) {
        const entry = entryOf(S, block[a], block[b])
        target.push(entry < 0 ? -1 : S.valueStart[entry])
        shared.push([...rowsOf[a - first]].some((row) => rowsOf[b - first].has(row)) ? 1 : 0)
      }
  }
  return { pairTarget: target.view().slice(), pairShared: Uint8Array.from(shared.view()) }
}

/** The panel of group g, [J_p | J_c | r], into `panel` at `at`; the array's element type rounds. */
export function loadPanel(
  groups: Groups,
  g: number,
  J: BlockJacobian,
  panel: Float64Array | Float32Array,
  at: number,
): void {
  const { start, batch, from, rows, columns, row, column, residual } = groups.pieces
  const ld = groups.pointDim[g] + groups.width[g] + 1
  panel.fill(0, at, at + groups.rows[g] * ld)
  for (let k = start[g]; k < start[g + 1]; k++) {
    const { values } = J.batches[batch[k]]
    let source = from[k]
    let to = at + row[k] * ld + column[k]
    for (let a = 0; a < rows[k]; a++, to += ld) for (let c = 0; c < columns[k]; c++) panel[to + c] += values[source++]
    if (residual[k] < 0) continue
    let last = at + row[k] * ld + ld - 1
    for (let a = 0; a < rows[k]; a++, last += ld) panel[last] = J.residual[residual[k] + a]
  }
}
