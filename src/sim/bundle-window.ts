import { euclidean, product, SE3 } from '../geometry/index.ts'
import { type FactorType, Graph, reprojection, reprojectionBal, stereo, type Values } from '../graph/index.ts'
import { type Random, UsageError } from '../numeric/index.ts'
import { fraction, nonNegative, positive, streams, whole } from './options.ts'
import { CAMERA_IN_BODY, lapOfRoom, type Room, wallHit } from './room.ts'

export interface BundleWindowOptions {
  /**
   * What looks: a calibrated rectified 'stereo' pair (the default), one calibrated camera ('mono'), or one of BAL's
   * cameras with unknown focal length and distortion ('bal'), whose problem can be written as a BAL file.
   */
  readonly camera?: 'stereo' | 'mono' | 'bal'
  /** Key frames. Default 50. */
  readonly frames?: number
  /** Points seen in each frame. Default 28. */
  readonly features?: number
  /** Chance that a point is found again in the next frame. Default 0.86. */
  readonly survival?: number
  /** Standard deviation of image coordinates, pixels. Default 1. Zero measures exactly, with the weights of 1 pixel. */
  readonly pixelNoise?: number
  /** Part of the observations that are wrong by 5 to 50 pixels in each coordinate. Default 0. */
  readonly outliers?: number
  /** Length, width and height of the room, metres. Default 8 × 6 × 3. */
  readonly room?: Room
  /** Metres between key frames. Default 0.08. */
  readonly step?: number
  /** 'truth', or deviations of the first values (the first pose is kept). Default 0.05 m, 0.02 rad, 0.1 m. */
  readonly start?: 'truth' | { readonly translation: number; readonly rotation: number; readonly point: number }
  /** Default 1. */
  readonly seed?: number
}

/** A bundle adjustment window with known truth. Cameras are variables 'c0', 'c1', …, then points 'p0', 'p1', …. */
export interface BundleWindowProblem {
  readonly graph: Graph
  readonly truth: Values
  readonly cameras: number
  readonly points: number
  readonly observations: number
  /** Rows of the graph's batch that are wrong, ascending. */
  readonly outliers: Int32Array
}

/** EuRoC-like pictures. */
const image = { width: 752, height: 480, focal: 458, baseline: 0.11 }
/** Nearer points are not used: their disparity is larger than any matcher searches for. */
const nearest = 0.4
const balDistortion = [-0.06, 0.01] as const

/**
 * A sliding window of visual odometry: a robot with a camera drives through a room and tracks points on its walls, floor
 * and ceiling, new ones taking the place of lost ones. Points seen only once are left out.
 *
 * Observations carry Ω = I / σ², except those of 'bal', which have none in their files: there chi2 is in square pixels.
 */
export function bundleWindow(options: BundleWindowOptions = {}): BundleWindowProblem {
  const { camera = 'stereo', room = [8, 6, 3], start = { translation: 0.05, rotation: 0.02, point: 0.1 } } = options
  const frames = whole('frames', options.frames ?? 50, 2)
  const features = whole('features', options.features ?? 28, 1)
  const survival = fraction('survival', options.survival ?? 0.86)
  const pixelNoise = nonNegative('pixelNoise', options.pixelNoise ?? 1)
  const wrong = fraction('outliers', options.outliers ?? 0)
  const step = positive('step', options.step ?? 0.08)
  if (room.length !== 3 || Math.min(...room) < 2)
    throw new UsageError(`room must be three numbers of at least 2 m, got ${room}`)
  const random = streams(options.seed)

  const model = cameraModel(camera)
  const path = lapOfRoom(room, frames, step, camera === 'bal' ? CAMERA_IN_BODY.backwards : CAMERA_IN_BODY.forwards)
  const tracks = trackPoints(path, room, features, survival, camera === 'bal' ? -1 : 1, random.shape)
  const graph = new Graph()
  addCameras(graph, path, model, start, random.start)
  const pointsAt = graph.variableCount
  addPoints(graph, tracks.points, start, random.start)
  const truth = graph.values.copy(trueValues(graph, path, model, tracks.points))

  const { type } = model
  const information = camera === 'bal' ? undefined : diagonal(type.residualDim, 1 / (pixelNoise || 1) ** 2)
  const outliers: number[] = []
  const data = model.data.slice()
  const predicted = new Float64Array(type.residualDim)
  for (let o = 0; o < tracks.sightings.length; o += 2) {
    const indices = [tracks.sightings[o], pointsAt + tracks.sightings[o + 1]]
    // A factor that observed 0 has its own prediction for residual.
    const at = Int32Array.of(truth.offset(indices[0]), truth.offset(indices[1]))
    type.evaluate(truth.data, at, 0, model.data, 0, predicted, 0, null, 0)
    const spoiled = random.falseLoops.next() < wrong
    if (spoiled) outliers.push(o / 2)
    for (let k = 0; k < predicted.length; k++) {
      data[k] = predicted[k] + pixelNoise * random.noise.gaussian()
      if (spoiled) data[k] += random.falseLoops.uniform(5, 50) * (random.falseLoops.next() < 0.5 ? -1 : 1)
    }
    graph.addFactorAt(type, indices, data, information ? { information } : {})
  }
  return {
    graph,
    truth,
    cameras: frames,
    points: tracks.points.length / 3,
    observations: tracks.sightings.length / 2,
    outliers: Int32Array.from(outliers),
  }
}

interface CameraModel {
  readonly type: FactorType
  /** The factor's data with an observation of zeros. */
  readonly data: Float64Array
  /** True and first values of what a camera variable has beside its pose. */
  readonly intrinsics: readonly number[]
  readonly guess: readonly number[]
}

