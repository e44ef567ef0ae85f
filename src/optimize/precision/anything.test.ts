import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Graph, huber } from '../../graph/index.ts'
import type { Format } from '../../numeric/index.ts'
import { bundleWindow, manhattan, ring } from '../../sim/index.ts'
import { compile } from '../compile.ts'
import { evaluateCost } from '../linearize.ts'
import { optimize } from '../optimize.ts'
import type { OptimizeOptions } from '../options.ts'
import { type PolicyChanges, presetNames } from './policy.ts'

/*
 * Whatever the policy and the problem: no exception, no value that is not finite, never dearer than the start, and the cost
 * that is reported is the fp64 cost of the values that are returned, to the bit.
 */

const stage = fc
  .constantFrom<[Format, Format, Format][]>(
    ['fp64', 'fp64', 'fp64'],
    ['fp32', 'fp32', 'fp32'],
    ['fp16', 'fp16', 'fp16'],
    ['bf16', 'bf16', 'bf16'],
    ['fp16', 'fp16', 'fp32'],
    ['fp16', 'fp32', 'fp32'],
    ['bf16', 'bf16', 'fp32'],
    ['fp32', 'fp16', 'fp64'],
    ['fp64', 'bf16', 'fp32'],
  )
  .map(([stored, computed, accumulated]) => ({ stored, computed, accumulated }))

const step = fc.constantFrom<NonNullable<OptimizeOptions['step']>[]>('cgnr', 'pcg', 'cholesky', 'auto', 'schur')

const policy = step.chain((step) =>
  fc
    .record({
      base: fc.constantFrom(...presetNames),
      residual: stage,
      jacobian: stage,
      gradient: stage,
      operator: stage,
      preconditioner: stage,
      factorization: stage,
      vectors: stage,
      update: stage,
      reductions: fc.constantFrom<Format[]>('fp64', 'fp32', 'fp16', 'bf16'),
      scaling: fc.constantFrom(...(step === 'cgnr' ? (['none', 'columns', 'blocks'] as const) : (['none'] as const))),
      gradientFrom: fc.constantFrom('exact', 'operator'),
      recurrence: fc.constantFrom(
        ...(step === 'cgnr' ? (['recursion', 'textbook'] as const) : (['recursion'] as const)),
      ),
      form: fc.constantFrom(
        ...(step === 'pcg' || step === 'cholesky' ? (['jacobian', 'hessian'] as const) : (['jacobian'] as const)),
      ),
      normalize: fc.boolean(),
      fallback: fc.constantFrom('ladder', 'none'),
      innerTolerance: fc.constantFrom(1e-1, 1e-3, 1e-8),
      innerIterations: fc.constantFrom(3, 40),
    })
    .map((changes) => ({ step, precision: { name: 'random', ...changes } as PolicyChanges })),
)

const problem = fc
  .record({
    kind: fc.constantFrom('ring', 'manhattan', 'window', 'bal'),
    seed: fc.integer({ min: 1, max: 50 }),
    /** Units of length, of both measurements and values. */
    scale: fc.constantFrom(1, 1e-3, 1e4),
    loss: fc.boolean(),
  })
  .map(({ kind, seed, scale, loss }) => ({ graph: build(kind, seed, scale), loss, name: `${kind} ${seed} × ${scale}` }))

function build(kind: string, seed: number, scale: number): Graph {
  switch (kind) {
    case 'ring':
      return ring({ perLap: 12, laps: 2, closureEvery: 3, radius: 5 * scale, seed }).graph
    case 'manhattan':
      return manhattan({ poses: 25, step: scale, blocks: 3, blockLength: 2, seed }).graph
    default:
      return bundleWindow({ frames: 4, features: 12, camera: kind === 'bal' ? 'bal' : 'stereo', seed }).graph
  }
}

describe('any policy on any problem', () => {
  it('gives finite values and their fp64 cost, never an exception', () => {
    fc.assert(
      fc.property(policy, problem, ({ step, precision }, { graph, loss }) => {
        const options = { step, precision, maxIterations: 8, loss: loss ? huber(1.345) : null } as const
        const { values, summary } = optimize(graph, options)
        expect(values.data.every(Number.isFinite)).toBe(true)
        const program = compile(graph, { loss: options.loss })
        expect(summary.finalCost).toBe(2 * evaluateCost(program, values.data))
        expect(summary.finalCost).toBeLessThanOrEqual(summary.initialization.cost)
        for (const { flops, bytes } of Object.values(summary.work)) expect(flops >= 0 && bytes >= 0).toBe(true)
      }),
      { numRuns: 150 },
    )
  })
})
