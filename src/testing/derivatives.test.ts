import { describe, expect, it } from 'vitest'
import { euclidean, SE3 } from '../geometry/index.ts'
import { between, type FactorType } from '../graph/index.ts'
import { checkJacobian } from './derivatives.ts'

const R2 = euclidean(2)

/** r = (x₀ x₁, x₀ + z); `spoil` may break anything it wrote. */
function factor(spoil?: (r: Float64Array, rAt: number, J: Float64Array | null, JAt: number) => void): FactorType {
  return {
    name: 'spoiled',
    variables: [R2],
    residualDim: 2,
    dataSize: 1,
    gauge: 'none',
    evaluate(x, at, atAt, data, dataAt, r, rAt, J, JAt) {
      const i = at[atAt]
      r[rAt] = x[i] * x[i + 1]
      r[rAt + 1] = x[i] + data[dataAt]
      J?.set([x[i + 1], x[i], 1, 0], JAt)
      spoil?.(r, rAt, J, JAt)
    },
  }
}

describe('checkJacobian', () => {
  it('passes a right factor and says how far off the worst entry was', () => {
    const report = checkJacobian(factor(), { states: 20 })
    expect(report.states).toBe(60)
    expect(report.worst).toBeLessThan(1e-8)
    expect(report.entry).toMatch(/^d r\[\d\] d δ0\[\d\] at /)
  })

  it('names the entry that is wrong, with both numbers', () => {
    const wrong = factor((_r, _rAt, J, JAt) => {
      if (J) J[JAt + 2] = 1 + 3e-6
    })
    expect(() => checkJacobian(wrong)).toThrow(
      /^spoiled: d r\[1\] d δ0\[0\] at random state \d+ \(seed 1\): Jacobian 1.000003, central difference .*> 0.000001; variable 0 = \[.*data = \[/,
    )
  })

  it('finds one wrong sign in between(SE3)', () => {
    const right = between(SE3)
    for (const entry of [3, 17, 21, 39, 71]) {
      const evaluate: FactorType['evaluate'] = (x, at, atAt, z, zAt, r, rAt, J, JAt) => {
        right.evaluate(x, at, atAt, z, zAt, r, rAt, J, JAt)
        if (J) J[JAt + entry] = -J[JAt + entry]
      }
      const block = entry < 36 ? entry : entry - 36
      const name = `d r[${Math.floor(block / 6)}] d δ${entry < 36 ? 0 : 1}[${block % 6}]`
      expect(() => checkJacobian({ ...right, evaluate }, { data: SE3 })).toThrow(name)
    }
  })

  it('finds an entry that was left unwritten', () => {
    const lazy = factor((_r, _rAt, J, JAt) => {
      if (J) J[JAt + 3] = Number.NaN
    })
    expect(() => checkJacobian(lazy)).toThrow('number 3 of the Jacobian is NaN (left unwritten, or not finite)')
  })

  it('finds a write outside the place given', () => {
    const wide = factor((r, rAt) => {
      r[rAt + 2] = 0
    })
    expect(() => checkJacobian(wide)).toThrow('the residual has 2 numbers, but number 2 was written too')
    const early = factor((_r, _rAt, J, JAt) => {
      if (J) J[JAt - 1] = 0
    })
    expect(() => checkJacobian(early)).toThrow('the Jacobian has 4 numbers, but number -1 was written too')
  })

  it('finds a residual that depends on whether Jacobians are asked for', () => {
    const moody = factor((r, rAt, J) => {
      if (!J) r[rAt] += 1e-12
    })
    expect(() => checkJacobian(moody)).toThrow(/r\[0\] is .* with Jacobians, .* without/)
  })

  it('takes states of the caller, and refuses those that do not fit', () => {
    const state = () => ({ variables: [[3, 4]], data: [1] })
    expect(checkJacobian(factor(), { states: 1, state }).worst).toBeLessThan(1e-8)
    expect(() => checkJacobian(factor(), { data: [1, 2] })).toThrow('spoiled takes 1 data numbers, the state has 2')
    expect(() => checkJacobian(factor(), { state: () => ({ variables: [], data: [1] }) })).toThrow(
      'spoiled connects 1 variables, the state has 0',
    )
    expect(() => checkJacobian(factor(), { state: () => ({ variables: [[1]], data: [1] }) })).toThrow(
      'R2 is stored as 2 numbers, variable 0 of the state has 1',
    )
  })
})
