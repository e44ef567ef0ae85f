import type { Solids } from './solids.ts'

/** Where a robot can stand: a grid over the floor with the distance to the nearest thing. */
export interface FreeSpace {
  readonly x0: number
  readonly y0: number
  /** Side of a cell, metres. */
  readonly cell: number
  readonly columns: number
  readonly rows: number
  /** From the middle of each cell to the middle of the nearest cell that something stands in, metres. */
  readonly clearance: Float64Array
}

/** Things that hang higher than this do not stop a robot. Metres. */
const robotHeight = 1.1

/** The free space among solids, over the rectangle of bounds. The open air around a home is free too; walls part it from the rooms. */
export function freeSpace(solids: Solids, bounds: readonly [number, number, number, number], cell = 0.05): FreeSpace {
  const [x0, y0, x1, y1] = bounds
  const columns = Math.ceil((x1 - x0) / cell)
  const rows = Math.ceil((y1 - y0) / cell)
  const squared = new Float64Array(columns * rows).fill(far)
  const { boxes } = solids
  for (let b = 0; b < boxes.length; b += 6) {
    if (boxes[b + 2] > robotHeight) continue
    const column = (x: number): number => Math.floor((x - x0) / cell)
    const row = (y: number): number => Math.floor((y - y0) / cell)
    for (let r = Math.max(0, row(boxes[b + 1])); r <= Math.min(rows - 1, row(boxes[b + 4])); r++)
      for (let c = Math.max(0, column(boxes[b])); c <= Math.min(columns - 1, column(boxes[b + 3])); c++)
        squared[r * columns + c] = 0
  }
  distanceTransform(squared, columns, rows)
  return { x0, y0, cell, columns, rows, clearance: squared.map((d) => cell * Math.sqrt(d)) }
}

const far = 1e12

/**
 * A lower bound of the distance from (x, y) to the nearest thing: the clearance of its cell less half a diagonal at either
 * end. Negative where something may stand, and outside of the grid.
 */
export function clearanceAt({ x0, y0, cell, columns, rows, clearance }: FreeSpace, x: number, y: number): number {
  const column = Math.floor((x - x0) / cell)
  const row = Math.floor((y - y0) / cell)
  if (!(column >= 0 && row >= 0 && column < columns && row < rows)) return -cell
  return clearance[row * columns + column] - cell * Math.SQRT2
}

/**
 * Squared distances to the nearest zero, in cells, exactly (P. Felzenszwalb and D. Huttenlocher, "Distance transforms of
 * sampled functions", Theory of Computing 8, 2012): columns first, then rows, each by the lower envelope of parabolas.
 */
function distanceTransform(f: Float64Array, columns: number, rows: number): void {
  const longest = Math.max(columns, rows)
  const line = new Float64Array(longest)
  const vertex = new Int32Array(longest)
  const border = new Float64Array(longest + 1)
  const transform = (at: number, stride: number, n: number): void => {
    for (let i = 0; i < n; i++) line[i] = f[at + i * stride]
    let k = 0
    vertex[0] = 0
    border[0] = -Infinity
    border[1] = Infinity
    for (let q = 1; q < n; q++) {
      // Where the parabola of q meets that of v: ((f(q) + q²) − (f(v) + v²)) / (2q − 2v)
      const meet = (v: number): number => (line[q] + q * q - (line[v] + v * v)) / (2 * (q - v))
      let s = meet(vertex[k])
      while (s <= border[k]) s = meet(vertex[--k])
      vertex[++k] = q
      border[k] = s
      border[k + 1] = Infinity
    }
    k = 0
    for (let q = 0; q < n; q++) {
      while (border[k + 1] < q) k++
      const v = vertex[k]
      f[at + q * stride] = (q - v) * (q - v) + line[v]
    }
  }
  for (let c = 0; c < columns; c++) transform(c, columns, rows)
  for (let r = 0; r < rows; r++) transform(r * columns, 1, columns)
}

/**
 * Cells that a robot of this radius reaches from the point: 1 where it does. Empty where it cannot stand at the point.
 */
export function reachable(space: FreeSpace, radius: number, x: number, y: number): Uint8Array {
  const { x0, y0, cell, columns, rows, clearance } = space
  const reached = new Uint8Array(columns * rows)
  const start = Math.floor((y - y0) / cell) * columns + Math.floor((x - x0) / cell)
  const least = radius + cell * Math.SQRT2
  if (!(clearance[start] >= least)) return reached
  const stack = [start]
  reached[start] = 1
  for (let c = stack.pop(); c !== undefined; c = stack.pop()) {
    const column = c % columns
    for (const n of [column > 0 ? c - 1 : -1, column < columns - 1 ? c + 1 : -1, c - columns, c + columns])
      if (n >= 0 && n < reached.length && reached[n] === 0 && clearance[n] >= least) {
        reached[n] = 1
        stack.push(n)
      }
  }
  return reached
}
