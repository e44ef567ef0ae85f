import { type Allocation, type Arena, kernels, probe } from '../../backend/index.ts'
import { type Format, roundTo } from '../../numeric/index.ts'
import type { BlockPartition } from '../blocks.ts'
import { codeOf } from './code.ts'
import type { RoundedStage } from './stage.ts'
import type { TriangularPattern } from './triangular.ts'

type Kernel = (...args: number[]) => number

const LANES = 4

/**
 * The sweeps of `triangular.ts` by WebAssembly SIMD, equal to them to the bit. Unknowns lie in blocks padded to four numbers.
 * L lies twice, each time in the order in which it is read: forward by columns, each block by groups of four rows and the
 * columns in them; backward from the last column, each block by groups of four columns and the rows in them.
 */
export class SimdTriangular {
  private readonly pattern: TriangularPattern
  private readonly stored: Format
  private readonly accumulated: Format
  private readonly kernels: { readonly forward: Kernel; readonly backward: Kernel }
  private readonly arena: Arena
  /** Owner of the memory, which is given back when this is collected. */
  readonly layout: TriangularLayout
  private readonly base: number

  /** The twin for a stage, or why there is none. */
  static bind(pattern: TriangularPattern, stage: RoundedStage): SimdTriangular | string {
    const available = kernels()
    if (!available) return probe().reason
    const name = `${stage.stored}_${stage.computed}_${stage.accumulated}`
    const forward = available.functions[`forward_${name}`]
    const backward = available.functions[`backward_${name}`]
    if (!forward || !backward) return 'no SIMD kernel for these formats'
    const layout = layOut(pattern, stage.stored)
    const memory = available.arena.allocate(layout.bytes, layout)
    if (!memory) return `no ${layout.bytes} bytes of WebAssembly memory`
    return new SimdTriangular(pattern, stage, { forward, backward }, available.arena, layout, memory)
  }

  private constructor(
    pattern: TriangularPattern,
    { stored, accumulated }: RoundedStage,
    bound: { forward: Kernel; backward: Kernel },
    arena: Arena,
    layout: TriangularLayout,
    { offset }: Allocation,
  ) {
    this.pattern = pattern
    this.stored = stored
    this.accumulated = accumulated
    this.kernels = bound
    this.arena = arena
    this.layout = layout
    this.base = offset
    new Uint32Array(arena.buffer, offset + layout.forwardTable, layout.tableLength).set(tableOf(pattern, layout, false))
    new Uint32Array(arena.buffer, offset + layout.backwardTable, layout.tableLength).set(tableOf(pattern, layout, true))
  }

  /** Puts rounded, finite numbers of L (as `triangular.ts` has them) into the memory. */
  update(values: Float64Array): void {
    const { arena, base, layout, pattern, stored } = this
    const holder = stored === 'fp32' ? Float32Array : Uint16Array
    packForward(pattern, values, stored, new holder(arena.buffer, base + layout.forwardValues, layout.forwardLength))
    packBackward(pattern, values, stored, new holder(arena.buffer, base + layout.backwardValues, layout.backwardLength))
    const reciprocals = new Float32Array(arena.buffer, base + layout.reciprocals, layout.unknowns)
    const { blocks, columnStart, valueStart } = pattern
    for (let j = 0; j < blocks.count; j++)
      for (let k = 0; k < blocks.dims[j]; k++)
        reciprocals[layout.place[blocks.offset[j]] + k] = values[valueStart[columnStart[j]] + k * (blocks.dims[j] + 1)]
  }

  /**
   * x = L⁻¹ s b or L⁻ᵀ s b, with s b rounded to the format of sums. 'overflowed': as the definition does, to a number that is
   * not finite. 'refused': a number was met that the kernel cannot round, and x is not to be used.
   */
  solve(sweep: 'forward' | 'backward', b: Float64Array, s: number, x: Float64Array): 'done' | 'overflowed' | 'refused' {
    const { arena, base, layout } = this
    const { place } = layout
    const inside = new Float32Array(arena.buffer, base + layout.x, layout.unknowns)
    if (this.accumulated === 'fp32') for (let i = 0; i < b.length; i++) inside[place[i]] = b[i] * s
    else {
      const enter = roundTo(this.accumulated)
      for (let i = 0; i < b.length; i++) inside[place[i]] = enter(b[i] * s)
    }
    const table = sweep === 'forward' ? layout.forwardTable : layout.backwardTable
    const values = sweep === 'forward' ? layout.forwardValues : layout.backwardValues
    const refused = this.kernels[sweep](
      this.pattern.blocks.count,
      base + table,
      base + values,
      base + layout.reciprocals,
      base + layout.x,
      base + layout.done,
    )
    if (refused !== 0) return 'refused'
    let nothing = 0
    for (let i = 0; i < x.length; i++) {
      x[i] = inside[place[i]]
      nothing += x[i] * 0 // NaN as soon as one is not finite
    }
    return nothing === 0 ? 'done' : 'overflowed'
  }
}

