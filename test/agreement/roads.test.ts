import { describe, expect, it } from 'vitest'
import type { Graph, Values } from '../../src/graph/index.ts'
import { type OptimizeOptions, optimize, type StepName } from '../../src/optimize/index.ts'
import { bundleWindow, grid, manhattan, ring, sphere } from '../../src/sim/index.ts'

/**
 * Two roads, one answer. A minimum found to a relative cost change of 1e-14 has its cost to about that, inexact steps to
 * the square of their own tolerance of 1e-6; 1e-10 leaves room for both.
 */
const SAME_COST = 1e-10
const tight: OptimizeOptions = { tolerance: 1e-14, gradientTolerance: 0, maxIterations: 300 }

function solved(graph: Graph, options: OptimizeOptions): { values: Values; cost: number } {
  const { values, summary } = optimize(graph, { ...tight, ...options })
  expect(summary.termination, `${JSON.stringify(options)}: ${summary.reason}`).toBe('converged')
  return { values, cost: summary.finalCost }
}

function expectSame(a: { cost: number }, b: { cost: number }, what: string): void {
  expect(Math.abs(a.cost / b.cost - 1), `${what}: ${a.cost} and ${b.cost}`).toBeLessThan(SAME_COST)
}

const poseGraphs: readonly (readonly [string, Graph])[] = [
  ['ring', ring({ perLap: 20 }).graph],
  ['sphere', sphere({ layers: 4, perLayer: 6 }).graph],
  ['grid in space', grid({ side: 3 }).graph],
  ['grid in the plane', grid({ dimension: 2, side: 6 }).graph],
  ['manhattan', manhattan({ poses: 60, blocks: 2 }).graph],
]
// BAL's unknown focal lengths need a longer way to be seen.
const short = { frames: 5, features: 20, step: 0.3, survival: 0.95 }
const windows: readonly (readonly [string, Graph])[] = [
  ['stereo', bundleWindow({ ...short, camera: 'stereo' }).graph],
  ['mono', bundleWindow({ ...short, camera: 'mono' }).graph],
  ['bal', bundleWindow({ ...short, frames: 12, features: 30, step: 0.4, camera: 'bal' }).graph],
]
const methods = ['lm', 'gn', 'dogleg', 'geodesic', 'auto'] as const

describe.each(poseGraphs)('%s: one optimum', (_, graph) => {
  const reference = solved(graph, { step: 'qr', method: 'lm' })

  it.each(['cholesky', 'pcg', 'cgnr', 'schur', 'qr'] satisfies StepName[])('by %s, with every method', (step) => {
    for (const method of methods) expectSame(solved(graph, { step, method }), reference, `${step} ${method}`)
  })

  it.each(['chordal', 'tree', 'odometry', 'file', 'incremental'] as const)('from %s', (init) => {
    expectSame(solved(graph, { init }), reference, init)
  })
})

describe.each(windows)('bundle adjustment, %s: one optimum', (camera, graph) => {
  const reference = solved(graph, { step: 'cholesky', method: 'lm' })
  const dense: readonly StepName[] = camera === 'bal' ? [] : ['qr'] // ten seconds there

  it.each<StepName>(['schur', 'pcg', 'cgnr', ...dense])('by %s', (step) => {
    expectSame(solved(graph, { step, method: 'lm' }), reference, step)
  })

  it.each(['gn', 'dogleg', 'geodesic', 'auto'] as const)('by %s', (method) => {
    expectSame(solved(graph, { method }), reference, method)
  })
})

describe('one damped step is the same by every road', () => {
  const problems = [...poseGraphs, ...windows]

  it.each(problems)('%s', (_, graph) => {
    const steps = ['qr', 'cholesky', 'schur', 'pcg', 'cgnr'] satisfies StepName[]
    const [dense, ...others] = steps.map((step) =>
      optimize(graph, { step, method: 'lm', init: 'file', maxIterations: 1 }),
    )
    const moved = (values: Values): number[] => Array.from(values.data, (x, i) => x - graph.values.data[i])
    const expected = moved(dense.values)
    const size = Math.hypot(...expected)
    expect(size).toBeGreaterThan(0)
    others.forEach(({ values }, k) => {
      const step = steps[k + 1]
      const off = Math.hypot(...moved(values).map((d, i) => d - expected[i])) / size
      // λ = 1e-4 in the metric of H's diagonal leaves a condition of some 1e7 in a window: direct roads lose those digits,
      // and conjugate gradients, which stop at a residual of 1e-6 in the energy norm, are off by up to its root.
      expect(off, step).toBeLessThan(step === 'pcg' || step === 'cgnr' ? 3e-3 : 1e-9)
    })
  })
})

describe('measurements without noise', () => {
  const exact = { noise: { translation: 0, rotation: 0 }, start: { translation: 1, rotation: 1 } } as const
  it.each([
    ['ring', ring({ ...exact, perLap: 40 })],
    ['sphere', sphere({ ...exact, layers: 6, perLayer: 8 })],
    ['grid in space', grid({ ...exact, side: 4 })],
    ['grid in the plane', grid({ ...exact, dimension: 2, side: 8 })],
    ['manhattan', manhattan({ ...exact, poses: 200, blocks: 3 })],
  ] as const)('%s: a chordal start is the truth to rounding', (_, { graph, truth }) => {
    const { values, summary } = optimize(graph, { init: 'chordal', maxIterations: 0 })
    const size = truth.data.reduce((most, x) => Math.max(most, Math.abs(x)), 1)
    const manifold = truth.manifold(0)
    const delta = new Float64Array(manifold.dim)
    for (let v = 0; v < truth.count; v++) {
      manifold.local(truth.data, truth.offset(v), values.data, truth.offset(v), delta, 0)
      // The first pose is the truth's; errors grow with the way to it: some hundred poses, each a few roundings, squared
      // by the normal equations' condition (about the square of the diameter) at worst.
      expect(Math.max(...delta.map(Math.abs))).toBeLessThan(1e5 * Number.EPSILON * size)
    }
    expect(summary.finalCost).toBeLessThan(1e-12)
    expect(optimize(graph).summary.finalCost).toBeLessThan(1e-18)
  })
})
