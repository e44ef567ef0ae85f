import { createReadStream, existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Graph, OptimizeOptions } from 'homeward'
import { readBal, readPoseGraph } from 'homeward/data'
import { bundleWindow, grid, manhattan, sphere } from 'homeward/sim'

/** A problem to optimize, made or read when it is its turn. */
export interface Workload {
  readonly name: string
  readonly options: OptimizeOptions
  /** How often it is run after the warm-up. */
  readonly repeats: number
  load(): Graph | Promise<Graph>
}

const poseGraph: OptimizeOptions = { costConvention: 'chi2' }
const bundle: OptimizeOptions = { costConvention: 'half sum of squares', maxIterations: 200 }

const generated: readonly Workload[] = [
  { name: 'sphere', options: poseGraph, repeats: 3, load: () => sphere().graph },
  { name: 'grid3d', options: poseGraph, repeats: 3, load: () => grid().graph },
  { name: 'manhattan', options: poseGraph, repeats: 3, load: () => manhattan().graph },
  { name: 'grid10k', options: poseGraph, repeats: 1, load: () => grid({ dimension: 2, side: 100 }).graph },
  { name: 'window', options: bundle, repeats: 3, load: () => bundleWindow().graph },
]

/** Real files: workloads where they are present. */
const files: readonly (readonly [name: string, path: string, repeats: number])[] = [
  ['sphere2500', 'pose-graphs/sesync/sphere2500.g2o', 3],
  ['parking-garage', 'pose-graphs/sesync/parking-garage.g2o', 3],
  ['intel', 'pose-graphs/sesync/intel.g2o', 3],
  ['kitti_00', 'pose-graphs/sesync/kitti_00.g2o', 3],
  ['M3500a', 'pose-graphs/slambook/M3500a.g2o', 3],
  ['trafalgar-21', 'bundle-adjustment/bal/trafalgar-21-11315-pre.txt', 2],
  ['ladybug-49', 'bundle-adjustment/bal/ladybug-49-7776-pre.txt', 1],
]

/** All workloads that can run here, and the names of those that cannot. */
export function workloads(dataRoot: string): { readonly present: Workload[]; readonly missing: string[] } {
  const present = [...generated]
  const missing: string[] = []
  for (const [name, path, repeats] of files) {
    const full = join(dataRoot, path)
    if (!existsSync(full)) missing.push(name)
    else present.push(path.endsWith('.g2o') ? poseGraphFile(name, full, repeats) : bundleFile(name, full, repeats))
  }
  return { present, missing }
}

function poseGraphFile(name: string, path: string, repeats: number): Workload {
  return { name, options: poseGraph, repeats, load: async () => (await readPoseGraph(createReadStream(path))).graph }
}

function bundleFile(name: string, path: string, repeats: number): Workload {
  return { name, options: bundle, repeats, load: async () => (await readBal(createReadStream(path))).graph }
}
