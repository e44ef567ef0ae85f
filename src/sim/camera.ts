import type { CameraRecord, StereoCalibration } from '../data/index.ts'
import { quaternionToMatrix, SE3 } from '../geometry/index.ts'
import type { Random } from '../numeric/index.ts'
import { descriptorWords, seenDescriptor } from './home/descriptors.ts'
import { LandmarkIndex } from './home/landmark-index.ts'
import { roomsInSight } from './home/sight.ts'
import type { Home } from './home.ts'

/** What the front end does with what the lens shows. */
export interface Tracking {
  /** Features held at most. */
  readonly features: number
  /** The chance that a track is found again in the next picture while it can be seen. */
  readonly survival: number
  /** New features are looked for in every n-th picture. */
  readonly detectEvery: number
  /** Metres: nearer points have more disparity than is searched for, farther ones are not used. */
  readonly nearest: number
  readonly farthest: number
  /** Largest angle between line of sight and surface normal, as its cosine. */
  readonly grazing: number
  /** Descriptors change with the direction and size in which a point is seen. */
  readonly appearance: boolean
}

/**
 * About 55 features; a surface is known again up to 75° from its normal, and a track lasts 2.5 s in the mean if it stays in view.
 */
export const tracking: Tracking = {
  features: 55,
  survival: 0.98,
  detectEvery: 2,
  nearest: 0.35,
  farthest: 8,
  grazing: 0.2588,
  appearance: true,
}

/** Pixels that a patch covers at pyramid level 0, levels, and how far a track may leave these sizes before it is lost. */
const smallest = 4
const levels = 8
const slack = 1.25
/** Nothing is found nearer to the border, pixels. */
const border = 12
/** The picture is divided so that features spread over it; each part holds a few. */
const parts = { columns: 8, rows: 5 }
/** How much chance there is in which corner is strong, against what is the corner's own. */
const luck = 1

/** A picture and, row by row, which landmark each of its features is. */
export interface Sight {
  readonly record: CameraRecord
  readonly landmarks: Int32Array
}

/** The two cameras and the tracker behind them: keeps its tracks from picture to picture. */
export class StereoTracker {
  private readonly home: Home
  private readonly camera: StereoCalibration
  private readonly options: Tracking
  private readonly random: Random
  private readonly pose = new Float64Array(7)
  private readonly R = new Float64Array(9)
  /** uL, uR, v, depth, size in pixels, signed sine to the normal: of the last point looked at. */
  private readonly seen = new Float64Array(6)
  /** Of the landmark in each row. */
  private held: number[] = []
  private ids: number[] = []
  private nextId = 0
  /** 1 for landmarks that are held. */
  private readonly isHeld: Uint8Array
  /** The last picture in which something stood before a landmark that was to be new. */
  private readonly isHidden: Int32Array
  private frame = 0
  private readonly index: LandmarkIndex
  private readonly nearby: number[] = []
  /** 1 for rooms that doors leave in sight. */
  private readonly open: Uint8Array
  private readonly crowd = new Uint8Array(parts.columns * parts.rows)
  /** 1.2ᵏ: sizes at which levels begin. */
  private readonly ladder: Float64Array

  constructor(home: Home, camera: StereoCalibration, options: Tracking, random: Random) {
    this.home = home
    this.camera = camera
    this.options = options
    this.random = random
    this.isHeld = new Uint8Array(home.landmarks.count)
    this.isHidden = new Int32Array(home.landmarks.count).fill(-1)
    this.index = new LandmarkIndex(home.landmarks)
    this.open = new Uint8Array(home.rooms.length)
    this.ladder = new Float64Array(levels + 1)
    let size = smallest
    for (let k = 0; k <= levels; k++, size *= camera.scaleFactor) this.ladder[k] = size
  }

  /** The picture of a body at a pose (seven numbers at 0). */
  see(time: number, frame: number, worldFromBody: Float64Array): Sight {
    SE3.compose(worldFromBody, 0, this.camera.bodyFromCamera, 0, this.pose, 0)
    quaternionToMatrix(this.pose, 3, this.R, 0)
    this.frame = frame
    this.follow()
    if (frame % this.options.detectEvery === 0) this.detect()
    return this.develop(time, frame)
  }

  /** Keeps the tracks that are still seen and are not lost by chance. */
  private follow(): void {
    const { held, ids, random, options } = this
    this.held = []
    this.ids = []
    this.crowd.fill(0)
    for (let i = 0; i < held.length; i++) {
      const survives = random.next() < options.survival
      this.isHeld[held[i]] = 0
      if (survives && this.look(held[i], slack) && this.inSight(held[i], false)) this.hold(held[i], ids[i])
    }
  }

  /** Fills up with the strongest corners of the parts of the picture that have few. */
  private detect(): void {
    const { home, options, random } = this
    const missing = options.features - this.held.length
    if (missing <= 0) return
    const most = Math.ceil((2 * options.features) / this.crowd.length)
    const candidates: number[] = []
    const scores: number[] = []
    for (const i of this.ahead())
      if (this.isHeld[i] === 0 && this.open[home.landmarks.rooms[i]] === 1 && this.look(i, 1)) {
        candidates.push(i)
        scores.push(home.landmarks.strengths[i] + luck * random.next())
      }
    const order = candidates.map((_, k) => k).sort((a, b) => scores[b] - scores[a] || a - b)
    // First so that they spread over the picture, then wherever there are some.
    for (const crowd of [most, 255])
      for (const k of order) {
        if (this.held.length >= options.features) return
        const landmark = candidates[k]
        if (this.isHeld[landmark] !== 0 || this.isHidden[landmark] === this.frame) continue
        this.look(landmark, 1)
        if (this.crowd[this.part()] >= crowd) continue
        if (this.inSight(landmark, true)) this.hold(landmark, this.nextId++)
        else this.isHidden[landmark] = this.frame
      }
  }

