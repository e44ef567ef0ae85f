import { describe, expect, it, vi } from 'vitest'
import { probe } from '../../src/backend/index.ts'
import { type Graph, huber } from '../../src/graph/index.ts'
import { type OptimizeOptions, type OptimizeResult, optimize } from '../../src/optimize/index.ts'

/** The same optimization on an engine without WebAssembly. */
async function plainly(make: () => Promise<Graph>, options: OptimizeOptions): Promise<OptimizeResult> {
  vi.stubGlobal('WebAssembly', undefined)
  vi.resetModules()
  try {
    const graph = await make()
    const { optimize: fresh } = await import('../../src/optimize/index.ts')
    return fresh(graph, options)
  } finally {
    vi.unstubAllGlobals()
    vi.resetModules()
  }
}

interface Problem {
  readonly name: string
  /** By the modules loaded at the time. */
  make(): Promise<Graph>
  readonly options: OptimizeOptions
}

const load = async () => import('../../src/sim/index.ts')

const problems: readonly Problem[] = [
  {
    name: 'a ring in the plane, Huber',
    make: async () => (await load()).ring({ perLap: 40 }).graph,
    options: { loss: huber(1), step: 'cholesky' },
  },
  {
    name: 'a sphere',
    make: async () => (await load()).sphere({ layers: 8, perLayer: 12 }).graph,
    options: { step: 'cholesky' },
  },
  {
    name: 'a stereo window',
    make: async () => (await load()).bundleWindow({ frames: 10, features: 20 }).graph,
    options: { step: 'schur' },
  },
  {
    name: 'a BAL window',
    make: async () => (await load()).bundleWindow({ frames: 10, features: 20, camera: 'bal' }).graph,
    options: { step: 'schur' },
  },
]

describe.skipIf(!probe().simd)('a whole optimization with WebAssembly and without', () => {
  it.each(problems)('$name: as many iterations, the same cost and values to rounding', async ({ make, options }) => {
    const graph = await make()
    const twin = optimize(graph, options)
    const plain = await plainly(make, options)
    expect(twin.summary.kernels.join()).toMatch(/WebAssembly SIMD/)
    expect(plain.summary.kernels.join()).not.toMatch(/WebAssembly/)
    expect(twin.summary.iterations.length).toBe(plain.summary.iterations.length)
    expect(twin.summary.initialCost).toBe(plain.summary.initialCost)
    // Residuals, derivatives and normal equations agree to the bit; factorizations may round in another order. A cost at its
    // minimum feels that by eps, values by eps times the condition of H, here below 10⁸.
    const { finalCost } = plain.summary
    expect(Math.abs(twin.summary.finalCost - finalCost)).toBeLessThan(1e4 * Number.EPSILON * finalCost)
    const values = twin.values.data
    for (let i = 0; i < values.length; i++)
      expect(Math.abs(values[i] - plain.values.data[i])).toBeLessThan(1e-7 * (1 + Math.abs(values[i])))
  })
})
