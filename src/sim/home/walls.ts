import { type Door, type FloorPlan, halfWall } from './floor-plan.ts'

/** Boxes (six numbers each) of all walls of a plan, openings left out and the wall above them kept. */
export function wallBoxes(plan: FloorPlan): number[] {
  const boxes: number[] = []
  for (const along of ['x', 'y'] as const)
    for (const [line, intervals] of wallLines(plan, along)) {
      const doors = plan.doors
        .filter((door) => door.along === along && near(along === 'x' ? door.y : door.x, line))
        .sort((a, b) => middle(a) - middle(b))
      for (const [from, to] of intervals) addWall(boxes, plan.height, along, line, from, to, doors)
    }
  return boxes
}

const near = (a: number, b: number): boolean => Math.abs(a - b) < 0.002

const middle = ({ along, x, y }: Door): number => (along === 'x' ? x : y)

/** For each line that carries walls, the stretches of it that do: the union of the rooms' sides. */
function wallLines({ rooms }: FloorPlan, along: 'x' | 'y'): Map<number, [number, number][]> {
  const lines = new Map<number, [number, number][]>()
  for (const { rectangle } of rooms) {
    const [x0, y0, x1, y1] = rectangle
    const side: [number, number] = along === 'x' ? [x0, x1] : [y0, y1]
    for (const line of along === 'x' ? [y0, y1] : [x0, x1]) {
      const list = lines.get(line)
      if (list) list.push(side)
      else lines.set(line, [side])
    }
  }
  for (const [line, list] of lines) lines.set(line, union(list))
  return lines
}

function union(intervals: readonly [number, number][]): [number, number][] {
  const merged: [number, number][] = []
  for (const [from, to] of [...intervals].sort((a, b) => a[0] - b[0])) {
    const last = merged.at(-1)
    if (last && from <= last[1]) last[1] = Math.max(last[1], to)
    else merged.push([from, to])
  }
  return merged
}

/** One stretch of wall, a little longer at its ends so that corners are whole, in pieces between its doors. */
function addWall(
  boxes: number[],
  height: number,
  along: 'x' | 'y',
  line: number,
  from: number,
  to: number,
  doors: readonly Door[],
): void {
  const piece = (a: number, b: number, bottom: number): void => {
    if (along === 'x') boxes.push(a, line - halfWall, bottom, b, line + halfWall, height)
    else boxes.push(line - halfWall, a, bottom, line + halfWall, b, height)
  }
  let at = from - halfWall
  for (const door of doors) {
    const [left, right] = [middle(door) - door.width / 2, middle(door) + door.width / 2]
    if (left < from || right > to) continue
    piece(at, left, 0)
    piece(left, right, door.height)
    at = right
  }
  piece(at, to + halfWall, 0)
}
