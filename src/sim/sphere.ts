import { SE3 } from '../geometry/index.ts'
import { writeFrame } from './frames.ts'
import { type PoseGraphOptions, positive, whole } from './options.ts'
import { measureShape, type PoseGraphProblem } from './pose-graph.ts'

export interface SphereOptions extends PoseGraphOptions {
  /** Turns from pole to pole. Default 50. */
  readonly layers?: number
  /** Poses per turn. Default 50. */
  readonly perLayer?: number
  /** Metres. Default 50. */
  readonly radius?: number
}

/**
 * A robot on a spiral over a sphere, tied at every pose to the pose one turn below: the shape of sphere2500, with its
 * 2,500 poses and 4,949 edges by default. Default noise 0.05 m, 0.01 rad.
 */
export function sphere(options: SphereOptions = {}): PoseGraphProblem {
  const layers = whole('layers', options.layers ?? 50, 1)
  const perLayer = whole('perLayer', options.perLayer ?? 50, 3)
  const radius = positive('radius', options.radius ?? 50)
  const count = whole('layers × perLayer', layers * perLayer, 3)
  const truth = new Float64Array(7 * count)
  // On the unit sphere: p = (sin β cos α, sin β sin α, −cos β), heading along dp/di, z outward.
  const turn = (2 * Math.PI) / perLayer
  const climb = Math.PI / count
  for (let i = 0; i < count; i++) {
    const [ca, sa] = [Math.cos(turn * i), Math.sin(turn * i)]
    const beta = climb * (i + 0.5)
    const [cb, sb] = [Math.cos(beta), Math.sin(beta)]
    const forward = [climb * cb * ca - turn * sb * sa, climb * cb * sa + turn * sb * ca, climb * sb] as const
    writeFrame(truth, 7 * i, [radius * sb * ca, radius * sb * sa, -radius * cb], forward, [sb * ca, sb * sa, -cb])
  }
  const loops = new Int32Array(2 * (count - perLayer))
  for (let i = 0; i + perLayer < count; i++) loops.set([i, i + perLayer], 2 * i)
  return measureShape({ group: SE3, truth, loops, defaultNoise: { translation: 0.05, rotation: 0.01 } }, options)
}
