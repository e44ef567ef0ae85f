import { UsageError } from '../numeric/index.ts'

/** A piece of the linear memory: `bytes` bytes at `offset`, aligned to 16. */
export interface Allocation {
  readonly offset: number
  readonly bytes: number
}

/** What an arena needs of a WebAssembly.Memory. */
export interface GrowableMemory {
  readonly buffer: ArrayBuffer
  grow(pages: number): number
}

const ALIGNMENT = 16
const PAGE = 65536

/**
 * Who asks for what in one linear memory: first fit in a list of free pieces, which grow together again when they are
 * given back. Growing the memory makes a new buffer: views are asked for when they are used (`view`), never kept.
 */
export class Arena {
  private readonly memory: GrowableMemory
  /** Free pieces [start, end) by address, none touching the next. */
  private readonly free: { start: number; end: number }[]
  private readonly forgotten: FinalizationRegistry<Allocation>

  /** Hands out memory from `base` upwards. */
  constructor(memory: GrowableMemory, base: number) {
    this.memory = memory
    const start = alignUp(base)
    this.free = [{ start, end: memory.buffer.byteLength }]
    this.forgotten = new FinalizationRegistry((allocation) => this.release(allocation))
  }

  get buffer(): ArrayBuffer {
    return this.memory.buffer
  }

  /** Bytes that are free, in all pieces. */
  get freeBytes(): number {
    return this.free.reduce((sum, { start, end }) => sum + end - start, 0)
  }

  /**
   * A piece for as long as `owner` lives: it is given back when the owner is collected. Null when the memory cannot grow
   * that far. It is zero, or, where `clear` is false, holds whatever was there before.
   */
  allocate(bytes: number, owner: object, clear = true): Allocation | null {
    const length = alignUp(Math.max(1, bytes))
    const piece = this.find(length) ?? (this.grow(length) ? this.find(length) : null)
    if (piece === null) return null
    const allocation = { offset: piece.start, bytes: length }
    piece.start += length
    if (piece.start === piece.end) this.free.splice(this.free.indexOf(piece), 1)
    if (clear) new Uint8Array(this.buffer, allocation.offset, length).fill(0)
    this.forgotten.register(owner, allocation, allocation)
    return allocation
  }

  /** Gives a piece back before its owner is collected; the owner must not use it again. */
  giveBack(allocation: Allocation): void {
    if (!this.forgotten.unregister(allocation))
      throw new UsageError('arena: this piece was not handed out by this arena')
    this.release(allocation)
  }

  private find(length: number): { start: number; end: number } | null {
    return this.free.find(({ start, end }) => end - start >= length) ?? null
  }

  private grow(length: number): boolean {
    const end = this.buffer.byteLength
    const last = this.free.at(-1)
    const usable = last && last.end === end ? end - last.start : 0
    // At least a quarter more, so that many small requests do not each copy the memory's views.
    const pages = Math.ceil(Math.max(length - usable, end / 4) / PAGE)
    try {
      this.memory.grow(pages)
    } catch {
      return false
    }
    this.release({ offset: end, bytes: pages * PAGE })
    return true
  }

  private release({ offset, bytes }: Allocation): void {
    const end = offset + bytes
    const next = this.free.findIndex(({ start }) => start >= offset)
    const at = next < 0 ? this.free.length : next
    this.free.splice(at, 0, { start: offset, end })
    this.join(at)
    if (at > 0) this.join(at - 1)
  }

  /** Makes one piece of the pieces at `at` and behind it where they touch. */
  private join(at: number): void {
    const piece = this.free[at]
    const next = this.free[at + 1]
    if (!next || piece.end !== next.start) return
    piece.end = next.end
    this.free.splice(at + 1, 1)
  }
}

function alignUp(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT
}
