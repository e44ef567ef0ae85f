import { describe, expect, it } from 'vitest'
import { euclidean } from '../../geometry/index.ts'
import { checkJacobian, type StateKind } from '../../testing/index.ts'
import { defineFactor } from './define-factor.ts'
import type { Dual, Scalar } from './dual.ts'
import * as ad from './index.ts'

const R2 = euclidean(2)

/** Every operation as a function of two numbers, with the range of each in which it is smooth. */
const operations: Record<string, { f: (a: Dual, b: Dual) => Scalar; plain: (a: number, b: number) => number }> = {
  add: { f: (a, b) => ad.add(a, b), plain: (a, b) => a + b },
  'add a number': { f: (a, b) => ad.add(2, ad.add(a, b.add(3))), plain: (a, b) => 2 + (a + (b + 3)) },
  sub: { f: (a, b) => ad.sub(a, b), plain: (a, b) => a - b },
  'sub from a number': { f: (a, b) => ad.sub(2, ad.sub(a, b.sub(1))), plain: (a, b) => 2 - (a - (b - 1)) },
  mul: { f: (a, b) => ad.mul(a, b), plain: (a, b) => a * b },
  'mul by a number': { f: (a, b) => ad.mul(3, a.mul(b.mul(2))), plain: (a, b) => 3 * (a * (b * 2)) },
  div: { f: (a, b) => ad.div(a, b), plain: (a, b) => a / b },
  'div a number': { f: (a, b) => ad.div(2, ad.div(a, b.div(3))), plain: (a, b) => 2 / (a / (b / 3)) },
  pow: { f: (a, b) => ad.pow(a, b), plain: (a, b) => a ** b },
  'pow to a number': { f: (a, b) => ad.pow(a, 2.5).add(b.pow(-3)), plain: (a, b) => a ** 2.5 + b ** -3 },
  'pow of a number': { f: (a, b) => ad.pow(2, a).mul(b), plain: (a, b) => 2 ** a * b },
  atan2: { f: (a, b) => ad.atan2(a, b), plain: (a, b) => Math.atan2(a, b) },
  'atan2 with numbers': {
    f: (a, b) => ad.atan2(a, -2).add(ad.atan2(-3, b)),
    plain: (a, b) => Math.atan2(a, -2) + Math.atan2(-3, b),
  },
  'two products': { f: (a, b) => ad.twoProducts(a, b, -1, b, b), plain: (a, b) => a * b - b * b },
  'two products with numbers': {
    f: (a, b) => ad.add(ad.twoProducts(a, 3, -1, 2, b), ad.twoProducts(2, a, 1, b, a)),
    plain: (a, b) => a * 3 - 2 * b + (2 * a + b * a),
  },
  neg: { f: (a, b) => ad.neg(a).mul(b), plain: (a, b) => -a * b },
  square: { f: (a, b) => ad.square(a).mul(b), plain: (a, b) => a * a * b },
  sqrt: { f: (a, b) => ad.sqrt(a).mul(b), plain: (a, b) => Math.sqrt(a) * b },
  exp: { f: (a, b) => ad.exp(a).mul(b), plain: (a, b) => Math.exp(a) * b },
  log: { f: (a, b) => ad.log(a).mul(b), plain: (a, b) => Math.log(a) * b },
  sin: { f: (a, b) => ad.sin(a).mul(b), plain: (a, b) => Math.sin(a) * b },
  cos: { f: (a, b) => ad.cos(a).mul(b), plain: (a, b) => Math.cos(a) * b },
  tan: { f: (a, b) => ad.tan(a).mul(b), plain: (a, b) => Math.tan(a) * b },
  asin: { f: (a, b) => ad.asin(a.div(3)).mul(b), plain: (a, b) => Math.asin(a / 3) * b },
  acos: { f: (a, b) => ad.acos(a.div(3)).mul(b), plain: (a, b) => Math.acos(a / 3) * b },
  atan: { f: (a, b) => ad.atan(a).mul(b), plain: (a, b) => Math.atan(a) * b },
  abs: { f: (a, b) => ad.abs(a.neg()).mul(b), plain: (a, b) => Math.abs(-a) * b },
  norm: { f: (a, b) => ad.norm([a, b, 2]), plain: (a, b) => Math.sqrt(a * a + b * b + 4) },
  wrapAngle: { f: (a, b) => ad.wrapAngle(a.add(100)).mul(b), plain: (a, b) => (a + 100 - 32 * Math.PI) * b },
}

const kinds: readonly StateKind[] = ['random']

describe('duals: every operation has its value and its derivative', () => {
  for (const [name, { f, plain }] of Object.entries(operations))
    it(name, () => {
      const type = defineFactor({ name, variables: [R2], residualDim: 1, residual: ([[a, b]]) => f(a, b) })
      const state = (a: number, b: number) => ({ variables: [[a, b]], data: [] })
      const report = checkJacobian(type, {
        kinds,
        state: (random) => state(random.uniform(0.1, 1.2), random.uniform(0.5, 2)),
      })
      expect(report.worst).toBeLessThan(1e-8)
      const r = new Float64Array(1)
      type.evaluate(Float64Array.of(0.7, 1.3), new Int32Array(1), 0, new Float64Array(0), 0, r, 0, null, 0)
      // The same operations in the same order, but for a wrapped angle, whose size was 100.
      expect(Math.abs(r[0] - plain(0.7, 1.3))).toBeLessThanOrEqual(100 * Number.EPSILON)
    })
})

describe('where a function has no derivative', () => {
  const derivative = (f: (a: Dual, b: Dual) => Scalar, a: number, b: number) => {
    const type = defineFactor({ name: 'f', variables: [R2], residualDim: 1, residual: ([[p, q]]) => f(p, q) })
    const [r, J] = [new Float64Array(1), new Float64Array(2)]
    type.evaluate(Float64Array.of(a, b), new Int32Array(1), 0, new Float64Array(0), 0, r, 0, J, 0)
    return [...J]
  }
  it('norm, abs and atan2 give 0', () => {
    expect(derivative((a, b) => ad.norm([a, b]), 0, 0)).toEqual([0, 0])
    expect(derivative((a) => a.abs(), 0, 0)).toEqual([0, 0])
    expect(derivative((a, b) => ad.atan2(a, b), 0, 0)).toEqual([0, 0])
  })
  it('√ at 0 gives Infinity where its argument moves, and 0 where it does not', () => {
    expect(derivative((a) => a.sqrt(), 0, 0)).toEqual([Number.POSITIVE_INFINITY, 0])
  })
  it('0ᵖ has the derivative 0 by p, and x⁰ by x', () => {
    expect(derivative((a, b) => ad.pow(a, b), 0, 2)).toEqual([0, 0])
    expect(derivative((a) => a.pow(0), 0, 0)).toEqual([0, 0])
  })
})
