import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { homeward } from '../built.ts'
import { testFolder } from './folder.ts'

const folder = testFolder()
const ring = folder.make('ring.g2o', 'ring', '--per-lap', '40')

interface Row {
  readonly name: string
  readonly relative: number
  readonly termination: string
  readonly work: Readonly<Record<string, { readonly flops: number; readonly bytes: number; readonly format: string }>>
}

describe('homeward precision', () => {
  it('runs presets side by side: mixed ends where double does, half does not converge', () => {
    const { code, stdout } = homeward(['precision', ring, '--presets', 'double,mixed,half', '--json'])
    expect(code).toBe(0)
    const rows = new Map((JSON.parse(stdout).rows as Row[]).map((row) => [row.name, row]))
    // The figure for mixed; half is there to fail.
    expect(Math.abs(rows.get('mixed')?.relative ?? Number.NaN)).toBeLessThan(1e-6)
    expect(rows.get('half')?.termination).not.toBe('converged')
    expect(
      Object.values(rows.get('mixed')?.work ?? {}).some(({ format, flops }) => format === 'fp16' && flops > 0),
    ).toBe(true)
  })

  it('prints one table, draws, and takes a policy of the user', () => {
    const mine = folder.at('mine.json')
    writeFileSync(mine, JSON.stringify({ name: 'mine', base: 'mixed', incomplete: { fill: 1 } }))
    const plot = folder.at('work.svg')
    const { code, stdout } = homeward(['precision', ring, '--presets', `double,${mine}`, '--plot', plot])
    expect(code).toBe(0)
    expect(stdout).toMatch(/mine\.json .*converged/)
    expect(stdout).toMatch(/time here: .*mine\.json (gained|lost) time, [\d.]+ of the same method in fp64/)
    expect(existsSync(plot)).toBe(true)
    expect(readFileSync(plot, 'utf8')).toContain('not a measurement')
  })

  it('names what is wrong with a policy, and exits with 2', () => {
    const wrong = folder.at('wrong.json')
    writeFileSync(wrong, JSON.stringify({ name: 'wrong', scalling: 'none' }))
    const { code, stderr } = homeward(['optimize', ring, '--precision', wrong])
    expect(code).toBe(2)
    expect(stderr).toMatch(/scalling/)
    expect(homeward(['optimize', ring, '--precision', 'quarter']).code).toBe(2)
  })
})
