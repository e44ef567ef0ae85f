import { SE3 } from '../geometry/index.ts'
import { type Random, UsageError } from '../numeric/index.ts'
import { writeFrame } from './frames.ts'
import { fraction, nonNegative, positive, streams, whole } from './options.ts'
import { CAMERA_IN_BODY } from './room.ts'

export interface SequenceWindowOptions {
  /** Frames to yield. Default 300. */
  readonly frames?: number
  /** Frames a second. Default 10. */
  readonly rate?: number
  /** Points seen in each frame. Default 28. */
  readonly features?: number
  /** Chance that a point is found again in the next frame. Default 0.86. */
  readonly survival?: number
  /** Standard deviation of image coordinates, pixels. Default 1. */
  readonly pixelNoise?: number
  /** Part of the observations that are wrong by 5 to 50 pixels in each coordinate. Default 0. */
  readonly outliers?: number
  /** Default 1. */
  readonly seed?: number
}

/** What a rectified stereo pair sees at one moment. */
export interface StereoFrame {
  readonly index: number
  /** Seconds. */
  readonly time: number
  /** True pose of the left camera (SE3, 7 numbers). */
  readonly worldFromCamera: Float64Array
  /** Which point each observation is of; a point that is lost never comes back under its number. */
  readonly tracks: Int32Array
  /** (uL, uR, v) per observation, pixels. */
  readonly pixels: Float64Array
  /** 1 where the observation is wrong. */
  readonly wrong: Uint8Array
}

/** The cameras of {@link sequenceWindow}, EuRoC-like: pixels and metres. */
export const stereoCamera = {
  width: 752,
  height: 480,
  fx: 458,
  fy: 458,
  cx: 376,
  cy: 240,
  baseline: 0.11,
} as const

/** 3 × 2 rooms with doors between neighbours, metres. */
const plan = { columns: 3, rows: 2, room: 4.2, height: 2.6, doorWidth: 1, doorHeight: 2 }
const limits = { speed: 0.9, turn: 1 }
/** Nearer points are not used: their disparity is larger than any matcher searches for. */
const nearest = 0.4

/**
 * A robot with a stereo camera drives from room to room, as a unicycle of at most 0.9 m/s and 1 rad/s, and tracks points
 * on walls, floor and ceiling, new ones taking the place of lost ones: frame after frame, for estimators that work as
 * frames come. No two rooms are seen at once but through their door. The same options give the same frames.
 */
export function* sequenceWindow(options: SequenceWindowOptions = {}): Generator<StereoFrame, void, void> {
  const frames = whole('frames', options.frames ?? 300, 1)
  const rate = positive('rate', options.rate ?? 10)
  const features = whole('features', options.features ?? 28, 1)
  const survival = fraction('survival', options.survival ?? 0.86)
  const pixelNoise = nonNegative('pixelNoise', options.pixelNoise ?? 1)
  const wrongPart = fraction('outliers', options.outliers ?? 0)
  if (rate < 2) throw new UsageError(`rate must be at least 2 frames a second, got ${rate}`)
  const random = streams(options.seed)
  const drive = new Drive(random.start)
  let tracked: Track[] = []
  let next = 0
  for (let index = 0; index < frames; index++) {
    const pose = drive.camera(index)
    tracked = tracked.filter((track) => random.shape.next() < survival && project(pose, track.place))
    for (let attempts = 0; tracked.length < features && attempts < 50 * features; attempts++) {
      const place = glance(pose, random.shape)
      if (project(pose, place)) tracked.push({ id: next++, place })
    }
    yield observe(index, index / rate, pose, tracked, pixelNoise, wrongPart, random)
    drive.advance(1 / rate)
  }
}

interface Track {
  readonly id: number
  readonly place: Float64Array
}

const projected = new Float64Array(3)

function observe(
  index: number,
  time: number,
  pose: Float64Array,
  tracked: readonly Track[],
  pixelNoise: number,
  wrongPart: number,
  random: { noise: Random; falseLoops: Random },
): StereoFrame {
  const pixels = new Float64Array(3 * tracked.length)
  const wrong = new Uint8Array(tracked.length)
  tracked.forEach(({ place }, o) => {
    project(pose, place)
    wrong[o] = random.falseLoops.next() < wrongPart ? 1 : 0
    for (let k = 0; k < 3; k++) {
      let value = projected[k] + pixelNoise * random.noise.gaussian()
      if (wrong[o]) value += random.falseLoops.uniform(5, 50) * (random.falseLoops.next() < 0.5 ? -1 : 1)
      pixels[3 * o + k] = value
    }
  })
  return { index, time, worldFromCamera: pose, tracks: Int32Array.from(tracked, ({ id }) => id), pixels, wrong }
}

const inverse = new Float64Array(7)
const local = new Float64Array(3)

/** (uL, uR, v) of a place into `projected`; false when it is out of either image, too near or behind a wall. */
function project(pose: Float64Array, place: Float64Array): boolean {
  const { width, height, fx, fy, cx, cy, baseline } = stereoCamera
  SE3.inverse(pose, 0, inverse, 0)
  SE3.act(inverse, 0, place, 0, local, 0)
  const depth = local[2]
  if (!(depth > nearest)) return false
  projected[0] = (fx * local[0]) / depth + cx
  projected[1] = projected[0] - (fx * baseline) / depth
  projected[2] = (fy * local[1]) / depth + cy
  if (!(projected[1] > 0 && projected[0] < width && projected[2] > 0 && projected[2] < height)) return false
  const direction = [place[0] - pose[0], place[1] - pose[1], place[2] - pose[2]] as const
  return firstSurface([pose[0], pose[1], pose[2]], direction) > 1 - 1e-6
}

