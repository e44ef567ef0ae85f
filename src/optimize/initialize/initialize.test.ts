import { describe, expect, it } from 'vitest'
import { euclidean, SE2, SE3, Sim3 } from '../../geometry/index.ts'
import { bearing2, between, Graph, landmark2, range2 } from '../../graph/index.ts'
import { bundleWindow, grid, manhattan, ring, sphere } from '../../sim/index.ts'
import { assertAgrees } from '../../testing/index.ts'
import { factorCosts } from '../factor-costs.ts'
import { problemKind } from '../kind.ts'
import { optimize } from '../optimize.ts'
import { initialize } from './initialize.ts'

const exact = { noise: { translation: 0, rotation: 0 }, start: { translation: 2, rotation: 1 } } as const

describe('starts that walk along measurements', () => {
  it('odometry integrates the chain in order, whatever else there is', () => {
    const { graph, odometryEdges } = ring({ perLap: 20 })
    const { x } = initialize(graph, 'odometry', [0])
    const [{ data }] = graph.batches
    const pose = graph.values.get(0).slice()
    for (let i = 0; i < odometryEdges; i++) {
      SE2.compose(pose, 0, data.view(), 3 * i, pose, 0)
      // One composition per pose; headings wrap.
      const delta = new Float64Array(3)
      SE2.local(pose, 0, x, 3 * (i + 1), delta, 0)
      assertAgrees([...delta], [0, 0, 0], { k: 4 * (i + 1), scale: 60 })
    }
  })

  it('a tree takes the fewest measurements: around a ring closed at the end, half the way from either side', () => {
    const { graph } = ring({ perLap: 20, laps: 1 })
    const { x } = initialize(graph, 'tree', [0])
    const [costs] = factorCosts(graph, graph.values.copy(x))
    // 20 poses in a circle of 20 measurements: the one across is the only one that is not met exactly.
    const broken = [...costs.keys()].filter((f) => costs[f] > 1e-12)
    expect([[9], [10]]).toContainEqual(broken)
  })

  it.each(['odometry', 'tree', 'chordal', 'incremental'] as const)('%s: exact measurements give the truth', (init) => {
    for (const { graph, truth } of [
      ring({ ...exact, perLap: 20 }),
      sphere({ ...exact, layers: 4, perLayer: 6 }),
      grid({ ...exact, side: 3 }),
      manhattan({ ...exact, poses: 60, blocks: 2 }),
    ]) {
      const { x, name } = initialize(graph, init, [0])
      expect(name).toBe(init)
      const manifold = truth.manifold(0)
      const delta = new Float64Array(manifold.dim)
      for (let v = 0; v < truth.count; v++) {
        manifold.local(truth.data, truth.offset(v), x, truth.offset(v), delta, 0)
        // Some 60 compositions over 100 m, or a linear system of condition below 1e4.
        expect(Math.max(...delta.map(Math.abs))).toBeLessThan(1e4 * Number.EPSILON * 100)
      }
    }
  })

  it('points are placed from poses; what cannot be placed keeps its value', () => {
    const R2 = euclidean(2)
    const graph = new Graph()
    graph.addVariable('a', SE2, [1, 2, Math.PI / 2])
    graph.addVariable('b', SE2, [0, 0, 0])
    graph.addVariable('seen', R2, [0, 0])
    graph.addVariable('heard', R2, [5, 6])
    graph.addFactor(between(SE2), ['a', 'b'], [3, 0, 0])
    graph.addFactor(landmark2, ['b', 'seen'], [1, 1])
    graph.addFactor(range2(), ['b', 'heard'], [2])
    graph.addFactor(bearing2, ['a', 'heard'], [0.3])
    for (const init of ['tree', 'odometry', 'chordal'] as const) {
      const { x } = initialize(graph, init, [0])
      assertAgrees([...x], [1, 2, Math.PI / 2, 1, 5, Math.PI / 2, 0, 6, 5, 6], { k: 8 })
    }
  })

  it('constants keep their value and are where walks begin', () => {
    const { graph } = ring({ ...exact, perLap: 20 })
    graph.setConstant(7)
    const held = graph.values.get(7).slice()
    for (const init of ['tree', 'odometry', 'chordal', 'incremental'] as const) {
      const { x } = initialize(graph, init, [])
      expect(x.slice(21, 24)).toEqual(held)
      // Everything hangs together from there: all measurements are exact.
      const [costs] = factorCosts(graph, graph.values.copy(x))
      expect(
        costs.reduce((sum, cost) => sum + cost, 0),
        init,
      ).toBeLessThan(1e-18)
    }
  })

  it('the graph keeps its values', () => {
    const { graph } = sphere({ layers: 3, perLayer: 6 })
    const before = graph.values.data.slice()
    for (const init of ['auto', 'file', 'tree', 'odometry', 'chordal', 'incremental'] as const)
      initialize(graph, init, [0])
    expect(graph.values.data).toEqual(before)
    expect(initialize(graph, 'file', [0]).x).toEqual(before)
  })
})

