import { describe, expect, it } from 'vitest'
import { euclidean } from '../geometry/index.ts'
import { ad, defineFactor, Graph } from '../graph/index.ts'
import { UsageError } from '../numeric/index.ts'
import { ring } from '../sim/index.ts'
import { optimize, optimizeAsync, optimizeStepwise } from './optimize.ts'
import type { OptimizeOptions } from './options.ts'
import type { IterationRow } from './summary.ts'

/** r = √b − data: not a number left of zero. */
const rootOf = defineFactor({
  name: 'root',
  variables: [euclidean(1)],
  residualDim: 1,
  dataSize: 1,
  residual: ([b], [y]) => ad.sub(ad.sqrt(b[0]), y),
})

/** r = exp(−b): no minimum, ever flatter to the right. */
const endless = defineFactor({
  name: 'endless',
  variables: [euclidean(1)],
  residualDim: 1,
  dataSize: 0,
  residual: ([b]) => ad.exp(ad.sub(0, b[0])),
})

function oneVariable(type: typeof rootOf, start: number, data: readonly number[]): Graph {
  const graph = new Graph()
  graph.addVariable('b', euclidean(1), [start])
  graph.addFactor(type, ['b'], data)
  return graph
}

const problem = ring({ perLap: 40, seed: 3 })
/** The two numbers of a reason, in the order of the sentence. */
const comparison = (reason: string): RegExpExecArray | null =>
  /(-?[\d.e+-]+)(?: s| iterations)? ([≤≥]) (-?[\d.e+-]+)/.exec(reason)

function expectComparison(reason: string, sign: '≤' | '≥'): void {
  const [, left, found, right] = comparison(reason) ?? []
  expect(found, reason).toBe(sign)
  if (sign === '≤') expect(Number(left), reason).toBeLessThanOrEqual(Number(right))
  else expect(Number(left), reason).toBeGreaterThanOrEqual(Number(right))
}

describe('every stop names its reason and the two numbers compared', () => {
  const never = { tolerance: 0, gradientTolerance: 0, stepTolerance: 0 }

  it('gradient', () => {
    const { summary } = optimize(problem.graph, { ...never, gradientTolerance: 1e-3 })
    expect(summary.termination).toBe('converged')
    expect(summary.reason).toMatch(/^gradient /)
    expectComparison(summary.reason, '≤')
  })

  it('gradient, at the start: no iteration', () => {
    const { summary } = optimize(oneVariable(rootOf, 4, [2]))
    expect(summary.iterations).toEqual([])
    expect(summary.reason).toBe('gradient 0 ≤ 1.00e-10')
  })

  it('cost change', () => {
    const { summary } = optimize(problem.graph, { ...never, tolerance: 1e-4 })
    expect(summary.termination).toBe('converged')
    expect(summary.reason).toMatch(/^relative cost change /)
    expectComparison(summary.reason, '≤')
  })

  it('step', () => {
    const { summary } = optimize(problem.graph, { ...never, stepTolerance: 1e-4 })
    expect(summary.termination).toBe('converged')
    expect(summary.reason).toMatch(/^step /)
    expectComparison(summary.reason, '≤')
  })

  it('iterations', () => {
    const { summary } = optimize(oneVariable(endless, 0, []), { maxIterations: 4, method: 'gn' })
    expect(summary).toMatchObject({ termination: 'max-iterations', reason: '4 iterations ≥ 4' })
    expect(summary.iterations.map(({ iteration }) => iteration)).toEqual([1, 2, 3, 4])
    // Gauss-Newton on exp(−b) takes steps of exactly 1: the cost falls by e² each time.
    expect(summary.finalCost / Math.exp(-8)).toBeCloseTo(1, 12)
  })

  it('seconds, by the clock it was given', () => {
    let now = 100
    const clock = () => {
      now += 0.125
      return now
    }
    const { summary } = optimize(oneVariable(endless, 0, []), { clock, maxSeconds: 5, method: 'gn' })
    expect(summary.termination).toBe('max-seconds')
    expectComparison(summary.reason, '≥')
    const { initialize, compile, linearize, solve, total } = summary.seconds
    expect(Math.min(initialize, compile, linearize, solve)).toBeGreaterThan(0)
    expect(initialize + compile + linearize + solve).toBeLessThan(total)
    const seconds = summary.iterations.map((row) => row.seconds)
    expect(seconds).toEqual([...seconds].sort((a, b) => a - b))
  })

  it('without a clock every time is 0', () => {
    const { summary } = optimize(problem.graph)
    expect(Object.values(summary.seconds)).toEqual([0, 0, 0, 0, 0])
  })

  it('the caller', () => {
    const signal = { aborted: false }
    const onIteration = ({ iteration }: IterationRow) => {
      signal.aborted = iteration === 2
    }
    const { values, summary } = optimize(oneVariable(endless, 0, []), { signal, onIteration, method: 'gn' })
    expect(summary).toMatchObject({ termination: 'aborted', reason: 'stopped by the caller before iteration 3' })
    expect(summary.iterations).toHaveLength(2)
    expect(values.get('b')[0]).toBeCloseTo(2, 12)
  })

  it('a start without a cost', () => {
    const { values, summary } = optimize(oneVariable(rootOf, -1, [2]))
    expect(summary.termination).toBe('failed')
    expect(summary.reason).toBe('the cost at the start is NaN; expected a finite number')
    expect([...values.get('b')]).toEqual([-1])
  })

  it('a linear system without a solution', () => {
    const graph = new Graph()
    graph.addVariable('b', euclidean(2), [1, 1])
    const sum = defineFactor({
      name: 'sum',
      variables: [euclidean(2)],
      residualDim: 1,
      dataSize: 0,
      residual: ([b]) => ad.add(b[0], b[1]),
    })
    graph.addFactor(sum, ['b'], [])
    for (const [step, numbers] of [
      ['qr', /rank 1 < 2 unknowns/],
      ['cholesky', /pivot \S+ in block 0/],
    ] as const) {
      const { summary } = optimize(graph, { method: 'gn', step })
      expect(summary.termination).toBe('failed')
      expect(summary.reason).toMatch(numbers)
    }
    // Damping solves what the measurements leave open.
    const { values, summary } = optimize(graph, { method: 'lm' })
    expect(summary.termination).toBe('converged')
    expect(values.get('b')[0] + values.get('b')[1]).toBeCloseTo(0, 9)
  })

  it('a full step off the edge of the domain', () => {
    // From b = 100 towards √b = −1, Gauss-Newton steps to 100 − 2·10·11 = −120.
    const { values, summary } = optimize(oneVariable(rootOf, 100, [-1]), { method: 'gn' })
    expect(summary.termination).toBe('failed')
    expect(summary.reason).toMatch(/leads from cost 60.5 to NaN/)
    expect([...values.get('b')]).toEqual([100])
  })
})

