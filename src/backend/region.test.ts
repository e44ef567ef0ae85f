import { describe, expect, it } from 'vitest'
import { Arena } from './arena.ts'
import { MemoryError, Region } from './region.ts'

const PAGE = 65536

/** A memory of a number of pages that grows up to another. */
function memory(pages: number, most: number): { buffer: ArrayBuffer; grow(by: number): number } {
  return {
    buffer: new ArrayBuffer(pages * PAGE),
    grow(by: number): number {
      const old = this.buffer
      const length = old.byteLength + by * PAGE
      if (length > most * PAGE) throw new RangeError('no more')
      this.buffer = new ArrayBuffer(length)
      new Uint8Array(this.buffer).set(new Uint8Array(old))
      structuredClone(old, { transfer: [old] }) // as WebAssembly does: old views have length 0
      return old.byteLength / PAGE
    },
  }
}

describe('a region of the linear memory', () => {
  it('keeps its numbers when the memory grows under it', () => {
    const region = new Region(new Arena(memory(1, 8), 4096))
    const numbers = region.float64(3)
    numbers.view.set([1, 2, 3])
    const before = numbers.view
    expect(numbers.view).toBe(before)
    region.float64((2 * PAGE) / 8)
    expect(before.length).toBe(0)
    expect([...numbers.view]).toEqual([1, 2, 3])
    expect(numbers.view.byteOffset).toBe(numbers.address)
  })

  it('gives everything back at once, and says so to who comes late', () => {
    const arena = new Arena(memory(1, 1), 4096)
    const free = arena.freeBytes
    const region = new Region(arena)
    const numbers = region.float64(5)
    const table = region.constants(Int32Array.of(4, 5, 6))
    expect([...new Int32Array(arena.buffer, table, 3)]).toEqual([4, 5, 6])
    expect(numbers.view.length).toBe(5)
    region.close()
    region.close()
    expect(arena.freeBytes).toBe(free)
    expect(() => numbers.view).toThrow('an array in the linear memory was used after its region was closed')
    expect(() => region.float64(1)).toThrow('this region of the linear memory is closed')
  })

  it('names the bytes that there are not', () => {
    const region = new Region(new Arena(memory(1, 1), 4096))
    expect(() => region.float64(PAGE)).toThrow(MemoryError)
    expect(() => region.float64(PAGE)).toThrow('no 524288 bytes more in a linear memory of 65536')
  })
})
