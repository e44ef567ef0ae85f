import { SE2 } from '../geometry/index.ts'
import type { Random } from '../numeric/index.ts'
import { fraction, type PoseGraphOptions, positive, streams, whole } from './options.ts'
import { measureShape, type PoseGraphProblem } from './pose-graph.ts'

export interface ManhattanOptions extends PoseGraphOptions {
  /** Default 3500. */
  readonly poses?: number
  /** Blocks along each side of the town. Default 10. */
  readonly blocks?: number
  /** Steps of the robot along a block. Default 5. */
  readonly blockLength?: number
  /** Metres per step. Default 1. */
  readonly step?: number
  /** Part of the places seen again that are recognized. Default 0.6. */
  readonly loopFraction?: number
}

/**
 * A robot that wanders through the streets of a square town, turning at random, and recognizes places where it was
 * before: the shape of the Manhattan world of E. Olson, J. Leonard and S. Teller, "Fast iterative alignment of pose
 * graphs with poor initial estimates", ICRA 2006. Default noise 0.05 m, 0.02 rad.
 */
export function manhattan(options: ManhattanOptions = {}): PoseGraphProblem {
  const poses = whole('poses', options.poses ?? 3500, 2)
  const blocks = whole('blocks', options.blocks ?? 10, 1)
  const blockLength = whole('blockLength', options.blockLength ?? 5, 1)
  const step = positive('step', options.step ?? 1)
  const part = fraction('loopFraction', options.loopFraction ?? 0.6)
  const random = streams(options.seed).shape
  const path = wander(poses, blocks * blockLength, blockLength, random)
  const truth = new Float64Array(3 * poses)
  for (let i = 0; i < poses; i++) {
    truth[3 * i] = step * path[3 * i]
    truth[3 * i + 1] = step * path[3 * i + 1]
    const quarter = path[3 * i + 2]
    truth[3 * i + 2] = (quarter === 3 ? -1 : quarter) * (Math.PI / 2)
  }
  const loops = recognize(path, blocks * blockLength + 1, part, random)
  return measureShape({ group: SE2, truth, loops, defaultNoise: { translation: 0.05, rotation: 0.02 } }, options)
}

/** Cells (x, y) and headings (quarter turns, 0 = along x) in driving order, within a square of `side` steps. */
function wander(count: number, side: number, blockLength: number, random: Random): Int32Array {
  const path = new Int32Array(3 * count)
  const middle = blockLength * Math.floor(side / blockLength / 2)
  let [x, y, heading] = [middle, middle, 0]
  for (let i = 0; i < count; i++) {
    if (x % blockLength === 0 && y % blockLength === 0) heading = chooseStreet(x, y, heading, side, random)
    path.set([x, y, heading], 3 * i)
    x += [1, 0, -1, 0][heading]
    y += [0, 1, 0, -1][heading]
  }
  return path
}

/** At a crossing: straight on for one half, else left or right; never out of town, and back only from a dead end. */
function chooseStreet(x: number, y: number, heading: number, side: number, random: Random): number {
  const leavesTown = (quarter: number) =>
    (quarter === 0 && x >= side) ||
    (quarter === 1 && y >= side) ||
    (quarter === 2 && x <= 0) ||
    (quarter === 3 && y <= 0)
  const dice = random.next()
  const wish = dice < 0.5 ? 0 : dice < 0.75 ? 1 : 3
  for (const turn of [wish, wish === 1 ? 3 : 1, wish === 0 ? 3 : 0, 2]) {
    const quarter = (heading + turn) % 4
    if (!leavesTown(quarter)) return quarter
  }
  return heading
}

/** Ties a pose to the last visit of its cell, unless that was only just now, with probability `part`. */
function recognize(path: Int32Array, side: number, part: number, random: Random): Int32Array {
  const lastVisit = new Int32Array(side * side).fill(-1)
  const pairs: number[] = []
  for (let i = 0; 3 * i < path.length; i++) {
    const cell = path[3 * i] + side * path[3 * i + 1]
    const before = lastVisit[cell]
    if (before >= 0 && before < i - 10 && random.next() < part) pairs.push(before, i)
    lastVisit[cell] = i
  }
  return Int32Array.from(pairs)
}
