/**
 * What cannot be seen through: boxes with sides along the axes, found by a grid over the floor. A box is six numbers
 * (x0, y0, z0, x1, y1, z1), metres; the floor (z ≤ 0) and the ceiling are solid without boxes.
 */
export class Solids {
  /** boxes × 6 */
  readonly boxes: Float64Array
  private readonly x0: number
  private readonly y0: number
  private readonly columns: number
  private readonly rows: number
  /** Boxes of cell c: list[start[c]] … list[start[c + 1] − 1]. */
  private readonly start: Int32Array
  private readonly list: Int32Array
  /** The last question in which a box was tried, so that none is tried twice. */
  private readonly asked: Int32Array
  private question = 0

  constructor(boxes: Float64Array) {
    this.boxes = boxes
    let [x0, y0, x1, y1] = [Infinity, Infinity, -Infinity, -Infinity]
    for (let b = 0; b < boxes.length; b += 6) {
      x0 = Math.min(x0, boxes[b])
      y0 = Math.min(y0, boxes[b + 1])
      x1 = Math.max(x1, boxes[b + 3])
      y1 = Math.max(y1, boxes[b + 4])
    }
    if (boxes.length === 0) [x0, y0, x1, y1] = [0, 0, 0, 0]
    this.x0 = x0
    this.y0 = y0
    this.columns = Math.floor((x1 - x0) / cell) + 1
    this.rows = Math.floor((y1 - y0) / cell) + 1
    this.start = new Int32Array(this.columns * this.rows + 1)
    this.asked = new Int32Array(boxes.length / 6)
    // Count, sum, fill.
    this.eachCell((c) => this.start[c + 1]++)
    for (let c = 1; c < this.start.length; c++) this.start[c] += this.start[c - 1]
    this.list = new Int32Array(this.start[this.start.length - 1])
    const next = this.start.slice()
    this.eachCell((c, box) => {
      this.list[next[c]++] = box
    })
  }

  /** Whether the straight line from a to b meets a box, ends included. */
  blocked(ax: number, ay: number, az: number, bx: number, by: number, bz: number): boolean {
    const question = ++this.question
    const dx = bx - ax
    const dy = by - ay
    let column = this.columnOf(ax)
    let row = this.rowOf(ay)
    const lastColumn = this.columnOf(bx)
    const lastRow = this.rowOf(by)
    const stepX = dx > 0 ? 1 : -1
    const stepY = dy > 0 ? 1 : -1
    // J. Amanatides and A. Woo, "A fast voxel traversal algorithm for ray tracing", Eurographics 1987, in the plane.
    const perX = Math.abs(cell / dx)
    const perY = Math.abs(cell / dy)
    let nextX = column === lastColumn ? Infinity : (this.x0 + (column + (dx > 0 ? 1 : 0)) * cell - ax) / dx
    let nextY = row === lastRow ? Infinity : (this.y0 + (row + (dy > 0 ? 1 : 0)) * cell - ay) / dy
    for (;;) {
      const c = row * this.columns + column
      for (let k = this.start[c]; k < this.start[c + 1]; k++) {
        const box = this.list[k]
        if (this.asked[box] === question) continue
        this.asked[box] = question
        if (meetsBox(this.boxes, 6 * box, ax, ay, az, dx, dy, bz - az)) return true
      }
      if (column === lastColumn && row === lastRow) return false
      if (nextX <= nextY) {
        column += stepX
        nextX = column === lastColumn ? Infinity : nextX + perX
      } else {
        row += stepY
        nextY = row === lastRow ? Infinity : nextY + perY
      }
    }
  }

  /** Whether the point lies in a box, its surface included. */
  contains(x: number, y: number, z: number): boolean {
    const c = this.rowOf(y) * this.columns + this.columnOf(x)
    for (let k = this.start[c]; k < this.start[c + 1]; k++) {
      const b = 6 * this.list[k]
      const { boxes } = this
      if (x >= boxes[b] && x <= boxes[b + 3] && y >= boxes[b + 1] && y <= boxes[b + 4])
        if (z >= boxes[b + 2] && z <= boxes[b + 5]) return true
    }
    return false
  }

  private columnOf(x: number): number {
    return Math.min(this.columns - 1, Math.max(0, Math.floor((x - this.x0) / cell)))
  }

  private rowOf(y: number): number {
    return Math.min(this.rows - 1, Math.max(0, Math.floor((y - this.y0) / cell)))
  }

  private eachCell(visit: (c: number, box: number) => void): void {
    for (let box = 0; 6 * box < this.boxes.length; box++) {
      const b = 6 * box
      // A hair wider, so that rounding in the walk over cells misses nothing at their borders.
      const [left, right] = [this.columnOf(this.boxes[b] - hair), this.columnOf(this.boxes[b + 3] + hair)]
      const [low, high] = [this.rowOf(this.boxes[b + 1] - hair), this.rowOf(this.boxes[b + 4] + hair)]
      for (let row = low; row <= high; row++)
        for (let column = left; column <= right; column++) visit(row * this.columns + column, box)
    }
  }
}

/** Sides of the cells, metres: about the size of furniture, so that few cells are walked and few boxes tried. */
const cell = 0.4
const hair = 1e-6

/** Whether a + t d, t in [0, 1], meets the box at `b`: the three intervals of t between its pairs of planes overlap. */
function meetsBox(
  boxes: Float64Array,
  b: number,
  ax: number,
  ay: number,
  az: number,
  dx: number,
  dy: number,
  dz: number,
): boolean {
  let first = 0
  let last = 1
  if (dx === 0) {
    if (ax < boxes[b] || ax > boxes[b + 3]) return false
  } else {
    const p = (boxes[b] - ax) / dx
    const q = (boxes[b + 3] - ax) / dx
    first = Math.max(first, Math.min(p, q))
    last = Math.min(last, Math.max(p, q))
    if (first > last) return false
  }
  if (dy === 0) {
    if (ay < boxes[b + 1] || ay > boxes[b + 4]) return false
  } else {
    const p = (boxes[b + 1] - ay) / dy
    const q = (boxes[b + 4] - ay) / dy
    first = Math.max(first, Math.min(p, q))
    last = Math.min(last, Math.max(p, q))
    if (first > last) return false
  }
  if (dz === 0) return az >= boxes[b + 2] && az <= boxes[b + 5]
  const p = (boxes[b + 2] - az) / dz
  const q = (boxes[b + 5] - az) / dz
  return Math.max(first, Math.min(p, q)) <= Math.min(last, Math.max(p, q))
}
