import { describe, expect, it } from 'vitest'
import { euclidean, SE2, SE3, Sim3 } from '../geometry/index.ts'
import { between, Graph, landmark2, prior, type Values } from '../graph/index.ts'
import { Random } from '../numeric/index.ts'
import { bundleWindow, ring, sphere } from '../sim/index.ts'
import { assertAgrees } from '../testing/index.ts'
import { optimize } from './optimize.ts'
import type { OptimizeOptions } from './options.ts'
import type { Summary } from './summary.ts'

const tight: OptimizeOptions = { tolerance: 1e-14, maxIterations: 200 }

function solved(graph: Graph, options: OptimizeOptions = {}): { values: Values; summary: Summary } {
  const result = optimize(graph, { ...tight, ...options })
  expect(result.summary.termination, result.summary.reason).toBe('converged')
  return result
}

/** A chain of similarities around a loop, each measurement noisy. */
function similarityLoop(): Graph {
  const random = new Random(7)
  const graph = new Graph()
  const x = new Float64Array(8)
  Sim3.identity(x, 0)
  const move = new Float64Array(8)
  const count = 12
  for (let i = 0; i < count; i++) graph.addVariable(i, Sim3, x)
  for (let i = 0; i < count; i++) {
    const xi = Float64Array.from([1, 0, 0, 0, 0, (2 * Math.PI) / count, 0], (v) => v + 0.02 * random.gaussian())
    Sim3.exp(xi, 0, move, 0)
    graph.addFactor(between(Sim3), [i, (i + 1) % count], move)
  }
  return graph
}

describe('a free gauge is handled and reported', () => {
  it('pose graphs are anchored at their first pose, which keeps its value', () => {
    for (const { graph } of [ring({ perLap: 30 }), sphere({ layers: 4, perLayer: 6 })]) {
      const { values, summary } = solved(graph)
      expect(summary.gauge).toEqual([{ component: '0', freedom: 'rigid', handling: 'anchored pose 0' }])
      expect(values.get(0)).toEqual(graph.values.get(0))
      const dim = graph.values.manifold(0).dim
      expect(summary.problem.unknowns).toBe((graph.variableCount - 1) * dim)
    }
  })

  it('similarities are anchored whole', () => {
    const graph = similarityLoop()
    for (const method of ['auto', 'lm', 'gn', 'dogleg'] as const) {
      const { summary } = solved(graph, { method })
      expect(summary.gauge).toEqual([{ component: '0', freedom: 'similarity', handling: 'anchored pose 0' }])
    }
  })

  it('where it is anchored does not matter to the cost', () => {
    const { graph } = ring({ perLap: 30 })
    const first = solved(graph).summary.finalCost
    graph.setConstant(17)
    const { values, summary } = solved(graph)
    expect(summary.gauge).toEqual([])
    expect(values.get(17)).toEqual(graph.values.get(17))
    // Steps stop at a relative change of 1e-14; a sum of 240 squares rounds to about as much.
    expect(Math.abs(summary.finalCost / first - 1)).toBeLessThan(1e-12)
  })

  it('a prior takes the freedom away: nothing is anchored, and the prior is met exactly', () => {
    const { graph } = ring({ perLap: 30 })
    graph.addFactor(prior(SE2), [3], [5, 6, 0.7])
    const { values, summary } = solved(graph)
    expect(summary.gauge).toEqual([])
    // It costs nothing to move the whole ring to where the prior wants it.
    assertAgrees([...values.get(3)], [5, 6, 0.7], { k: 1e6 }) // √tolerance of a flat minimum, 1e-7, would pass 1e9
    graph.setConstant(0)
    expect(solved(graph).summary.gauge).toEqual([])
  })

  it('vectors tied by differences are anchored at one of them', () => {
    const R2 = euclidean(2)
    const graph = new Graph()
    for (const key of ['a', 'b', 'c']) graph.addVariable(key, R2, [1, 1])
    graph.addFactor(between(R2), ['a', 'b'], [1, 0])
    graph.addFactor(between(R2), ['b', 'c'], [0, 2])
    const { values, summary } = solved(graph)
    expect(summary.gauge).toEqual([{ component: "'a'", freedom: 'translation', handling: "anchored variable 'a'" }])
    // The damping of the last step, below 1e-6, leaves its square.
    assertAgrees([...values.data], [1, 1, 2, 1, 2, 3], { k: 1e4 })
  })

  describe('bundle adjustment', () => {
    const { graph } = bundleWindow({ frames: 6, features: 25, camera: 'mono', step: 0.3, survival: 0.95 })

    it('leaves seven freedoms to the damping of lm', () => {
      const { summary } = solved(graph, { method: 'lm' })
      expect(summary.gauge[0]).toMatchObject({ freedom: 'similarity', handling: '7 freedoms left to the damping' })
      expect(summary.iterations.filter(({ failure }) => failure)).toEqual([])
    })

    it.each(['gn', 'dogleg'] as const)('holds a camera and a coordinate for %s, at the same cost', (method) => {
      const { values, summary } = solved(graph, { method })
      expect(summary.gauge[0].handling).toMatch(/^held the pose of camera 'c0' and coordinate [xyz] of camera 'c5'$/)
      expect(values.get('c0')).toEqual(graph.values.get('c0'))
      expect(Math.abs(summary.finalCost / solved(graph, { method: 'lm' }).summary.finalCost - 1)).toBeLessThan(1e-9)
      expect(summary.problem.unknowns).toBe(6 * 6 + 3 * (graph.variableCount - 6) - 7)
    })

    it.each(['lm', 'gn', 'dogleg'] as const)('one constant camera leaves the scale, which %s handles', (method) => {
      const { graph: held } = bundleWindow({ frames: 6, features: 25, camera: 'mono', step: 0.3, survival: 0.95 })
      held.setConstant('c2')
      const { values, summary } = solved(held, { method })
      expect(values.get('c2')).toEqual(held.values.get('c2'))
      const handling = method === 'lm' ? /^1 freedom left to the damping$/ : /^held coordinate [xyz] of camera 'c[05]'$/
      expect(summary.gauge).toEqual([
        { component: "'c0'", freedom: 'scale', handling: expect.stringMatching(handling) },
      ])
      expect(summary.iterations.filter(({ failure }) => failure)).toEqual([])
      held.setConstant('c5')
      expect(solved(held, { method }).summary.gauge).toEqual([])
    })
  })

  it('a constant landmark does not hold a pose graph: it may still turn about it', () => {
    const graph = new Graph()
    graph.addVariable('l', euclidean(2), [1, 1], { constant: true })
    for (let i = 0; i < 3; i++) {
      graph.addVariable(i, SE2, [i, 0.1 * i, 0])
      graph.addFactor(landmark2, [i, 'l'], [1 - i, 1])
      if (i > 0) graph.addFactor(between(SE2), [i - 1, i], [1, 0, 0])
    }
    const { summary } = solved(graph)
    expect(summary.gauge[0]).toMatchObject({ freedom: 'rigid', handling: expect.stringMatching(/left to the damping/) })
    expect(summary.iterations.filter(({ failure }) => failure)).toEqual([])
    expect(summary.finalCost).toBeLessThan(1e-12)
  })
})

