/**
 * sim: worlds with known truth. Generators of pose graphs and bundle adjustment windows, `(options) → { graph, truth, … }`: the
 * graph's values are the noisy start, the truth has the same keys. And homes: `home` → `motion` → `exactSequence` → `withNoise`
 * → `withFaults`, or all by `simulate`, which yields the records of a robot's sensors by the door that data sets use. The same
 * options and seed give the same bits. Imports data, graph, geometry, numeric. Read `pose-graph.ts` or `simulate.ts` first.
 */
export * from './bundle-window.ts'
export { type Tracking, tracking } from './camera.ts'
export * from './faults.ts'
export * from './garage.ts'
export * from './grid.ts'
export { descriptorWords, hammingDistance } from './home/descriptors.ts'
export type { Door, Room, RoomKind } from './home/floor-plan.ts'
export { clearanceAt, type FreeSpace } from './home/free-space.ts'
export type { Furniture } from './home/furnish.ts'
export * from './home/home-svg.ts'
export type { Landmarks } from './home/textures.ts'
export * from './home.ts'
export * from './manhattan.ts'
export * from './motion.ts'
export * from './noise.ts'
export type { PoseGraphOptions, PoseNoise } from './options.ts'
export type { PoseGraphProblem } from './pose-graph.ts'
export * from './ring.ts'
export * from './sensors.ts'
export * from './sequence-window.ts'
export * from './simulate.ts'
export * from './sphere.ts'
export * from './torus.ts'
