import type { Random } from '../../numeric/index.ts'
import type { RoomKind } from './floor-plan.ts'

export type FurnitureKind =
  | 'bed'
  | 'nightstand'
  | 'wardrobe'
  | 'desk'
  | 'shelf'
  | 'chest'
  | 'sofa'
  | 'armchair'
  | 'coffee table'
  | 'television'
  | 'plant'
  | 'dining set'
  | 'counter'
  | 'fridge'
  | 'tub'
  | 'basin'
  | 'toilet'
  | 'washing machine'

/**
 * A piece of furniture as a shop sells it: boxes (six numbers each) in its own frame, where its back is the line y = 0,
 * its middle x = 0 and it stands on z = 0. Two copies of one model look the same.
 */
export interface Model {
  readonly kind: FurnitureKind
  /** Width along x and depth along y of everything it needs, metres. */
  readonly size: readonly [number, number]
  readonly boxes: readonly number[]
  /** It stands with its back to a wall, or free. */
  readonly wall: boolean
  /** Landmarks per square metre of its faces, in homes with 6 on a square metre of wall; others in proportion. */
  readonly density: number
  /** Of its texture. */
  readonly seed: number
}

/** What is sold in the town of this home: a few models of each kind. */
export type Catalogue = ReadonlyMap<FurnitureKind, readonly Model[]>

const modelsOfAKind = 3

export function catalogue(random: Random): Catalogue {
  const models = new Map<FurnitureKind, Model[]>()
  for (const kind of Object.keys(makers) as FurnitureKind[])
    models.set(
      kind,
      Array.from({ length: modelsOfAKind }, () => {
        const { boxes, size, density } = makers[kind](random)
        const wall = kind !== 'coffee table' && kind !== 'dining set'
        return { kind, boxes, size, wall, density, seed: random.bits() }
      }),
    )
  return models
}

interface Shape {
  readonly size: readonly [number, number]
  readonly boxes: number[]
  readonly density: number
}

/** Whole centimetres. */
function length(random: Random, low: number, high: number): number {
  return Math.round(100 * random.uniform(low, high)) / 100
}

/** A box centred on x. */
const block = (w: number, y0: number, y1: number, z0: number, z1: number): number[] => [-w / 2, y0, z0, w / 2, y1, z1]

const cabinet = (w: number, d: number, h: number, density: number): Shape => ({
  size: [w, d],
  boxes: block(w, 0, d, 0, h),
  density,
})

/** A top on four legs. */
function table(w: number, y0: number, y1: number, h: number, x = 0): number[] {
  const boxes = [x - w / 2, y0, h - 0.04, x + w / 2, y1, h]
  for (const lx of [x - w / 2, x + w / 2 - 0.05])
    for (const ly of [y0, y1 - 0.05]) boxes.push(lx, ly, 0, lx + 0.05, ly + 0.05, h - 0.04)
  return boxes
}

/** A seat of 0.42 m square with its back on one side. */
function chair(x: number, y: number, back: 1 | -1): number[] {
  const seat = [x - 0.21, y - 0.21, 0.1, x + 0.21, y + 0.21, 0.46]
  const rear = back > 0 ? y + 0.17 : y - 0.21
  return [...seat, x - 0.21, rear, 0.46, x + 0.21, rear + 0.04, 0.92]
}

