import { describe, expect, it } from 'vitest'
import { denseJacobian, gram } from '../../test/block-jacobians.ts'
import { euclidean, SE2 } from '../geometry/index.ts'
import { between, type FactorType, Graph, huber, type Key, landmark2, prior } from '../graph/index.ts'
import { BlockCholesky, choleskyInPlace, NormalEquations } from '../linear/index.ts'
import { Random } from '../numeric/index.ts'
import { bundleWindow, ring, sphere } from '../sim/index.ts'
import { assertAgrees } from '../testing/index.ts'
import { compile } from './compile.ts'
import { marginalCovariances } from './covariance.ts'
import { planGauge } from './gauge.ts'
import { linearize } from './linearize.ts'
import { optimize } from './optimize.ts'

/** H⁻¹ by dense Cholesky over the unknowns that are neither constant nor held, zeros elsewhere. */
function denseCovariance(graph: Graph, x: Float64Array): (a: Key, b: Key) => number[] {
  const { anchors, holds } = planGauge(graph, 'gn')
  const program = compile(graph, { anchors, holds })
  linearize(program, x)
  const { blocks, frozen, blockOf, jacobian } = program
  const n = frozen.length
  const H = gram(denseJacobian(jacobian), n)
  const free = [...frozen.keys()].filter((i) => !frozen[i])
  const inverse = invert(free.map((r) => free.map((c) => H[r][c])))
  const place = new Map(free.map((unknown, k) => [unknown, k]))
  const entry = (r: number, c: number): number => {
    const [row, column] = [place.get(r), place.get(c)]
    return row === undefined || column === undefined ? 0 : inverse[row][column]
  }
  return (a, b) => {
    const [i, j] = [blockOf[graph.values.index(a)], blockOf[graph.values.index(b)]]
    const dims = [a, b].map((key) => graph.values.manifold(graph.values.index(key)).dim)
    if (i < 0 || j < 0) return new Array<number>(dims[0] * dims[1]).fill(0)
    return Array.from({ length: dims[0] * dims[1] }, (_, e) =>
      entry(blocks.offset[i] + Math.floor(e / dims[1]), blocks.offset[j] + (e % dims[1])),
    )
  }
}

/** A⁻¹ = Σ over columns of L⁻ᵀ L⁻¹ e, with A scaled to unit diagonal first. */
function invert(A: number[][]): number[][] {
  const n = A.length
  const scale = A.map((row, i) => 1 / Math.sqrt(row[i]))
  const L = Float64Array.from(A.flatMap((row, i) => row.map((a, j) => a * scale[i] * scale[j])))
  expect(choleskyInPlace(L, n)).toBe(-1)
  const columns = A.map((_, c) => {
    const x = new Float64Array(n)
    x[c] = 1
    for (let i = 0; i < n; i++) {
      for (let k = 0; k < i; k++) x[i] -= L[i * n + k] * x[k]
      x[i] /= L[i * n + i]
    }
    for (let i = n - 1; i >= 0; i--) {
      for (let k = i + 1; k < n; k++) x[i] -= L[k * n + i] * x[k]
      x[i] /= L[i * n + i]
    }
    return x
  })
  return A.map((_, r) => A.map((_row, c) => columns[c][r] * scale[r] * scale[c]))
}

function expectDense(graph: Graph, keys: readonly Key[]): void {
  const { values } = optimize(graph, { tolerance: 1e-12 })
  const pairs = keys.flatMap((a) => keys.map((b) => [a, b] as const))
  const found = marginalCovariances(graph, values, pairs)
  if (!found.ok) throw new Error(found.reason)
  const dense = denseCovariance(graph, values.data)
  pairs.forEach(([a, b], p) => {
    const expected = dense(a, b)
    const block = found.blocks[p]
    expect(block).toHaveLength(expected.length)
    const size = (key: Key) => Math.max(...dense(key, key).map(Math.abs))
    // Asked: 1e-8 of the size of a covariance; |Σ_ab|² ≤ |Σ_aa| |Σ_bb|.
    const allowed = 1e-8 * Math.sqrt(size(a) * size(b))
    for (let e = 0; e < expected.length; e++) expect(Math.abs(block[e] - expected[e])).toBeLessThanOrEqual(allowed)
  })
}

describe('marginal covariances equal the dense inverse', () => {
  it('of pose graphs anchored at their first pose, own and cross', () => {
    expectDense(ring({ perLap: 20 }).graph, [0, 1, 7, 20, 39])
    expectDense(sphere({ layers: 4, perLayer: 6 }).graph, [0, 1, 12, 23])
  })

  it('of a graph held by a prior', () => {
    const { graph } = ring({ perLap: 20 })
    graph.addFactor(prior(SE2), [5], graph.values.get(5))
    expectDense(graph, [0, 5, 6, 39])
  })

  it('of a bundle adjustment with its gauge held', () => {
    const window = { frames: 5, features: 20, step: 0.3, survival: 0.95 }
    expectDense(bundleWindow({ ...window, camera: 'mono' }).graph, ['c0', 'c1', 'c4', 'p0', 'p7'])
    expectDense(bundleWindow({ ...window, camera: 'stereo' }).graph, ['c0', 'c3', 'p3'])
  })

  it('with constants, and robust weights', () => {
    const { graph } = ring({ perLap: 20, falseLoops: 1, seed: 3 })
    graph.setConstant(10)
    expectDense(graph, [0, 9, 10, 11])
    const { graph: plain } = ring({ perLap: 20 })
    const [{ type, data, information }] = plain.batches
    plain.addFactor(type, [0, 10], data.view().slice(0, 3), {
      information: information?.view().slice(0, 6) ?? [],
      loss: huber(1),
    })
    expectDense(plain, [0, 5, 10])
  })
})

