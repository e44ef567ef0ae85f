import { describe, expect, it } from 'vitest'
import type { Graph, Values } from '../graph/index.ts'
import { UsageError } from '../numeric/index.ts'
import { garage, grid, manhattan, type PoseGraphOptions, type PoseGraphProblem, ring, sphere, torus } from './index.ts'

const generators: [string, (options: PoseGraphOptions) => PoseGraphProblem][] = [
  ['sphere', (options) => sphere({ layers: 12, perLayer: 20, ...options })],
  ['torus', (options) => torus({ turns: 10, perTurn: 12, ...options })],
  ['grid in space', (options) => grid({ side: 6, ...options })],
  ['grid in the plane', (options) => grid({ dimension: 2, side: 14, ...options })],
  ['manhattan', (options) => manhattan({ poses: 600, blocks: 4, ...options })],
  ['ring', (options) => ring({ perLap: 60, laps: 3, ...options })],
  ['garage', (options) => garage({ floors: 3, perFloor: 50, ...options })],
]

/** Σ rᵀ Ω r over rows [from, to) of the one batch. */
function chi2(graph: Graph, values: Values, from = 0, to = graph.batches[0].count): number {
  const [batch] = graph.batches
  const { type } = batch
  const m = type.residualDim
  const variables = batch.variables.view()
  const information = batch.information!.view()
  const r = new Float64Array(m)
  let sum = 0
  for (let row = from; row < to; row++) {
    const at = Int32Array.of(values.offset(variables[2 * row]), values.offset(variables[2 * row + 1]))
    type.evaluate(values.data, at, 0, batch.data.view(), row * type.dataSize, r, 0, null, 0)
    let k = row * ((m * (m + 1)) / 2)
    for (let i = 0; i < m; i++) for (let j = i; j < m; j++) sum += (i === j ? 1 : 2) * information[k++] * r[i] * r[j]
  }
  return sum
}

