import { describe, expect, it } from 'vitest'
import { euclidean } from '../../geometry/index.ts'
import { ad, defineFactor, Graph, huber } from '../../graph/index.ts'
import { Random } from '../../numeric/index.ts'
import { optimize } from '../optimize.ts'
import type { MethodName } from '../options.ts'

/** y = b₀ (1 − exp(−b₁ x)), data (x, y). */
const saturation = defineFactor({
  name: 'saturation',
  variables: [euclidean(2)],
  residualDim: 1,
  dataSize: 2,
  residual: ([b], [x, y]) => ad.sub(b[0].mul(ad.sub(1, ad.exp(b[1].mul(-x!)))), y!),
})

function solve(
  rows: readonly (readonly [number, number])[],
  start: readonly number[],
  method: MethodName,
  robust = false,
) {
  const graph = new Graph()
  graph.addVariable('b', euclidean(2), start)
  for (const row of rows) graph.addFactor(saturation, ['b'], row, robust ? { loss: huber(2) } : {})
  const { values, summary } = optimize(graph, { method, tolerance: 1e-15, gradientTolerance: 0, maxIterations: 500 })
  return { b: values.get('b'), summary }
}

describe('geodesic acceleration', () => {
  // BoxBOD of NIST's StRD, from its first start: the linear model promises most of the cost for a leap to b₁ = 80,
  // where the exponential is gone and nothing calls back.
  const boxBod = [
    [1, 109],
    [2, 149],
    [3, 149],
    [5, 191],
    [7, 213],
    [10, 224],
  ] as const

  it('stays out of the plateau that plain damping leaps into', () => {
    expect(solve(boxBod, [1, 1], 'lm').summary.finalCost).toBeGreaterThan(9000)
    const { b, summary } = solve(boxBod, [1, 1], 'geodesic')
    expect(summary.termination).toBe('converged')
    // Certified to 11 digits; the parameters follow from a flat minimum, good to √ε times a condition of about 10.
    expect(Math.abs(b[0] / 213.80940889 - 1)).toBeLessThan(1e-7)
    expect(Math.abs(b[1] / 0.54723748542 - 1)).toBeLessThan(1e-7)
    expect(Math.abs(summary.finalCost / 1168.0088766 - 1)).toBeLessThan(1e-10)
  })

  it('ends where plain damping ends when both are near, with and without robust losses', () => {
    const random = new Random(5)
    const rows = Array.from({ length: 60 }, (_, i): [number, number] => {
      const x = 0.3 * i
      return [x, 20 * (1 - Math.exp(-0.3 * x)) + random.gaussian() + (i % 9 === 0 ? 15 : 0)]
    })
    for (const robust of [false, true]) {
      const plain = solve(rows, [15, 0.5], 'lm', robust)
      const bent = solve(rows, [15, 0.5], 'geodesic', robust)
      expect(bent.summary.termination).toBe('converged')
      // Both minima are flat to √ε.
      for (const k of [0, 1]) expect(Math.abs(bent.b[k] / plain.b[k] - 1)).toBeLessThan(1e-6)
      expect(Math.abs(bent.summary.finalCost / plain.summary.finalCost - 1)).toBeLessThan(1e-12)
    }
  })
})
