import { SE3 } from '../geometry/index.ts'
import { writeFrame } from './frames.ts'
import { type PoseGraphOptions, positive, whole } from './options.ts'
import { measureShape, type PoseGraphProblem } from './pose-graph.ts'

export interface TorusOptions extends PoseGraphOptions {
  /** Turns of the coil. Default 60. */
  readonly turns?: number
  /** Poses per turn. Default 40. */
  readonly perTurn?: number
  /** Radius of the ring that the coil is wound on, metres. Default 40. */
  readonly radius?: number
  /** Radius of the coil, metres; less than `radius`. Default 15. */
  readonly tube?: number
}

/**
 * A robot on a coil wound on a ring, tied at every pose to its neighbour on the next turn; the last turn meets the first.
 * Default noise 0.05 m, 0.01 rad.
 */
export function torus(options: TorusOptions = {}): PoseGraphProblem {
  const turns = whole('turns', options.turns ?? 60, 3)
  const perTurn = whole('perTurn', options.perTurn ?? 40, 3)
  const tube = positive('tube', options.tube ?? 15)
  const radius = positive('radius', options.radius ?? 40)
  positive('radius − tube', radius - tube)
  const count = whole('turns × perTurn', turns * perTurn, 3)
  const truth = new Float64Array(7 * count)
  // p = ((R + r cos β) cos α, (R + r cos β) sin α, r sin β), heading along dp/di, z outward.
  const turn = (2 * Math.PI) / perTurn
  const advance = (2 * Math.PI) / count
  for (let i = 0; i < count; i++) {
    const [ca, sa] = [Math.cos(advance * i), Math.sin(advance * i)]
    const [cb, sb] = [Math.cos(turn * i), Math.sin(turn * i)]
    const reach = radius + tube * cb
    const forward = [
      -advance * reach * sa - turn * tube * sb * ca,
      advance * reach * ca - turn * tube * sb * sa,
      turn * tube * cb,
    ] as const
    writeFrame(truth, 7 * i, [reach * ca, reach * sa, tube * sb], forward, [cb * ca, cb * sa, sb])
  }
  const loops = new Int32Array(2 * count)
  for (let i = 0; i < count; i++) loops.set([i, (i + perTurn) % count], 2 * i)
  return measureShape({ group: SE3, truth, loops, defaultNoise: { translation: 0.05, rotation: 0.01 } }, options)
}
