import { type Allocation, type Arena, kernels, probe } from '../../backend/index.ts'
import type { Format } from '../../numeric/index.ts'
import type { BlockJacobian, JacobianBatch } from '../block-jacobian.ts'
import { codeOf } from './code.ts'
import type { RoundedStage } from './stage.ts'

type Kernel = (...args: number[]) => number

/** Factors taken at a time, one in each lane of a vector. */
const LANES = 4

/** One slot of one batch in the linear memory. */
interface Slot {
  readonly batch: number
  readonly groups: number
  readonly m: number
  readonly n: number
  /** Where the slot's blocks begin within a factor's. */
  readonly first: number
  /** Where each factor's unknowns lie, in bytes beyond the vector of unknowns. */
  readonly columns: number
  /** The blocks: by group, row and column, four factors' numbers side by side. */
  readonly values: number
  /** The rows of the batch: by group and row, four factors' numbers side by side. */
  readonly rows: number
}

/**
 * The products of `product.ts` by WebAssembly SIMD, equal to them to the bit. Unknowns lie in blocks padded to four numbers,
 * with one block of zeros more, which takes the place of constants and of the factors that fill up a group of four.
 */
export class SimdProduct {
  private readonly J: BlockJacobian
  private readonly stored: Format
  private readonly forward: Kernel
  private readonly backward: Kernel
  private readonly arena: Arena
  /** Owner of the memory, which is given back when this is collected. */
  readonly layout: Layout
  private readonly slots: Slot[]
  /** Where each unknown lies, in numbers beyond the vector of unknowns. */
  private readonly place: Int32Array
  /** Where each row lies, in numbers beyond the vector of rows. */
  private readonly rowPlace: Int32Array
  private readonly unknowns: { at: number; length: number }
  private readonly rows: { at: number; length: number }
  private readonly scratch: number

  /** The twin for a stage, or why there is none. Reads the structure of J only. */
  static bind(J: BlockJacobian, stage: RoundedStage): SimdProduct | string {
    const available = kernels()
    if (!available) return probe().reason
    const name = `${stage.stored}_${stage.computed}_${stage.accumulated}`
    const forward = available.functions[`multiply_${name}`]
    const backward = available.functions[`multiplyTransposed_${name}`]
    if (!forward || !backward) return 'no SIMD kernel for these formats'
    const layout = layOut(J, stage.stored)
    const memory = available.arena.allocate(layout.bytes, layout)
    if (!memory) return `no ${layout.bytes} bytes of WebAssembly memory`
    return new SimdProduct(J, stage.stored, forward, backward, available.arena, layout, memory)
  }

  private constructor(
    J: BlockJacobian,
    stored: Format,
    forward: Kernel,
    backward: Kernel,
    arena: Arena,
    layout: Layout,
    { offset }: Allocation,
  ) {
    this.J = J
    this.stored = stored
    this.forward = forward
    this.backward = backward
    this.arena = arena
    this.layout = layout
    this.place = layout.place
    this.rowPlace = layout.rowPlace
    this.unknowns = { at: offset + layout.unknowns.at, length: layout.unknowns.length }
    this.rows = { at: offset + layout.rows.at, length: layout.rows.length }
    this.scratch = offset + layout.scratch
    this.slots = layout.slots.map((slot) => ({
      ...slot,
      columns: offset + slot.columns,
      values: offset + slot.values,
      rows: this.rows.at + slot.rows,
    }))
    this.writeColumns(layout.sink)
  }

  /** Puts the current, rounded and finite numbers of J into the memory. */
  update(): void {
    for (const slot of this.slots) {
      const batch = this.J.batches[slot.batch]
      const length = slot.groups * slot.m * slot.n * LANES
      const holder = this.stored === 'fp32' ? Float32Array : Uint16Array
      interleave(batch, slot, this.stored, new holder(this.arena.buffer, slot.values, length))
    }
  }

  /** q = J p; false when a number was met that the kernel cannot round, and q is not to be used. */
  multiply(p: Float64Array, q: Float64Array): boolean {
    const x = this.view(this.unknowns)
    const out = this.view(this.rows)
    scatter(p, this.place, x)
    out.fill(0)
    let refused = 0
    for (const { groups, m, n, columns, values, rows } of this.slots)
      refused |= this.forward(groups, m, n, columns, values, this.unknowns.at, rows, this.scratch)
    collect(out, this.rowPlace, q)
    return refused === 0
  }