describe('what is held is known, what is free is named', () => {
  it('anchors and constants have covariance zero, and the report says what was held', () => {
    const { graph } = ring({ perLap: 20 })
    const found = marginalCovariances(graph, graph.values, [
      [0, 0],
      [0, 5],
      [5, 5],
    ])
    if (!found.ok) throw new Error(found.reason)
    expect(found.gauge).toEqual([{ component: '0', freedom: 'rigid', handling: 'anchored pose 0' }])
    expect(found.blocks.map((block) => block.some((value) => value !== 0))).toEqual([false, false, true])
  })

  it('a variance of a chain is the sum of its steps', () => {
    const R1 = euclidean(1)
    const graph = new Graph()
    for (let i = 0; i < 5; i++) graph.addVariable(i, R1, [i])
    for (let i = 0; i < 4; i++) graph.addFactor(between(R1), [i, i + 1], [1], { information: [4] })
    const found = marginalCovariances(graph, graph.values, [
      [4, 4],
      [1, 3],
    ])
    if (!found.ok) throw new Error(found.reason)
    // 1/4 per step; the covariance of 1 and 3 is what they share. Four steps of elimination.
    assertAgrees(
      found.blocks.map((block) => block[0]),
      [1, 0.25],
      { k: 4 },
    )
  })

  it('a landmark seen once by its direction alone leaves the direction free, with its name', () => {
    const graph = new Graph()
    graph.addVariable('pose', SE2, [0, 0, 0])
    graph.addVariable('tree', euclidean(2), [3, 4])
    graph.addFactor(prior(SE2), ['pose'], [0, 0, 0])
    // A landmark measured with no information along one direction: here x.
    graph.addFactor(landmark2, ['pose', 'tree'], [3, 4], { information: [0, 0, 1] })
    const found = marginalCovariances(graph, graph.values, [['tree', 'tree']])
    if (found.ok) throw new Error('expected a free direction')
    expect(found.freedoms).toHaveLength(1)
    expect(found.freedoms[0].variables).toEqual(['tree'])
    expect(Math.abs(found.freedoms[0].direction[0])).toBeCloseTo(1, 9)
    expect(found.freedoms[0].direction[1]).toBeCloseTo(0, 9)
    expect(found.reason).toMatch(/leave 1 direction free, among the variables 'tree'/)
  })

  it('a gauge that the factors do not declare is found, even where rounding lets its factor pass', () => {
    const R1 = euclidean(1)
    // 'none' is what a definition says that says nothing.
    const blind: FactorType = { ...between(R1), name: 'blind', gauge: 'none' }
    let passed = 0
    for (let seed = 1; seed <= 20; seed++) {
      const random = new Random(seed)
      const graph = new Graph()
      for (let i = 0; i < 40; i++) graph.addVariable(i, R1, [i])
      for (let i = 1; i < 40; i++)
        for (let k = 0; k < 8; k++)
          graph.addFactor(blind, [i, random.integer(i)], [1], { information: [10 ** random.uniform(-3, 3)] })
      const found = marginalCovariances(graph, graph.values, [[1, 1]])
      if (found.ok) throw new Error(`seed ${seed}: a free gauge went unseen`)
      expect(found.freedoms).toHaveLength(1)
      expect(found.freedoms[0].variables).toHaveLength(40)
      const program = compile(graph)
      linearize(program, graph.values.data)
      const normal = new NormalEquations(program.jacobian)
      normal.form()
      if (new BlockCholesky(normal.hessian).factor(normal.hessian).ok) passed++
    }
    expect(passed).toBeGreaterThan(0)
  })

  it('bodies tied in part: every free direction keeps the cost to first order', () => {
    const { graph } = ring({ perLap: 12, laps: 1 })
    // The last pose hangs on by its heading alone.
    graph.addVariable('loose', SE2, [1, 2, 0.3])
    graph.addFactor(between(SE2), [3, 'loose'], [1, 0, 0], { information: [0, 0, 0, 0, 0, 1] })
    const found = marginalCovariances(graph, graph.values, [[1, 1]])
    if (found.ok) throw new Error('expected free directions')
    expect(found.freedoms.map(({ variables }) => variables)).toEqual([['loose'], ['loose']])
    for (const { direction } of found.freedoms) expect(direction[2]).toBeCloseTo(0, 9)
    expect(found.reason).toMatch(/2 directions free, among the variables 'loose'/)
  })
})
