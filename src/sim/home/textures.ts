import { Random } from '../../numeric/index.ts'
import { descriptorWords, ownDescriptor, sparseWord } from './descriptors.ts'
import { type FloorPlan, halfWall, quarterTurn, type Room } from './floor-plan.ts'
import type { Furniture } from './furnish.ts'
import type { Solids } from './solids.ts'

/** Points that a camera can know again, in columns. */
export interface Landmarks {
  readonly count: number
  /** count × 3, metres in the home; on their surface, a little in front of it. */
  readonly positions: Float64Array
  /** count × 3, of the surface, out of the wall. */
  readonly normals: Float64Array
  /** Of the patch that is seen, metres. */
  readonly sizes: Float64Array
  /** How strong a corner each is, in [0, 1); a copy is as strong as what it was copied from. */
  readonly strengths: Float64Array
  /** count × 8 words. */
  readonly descriptors: Uint32Array
  /** The room that sees them. */
  readonly rooms: Uint8Array
}

export interface TextureOptions {
  /** Landmarks per square metre of bare wall; floors have a third of it, ceilings an eighth. Pictures and furniture have more. */
  readonly density: number
  /** Of a twin's landmarks: the part that is its own. */
  readonly ownLandmarks: number
  /** Of the bits of a landmark that it shares: the part that differs. */
  readonly ownBits: number
}

/** In front of its surface, so that this surface does not hide it. Metres. */
const lift = 0.002

/** A flat piece of surface: corner, two edges (metres) and the normal, in the home. */
interface Patch {
  readonly corner: readonly [number, number, number]
  readonly u: readonly [number, number, number]
  readonly v: readonly [number, number, number]
  readonly normal: readonly [number, number, number]
}

/** Paints every room and every piece of furniture. Rooms that are twins are painted from the same seed, nearly. */
export function paint(
  plan: FloorPlan,
  furniture: readonly Furniture[],
  solids: Solids,
  random: Random,
  options: TextureOptions,
): Landmarks {
  const painter = new Painter(plan, solids, options)
  const seeds: number[] = []
  plan.rooms.forEach((room, index) => {
    const seed = random.bits()
    const copied = room.twin >= 0 && room.twin < index
    seeds.push(copied ? seeds[room.twin] : seed)
    painter.enter(index, copied ? new Random(seed) : null)
    paintRoom(painter, room, plan.height, new Random(seeds[index]))
    for (const piece of furniture) if (piece.room === index) paintFurniture(painter, piece)
  })
  return painter.landmarks()
}

class Painter {
  private readonly positions: number[] = []
  private readonly normals: number[] = []
  private readonly sizes: number[] = []
  private readonly strengths: number[] = []
  private readonly descriptors: number[] = []
  private readonly rooms: number[] = []
  private readonly solids: Solids
  private readonly plan: FloorPlan
  readonly options: TextureOptions
  private room = 0
  /** Draws what a twin has of its own; null in other rooms. */
  private twin: Random | null = null

  constructor(plan: FloorPlan, solids: Solids, options: TextureOptions) {
    this.plan = plan
    this.solids = solids
    this.options = options
  }

  enter(room: number, twin: Random | null): void {
    this.room = room
    this.twin = twin
  }

  /** `count` landmarks on a patch, or on the part of it from (u0, v0) to (u1, v1), fractions of its edges. */
  scatter(patch: Patch, count: number, random: Random, u0 = 0, v0 = 0, u1 = 1, v1 = 1): void {
    for (let i = 0; i < count; i++) {
      let u = random.uniform(u0, u1)
      let v = random.uniform(v0, v1)
      const size = 0.005 * sizeStep(random)
      const strength = random.next()
      const descriptor: number[] = []
      ownDescriptor(random, descriptor)
      const { twin } = this
      if (twin) {
        if (twin.next() < this.options.ownLandmarks) {
          u = twin.uniform(u0, u1)
          v = twin.uniform(v0, v1)
          descriptor.length = 0
          ownDescriptor(twin, descriptor)
        } else {
          const n = Math.round(256 * this.options.ownBits)
          for (let w = 0; w < descriptorWords; w++) descriptor[w] = (descriptor[w] ^ sparseWord(twin, n)) >>> 0
        }
      }
      this.add(patch, u, v, size, strength, descriptor)
    }
  }

  /** Keeps a landmark if it lies on something and nothing stands on it. */
  private add(
    { corner, u, v, normal }: Patch,
    s: number,
    t: number,
    size: number,
    strength: number,
    descriptor: readonly number[],
  ): void {
    const on = [0, 1, 2].map((k) => corner[k] + s * u[k] + t * v[k])
    const at = (d: number): [number, number, number] => [
      on[0] + d * normal[0],
      on[1] + d * normal[1],
      on[2] + d * normal[2],
    ]
    const [x, y, z] = at(lift)
    const [bx, by, bz] = at(-lift)
    const { height } = this.plan
    const backed = bz < 0 || bz > height || this.solids.contains(bx, by, bz)
    if (!backed || z <= 0 || z >= height || this.solids.contains(x, y, z)) return
    this.positions.push(x, y, z)
    this.normals.push(...normal)
    this.sizes.push(size)
    this.strengths.push(strength)
    this.descriptors.push(...descriptor)
    this.rooms.push(this.room)
  }

