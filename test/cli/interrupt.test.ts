import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { cli, homewardOk } from '../built.ts'
import { testFolder } from './folder.ts'

const folder = testFolder()
const sphere = folder.make('sphere.g2o', 'sphere', '--layers', '40', '--per-layer', '40')

interface Ending {
  readonly code: number | null
  readonly signal: string | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs the command; `watch` sees stderr grow and may send signals. */
function watched(
  args: readonly string[],
  watch: (stderr: string, child: ChildProcessWithoutNullStreams) => void,
): Promise<Ending> {
  const child = spawn(process.execPath, [cli, ...args])
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk) => {
    stdout += chunk
  })
  child.stderr.on('data', (chunk) => {
    stderr += chunk
    watch(stderr, child)
  })
  return new Promise((resolve) => {
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }))
  })
}

describe.skipIf(process.platform === 'win32')('Ctrl-C', () => {
  it('stops after the iteration, reports honestly and writes a whole file', async () => {
    const out = folder.at('out.g2o')
    let sent = false
    const { code, stdout, stderr } = await watched(
      [
        'optimize',
        sphere,
        '--init',
        'file',
        '--method',
        'lm',
        '--tolerance',
        '0',
        '--json',
        '--progress',
        '--out',
        out,
      ],
      (seen, child) => {
        // 'reading', the head of the table and a row: it is in the middle of its work.
        if (sent || seen.split('\n').length < 4) return
        sent = true
        child.kill('SIGINT')
      },
    )
    expect(code).toBe(130)
    expect(stderr).toMatch(/stopping/)
    const report = JSON.parse(stdout)
    expect(report.termination).toBe('aborted')
    expect(report.iterations.length).toBeGreaterThan(0)
    expect(report.finalCost).toBeLessThanOrEqual(report.initialCost)
    expect(report.written).toEqual([out])
    const kept = JSON.parse(homewardOk(['info', out, '--json']).stdout)
    expect(kept.variables).toEqual({ SE3: 1600 })
    expect(Math.abs(kept.cost - report.finalCost)).toBeLessThanOrEqual(1e-9 * report.finalCost)
  })

  /** Reads from a pipe that does not end; `then` says what happens after the first Ctrl-C. */
  async function whileReading(then: (child: ChildProcessWithoutNullStreams) => void): Promise<Ending> {
    let signals = 0
    return await watched(['optimize', '-', '--progress', '--out', folder.at('never.g2o')], (seen, child) => {
      if (signals === 0 && seen.includes('reading')) {
        signals = 1
        child.stdin.write(readFileSync(sphere, 'utf8').slice(0, 1 << 16))
        child.kill('SIGINT')
      }
      if (signals === 1 && seen.includes('stopping')) {
        signals = 2
        then(child)
      }
    })
  }

  it('while reading stops the reading', async () => {
    const { code, stderr } = await whileReading((child) => child.stdin.write('VERTEX_SE2 0 0 0 0\n'))
    expect(stderr).toMatch(/interrupted: reading/)
    expect(code).toBe(130)
  })

  it('twice quits at once, and leaves nothing behind', async () => {
    const { code } = await whileReading((child) => child.kill('SIGINT'))
    expect(code).toBe(130)
    expect(existsSync(folder.at('never.g2o'))).toBe(false)
    expect(readdirSync(folder.path).filter((name) => name.startsWith('.'))).toEqual([])
  })
})
