import { UsageError } from '../numeric/index.ts'
import type { Arena } from './arena.ts'
import { kernels } from './wasm/module.ts'

/** The linear memory could not grow as far as a problem needs. */
export class MemoryError extends Error {
  override readonly name = 'MemoryError'
}

/** Numbers in the linear memory, for as long as their region is open. */
export interface LinearFloat64 {
  /** Byte address: what kernels take. */
  readonly address: number
  readonly length: number
  /**
   * The numbers. Asked for where they are used and not kept: when the memory has grown since, this is a new view (and the
   * old one has length 0).
   */
  readonly view: Float64Array
}

/**
 * What one problem has in the linear memory: its arrays are handed out one by one and given back together, by `close` or
 * when nothing holds the region any longer.
 */
export class Region {
  private readonly arena: Arena
  private readonly pieces: { offset: number; bytes: number }[] = []
  private readonly arrays: ArrayOfRegion[] = []
  private open = true

  /** A region in the kernels' memory, or null on an engine that cannot run them. */
  static open(): Region | null {
    const available = kernels()
    return available ? new Region(available.arena) : null
  }

  constructor(arena: Arena) {
    this.arena = arena
  }

  /**
   * Zeros, or anything where `clear` is false: for what is written as a whole before it is read.
   *
   * @throws MemoryError when the memory cannot grow that far
   */
  float64(length: number, clear = true): LinearFloat64 {
    const array = new ArrayOfRegion(this, this.take(8 * length, clear), length)
    this.arrays.push(array)
    return array
  }

  /** A copy of numbers that stay as they are; returns its byte address. */
  constants(values: Float64Array | Int32Array): number {
    const address = this.take(values.byteLength, false)
    this.write(address, values)
    return address
  }

  /** Writes numbers over those that {@link constants} has put at an address. */
  write(address: number, values: Float64Array | Int32Array): void {
    if (values instanceof Int32Array) new Int32Array(this.arena.buffer, address, values.length).set(values)
    else new Float64Array(this.arena.buffer, address, values.length).set(values)
  }

  /** Gives everything back. No array of the region may be used again. */
  close(): void {
    if (!this.open) return
    this.open = false
    for (const array of this.arrays) array.forget()
    for (const piece of this.pieces) this.arena.giveBack(piece)
  }

  /** A fresh view; of arrays only. */
  viewOf(address: number, length: number): Float64Array {
    if (!this.open) throw new UsageError('an array in the linear memory was used after its region was closed')
    return new Float64Array(this.arena.buffer, address, length)
  }

  private take(bytes: number, clear: boolean): number {
    if (!this.open) throw new UsageError('this region of the linear memory is closed')
    const piece = this.arena.allocate(bytes, this, clear)
    if (!piece) throw new MemoryError(`no ${bytes} bytes more in a linear memory of ${this.arena.buffer.byteLength}`)
    this.pieces.push(piece)
    return piece.offset
  }
}

class ArrayOfRegion implements LinearFloat64 {
  readonly address: number
  readonly length: number
  private readonly region: Region
  private latest: Float64Array = EMPTY

  constructor(region: Region, address: number, length: number) {
    this.region = region
    this.address = address
    this.length = length
  }

  get view(): Float64Array {
    if (this.latest.length !== this.length) this.latest = this.region.viewOf(this.address, this.length)
    return this.latest
  }

  forget(): void {
    this.latest = EMPTY
  }
}

const EMPTY = new Float64Array(0)
