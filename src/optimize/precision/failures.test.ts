import { describe, expect, it } from 'vitest'
import { bundleWindow, manhattan } from '../../sim/index.ts'
import { optimize } from '../optimize.ts'
import type { OptimizeOptions } from '../options.ts'
import type { Summary } from '../summary.ts'
import type { PolicyChanges } from './policy.ts'

/*
 * Each way in which low precision fails, by its switch, and the remedy beside it. Costs of different roads to one optimum
 * agree to the tolerance at which runs stop, 1e-12, times the few steps that were saved: 1e-10.
 */
const same = 1e-10

const window = bundleWindow({ frames: 15, features: 20, seed: 2 }).graph
const graph = manhattan({ poses: 200, seed: 1 }).graph

function run(problem: typeof graph, precision: NonNullable<OptimizeOptions['precision']>): Summary {
  return optimize(problem, { precision, tolerance: 1e-12, maxIterations: 30 }).summary
}

function inner({ iterations }: Summary): number {
  return iterations.reduce((sum, { linearIterations }) => sum + linearIterations, 0)
}

const best = { window: run(window, 'double').finalCost, graph: run(graph, 'double').finalCost }

function excess(summary: Summary, of: number): number {
  return (summary.finalCost - of) / of
}

/** Switches of mixed, with nothing to fall back on. */
function switched(changes: PolicyChanges): PolicyChanges {
  return { fallback: 'none', ...changes }
}

describe('with its remedies', () => {
  for (const name of ['mixed', 'mixed-strict', 'bfloat'] as const) {
    it(`${name} ends where double ends, on a window and on a pose graph`, () => {
      expect(excess(run(window, name), best.window)).toBeLessThan(same)
      expect(excess(run(graph, name), best.graph)).toBeLessThan(same)
    })
  }

  it('single ends within the resolution of fp32 residuals', () => {
    // The cost is flat at its optimum: what residuals of 2⁻²⁴ move it by is of first order in the residuals' own rounding.
    expect(Math.abs(excess(run(window, 'single'), best.window))).toBeLessThan(2 ** -23)
    expect(Math.abs(excess(run(graph, 'single'), best.graph))).toBeLessThan(16 * 2 ** -23)
  })
})

describe('scaling', () => {
  it('without it and without normalized vectors fp16 overflows: no step is found', () => {
    const summary = run(window, switched({ scaling: 'none', normalize: false }))
    expect(summary.termination).toBe('failed')
    expect(summary.precision.events.map(({ kind }) => kind)).toContain('breakdown')
    expect(summary.warnings.join('\n')).toContain('fp16 Jacobian without scaling overflows at 65504')
  })

  it('by columns is enough for accuracy, by blocks saves most iterations', () => {
    const columns = run(window, switched({ scaling: 'columns' }))
    const blocks = run(window, switched({ scaling: 'blocks' }))
    expect(excess(columns, best.window)).toBeLessThan(same)
    expect(inner(columns)).toBeGreaterThan(3 * inner(blocks))
  })

  it('an overflow climbs the ladder, and says so', () => {
    const steep = manhattan({ poses: 40, seed: 1, noise: { translation: 1e-7, rotation: 1e-7 } }).graph
    const summary = optimize(steep, {
      step: 'cgnr',
      precision: { scaling: 'none' },
      tolerance: 1e-9,
      maxIterations: 3,
    }).summary
    expect(summary.fallbacks[0]).toMatchObject({ from: expect.stringContaining('fp16'), to: 'cgnr (fp32)' })
    expect(summary.fallbacks[0].reason).toMatch(
      /entries of the unscaled Jacobian overflow fp16, first .* of between\(SE2/,
    )
    expect(summary.precision.events).toContainEqual(expect.objectContaining({ stage: 'operator', kind: 'overflow' }))
  })
})

describe('the recurrence', () => {
  it('of textbooks stalls with fp16 products; by recursion it converges', () => {
    const textbook = run(window, switched({ recurrence: 'textbook' }))
    const recursion = run(window, switched({}))
    expect(recursion.termination).toBe('converged')
    expect(textbook.termination).toBe('max-iterations')
    expect(excess(textbook, best.window)).toBeGreaterThan(1e-6)
    expect(inner(textbook)).toBeGreaterThan(5 * inner(recursion))
  })
})

describe('the gradient', () => {
  it('from the fp16 Jacobian moves the minimum', () => {
    const rounded = run(window, switched({ gradientFrom: 'operator' }))
    expect(excess(rounded, best.window)).toBeGreaterThan(100 * same)
    const plane = run(
      graph,
      switched({ gradientFrom: 'operator', scaling: 'columns', refine: { passes: 0 }, operator: half }),
    )
    expect(excess(plane, best.graph)).toBeGreaterThan(100 * same)
  })
})

const half = { stored: 'fp16', computed: 'fp16', accumulated: 'fp32' } as const

describe('the Hessian', () => {
  it('rounded to fp16 is indefinite; Jᵀ(J p) with J in fp16 is not', () => {
    const town = manhattan({ poses: 400, seed: 1 }).graph
    const townBest = run(town, 'double').finalCost
    const rounded = run(town, switched({ form: 'hessian', scaling: 'columns', operator: half }))
    expect(rounded.precision.events).toContainEqual(expect.objectContaining({ stage: 'operator', kind: 'indefinite' }))
    expect(excess(rounded, townBest)).toBeGreaterThan(1e-6)
    const products = run(town, switched({ scaling: 'columns', operator: half }))
    expect(products.precision.events.map(({ kind }) => kind)).not.toContain('indefinite')
    expect(excess(products, townBest)).toBeLessThan(1e-6)
  })

  it('is answered by the ladder', () => {
    const summary = run(graph, { form: 'hessian', scaling: 'columns', operator: half })
    expect(summary.fallbacks.length).toBeGreaterThan(0)
    expect(excess(summary, best.graph)).toBeLessThan(same)
  })
})

describe('everything in fp16', () => {
  for (const [name, problem] of [
    ['a window', window],
    ['a pose graph', graph],
  ] as const)
    it(`fails visibly on ${name}: a termination with its reason, finite values`, () => {
      const { summary, values } = optimize(problem, { precision: 'half' })
      expect(summary.termination).toBe('failed')
      expect(summary.reason).toMatch(/fp16|resolution|expected a finite number|damping/)
      expect(values.data.every(Number.isFinite)).toBe(true)
    })
})

describe('direct solves', () => {
  it('refine a factor stored in fp32 or in 16 bits to the step of double', () => {
    for (const precision of ['mixed', 'bfloat'] as const) {
      const { summary } = optimize(graph, { precision, step: 'cholesky', tolerance: 1e-12 })
      expect(summary.step.name).toMatch(/complete factor/)
      expect(excess(summary, best.graph)).toBeLessThan(same)
    }
  })
})
