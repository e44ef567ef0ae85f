import { describe, expect, it } from 'vitest'
import { type LieGroup, SE3, SO3 } from '../geometry/index.ts'
import { checkGroup } from './group-laws.ts'
import { checkManifold } from './manifold-laws.ts'

const rotations = [[3, 3]] as const
const samples = 10

/** SE3 with one thing wrong. */
function wrong(change: Partial<LieGroup>): LieGroup {
  return { ...SE3, name: 'wrong', ...change }
}

/** The laws that a group breaks. */
function broken(group: LieGroup): string[] {
  return checkGroup(group, { rotations, samples, onBroken: 'report' })
    .filter((result) => !result.ok)
    .map((result) => result.law)
}

describe('checkGroup', () => {
  it('finds nothing wrong with SE3, and says what it looked at', () => {
    const results = checkGroup(SE3, { rotations, samples })
    expect(results.length).toBeGreaterThan(30)
    for (const { worst, tolerance, ok, at } of results) {
      expect(ok).toBe(true)
      expect(worst).toBeLessThanOrEqual(tolerance)
      expect(at).toMatch(/\[.*\]/)
    }
  })

  it('notices a left Jacobian in place of the right one', () => {
    const laws = broken(wrong({ rightJacobian: SE3.leftJacobian }))
    expect(laws).toContain('J_r = ∂ Log(Exp(ξ)⁻¹ · Exp(ξ + δ))/∂δ')
    expect(laws).toContain('J_r J_r⁻¹ = I')
    expect(laws).not.toContain('J_l J_l⁻¹ = I')
  })

  it('notices a Jacobian off by 1e-12, which differences would not', () => {
    const laws = broken(
      wrong({
        leftJacobian(xi, xiAt, out, outAt) {
          SE3.leftJacobian(xi, xiAt, out, outAt)
          out[outAt + 3] += 1e-12
        },
      }),
    )
    expect(laws).toContain('J_l(ξ) = ∫₀¹ Ad(Exp(uξ)) du')
    expect(laws).not.toContain('J_l = ∂ Log(Exp(ξ + δ) · Exp(ξ)⁻¹)/∂δ')
  })

  it('notices a Log that takes small angles for none', () => {
    const laws = broken(
      wrong({
        log(x, xAt, out, outAt) {
          SE3.log(x, xAt, out, outAt)
          if (Math.hypot(out[outAt + 3], out[outAt + 4], out[outAt + 5]) < 1e-10) out.fill(0, outAt + 3, outAt + 6)
        },
      }),
    )
    expect(laws).toEqual(['Log(Exp(ξ)) = ξ'])
  })

  it('notices digits lost near π, by the arc cosine of w', () => {
    const log: LieGroup['log'] = (x, xAt, out, outAt) => {
      const sign = x[xAt + 3] < 0 ? -1 : 1
      const angle = 2 * Math.acos(Math.min(1, sign * x[xAt + 3]))
      const n = Math.hypot(x[xAt], x[xAt + 1], x[xAt + 2]) || 1
      for (let i = 0; i < 3; i++) out[outAt + i] = (sign * angle * x[xAt + i]) / n
    }
    const results = checkGroup({ ...SO3, name: 'arccos', log }, { rotations: [[0, 3]], samples, onBroken: 'report' })
    expect(results.find(({ law }) => law === 'Log(Exp(ξ)) = ξ')?.ok).toBe(false)
  })

  it('notices perturbations on the left', () => {
    const scratch = new Float64Array(7)
    const laws = broken(
      wrong({
        retract(x, xAt, delta, deltaAt, out, outAt) {
          SE3.exp(delta, deltaAt, scratch, 0)
          SE3.compose(scratch, 0, x, xAt, out, outAt)
        },
      }),
    )
    expect(laws).toContain('x ⊞ δ = x · Exp(δ)')
    expect(laws).toContain('retractJacobian = ∂(x ⊞ δ)/∂δ')
  })

  it('notices a transposed adjoint', () => {
    const laws = broken(
      wrong({
        adjoint(a, aAt, out, outAt) {
          const Ad = new Float64Array(36)
          SE3.adjoint(a, aAt, Ad, 0)
          for (let i = 0; i < 6; i++) for (let j = 0; j < 6; j++) out[outAt + 6 * i + j] = Ad[6 * j + i]
        },
      }),
    )
    expect(laws).toContain('a · Exp(ξ) · a⁻¹ = Exp(Ad ξ)')
    expect(laws).toContain('Ad(a · b) = Ad(a) Ad(b)')
  })

  it('notices a product that cannot be written over its factors', () => {
    const compose: LieGroup['compose'] = (a, aAt, b, bAt, out, outAt) => {
      out.fill(0, outAt, outAt + 7)
      SE3.compose(a, aAt, b, bAt, out, outAt)
    }
    expect(broken(wrong({ compose }))).toContain('compose may overwrite its inputs')
  })

  it('notices an action that is none', () => {
    const laws = broken(
      wrong({
        act(a, aAt, p, pAt, out, outAt) {
          SE3.act(a, aAt, p, pAt, out, outAt)
          out[outAt] += 1
        },
      }),
    )
    expect(laws).toContain('e p = p')
    expect(laws).toContain('(a · b) p = a (b p)')
  })

  it('takes NaN for wrong', () => {
    const inverse: LieGroup['inverse'] = (_a, _aAt, out, outAt) => {
      out.fill(Number.NaN, outAt, outAt + 7)
    }
    expect(broken(wrong({ inverse }))).toContain('a⁻¹ · a = e')
  })

  it('throws at once when an operation writes where it must not', () => {
    const beyond: LieGroup['log'] = (x, xAt, out, outAt) => {
      SE3.log(x, xAt, out, outAt)
      out[outAt + 6] = 0
    }
    expect(() => broken(wrong({ log: beyond }))).toThrow('wrong.log writes outside the 6 numbers of its output')
    const into: LieGroup['exp'] = (xi, xiAt, out, outAt) => {
      SE3.exp(xi, xiAt, out, outAt)
      xi[xiAt] = 0
    }
    expect(() => broken(wrong({ exp: into }))).toThrow('wrong.exp writes into its input')
  })
})

describe('checkManifold', () => {
  it('throws an Error that lists each broken law with its worst sample', () => {
    const group = wrong({
      normalize(x, xAt) {
        for (let i = 3; i < 7; i++) x[xAt + i] *= 1.5
      },
    })
    expect(() => checkManifold(group, { rotations, samples })).toThrow(
      /^wrong breaks \d+ of \d+ laws:\n {2}identity is on the manifold: error 0.5, 0 would pass, at \[0, 0, 0, 0, 0, 0, 1\]/,
    )
  })

  it('notices a local that is not the inverse of retract', () => {
    const local: LieGroup['local'] = (x, xAt, y, yAt, out, outAt) => {
      SE3.local(x, xAt, y, yAt, out, outAt)
      out[outAt] *= 1 + 1e-10
    }
    const results = checkManifold(wrong({ local }), { rotations, samples, onBroken: 'report' })
    const laws = results.filter((result) => !result.ok).map((result) => result.law)
    expect(laws).toEqual(['x ⊞ (y ⊟ x) = y', '(x ⊞ δ) ⊟ x = δ', 'x ⊞ (y ⊟ x) = y at the cut'])
  })
})