describe('three ways to run', () => {
  const options: OptimizeOptions = { init: 'file' }
  const expected = optimize(problem.graph, options)

  it('a callback sees every row, in the convention of the summary', () => {
    const rows: IterationRow[] = []
    const { summary } = optimize(problem.graph, { ...options, onIteration: (row) => rows.push(row) })
    expect(rows).toEqual(summary.iterations)
    expect(rows.at(-1)?.cost).toBe(summary.finalCost)
    expect(rows.every(({ failure }) => failure === '')).toBe(true)
    const halved = optimize(problem.graph, { ...options, costConvention: 'half sum of squares' }).summary
    expect(halved.finalCost).toBe(summary.finalCost / 2)
    expect(halved.initialCost).toBe(summary.initialCost / 2)
    expect(halved.iterations.map(({ cost }) => 2 * cost)).toEqual(rows.map(({ cost }) => cost))
  })

  it('stepwise: the caller sets the pace, to the same bits', () => {
    const run = optimizeStepwise(problem.graph, options)
    const rows: IterationRow[] = []
    let turn = run.next()
    for (; !turn.done; turn = run.next()) rows.push(turn.value)
    expect(turn.value.summary).toEqual(expected.summary)
    expect(rows).toEqual(expected.summary.iterations)
    expect(turn.value.values.data).toEqual(expected.values.data)
  })

  it('asynchronously: a pause after each iteration, to the same bits', async () => {
    let pauses = 0
    const { values, summary } = await optimizeAsync(problem.graph, options, async () => {
      pauses++
    })
    expect(pauses).toBe(summary.iterations.length)
    expect(values.data).toEqual(expected.values.data)
    expect((await optimizeAsync(problem.graph, options)).summary).toEqual(expected.summary)
  })

  it('asynchronously: what comes in during a pause stops the run', async () => {
    const abort = new AbortController()
    const { summary } = await optimizeAsync(problem.graph, { ...options, signal: abort.signal }, async () =>
      abort.abort(),
    )
    expect(summary.termination).toBe('aborted')
    expect(summary.iterations).toHaveLength(1)
  })

  it('the graph stays as it is', () => {
    const { graph } = ring({ perLap: 40, seed: 3 })
    const before = graph.values.data.slice()
    const { values } = optimize(graph, { method: 'lm' })
    expect(graph.values.data).toEqual(before)
    expect(values.data).not.toEqual(before)
  })
})

describe('impossible options are sentences', () => {
  const refused = (options: object, message: RegExp): void => {
    expect(() => optimize(problem.graph, options as OptimizeOptions)).toThrow(UsageError)
    expect(() => optimize(problem.graph, options as OptimizeOptions)).toThrow(message)
  }

  it('names the option, what was expected and what came', () => {
    refused({ maxIteration: 3 }, /no option 'maxIteration'; the options are step, init, .*maxIterations/)
    refused({ step: 'lu' }, /step must be one of auto, cholesky.*got 'lu'/)
    refused({ init: 'random' }, /init must be one of .*got 'random'/)
    refused({ method: 'newton' }, /method must be one of .*got 'newton'/)
    refused({ costConvention: 'rmse' }, /costConvention must be one of chi2.*got 'rmse'/)
    refused({ tolerance: -1 }, /tolerance must be a number ≥ 0; got -1/)
    refused({ gradientTolerance: Number.NaN }, /gradientTolerance must be a number ≥ 0; got NaN/)
    refused({ maxIterations: 2.5 }, /maxIterations must be a whole number ≥ 0; got 2.5/)
    refused({ maxSeconds: 3 }, /maxSeconds needs a clock/)
    refused({ loss: 'huber:1' }, /loss must be a robust loss .*got "huber:1"/)
  })

  it('graphs without variables or factors', () => {
    const graph = new Graph()
    expect(() => optimize(graph)).toThrow(/no variables/)
    graph.addVariable('b', euclidean(1), [0])
    expect(() => optimize(graph)).toThrow(/no factors/)
  })

  it('an information matrix that is not one, by the names of its variables', () => {
    const graph = new Graph()
    graph.addVariable('b', euclidean(1), [0])
    graph.addFactor(rootOf, ['b'], [1], { information: [-2] })
    expect(() => optimize(graph)).toThrow(/root over 'b': .*smallest eigenvalue -2, largest -2/)
  })
})
