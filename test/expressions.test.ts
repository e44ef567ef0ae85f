import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { files } from '../scripts/expressions/files.ts'
import { constant, type Node } from '../scripts/expressions/node.ts'
import { sineAndCosine, wrapped } from '../scripts/expressions/trigonometry.ts'
import { portableCos, portableSin } from '../src/numeric/index.ts'

/** What an expression of constants is worth. */
function worth({ op, value, args }: Node): number {
  const [a, b, c] = args.map(worth)
  switch (op) {
    case 'constant':
      return value
    case 'add':
      return a + b
    case 'sub':
      return a - b
    case 'mul':
      return a * b
    case 'div':
      return a / b
    case 'neg':
      return -a
    case 'abs':
      return Math.abs(a)
    case 'floor':
      return Math.floor(a)
    case 'less':
      return a < b ? 1 : 0
    case 'select':
      return a ? b : c
    default:
      throw new Error(`${op} has no worth`)
  }
}

describe('the kernels of factors', () => {
  it.each(files().map(({ path, text }) => [path, text]))('%s is what its expression makes', (path, text) => {
    expect(readFileSync(path, 'utf8') === text, 'run `node scripts/expressions.mjs`').toBe(true)
  })
})

describe('sine and cosine as expressions', () => {
  it('have the bits of numeric/elementary over |x| ≤ 10⁶', () => {
    const angles = fc.oneof(
      fc.double({ min: -1e6, max: 1e6, noNaN: true }),
      fc.double({ min: -7, max: 7, noNaN: true }),
      fc.integer({ min: -100, max: 100 }).map((k) => (k * Math.PI) / 4),
    )
    fc.assert(
      fc.property(angles, (x) => {
        const { sin, cos } = sineAndCosine(constant(x))
        expect([worth(sin) + 0, worth(cos) + 0]).toEqual([portableSin(x) + 0, portableCos(x) + 0])
      }),
      { numRuns: 2000 },
    )
  })

  it('an angle is wrapped to [−π, π], and left alone there', () => {
    fc.assert(
      fc.property(fc.double({ min: -100, max: 100, noNaN: true }), (x) => {
        const angle = worth(wrapped(constant(x)))
        expect(Math.abs(angle)).toBeLessThanOrEqual(Math.PI)
        if (Math.abs(x) <= Math.PI) expect(angle).toBe(x + 0)
        // 16 turns at most, each rounded to the spacing of numbers below 128.
        expect(Math.abs(Math.sin((x - angle) / 2))).toBeLessThan(32 * 2 ** -46)
      }),
    )
  })
})
