import { euclidean, SE3 } from '../../geometry/index.ts'
import { Graph, huber, type Loss, prior as measuredPose, stereo } from '../../graph/index.ts'
import { marginalize } from './marginalize.ts'
import { addPrior, type HessianPrior, type Prior } from './prior.ts'
import { solveWindow, type WindowSolveOptions } from './solve-window.ts'

/** What a rectified stereo pair sees at one moment: which track each observation is of, and (uL, uR, v) of each. */
export interface WindowFrame {
  readonly tracks: ArrayLike<number>
  readonly pixels: ArrayLike<number>
}

export interface SlideWindowOptions extends WindowSolveOptions {
  readonly camera: {
    readonly fx: number
    readonly fy: number
    readonly cx: number
    readonly cy: number
    readonly baseline: number
  }
  /** Pose of the first frame, worldFromCamera, and how well it is known: one deviation for metres and radians. Default 1e-3. */
  readonly first: Float64Array
  readonly firstSigma?: number
  /** Frames in the window. Default 15. */
  readonly window?: number
  /** Form and format of the prior that leaving frames leave behind. Default: 'square-root', 'fp64'. */
  readonly form?: 'square-root' | 'hessian'
  readonly format?: 'fp64' | 'fp32'
  /** How a Hessian form takes variables out, as in `MarginalizeOptions`. Default 'pivots'. */
  readonly elimination?: 'pivots' | 'inverse'
  /** Standard deviation of image coordinates, pixels. Default 1. */
  readonly pixelSigma?: number
  /** Default: huber(1.345). */
  readonly loss?: Loss | null
  /** Called with each prior as it is made. */
  readonly onPrior?: (prior: Prior, frame: number) => void
}

export interface SlideWindowResult {
  /** worldFromCamera of every frame as it left the window (of the last ones: as the run ended), frames × 7. */
  readonly poses: Float64Array
  readonly solves: number
  readonly failures: number
  readonly rejections: number
}

/** A point nearer than this, or behind the camera, is no point. */
const NEAREST = 0.2
/** Disparity below which an observation places no point, pixels. */
const LEAST_DISPARITY = 2

/**
 * Stereo odometry in a sliding window: each frame is predicted at constant velocity, its new tracks (and points that
 * have come to lie behind it) are placed by their disparity, the window is solved, and beyond `window` frames the oldest pose leaves together with all points it sees,
 * whose factors become a prior on the remaining poses. A track that lives on is a new point from then on.
 */
export function slideWindow(frames: Iterable<WindowFrame>, options: SlideWindowOptions): SlideWindowResult {
  const run = new Run(options)
  for (const frame of frames) run.take(frame)
  return run.finish()
}

class Run {
  private readonly options: SlideWindowOptions
  private readonly loss: Loss | null
  private readonly information: Float64Array
  private graph: Graph = new Graph()
  /** A Hessian prior stays beside the graph. */
  private hessian: HessianPrior | null = null
  private readonly poses: number[] = []
  /** Frames in the window, oldest first. */
  private readonly inside: number[] = []
  private count = 0
  private solves = 0
  private failures = 0
  private rejections = 0
  /** The point that a track is now, and the points that each frame of the window sees. */
  private readonly pointOf = new Map<number, string>()
  private readonly seenFrom = new Map<number, string[]>()
  private points = 0

  constructor(options: SlideWindowOptions) {
    this.options = options
    this.loss = options.loss === undefined ? huber(1.345) : options.loss
    const weight = 1 / (options.pixelSigma ?? 1) ** 2
    this.information = Float64Array.of(weight, 0, 0, weight, 0, weight)
  }

  take(frame: WindowFrame): void {
    const { window = 15 } = this.options
    const index = this.count++
    this.graph.addVariable(index, SE3, this.predict(index))
    this.inside.push(index)
    if (index === 0) this.holdFirst()
    this.observe(index, frame)
    const { x, solves, failures, rejections } = solveWindow(this.graph, this.hessian, this.options)
    this.graph.values.data.set(x)
    this.solves += solves
    this.failures += failures
    this.rejections += rejections
    if (this.inside.length > window) this.leave()
  }

