import { UsageError } from '../numeric/index.ts'
import type { BlockJacobian } from './block-jacobian.ts'
import { entryOf, symmetricBlockMatrix } from './block-pattern.ts'
import type { SymmetricBlockMatrix } from './blocks.ts'
import { partition } from './blocks.ts'

/**
 * The structure behind `schur.ts`. H is the pattern of the normal equations with the `pointCount` eliminated blocks first;
 * S is that of the reduced system over the blocks after them.
 */

/** Which blocks of the reduced system are kept. */
export type SchurForm = 'dense' | 'sparse' | 'implicit'

/** Throws where two eliminated blocks meet in a factor. */
export function expectIndependent(J: BlockJacobian, eliminated: Uint8Array): void {
  if (eliminated.length !== J.blocks.count)
    throw new UsageError(`elimination of ${J.blocks.count} blocks: got ${eliminated.length} flags`)
  J.batches.forEach(({ count, arity, columns }, b) => {
    for (let i = 0; i < count; i++) {
      let met = -1
      for (let k = 0; k < arity; k++) {
        const column = columns[i * arity + k]
        if (column < 0 || !eliminated[column]) continue
        if (met >= 0 && met !== column)
          throw new UsageError(
            `eliminated blocks may not share a factor: factor ${i} of batch ${b} has blocks ${met} and ${column}`,
          )
        met = column
      }
    }
  })
}

/** Numbers in the largest column of blocks H_cp. */
export function longestStrip({ columnStart, rowIndex, blocks }: SymmetricBlockMatrix, pointCount: number): number {
  let longest = 0
  for (let p = 0; p < pointCount; p++) {
    let rows = 0
    for (let e = columnStart[p] + 1; e < columnStart[p + 1]; e++) rows += blocks.dims[rowIndex[e]]
    longest = Math.max(longest, rows * blocks.dims[p])
  }
  return longest
}

/** The pattern of S over the blocks from `pointCount` on. */
export function reducedPattern(H: SymmetricBlockMatrix, pointCount: number, form: SchurForm): SymmetricBlockMatrix {
  const count = H.blocks.count - pointCount
  const adjacent = form === 'dense' ? everyPair(count) : form === 'sparse' ? meetingPairs(H, pointCount) : []
  const rows: number[] = []
  const columns: number[] = []
  adjacent.forEach((list, column) => {
    for (const row of list) {
      rows.push(row)
      columns.push(column)
    }
  })
  return symmetricBlockMatrix(
    partition(H.blocks.dims.slice(pointCount)),
    Int32Array.from(rows),
    Int32Array.from(columns),
  )
}

function everyPair(count: number): number[][] {
  return Array.from({ length: count }, (_, column) => Array.from({ length: count - column }, (_, k) => column + k))
}

/** For each remaining block, the later ones that share a factor or a point with it, each once. */
function meetingPairs({ columnStart, rowIndex, blocks }: SymmetricBlockMatrix, pointCount: number): Set<number>[] {
  const later = Array.from({ length: blocks.count - pointCount }, () => new Set<number>())
  for (let j = 0; j < blocks.count; j++)
    for (let e = columnStart[j] + 1; e < columnStart[j + 1]; e++) {
      if (j >= pointCount) later[j - pointCount].add(rowIndex[e] - pointCount)
      else for (let f = columnStart[j] + 1; f < e; f++) later[rowIndex[f] - pointCount].add(rowIndex[e] - pointCount)
    }
  return later
}

/** Where block (i, j), i ≥ j, of each point's outer product goes in S: point after point, row after row; −1: not kept. */
export function pairTargets(H: SymmetricBlockMatrix, pointCount: number, S: SymmetricBlockMatrix): Int32Array {
  const { columnStart, rowIndex } = H
  let pairs = 0
  for (let p = 0; p < pointCount; p++) {
    const met = columnStart[p + 1] - columnStart[p] - 1
    pairs += (met * (met + 1)) / 2
  }
  const target = new Int32Array(pairs)
  for (let p = 0, pair = 0; p < pointCount; p++)
    for (let e = columnStart[p] + 1; e < columnStart[p + 1]; e++)
      for (let f = columnStart[p] + 1; f <= e; f++)
        target[pair++] = valueStartOf(S, rowIndex[e] - pointCount, rowIndex[f] - pointCount)
  return target
}

/** Where each entry of H_cc goes in S; −1: not kept. */
export function ccTargets(H: SymmetricBlockMatrix, pointCount: number, S: SymmetricBlockMatrix): Int32Array {
  const first = H.columnStart[pointCount]
  const target = new Int32Array(H.rowIndex.length - first)
  for (let j = pointCount; j < H.blocks.count; j++)
    for (let e = H.columnStart[j]; e < H.columnStart[j + 1]; e++)
      target[e - first] = valueStartOf(S, H.rowIndex[e] - pointCount, j - pointCount)
  return target
}

function valueStartOf(S: SymmetricBlockMatrix, row: number, column: number): number {
  // Where every block below the diagonal is kept, the place is known without a search.
  const guess = S.columnStart[column] + row - column
  const entry = guess < S.columnStart[column + 1] && S.rowIndex[guess] === row ? guess : entryOf(S, row, column)
  return entry < 0 ? -1 : S.valueStart[entry]
}
