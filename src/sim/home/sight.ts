import type { Door, Room } from './floor-plan.ts'

/**
 * Rooms of which something may be seen from a point: out[r] = 1. A line of sight leaves a room through a door, so from door to
 * door the wedge that they leave open narrows until nothing is left of it (S. Teller and C. Séquin, "Visibility preprocessing for
 * interactive walkthroughs", 1991, in the plane). Never leaves out a room that is seen.
 */
export function roomsInSight(
  rooms: readonly Room[],
  doors: readonly Door[],
  x: number,
  y: number,
  out: Uint8Array,
): void {
  out.fill(0)
  for (let r = 0; r < rooms.length; r++) {
    const [x0, y0, x1, y1] = rooms[r].rectangle
    // At a door both rooms: a hair of rounding decides nothing.
    if (x > x0 - hair && x < x1 + hair && y > y0 - hair && y < y1 + hair) look(doors, x, y, r, -1, null, 0, out)
  }
}

const hair = 0.01

/** Two directions: what lies to the left of the first and to the right of the second, less than a half turn apart. */
type Wedge = readonly [ax: number, ay: number, bx: number, by: number]

function look(
  doors: readonly Door[],
  x: number,
  y: number,
  room: number,
  entered: number,
  wedge: Wedge | null,
  depth: number,
  out: Uint8Array,
): void {
  out[room] = 1
  if (depth > doors.length) return
  for (let d = 0; d < doors.length; d++) {
    const { rooms: pair, along, width } = doors[d]
    if (d === entered || (pair[0] !== room && pair[1] !== room)) continue
    const [dx, dy] = along === 'x' ? [width / 2, 0] : [0, width / 2]
    const [ex, ey] = [doors[d].x - x, doors[d].y - y]
    let opening: Wedge = [ex - dx, ey - dy, ex + dx, ey + dy]
    if (cross(opening[0], opening[1], opening[2], opening[3]) < 0)
      opening = [opening[2], opening[3], opening[0], opening[1]]
    const next = pair[0] === room ? pair[1] : pair[0]
    // In the opening itself everything behind it is open.
    const within = Math.abs(along === 'x' ? ey : ex) < 2 * hair && Math.abs(along === 'x' ? ex : ey) <= width / 2 + hair
    const rest = within ? wedge : wedge === null ? opening : meet(wedge, opening)
    if (within || rest !== null) look(doors, x, y, next, d, rest, depth + 1, out)
  }
}

const cross = (ax: number, ay: number, bx: number, by: number): number => ax * by - ay * bx

/** What two wedges share, or null. Both are less than a half turn wide. */
function meet(a: Wedge, b: Wedge): Wedge | null {
  const right = cross(a[0], a[1], b[0], b[1]) > 0 ? [b[0], b[1]] : [a[0], a[1]]
  const left = cross(a[2], a[3], b[2], b[3]) < 0 ? [b[2], b[3]] : [a[2], a[3]]
  // Disjoint wedges: their borders have changed places, or one points away from the other.
  if (cross(right[0], right[1], left[0], left[1]) < 0) return null
  if (
    a[0] * b[0] + a[1] * b[1] < 0 &&
    a[2] * b[2] + a[3] * b[3] < 0 &&
    (a[0] + a[2]) * (b[0] + b[2]) + (a[1] + a[3]) * (b[1] + b[3]) < 0
  )
    return null
  return [right[0], right[1], left[0], left[1]]
}
