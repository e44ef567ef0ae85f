import { describe, expect, it } from 'vitest'
import { Random } from '../../numeric/index.ts'
import { home } from '../home.ts'
import { roomsInSight } from './sight.ts'

describe('rooms in sight', () => {
  it('hold every landmark that is not hidden, from anywhere, and leave out much of the rest', () => {
    const random = new Random(1)
    let [seen, shut, all] = [0, 0, 0]
    for (let seed = 1; seed <= 25; seed++) {
      const { rooms, doors, solids, landmarks, bounds } = home({ seed, density: 0.5 })
      const open = new Uint8Array(rooms.length)
      for (let i = 0; i < 40; i++) {
        const door = doors[random.integer(doors.length)]
        // Every fourth time in a doorway.
        const near = i % 4 === 0
        const x = near ? door.x + random.uniform(-0.06, 0.06) : random.uniform(bounds[0], bounds[2])
        const y = near ? door.y + random.uniform(-0.06, 0.06) : random.uniform(bounds[1], bounds[3])
        if (
          solids.contains(x, y, 0.45) ||
          !rooms.some(({ rectangle: r }) => x > r[0] && x < r[2] && y > r[1] && y < r[3])
        )
          continue
        roomsInSight(rooms, doors, x, y, open)
        for (let l = random.integer(7); l < landmarks.count; l += 7) {
          const [lx, ly, lz] = landmarks.positions.subarray(3 * l, 3 * l + 3)
          all++
          if (open[landmarks.rooms[l]] === 0) shut++
          if (solids.blocked(x, y, 0.45, lx, ly, lz)) continue
          seen++
          expect(open[landmarks.rooms[l]] === 1, `home ${seed}, (${x}, ${y}), landmark ${l}`).toBe(true)
        }
      }
    }
    expect(seen).toBeGreaterThan(5000)
    expect(shut / all).toBeGreaterThan(0.25)
  })
})
