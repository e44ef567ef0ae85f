import { createReadStream, existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Graph, OptimizeOptions } from 'homeward'
import { readBal, readPoseGraph } from 'homeward/data'
import { bundleWindow, garage, grid, manhattan, type PoseGraphProblem, sphere, torus } from 'homeward/sim'

/** A problem to optimize, made or read when it is its turn. */
export interface Workload {
  readonly name: string
  readonly kind: 'pose graph' | 'bundle' | 'window'
  /** Part of `--quick`. */
  readonly quick: boolean
  /** Takes seconds and much memory: run once, in a process of its own. */
  readonly large: boolean
  readonly options: OptimizeOptions
  /** The file it is read from; null when generated. */
  readonly file: string | null
  /** Best known cost in the convention of `options`; null: what a run to 1e-12 reaches. */
  readonly best: number | null
  load(): Promise<Graph>
}

/** Every run stops as peers do: at a relative decrease of the cost below 1e-6. */
const poseGraph: OptimizeOptions = { costConvention: 'chi2', tolerance: 1e-6, maxSeconds: 300 }
const bundle: OptimizeOptions = { costConvention: 'half sum of squares', tolerance: 1e-6, maxIterations: 200 }

interface FileEntry {
  readonly name: string
  readonly path: string
  readonly best?: number
  readonly quick?: boolean
}

/** Optima: minima that several solvers agree on (chi2 not halved; ½ Σ r² for bundles). */
const files: readonly FileEntry[] = [
  { name: 'tinyGrid3D', path: 'sesync/tinyGrid3D.g2o', best: 6.727881617 },
  { name: 'smallGrid3D', path: 'sesync/smallGrid3D.g2o', best: 458.1537843 },
  { name: 'sphere2500', path: 'sesync/sphere2500.g2o', best: 727.1496673, quick: true },
  { name: 'parking-garage', path: 'sesync/parking-garage.g2o', best: 1.23869058, quick: true },
  { name: 'intel', path: 'sesync/intel.g2o', best: 45.00469581, quick: true },
  { name: 'MIT', path: 'sesync/MIT.g2o', best: 41.16326884, quick: true },
  { name: 'CSAIL', path: 'sesync/CSAIL.g2o', best: 40.55512885 },
  { name: 'manhattan', path: 'sesync/manhattan.g2o', best: 3549.036796, quick: true },
  { name: 'kitti_00', path: 'sesync/kitti_00.g2o', best: 98.32201174, quick: true },
  { name: 'kitti_05', path: 'sesync/kitti_05.g2o', best: 157.1043651 },
  { name: 'kitti_06', path: 'dpgo/kitti_06.g2o' },
  { name: 'kitti_07', path: 'dpgo/kitti_07.g2o' },
  { name: 'intel-dpgo', path: 'dpgo/input_INTEL_g2o.g2o', best: 215.8302349 },
  { name: 'M3500', path: 'vertigo/manhattan/originalDataset/g2o/manhattanOlson3500.g2o' },
  { name: 'M3500-olson', path: 'vertigo/manhattan/originalDataset/Olson/manhattanOlson3500.g2o' },
  { name: 'intel-vertigo', path: 'vertigo/intel/originalDataset/intel.g2o' },
  { name: 'ring', path: 'vertigo/ring/originalDataset/ring.g2o' },
  { name: 'ringCity', path: 'vertigo/ringCity/originalDataset/ringCity.g2o' },
  { name: 'M3500a', path: 'slambook/M3500a.g2o', best: 912.1150122, quick: true },
  { name: 'bicocca-0.150', path: 'rrr/B25b/B25b_0.150.g2o' },
]

/** ladybug-49's cost falls on for hundreds of iterations along its free scale; `best` is that limit. */
const bundles: readonly FileEntry[] = [
  { name: 'ladybug-49', path: 'ladybug-49-7776-pre.txt', best: 13344.24 },
  { name: 'trafalgar-21', path: 'trafalgar-21-11315-pre.txt', best: 30378.64, quick: true },
  { name: 'ladybug-49-shrink', path: 'ladybug-49-1800-shrink.txt', best: 3001.359 },
]

const noise = { translation: 0.05, rotation: 0.01 } as const

/** Sizes and noise of the reference tables for scale (σ = 0.05 m, 0.01 rad). */
const generated: readonly Workload[] = [
  made('window', 'window', true, articleWindow),
  made('gen-sphere-2500', 'pose graph', true, () => sphere({ noise }).graph),
  made('gen-torus-5000', 'pose graph', false, () => torus({ turns: 100, perTurn: 50, noise }).graph),
  made('gen-manhattan-10k', 'pose graph', false, () => town(10_000, 12)),
  large('gen-sphere-10k', () => sphere({ layers: 100, perLayer: 100, noise }).graph),
  large('gen-manhattan-100k', () => town(100_000, 38)),
  large('gen-garage-100k', () => longGarage().graph),
  large('gen-lattice-27k', () => grid({ dimension: 3, side: 30, loopFraction: 0.5, noise }).graph),
]

/** 50 rounds of 2,000 poses, a pose every 1.1 m, a tenth of them tied to the round below. */
function longGarage(): PoseGraphProblem {
  return garage({ floors: 50, perFloor: 2000, length: 800, width: 400, loopFraction: 0.1, noise })
}

/** A town of so many blocks each way that the predicted factor is that of the reference tables (0.26, 10 Gflop). */
function town(poses: number, blocks: number): Graph {
  return manhattan({ poses, blocks, loopFraction: 1, noise }).graph
}

/** 50 poses, 238 points, 2,774 observations, as long as the article's; the first two poses hold place and size. */
function articleWindow(): Graph {
  const { graph } = bundleWindow({ camera: 'mono', frames: 50, features: 56, survival: 0.99, step: 0.06 })
  graph.setConstant('c0')
  graph.setConstant('c1')
  return graph
}

function made(name: string, kind: Workload['kind'], quick: boolean, make: () => Graph): Workload {
  const options = kind === 'pose graph' ? poseGraph : bundle
  return { name, kind, quick, large: false, options, file: null, best: null, load: async () => make() }
}

function large(name: string, make: () => Graph): Workload {
  return { ...made(name, 'pose graph', false, make), large: true }
}

/** All workloads that can run here, and the names of those whose file is not here. */
export function workloads(dataRoot: string): { readonly present: Workload[]; readonly missing: string[] } {
  const all = [
    ...files.map((entry) => poseGraphFile(entry, join(dataRoot, 'pose-graphs', entry.path))),
    ...bundles.map((entry) => bundleFile(entry, join(dataRoot, 'bundle-adjustment', 'bal', entry.path))),
  ]
  const isHere = ({ file }: Workload): boolean => file === null || existsSync(file)
  return {
    present: [...all.filter(isHere), ...generated],
    missing: all.filter((workload) => !isHere(workload)).map(({ name }) => name),
  }
}

function poseGraphFile({ name, quick = false, best }: FileEntry, file: string): Workload {
  const load = async (): Promise<Graph> => (await readPoseGraph(createReadStream(file))).graph
  return { name, kind: 'pose graph', quick, large: false, options: poseGraph, file, best: best ?? null, load }
}

function bundleFile({ name, quick = false, best }: FileEntry, file: string): Workload {
  const load = async (): Promise<Graph> => (await readBal(createReadStream(file))).graph
  return { name, kind: 'bundle', quick, large: false, options: bundle, file, best: best ?? null, load }
}