  finish(): SlideWindowResult {
    for (const index of this.inside) this.keep(index)
    const { solves, failures, rejections } = this
    return { poses: Float64Array.from(this.poses), solves, failures, rejections }
  }

  private keep(index: number): void {
    this.poses.push(...this.graph.values.get(index))
  }

  /** The last motion once more; the first frame's pose is given. */
  private predict(index: number): Float64Array {
    if (index === 0) return this.options.first
    if (index === 1) return this.graph.values.get(0).slice()
    const motion = new Float64Array(7)
    SE3.inverse(this.graph.values.get(index - 2), 0, motion, 0)
    SE3.compose(motion, 0, this.graph.values.get(index - 1), 0, motion, 0)
    SE3.compose(this.graph.values.get(index - 1), 0, motion, 0, motion, 0)
    SE3.normalize(motion, 0)
    return motion
  }

  private holdFirst(): void {
    const { first, firstSigma = 1e-3 } = this.options
    const information = new Float64Array(21)
    for (let i = 0, at = 0; i < 6; at += 6 - i++) information[at] = 1 / firstSigma ** 2
    this.graph.addFactor(measuredPose(SE3), [0], first, { information })
  }

  private observe(index: number, { tracks, pixels }: WindowFrame): void {
    const { fx, fy, cx, cy, baseline } = this.options.camera
    const { values } = this.graph
    const pose = values.get(index).slice()
    const place = new Float64Array(3)
    const seen: string[] = []
    for (let o = 0; o < tracks.length; o++) {
      const [uL, uR, v] = [pixels[3 * o], pixels[3 * o + 1], pixels[3 * o + 2]]
      let key = this.pointOf.get(tracks[o])
      if (key === undefined || !(depthIn(pose, values.get(key)) > NEAREST)) {
        if (!(uL - uR > LEAST_DISPARITY)) continue
        const depth = (fx * baseline) / (uL - uR)
        place[0] = ((uL - cx) / fx) * depth
        place[1] = ((v - cy) / fy) * depth
        place[2] = depth
        SE3.act(pose, 0, place, 0, place, 0)
        if (key === undefined) {
          key = `p${this.points++}`
          this.graph.addVariable(key, euclidean(3), place)
          this.pointOf.set(tracks[o], key)
        } else values.set(key, place)
      }
      seen.push(key)
      this.graph.addFactor(stereo, [index, key], [uL, uR, v, fx, fy, cx, cy, baseline], {
        information: this.information,
        loss: this.loss,
      })
    }
    this.seenFrom.set(index, seen)
  }

  /** The oldest pose and its points leave. */
  private leave(): void {
    const { form = 'square-root', format = 'fp64', elimination = 'pivots', onPrior } = this.options
    const oldest = this.inside.shift() as number
    this.keep(oldest)
    const gone = (this.seenFrom.get(oldest) ?? []).filter((key) => this.graph.values.has(key))
    this.seenFrom.delete(oldest)
    const { prior, graph } = marginalize(this.graph, this.graph.values, [oldest, ...gone], {
      form,
      format,
      elimination,
      prior: this.hessian,
    })
    this.graph = graph
    const names = new Set(gone)
    for (const [track, key] of this.pointOf) if (names.has(key)) this.pointOf.delete(track)
    this.hessian = null
    if (!prior) return
    onPrior?.(prior, oldest)
    if (prior.form === 'square-root') addPrior(graph, prior)
    else this.hessian = prior
  }
}

function depthIn(worldFromCamera: Float64Array, place: Float64Array): number {
  const inverse = new Float64Array(7)
  const local = new Float64Array(3)
  SE3.inverse(worldFromCamera, 0, inverse, 0)
  SE3.act(inverse, 0, place, 0, local, 0)
  return local[2]
}