const tip = new Float64Array(3)

/** Where a random ray of the image ends. */
function glance(pose: Float64Array, random: Random): Float64Array {
  const { width, height, fx, fy } = stereoCamera
  tip[0] = (random.uniform(-0.5, 0.5) * width) / fx
  tip[1] = (random.uniform(-0.5, 0.5) * height) / fy
  tip[2] = 1
  SE3.act(pose, 0, tip, 0, tip, 0)
  const from = [pose[0], pose[1], pose[2]] as const
  const direction = [tip[0] - from[0], tip[1] - from[1], tip[2] - from[2]] as const
  const t = firstSurface(from, direction)
  return Float64Array.from(from, (start, k) => start + t * direction[k])
}

type Vector = readonly [number, number, number]

/** The least t > 0 for which from + t·direction lies on the hull or on an inner wall beside its doors. */
function firstSurface(from: Vector, direction: Vector): number {
  const high = [plan.columns * plan.room, plan.rows * plan.room, plan.height]
  let least = Number.POSITIVE_INFINITY
  for (let k = 0; k < 3; k++)
    if (direction[k] !== 0) least = Math.min(least, ((direction[k] > 0 ? high[k] : 0) - from[k]) / direction[k])
  for (let k = 0; k < 2; k++)
    for (let wall = plan.room; wall < high[k] - 1e-9; wall += plan.room) {
      const t = (wall - from[k]) / direction[k]
      if (!(t > 0 && t < least)) continue
      const along = from[1 - k] + t * direction[1 - k]
      const height = from[2] + t * direction[2]
      const fromDoor = Math.abs((along % plan.room) - plan.room / 2)
      if (fromDoor > plan.doorWidth / 2 || height > plan.doorHeight) least = t
    }
  return least
}

/** The robot's motion: towards one waypoint after another, each door passed straight. */
class Drive {
  private x: number
  private y: number
  private heading: number
  private room: [number, number]
  private last: [number, number] | null = null
  private readonly waypoints: [number, number][] = []
  private readonly random: Random

  constructor(random: Random) {
    this.random = random
    this.room = [random.integer(plan.columns), random.integer(plan.rows)]
    ;[this.x, this.y] = middle(this.room)
    this.heading = random.uniform(-Math.PI, Math.PI)
  }

  /** worldFromCamera. */
  camera(index: number): Float64Array {
    const pose = new Float64Array(7)
    const look = [Math.cos(this.heading), Math.sin(this.heading), 0.05 * Math.sin(0.17 * index)] as const
    writeFrame(pose, 0, [this.x, this.y, 1 + 0.02 * Math.sin(0.31 * index)], look, [0, 0, 1])
    SE3.compose(pose, 0, Float64Array.of(0, 0, 0, ...CAMERA_IN_BODY.forwards), 0, pose, 0)
    SE3.normalize(pose, 0)
    return pose
  }

  advance(seconds: number): void {
    if (this.waypoints.length === 0) this.chooseRoom()
    const [toX, toY] = this.waypoints[0]
    const ahead = Math.atan2(toY - this.y, toX - this.x) - this.heading
    const error = Math.atan2(Math.sin(ahead), Math.cos(ahead))
    const turn = Math.max(-limits.turn, Math.min(limits.turn, 2 * error))
    const speed = limits.speed * Math.max(0, Math.cos(error)) ** 2
    this.heading += turn * seconds
    this.x += speed * Math.cos(this.heading) * seconds
    this.y += speed * Math.sin(this.heading) * seconds
    if (Math.hypot(toX - this.x, toY - this.y) < 0.15) this.waypoints.shift()
  }

  /** A neighbouring room, back only where there is no other; through the middle of the door, to some place in it. */
  private chooseRoom(): void {
    const { room, last, random } = this
    const all = [
      [room[0] - 1, room[1]],
      [room[0] + 1, room[1]],
      [room[0], room[1] - 1],
      [room[0], room[1] + 1],
    ] as [number, number][]
    const open = all.filter(([c, r]) => c >= 0 && c < plan.columns && r >= 0 && r < plan.rows)
    const onward = open.filter(([c, r]) => c !== last?.[0] || r !== last?.[1])
    const choice = (onward.length > 0 ? onward : open)[random.integer((onward.length > 0 ? onward : open).length)]
    const [x0, y0] = middle(room)
    const [x1, y1] = middle(choice)
    for (const share of [0.35, 0.65]) this.waypoints.push([x0 + share * (x1 - x0), y0 + share * (y1 - y0)])
    this.waypoints.push([x1 + random.uniform(-0.6, 0.6), y1 + random.uniform(-0.6, 0.6)])
    this.last = room
    this.room = choice
  }
}

function middle([column, row]: readonly [number, number]): [number, number] {
  return [(column + 0.5) * plan.room, (row + 0.5) * plan.room]
}
