import { describe, expect, it } from 'vitest'
import { euclidean, SE2 } from '../../geometry/index.ts'
import { checkJacobian } from '../../testing/index.ts'
import { Graph } from '../graph.ts'
import { defineFactor } from './define-factor.ts'
import * as ad from './index.ts'

const R1 = euclidean(1)
const R2 = euclidean(2)

const saturation = defineFactor({
  name: 'saturation',
  variables: [R2],
  residualDim: 1,
  dataSize: 2,
  residual: ([b], [x, y]) => ad.sub(b[0].mul(ad.sub(1, ad.exp(b[1].mul(-x!)))), y!),
})

function evaluate(type: ReturnType<typeof defineFactor>, values: number[][], data: number[]) {
  const x = Float64Array.from(values.flat())
  const at = new Int32Array(values.length)
  for (let k = 1; k < values.length; k++) at[k] = at[k - 1] + values[k - 1].length
  const r = new Float64Array(type.residualDim)
  const J = new Float64Array(type.residualDim * type.variables.reduce((sum, v) => sum + v.dim, 0))
  type.evaluate(x, at, 0, Float64Array.from(data), 0, r, 0, J, 0)
  return { r: [...r], J: [...J] }
}

describe('defineFactor', () => {
  it('differentiates a plain function', () => {
    const { r, J } = evaluate(saturation, [[240, 5e-3]], [77.6, 10.07])
    const e = Math.exp(-5e-3 * 77.6)
    expect(r).toEqual([240 * (1 - e) - 10.07])
    expect(J[0]).toBe(1 - e)
    expect(Math.abs(J[1] - 240 * 77.6 * e)).toBeLessThan(4 * Number.EPSILON * J[1])
  })

  it('seeds a pose through its tangent space, and fills rows given in `out`', () => {
    const polar = defineFactor({
      name: 'polar',
      variables: [SE2, R2],
      residualDim: 2,
      dataSize: 2,
      gauge: 'rigid',
      residual([pose, point], [bearing, range], out) {
        const inBody = ad.se2.actBack(pose, point)
        out[0] = ad.wrapAngle(ad.sub(ad.atan2(inBody[1], inBody[0]), bearing!))
        out[1] = ad.sub(ad.norm(inBody), range!)
        return out
      },
    })
    expect(checkJacobian(polar, { kinds: ['random'] }).worst).toBeLessThan(1e-6)
    expect(polar.gauge).toBe('rigid')
  })

  it('takes constant rows and numbers for residuals', () => {
    const type = defineFactor({ name: 'c', variables: [R1], residualDim: 2, residual: ([x]) => [3, x[0]] })
    expect(evaluate(type, [[5]], [])).toEqual({ r: [3, 5], J: [0, 1] })
  })

  it('takes derivatives by hand instead, and they are held to the same check', () => {
    const make = (factor: number) =>
      defineFactor({
        name: `product${factor}`,
        variables: [R2, R1],
        residualDim: 2,
        residual: ([a, b]) => [a[0].mul(b[0]), a[1]],
        jacobian([a, b], _data, [Ja, Jb]) {
          Ja[0] = factor * b[0]
          Ja[3] = 1
          Jb[0] = a[0]
        },
      })
    expect(checkJacobian(make(1)).states).toBe(300)
    expect(() => checkJacobian(make(1.001))).toThrow(/product1.001: d r\[0\] d δ0\[0\] at random state 0/)
  })

  it('uses storage again: interleaved evaluations do not disturb each other', () => {
    const first = evaluate(saturation, [[240, 5e-3]], [77.6, 10.07])
    evaluate(saturation, [[1, 2]], [3, 4])
    expect(evaluate(saturation, [[240, 5e-3]], [77.6, 10.07])).toEqual(first)
  })

  it('makes no new duals after the first evaluation', () => {
    const seen: unknown[] = []
    const type = defineFactor({
      name: 'pool',
      variables: [R1],
      residualDim: 1,
      residual([x]) {
        const sum = x[0].add(1)
        seen.push(x[0], sum, sum.mul(x[0]))
        return sum
      },
    })
    for (let k = 0; k < 3; k++) evaluate(type, [[k]], [])
    for (let k = 3; k < 9; k++) expect(seen[k]).toBe(seen[k - 3])
  })

  it('works in a graph', () => {
    const graph = new Graph()
    graph.addVariable('b', R2, [1, 1])
    graph.addFactor(saturation, ['b'], [77.6, 10.07])
    expect(graph.factorCount).toBe(1)
  })

  it('is kind about mistakes', () => {
    const residual = () => [1, 2]
    expect(() => defineFactor({ name: 'a', variables: [], residualDim: 1, residual })).toThrow(/at least one variable/)
    expect(() => defineFactor({ name: 'a', variables: [R1], residualDim: 0, residual })).toThrow(/residualDim.*got 0/)
    const wrong = defineFactor({ name: 'wrong', variables: [R1], residualDim: 3, residual })
    expect(() => evaluate(wrong, [[0]], [])).toThrow('wrong: the residual has 2 numbers, residualDim says 3')
  })
})
