/**
 * sim: problems with known truth. Generators of pose graphs and bundle adjustment windows; later homes, motion, sensors.
 * `(options) → { graph, truth, … }`: the graph's values are the noisy start, the truth has the same keys. The same
 * options and seed give the same bits. Imports graph, geometry, numeric. Read `pose-graph.ts` first, then `sphere.ts`.
 */
export * from './bundle-window.ts'
export * from './garage.ts'
export * from './grid.ts'
export * from './manhattan.ts'
export type { PoseGraphOptions, PoseNoise } from './options.ts'
export type { PoseGraphProblem } from './pose-graph.ts'
export * from './ring.ts'
export * from './sequence-window.ts'
export * from './sphere.ts'
export * from './torus.ts'
