import type { Landmarks } from './textures.ts'

/** Side of a cell, metres, and half of its diagonal. */
const side = 1
const reach = side * Math.SQRT1_2

/** Landmarks by square metres of the floor, so that a camera asks only those near its line of sight. */
export class LandmarkIndex {
  /** Middles of the cells that hold landmarks: cells × (x, y). */
  private readonly middles: Float64Array
  /** Landmarks of cell c: order[start[c]] … order[start[c + 1] − 1], ascending. */
  private readonly start: Int32Array
  private readonly order: Int32Array

  constructor({ count, positions }: Landmarks) {
    const cells = new Map<number, number[]>()
    for (let i = 0; i < count; i++) {
      const key = Math.floor(positions[3 * i] / side) * 4096 + Math.floor(positions[3 * i + 1] / side)
      const list = cells.get(key)
      if (list) list.push(i)
      else cells.set(key, [i])
    }
    const lists = [...cells.entries()].sort(([a], [b]) => a - b)
    this.middles = new Float64Array(2 * lists.length)
    this.start = new Int32Array(lists.length + 1)
    this.order = new Int32Array(count)
    lists.forEach(([key, list], c) => {
      const row = key - Math.floor(key / 4096) * 4096
      this.middles[2 * c] = (Math.floor(key / 4096) + 0.5) * side
      this.middles[2 * c + 1] = (row + 0.5) * side
      this.order.set(list, this.start[c])
      this.start[c + 1] = this.start[c] + list.length
    })
  }

  /**
   * Appends the landmarks of all cells that may lie in the wedge from (x, y) along the unit vector (dx, dy), up to `farthest`
   * metres and `slope` metres to either side per metre ahead; with slope ∞ those of all cells.
   */
  inWedge(x: number, y: number, dx: number, dy: number, slope: number, farthest: number, out: number[]): void {
    const { middles, start, order } = this
    const wide = reach * (1 + slope)
    for (let c = 0; c + 1 < start.length; c++) {
      const [ex, ey] = [middles[2 * c] - x, middles[2 * c + 1] - y]
      const ahead = dx * ex + dy * ey
      const aside = Math.abs(dx * ey - dy * ex)
      if (slope < Infinity && (ahead < -reach || ahead > farthest + reach || aside > slope * Math.max(0, ahead) + wide))
        continue
      for (let k = start[c]; k < start[c + 1]; k++) out.push(order[k])
    }
  }
}
