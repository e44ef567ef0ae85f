import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { euclidean, SE3 } from '../../geometry/index.ts'
import { between, Graph, huber, type Key, prior as measured, range3 } from '../../graph/index.ts'
import { Random } from '../../numeric/index.ts'
import { checkJacobian } from '../../testing/index.ts'
import { optimize } from '../optimize.ts'
import { addPrior, type HessianPrior, linearPrior, marginalize, quadraticAt, type SquareRootPrior } from './index.ts'

const eps = 2 ** -52
const eps32 = 2 ** -23
const R3 = euclidean(3)

/** Points of a line, each measured from some before it and a few absolutely: linear, weighted, over-determined. */
function linearGraph(random: Random, count: number): Graph {
  const graph = new Graph()
  const numbers = (n: number): number[] => Array.from({ length: n }, () => random.gaussian())
  const information = (): number[] => {
    const scale = 2 ** random.uniform(-3, 3)
    return [scale, 0, 0.3 * scale, 2 * scale, 0, scale]
  }
  for (let i = 0; i < count; i++) graph.addVariable(`x${i}`, R3, numbers(3))
  graph.addFactor(measured(R3), ['x0'], numbers(3), { information: information() })
  graph.addFactor(measured(R3), [`x${count - 1}`], numbers(3))
  for (let i = 1; i < count; i++) {
    graph.addFactor(between(R3), [`x${random.integer(i)}`, `x${i}`], numbers(3), { information: information() })
    graph.addFactor(between(R3), [`x${i - 1}`, `x${i}`], numbers(3))
  }
  return graph
}

const solve = (graph: Graph) =>
  optimize(graph, { step: 'qr', method: 'gn', tolerance: 0, maxIterations: 5, init: 'file' }).values

const poseGraph = (random: Random, count: number, anchored: boolean): Graph => {
  const graph = new Graph()
  const wobble = (scale: number): Float64Array => Float64Array.from({ length: 6 }, () => scale * random.gaussian())
  const pose = new Float64Array(7)
  SE3.identity(pose, 0)
  const measurement = new Float64Array(7)
  for (let i = 0; i < count; i++) {
    graph.addVariable(i, SE3, pose)
    SE3.retract(pose, 0, wobble(0.5), 0, pose, 0)
  }
  const add = (i: number, j: number): void => {
    SE3.inverse(graph.values.get(i), 0, measurement, 0)
    SE3.compose(measurement, 0, graph.values.get(j), 0, measurement, 0)
    SE3.retract(measurement, 0, wobble(0.05), 0, measurement, 0)
    const loss = random.next() < 0.3 ? huber(0.05) : null
    graph.addFactor(between(SE3), [i, j], measurement, { loss })
  }
  if (anchored) graph.addFactor(measured(SE3), [0], graph.values.get(0))
  for (let i = 1; i < count; i++) {
    add(i - 1, i)
    if (i > 1) add(random.integer(i - 1), i)
  }
  return graph
}

const root = (graph: Graph, remove: Key[], format: 'fp64' | 'fp32' = 'fp64') =>
  marginalize(graph, graph.values, remove, { form: 'square-root', format }).prior as SquareRootPrior
const hessian = (graph: Graph, remove: Key[], format: 'fp64' | 'fp32' = 'fp64') =>
  marginalize(graph, graph.values, remove, { form: 'hessian', format }).prior as HessianPrior

/** RᵀR and Rᵀd. */
function squared({ R, d, rows, size: n }: SquareRootPrior): { H: Float64Array; b: Float64Array } {
  const H = new Float64Array(n * n)
  const b = new Float64Array(n)
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < n; j++) {
      b[j] += R[i * n + j] * d[i]
      for (let k = 0; k < n; k++) H[j * n + k] += R[i * n + j] * R[i * n + k]
    }
  return { H, b }
}

const largest = (numbers: ArrayLike<number>): number =>
  Array.from(numbers).reduce((m, v) => Math.max(m, Math.abs(v)), 0)
const apart = (a: ArrayLike<number>, b: ArrayLike<number>): number => largest(Array.from(a, (v, i) => v - b[i]))

