import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { UsageError } from '../numeric/index.ts'
import { type Allocation, Arena } from './arena.ts'

/** A memory as WebAssembly has it: growing copies it into a new buffer; `pages` is all there is. */
class Memory {
  buffer: ArrayBuffer = new ArrayBuffer(65536)
  private readonly pages: number

  constructor(pages = 64) {
    this.pages = pages
  }

  grow(more: number): number {
    const before = this.buffer.byteLength / 65536
    if (before + more > this.pages) throw new RangeError('out of memory')
    const next = new Uint8Array((before + more) * 65536)
    next.set(new Uint8Array(this.buffer))
    this.buffer = next.buffer
    return before
  }
}

describe('Arena', () => {
  it('hands out pieces that do not meet, aligned, zero, and keeps what is written in them', () => {
    const command = fc.oneof(
      fc.record({ take: fc.integer({ min: 0, max: 40000 }) }),
      fc.record({ giveBack: fc.nat(20) }),
    )
    fc.assert(
      fc.property(fc.array(command, { maxLength: 60 }), (commands) => {
        const arena = new Arena(new Memory(), 100)
        const owners: object[] = []
        const held: { piece: Allocation; mark: number }[] = []
        commands.forEach((c, index) => {
          if ('take' in c) {
            const owner = {}
            owners.push(owner)
            const piece = arena.allocate(c.take, owner)
            if (!piece) return
            const bytes = new Uint8Array(arena.buffer, piece.offset, piece.bytes)
            expect(piece.offset % 16).toBe(0)
            expect(piece.offset).toBeGreaterThanOrEqual(100)
            expect(piece.bytes).toBeGreaterThanOrEqual(c.take)
            expect(bytes.every((b) => b === 0)).toBe(true)
            bytes.fill(1 + (index % 255))
            held.push({ piece, mark: 1 + (index % 255) })
          } else if (held.length > 0) {
            const [{ piece }] = held.splice(c.giveBack % held.length, 1)
            arena.giveBack(piece)
          }
        })
        for (const { piece, mark } of held)
          expect(new Uint8Array(arena.buffer, piece.offset, piece.bytes).every((b) => b === mark)).toBe(true)
        const used = held.reduce((sum, { piece }) => sum + piece.bytes, 0)
        expect(arena.freeBytes).toBe(arena.buffer.byteLength - 112 - used)
        for (const { piece } of held) arena.giveBack(piece)
        // All of it is one piece again: no growing is needed to ask for everything.
        const size = arena.buffer.byteLength
        expect(arena.allocate(size - 112, owners)).not.toBeNull()
        expect(arena.buffer.byteLength).toBe(size)
      }),
    )
  })

  it('says when the memory cannot grow, and refuses what is not its own', () => {
    const arena = new Arena(new Memory(2), 0)
    const owner = {}
    expect(arena.allocate(3 * 65536, owner)).toBeNull()
    const piece = arena.allocate(65536, owner)
    if (!piece) throw new Error('there are two pages')
    arena.giveBack(piece)
    expect(() => arena.giveBack(piece)).toThrow(UsageError)
  })
})