describe.each(generators)('%s', (_, make) => {
  it('has no cost at the truth without noise, and the odometry start is the truth', () => {
    const { graph, truth, odometryEdges } = make({ noise: { translation: 0, rotation: 0 } })
    // Each residual is a few roundings of coordinates of some 100 m; weights are up to 2 / 0.01 per unit.
    const rounding = 100 * 2 ** -52 * 200
    expect(chi2(graph, truth)).toBeLessThan(graph.factorCount * 6 * (10 * rounding) ** 2)
    let worst = 0
    truth.data.forEach((value, i) => {
      worst = Math.max(worst, Math.min(Math.abs(value - graph.values.data[i]), Math.abs(value + graph.values.data[i])))
    })
    // Heading errors of an ulp per step add up, and act over the length of the way.
    expect(worst).toBeLessThan(odometryEdges ** 2 * 3 * 2 ** -52 * 10)
  })

  it('has chi2 like χ² at the truth, and the odometry explains itself at the start', () => {
    const { graph, truth, odometryEdges } = make({ seed: 7 })
    const freedoms = graph.factorCount * graph.batches[0].type.residualDim
    // χ² with n degrees of freedom has deviation √(2n); five of them leave one false alarm in a million.
    expect(Math.abs(chi2(graph, truth) - freedoms)).toBeLessThan(5 * Math.sqrt(2 * freedoms))
    expect(chi2(graph, graph.values, 0, odometryEdges)).toBeLessThan(1e-12 * freedoms)
    expect(chi2(graph, graph.values)).toBeGreaterThan(freedoms)
  })

  it('gives the same bits for the same seed and others for another', () => {
    const [a, b, c] = [make({ seed: 3, falseLoops: 0.1 }), make({ seed: 3, falseLoops: 0.1 }), make({ seed: 4 })]
    expect(bytes(a)).toEqual(bytes(b))
    expect(bytes(a)).not.toEqual(bytes(c))
  })

  it('adds false loops at the end without touching the true measurements', () => {
    const clean = make({ seed: 5 })
    const spoiled = make({ seed: 5, falseLoops: 0.2 })
    const [cleanBatch] = clean.graph.batches
    const [batch] = spoiled.graph.batches
    expect(spoiled.falseLoops).toHaveLength(Math.round(0.2 * clean.loopClosures))
    expect(spoiled.loopClosures).toBe(clean.loopClosures + spoiled.falseLoops.length)
    expect(batch.count).toBe(spoiled.odometryEdges + spoiled.loopClosures)
    expect(batch.data.view().subarray(0, cleanBatch.data.view().length)).toEqual(cleanBatch.data.view())
    expect([...spoiled.falseLoops]).toEqual(
      Array.from(spoiled.falseLoops, (_, k) => batch.count - spoiled.falseLoops.length + k),
    )
    // Nearly all of them contradict the truth by far; on average by more than 10 sigmas.
    const lies = chi2(spoiled.graph, spoiled.truth, spoiled.falseLoops[0])
    expect(lies).toBeGreaterThan(100 * spoiled.falseLoops.length)
  })

  it('starts from the truth, or from the truth spoiled, on request', () => {
    const exact = make({ start: 'truth' })
    expect(exact.graph.values.data).toEqual(exact.truth.data)
    const spoiled = make({ start: { translation: 0.3, rotation: 0.1 }, seed: 9 })
    const group = spoiled.graph.values.manifold(0)
    const delta = new Float64Array(group.dim)
    let [square, count] = [0, 0]
    for (let i = 1; i < spoiled.truth.count; i++) {
      const at = spoiled.truth.offset(i)
      group.local(spoiled.truth.data, at, spoiled.graph.values.data, at, delta, 0)
      for (let k = 0; k < group.dim; k++, count++)
        square += (delta[k] / (k < (group.dim === 6 ? 3 : 2) ? 0.3 : 0.1)) ** 2
    }
    // The same law, about retract's own error vector.
    expect(Math.abs(square - count)).toBeLessThan(5 * Math.sqrt(2 * count))
  })
})

function bytes({ graph, truth }: PoseGraphProblem): Float64Array[] {
  const [batch] = graph.batches
  return [graph.values.data, truth.data, batch.data.view(), batch.information!.view()]
}

describe('sizes', () => {
  it('are those of the well-known graphs', () => {
    const whole = sphere()
    expect([whole.graph.variableCount, whole.graph.factorCount]).toEqual([2500, 4949]) // sphere2500
    const lattice = grid({ side: 5, loopFraction: 1 })
    expect(lattice.graph.factorCount).toBe(3 * 5 * 5 * 4) // every lattice edge once
    const closed = torus({ turns: 5, perTurn: 6 })
    expect([closed.odometryEdges, closed.loopClosures]).toEqual([29, 30])
    expect(ring({ laps: 1, perLap: 50 }).loopClosures).toBe(1)
    const town = manhattan()
    expect(town.graph.variableCount).toBe(3500)
    expect(town.loopClosures).toBeGreaterThan(1500)
  })

  it.each([
    ['layers', () => sphere({ layers: 0 })],
    ['radius', () => sphere({ radius: -1 })],
    ['perTurn', () => torus({ perTurn: 2.5 })],
    ['radius − tube', () => torus({ radius: 5, tube: 6 })],
    ['side', () => grid({ side: Number.NaN })],
    ['loopFraction', () => manhattan({ loopFraction: 1.5 })],
    ['falseLoops', () => ring({ falseLoops: -1 })],
    ['noise.rotation', () => ring({ noise: { translation: 1, rotation: Number.POSITIVE_INFINITY } })],
    ['start', () => ring({ start: 'file' as never })],
    ['100,000,000', () => grid({ side: 100_000 })],
  ])('that cannot be are refused by name: %s', (name, make) => {
    expect(make).toThrow(UsageError)
    expect(make).toThrow(name)
  })
})
