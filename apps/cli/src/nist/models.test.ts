import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type NistProblem, parseNist } from '../../../../src/data/index.ts'
import { checkJacobian } from '../../../../src/testing/index.ts'
import { realData } from '../../../../test/real-data.ts'
import { nistFactor, observationRows } from './models.ts'
import { nistGraph, runNist, solvedDigits } from './run.ts'

const folder = realData('nist')
const problems: NistProblem[] = folder
  ? readdirSync(folder).map((name) => parseNist(readFileSync(join(folder, name), 'latin1'), name))
  : []

/** Σ r² at parameters b. */
function residualSum(problem: NistProblem, b: ArrayLike<number>): number {
  const graph = nistGraph(problem, b)
  const factor = graph.batches[0].type
  const r = new Float64Array(1)
  let sum = 0
  for (const row of observationRows(problem)) {
    factor.evaluate(graph.values.data, Int32Array.of(0), 0, row, 0, r, 0, null, 0)
    sum += r[0] ** 2
  }
  return sum
}

describe.skipIf(!folder)('the 27 models of NIST StRD', () => {
  it.each(problems.map((problem) => [problem.name, problem] as const))(
    '%s gives the certified residual sum of squares at the certified parameters',
    (_, problem) => {
      const sum = residualSum(problem, problem.certified)
      // Parameters are known to 11 digits. At the minimum the sum is flat, so their rounding δb costs ‖J δb‖² only:
      // nothing beside 11 digits of the sum itself, but all of Lanczos1's 1.4e-25.
      const rounding = problem.observationCount * (1e-10 * Math.max(...problem.observations.map(Math.abs))) ** 2
      expect(Math.abs(sum - problem.residualSum)).toBeLessThan(1e-10 * problem.residualSum + rounding)
    },
  )

  it.each(problems.map((problem) => [problem.name, problem] as const))(
    '%s has the derivatives that differences give',
    (_, problem) => {
      const rows = observationRows(problem)
      const report = checkJacobian(nistFactor(problem), {
        states: 40,
        kinds: ['random'],
        // About the certified values; a step of the size of the parameter's, which may be 1e-9.
        state: (random) => ({
          variables: [problem.certified.map((value) => value * random.uniform(0.95, 1.05))],
          data: rows[random.integer(rows.length)],
        }),
        step: Math.min(6e-6, 1e-4 * Math.min(...problem.certified.map(Math.abs))),
        tolerance: 1e-4,
      })
      expect(report.states).toBe(40)
    },
  )

  it('are solved from both starts: at least 53 of 54 to 4 digits, with a mean log relative error of at least 9.1', () => {
    const results = problems.flatMap((problem) => ([1, 2] as const).map((start) => runNist(problem, start)))
    const failed = results.filter((result) => result.worstDigits < solvedDigits).map(({ name, start }) => name + start)
    const mean = results.reduce((sum, result) => sum + result.worstDigits, 0) / results.length
    expect(results).toHaveLength(54)
    expect(failed).toEqual([])
    expect(mean).toBeGreaterThan(9.1)
  })
})