describe('marginalizing', () => {
  it.each(['square-root', 'hessian'] as const)(
    'changes nothing for the variables that stay in a linear problem, %s',
    (form) => {
      fc.assert(
        fc.property(
          fc.integer(),
          fc.integer({ min: 3, max: 9 }),
          fc.integer({ min: 1, max: 7 }),
          (seed, count, many) => {
            const random = new Random(seed)
            const graph = linearGraph(random, count)
            const names = random.shuffle(Array.from({ length: count }, (_, i) => `x${i}`))
            const remove = names.slice(0, Math.min(many, count - 1))
            const whole = solve(graph)
            const { prior, graph: rest, undetermined } = marginalize(graph, graph.values, remove, { form })
            expect(undetermined).toBe(0)
            if (prior) expect(addPrior(rest, prior)).toBeLessThan(prior.size)
            const left = solve(rest)
            // Weights 1/8 … 8 over chains of at most 9: condition numbers below 1e5, squared once in the Hessian form.
            for (const key of names.slice(remove.length))
              expect(apart(left.get(key), whole.get(key))).toBeLessThan(1e6 * eps * (1 + largest(whole.data)))
          },
        ),
        { numRuns: 40 },
      )
    },
  )

  it('in steps leaves the prior that it leaves at once', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const graph = poseGraph(new Random(seed), 7, true)
        const once = squared(root(graph, [0, 1, 2]))
        let rest = graph
        let last: SquareRootPrior | null = null
        for (const key of [0, 1, 2]) {
          const step = marginalize(rest, rest.values, [key])
          rest = step.graph
          last = step.prior as SquareRootPrior
          addPrior(rest, last)
        }
        const stepwise = squared(last!)
        expect([...last!.keys].sort()).toEqual([...root(graph, [0, 1, 2]).keys].sort())
        if (last!.keys.join() !== root(graph, [0, 1, 2]).keys.join()) return // another order of columns
        expect(apart(stepwise.H, once.H)).toBeLessThan(1e4 * eps * largest(once.H))
        expect(apart(stepwise.b, once.b)).toBeLessThan(1e4 * eps * (largest(once.H) + largest(once.b)))
      }),
      { numRuns: 30 },
    )
  })

  it('gives the same prior on rows and on the Hessian in fp64, and in fp32 to its rounding', () => {
    fc.assert(
      fc.property(fc.integer(), fc.boolean(), (seed, anchored) => {
        const graph = poseGraph(new Random(seed), 6, anchored)
        const exact = hessian(graph, [0, 2])
        const { H, b } = squared(root(graph, [0, 2]))
        expect(apart(H, exact.H)).toBeLessThan(1e4 * eps * largest(exact.H))
        expect(apart(b, exact.b)).toBeLessThan(1e4 * eps * (largest(exact.H) + largest(exact.b)))
        const single = root(graph, [0, 2], 'fp32')
        expect(single.R).toBeInstanceOf(Float32Array)
        expect(apart(squared(single).H, exact.H)).toBeLessThan(1e4 * eps32 * largest(exact.H))
        expect(hessian(graph, [0, 2], 'fp32').H).toBeInstanceOf(Float32Array)
      }),
      { numRuns: 40 },
    )
  })

  it('keeps the null space of a free gauge: moving everything rigidly costs nothing', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const graph = poseGraph(new Random(seed), 7, false)
        const prior = root(graph, [0, 1])
        expect(prior.gauge).toBe('rigid')
        expect(prior.rows).toBe(prior.size - 6)
        const n = prior.size
        const motion = new Float64Array(6)
        const adjoint = new Float64Array(36)
        const inverse = new Float64Array(7)
        for (let c = 0; c < 6; c++) {
          // Exp(ξ) X = X Exp(Ad(X⁻¹) ξ): column c of every pose's Ad(X⁻¹).
          motion.fill(0)
          motion[c] = 1
          const direction = new Float64Array(n)
          prior.keys.forEach((_, k) => {
            SE3.inverse(prior.at, 7 * k, inverse, 0)
            SE3.adjoint(inverse, 0, adjoint, 0)
            for (let i = 0; i < 6; i++) direction[6 * k + i] = adjoint[6 * i + c]
          })
          for (let i = 0; i < prior.rows; i++) {
            let sum = 0
            for (let j = 0; j < n; j++) sum += prior.R[i * n + j] * direction[j]
            expect(Math.abs(sum)).toBeLessThan(1e4 * eps * largest(prior.R) * largest(direction))
          }
        }
        const { graph: rest } = marginalize(graph, graph.values, [0, 1])
        addPrior(rest, prior)
        expect(optimize(rest).summary.gauge.map(({ freedom }) => freedom)).toEqual(['rigid'])
      }),
      { numRuns: 15 },
    )
  })

  it('takes a Hessian prior in again as it is, an indefinite one too', () => {
    const graph = poseGraph(new Random(4), 6, true)
    const first = marginalize(graph, graph.values, [0], { form: 'hessian' })
    const direct = hessian(graph, [0, 1])
    const second = marginalize(first.graph, first.graph.values, [1], {
      form: 'hessian',
      prior: first.prior as HessianPrior,
    }).prior as HessianPrior
    expect(second.keys).toEqual(direct.keys)
    expect(apart(second.H, direct.H)).toBeLessThan(1e4 * eps * largest(direct.H))
    expect(apart(second.b, direct.b)).toBeLessThan(1e4 * eps * (largest(direct.H) + largest(direct.b)))
  })

  it('leaves nothing behind a variable that stands alone, and keeps constants', () => {
    const graph = linearGraph(new Random(2), 3)
    graph.addVariable('alone', R3, [1, 2, 3])
    const { prior, graph: rest } = marginalize(graph, graph.values, ['alone'])
    expect(prior).toBeNull()
    expect(rest.factorCount).toBe(graph.factorCount)
    graph.setConstant('x0')
    const kept = marginalize(graph, graph.values, ['x1'])
    expect(kept.prior?.keys).not.toContain('x0')
    expect(kept.graph.isConstant(kept.graph.values.index('x0'))).toBe(true)
  })

  it('counts what nothing determined', () => {
    const graph = new Graph()
    graph.addVariable('pose', SE3, [0, 0, 0, 0, 0, 0, 1])
    graph.addVariable('point', R3, [1, 2, 3])
    graph.addFactor(range3(), ['pose', 'point'], [3])
    expect(marginalize(graph, graph.values, ['point'])).toMatchObject({ prior: null, undetermined: 2 })
  })

  it('says what is expected', () => {
    const graph = linearGraph(new Random(2), 4)
    const { values } = graph
    expect(() => marginalize(graph, values, ['y'])).toThrow("no variable 'y'")
    expect(() => marginalize(graph, values, ['x0'], { form: 'qr' as 'hessian' })).toThrow("got 'qr'")
    expect(() => marginalize(graph, values, ['x0'], { format: 'fp16' as 'fp32' })).toThrow("got 'fp16'")
    expect(() => marginalize(graph, values, ['x0'], { prior: hessian(graph, ['x0']) })).toThrow("form 'hessian'")
  })
})

