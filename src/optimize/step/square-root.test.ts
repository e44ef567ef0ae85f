import { expect, it } from 'vitest'
import { bundleWindow } from '../../sim/index.ts'
import { optimize } from '../optimize.ts'

it('step schur in a single-precision policy takes the points out by QR in fp32, counts it, and ends where fp64 ends', () => {
  const { graph } = bundleWindow({ frames: 12, seed: 3 })
  const double = optimize(graph, { step: 'schur' }).summary
  const single = optimize(graph, { step: 'schur', precision: 'single' }).summary
  expect(single.termination, single.reason).toBe('converged')
  expect(single.step.name).toBe('square-root elimination (fp32, sums fp64)')
  // The default tolerance of bundle adjustment: both may stop a step apart.
  expect(Math.abs(single.finalCost / double.finalCost - 1)).toBeLessThan(1e-5)
  expect(single.work['condensation'].flops).toBeGreaterThan(0)
  expect(single.work['elimination'].format).toBe('fp32')
})
