import type { Graph } from '../graph/index.ts'
import { UsageError } from '../numeric/index.ts'
import type { OptimizeOptions } from './options.ts'

const NAMES = {
  step: ['auto', 'cholesky', 'pcg', 'cgnr', 'schur', 'qr'],
  init: ['auto', 'file', 'odometry', 'tree', 'chordal', 'incremental'],
  method: ['auto', 'lm', 'gn', 'dogleg', 'geodesic'],
  costConvention: ['chi2', 'half sum of squares'],
} as const

/** Every option there is: a misspelled one would be ignored without a word. */
const KNOWN: Readonly<Record<keyof OptimizeOptions, true>> = {
  step: true,
  init: true,
  method: true,
  loss: true,
  precision: true,
  maxIterations: true,
  tolerance: true,
  gradientTolerance: true,
  stepTolerance: true,
  maxSeconds: true,
  clock: true,
  signal: true,
  onIteration: true,
  costConvention: true,
}

/** Every impossible option is a sentence before the run. */
export function checkOptions(graph: Graph, options: OptimizeOptions): void {
  if (graph.variableCount === 0) throw new UsageError('the graph has no variables: there is nothing to optimize')
  if (graph.factorCount === 0) throw new UsageError('the graph has no factors: there is nothing to minimize')
  for (const name of Object.keys(options))
    if (!Object.hasOwn(KNOWN, name))
      throw new UsageError(`there is no option '${name}'; the options are ${Object.keys(KNOWN).join(', ')}`)
  for (const [name, allowed] of Object.entries(NAMES)) {
    const value = options[name as keyof typeof NAMES]
    if (value !== undefined && !(allowed as readonly string[]).includes(value))
      throw new UsageError(`${name} must be one of ${allowed.join(', ')}; got '${value}'`)
  }
  for (const name of ['tolerance', 'gradientTolerance', 'stepTolerance', 'maxSeconds'] as const)
    if (options[name] !== undefined && !(options[name] >= 0))
      throw new UsageError(`${name} must be a number ≥ 0; got ${options[name]}`)
  const { maxIterations } = options
  if (maxIterations !== undefined && !(Number.isInteger(maxIterations) && maxIterations >= 0))
    throw new UsageError(`maxIterations must be a whole number ≥ 0; got ${maxIterations}`)
  const { loss } = options
  if (loss && !(typeof loss.rho === 'function' && typeof loss.weight === 'function'))
    throw new UsageError(`loss must be a robust loss such as huber(1), or null; got ${JSON.stringify(loss)}`)
  if (options.maxSeconds !== undefined && !options.clock)
    throw new UsageError('maxSeconds needs a clock, for instance clock: () => performance.now() / 1000')
}
