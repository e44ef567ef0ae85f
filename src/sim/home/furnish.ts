import type { Random } from '../../numeric/index.ts'
import { type Catalogue, type FurnitureKind, furnishing, type Model } from './catalogue.ts'
import { type FloorPlan, halfWall, quarterTurn } from './floor-plan.ts'

/** A piece in its place: homeFromPiece is `turns` quarter turns, then (x, y) added. */
export interface Furniture {
  readonly kind: FurnitureKind
  readonly room: number
  readonly model: Model
  readonly x: number
  readonly y: number
  readonly turns: number
  /** x0, y0, x1, y1 of all that it needs, metres. */
  readonly footprint: readonly [number, number, number, number]
}

/** A place in a room's own frame. */
interface Place {
  readonly model: Model
  readonly x: number
  readonly y: number
  readonly turns: number
  readonly area: Area
}

type Area = readonly [x0: number, y0: number, x1: number, y1: number]

/** What a door keeps free on either side: metres into the room, and beside its opening. */
const doorway = { depth: 0.95, beside: 0.12 }
/** The way that must stay open between pieces: half of its width. */
const halfWay = 0.36
/** Trials for each piece. */
const trials = 30

/** Furnishes rooms one by one; a room that is the twin of an earlier one gets the same pieces in the same places. */
export function furnish(plan: FloorPlan, models: Catalogue, random: Random): Furniture[] {
  const placed: Place[][] = []
  const all: Furniture[] = []
  plan.rooms.forEach((room, index) => {
    const own = random.fork()
    const copied = room.twin >= 0 && room.twin < index
    const places = copied ? placed[room.twin] : furnishRoom(plan, index, models, own)
    placed.push(places)
    for (const { model, x, y, turns } of places) {
      const [hx, hy] = quarterTurn(x, y, room.turns)
      const at = { x: room.origin[0] + hx, y: room.origin[1] + hy, turns: (turns + room.turns) & 3 }
      all.push({ kind: model.kind, room: index, model, ...at, footprint: areaOf(model, at.x, at.y, at.turns) })
    }
  })
  return all
}

function furnishRoom(plan: FloorPlan, index: number, models: Catalogue, random: Random): Place[] {
  const room = plan.rooms[index]
  const keepFree = doorways(plan, index)
  const places: Place[] = []
  for (const kind of furnishing[room.kind]) {
    const choice = models.get(kind)!
    const model = choice[random.integer(choice.length)]
    for (let trial = 0; trial < trials; trial++) {
      const place = model.wall ? atWall(model, room.size, random) : inTheOpen(model, room.size, random)
      if (place === null) break
      if (!overlaps(place.area, [0, 0, ...room.size], 0)) continue
      const clash = (other: Area): boolean => overlaps(place.area, other, 0)
      if (keepFree.some(clash) || places.some(({ area }) => overlaps(place.area, area, 0.04))) continue
      if (!staysOpen(room.size, [...places, place], keepFree)) continue
      places.push(place)
      break
    }
  }
  return places
}

/** With its back to one of the four walls. Null where it is wider than every wall. */
function atWall(model: Model, [width, depth]: readonly [number, number], random: Random): Place | null {
  const gap = halfWall + 0.01
  const turns = random.integer(4)
  const along = turns % 2 === 0 ? width : depth
  const across = turns % 2 === 0 ? depth : width
  const reach = along / 2 - gap - model.size[0] / 2
  if (reach < 0 || model.size[1] > across - 2 * gap)
    return model.size[0] < Math.max(width, depth) - 0.2 ? notHere(model) : null
  // Half of the pieces stand in a corner.
  const slide = random.next() < 0.5 ? (random.next() < 0.5 ? reach : -reach) : random.uniform(-reach, reach)
  const [dx, dy] = quarterTurn(round(slide), gap - across / 2, turns)
  return placeAt(model, width / 2 + dx, depth / 2 + dy, turns)
}

/** A place that fits nowhere, so that another wall is tried. */
const notHere = (model: Model): Place => placeAt(model, -100, -100, 0)

function inTheOpen(model: Model, [width, depth]: readonly [number, number], random: Random): Place | null {
  const turns = random.integer(4)
  const [w, d] = turns % 2 === 0 ? model.size : [model.size[1], model.size[0]]
  const [freeX, freeY] = [width - w - 1, depth - d - 1]
  if (freeX < 0 || freeY < 0) return Math.min(width, depth) < Math.min(...model.size) + 1 ? null : notHere(model)
  const middleX = width / 2 + round(random.uniform(-freeX / 2, freeX / 2))
  const middleY = depth / 2 + round(random.uniform(-freeY / 2, freeY / 2))
  const [dx, dy] = quarterTurn(0, -model.size[1] / 2, turns)
  return placeAt(model, middleX + dx, middleY + dy, turns)
}

