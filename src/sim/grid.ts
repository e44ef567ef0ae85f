import { SE2, SE3 } from '../geometry/index.ts'
import { type Random, UsageError } from '../numeric/index.ts'
import { writeFrame } from './frames.ts'
import { fraction, type PoseGraphOptions, positive, streams, whole } from './options.ts'
import { measureShape, type PoseGraphProblem } from './pose-graph.ts'

export interface GridOptions extends PoseGraphOptions {
  /** 3: a lattice in space (the default). 2: a field in the plane. */
  readonly dimension?: 2 | 3
  /** Poses along each edge of the lattice. Default 12 in space, 50 in the plane. */
  readonly side?: number
  /** Metres between neighbours. Default 2. */
  readonly spacing?: number
  /** Part of the neighbours that the robot does not drive along, and that are measured. Default 0.7. */
  readonly loopFraction?: number
}

/**
 * A robot that ploughs a lattice row by row (and layer by layer), tied to lattice neighbours that it meets again: the
 * densest of the graphs. Default noise 0.05 m, 0.01 rad.
 */
export function grid(options: GridOptions = {}): PoseGraphProblem {
  const { dimension = 3 } = options
  if (dimension !== 2 && dimension !== 3) throw new UsageError(`dimension must be 2 or 3, got ${dimension}`)
  const side = whole('side', options.side ?? (dimension === 3 ? 12 : 50), 2)
  const spacing = positive('spacing', options.spacing ?? 2)
  const part = fraction('loopFraction', options.loopFraction ?? 0.7)
  const count = whole(`side to the power of ${dimension}`, side ** dimension, 4)
  const path = plough(side, count)
  return measureShape(
    {
      group: dimension === 3 ? SE3 : SE2,
      truth: dimension === 3 ? posesInSpace(path, spacing) : posesInPlane(path, spacing),
      loops: neighbours(path, side, part, streams(options.seed).shape),
      defaultNoise: { translation: 0.05, rotation: 0.01 },
    },
    options,
  )
}

/** Lattice cells in driving order, three numbers each: rows to and fro, layers to and fro. */
function plough(side: number, count: number): Int32Array {
  const path = new Int32Array(3 * count)
  for (let i = 0; i < count; i++) {
    const row = Math.floor(i / side)
    const layer = Math.floor(row / side)
    const x = i % side
    const y = row % side
    path[3 * i] = row % 2 === 0 ? x : side - 1 - x
    path[3 * i + 1] = layer % 2 === 0 ? y : side - 1 - y
    path[3 * i + 2] = layer
  }
  return path
}

/** Neighbouring cells that do not follow each other on the path: each with probability `part`, earlier pose first. */
function neighbours(path: Int32Array, side: number, part: number, random: Random): Int32Array {
  const count = path.length / 3
  const cell = (x: number, y: number, z: number) => x + side * (y + side * z)
  const poseAt = new Int32Array(side ** 3).fill(-1)
  const pairs: number[] = []
  for (let i = 0; i < count; i++) {
    const [x, y, z] = [path[3 * i], path[3 * i + 1], path[3 * i + 2]]
    poseAt[cell(x, y, z)] = i
    const around = [
      x > 0 ? cell(x - 1, y, z) : -1,
      x + 1 < side ? cell(x + 1, y, z) : -1,
      y > 0 ? cell(x, y - 1, z) : -1,
      y + 1 < side ? cell(x, y + 1, z) : -1,
      z > 0 ? cell(x, y, z - 1) : -1,
    ]
    for (const other of around) {
      const met = other < 0 ? -1 : poseAt[other]
      if (met >= 0 && met < i - 1 && random.next() < part) pairs.push(met, i)
    }
  }
  return Int32Array.from(pairs)
}

function posesInSpace(path: Int32Array, spacing: number): Float64Array {
  const count = path.length / 3
  const truth = new Float64Array(7 * count)
  let [hx, hy] = [1, 0]
  for (let i = 0; i < count; i++) {
    const next = Math.min(i, count - 2)
    const dx = path[3 * next + 3] - path[3 * next]
    const dy = path[3 * next + 4] - path[3 * next + 1]
    if (dx !== 0 || dy !== 0) [hx, hy] = [dx, dy] // a lift keeps its heading
    const position = [spacing * path[3 * i], spacing * path[3 * i + 1], spacing * path[3 * i + 2]] as const
    writeFrame(truth, 7 * i, position, [hx, hy, 0], [0, 0, 1])
  }
  return truth
}

function posesInPlane(path: Int32Array, spacing: number): Float64Array {
  const count = path.length / 3
  const truth = new Float64Array(3 * count)
  for (let i = 0; i < count; i++) {
    const next = Math.min(i, count - 2)
    truth[3 * i] = spacing * path[3 * i]
    truth[3 * i + 1] = spacing * path[3 * i + 1]
    truth[3 * i + 2] = Math.atan2(path[3 * next + 4] - path[3 * next + 1], path[3 * next + 3] - path[3 * next])
  }
  return truth
}
