import { createReadStream, existsSync } from 'node:fs'
import { join } from 'node:path'
import { readBal, readPoseGraph } from '../../../src/data/index.ts'
import type { Graph } from '../../../src/graph/index.ts'
import { type OptimizeOptions, optimize } from '../../../src/optimize/index.ts'
import { bundleWindow, manhattan, sphere } from '../../../src/sim/index.ts'
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
      setting: `${seeds} windows of 50 cameras, about 240 points and 2,770 observations (seeds 1 to ${seeds}, 1 pixel); at most 40 outer iterations, tolerance 1e-7`,
      options: { ...start, method: 'lm', tolerance: 1e-7, maxIterations: 40 },
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
      setting: 'from the chordal start; at most 8 outer iterations, tolerance 1e-9',
      options: { ...start, method: 'auto', tolerance: 1e-9, maxIterations: 8 },
      variations: poseGraphVariations,
      problems: poseGraphs(join(dataRoot, 'pose-graphs', 'sesync')),
    },
    {
      name: 'bal',
      title: 'BAL',
      setting: 'from the file’s values; at most 12 outer iterations, tolerance 1e-6',
      options: { ...start, method: 'lm', tolerance: 1e-6, maxIterations: 12 },
      variations: windowVariations,
      problems: bal(join(dataRoot, 'bundle-adjustment', 'bal')),
    },
  ]
}

/** 50 poses, as long as the article's; the first two poses hold place and size. */
export function articleWindow(seed: number): Graph {
  const { graph } = bundleWindow({ camera: 'mono', frames: 50, features: 56, survival: 0.99, step: 0.06, seed })
  graph.setConstant('c0')
  graph.setConstant('c1')
  return graph
}

function poseGraphs(folder: string): Source[] {
  const files = [
    { name: 'CSAIL', large: false },
    { name: 'sphere2500', large: true },
    { name: 'manhattan', large: true },
    { name: 'kitti_00', large: true },
  ].filter(({ name }) => existsSync(join(folder, `${name}.g2o`)))
  if (files.length > 0)
    return files.map(({ name, large }) => ({
      name,
      large,
      load: async () => atChordal((await readPoseGraph(createReadStream(join(folder, `${name}.g2o`)))).graph),
    }))
  return [
    { name: 'made: sphere', large: false, load: async () => atChordal(sphere({ layers: 20, perLayer: 20 }).graph) },
    { name: 'made: town', large: false, load: async () => atChordal(manhattan({ poses: 1000, blocks: 6 }).graph) },
  ]
}

/** The graph with the values of the automatic start, so that every run begins there. */
export function atChordal(graph: Graph): Graph {
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