const round = (x: number): number => Math.round(100 * x) / 100

function placeAt(model: Model, x: number, y: number, turns: number): Place {
  return { model, x, y, turns, area: areaOf(model, x, y, turns) }
}

function areaOf(model: Model, x: number, y: number, turns: number): Area {
  const [ax, ay] = quarterTurn(-model.size[0] / 2, 0, turns)
  const [bx, by] = quarterTurn(model.size[0] / 2, model.size[1], turns)
  return [x + Math.min(ax, bx), y + Math.min(ay, by), x + Math.max(ax, bx), y + Math.max(ay, by)]
}

function overlaps(a: Area, b: Area, gap: number): boolean {
  return a[0] < b[2] + gap && b[0] < a[2] + gap && a[1] < b[3] + gap && b[1] < a[3] + gap
}

/** What the room's doors keep free, in the room's own frame. */
function doorways(plan: FloorPlan, index: number): Area[] {
  const room = plan.rooms[index]
  const areas: Area[] = []
  for (const { rooms, x, y, along, width } of plan.doors) {
    if (!rooms.includes(index)) continue
    const [half, deep] = [width / 2 + doorway.beside, doorway.depth]
    const [dx, dy] = along === 'x' ? [half, deep] : [deep, half]
    const back = -room.turns
    const [ax, ay] = quarterTurn(x - dx - room.origin[0], y - dy - room.origin[1], back)
    const [bx, by] = quarterTurn(x + dx - room.origin[0], y + dy - room.origin[1], back)
    areas.push([Math.min(ax, bx), Math.min(ay, by), Math.max(ax, bx), Math.max(ay, by)])
  }
  return areas
}

/** Whether a robot still gets from every doorway to every other, and to nine tenths of the floor that is free. */
function staysOpen(
  [width, depth]: readonly [number, number],
  places: readonly Place[],
  doors: readonly Area[],
): boolean {
  const size = 0.1
  const [columns, rows] = [Math.floor(width / size), Math.floor(depth / size)]
  const open = new Uint8Array(columns * rows).fill(1)
  const close = (area: Area, grow: number): void => {
    const from = (x: number): number => Math.max(0, Math.floor((x - grow) / size))
    for (let row = from(area[1]); row < Math.min(rows, (area[3] + grow) / size); row++)
      for (let column = from(area[0]); column < Math.min(columns, (area[2] + grow) / size); column++)
        open[row * columns + column] = 0
  }
  close([0, 0, width, 0], halfWay)
  close([0, depth, width, depth], halfWay)
  close([0, 0, 0, depth], halfWay)
  close([width, 0, width, depth], halfWay)
  for (const { area } of places) close(area, halfWay)
  const total = open.reduce((sum, cell) => sum + cell, 0)
  const label = new Int32Array(open.length)
  const reached = flood(open, label, columns, rows)
  const inFront = (area: Area): number => {
    for (let row = 0; row < rows; row++)
      for (let column = 0; column < columns; column++) {
        const [x, y] = [(column + 0.5) * size, (row + 0.5) * size]
        const inside = x > area[0] && x < area[2] && y > area[1] && y < area[3]
        if (inside && label[row * columns + column] === 1) return 1
      }
    return 0
  }
  return reached >= 0.9 * total && doors.every((door) => inFront(door) === 1)
}

/** Labels the largest connected piece with 1; returns its number of cells. */
function flood(open: Uint8Array, label: Int32Array, columns: number, rows: number): number {
  const stack: number[] = []
  let best = 0
  let bestMark = 0
  let mark = 1
  for (let seed = 0; seed < open.length; seed++) {
    if (open[seed] === 0 || label[seed] !== 0) continue
    mark++
    let count = 0
    label[seed] = mark
    stack.push(seed)
    for (let c = stack.pop(); c !== undefined; c = stack.pop()) {
      count++
      const column = c % columns
      const visit = (n: number): void => {
        if (open[n] === 0 || label[n] !== 0) return
        label[n] = mark
        stack.push(n)
      }
      if (column > 0) visit(c - 1)
      if (column < columns - 1) visit(c + 1)
      if (c >= columns) visit(c - columns)
      if (c < columns * (rows - 1)) visit(c + columns)
    }
    if (count > best) [best, bestMark] = [count, mark]
  }
  for (let c = 0; c < label.length; c++) label[c] = label[c] === bestMark && bestMark > 0 ? 1 : 0
  return best
}