describe('what is not connected, not free, or not seen', () => {
  function twoRings(): Graph {
    const graph = new Graph()
    for (const [name, seed] of [
      ['a', 1],
      ['b', 2],
    ] as const) {
      const { graph: part } = ring({ perLap: 20, seed })
      for (let i = 0; i < part.variableCount; i++) graph.addVariable(`${name}${i}`, SE2, part.values.get(i))
      const [{ variables, data, information, type, count }] = part.batches
      for (let f = 0; f < count; f++) {
        const [i, j] = variables.view().subarray(2 * f, 2 * f + 2)
        graph.addFactor(type, [`${name}${i}`, `${name}${j}`], data.view().slice(3 * f, 3 * f + 3), {
          information: information?.view().slice(6 * f, 6 * f + 6) ?? [],
        })
      }
    }
    return graph
  }

  it('two components are each solved by itself, and said so', () => {
    const graph = twoRings()
    const alone = [1, 2].map((seed) => solved(ring({ perLap: 20, seed }).graph).summary.finalCost)
    for (const init of ['auto', 'file', 'odometry', 'tree'] as const) {
      const { values, summary } = solved(graph, { init })
      expect(summary.gauge.map(({ handling }) => handling)).toEqual(["anchored pose 'a0'", "anchored pose 'b0'"])
      expect(summary.warnings).toEqual(['the graph falls into 2 unconnected components; each is solved by itself'])
      expect(Math.abs(summary.finalCost / (alone[0] + alone[1]) - 1)).toBeLessThan(1e-12)
      for (const key of ['a0', 'b0']) expect(values.get(key)).toEqual(graph.values.get(key))
    }
  })

  it('variables without factors keep their values and are reported', () => {
    const { graph } = ring({ perLap: 20 })
    graph.addVariable('lonely', SE2, [7, 8, 0.9])
    graph.addVariable('point', euclidean(3), [1, 2, 3])
    for (const step of ['cholesky', 'pcg', 'cgnr', 'qr'] as const)
      for (const method of ['auto', 'lm', 'dogleg'] as const) {
        const { values, summary } = solved(graph, { step, method })
        expect([...values.get('lonely'), ...values.get('point')]).toEqual([7, 8, 0.9, 1, 2, 3])
        expect(summary.warnings).toEqual(["2 variables have no factor and keep their value: 'lonely', 'point'"])
      }
  })

  it('constant variables keep their values and shape the rest', () => {
    const graph = new Graph()
    graph.addVariable('a', SE3, [0, 0, 0, 0, 0, 0, 1], { constant: true })
    graph.addVariable('b', SE3, [5, 0, 0, 0, 0, 0, 1])
    graph.addVariable('c', SE3, [2, 0, 0, 0, 0, 0, 1], { constant: true })
    for (const pair of [
      ['a', 'b'],
      ['b', 'c'],
    ] as const)
      graph.addFactor(between(SE3), pair, [1.5, 0, 0, 0, 0, 0, 1])
    const { values, summary } = solved(graph, { init: 'file' })
    // The middle of what its neighbours want: 1.5 and 0.5.
    assertAgrees([...values.get('b')], [1, 0, 0, 0, 0, 0, 1], { k: 16 })
    expect([...values.get('c')]).toEqual([2, 0, 0, 0, 0, 0, 1])
    expect(summary.problem).toMatchObject({ variables: 3, factors: 2, residuals: 12, unknowns: 6 })
    expect(solved(graph).values.get('b')[0]).toBeCloseTo(1, 12)
  })

  it('all constant: nothing moves, and the report says so', () => {
    const { graph } = ring({ perLap: 20 })
    for (let i = 0; i < graph.variableCount; i++) graph.setConstant(i)
    for (const init of ['auto', 'file', 'odometry', 'tree', 'chordal'] as const)
      for (const step of ['auto', 'cholesky', 'pcg', 'cgnr', 'schur', 'qr'] as const) {
        const { values, summary } = solved(graph, { init, step })
        expect(values.data).toEqual(graph.values.data)
        expect(summary.finalCost).toBe(summary.initialCost)
        expect(summary.warnings).toEqual(['every variable is constant; nothing to optimize'])
        expect(summary.gauge).toEqual([])
      }
  })
})
