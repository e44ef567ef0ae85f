import { Random } from '../numeric/index.ts'
import { catalogue } from './home/catalogue.ts'
import { type Door, floorPlan, quarterTurn, type Room } from './home/floor-plan.ts'
import { type FreeSpace, freeSpace } from './home/free-space.ts'
import { type Furniture, furnish } from './home/furnish.ts'
import { Solids } from './home/solids.ts'
import { type Landmarks, paint } from './home/textures.ts'
import { wallBoxes } from './home/walls.ts'
import { fraction, positive } from './options.ts'

export interface HomeOptions {
  /** Default 1. */
  readonly seed?: number
  /** The chance that two rooms of the home are copies of each other. Default 0.6. */
  readonly lookAlike?: number
  /** Of a copied room's landmarks, the part that is its own after all. Default 0.15. */
  readonly ownLandmarks?: number
  /** Of the bits of the landmarks that it shares, the part that differs. Default 0.02. */
  readonly ownBits?: number
  /** Landmarks per square metre of bare wall. Default 24. */
  readonly density?: number
}

/** A home: x and y over the floor from its lower left corner, z up from the floor; metres. */
export interface Home {
  readonly seed: number
  readonly rooms: readonly Room[]
  readonly doors: readonly Door[]
  readonly furniture: readonly Furniture[]
  /** Of the rooms' air, metres. */
  readonly height: number
  /** x0, y0, x1, y1 of everything. */
  readonly bounds: readonly [number, number, number, number]
  /** Boxes of walls are the first ones, then those of furniture. */
  readonly solids: Solids
  readonly walls: number
  readonly landmarks: Landmarks
  readonly free: FreeSpace
}

/** Robots of at most this radius reach every room of every home. Metres. */
export const largestRobot = 0.22

/**
 * A home by seed: 4 to 10 rooms around a corridor or a living hall, furniture, and on all surfaces landmarks with descriptors.
 * The same options give the same bits on every machine. Every room can be reached by a robot of `largestRobot`.
 *
 * @throws UsageError for options out of range
 */
export function home(options: HomeOptions = {}): Home {
  const { seed = 1 } = options
  const lookAlike = fraction('lookAlike', options.lookAlike ?? 0.6)
  const texture = {
    density: positive('density', options.density ?? 24),
    ownLandmarks: fraction('ownLandmarks', options.ownLandmarks ?? 0.15),
    ownBits: fraction('ownBits', options.ownBits ?? 0.02),
  }
  const random = new Random(seed)
  const [shape, shop, arrangement, colours] = [random.fork(), random.fork(), random.fork(), random.fork()]
  const plan = floorPlan(shape, lookAlike)
  const furniture = furnish(plan, catalogue(shop), arrangement)
  const walls = wallBoxes(plan)
  const solids = new Solids(Float64Array.from([...walls, ...furniture.flatMap(standing)]))
  const landmarks = paint(plan, furniture, solids, colours, texture)
  const bounds = boundsOf(plan.rooms)
  const free = freeSpace(solids, bounds)
  return { seed, ...plan, furniture, bounds, solids, walls: walls.length / 6, landmarks, free }
}

/** The boxes of a piece where it stands. */
function standing({ model, x, y, turns }: Furniture): number[] {
  const boxes: number[] = []
  for (let b = 0; b < model.boxes.length; b += 6) {
    const [x0, y0, z0, x1, y1, z1] = model.boxes.slice(b, b + 6)
    const [ax, ay] = quarterTurn(x0, y0, turns)
    const [bx, by] = quarterTurn(x1, y1, turns)
    boxes.push(x + Math.min(ax, bx), y + Math.min(ay, by), z0, x + Math.max(ax, bx), y + Math.max(ay, by), z1)
  }
  return boxes
}

function boundsOf(rooms: readonly Room[]): [number, number, number, number] {
  const margin = 0.1
  const side = (k: number): number[] => rooms.map(({ rectangle }) => rectangle[k])
  return [
    Math.min(...side(0)) - margin,
    Math.min(...side(1)) - margin,
    Math.max(...side(2)) + margin,
    Math.max(...side(3)) + margin,
  ]
}

/** The room at a point of the floor, or −1 outside. */
export function roomAt({ rooms }: Home, x: number, y: number): number {
  return rooms.findIndex(({ rectangle: [x0, y0, x1, y1] }) => x >= x0 && x <= x1 && y >= y0 && y <= y1)
}
