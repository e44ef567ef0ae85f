import { describe, expect, it } from 'vitest'
import { UsageError } from '../numeric/index.ts'
import { hammingDistance } from './home/descriptors.ts'
import { quarterTurn, type Room } from './home/floor-plan.ts'
import { reachable } from './home/free-space.ts'
import { homeSvg } from './home/home-svg.ts'
import { type Home, home, largestRobot, roomAt } from './home.ts'

/** Few landmarks: these tests are about rooms. */
const homes: Home[] = Array.from({ length: 110 }, (_, i) => home({ seed: i + 1, density: 0.5 }))

describe('a hundred homes', () => {
  it('have 4 to 10 rooms, of which no two share floor', () => {
    for (const { rooms, seed } of homes) {
      expect(rooms.length, `seed ${seed}`).toBeGreaterThanOrEqual(4)
      expect(rooms.length, `seed ${seed}`).toBeLessThanOrEqual(10)
      for (const [i, { rectangle: a }] of rooms.entries())
        for (const { rectangle: b } of rooms.slice(0, i)) {
          const apart = a[0] >= b[2] || b[0] >= a[2] || a[1] >= b[3] || b[1] >= a[3]
          expect(apart, `seed ${seed}`).toBe(true)
        }
    }
    expect(new Set(homes.map(({ rooms }) => rooms.length)).size).toBe(7)
  })

  it('are distinct in their rooms alone', () => {
    expect(new Set(homes.map(({ rooms }) => JSON.stringify(rooms.map(({ rectangle }) => rectangle)))).size).toBe(110)
  })

  it('are connected: doors join all rooms', () => {
    for (const { rooms, doors, seed } of homes) {
      const joined = new Set([0])
      for (const _ of rooms)
        for (const { rooms: pair } of doors)
          if (pair.some((room) => joined.has(room))) for (const room of pair) joined.add(room)
      expect(joined.size, `seed ${seed}`).toBe(rooms.length)
    }
  })

  it('let the largest robot into every room', () => {
    for (const { rooms, doors, free, seed } of homes) {
      const reached = reachable(free, largestRobot, doors[0].x, doors[0].y)
      for (const { name, rectangle } of rooms) {
        let cells = 0
        for (let c = 0; c < reached.length; c++) {
          const x = free.x0 + ((c % free.columns) + 0.5) * free.cell
          const y = free.y0 + (Math.floor(c / free.columns) + 0.5) * free.cell
          const inside = x > rectangle[0] && x < rectangle[2] && y > rectangle[1] && y < rectangle[3]
          if (inside && reached[c] === 1) cells++
        }
        // Its middle may stand on a quarter of a square metre at least.
        expect(cells * free.cell ** 2, `seed ${seed}, ${name}`).toBeGreaterThan(0.25)
      }
    }
  })

  it('have rooms that look alike in the share that was asked for, within four standard errors', () => {
    const share = homes.filter(({ rooms }) => rooms.some(({ twin }) => twin >= 0)).length / homes.length
    expect(Math.abs(share - 0.6)).toBeLessThan(4 * Math.sqrt((0.6 * 0.4) / homes.length))
    for (const { rooms } of homes)
      rooms.forEach(({ twin, size, kind }, i) => {
        if (twin < 0) return
        expect(rooms[twin].twin).toBe(i)
        expect(rooms[twin].kind).toBe(kind)
        for (const k of [0, 1]) expect(rooms[twin].size[k]).toBeCloseTo(size[k], 12)
      })
  })

  it('furniture stands in its room, clear of other furniture', () => {
    for (const { rooms, furniture, seed } of homes)
      for (const [i, { room, footprint: a }] of furniture.entries()) {
        const [x0, y0, x1, y1] = rooms[room].rectangle
        const inside = a[0] >= x0 && a[1] >= y0 && a[2] <= x1 && a[3] <= y1
        const apart = furniture
          .slice(0, i)
          .every(({ footprint: b }) => a[0] >= b[2] || b[0] >= a[2] || a[1] >= b[3] || b[1] >= a[3])
        expect([inside, apart], `seed ${seed}`).toEqual([true, true])
      }
    const mean = homes.reduce((sum, { furniture, rooms }) => sum + furniture.length / rooms.length, 0) / homes.length
    expect(mean).toBeGreaterThan(2.5)
  })
})

