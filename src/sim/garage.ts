import { SE3 } from '../geometry/index.ts'
import { writeFrame } from './frames.ts'
import { fraction, type PoseGraphOptions, positive, streams, whole } from './options.ts'
import { measureShape, type PoseGraphProblem } from './pose-graph.ts'

export interface GarageOptions extends PoseGraphOptions {
  /** Default 6. */
  readonly floors?: number
  /** Poses per round. Default 150. */
  readonly perFloor?: number
  /** Length and width of a round, metres. Default 60 × 30. */
  readonly length?: number
  readonly width?: number
  /** Metres between floors. Default 3. */
  readonly height?: number
  /** Part of the poses tied to the floor below, each to three poses there. Default 0.5. */
  readonly loopFraction?: number
}

/**
 * A car that climbs a parking garage, round upon round on one long ramp, and recognizes the floor below through the open
 * middle. Default noise 0.03 m, 0.01 rad.
 */
export function garage(options: GarageOptions = {}): PoseGraphProblem {
  const floors = whole('floors', options.floors ?? 6, 1)
  const perFloor = whole('perFloor', options.perFloor ?? 150, 8)
  const length = positive('length', options.length ?? 60)
  const width = positive('width', options.width ?? 30)
  const height = positive('height', options.height ?? 3)
  const part = fraction('loopFraction', options.loopFraction ?? 0.5)
  const count = whole('floors × perFloor', floors * perFloor, 8)
  const truth = new Float64Array(7 * count)
  const track = roundedRectangle(length, width, Math.min(length, width) / 4)
  for (let i = 0; i < count; i++) {
    const [x, y, dx, dy] = track.at((i % perFloor) / perFloor)
    const rise = height / track.length
    writeFrame(truth, 7 * i, [x, y, (height * i) / perFloor], [dx, dy, rise], [0, 0, 1])
  }
  const random = streams(options.seed).shape
  const pairs: number[] = []
  for (let i = perFloor; i < count; i++) {
    if (random.next() >= part) continue
    for (const shift of [-2, 0, 2]) if (i - perFloor + shift >= 0) pairs.push(i - perFloor + shift, i)
  }
  return measureShape(
    { group: SE3, truth, loops: Int32Array.from(pairs), defaultNoise: { translation: 0.03, rotation: 0.01 } },
    options,
  )
}

/** A closed track: t in [0, 1) → position and unit direction (x, y, dx, dy). `length` in metres. */
interface Track {
  readonly length: number
  at(t: number): [number, number, number, number]
}

/** A rectangle with quarter circles for corners, counter-clockwise from the middle of its lower side, at even speed. */
function roundedRectangle(length: number, width: number, corner: number): Track {
  const straights = [length - 2 * corner, width - 2 * corner, length - 2 * corner, width - 2 * corner]
  const arc = (Math.PI / 2) * corner
  const total = straights.reduce((sum, straight) => sum + straight + arc, 0)
  const at = (t: number): [number, number, number, number] => {
    let left = (t * total + straights[0] / 2) % total
    let [x, y] = [-straights[0] / 2, -width / 2]
    for (let side = 0; ; side = (side + 1) % 4) {
      const straight = straights[side]
      const [dx, dy] = [[1, 0] as const, [0, 1] as const, [-1, 0] as const, [0, -1] as const][side]
      if (left <= straight) return [x + left * dx, y + left * dy, dx, dy]
      x += straight * dx
      y += straight * dy
      left -= straight
      // The corner turns left about a centre to the left: position = start + r (sin a · ahead + (1 − cos a) · left).
      const angle = Math.min(left, arc) / corner
      const [s, c] = [Math.sin(angle), Math.cos(angle)]
      const turned: [number, number, number, number] = [
        x + corner * (s * dx - (1 - c) * dy),
        y + corner * (s * dy + (1 - c) * dx),
        c * dx - s * dy,
        c * dy + s * dx,
      ]
      if (left < arc) return turned
      ;[x, y] = turned
      left -= arc
    }
  }
  return { length: total, at }
}
