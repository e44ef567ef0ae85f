import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { homeward, homewardOk } from '../built.ts'
import { realData } from '../real-data.ts'
import { testFolder } from './folder.ts'

const folder = testFolder()
const json = (...args: string[]) => JSON.parse(homewardOk([...args, '--json']).stdout)

describe('help', () => {
  it('lists the commands, with examples and exit codes', () => {
    const { stdout } = homewardOk(['--help'])
    for (const name of ['optimize', 'info', 'generate', 'convert', 'evaluate', 'nist']) expect(stdout).toContain(name)
    expect(stdout).toContain('Examples:')
    expect(stdout).toContain('Exit codes:')
  })

  it.each(['optimize', 'info', 'generate', 'convert', 'evaluate', 'nist'])('of %s teaches by examples', (name) => {
    const { stdout } = homewardOk([name, '--help'])
    expect(stdout).toMatch(new RegExp(`Examples:\\n  homeward ${name} `))
  })

  it('has the version of the package', () => {
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
    expect(homewardOk(['--version']).stdout).toBe(`${version}\n`)
  })
})

describe('homeward generate', () => {
  it.each([
    ['sphere', ['--layers', '5', '--per-layer', '8'], 'pose-graph-3d', 40],
    ['torus', ['--turns', '5', '--per-turn', '8'], 'pose-graph-3d', 40],
    ['grid', ['--side', '4'], 'pose-graph-3d', 64],
    ['grid', ['--dimension', '2', '--side', '6'], 'pose-graph-2d', 36],
    ['manhattan', ['--poses', '100'], 'pose-graph-2d', 100],
    ['ring', ['--per-lap', '30', '--laps', '3'], 'pose-graph-2d', 90],
    ['garage', ['--floors', '2', '--per-floor', '20'], 'pose-graph-3d', 40],
  ])('%s %j', (kind, sizes, problem, poses) => {
    const path = folder.at(`${kind}.g2o`)
    const { stdout } = homewardOk(['generate', kind, ...sizes, '--out', path])
    expect(stdout).toContain(path)
    const info = json('info', path)
    expect(info.kind).toBe(problem)
    expect(Object.values(info.variables)).toEqual([poses])
  })

  it('makes bundle adjustment problems', () => {
    homewardOk([
      'generate',
      'bundle',
      '--frames',
      '5',
      '--out',
      folder.at('window.txt'),
      '--truth',
      folder.at('true.txt'),
    ])
    const [spoiled, truth] = [json('info', folder.at('window.txt')), json('info', folder.at('true.txt'))]
    expect(spoiled.kind).toBe('bundle-adjustment')
    expect(truth.variables).toEqual(spoiled.variables)
    expect(truth.cost).toBeLessThan(spoiled.cost)
  })

  it('gives the same bits for the same seed, others for another, and writes to stdout', () => {
    const make = (seed: string): string => homewardOk(['generate', 'ring', '--per-lap', '20', '--seed', seed]).stdout
    expect(make('7')).toBe(make('7'))
    expect(make('7')).not.toBe(make('8'))
    expect(make('7')).toMatch(/^VERTEX_SE2 0 /)
  })

  it('adds false loops, and noise as asked', () => {
    const [clean, spoiled] = ['0', '0.5'].map((part) => {
      homewardOk([
        'generate',
        'ring',
        '--false-loops',
        part,
        '--start',
        'truth',
        '--noise',
        '0,0',
        '--out',
        folder.at('f.g2o'),
      ])
      return json('info', folder.at('f.g2o'))
    })
    const edges = ({ factors }: { factors: Record<string, number> }): number => Object.values(factors)[0]
    expect(edges(spoiled)).toBeGreaterThan(edges(clean))
    // Without noise the truth costs nothing but rounding: 1e-9 is far above eps times the weights.
    expect(clean.cost).toBeLessThan(1e-9)
    expect(spoiled.cost).toBeGreaterThan(1)
  })
})

describe('homeward info', () => {
  it('counts what is in a file, for people and as JSON', () => {
    const path = folder.make('i.g2o', 'ring', '--per-lap', '20')
    const { stdout } = homewardOk(['info', path])
    expect(stdout).toMatch(/40 SE2/)
    expect(json('info', path)).toMatchObject({ format: 'g2o', kind: 'pose-graph-2d', unknowns: 120, constants: 0 })
  })

  it('tells of held variables and of trajectories', () => {
    const path = folder.put(
      'fixed.g2o',
      'VERTEX_SE2 0 0 0 0\nVERTEX_SE2 1 1 0 0\nFIX 0\nEDGE_SE2 0 1 1 0 0 1 0 0 1 0 1\n',
    )
    expect(json('info', path)).toMatchObject({ constants: 1, unknowns: 3, cost: 0 })
    const walk = folder.put('walk.tum', '10 0 0 0 0 0 0 1\n12 3 4 0 0 0 0 1\n')
    expect(json('info', walk)).toMatchObject({ kind: 'trajectory', seconds: [10, 12], metres: 5 })
  })
})