/** Landmarks of a room in the room's own frame: x, y, z rows. */
function inRoom({ landmarks, rooms }: Home, index: number): { at: [number, number, number]; landmark: number }[] {
  const { origin, turns }: Room = rooms[index]
  const rows = []
  for (let i = 0; i < landmarks.count; i++) {
    if (landmarks.rooms[i] !== index) continue
    const [x, y, z] = landmarks.positions.subarray(3 * i, 3 * i + 3)
    const [rx, ry] = quarterTurn(x - origin[0], y - origin[1], -turns)
    rows.push({ at: [rx, ry, z] as [number, number, number], landmark: i })
  }
  return rows
}

describe('landmarks', () => {
  const world = home({ seed: 1, density: 6 })
  const { landmarks, solids } = world

  it('lie in the air of their room, just in front of something', () => {
    for (let i = 0; i < landmarks.count; i += 7) {
      const [x, y, z] = landmarks.positions.subarray(3 * i, 3 * i + 3)
      const [nx, ny, nz] = landmarks.normals.subarray(3 * i, 3 * i + 3)
      expect(nx * nx + ny * ny + nz * nz).toBe(1)
      expect(solids.contains(x, y, z)).toBe(false)
      expect(roomAt(world, x, y)).toBe(landmarks.rooms[i])
      const [bx, by, bz] = [x - 0.004 * nx, y - 0.004 * ny, z - 0.004 * nz]
      expect(solids.contains(bx, by, bz) || bz < 0 || bz > world.height).toBe(true)
    }
    expect(landmarks.count).toBeGreaterThan(3000)
  })

  it('of twin rooms are copies: most at the same place with nearly the same bits', () => {
    const twin = world.rooms.findIndex(({ twin }, i) => twin > i)
    expect(twin).toBeGreaterThanOrEqual(0)
    const first = inRoom(world, twin)
    const second = new Map(
      inRoom(world, world.rooms[twin].twin).map((row) => [row.at.map((x) => x.toFixed(6)).join(), row]),
    )
    let [same, alike] = [0, 0]
    for (const { at, landmark } of first) {
      const copy = second.get(at.map((x) => x.toFixed(6)).join())
      if (!copy) continue
      same++
      expect(landmarks.strengths[copy.landmark]).toBe(landmarks.strengths[landmark])
      if (hammingDistance(landmarks.descriptors, 8 * landmark, landmarks.descriptors, 8 * copy.landmark) < 25) alike++
    }
    expect(same / first.length).toBeGreaterThan(0.78) // 15 % are the copy's own
    expect(same / first.length).toBeLessThan(0.92)
    expect(alike / same).toBeGreaterThan(0.99)
  })

  it('are the same for the same seed, bit by bit, and others for another', () => {
    const again = home({ seed: 1, density: 6 })
    expect(again.landmarks.positions).toEqual(landmarks.positions)
    expect(again.landmarks.descriptors).toEqual(landmarks.descriptors)
    expect(again.solids.boxes).toEqual(solids.boxes)
    expect(home({ seed: 2, density: 0.5 }).solids.boxes).not.toEqual(solids.boxes)
  })

  it('asks for shares and densities that can be', () => {
    expect(() => home({ lookAlike: 1.5 })).toThrow(UsageError)
    expect(() => home({ density: 0 })).toThrow('density')
    expect(() => home({ seed: 0.5 })).toThrow('seed')
  })
})

describe('homeSvg', () => {
  it('draws every room by name, every piece, doors and the path; the same text every time', () => {
    const path = [1, 1, 2, 1, 2, 2]
    const svg = homeSvg(homes[1], { path, others: [{ path, colour: '#f00', name: 'odometry <1>' }], landmarks: true })
    for (const { name } of homes[1].rooms) expect(svg).toContain(`>${name}</text>`)
    expect(svg.match(/<g transform/g)).toHaveLength(homes[1].furniture.length)
    expect(svg).toContain('odometry &lt;1>')
    expect(svg).not.toMatch(/NaN|Infinity|undefined/)
    expect(svg.match(/<(g|text|svg)\b/g)!.length).toBe(svg.match(/<\/(g|text|svg)>/g)!.length)
    expect(homeSvg(homes[1])).toBe(homeSvg(home({ seed: 2, density: 0.5 })))
  })
})
