/**
 * optimize: from a graph to its optimum. Compiles a graph into batches and structure, finds a start, minimizes, says what
 * happened. Imports graph, linear, geometry, numeric. Read `minimize.ts` first: the page everyone should read; then
 * `optimize.ts`, the door, and `compile.ts`.
 */
export { type CovarianceOutcome, type FreedomReport, marginalCovariances } from './covariance.ts'
export { factorCosts } from './factor-costs.ts'
export { type Initialization, initialize } from './initialize/initialize.ts'
export { type ProblemKind, problemKind } from './kind.ts'
export { optimize, optimizeAsync, optimizeStepwise } from './optimize.ts'
export type * from './options.ts'
export {
  type PolicyChanges,
  type PrecisionPolicy,
  type PresetName,
  presetNames,
  type SolverFamily,
  type Stage,
} from './precision/policy.ts'
export { resolvePolicy } from './precision/resolve.ts'
export type { StageWork, Work } from './precision/tally.ts'
export type * from './summary.ts'
export * from './window/index.ts'
