import { describe, expect, it } from 'vitest'
import type { Graph } from '../graph/index.ts'
import { analyze, NormalEquations } from '../linear/index.ts'
import { bundleWindow, grid, sphere } from '../sim/index.ts'
import { countAllocations } from '../testing/index.ts'
import { compile } from './compile.ts'
import { optimize, optimizeStepwise } from './optimize.ts'
import type { OptimizeOptions } from './options.ts'

describe('memory grows with the graph, not with its square', () => {
  const field = (side: number): Graph => grid({ dimension: 2, side, start: { translation: 0.5, rotation: 0.1 } }).graph

  it('a field of 10,000 poses: the factor is that of nested dissection', () => {
    const [small, large] = [50, 100].map((side) => {
      const program = compile(field(side), { anchors: [0] })
      const normal = new NormalEquations(program.jacobian)
      const count = countAllocations(() => analyze(normal.hessian))
      return { symbolic: count.result, bytes: count.bytes }
    })
    // nnz(L) = O(n log n) on a field (A. George, "Nested dissection of a regular finite element mesh", 1973):
    // 4 · log 10,000 / log 2,500 = 4.7; a quadratic ordering or factor would give 16.
    expect(large.symbolic.bytes / small.symbolic.bytes).toBeLessThan(5.5)
    expect(large.bytes / small.bytes).toBeLessThan(5.5)
    // 31/4 n log₂ n blocks of 3 × 3 at most, of 8 bytes.
    const n = 10_000
    expect(large.symbolic.nonzeros).toBeLessThan((31 / 4) * n * Math.log2(n) * 9)
    expect(large.symbolic.bytes).toBeLessThan(40e6)
  })

  it('a field of 10,000 poses: a whole run asks for tens of megabytes', () => {
    const graph = field(100)
    const { result, bytes } = countAllocations(() => optimize(graph))
    expect(result.summary.termination, result.summary.reason).toBe('converged')
    expect(result.summary.step.name).toBe('frozen-cholesky')
    // A dense matrix over 30,000 unknowns would be 7.2 GB; a square of 10,000 poses in 32-bit integers 400 MB.
    expect(bytes).toBeLessThan(60e6)
  })
})

describe('the heap does not grow with the graph in an iteration', () => {
  /**
   * Median growth of the heap per iteration, once the loops have been compiled: when that is, the engine decides, and on a
   * busy machine late. What a loop allocates by itself it allocates in every run, so the least of many says it.
   */
  function heapPerIteration(graph: Graph, options: OptimizeOptions, enough: number): number {
    const growth: number[] = []
    let least = Number.POSITIVE_INFINITY
    for (let run = 0; run < 60 && least >= enough; run++) {
      const turns = optimizeStepwise(graph, { ...options, maxIterations: 12, tolerance: 0, gradientTolerance: 0 })
      turns.next()
      growth.length = 0
      for (;;) {
        const before = process.memoryUsage().heapUsed
        const { done } = turns.next()
        const after = process.memoryUsage().heapUsed
        if (done) break
        growth.push(after - before)
      }
      least = Math.min(least, growth.sort((a, b) => a - b)[growth.length >> 1])
    }
    return least
  }

  it.each([
    ['sphere', 'cholesky', 'lm'],
    ['sphere', 'cholesky', 'dogleg'],
    ['window', 'schur', 'lm'],
  ] as const)('%s: %s, %s', (name, step, method) => {
    const { graph } = name === 'sphere' ? sphere({ layers: 20, perLayer: 20 }) : bundleWindow({ frames: 50 })
    const bytes = heapPerIteration(graph, { step, method }, 6e3)
    // A row, a verdict and the measurement itself are some 2 kB; one boxed number per factor would be 16 bytes of each.
    expect(graph.factorCount * 16).toBeGreaterThan(12e3)
    expect(bytes).toBeLessThan(6e3)
  })
})