function cameraModel(camera: 'stereo' | 'mono' | 'bal'): CameraModel {
  const { width, height, focal, baseline } = image
  const calibration = [focal, focal, width / 2, height / 2]
  switch (camera) {
    case 'stereo':
      return { type: stereo, data: Float64Array.of(0, 0, 0, ...calibration, baseline), intrinsics: [], guess: [] }
    case 'mono':
      return { type: reprojection, data: Float64Array.of(0, 0, ...calibration), intrinsics: [], guess: [] }
    case 'bal':
      return {
        type: reprojectionBal,
        data: Float64Array.of(0, 0),
        intrinsics: [focal, ...balDistortion],
        guess: [1.02 * focal, 0, 0],
      }
    default:
      throw new UsageError(`camera must be 'stereo', 'mono' or 'bal', got '${camera}'`)
  }
}

interface Tracks {
  /** points × (x, y, z) */
  readonly points: Float64Array
  /** Pairs (frame, point), frame by frame. */
  readonly sightings: Int32Array
}

/** Follows points from frame to frame and picks new ones by random rays, so that every frame sees `features`. */
function trackPoints(
  path: Float64Array,
  room: Room,
  features: number,
  survival: number,
  ahead: 1 | -1,
  random: Random,
): Tracks {
  const places: number[] = []
  const seen: number[] = []
  let tracked: number[] = []
  const local = new Float64Array(3)
  for (let frame = 0; 7 * frame < path.length; frame++) {
    tracked = tracked.filter((point) => random.next() < survival && isVisible(path, frame, places, point, ahead, local))
    for (let attempts = 0; tracked.length < features && attempts < 50 * features; attempts++) {
      const u = random.uniform(-0.5, 0.5) * (image.width / image.focal)
      const v = random.uniform(-0.5, 0.5) * (image.height / image.focal)
      const hit = wallHit(path, 7 * frame, [u, v, ahead], room)
      places.push(...hit)
      const point = places.length / 3 - 1
      if (isVisible(path, frame, places, point, ahead, local)) tracked.push(point)
      else places.length -= 3
    }
    for (const point of tracked) seen.push(frame, point)
  }
  return dropSinglySeen(places, seen)
}

const inverse = new Float64Array(7)

function isVisible(
  path: Float64Array,
  frame: number,
  places: readonly number[],
  point: number,
  ahead: 1 | -1,
  local: Float64Array,
): boolean {
  local[0] = places[3 * point]
  local[1] = places[3 * point + 1]
  local[2] = places[3 * point + 2]
  SE3.inverse(path, 7 * frame, inverse, 0)
  SE3.act(inverse, 0, local, 0, local, 0)
  const depth = ahead * local[2]
  return (
    depth > nearest &&
    Math.abs(local[0]) * image.focal < (depth * image.width) / 2 &&
    Math.abs(local[1]) * image.focal < (depth * image.height) / 2
  )
}

function dropSinglySeen(places: readonly number[], seen: readonly number[]): Tracks {
  const times = new Int32Array(places.length / 3)
  for (let o = 1; o < seen.length; o += 2) times[seen[o]]++
  const number = new Int32Array(times.length).fill(-1)
  const points: number[] = []
  times.forEach((count, point) => {
    if (count < 2) return
    number[point] = points.length / 3
    points.push(places[3 * point], places[3 * point + 1], places[3 * point + 2])
  })
  const sightings: number[] = []
  for (let o = 0; o < seen.length; o += 2) if (number[seen[o + 1]] >= 0) sightings.push(seen[o], number[seen[o + 1]])
  return { points: Float64Array.from(points), sightings: Int32Array.from(sightings) }
}

function addCameras(
  graph: Graph,
  path: Float64Array,
  model: CameraModel,
  start: NonNullable<BundleWindowOptions['start']>,
  random: Random,
): void {
  const manifold = model.intrinsics.length > 0 ? product(SE3, euclidean(3)) : SE3
  const value = new Float64Array(manifold.ambient)
  const delta = new Float64Array(6)
  for (let frame = 0; 7 * frame < path.length; frame++) {
    value.set(path.subarray(7 * frame, 7 * frame + 7))
    value.set(start === 'truth' ? model.intrinsics : model.guess, 7)
    if (start !== 'truth' && frame > 0) {
      for (let k = 0; k < 6; k++) delta[k] = random.gaussian() * (k < 3 ? start.translation : start.rotation)
      SE3.retract(value, 0, delta, 0, value, 0)
    }
    graph.addVariable(`c${frame}`, manifold, value)
  }
}

function addPoints(
  graph: Graph,
  points: Float64Array,
  start: NonNullable<BundleWindowOptions['start']>,
  random: Random,
): void {
  const manifold = euclidean(3)
  const sigma = start === 'truth' ? 0 : start.point
  for (let p = 0; 3 * p < points.length; p++)
    graph.addVariable(
      `p${p}`,
      manifold,
      points.slice(3 * p, 3 * p + 3).map((place) => (sigma > 0 ? place + sigma * random.gaussian() : place)),
    )
}

/** The true numbers in the order of the graph's values. */
function trueValues(graph: Graph, path: Float64Array, model: CameraModel, points: Float64Array): Float64Array {
  const data = new Float64Array(graph.values.data.length)
  const size = 7 + model.intrinsics.length
  for (let frame = 0; 7 * frame < path.length; frame++) {
    data.set(path.subarray(7 * frame, 7 * frame + 7), size * frame)
    data.set(model.intrinsics, size * frame + 7)
  }
  data.set(points, data.length - points.length)
  return data
}

/** The upper triangle of value · I. */
function diagonal(m: number, value: number): Float64Array {
  const upper = new Float64Array((m * (m + 1)) / 2)
  for (let row = 0, at = 0; row < m; at += m - row++) upper[at] = value
  return upper
}
