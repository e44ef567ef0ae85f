import { describe, expect, it } from 'vitest'
import { type Graph, huber } from '../graph/index.ts'
import { bundleWindow, ring, sphere } from '../sim/index.ts'
import { countAllocations } from '../testing/index.ts'
import { optimizeStepwise } from './optimize.ts'
import type { MethodName, OptimizeOptions, StepName } from './options.ts'

/** Runs ten iterations whatever the criteria would say, and counts from the second on. */
function arraysPerIteration(graph: Graph, options: OptimizeOptions): { rows: number; arrays: number; first: string } {
  const forever = { maxIterations: 10, tolerance: 0, gradientTolerance: 0, stepTolerance: 0 }
  const run = optimizeStepwise(graph, { ...forever, ...options })
  let arrays = 0
  let first = ''
  run.next()
  for (let rows = 1; ; rows++) {
    const count = countAllocations(() => run.next())
    if (count.result.done) return { rows, arrays, first }
    arrays += count.arrays + count.views
    first ||= count.first ?? ''
  }
}

/** Problems of every shape: poses in the plane and in space, with a robust loss, cameras and points. */
const problems: readonly (readonly [string, Graph, readonly StepName[]])[] = [
  ['ring, Huber', ring({ perLap: 15 }).graph, ['cholesky', 'pcg', 'cgnr', 'qr']],
  ['sphere', sphere({ layers: 5, perLayer: 8 }).graph, ['cholesky', 'pcg', 'cgnr']],
  ['stereo window', bundleWindow({ frames: 5, features: 12 }).graph, ['cholesky', 'pcg', 'cgnr', 'schur']],
  ['BAL window', bundleWindow({ frames: 5, features: 12, camera: 'bal' }).graph, ['schur', 'pcg']],
]
const methods: readonly MethodName[] = ['lm', 'gn', 'dogleg', 'geodesic', 'auto']

describe('iterations after the first ask for no typed array', () => {
  for (const [name, graph, steps] of problems)
    it.each(steps.flatMap((step) => methods.map((method) => [step, method] as const)))(
      `${name}: %s, %s`,
      (step, method) => {
        const loss = name.endsWith('Huber') ? huber(1) : null
        const { rows, arrays, first } = arraysPerIteration(graph, { step, method, loss })
        expect(arrays, first).toBe(0)
        expect(rows).toBeGreaterThanOrEqual(3)
      },
    )
})
