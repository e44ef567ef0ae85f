import type { Random } from '../../numeric/index.ts'

export type RoomKind =
  | 'corridor'
  | 'living'
  | 'bedroom'
  | 'kitchen'
  | 'bath'
  | 'study'
  | 'nursery'
  | 'dining'
  | 'laundry'

/**
 * A rectangle of the plan, between the middles of its walls. It has a frame of its own, in which it is `size[0]` × `size[1]` metres
 * with the wall of its main door along local x at y = 0: homeFromRoom is `turns` quarter turns, then `origin` added.
 */
export interface Room {
  readonly name: string
  readonly kind: RoomKind
  /** x0, y0, x1, y1 in the home, metres. */
  readonly rectangle: readonly [number, number, number, number]
  readonly origin: readonly [number, number]
  readonly turns: number
  readonly size: readonly [number, number]
  /** The room that this one looks like, or −1. Twins name each other. */
  readonly twin: number
}

/** An opening in a wall between two rooms. */
export interface Door {
  readonly rooms: readonly [number, number]
  /** The middle of the opening. */
  readonly x: number
  readonly y: number
  /** Whether its wall runs along x or along y. */
  readonly along: 'x' | 'y'
  readonly width: number
  readonly height: number
  /** A passage without a leaf. */
  readonly open: boolean
}

export interface FloorPlan {
  readonly rooms: readonly Room[]
  readonly doors: readonly Door[]
  /** Of all rooms, metres. */
  readonly height: number
}

/** Half the thickness of walls, metres. */
export const halfWall = 0.06

interface Strip {
  kind: RoomKind
  /** Centimetres along the spine and away from it. */
  width: number
  depth: number
  twin: number
  /** Of the door from the middle of its wall, along the room's own x. */
  doorAt: number
}

/**
 * Rooms on both sides of a spine, which is a corridor or a living hall, and perhaps one across either end. Lengths are whole
 * centimetres until the end, so that walls of neighbours fall on one another exactly. `lookAlike`: the chance that two
 * rooms are copies of each other.
 */
export function floorPlan(random: Random, lookAlike: number): FloorPlan {
  const hall = random.next() < 0.35
  const spineDepth = hall ? centimetres(random, 340, 460) : centimetres(random, 125, 165)
  const wanted = 4 + random.integer(7) // of 4 to 10 rooms
  const leftEnd = !hall || random.next() < 0.4
  const rightEnd = wanted >= 6 && random.next() < 0.4
  const inRows = Math.max(2, wanted - 1 - Number(leftEnd) - Number(rightEnd))
  const above = Math.max(1, Math.floor(inRows / 2) + (inRows % 2 === 1 && random.next() < 0.5 ? 1 : 0))
  const rows = [above, inRows - above].map((count) => rowOf(random, count))
  const kinds = roomKinds(random, inRows, hall, leftEnd)
  rows.flat().forEach((strip, i) => {
    strip.kind = kinds[i]
    if (strip.kind === 'bath' || strip.kind === 'laundry') strip.width = centimetres(random, 200, 260)
  })
  if (random.next() < lookAlike) makeTwins(random, rows)
  fitRows(random, rows)
  return turnPlan(layOut(random, rows, spineDepth, hall, leftEnd, rightEnd), random.integer(4))
}

function centimetres(random: Random, low: number, high: number): number {
  return low + random.integer(high - low + 1)
}

function rowOf(random: Random, count: number): Strip[] {
  const depth = centimetres(random, 300, 450)
  return Array.from({ length: count }, () => ({
    kind: 'bedroom',
    width: centimetres(random, 280, 430),
    depth: random.next() < 0.3 ? Math.max(270, depth - centimetres(random, 40, 110)) : depth,
    twin: -1,
    doorAt: 0,
  }))
}

/** A home has a bath first, then a kitchen, then places to sleep. */
function roomKinds(random: Random, count: number, hall: boolean, leftEnd: boolean): RoomKind[] {
  const first: RoomKind[] = hall || leftEnd ? ['bath', 'bedroom', 'kitchen'] : ['living', 'bath', 'bedroom', 'kitchen']
  const more: RoomKind[] = random.shuffle(['study', 'nursery', 'bedroom', 'laundry', 'study', 'bedroom'])
  return random.shuffle([...first, 'bedroom' as RoomKind, ...more].slice(0, count))
}

