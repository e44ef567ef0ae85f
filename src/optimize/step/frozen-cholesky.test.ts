import { readFileSync } from 'node:fs'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { realData } from '../../../test/real-data.ts'
import { kernels } from '../../backend/index.ts'
import { readPoseGraph } from '../../data/index.ts'
import type { Graph } from '../../graph/index.ts'
import { analyze, NormalEquations } from '../../linear/index.ts'
import { sphere } from '../../sim/index.ts'
import { compile } from '../compile.ts'
import { initialize } from '../initialize/initialize.ts'
import { GaussNewton } from '../method/gauss-newton.ts'
import { type Minimum, minimize } from '../minimize.ts'
import { optimize } from '../optimize.ts'
import { Stopwatch } from '../stopwatch.ts'
import { CholeskyStep } from './cholesky.ts'
import { FrozenCholeskyStep } from './frozen-cholesky.ts'

const criteria = {
  maxIterations: 30,
  tolerance: 1e-9,
  gradientTolerance: 1e-10,
  stepTolerance: 1e-12,
  maxSeconds: Number.POSITIVE_INFINITY,
  signal: null,
}

/** Gauss-Newton from a chordal start with both steps. */
function both(graph: Graph): { direct: Minimum; frozen: Minimum; report: string; inner: number[] } {
  const { x } = initialize(graph, 'chordal', [0])
  const run = (kind: 'direct' | 'frozen') => {
    const program = compile(graph, { anchors: [0] })
    const normal = new NormalEquations(program.jacobian)
    const symbolic = analyze(normal.hessian)
    const step =
      kind === 'direct'
        ? new CholeskyStep(program.jacobian, normal, symbolic)
        : new FrozenCholeskyStep(program.jacobian, normal, symbolic)
    const loop = minimize(program, x, step, new GaussNewton(normal.gradient.length), criteria, new Stopwatch())
    const inner: number[] = []
    for (let turn = loop.next(); ; turn = loop.next()) {
      if (turn.done) return { minimum: turn.value, report: step.report(), inner }
      inner.push(turn.value.linearIterations)
    }
  }
  const { minimum: direct } = run('direct')
  const { minimum: frozen, report, inner } = run('frozen')
  return { direct, frozen, report, inner }
}

function expectSame({ direct, frozen }: { direct: Minimum; frozen: Minimum }): void {
  expect(frozen.stop.termination, frozen.stop.reason).toBe('converged')
  // Both stop at a relative change of 1e-9; the next change of either would be smaller.
  expect(Math.abs(frozen.cost / direct.cost - 1)).toBeLessThan(2e-9)
}

describe('a kept factor', () => {
  afterEach(() => {
    vi.restoreAllMocks()
  })

  it('leads to the minimum of direct steps with fewer factors than iterations', () => {
    const found = both(sphere({ layers: 12, perLayer: 15 }).graph)
    expectSame(found)
    const [, factors] = /; (\d+) factors in fp32, (\d+) inner iterations$/.exec(found.report) ?? []
    expect(Number(factors)).toBeGreaterThan(0)
    expect(Number(factors)).toBeLessThan(found.inner.length)
    expect(Math.max(...found.inner)).toBeLessThanOrEqual(15)
  })

  it('in plain loops takes the same road', () => {
    const { graph } = sphere({ layers: 8, perLayer: 10 })
    const twin = both(graph)
    const arena = kernels()?.arena
    if (arena) vi.spyOn(arena, 'allocate').mockReturnValue(null)
    const plain = both(graph)
    expect(plain.report).toMatch(/plain \(/)
    expectSame({ direct: twin.frozen, frozen: plain.frozen })
  })

  const escalating: readonly (readonly [string, RegExp])[] = [
    ['sesync/CSAIL', /fp64 since pivot \S+ in block \d+$/],
    ['sesync/parking-garage', /fp64 since a fresh factor left \S+ > \S+ after 5 iterations$/],
  ]
  for (const [name, why] of escalating) {
    const path = `pose-graphs/${name}.g2o`
    it.skipIf(!realData(path))(`${name}, of condition above 10⁹, goes over to fp64 and says why`, async () => {
      const { graph } = await readPoseGraph(readFileSync(realData(path) as string), { name })
      const found = both(graph)
      expectSame(found)
      expect(found.report).toMatch(why)
    })
  }

  it('a singular system is named by its pivot, and the damped one is solved', () => {
    const { graph } = sphere({ layers: 4, perLayer: 6 })
    const program = compile(graph)
    const normal = new NormalEquations(program.jacobian)
    const step = new FrozenCholeskyStep(program.jacobian, normal, analyze(normal.hessian))
    const n = normal.gradient.length
    const gradient = new Float64Array(n).fill(1)
    const delta = new Float64Array(n)
    step.prepare() // J is zero before the first linearization
    const outcome = step.solve(gradient, new Float64Array(n), delta)
    expect(outcome).toMatchObject({ ok: false, reason: expect.stringMatching(/^pivot 0 in block \d+$/) })
    const damped = step.solve(gradient, new Float64Array(n).fill(2), delta)
    expect(damped.ok, damped.reason).toBe(true)
    for (const d of delta) expect(d).toBeCloseTo(-0.5, 12)
  })

  it('without WebAssembly memory optimize answers from the plain loops, says so, and leaves the graph alone', () => {
    const { graph } = sphere({ layers: 5, perLayer: 8 })
    const before = graph.values.data.slice()
    const expected = optimize(graph)
    const arena = kernels()?.arena
    if (!arena) return
    vi.spyOn(arena, 'allocate').mockReturnValue(null)
    const { summary } = optimize(graph)
    expect(summary.step.reason).toMatch(/plain \(no \d+ bytes of WebAssembly memory\)$/)
    expect(Math.abs(summary.finalCost / expected.summary.finalCost - 1)).toBeLessThan(1e-9)
    expect(graph.values.data).toEqual(before)
  })
})
