import { clearanceAt, type FreeSpace } from '../home/free-space.ts'

/** Nodes are every second cell of the free space's grid. */
const stride = 2
/** Closer than this to things a way costs more, up to four times as much at the robot's own radius. Metres. */
const comfortable = 0.55

/**
 * The best way from one point of the floor to another: corner points (x, y), both ends included, along which a robot keeps
 * at least `clear` metres from everything. Null where there is none. A* (P. Hart, N. Nilsson and B. Raphael, 1968) on a
 * grid with eight neighbours, then straightened.
 */
export function route(
  space: FreeSpace,
  clear: number,
  from: readonly [number, number],
  to: readonly [number, number],
): number[] | null {
  const cells = gridRoute(space, clear, from, to)
  return cells && straighten(space, clear, [from[0], from[1], ...cells, to[0], to[1]])
}

function gridRoute(
  space: FreeSpace,
  clear: number,
  from: readonly [number, number],
  to: readonly [number, number],
): number[] | null {
  const { x0, y0, cell } = space
  const step = stride * cell
  const columns = Math.floor(space.columns / stride)
  const rows = Math.floor(space.rows / stride)
  const xOf = (node: number): number => x0 + ((node % columns) + 0.5) * step
  const yOf = (node: number): number => y0 + (Math.floor(node / columns) + 0.5) * step
  const nodeOf = ([x, y]: readonly [number, number]): number =>
    Math.min(rows - 1, Math.max(0, Math.floor((y - y0) / step))) * columns +
    Math.min(columns - 1, Math.max(0, Math.floor((x - x0) / step)))
  const start = nodeOf(from)
  const goal = nodeOf(to)
  const cost = new Float64Array(columns * rows).fill(Number.POSITIVE_INFINITY)
  const before = new Int32Array(columns * rows).fill(-1)
  const heap = new NodeHeap()
  const [goalX, goalY] = [xOf(goal), yOf(goal)]
  const left = (node: number): number => {
    const [dx, dy] = [xOf(node) - goalX, yOf(node) - goalY]
    return Math.sqrt(dx * dx + dy * dy)
  }
  cost[start] = 0
  heap.push(start, left(start))
  for (let node = heap.pop(); node >= 0; node = heap.pop()) {
    if (node === goal) break
    const column = node % columns
    for (let dy = -1; dy <= 1; dy++)
      for (let dx = -1; dx <= 1; dx++) {
        const next = node + dy * columns + dx
        if (next === node || column + dx < 0 || column + dx >= columns || next < 0 || next >= cost.length) continue
        const room = clearanceAt(space, xOf(next), yOf(next))
        if (room < clear && next !== goal) continue
        const tight = Math.max(0, 1 - (room - clear) / (comfortable - clear))
        const reached = cost[node] + step * (dx !== 0 && dy !== 0 ? Math.SQRT2 : 1) * (1 + 3 * tight)
        if (reached >= cost[next]) continue
        cost[next] = reached
        before[next] = node
        heap.push(next, reached + left(next))
      }
  }
  if (before[goal] < 0) return start === goal ? [] : null
  const cells: number[] = []
  for (let node = before[goal]; node !== start; node = before[node]) cells.unshift(xOf(node), yOf(node))
  return cells
}

/** Leaves out every corner that a straight line can do without, where it comes no closer to things than the way itself. */
function straighten(space: FreeSpace, clear: number, points: readonly number[]): number[] {
  const count = points.length / 2
  const out = [points[0], points[1]]
  for (let i = 0; i < count - 1; ) {
    let next = i + 1
    let allowed = Number.POSITIVE_INFINITY
    for (let j = i + 1; j < Math.min(count, i + longestPull); j++) {
      allowed = Math.min(allowed, clearanceAt(space, points[2 * j], points[2 * j + 1]))
      const least = Math.max(clear, Math.min(allowed, comfortable))
      if (lineIsClear(space, least, points[2 * i], points[2 * i + 1], points[2 * j], points[2 * j + 1])) next = j
    }
    out.push(points[2 * next], points[2 * next + 1])
    i = next
  }
  return out
}

const longestPull = 60

function lineIsClear(space: FreeSpace, least: number, ax: number, ay: number, bx: number, by: number): boolean {
  const length = distance(ax, ay, bx, by)
  const steps = Math.ceil(length / 0.05)
  for (let k = 1; k <= steps; k++)
    if (clearanceAt(space, ax + ((bx - ax) * k) / steps, ay + ((by - ay) * k) / steps) < least) return false
  return true
}

/** Metres between two points of the floor. Products and a root: Math.hypot and powers may differ between engines. */
export function distance(ax: number, ay: number, bx: number, by: number): number {
  return Math.sqrt((bx - ax) * (bx - ax) + (by - ay) * (by - ay))
}

/** Metres along the corners of a route. */
export function routeLength(corners: readonly number[]): number {
  let sum = 0
  for (let i = 2; i < corners.length; i += 2)
    sum += distance(corners[i - 2], corners[i - 1], corners[i], corners[i + 1])
  return sum
}

/** A binary heap of nodes, the cheapest first; equal ones in the order of their numbers. */
class NodeHeap {
  private readonly nodes: number[] = []
  private readonly keys: number[] = []

  push(node: number, key: number): void {
    let at = this.nodes.length
    this.nodes.push(node)
    this.keys.push(key)
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!this.before(at, parent)) break
      this.swap(at, parent)
      at = parent
    }
  }

  /** The cheapest, or −1. */
  pop(): number {
    const { nodes, keys } = this
    if (nodes.length === 0) return -1
    const top = nodes[0]
    const [node, key] = [nodes.pop()!, keys.pop()!]
    if (nodes.length > 0) {
      nodes[0] = node
      keys[0] = key
      for (let at = 0; ; ) {
        let least = at
        for (const child of [2 * at + 1, 2 * at + 2])
          if (child < nodes.length && this.before(child, least)) least = child
        if (least === at) break
        this.swap(at, least)
        at = least
      }
    }
    return top
  }

  private before(a: number, b: number): boolean {
    return this.keys[a] < this.keys[b] || (this.keys[a] === this.keys[b] && this.nodes[a] < this.nodes[b])
  }

  private swap(a: number, b: number): void {
    const { nodes, keys } = this
    const [node, key] = [nodes[a], keys[a]]
    nodes[a] = nodes[b]
    keys[a] = keys[b]
    nodes[b] = node
    keys[b] = key
  }
}