/** The same counts, and the same cost but for the rounding of rotations from one form to the other. */
function sameFacts(found: Record<string, unknown>, expected: Record<string, unknown>): void {
  expect({ ...found, file: '', cost: 0 }).toEqual({ ...expected, file: '', cost: 0 })
  expect(Math.abs(Number(found['cost']) - Number(expected['cost']))).toBeLessThan(1e-10 * Number(expected['cost']))
}

describe('homeward convert', () => {
  it('.g2o to .g2o changes nothing', () => {
    const path = folder.make('c.g2o', 'sphere', '--layers', '4', '--per-layer', '6')
    homewardOk(['convert', path, folder.at('d.g2o')])
    expect(readFileSync(folder.at('d.g2o'), 'utf8')).toBe(readFileSync(path, 'utf8'))
  })

  it('BAL to BAL says the same, and trajectories go from format to format', () => {
    const path = folder.make('c.txt', 'bundle', '--frames', '4')
    homewardOk(['convert', path, folder.at('d.txt')])
    sameFacts(json('info', folder.at('d.txt')), json('info', path))
    const walk = folder.put('w.tum', '0 0 0 0 0 0 0 1\n1 3 4 0 0 0 0.6 0.8\n')
    homewardOk(['convert', walk, folder.at('w.kitti')])
    homewardOk(['convert', folder.at('w.kitti'), folder.at('w2.tum')])
    expect(json('evaluate', folder.at('w2.tum'), walk, '--align', 'none').ate.max).toBeLessThan(1e-15)
  })

  const model = realData('bundle-adjustment/colmap_sbcv_bin')
  it.skipIf(!model)('a COLMAP model from binary to text, which reads back the same', () => {
    homewardOk(['convert', model!, folder.at('model')])
    sameFacts(json('info', folder.at('model')), json('info', model!))
  })
})

describe('homeward evaluate', () => {
  const truth = folder.put('truth.tum', [0, 1, 2, 3, 4].map((i) => `${i} ${i * i} ${i} 0 0 0 0 1\n`).join(''))
  const moved = folder.put(
    'moved.tum',
    [0, 1, 2, 3, 4].map((i) => `${i} ${2 * i * i + 5} ${2 * i} 1 0 0 0 1\n`).join(''),
  )

  it('finds nothing wrong with the truth itself', () => {
    const found = json('evaluate', truth, truth)
    expect(found.ate.max).toBeLessThan(1e-14)
    expect(found.rpe.max).toBeLessThan(1e-14)
    expect(found.pairs).toBe(5)
  })

  it('aligns as asked', () => {
    expect(json('evaluate', moved, truth, '--align', 'sim3').ate.rmse).toBeLessThan(1e-13)
    expect(json('evaluate', moved, truth, '--align', 'sim3').alignment.scale).toBeCloseTo(0.5, 12)
    expect(json('evaluate', moved, truth, '--align', 'se3').ate.rmse).toBeGreaterThan(1)
    const { rmse, max } = json('evaluate', moved, truth, '--align', 'none').ate
    // Offsets (5 + i², i, 1) at i = 0 … 4.
    const squares = [0, 1, 2, 3, 4].map((i) => (5 + i * i) ** 2 + i * i + 1)
    expect(rmse).toBeCloseTo(Math.sqrt(squares.reduce((a, b) => a + b) / 5), 12)
    expect(max).toBeCloseTo(Math.sqrt(squares[4]), 12)
  })

  it('says when times do not meet', () => {
    const late = folder.put('late.tum', '100 0 0 0 0 0 0 1\n')
    const { code, stderr } = homeward(['evaluate', late, truth])
    expect(stderr).toMatch(/no pose of the estimate is within 0\.01 s/)
    expect(code).toBe(2)
    expect(homeward(['evaluate', late, truth, '--offset', '-98']).code).toBe(2) // paired, but one pose has no pairs
    expect(json('evaluate', truth, truth, '--offset', '0.005').pairs).toBe(5)
  })

  it('prints a table for people', () => {
    const { stdout } = homewardOk(['evaluate', moved, truth])
    expect(stdout).toMatch(/ATE translation \(m\)/)
    expect(stdout).toMatch(/RPE per 1 frames \(m\)/)
  })

  const orb = realData('trajectories/evo/KITTI_00_ORB.txt')
  it.skipIf(!orb)("equals evo's number on KITTI 00", () => {
    const found = json('evaluate', orb!, realData('trajectories/evo/KITTI_00_gt.txt')!)
    expect(Math.abs(found.ate.rmse - 1.30345)).toBeLessThan(1e-6)
  })
})

describe('homeward nist', () => {
  const nist = realData('nist')
  it.skipIf(!nist)('solves the certified problems', () => {
    const found = json('nist', nist!)
    expect(found.runs).toBe(54)
    expect(found.solved).toBeGreaterThanOrEqual(53)
    expect(found.meanDigits).toBeGreaterThanOrEqual(9.1)
  })
})