  /** Landmarks that may be in the picture: those in a wedge of the plane for a camera that looks level, else all. */
  private ahead(): readonly number[] {
    const { pose, R, camera, options, nearby } = this
    nearby.length = 0
    const slope = Math.max(camera.cx, camera.width - camera.cx) / camera.fx + 0.1
    const [least, most] = [smallest / camera.fx, this.ladder[levels] / camera.fx]
    if (Math.abs(R[8]) > 0.1) this.index.all(nearby)
    else this.index.inWedge(pose[0], pose[1], R[2], R[5], slope, options.farthest + 0.3, least, most, nearby)
    roomsInSight(this.home.rooms, this.home.doors, pose[0], pose[1], this.open)
    return nearby
  }

  private hold(landmark: number, id: number): void {
    this.isHeld[landmark] = 1
    this.held.push(landmark)
    this.ids.push(id)
    this.crowd[this.part()]++
  }

  /** The part of the picture where the last point looked at lies. */
  private part(): number {
    const { seen, camera } = this
    const column = Math.floor((seen[0] / camera.width) * parts.columns)
    return Math.floor((seen[2] / camera.height) * parts.rows) * parts.columns + column
  }

  /** Projects a landmark; whether field of view, range, incidence and size allow it, walls aside. */
  private look(landmark: number, slack: number): boolean {
    const { camera, pose, R, seen, options } = this
    const { positions, normals, sizes } = this.home.landmarks
    const at = 3 * landmark
    const dx = positions[at] - pose[0]
    const dy = positions[at + 1] - pose[1]
    const dz = positions[at + 2] - pose[2]
    const depth = R[2] * dx + R[5] * dy + R[8] * dz
    if (depth < options.nearest || depth > options.farthest) return false
    const inverse = 1 / depth
    const u = camera.cx + camera.fx * ((R[0] * dx + R[3] * dy + R[6] * dz) * inverse)
    if (u < border || u >= camera.width - border) return false
    const v = camera.cy + camera.fy * ((R[1] * dx + R[4] * dy + R[7] * dz) * inverse)
    if (v < border || v >= camera.height - border) return false
    const [nx, ny, nz] = [normals[at], normals[at + 1], normals[at + 2]]
    const facing = -(nx * dx + ny * dy + nz * dz)
    const distance = Math.sqrt(dx * dx + dy * dy + dz * dz)
    if (facing < options.grazing * distance) return false
    const size = camera.fx * sizes[landmark] * inverse
    if (size * slack < smallest || size > slack * this.ladder[levels]) return false
    seen[0] = u
    seen[1] = u - camera.fx * camera.baseline * inverse
    seen[2] = v
    seen[3] = depth
    seen[4] = size
    // Along the surface: level for walls, along x for floors and what else lies flat.
    seen[5] = nz === 0 ? (ny * dx - nx * dy) / distance : -dx / distance
    return true
  }

  /** Whether nothing stands between; a `pair` of pictures is asked for when a feature is new. Sets uR to NaN if only left. */
  private inSight(landmark: number, pair: boolean): boolean {
    const { solids, landmarks } = this.home
    const { pose, R, seen, camera } = this
    const at = 3 * landmark
    const [x, y, z] = [landmarks.positions[at], landmarks.positions[at + 1], landmarks.positions[at + 2]]
    if (solids.blocked(pose[0], pose[1], pose[2], x, y, z)) return false
    const b = camera.baseline
    const right =
      seen[1] >= border && !solids.blocked(pose[0] + b * R[0], pose[1] + b * R[3], pose[2] + b * R[6], x, y, z)
    return right || !pair
  }

  private develop(time: number, frame: number): Sight {
    const { held, ids, seen, options } = this
    const { descriptors: own } = this.home.landmarks
    const count = held.length
    const pixels = new Float64Array(3 * count)
    const level = new Uint8Array(count)
    const descriptors = new Uint32Array(descriptorWords * count)
    for (let i = 0; i < count; i++) {
      this.look(held[i], slack)
      pixels[3 * i] = seen[0]
      pixels[3 * i + 1] = this.inSight(held[i], true) ? seen[1] : Number.NaN
      pixels[3 * i + 2] = seen[2]
      while (level[i] < levels - 1 && seen[4] >= this.ladder[level[i] + 1]) level[i]++
      const ownAt = descriptorWords * held[i]
      if (options.appearance) seenDescriptor(own, ownAt, seen[5], level[i], descriptors, descriptorWords * i)
      else descriptors.set(own.subarray(ownAt, ownAt + descriptorWords), descriptorWords * i)
    }
    const features = { count, tracks: Int32Array.from(ids), pixels, levels: level, descriptors }
    return { record: { kind: 'camera', time, frame, features }, landmarks: Int32Array.from(held) }
  }
}