const makers: Record<FurnitureKind, (random: Random) => Shape> = {
  bed(random) {
    const [w, l] = [length(random, 0.95, 1.8), length(random, 1.95, 2.1)]
    const boxes = [
      ...block(w, 0, 0.06, 0, length(random, 0.8, 1.2)),
      ...block(w, 0.06, l, 0, length(random, 0.4, 0.55)),
    ]
    return { size: [w, l], boxes, density: 14 }
  },
  nightstand: (random) => cabinet(length(random, 0.38, 0.5), 0.4, length(random, 0.45, 0.6), 30),
  wardrobe: (random) => cabinet(length(random, 1, 2), 0.6, length(random, 1.95, 2.2), 14),
  desk(random) {
    const w = length(random, 1.1, 1.6)
    const screen = [-0.3, 0.12, 0.78, 0.3, 0.16, 1.14]
    return { size: [w, 1.15], boxes: [...table(w, 0, 0.7, 0.74), ...screen, ...chair(0.1, 0.86, 1)], density: 22 }
  },
  shelf: (random) => cabinet(length(random, 0.8, 1.8), length(random, 0.28, 0.36), length(random, 1.6, 2.1), 55),
  chest: (random) => cabinet(length(random, 0.8, 1.4), length(random, 0.4, 0.5), length(random, 0.75, 1.1), 22),
  sofa(random) {
    const [w, d] = [length(random, 1.7, 2.4), length(random, 0.85, 1)]
    const arms = [-w / 2, 0, 0, -w / 2 + 0.2, d, 0.62, w / 2 - 0.2, 0, 0, w / 2, d, 0.62]
    return { size: [w, d], boxes: [...block(w, 0, 0.25, 0, 0.85), ...block(w, 0.25, d, 0, 0.44), ...arms], density: 16 }
  },
  armchair(random) {
    const w = length(random, 0.75, 0.9)
    return { size: [w, 0.85], boxes: [...block(w, 0, 0.2, 0, 0.9), ...block(w, 0.2, 0.85, 0, 0.45)], density: 18 }
  },
  'coffee table'(random) {
    const [w, d] = [length(random, 0.8, 1.2), length(random, 0.5, 0.7)]
    return { size: [w, d], boxes: table(w, 0, d, 0.42), density: 30 }
  },
  television(random) {
    const w = length(random, 1.3, 1.9)
    return {
      size: [w, 0.42],
      boxes: [...block(w, 0, 0.42, 0, 0.5), ...block(1.2, 0.15, 0.21, 0.55, 1.25)],
      density: 18,
    }
  },
  plant(random) {
    const h = length(random, 0.7, 1.5)
    return { size: [0.5, 0.5], boxes: [...block(0.3, 0.1, 0.4, 0, 0.35), ...block(0.5, 0, 0.5, 0.35, h)], density: 60 }
  },
  'dining set'(random) {
    const [w, d] = [length(random, 1.2, 1.8), length(random, 0.75, 0.9)]
    const boxes = table(w, 0.3, 0.3 + d, 0.74)
    for (const x of [-w / 4, w / 4]) boxes.push(...chair(x, 0.25, -1), ...chair(x, 0.35 + d, 1))
    return { size: [w, d + 0.6], boxes, density: 24 }
  },
  counter(random) {
    const w = length(random, 1.8, 2.8)
    return { size: [w, 0.6], boxes: [...block(w, 0, 0.6, 0, 0.9), ...block(w, 0, 0.35, 1.45, 2.1)], density: 26 }
  },
  fridge: (random) => cabinet(0.6, 0.65, length(random, 1.5, 2), 20),
  tub: (random) => cabinet(length(random, 1.5, 1.7), 0.72, 0.56, 10),
  basin(random) {
    const w = length(random, 0.5, 0.9)
    return { size: [w, 0.45], boxes: [...block(w, 0, 0.45, 0.5, 0.86), ...block(w, 0, 0.03, 1.1, 1.8)], density: 24 }
  },
  toilet: () => ({
    size: [0.4, 0.66],
    boxes: [...block(0.38, 0, 0.2, 0, 0.85), ...block(0.36, 0.2, 0.66, 0, 0.42)],
    density: 20,
  }),
  'washing machine': () => cabinet(0.6, 0.6, 0.85, 24),
}

/** What stands in a room, the most important first: what finds no place stays out. */
export const furnishing: Record<RoomKind, readonly FurnitureKind[]> = {
  corridor: ['plant'],
  living: ['sofa', 'television', 'coffee table', 'shelf', 'armchair', 'plant', 'chest', 'shelf', 'dining set'],
  bedroom: ['bed', 'wardrobe', 'nightstand', 'chest', 'plant', 'shelf'],
  kitchen: ['counter', 'fridge', 'counter', 'dining set', 'shelf'],
  bath: ['toilet', 'basin', 'tub', 'washing machine'],
  study: ['desk', 'shelf', 'shelf', 'armchair', 'plant', 'chest'],
  nursery: ['bed', 'chest', 'desk', 'shelf', 'plant'],
  dining: ['dining set', 'chest', 'shelf', 'plant', 'armchair'],
  laundry: ['washing machine', 'basin', 'shelf', 'washing machine'],
}