  landmarks(): Landmarks {
    return {
      count: this.sizes.length,
      positions: Float64Array.from(this.positions),
      normals: Float64Array.from(this.normals),
      sizes: Float64Array.from(this.sizes),
      strengths: Float64Array.from(this.strengths),
      descriptors: Uint32Array.from(this.descriptors),
      rooms: Uint8Array.from(this.rooms),
    }
  }
}

/** A size from 1 to 1.25¹⁵ ≈ 28; fine structure is more frequent than coarse. */
function sizeStep(random: Random): number {
  let size = 1
  for (let k = Math.min(random.integer(16), random.integer(24)); k > 0; k--) size *= 1.25
  return size
}

const turn3 = (x: number, y: number, z: number, turns: number): [number, number, number] => [
  ...quarterTurn(x, y, turns),
  z,
]

function paintRoom(painter: Painter, room: Room, height: number, random: Random): void {
  const { density } = painter.options
  const [width, depth] = room.size
  const place = (x: number, y: number, z: number): [number, number, number] => {
    const [hx, hy] = quarterTurn(x, y, room.turns)
    return [hx + room.origin[0], hy + room.origin[1], z]
  }
  const way = (x: number, y: number, z: number): [number, number, number] => turn3(x, y, z, room.turns)
  for (let side = 0; side < 4; side++) {
    // The wall's foot from its right end to its left one, seen from inside.
    const length = (side % 2 === 0 ? width : depth) - 2 * halfWall
    const across = (side % 2 === 0 ? depth : width) / 2 - halfWall
    const [cx, cy] = quarterTurn(-length / 2, -across, side)
    const wall: Patch = {
      corner: place(width / 2 + cx, depth / 2 + cy, 0),
      u: way(...turn3(length, 0, 0, side)),
      v: [0, 0, height],
      normal: way(...turn3(0, 1, 0, side)),
    }
    painter.scatter(wall, Math.round(density * length * height), random)
    hangPictures(painter, wall, length, height, random)
  }
  const [w, d] = [width - 2 * halfWall, depth - 2 * halfWall]
  const floor = (z: number, up: number): Patch => ({
    corner: place(halfWall, halfWall, z),
    u: way(w, 0, 0),
    v: way(0, d, 0),
    normal: [0, 0, up],
  })
  painter.scatter(floor(0, 1), Math.round((density * w * d) / 3), random)
  painter.scatter(floor(height, -1), Math.round((density * w * d) / 8), random)
}

/** Pictures, switches, curtains: places of a wall where the eye finds a lot. One for every metre and a half. */
function hangPictures(painter: Painter, wall: Patch, length: number, height: number, random: Random): void {
  for (let n = Math.round(length / 1.5); n > 0; n--) {
    const [w, h] = [random.uniform(0.2, 1.1), random.uniform(0.2, 0.9)]
    const u = random.uniform(0, Math.max(0.01, length - w)) / length
    const v = random.uniform(0.5, height - 0.3 - h) / height
    painter.scatter(
      wall,
      Math.round(painter.options.density * (2 + 4 * random.next())),
      random,
      u,
      v,
      u + w / length,
      v + h / height,
    )
  }
}

/** The five faces of every box that a camera may see; the same model has the same landmarks everywhere. */
function paintFurniture(painter: Painter, { model, x, y, turns }: Furniture): void {
  const random = new Random(model.seed)
  const density = model.density * (painter.options.density / 6)
  for (let b = 0; b < model.boxes.length; b += 6) {
    const [x0, y0, z0, x1, y1, z1] = model.boxes.slice(b, b + 6)
    const face = (corner: [number, number], u: [number, number], normal: [number, number]): Patch => {
      const [cx, cy] = quarterTurn(...corner, turns)
      return {
        corner: [cx + x, cy + y, z0],
        u: [...quarterTurn(...u, turns), 0],
        v: [0, 0, z1 - z0],
        normal: [...quarterTurn(...normal, turns), 0],
      }
    }
    const [w, d, h] = [x1 - x0, y1 - y0, z1 - z0]
    const sides = [
      face([x0, y0], [w, 0], [0, -1]),
      face([x1, y0], [0, d], [1, 0]),
      face([x1, y1], [-w, 0], [0, 1]),
      face([x0, y1], [0, -d], [-1, 0]),
    ]
    sides.forEach((patch, side) => {
      painter.scatter(patch, count(density * (side % 2 === 0 ? w : d) * h, random), random)
    })
    const top = face([x0, y0], [w, 0], [0, 0])
    const up: Patch = {
      ...top,
      corner: [top.corner[0], top.corner[1], z1],
      v: turn3(0, d, 0, turns),
      normal: [0, 0, 1],
    }
    painter.scatter(up, count(density * w * d, random), random)
  }
}

/** A whole number near the expected one, rounded up with the chance of its fraction. */
function count(expected: number, random: Random): number {
  const whole = Math.floor(expected)
  return whole + (random.next() < expected - whole ? 1 : 0)
}
