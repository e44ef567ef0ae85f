import type { Graph } from '../../graph/index.ts'
import { DenseCholesky, SchurComplement, type SymmetricBlockMatrix, squaredColumnNorms } from '../../linear/index.ts'
import { UsageError } from '../../numeric/index.ts'
import { compile } from '../compile.ts'
import { evaluateCost, linearize } from '../linearize.ts'
import { type Program, retract } from '../program.ts'
import { eliminable } from '../step/choose.ts'
import { quadraticAt } from './marginalize.ts'
import type { HessianPrior } from './prior.ts'

export interface WindowSolveOptions {
  /** Accepted steps at most. Default 4. */
  readonly maxIterations?: number
  /** Ends when a step brings less than this share of the cost. Default 1e-6. */
  readonly tolerance?: number
}

export interface WindowSolution {
  /** The graph's values, moved. */
  readonly x: Float64Array
  /** Linear systems tried, and those that were not positive definite. */
  readonly solves: number
  readonly failures: number
  /** Steps that did not bring the cost down. */
  readonly rejections: number
}

/** Where Levenberg-Marquardt begins and gives up. */
const DAMPING = { first: 1e-4, most: 1e8 }

/**
 * A few steps of Levenberg-Marquardt on a window: points eliminated, the poses by a dense Cholesky. What `optimize` does,
 * with one thing more: a prior in Hessian form is added to the normal equations as it is, definite or not, which no
 * factor can be (docs/maths/square-root.md, eqs. 18 and 19).
 */
export function solveWindow(
  graph: Graph,
  prior: HessianPrior | null = null,
  { maxIterations = 4, tolerance = 1e-6 }: WindowSolveOptions = {},
): WindowSolution {
  const program = compile(graph)
  const { jacobian, blocks } = program
  const n = blocks.offset[blocks.count]
  const schur = new SchurComplement(jacobian, eliminable(program), { form: 'dense' })
  const cholesky = new DenseCholesky(schur.reducedGradient.length)
  const term = prior ? new HessianTerm(prior, program, schur) : null
  let x = graph.values.data.slice()
  let trial = x.slice()
  const metric = new Float64Array(n)
  const damping = new Float64Array(n)
  const step = new Float64Array(n)
  const reducedStep = new Float64Array(schur.reducedGradient.length)
  let lambda = DAMPING.first
  let solves = 0
  let failures = 0
  let rejections = 0

  for (let iteration = 0; iteration < maxIterations; iteration++) {
    const cost = linearize(program, x) + (term?.linearize(x) ?? 0)
    schur.prepare()
    squaredColumnNorms(jacobian, metric)
    term?.addDiagonal(metric)
    let gained = Number.NaN
    for (; lambda < DAMPING.most; lambda *= 8) {
      for (let i = 0; i < n; i++) damping[i] = program.frozen[i] ? 1 : lambda * Math.max(metric[i], 1e-6)
      solves++
      let solved = schur.eliminate(damping).outcome === 'eliminated'
      if (solved) {
        term?.addTo(schur.reduced, schur.reducedGradient)
        solved = cholesky.factor(schur.reduced).ok
      }
      if (!solved) {
        failures++
        continue
      }
      for (let i = 0; i < reducedStep.length; i++) reducedStep[i] = -schur.reducedGradient[i]
      cholesky.solve(reducedStep, reducedStep)
      schur.backSubstitute(reducedStep, step)
      retract(program, x, step, trial)
      gained = cost - (evaluateCost(program, trial) + (term?.cost(trial) ?? 0))
      if (gained >= 0) break
      rejections++
    }
    if (!(gained >= 0)) break
    ;[x, trial] = [trial, x]
    lambda = Math.max(1e-9, lambda / 4)
    if (gained < tolerance * Math.abs(cost)) break
  }
  return { x, solves, failures, rejections }
}

/** A Hessian prior in the places that a program and its Schur complement give its variables. */
class HessianTerm {
  private readonly prior: HessianPrior
  private readonly at: Int32Array
  /** Of each variable: its first unknown in J, its block in S. */
  private readonly offset: Int32Array
  private readonly position: Int32Array
  private model: ReturnType<typeof quadraticAt>

  constructor(prior: HessianPrior, program: Program, schur: SchurComplement) {
    const { values } = program.graph
    const indices = prior.keys.map((key) => values.index(key))
    this.prior = prior
    this.at = Int32Array.from(indices, (v) => values.offset(v))
    this.offset = Int32Array.from(indices, (v) => program.blocks.offset[program.blockOf[v]])
    this.position = Int32Array.from(indices, (v) => schur.remaining.indexOf(program.blockOf[v]))
    if (this.position.includes(-1))
      throw new UsageError('a Hessian prior may be over variables that stay in the reduced system only: free poses')
    this.model = quadraticAt(prior, values.data, this.at)
  }

  cost(x: Float64Array): number {
    return quadraticAt(this.prior, x, this.at).cost
  }

  linearize(x: Float64Array): number {
    this.model = quadraticAt(this.prior, x, this.at)
    return this.model.cost
  }

  addDiagonal(metric: Float64Array): void {
    this.eachUnknown((i, variable, c) => {
      metric[this.offset[variable] + c] += Math.max(0, this.model.hessian[i * (this.prior.size + 1)])
    })
  }

  addTo(S: SymmetricBlockMatrix, g: Float64Array): void {
    const { model, position, prior } = this
    this.eachUnknown((i, a, r) => {
      g[S.blocks.offset[position[a]] + r] += model.gradient[i]
      this.eachUnknown((j, b, c) => {
        const row = position[a]
        const column = position[b]
        if (row < column) return
        let entry = S.columnStart[column]
        while (S.rowIndex[entry] !== row) entry++
        S.values[S.valueStart[entry] + r * S.blocks.dims[column] + c] += model.hessian[i * prior.size + j]
      })
    })
  }

  private eachUnknown(visit: (i: number, variable: number, component: number) => void): void {
    let i = 0
    this.prior.groups.forEach(({ dim }, variable) => {
      for (let c = 0; c < dim; c++) visit(i++, variable, c)
    })
  }
}
