import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cauchy, dcs, gemanMcClure, huber, type Loss, parseLoss, tukey } from './robust.ts'

const makers = { huber, cauchy, tukey, 'geman-mcclure': gemanMcClure, dcs }
const eps = Number.EPSILON

for (const [name, make] of Object.entries(makers)) {
  describe(name, () => {
    const scale = fc.double({ min: 1e-2, max: 1e2, noNaN: true })
    const ratio = fc.double({ min: 1e-6, max: 1e4, noNaN: true })
    /** s in units of the loss's own turning point. */
    const turn = (loss: Loss) => (name === 'dcs' ? loss.scale : loss.scale ** 2)

    it('is the plain square near 0, with weight 1', () => {
      const loss = make(1.7)
      expect(loss.rho(0)).toBe(0)
      expect(loss.weight(0)).toBe(1)
      // ρ(s) = s (1 + O(s)): at s = 1e-8 the curvature is below 1e-8 relative, for scales of order 1.
      expect(Math.abs(loss.rho(1e-8) / 1e-8 - 1)).toBeLessThan(1e-8)
    })

    it('has the derivative of rho as its weight', () => {
      fc.assert(
        fc.property(scale, ratio, (k, t) => {
          const loss = make(k)
          const s = t * turn(loss)
          if (Math.abs(t - 1) < 1e-3) return // the second derivative jumps there
          const h = 1e-5 * s
          const numeric = (loss.rho(s + h) - loss.rho(s - h)) / (2 * h)
          // Rounding of ρ over 2h: eps ρ / (1e-5 s) ≤ 2e-11; the truncation error h²ρ‴/6 is of order 1e-10.
          expect(Math.abs(numeric - loss.weight(s))).toBeLessThan(1e-9)
        }),
      )
    })

    it('is monotone, and its weight falls from 1 towards 0', () => {
      fc.assert(
        fc.property(scale, ratio, ratio, (k, a, b) => {
          const loss = make(k)
          const [low, high] = [Math.min(a, b) * turn(loss), Math.max(a, b) * turn(loss)]
          expect(loss.rho(high)).toBeGreaterThanOrEqual(loss.rho(low) * (1 - 4 * eps))
          expect(loss.weight(high)).toBeLessThanOrEqual(loss.weight(low))
          expect(loss.weight(low)).toBeLessThanOrEqual(1)
          expect(loss.weight(high)).toBeGreaterThanOrEqual(0)
          expect(loss.rho(low)).toBeLessThanOrEqual(low * (1 + 4 * eps))
        }),
      )
    })

    it('is reached from the command line', () => {
      const loss = parseLoss(`${name}:2.5`)
      expect([loss?.name, loss?.scale]).toEqual([name, 2.5])
      expect(loss?.rho(50)).toBe(make(2.5).rho(50))
    })

    it('refuses a scale that is not positive', () => {
      for (const bad of [0, -1, Number.NaN, Number.POSITIVE_INFINITY])
        expect(() => make(bad)).toThrow(`the scale of ${name} must be a positive number, got ${bad}`)
    })
  })
}

describe('values by hand', () => {
  it('at s = 4, scale 1', () => {
    expect(huber(1).rho(4)).toBe(3)
    expect(cauchy(1).rho(4)).toBe(Math.log1p(4))
    expect(tukey(1).rho(4)).toBe(1 / 3)
    expect(gemanMcClure(1).rho(4)).toBe(0.8)
    expect(dcs(1).rho(4)).toBeCloseTo(2.2, 15)
    expect(dcs(1).weight(4)).toBeCloseTo(0.16, 15)
  })
})

describe('parseLoss', () => {
  it('knows none', () => expect(parseLoss('none')).toBeNull())
  it('lists the names', () =>
    expect(() => parseLoss('hubert:1')).toThrow(/'hubert'.*huber, cauchy, tukey, geman-mcclure, dcs/))
  it('does not take words of Object', () => expect(() => parseLoss('constructor:1')).toThrow(/unknown loss/))
  it('asks for the scale', () => {
    for (const bad of ['huber', 'huber:', 'huber:1:2']) expect(() => parseLoss(bad)).toThrow(/NAME:SCALE/)
    expect(() => parseLoss('huber:abc')).toThrow(/positive number, got NaN/)
  })
})
