import { bundleTargets } from './bundles.ts'
import type { FuzzTarget } from './cases.ts'
import { nistTargets } from './nist.ts'
import { poseGraphTargets } from './pose-graphs.ts'
import { trajectoryTargets } from './trajectories.ts'

/** Every reader of the library, each with its seeds. A new reader adds its file here. */
export const targets: readonly FuzzTarget[] = [
  ...poseGraphTargets,
  ...bundleTargets,
  ...trajectoryTargets,
  ...nistTargets,
]
