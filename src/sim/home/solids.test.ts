import { describe, expect, it } from 'vitest'
import { Random } from '../../numeric/index.ts'
import { clearanceAt, freeSpace } from './free-space.ts'
import { Solids } from './solids.ts'

function someBoxes(random: Random, count: number): Float64Array {
  const boxes: number[] = []
  for (let b = 0; b < count; b++) {
    const [x, y, z] = [random.uniform(0, 9), random.uniform(0, 6), random.uniform(0, 2)]
    const thin = random.next() < 0.3 ? 0.01 : 1
    boxes.push(
      x,
      y,
      z,
      x + thin * random.uniform(0.05, 1.5),
      y + random.uniform(0.05, 1.5),
      z + random.uniform(0.05, 1),
    )
  }
  return Float64Array.from(boxes)
}

/** Another road: the line is cut by the six planes one after another, and something remains or not. */
function clipped(boxes: Float64Array, a: readonly number[], b: readonly number[]): boolean {
  for (let box = 0; box < boxes.length; box += 6) {
    let pieces: [number, number] | null = [0, 1]
    for (let k = 0; k < 3 && pieces; k++)
      for (const [bound, sign] of [
        [boxes[box + k], 1],
        [boxes[box + k + 3], -1],
      ] as const) {
        if (!pieces) break
        const inside = (t: number): number => sign * (a[k] + t * (b[k] - a[k]) - bound)
        const [p, q]: [number, number] = [inside(pieces[0]), inside(pieces[1])]
        if (p < 0 && q < 0) pieces = null
        else if (p < 0) pieces = [pieces[0] + ((pieces[1] - pieces[0]) * p) / (p - q), pieces[1]]
        else if (q < 0) pieces = [pieces[0], pieces[0] + ((pieces[1] - pieces[0]) * p) / (p - q)]
      }
    if (pieces) return true
  }
  return false
}

describe('Solids', () => {
  it('sees through exactly where clipping against every box does', () => {
    const random = new Random(1)
    let blocked = 0
    for (let world = 0; world < 20; world++) {
      const boxes = someBoxes(random, world * 2)
      const solids = new Solids(boxes)
      for (let i = 0; i < 200; i++) {
        const a = [random.uniform(-1, 10), random.uniform(-1, 8), random.uniform(0, 3)]
        const b = [random.uniform(-1, 10), random.uniform(-1, 8), random.uniform(0, 3)]
        if (i % 4 === 1) b[0] = a[0] // along the grid
        if (i % 4 === 2) b[1] = a[1]
        if (i % 8 === 3) b[2] = a[2]
        const expected = clipped(boxes, a, b)
        if (expected) blocked++
        const message = `world ${world}, line ${i}`
        expect(solids.blocked(a[0], a[1], a[2], b[0], b[1], b[2]), message).toBe(expected)
        expect(solids.blocked(b[0], b[1], b[2], a[0], a[1], a[2]), message).toBe(expected)
      }
    }
    expect(blocked).toBeGreaterThan(500) // both answers are frequent
    expect(blocked).toBeLessThan(3200)
  })

  it('contains what one of its boxes contains', () => {
    const random = new Random(2)
    const boxes = someBoxes(random, 25)
    const solids = new Solids(boxes)
    for (let i = 0; i < 2000; i++) {
      const p = [random.uniform(-1, 10), random.uniform(-1, 8), random.uniform(0, 3)]
      let inside = false
      for (let b = 0; b < boxes.length; b += 6)
        inside ||= [0, 1, 2].every((k) => p[k] >= boxes[b + k] && p[k] <= boxes[b + k + 3])
      expect(solids.contains(p[0], p[1], p[2])).toBe(inside)
    }
  })
})

describe('free space', () => {
  it('never promises more room than there is, and no less than two cells short of it', () => {
    const random = new Random(3)
    const boxes = someBoxes(random, 12)
    const space = freeSpace(new Solids(boxes), [0, 0, 10, 8])
    let compared = 0
    for (let i = 0; i < 3000; i++) {
      const [x, y] = [random.uniform(0, 10), random.uniform(0, 8)]
      let exact = Number.POSITIVE_INFINITY
      for (let b = 0; b < boxes.length; b += 6) {
        if (boxes[b + 2] > 1.1) continue // hangs above the robot
        const dx = Math.max(0, boxes[b] - x, x - boxes[b + 3])
        const dy = Math.max(0, boxes[b + 1] - y, y - boxes[b + 4])
        exact = Math.min(exact, Math.sqrt(dx * dx + dy * dy))
      }
      const promised = clearanceAt(space, x, y)
      expect(promised).toBeLessThanOrEqual(exact + 1e-12)
      expect(promised).toBeGreaterThan(exact - 3 * Math.SQRT2 * space.cell)
      compared++
    }
    expect(compared).toBe(3000)
    expect(clearanceAt(space, -1, 3)).toBeLessThan(0)
    expect(clearanceAt(space, Number.NaN, 3)).toBeLessThan(0)
  })
})
