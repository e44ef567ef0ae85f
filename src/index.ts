/**
 * Homeward's 90 % door: build or read a graph, optimize it, look at what happened. The rooms behind it are importable as
 * `homeward/geometry`, `homeward/graph`, …
 */
export * from './geometry/index.ts'
export * from './graph/index.ts'
export { UsageError } from './numeric/index.ts'
export * from './optimize/index.ts'