describe('chordal relaxation', () => {
  it('does not look at the values it replaces', () => {
    const problem = { layers: 4, perLayer: 8, seed: 5 }
    const [a, b] = [sphere(problem).graph, sphere({ ...problem, start: { translation: 9, rotation: 2 } }).graph]
    const [xa, xb] = [a, b].map((graph) => initialize(graph, 'chordal', [0]).x)
    // One linear system of condition below 1e4 for each.
    assertAgrees([...xa], [...xb], { k: 1e4 })
  })

  it('comes closer to the optimum than odometry does', () => {
    for (const { graph } of [ring({ seed: 2 }), sphere({ layers: 10, perLayer: 20 })]) {
      const cost = (init: 'chordal' | 'odometry') => optimize(graph, { init }).summary.initialization.cost
      expect(cost('chordal')).toBeLessThan(cost('odometry') / 10)
    }
  })

  it('says why where it cannot: no relative poses, or two kinds of them', () => {
    const { graph: window } = bundleWindow({ frames: 4, features: 8 })
    expect(initialize(window, 'chordal', [0])).toMatchObject({
      name: 'file',
      reason: 'chordal was asked for, but the graph has no relative poses of one group',
      x: window.values.data,
    })
    const graph = new Graph()
    for (const [key, group, identity] of [
      ['a', SE3, [0, 0, 0, 0, 0, 0, 1]],
      ['b', Sim3, [0, 0, 0, 0, 0, 0, 1, 1]],
    ] as const) {
      for (const end of [1, 2]) graph.addVariable(`${key}${end}`, group, identity)
      graph.addFactor(between(group), [`${key}1`, `${key}2`], identity)
    }
    expect(initialize(graph, 'chordal', [0]).name).toBe('file')
    expect(optimize(graph).summary.initialization).toMatchObject({
      name: 'file',
      reason: 'the graph has no relative poses of one group',
    })
  })
})

describe('what a graph is about', () => {
  it('is read off its factors', () => {
    expect(problemKind(ring({ perLap: 5 }).graph)).toBe('pose-graph-2d')
    expect(problemKind(sphere({ layers: 1, perLayer: 5 }).graph)).toBe('pose-graph-3d')
    for (const camera of ['stereo', 'mono', 'bal'] as const)
      expect(problemKind(bundleWindow({ frames: 3, features: 5, camera }).graph)).toBe('bundle-adjustment')
    const graph = new Graph()
    graph.addVariable(0, Sim3, [0, 0, 0, 0, 0, 0, 1, 1])
    graph.addVariable(1, euclidean(2), [0, 0])
    graph.addVariable(2, euclidean(2), [0, 0])
    graph.addFactor(between(euclidean(2)), [1, 2], [0, 0])
    expect(problemKind(graph)).toBe('least-squares')
    graph.addFactor(between(Sim3), [0, 0], [0, 0, 0, 0, 0, 0, 1, 1])
    expect(problemKind(graph)).toBe('pose-graph-sim3')
  })

  it('factor costs stand in the order of the factors and add up to chi2', () => {
    const { graph, truth } = sphere({ layers: 4, perLayer: 6 })
    graph.addFactor(between(SE3), [0, 1], [0, 0, 0, 0, 0, 0, 1])
    const costs = factorCosts(graph, truth)
    expect(costs.map((list) => list.length)).toEqual(graph.batches.map(({ count }) => count))
    const chi2 = costs.flatMap((list) => [...list]).reduce((sum, cost) => sum + cost, 0)
    for (let v = 0; v < truth.count; v++) graph.values.set(v, truth.get(v))
    const { summary } = optimize(graph, { init: 'file', maxIterations: 0 })
    expect(Math.abs(chi2 / summary.initialCost - 1)).toBeLessThan(100 * Number.EPSILON)
  })
})
