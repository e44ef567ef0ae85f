import { describe, expect, it } from 'vitest'
import { caseInput, runCase } from './cases.ts'
import { targets } from './targets.ts'

/** The short version of `npm run fuzz`: the same cases, fewer of them. */
describe.each(targets)('$name under fuzz', (target) => {
  it('reads its seeds', async () => {
    for (const seed of target.seeds) expect(await runCase(target, seed)).toEqual({ kind: 'read' })
  })

  it('reads or refuses 300 damaged files, kindly', async () => {
    const failures: string[] = []
    for (let index = 0; index < 300; index++) {
      const outcome = await runCase(target, caseInput(target, 1, index).source)
      if (outcome.kind === 'failed') failures.push(`--reader ${target.name} --seed 1 --from ${index}: ${outcome.error}`)
    }
    expect(failures).toEqual([])
  })
})
