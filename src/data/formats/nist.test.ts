import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { smallNist as small } from '../../../test/fuzz/nist.ts'
import { realData } from '../../../test/real-data.ts'
import { InputError } from '../errors.ts'
import { parseNist } from './nist.ts'

describe('parseNist', () => {
  it('reads every field', () => {
    const problem = parseNist(small, 'Line.dat')
    expect(problem).toMatchObject({
      name: 'Line',
      difficulty: 'lower',
      model: 'y = b1+b2*x + e',
      residualSum: 4.3e-3,
      residualDeviation: 3.2e-2,
      degreesOfFreedom: 1,
      columns: ['y', 'x'],
      observationCount: 3,
    })
    expect([...problem.starts[0], ...problem.starts[1]]).toEqual([1, 5, 0.7, 4])
    expect([...problem.certified, ...problem.deviations]).toEqual([1.5, -0.325, 0.12, 0.05])
    expect([...problem.observations]).toEqual([2.138, 1.309, 3.421, 1.471, -0.597, 1490])
  })

  it('reads lines that end as on any system', () => {
    expect(parseNist(small.replaceAll('\n', '\r\n'))).toEqual(parseNist(small))
  })

  const broken: [string, string, number, RegExp][] = [
    ['an empty file', '', 0, /Dataset Name/],
    ['more parameters than memory', small.replace('2 Parameters', '9007199254740992 Parameters'), 6, /lines can hold/],
    ['a missing parameter', small.replace(/ {2}b1 =.*\n/, ''), 14, /parameter b1, found b2/],
    ['a parameter too many', small.replace(/( {2}b2 =.*\n)/, '$1  b3 = 1 1 1 1\n'), 16, /2 parameters/],
    ['a truncated parameter line', small.replace('4            -3.25E-01         5.0E-02', '4'), 15, /4 numbers/],
    ['a word for a number', small.replace('3.421E0', 'NaN'), 24, /finite number, found 'NaN'/],
    ['an overflowing number', small.replace('3.421E0', '3e999'), 24, /finite number/],
    ['a row with a number missing', small.replace('        1.471E0', ''), 24, /2 numbers/],
    ['fewer rows than declared', small.replace(/.*1\.471E0\n/, ''), 25, /3 observations, found 2/],
    ['more rows than declared', `${small} 1 1\n`, 26, /3 observations in all/],
    ['too few observations', small.replace(/(Observations: +)3/, '$12'), 20, /more than 2 observations, found 2/],
    ['no table', small.slice(0, small.lastIndexOf('Data:')), 0, /table of observations/],
  ]
  it.each(broken)('%s is named with its line', (_, text, line, message) => {
    const error = catchError(() => parseNist(text, 'Line.dat'))
    expect(error).toBeInstanceOf(InputError)
    expect((error as InputError).message).toMatch(message)
    expect((error as InputError).line).toBe(line)
  })

  it('throws nothing but InputError, whatever is cut or garbled', () => {
    const garble = fc.tuple(fc.nat(small.length), fc.nat(12), fc.string({ maxLength: 8 }))
    fc.assert(
      fc.property(fc.array(garble, { minLength: 1, maxLength: 4 }), (edits) => {
        let text = small
        for (const [at, length, put] of edits) text = text.slice(0, at) + put + text.slice(at + length)
        const error = catchError(() => parseNist(text))
        expect(error === null || error instanceof InputError, String(error)).toBe(true)
      }),
      { numRuns: 2000 },
    )
  })

  it.skipIf(!realData('nist'))('reads the 27 problems', () => {
    const folder = realData('nist')!
    const problems = readdirSync(folder).map((name) => parseNist(readFileSync(join(folder, name), 'latin1'), name))
    expect(problems).toHaveLength(27)
    for (const problem of problems) {
      // By definition s² = RSS / degrees of freedom; both are given to 11 digits.
      const variance = problem.residualDeviation ** 2 * problem.degreesOfFreedom
      expect(Math.abs(variance / problem.residualSum - 1), problem.name).toBeLessThan(1e-9)
      expect(problem.model, problem.name).toMatch(/=.*b1/)
    }
  })
})

function catchError(run: () => unknown): unknown {
  try {
    run()
    return null
  } catch (error) {
    return error
  }
}
