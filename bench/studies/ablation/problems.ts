import { createReadStream, existsSync } from 'node:fs'
import { join } from 'node:path'
import { readBal, readPoseGraph } from '../../../src/data/index.ts'
import type { Graph } from '../../../src/graph/index.ts'
import { type OptimizeOptions, optimize } from '../../../src/optimize/index.ts'
import { bundleWindow, sphere } from '../../../src/sim/index.ts'
import { poseGraphVariations, type Variation, windowVariations } from './variations.ts'

/** Problems of one kind, with what is varied on them. */
export interface Kind {
  readonly name: string
  readonly title: string
  /** What they are and how they are stopped, for the table's head. */
  readonly setting: string
  readonly options: OptimizeOptions
  readonly variations: readonly Variation[]
  readonly problems: readonly Source[]
}

export interface Source {
  readonly name: string
  /** Too large for all variations: the core ones alone. */
  readonly large: boolean
  load(): Promise<Graph>
}

/** Every run begins at the values of its graph. */
const start = { init: 'file', costConvention: 'chi2' } as const

export function kinds(dataRoot: string, seeds: number): Kind[] {
  return [
    {
      name: 'windows',
      title: 'Bundle adjustment windows',
      setting: `${seeds} stereo windows of 50 poses, about 245 points and 1,330 observations in both images (2,660 image points) (seeds 1 to ${seeds}, 1 pixel); at most 30 outer iterations, tolerance 1e-9`,
      options: { ...start, method: 'lm', tolerance: 1e-9, maxIterations: 30 },
      variations: windowVariations,
      problems: Array.from({ length: seeds }, (_, i) => ({
        name: `seed ${i + 1}`,
        large: false,
        load: async () => articleWindow(i + 1),
      })),
    },
    {
      name: 'pose-graphs',
      title: 'Pose graphs',
      setting: 'From the chordal start; at most 8 outer iterations, tolerance 1e-9',
      options: { ...start, method: 'auto', tolerance: 1e-9, maxIterations: 8 },
      variations: poseGraphVariations,
      problems: poseGraphs(join(dataRoot, 'pose-graphs', 'sesync')),
    },
    {
      name: 'bal',
      title: 'BAL',
      setting: 'From the file’s values; at most 12 outer iterations, tolerance 1e-6',
      options: { ...start, method: 'lm', tolerance: 1e-6, maxIterations: 12 },
      variations: windowVariations,
      problems: bal(join(dataRoot, 'bundle-adjustment', 'bal')),
    },
  ]
}

/** 50 stereo poses of the article's size. The first holds the place; the base line, unlike one camera, the size. */
function articleWindow(seed: number): Graph {
  const { graph } = bundleWindow({ seed })
  graph.setConstant('c0')
  return graph
}

/** A made one that anyone has, small and well-conditioned, then those of the files that are here. */
function poseGraphs(folder: string): Source[] {
  const made = async (): Promise<Graph> => atChordal(sphere({ layers: 16, perLayer: 16 }).graph)
  const files = [
    { name: 'CSAIL', large: false },
    { name: 'sphere2500', large: true },
    { name: 'manhattan', large: true },
    { name: 'kitti_00', large: true },
  ]
  return [
    { name: 'sphere of 256 (made)', large: false, load: made },
    ...files.flatMap(({ name, large }) => {
      const file = join(folder, `${name}.g2o`)
      const load = async (): Promise<Graph> => atChordal((await readPoseGraph(createReadStream(file))).graph)
      return existsSync(file) ? [{ name, large, load }] : []
    }),
  ]
}

/** The graph with the values of the automatic start, so that every run begins there. */
function atChordal(graph: Graph): Graph {
  graph.values.data.set(optimize(graph, { maxIterations: 0 }).values.data)
  return graph
}

function bal(folder: string): Source[] {
  return [
    { name: 'ladybug-49-1800', file: 'ladybug-49-1800-shrink.txt', large: false },
    { name: 'trafalgar-21', file: 'trafalgar-21-11315-pre.txt', large: true },
  ]
    .filter(({ file }) => existsSync(join(folder, file)))
    .map(({ name, file, large }) => ({
      name,
      large,
      load: async () => (await readBal(createReadStream(join(folder, file)))).graph,
    }))
}
