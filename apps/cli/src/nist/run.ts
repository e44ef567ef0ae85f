import type { NistProblem } from '../../../../src/data/index.ts'
import { euclidean } from '../../../../src/geometry/index.ts'
import { Graph } from '../../../../src/graph/index.ts'
import {
  type MethodName,
  type OptimizeOptions,
  type OptimizeResult,
  optimize,
  type Summary,
} from '../../../../src/optimize/index.ts'
import { nistFactor, observationRows } from './models.ts'

/** What came of one problem from one start. */
export interface NistResult {
  readonly name: string
  /** 1 or 2. */
  readonly start: 1 | 2
  readonly parameters: Float64Array
  /** Correct digits of each parameter, 0 to 11: see {@link logRelativeError}. */
  readonly digits: Float64Array
  /** The least of them: what the problem counts for. */
  readonly worstDigits: number
  readonly residualSum: number
  readonly residualDigits: number
  /** Of the run that was kept. */
  readonly summary: Summary
}

/** Problems count as solved from here on. */
export const solvedDigits = 4

/**
 * What the problems are solved with unless asked otherwise: one set of options for all of them. Tight enough for eleven
 * digits, with iterations enough for the flat valleys of Bennett5 and MGH10.
 */
export const nistOptions: OptimizeOptions = {
  maxIterations: 2000,
  tolerance: 1e-16,
  gradientTolerance: 0,
  stepTolerance: 1e-15,
}

/** The problem as a graph: one variable 'b', one factor per observation. */
export function nistGraph(problem: NistProblem, start: ArrayLike<number>): Graph {
  const graph = new Graph()
  graph.addVariable('b', euclidean(problem.certified.length), start)
  const factor = nistFactor(problem)
  for (const row of observationRows(problem)) graph.addFactor(factor, ['b'], row)
  return graph
}

/** What is tried from every start unless a method is asked for; the lower cost counts. */
const methods: readonly MethodName[] = ['lm', 'geodesic']

/**
 * Solves a problem from its first (harder) or second start: by plain and by geodesic Levenberg-Marquardt, of which the
 * lower cost is kept, without a look at the certified values. Plain LM leaps into the plateaus of BoxBOD and MGH10 from
 * their first starts, the geodesic method ends in a local minimum of MGH17.
 */
export function runNist(problem: NistProblem, start: 1 | 2, options: OptimizeOptions = {}): NistResult {
  const { method = 'auto' } = options
  const graph = nistGraph(problem, problem.starts[start - 1])
  const tried = (method === 'auto' ? methods : [method]).map((each) =>
    optimize(graph, { ...nistOptions, ...options, method: each, costConvention: 'chi2' }),
  )
  const { values, summary } = tried.reduce((best, next) => (clearlyLower(next, best) ? next : best))
  const parameters = values.get('b').slice()
  const digits = parameters.map((value, i) => logRelativeError(value, problem.certified[i]))
  return {
    name: problem.name,
    start,
    parameters,
    digits,
    worstDigits: Math.min(...digits),
    residualSum: summary.finalCost,
    residualDigits: logRelativeError(summary.finalCost, problem.residualSum),
    summary,
  }
}

/** Lower by more than the rounding of a sum of squares. */
function clearlyLower({ summary: a }: OptimizeResult, { summary: b }: OptimizeResult): boolean {
  return a.finalCost < b.finalCost * (1 - 1e-12) || !Number.isFinite(b.finalCost)
}

/**
 * Correct significant digits: −log₁₀(|q − c| / |c|), between 0 and the 11 digits that are certified (B. McCullough,
 * "Assessing the reliability of statistical software", The American Statistician 1998).
 */
export function logRelativeError(value: number, certified: number): number {
  if (value === certified) return 11
  const error = certified === 0 ? Math.abs(value) : Math.abs((value - certified) / certified)
  return Number.isFinite(error) ? Math.min(11, Math.max(0, -Math.log10(error))) : 0
}