describe('a linear prior', () => {
  it('has exact derivatives away from where it was made', () => {
    const random = new Random(11)
    const type = linearPrior([SE3, R3], 5, 'none')
    const { worst, entry } = checkJacobian(type, {
      state: () => {
        const data = Float64Array.from({ length: type.dataSize }, () => random.gaussian())
        SE3.normalize(data, 0)
        const x = data.slice(0, 10)
        SE3.retract(
          x,
          0,
          Float64Array.from({ length: 6 }, () => random.gaussian()),
          0,
          x,
          0,
        )
        return { variables: [x.slice(0, 7), x.slice(7)], data }
      },
    })
    expect(worst, entry).toBeLessThan(1e-6)
  })

  it('in Hessian form is the same quadratic at every point, as a factor and directly', () => {
    const graph = poseGraph(new Random(6), 5, true)
    const prior = hessian(graph, [0])
    const { graph: rest } = marginalize(graph, graph.values, [0], { form: 'hessian' })
    const alone = new Graph()
    for (const key of prior.keys) alone.addVariable(key, SE3, rest.values.get(key))
    expect(addPrior(alone, prior)).toBe(0)
    const at = Int32Array.from(prior.keys, (key) => alone.values.offset(alone.values.index(key)))
    const cost = (x: Float64Array): number => quadraticAt(prior, x, at).cost
    const first = optimize(alone, { maxIterations: 30, tolerance: 0 })
    // At its minimum the gradient of the quadratic is zero as well.
    expect(largest(quadraticAt(prior, first.values.data, at).gradient)).toBeLessThan(1e-6 * largest(prior.H))
    expect(first.summary.finalCost / 2 - first.summary.initialCost / 2).toBeCloseTo(
      cost(first.values.data) - cost(alone.values.data),
      9,
    )
  })
})
