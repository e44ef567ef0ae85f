import { describe, expect, it } from 'vitest'
import { euclidean } from '../geometry/index.ts'
import { ad, between, defineFactor, Graph, prior } from '../graph/index.ts'
import { gradient as computeGradient } from '../linear/index.ts'
import { Random } from '../numeric/index.ts'
import { compile } from './compile.ts'
import { linearize } from './linearize.ts'
import { optimize } from './optimize.ts'
import type { MethodName, OptimizeOptions, StepName } from './options.ts'

const R2 = euclidean(2)
const tight: OptimizeOptions = { tolerance: 1e-15, gradientTolerance: 0, maxIterations: 300 }
const methods: readonly MethodName[] = ['lm', 'gn', 'dogleg', 'geodesic']

/** r = (10 (y − x²), 1 − x): H. Rosenbrock's valley (1960), minimum 0 at (1, 1). */
const valley = defineFactor({
  name: 'valley',
  variables: [R2],
  residualDim: 2,
  residual: ([b]) => [ad.sub(b[1], b[0].mul(b[0])).mul(10), ad.sub(1, b[0])],
})

interface Box {
  readonly start: readonly [number, number]
  readonly lower?: readonly number[]
  readonly upper?: readonly number[]
}

function valleyIn({ start, lower, upper }: Box): Graph {
  const graph = new Graph()
  graph.addVariable('b', R2, start, { ...(lower && { lower }), ...(upper && { upper }) })
  graph.addFactor(valley, ['b'], [])
  return graph
}

/**
 * The conditions of W. Karush, H. Kuhn and A. Tucker for bounds: g = 0 inside, g ≥ 0 on a lower bound, g ≤ 0 on an upper
 * one. `slack` is what the gradient may miss by.
 */
function expectStationary(graph: Graph, x: Float64Array, slack: number): void {
  const program = compile(graph)
  linearize(program, x)
  const g = new Float64Array(program.blocks.offset[program.blocks.count])
  computeGradient(program.jacobian, g)
  for (let j = 0; j < program.blocks.count; j++) {
    const bounds = graph.bounds(program.variableOf[j])
    for (let i = 0; i < program.blocks.dims[j]; i++) {
      const at = x[program.stateAt[j] + i]
      const along = g[program.blocks.offset[j] + i]
      if (bounds) expect(bounds.lower[i] <= at && at <= bounds.upper[i], `${at} lies inside`).toBe(true)
      if (bounds && at === bounds.lower[i]) expect(along).toBeGreaterThanOrEqual(-slack)
      else if (bounds && at === bounds.upper[i]) expect(along).toBeLessThanOrEqual(slack)
      else expect(Math.abs(along)).toBeLessThan(slack)
    }
  }
}

describe.each(methods)('bounds, %s', (method) => {
  const solve = (graph: Graph) => optimize(graph, { ...tight, method })

  it('inactive: the optimum is the free one', () => {
    const { values, summary } = solve(valleyIn({ start: [-1, 2], lower: [-5, -5], upper: [5, 5] }))
    expect(summary.termination, summary.reason).toBe('converged')
    expect(values.get('b')[0]).toBeCloseTo(1, 10)
    expect(values.get('b')[1]).toBeCloseTo(1, 10)
  })

  it('active: y ≤ 1/4 gives the constrained minimum on the bound, with the gradient pushing outward', () => {
    const graph = valleyIn({ start: [-1, 0], upper: [Number.POSITIVE_INFINITY, 0.25] })
    const { values, summary } = solve(graph)
    expect(summary.termination, summary.reason).toBe('converged')
    expect(values.get('b')[1]).toBe(0.25)
    // The gradient is 1e2 times what is left of x, which a relative cost change of 1e-15 leaves at √1e-15.
    expectStationary(graph, values.data, 1e-5)
    expect(values.get('b')[0]).toBeGreaterThan(0)
  })

  it('starting on bounds: one that holds, one that lets go', () => {
    const graph = valleyIn({ start: [0, 0], lower: [0, 0], upper: [0.5, 3] })
    const { values, summary } = solve(graph)
    expect(summary.termination, summary.reason).toBe('converged')
    expect(values.get('b')[0]).toBe(0.5)
    // The cost is 1/4 + 100 (y − 1/4)² here: a relative change of 1e-15 says 1e-9 of y.
    expect(values.get('b')[1]).toBeCloseTo(0.25, 8)
    expectStationary(graph, values.data, 1e-5)
  })

  it('starting at a constrained optimum: it stays there without a step', () => {
    const graph = valleyIn({ start: [0.5, 0.25], upper: [0.5, 0.25] })
    const { values, summary } = solve(graph)
    expect(summary.iterations).toHaveLength(0)
    expect([...values.get('b')]).toEqual([0.5, 0.25])
    expect(summary.reason).toBe('gradient 0 ≤ 0')
    expectStationary(graph, values.data, 1e-12)
  })
})

describe('bounds in a graph', () => {
  /** A random walk measured step by step and at its ends, some variables in boxes that cut the optimum off. */
  function walk(seed: number): Graph {
    const random = new Random(seed)
    const graph = new Graph()
    for (let i = 0; i < 20; i++) {
      const lower = [-0.4, -Infinity]
      const upper = [0.4, 0.3]
      graph.addVariable(i, R2, [0, 0], i % 3 === 1 ? { lower, upper } : {})
    }
    for (let i = 0; i < 19; i++)
      graph.addFactor(between(R2), [i, i + 1], [0.2 * random.gaussian(), 0.2 * random.gaussian()])
    graph.addFactor(prior(R2), [0], [0, 0])
    graph.addFactor(prior(R2), [19], [random.gaussian(), random.gaussian()])
    return graph
  }

  it.each([1, 2, 3, 4, 5])('seed %i: every step and method reaches the point where the conditions hold', (seed) => {
    const graph = walk(seed)
    const reference = optimize(graph, { ...tight, step: 'qr', method: 'lm' })
    expect([...reference.values.data].some((value) => Math.abs(value) === 0.4 || value === 0.3)).toBe(true)
    for (const step of ['cholesky', 'qr', 'pcg', 'cgnr'] satisfies StepName[])
      for (const method of ['lm', 'gn', 'dogleg'] as const) {
        const { values, summary } = optimize(graph, { ...tight, step, method })
        expect(summary.termination, `${step} ${method}: ${summary.reason}`).toBe('converged')
        // A convex quadratic: its cost is flat to second order, so agreement in cost to 1e-12 is 1e-6 in the gradient.
        expect(Math.abs(summary.finalCost / reference.summary.finalCost - 1), `${step} ${method}`).toBeLessThan(1e-12)
        expectStationary(graph, values.data, 1e-5)
      }
  })
})
