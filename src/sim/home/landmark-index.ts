import type { Landmarks } from './textures.ts'

/** Side of a cell, metres, and half of its diagonal. */
const side = 1
const reach = side * Math.SQRT1_2

/** Landmarks by square metres of the floor, so that a camera asks only those near its line of sight. */
export class LandmarkIndex {
  /** Middles of the cells that hold landmarks: cells × (x, y). */
  private readonly middles: Float64Array
  /** Landmarks of cell c: order[start[c]] … order[start[c + 1] − 1], small ones first. */
  private readonly start: Int32Array
  private readonly order: Int32Array
  /** Metres, in the same order. */
  private readonly sizes: Float64Array

  constructor({ count, positions, sizes }: Landmarks) {
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
      list.sort((a, b) => sizes[a] - sizes[b] || a - b)
      this.order.set(list, this.start[c])
      this.start[c + 1] = this.start[c] + list.length
    })
    this.sizes = Float64Array.from(this.order, (i) => sizes[i])
  }

  /**
   * Appends the landmarks that may lie in the wedge from (x, y) along the unit vector (dx, dy), up to `farthest` metres and
   * `slope` metres to either side per metre ahead, and look as large as size / distance from `least` to `most`.
   */
  inWedge(
    x: number,
    y: number,
    dx: number,
    dy: number,
    slope: number,
    farthest: number,
    least: number,
    most: number,
    out: number[],
  ): void {
    const { middles, start, order, sizes } = this
    const wide = reach * (1 + slope)
    for (let c = 0; c + 1 < start.length; c++) {
      const [ex, ey] = [middles[2 * c] - x, middles[2 * c + 1] - y]
      const ahead = dx * ex + dy * ey
      if (ahead < -reach || ahead > farthest + reach) continue
      if (Math.abs(dx * ey - dy * ex) > slope * Math.max(0, ahead) + wide) continue
      const smallest = least * (ahead - reach - tilt)
      const largest = most * (ahead + reach + tilt)
      for (let k = start[c]; k < start[c + 1]; k++) {
        if (sizes[k] > largest) break
        if (sizes[k] >= smallest) out.push(order[k])
      }
    }
  }

  /** Appends all. */
  all(out: number[]): void {
    for (const landmark of this.order) out.push(landmark)
  }
}

/** How much distances along the floor and along a line of sight that is nearly level may differ, metres. */
const tilt = 0.3