/** Where everything lies, in bytes from 0, and how long it is, in numbers. */
export interface TriangularLayout {
  readonly bytes: number
  readonly x: number
  readonly reciprocals: number
  readonly unknowns: number
  readonly done: number
  readonly forwardTable: number
  readonly backwardTable: number
  readonly tableLength: number
  readonly forwardValues: number
  readonly forwardLength: number
  readonly backwardValues: number
  readonly backwardLength: number
  /** Where each unknown lies, in numbers. */
  readonly place: Int32Array
}

function layOut({ blocks, columnStart, rowIndex }: TriangularPattern, stored: Format): TriangularLayout {
  let end = 0
  const take = (bytes: number): number => {
    const at = end
    end += Math.ceil(bytes / 16) * 16
    return at
  }
  const { place, length: unknowns } = placeUnknowns(blocks)
  let forwardLength = 0
  let backwardLength = 0
  let widest = 0
  for (let j = 0; j < blocks.count; j++) {
    const d = blocks.dims[j]
    widest = Math.max(widest, d)
    for (let e = columnStart[j]; e < columnStart[j + 1]; e++) {
      forwardLength += padded(blocks.dims[rowIndex[e]]) * d
      backwardLength += blocks.dims[rowIndex[e]] * padded(d)
    }
  }
  // Per column its place, size and number of blocks below the diagonal; per such block the place and size of its rows.
  const tableLength = 3 * blocks.count + 2 * (rowIndex.length - blocks.count)
  const bytes = stored === 'fp32' ? 4 : 2
  return {
    x: take(4 * unknowns),
    reciprocals: take(4 * unknowns),
    unknowns,
    done: take(16 * widest),
    forwardTable: take(4 * tableLength),
    backwardTable: take(4 * tableLength),
    tableLength,
    forwardValues: take(bytes * forwardLength),
    forwardLength,
    backwardValues: take(bytes * backwardLength),
    backwardLength,
    place,
    bytes: end,
  }
}

function placeUnknowns(blocks: BlockPartition): { place: Int32Array; length: number } {
  const place = new Int32Array(blocks.offset[blocks.count])
  let length = 0
  for (let j = 0; j < blocks.count; j++) {
    for (let c = 0; c < blocks.dims[j]; c++) place[blocks.offset[j] + c] = length + c
    length += padded(blocks.dims[j])
  }
  return { place, length }
}

function tableOf(
  { blocks, columnStart, rowIndex }: TriangularPattern,
  { place, tableLength }: TriangularLayout,
  reversed: boolean,
): Uint32Array {
  const table = new Uint32Array(tableLength)
  let at = 0
  for (let step = 0; step < blocks.count; step++) {
    const j = reversed ? blocks.count - 1 - step : step
    table[at++] = blocks.dims[j] > 0 ? 4 * place[blocks.offset[j]] : 0
    table[at++] = blocks.dims[j]
    table[at++] = columnStart[j + 1] - columnStart[j] - 1
    for (let e = columnStart[j] + 1; e < columnStart[j + 1]; e++) {
      table[at++] = 4 * place[blocks.offset[rowIndex[e]]]
      table[at++] = blocks.dims[rowIndex[e]]
    }
  }
  return table
}

/** Diagonal blocks column by column without the diagonal, the others by four rows and the columns in them. */
function packForward(
  { blocks, columnStart, rowIndex, valueStart }: TriangularPattern,
  values: Float64Array,
  stored: Format,
  to: Float32Array | Uint16Array,
): void {
  to.fill(0)
  let at = 0
  for (let j = 0; j < blocks.count; j++) {
    const d = blocks.dims[j]
    const diagonal = valueStart[columnStart[j]]
    for (let k = 0; k < d; k++, at += padded(d))
      for (let i = k + 1; i < d; i++) to[at + i] = codeOf(stored, values[diagonal + i * d + k])
    for (let e = columnStart[j] + 1; e < columnStart[j + 1]; e++) {
      const rows = blocks.dims[rowIndex[e]]
      for (let r = 0; r < rows; r++)
        for (let c = 0; c < d; c++)
          to[at + ((r >> 2) * d + c) * LANES + (r & 3)] = codeOf(stored, values[valueStart[e] + r * d + c])
      at += padded(rows) * d
    }
  }
}

/** From the last column: the blocks below the diagonal by four columns and the rows in them, then the diagonal block. */
function packBackward(
  { blocks, columnStart, rowIndex, valueStart }: TriangularPattern,
  values: Float64Array,
  stored: Format,
  to: Float32Array | Uint16Array,
): void {
  to.fill(0)
  let at = 0
  for (let j = blocks.count - 1; j >= 0; j--) {
    const d = blocks.dims[j]
    for (let e = columnStart[j] + 1; e < columnStart[j + 1]; e++) {
      const rows = blocks.dims[rowIndex[e]]
      for (let r = 0; r < rows; r++)
        for (let c = 0; c < d; c++)
          to[at + ((c >> 2) * rows + r) * LANES + (c & 3)] = codeOf(stored, values[valueStart[e] + r * d + c])
      at += rows * padded(d)
    }
    const diagonal = valueStart[columnStart[j]]
    for (let k = d - 1; k >= 0; k--, at += padded(d))
      for (let c = 0; c < k; c++) to[at + c] = codeOf(stored, values[diagonal + k * d + c])
  }
}

function padded(n: number): number {
  return (n + LANES - 1) & -LANES
}
