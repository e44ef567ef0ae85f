import { SE2, wrapAngle } from '../geometry/index.ts'
import { type PoseGraphOptions, positive, whole } from './options.ts'
import { measureShape, type PoseGraphProblem } from './pose-graph.ts'

export interface RingOptions extends PoseGraphOptions {
  /** Poses per lap. Default 200. */
  readonly perLap?: number
  /** Default 2. With 1, the only loop closure joins the last pose to the first. */
  readonly laps?: number
  /** Every how many poses a place is recognized in later laps. Default 10. */
  readonly closureEvery?: number
  /** Metres. Default 30. */
  readonly radius?: number
}

/** A robot that drives around in circles: the smallest graph that needs loop closures. Default noise 0.05 m, 0.02 rad. */
export function ring(options: RingOptions = {}): PoseGraphProblem {
  const perLap = whole('perLap', options.perLap ?? 200, 3)
  const laps = whole('laps', options.laps ?? 2, 1)
  const every = whole('closureEvery', options.closureEvery ?? 10, 1)
  const radius = positive('radius', options.radius ?? 30)
  const count = whole('perLap × laps', perLap * laps, 3)
  const truth = new Float64Array(3 * count)
  for (let i = 0; i < count; i++) {
    const angle = (2 * Math.PI * i) / perLap
    truth[3 * i] = radius * Math.cos(angle)
    truth[3 * i + 1] = radius * Math.sin(angle)
    truth[3 * i + 2] = wrapAngle(angle + Math.PI / 2)
  }
  const pairs: number[] = []
  for (let i = perLap; i < count; i++) if (i % every === 0) pairs.push(i - perLap, i)
  pairs.push(count - 1, (laps - 1) * perLap)
  return measureShape(
    { group: SE2, truth, loops: Int32Array.from(pairs), defaultNoise: { translation: 0.05, rotation: 0.02 } },
    options,
  )
}
