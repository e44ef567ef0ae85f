import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { root, run, transpile } from './built.ts'

/*
 * Every example prints what stands beside it in its .out file. After a deliberate change:
 * HOMEWARD_UPDATE=1 npx vitest run test/examples.test.ts, and read the difference.
 */
const folder = join(root, 'examples')
const programs = readdirSync(folder).filter((name) => name.endsWith('.ts'))

describe('examples', () => {
  it('are there, numbered without a gap', () => {
    expect(programs.length).toBeGreaterThan(0)
    expect(programs.map((name) => name.slice(0, 2))).toEqual(
      programs.map((_, index) => String(index + 1).padStart(2, '0')),
    )
  })

  it.each(programs)('%s prints what it should', (name) => {
    const expected = join(folder, name.replace(/\.ts$/, '.out'))
    const script = transpile(readFileSync(join(folder, name), 'utf8'), `examples/${name.replace(/\.ts$/, '.js')}`)
    const { code, stdout, stderr } = run(process.execPath, [script])
    expect(stderr).toBe('')
    expect(code).toBe(0)
    if (process.env['HOMEWARD_UPDATE']) writeFileSync(expected, stdout)
    expect(stdout).toBe(readFileSync(expected, 'utf8'))
  })
})