/** Makes one room a copy of another of its kind, or of any that is no bath. */
function makeTwins(random: Random, rows: readonly Strip[][]): void {
  const strips = rows.flat()
  const able = strips.map((_, i) => i).filter((i) => strips[i].kind !== 'bath' && strips[i].kind !== 'laundry')
  if (able.length < 2) return
  random.shuffle(able)
  const [a, b] = able
  const other = strips[b]
  Object.assign(other, { kind: strips[a].kind, width: strips[a].width, depth: strips[a].depth, twin: a })
  strips[a].twin = b
}

/** Often the rows are stretched to one length; twins by the same number of centimetres, so that they stay alike. */
function fitRows(random: Random, rows: readonly Strip[][]): void {
  if (random.next() > 0.7) return
  const length = (row: readonly Strip[]): number => row.reduce((sum, { width }) => sum + width, 0)
  const [short, long] = length(rows[0]) < length(rows[1]) ? [rows[0], rows[1]] : [rows[1], rows[0]]
  let missing = length(long) - length(short)
  const loose = short.filter(({ twin }) => twin < 0)
  for (const strip of loose) {
    const share = Math.min(
      Math.floor(missing / loose.length) + 1,
      Math.max(0, (strip.kind === 'bath' ? 300 : 520) - strip.width),
      missing,
    )
    strip.width += share
    missing -= share
  }
}

function layOut(
  random: Random,
  rows: readonly Strip[][],
  spineDepth: number,
  hall: boolean,
  leftEnd: boolean,
  rightEnd: boolean,
): FloorPlan {
  const rooms: Room[] = []
  const doors: Door[] = []
  const lengths = rows.map((row) => row.reduce((sum, { width }) => sum + width, 0))
  const length = Math.max(...lengths, 300)
  const strips = rows.flat()
  const names = roomNames(strips.map(({ kind }) => kind))
  let index = 0
  rows.forEach((row, side) => {
    let x = 0
    for (const strip of row) {
      const [y0, y1] = side === 0 ? [spineDepth, spineDepth + strip.depth] : [-strip.depth, 0]
      rooms.push(room(names[index], strip.kind, [x, y0, x + strip.width, y1], side === 0 ? 0 : 2, strip.twin))
      const copied = strip.twin >= 0 && strip.twin < index
      const reach = strip.width / 2 - 75
      strip.doorAt = copied ? strips[strip.twin].doorAt : Math.round(reach * (2 * random.next() - 1))
      const middle = x + strip.width / 2 + (side === 0 ? strip.doorAt : -strip.doorAt)
      doors.push(door([index, strips.length], middle, side === 0 ? spineDepth : 0, 'x', 90, false))
      index++
      x += strip.width
    }
  })
  const spine = index
  rooms.push(room(hall ? 'Living hall' : 'Corridor', hall ? 'living' : 'corridor', [0, 0, length, spineDepth], 0, -1))
  const deepest = (side: number, at: number): number => rows[side][at < 0 ? 0 : rows[side].length - 1].depth
  if (leftEnd) {
    const [up, down] = [spineDepth + Math.min(deepest(0, -1), 200), -Math.min(deepest(1, -1), 200)]
    const width = centimetres(random, 400, 560)
    rooms.push(room(hall ? 'Dining room' : 'Living room', hall ? 'dining' : 'living', [-width, down, 0, up], 1, -1))
    doors.push(door([rooms.length - 1, spine], 0, spineDepth / 2, 'y', hall ? 160 : spineDepth - 30, true))
  }
  if (rightEnd) {
    const reach = lengths.map((l, side) => (l === length ? Math.min(deepest(side, 1), 160) : 100))
    const width = centimetres(random, 320, 460)
    const area = [length, -reach[1], length + width, spineDepth + reach[0]] as const
    rooms.push(room('Dining room', 'dining', area, 3, -1))
    doors.push(door([spine, rooms.length - 1], length, spineDepth / 2, 'y', 95, false))
  }
  addSideDoors(random, rows, rooms, doors, spineDepth)
  return { rooms, doors, height: centimetres(random, 240, 280) / 100 }
}

