import { describe, expect, it } from 'vitest'
import type { Values } from '../graph/index.ts'
import { UsageError } from '../numeric/index.ts'
import { type BundleWindowOptions, type BundleWindowProblem, bundleWindow } from './index.ts'

/** Square lengths of all residuals in pixels, one per observation. */
function squares({ graph }: BundleWindowProblem, values: Values): Float64Array {
  const [batch] = graph.batches
  const { type } = batch
  const variables = batch.variables.view()
  const r = new Float64Array(type.residualDim)
  return Float64Array.from({ length: batch.count }, (_, row) => {
    const at = Int32Array.of(values.offset(variables[2 * row]), values.offset(variables[2 * row + 1]))
    type.evaluate(values.data, at, 0, batch.data.view(), row * type.dataSize, r, 0, null, 0)
    return r.reduce((sum, value) => sum + value * value, 0)
  })
}

const total = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0)

describe.each(['stereo', 'mono', 'bal'] as const)('a window of %s cameras', (camera) => {
  const make = (options: BundleWindowOptions = {}) => bundleWindow({ camera, ...options })

  it('has no cost at the truth without noise', () => {
    const exact = make({ pixelNoise: 0 })
    // The same evaluation made the measurements; nothing is left but the subtraction.
    expect(total(squares(exact, exact.truth))).toBe(0)
    expect(total(squares(exact, exact.graph.values))).toBeGreaterThan(1000)
  })

  it('has residuals at the truth like the noise it was asked for', () => {
    const noisy = make({ pixelNoise: 0.5, seed: 11 })
    const [batch] = noisy.graph.batches
    const freedoms = noisy.observations * batch.type.residualDim
    const chi2 = total(squares(noisy, noisy.truth)) / 0.25
    expect(Math.abs(chi2 - freedoms)).toBeLessThan(5 * Math.sqrt(2 * freedoms)) // five deviations of χ²
    if (camera === 'bal') expect(batch.information).toBeNull()
    else expect(batch.information!.view()[0]).toBe(4)
  })

  it('has the size it was asked for, every point seen twice or more, from the front', () => {
    const { graph, truth, cameras, points, observations } = make({ frames: 30, features: 20 })
    expect(graph.variableCount).toBe(cameras + points)
    expect(graph.factorCount).toBe(observations)
    expect(cameras).toBe(30)
    expect(observations).toBeGreaterThan(0.8 * 30 * 20)
    expect(observations).toBeLessThanOrEqual(30 * 20)
    const variables = graph.batches[0].variables.view()
    const seen = new Map<number, number>()
    for (let o = 1; o < variables.length; o += 2) seen.set(variables[o], (seen.get(variables[o]) ?? 0) + 1)
    expect(seen.size).toBe(points)
    expect(Math.min(...seen.values())).toBeGreaterThanOrEqual(2)
    // All points lie on the walls, floor or ceiling of the room.
    for (let p = 0; p < points; p++) {
      const [x, y, z] = truth.get(`p${p}`)
      const gap = Math.min(4 - Math.abs(x), 3 - Math.abs(y), z, 3 - z)
      expect(Math.abs(gap)).toBeLessThan(1e-12) // a few roundings of metres
    }
  })

  it('reports its outliers, which are the large residuals', () => {
    const spoiled = make({ outliers: 0.1, pixelNoise: 0.3, seed: 4 })
    const lengths = squares(spoiled, spoiled.truth)
    const wrong = new Set(spoiled.outliers)
    // 10 % of n, within five deviations of a binomial.
    const n = spoiled.observations
    expect(Math.abs(wrong.size - 0.1 * n)).toBeLessThan(5 * Math.sqrt(0.09 * n))
    lengths.forEach((square, row) => {
      if (wrong.has(row))
        expect(square).toBeGreaterThan(9) // 5 px, less noise, in at least two coordinates
      else expect(square).toBeLessThan(9) // 10 deviations
    })
  })

  it('gives the same bits for the same seed and others for another', () => {
    const parts = ({ graph, truth }: BundleWindowProblem) => [
      graph.values.data,
      truth.data,
      graph.batches[0].data.view(),
    ]
    expect(parts(make({ seed: 2, outliers: 0.05 }))).toEqual(parts(make({ seed: 2, outliers: 0.05 })))
    expect(parts(make({ seed: 2 }))).not.toEqual(parts(make({ seed: 3 })))
  })

  it('starts from the truth on request', () => {
    const { graph, truth } = make({ start: 'truth' })
    expect(graph.values.data).toEqual(truth.data)
  })
})

describe('options of a window', () => {
  it("make the article's size by default: 50 frames, 28 stereo points each", () => {
    const { cameras, points, observations } = bundleWindow()
    expect(cameras).toBe(50)
    expect(points).toBeGreaterThan(150)
    expect(points).toBeLessThan(300)
    expect(observations).toBeGreaterThan(1250)
  })

  it.each([
    ['frames', { frames: 1 }],
    ['survival', { survival: 2 }],
    ['pixelNoise', { pixelNoise: -1 }],
    ['outliers', { outliers: Number.NaN }],
    ['room', { room: [1, 5, 3] }],
    ['camera', { camera: 'fisheye' }],
  ])('that cannot be are refused by name: %s', (name, options) => {
    expect(() => bundleWindow(options as BundleWindowOptions)).toThrow(UsageError)
    expect(() => bundleWindow(options as BundleWindowOptions)).toThrow(name)
  })
})
