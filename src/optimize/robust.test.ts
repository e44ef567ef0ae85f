import { describe, expect, it } from 'vitest'
import { cauchy, dcs, type Graph, gemanMcClure, huber, type Loss, tukey, type Values } from '../graph/index.ts'
import { gradient as computeGradient } from '../linear/index.ts'
import { Random } from '../numeric/index.ts'
import { ring, sphere } from '../sim/index.ts'
import { compile } from './compile.ts'
import { factorCosts } from './factor-costs.ts'
import { evaluateCost, linearize } from './linearize.ts'
import { optimize } from './optimize.ts'
import { type Program, retract } from './program.ts'

const losses: readonly Loss[] = [huber(1), cauchy(1), tukey(6), gemanMcClure(3), dcs(2)]
const spoiled = ring({ perLap: 60, laps: 3, falseLoops: 0.4, seed: 4 })

describe('robust losses in the optimizer', () => {
  it.each(losses)('$name: the cost is ½ Σ ρ(s), and factor costs add up to chi2', (loss) => {
    const { graph } = spoiled
    const plain = factorCosts(graph, graph.values)
    const expected = plain[0].reduce((sum, s) => sum + loss.rho(s), 0)
    const program = compile(graph, { loss })
    const cost = evaluateCost(program, graph.values.data)
    // Sums of some 300 terms in two orders.
    expect(Math.abs((2 * cost) / expected - 1)).toBeLessThan(300 * Number.EPSILON)
    expect(linearize(program, graph.values.data)).toBe(cost)
    expect(optimize(graph, { loss, maxIterations: 0, init: 'file' }).summary.finalCost).toBe(2 * cost)
  })

  it.each([null, ...losses])('%o: the gradient is the derivative of the robust cost', (loss) => {
    const start = { translation: 0.05, rotation: 0.01 }
    const space = sphere({ layers: 3, perLayer: 5, falseLoops: 0.5, seed: 2, start })
    for (const { graph } of [spoiled, space]) {
      const program = compile(graph, { loss })
      const x = graph.values.data
      const cost = linearize(program, x)
      const g = new Float64Array(program.blocks.offset[program.blocks.count])
      computeGradient(program.jacobian, g)
      const random = new Random(9)
      for (let trial = 0; trial < 10; trial++) {
        const direction = Float64Array.from(g, () => random.gaussian())
        const expected = g.reduce((sum, gi, i) => sum + gi * direction[i], 0)
        // Σ |gᵢ dᵢ| is what cancels in the sum; the difference of two costs rounds to 16 ε of them, over 2h = 2e-6.
        const scale = g.reduce((sum, gi, i) => sum + Math.abs(gi * direction[i]), 0)
        const rounding = (16 * Number.EPSILON * cost) / 2e-6
        expect(Math.abs(slope(program, x, direction) - expected)).toBeLessThan(1e-6 * scale + rounding)
        expect(scale).toBeGreaterThan(100 * rounding)
      }
    }
  })

  it.each([cauchy(3), gemanMcClure(10), dcs(20)])('$name $scale: false loops are rejected', (loss) => {
    const { graph, falseLoops } = spoiled
    const clean = ring({ perLap: 60, laps: 3, seed: 4 }).graph // the same measurements, without the false loops
    const solve = (of: Graph, by: Loss | null) => {
      const { values, summary } = optimize(of, { loss: by, maxIterations: 500 })
      expect(summary.termination, summary.reason).toBe('converged')
      // Chordal relaxation believes false loops; the robust cost sees it.
      expect(summary.initialization.name).toBe(of === graph && by ? 'odometry' : 'chordal')
      return values
    }
    const wanted = solve(clean, loss)
    expect(farthest(solve(graph, null), wanted)).toBeGreaterThan(20)
    // A loss that is bounded, or grows like a logarithm, still feels a false loop a little: metres become decimetres.
    expect(farthest(solve(graph, loss), wanted)).toBeLessThan(0.5)

    const [costs] = factorCosts(graph, solve(graph, loss))
    const ranked = [...costs.keys()].sort((a, b) => costs[b] - costs[a])
    expect(ranked.slice(0, falseLoops.length).sort((a, b) => a - b)).toEqual([...falseLoops])
  })

  it("a factor's own loss goes before the loss of the options", () => {
    const { graph } = ring({ perLap: 20, falseLoops: 1, seed: 3 })
    const [{ type, variables, data, information, count }] = graph.batches
    const own = graph.values.copy()
    const program = compile(graph, { loss: huber(1) })
    expect(program.batches.map(({ loss }) => loss?.name)).toEqual(['huber'])
    for (let f = 0; f < count; f++)
      graph.addFactorAt(type, [...variables.view().subarray(2 * f, 2 * f + 2)], data.view().slice(3 * f, 3 * f + 3), {
        information: information?.view().slice(6 * f, 6 * f + 6) ?? [],
        loss: cauchy(1),
      })
    expect(compile(graph, { loss: huber(1) }).batches.map(({ loss }) => loss?.name)).toEqual(['huber', 'cauchy'])
    expect(factorCosts(graph, own).map((costs) => costs.length)).toEqual([count, count])
  })
})

/** The largest distance between two estimates of the same poses. */
function farthest(a: Values, b: Values): number {
  let most = 0
  for (let i = 0; i < a.count; i++)
    most = Math.max(most, Math.hypot(a.get(i)[0] - b.get(i)[0], a.get(i)[1] - b.get(i)[1]))
  return most
}

/** d cost(x ⊞ h d) / dh at 0 by a central difference. */
function slope(program: Program, x: Float64Array, direction: Float64Array): number {
  const h = 1e-6
  const [forward, backward] = [h, -h].map((step) => {
    const moved = x.slice()
    retract(
      program,
      x,
      direction.map((d) => step * d),
      moved,
    )
    return evaluateCost(program, moved)
  })
  return (forward - backward) / (2 * h)
}
