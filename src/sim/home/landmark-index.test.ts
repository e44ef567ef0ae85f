import { describe, expect, it } from 'vitest'
import { Random } from '../../numeric/index.ts'
import { home } from '../home.ts'
import { LandmarkIndex } from './landmark-index.ts'

describe('the index of landmarks', () => {
  it('leaves out none that lies in the wedge and has the size, and most of the others', () => {
    const { landmarks, bounds } = home({ seed: 6, density: 3 })
    const { count, positions, sizes } = landmarks
    const index = new LandmarkIndex(landmarks)
    const random = new Random(1)
    let [wanted, given] = [0, 0]
    for (let i = 0; i < 60; i++) {
      const [x, y] = [random.uniform(bounds[0], bounds[2]), random.uniform(bounds[1], bounds[3])]
      const angle = random.uniform(-Math.PI, Math.PI)
      const [dx, dy] = [Math.cos(angle), Math.sin(angle)]
      const out: number[] = []
      index.inWedge(x, y, dx, dy, 0.9, 8, 0.009, 0.037, out)
      expect(new Set(out).size).toBe(out.length)
      const found = new Set(out)
      given += out.length
      for (let l = 0; l < count; l++) {
        const [ex, ey] = [positions[3 * l] - x, positions[3 * l + 1] - y]
        const ahead = dx * ex + dy * ey
        const inside = ahead > 0 && ahead < 8 && Math.abs(dx * ey - dy * ex) < 0.9 * ahead
        if (!inside || sizes[l] < 0.009 * ahead || sizes[l] > 0.037 * ahead) continue
        wanted++
        expect(found.has(l)).toBe(true)
      }
    }
    expect(wanted).toBeGreaterThan(1000)
    expect(given).toBeLessThan(60 * 0.4 * count)
    const all: number[] = []
    index.all(all)
    expect(all.sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, l) => l))
  })
})