  /** z = Jᵀ q; false as for `multiply`. */
  multiplyTransposed(q: Float64Array, z: Float64Array): boolean {
    const y = this.view(this.rows)
    const out = this.view(this.unknowns)
    scatter(q, this.rowPlace, y)
    out.fill(0)
    let refused = 0
    for (const { groups, m, n, columns, values, rows } of this.slots)
      refused |= this.backward(groups, m, n, columns, values, rows, this.unknowns.at, this.scratch)
    collect(out, this.place, z)
    // The block that stands for constants has taken what belongs to none.
    out.fill(0)
    return refused === 0
  }

  private view({ at, length }: { at: number; length: number }): Float32Array {
    return new Float32Array(this.arena.buffer, at, length)
  }

  private writeColumns(sink: number): void {
    const { offset } = this.J.blocks
    for (const slot of this.slots) {
      const { count, arity, columns, dims } = this.J.batches[slot.batch]
      const table = new Uint32Array(this.arena.buffer, slot.columns, slot.groups * LANES).fill(sink * 4)
      let k = 0
      for (let first = 0; first !== slot.first; k++) first += slot.m * dims[k]
      for (let i = 0; i < count; i++) {
        const column = columns[i * arity + k]
        if (column >= 0) table[i] = this.place[offset[column]] * 4
      }
    }
  }
}

/** Where everything lies, in bytes from 0. */
export interface Layout {
  readonly bytes: number
  readonly slots: Slot[]
  readonly place: Int32Array
  readonly rowPlace: Int32Array
  readonly unknowns: { readonly at: number; readonly length: number }
  readonly rows: { readonly at: number; readonly length: number }
  readonly scratch: number
  /** The block that stands for constants. */
  readonly sink: number
}

function layOut(J: BlockJacobian, stored: Format): Layout {
  let end = 0
  const take = (bytes: number): number => {
    const at = end
    end += Math.ceil(bytes / 16) * 16
    return at
  }
  const { place, length, sink } = placeUnknowns(J)
  const unknowns = { at: take(4 * length), length }
  const rowPlace = new Int32Array(J.rows).fill(-1)
  const slots: Slot[] = []
  let rowLength = 0
  let widest = 0
  J.batches.forEach((batch, b) => {
    const { count, residualDim: m, arity, dims, row } = batch
    const groups = Math.ceil(count / LANES)
    for (let i = 0; i < count; i++)
      for (let r = 0; r < m; r++) rowPlace[row + i * m + r] = rowLength + ((i >> 2) * m + r) * LANES + (i & 3)
    for (let k = 0, first = 0; k < arity; first += m * dims[k], k++) {
      const n = dims[k]
      const columns = take(4 * groups * LANES)
      const values = take((stored === 'fp32' ? 4 : 2) * groups * m * n * LANES)
      slots.push({ batch: b, groups, m, n, first, columns, values, rows: 4 * rowLength })
      widest = Math.max(widest, n)
    }
    rowLength += groups * m * LANES
  })
  const rows = { at: take(4 * rowLength), length: rowLength }
  // One vector per column of a block, padded, and four more.
  const scratch = take(16 * (padded(widest) + LANES))
  return { bytes: end, slots, place, rowPlace, unknowns, rows, scratch, sink }
}

function placeUnknowns({ blocks }: BlockJacobian): { place: Int32Array; length: number; sink: number } {
  const place = new Int32Array(blocks.offset[blocks.count])
  let at = 0
  let widest = 0
  for (let j = 0; j < blocks.count; j++) {
    for (let c = 0; c < blocks.dims[j]; c++) place[blocks.offset[j] + c] = at + c
    at += padded(blocks.dims[j])
    widest = Math.max(widest, blocks.dims[j])
  }
  return { place, length: at + padded(widest), sink: at }
}

function padded(n: number): number {
  return (n + LANES - 1) & -LANES
}

/** The blocks of one slot, four factors side by side. */
function interleave(
  { count, stride, values }: JacobianBatch,
  { m, n, first }: Slot,
  stored: Format,
  to: Float32Array | Uint16Array,
): void {
  const size = m * n
  for (let i = 0; i < count; i++) {
    const from = i * stride + first
    let at = (i >> 2) * size * LANES + (i & 3)
    for (let e = 0; e < size; e++, at += LANES) to[at] = codeOf(stored, values[from + e])
  }
}

/** to[place[i]] = from[i], where there is a place. */
function scatter(from: Float64Array, place: Int32Array, to: Float32Array): void {
  for (let i = 0; i < from.length; i++) if (place[i] >= 0) to[place[i]] = from[i]
}

/** to[i] = from[place[i]], 0 where there is no place. */
function collect(from: Float32Array, place: Int32Array, to: Float64Array): void {
  for (let i = 0; i < to.length; i++) to[i] = place[i] >= 0 ? from[place[i]] : 0
}