/** Now and then a door between neighbours of a row, so that plans have loops. Twins get none: they would differ. */
function addSideDoors(
  random: Random,
  rows: readonly Strip[][],
  rooms: Room[],
  doors: Door[],
  spineDepth: number,
): void {
  let index = 0
  rows.forEach((row, side) => {
    for (let i = 0; i < row.length; i++, index++) {
      if (i === 0) continue
      const wet = [row[i - 1], row[i]].some(({ kind, twin }) => kind === 'bath' || kind === 'laundry' || twin >= 0)
      if (wet || random.next() > 0.35) continue
      const shared = Math.min(row[i - 1].depth, row[i].depth)
      const away = centimetres(random, 80, shared - 80)
      const x = Math.round(100 * rooms[index].rectangle[0])
      doors.push(door([index - 1, index], x, side === 0 ? spineDepth + away : -away, 'y', 90, false))
    }
  })
}

function roomNames(kinds: readonly RoomKind[]): string[] {
  const seen = new Map<RoomKind, number>()
  return kinds.map((kind) => {
    const number = (seen.get(kind) ?? 0) + 1
    seen.set(kind, number)
    const name = kind === 'living' ? 'Living room' : kind[0].toUpperCase() + kind.slice(1)
    return kinds.indexOf(kind) === kinds.lastIndexOf(kind) ? name : `${name} ${number}`
  })
}

/** From centimetres. */
function room(
  name: string,
  kind: RoomKind,
  area: readonly [number, number, number, number],
  turns: number,
  twin: number,
): Room {
  const [x0, y0, x1, y1] = area.map((x) => x / 100)
  return { name, kind, rectangle: [x0, y0, x1, y1], twin, ...frameOf([x0, y0, x1, y1], turns) }
}

/** The corner of the rectangle from which local x and y point along it. */
function frameOf(
  [x0, y0, x1, y1]: readonly [number, number, number, number],
  turns: number,
): Pick<Room, 'origin' | 'turns' | 'size'> {
  const corners = [
    [x0, y0],
    [x1, y0],
    [x1, y1],
    [x0, y1],
  ] as const
  const [width, depth] = [x1 - x0, y1 - y0]
  return { origin: corners[turns], turns, size: turns % 2 === 0 ? [width, depth] : [depth, width] }
}

function door(
  rooms: readonly [number, number],
  x: number,
  y: number,
  along: 'x' | 'y',
  width: number,
  open: boolean,
): Door {
  return { rooms, x: x / 100, y: y / 100, along, width: width / 100, height: open ? 2.2 : 2.05, open }
}

/** The plan turned by quarters, its lower left corner at the origin. */
function turnPlan({ rooms, doors, height }: FloorPlan, turns: number): FloorPlan {
  let left = Infinity
  let low = Infinity
  const turned = rooms.map((old) => {
    const [x0, y0, x1, y1] = old.rectangle
    const [a, b] = [quarterTurn(x0, y0, turns), quarterTurn(x1, y1, turns)]
    const rectangle = [Math.min(a[0], b[0]), Math.min(a[1], b[1]), Math.max(a[0], b[0]), Math.max(a[1], b[1])] as const
    left = Math.min(left, rectangle[0])
    low = Math.min(low, rectangle[1])
    return { ...old, rectangle, turns: (old.turns + turns) % 4 }
  })
  const shift = (x: number, by: number): number => Math.round(100 * (x - by)) / 100
  return {
    rooms: turned.map((old) => {
      const [x0, y0, x1, y1] = old.rectangle
      const rectangle = [shift(x0, left), shift(y0, low), shift(x1, left), shift(y1, low)] as const
      return { ...old, rectangle, ...frameOf(rectangle, old.turns) }
    }),
    doors: doors.map((old) => {
      const [x, y] = quarterTurn(old.x, old.y, turns)
      const along = turns % 2 === 0 ? old.along : old.along === 'x' ? 'y' : 'x'
      return { ...old, x: Math.round(1000 * (x - left)) / 1000, y: Math.round(1000 * (y - low)) / 1000, along }
    }),
    height,
  }
}

/** (x, y) turned by 90° `turns` times, counter-clockwise. */
export function quarterTurn(x: number, y: number, turns: number): [number, number] {
  switch (turns & 3) {
    case 0:
      return [x, y]
    case 1:
      return [-y, x]
    case 2:
      return [-x, -y]
    default:
      return [y, -x]
  }
}
