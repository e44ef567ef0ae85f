import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { homeward, homewardOk } from '../built.ts'
import { testFolder } from './folder.ts'

const folder = testFolder()
const sphere = folder.make('sphere.g2o', 'sphere', '--layers', '10', '--per-layer', '12')
const ring = folder.make('ring.g2o', 'ring', '--per-lap', '40')
const bundle = folder.make('bundle.txt', 'bundle', '--frames', '6')

interface Report {
  readonly problem: {
    readonly kind: string
    readonly variables: number
    readonly factors: number
    readonly residuals: number
  }
  readonly initialCost: number
  readonly finalCost: number
  readonly costConvention: string
  readonly iterations: readonly { readonly iteration: number; readonly cost: number; readonly accepted: boolean }[]
  readonly termination: string
  readonly reason: string
  readonly step: { readonly name: string; readonly reason: string }
  readonly method: { readonly name: string; readonly reason: string }
  readonly initialization: { readonly name: string; readonly reason: string; readonly cost: number }
  readonly seconds: Readonly<Record<string, number>>
  readonly warnings: readonly string[]
  readonly written: readonly string[]
}

function report(file: string, ...options: string[]): Report & { readonly code: number } {
  const { code, stdout, stderr } = homeward(['optimize', file, '--json', ...options])
  expect(stderr).toBe('')
  return { code, ...JSON.parse(stdout) }
}

/** Two roads to one optimum agree to the tolerance of convergence, 1e-9 of the cost, with room for the last digits. */
const sameCost = (a: number, b: number): void => expect(Math.abs(a - b)).toBeLessThanOrEqual(1e-7 * Math.abs(b))

describe('homeward optimize --json', () => {
  it('prints one object that says everything about a pose graph', () => {
    const found = report(sphere)
    expect(found.code).toBe(0)
    expect(found.problem).toMatchObject({ kind: 'pose-graph-3d', variables: 120, factors: 227, residuals: 6 * 227 })
    expect(found.costConvention).toBe('chi2')
    expect(found.termination).toBe('converged')
    expect(found.reason).toMatch(/\d.*[≤<].*\d/)
    expect(found.finalCost).toBeLessThan(found.initialCost)
    expect(found.iterations.map((row) => row.iteration)).toEqual(found.iterations.map((_, i) => i + 1))
    sameCost(found.iterations.at(-1)!.cost, found.finalCost)
    for (const choice of [found.step, found.method, found.initialization]) {
      expect(choice.name).toMatch(/\w/)
      expect(choice.reason).toMatch(/\w/)
    }
    expect(Object.keys(found.seconds)).toEqual(['read', 'initialize', 'compile', 'linearize', 'solve', 'total'])
    for (const seconds of Object.values(found.seconds)) expect(seconds).toBeGreaterThanOrEqual(0)
    expect(found.warnings).toEqual([])
    expect(found.written).toEqual([])
  })

  it('reports bundle adjustment as half the sum of squares', () => {
    const found = report(bundle, '--max-iterations', '500')
    expect(found.problem.kind).toBe('bundle-adjustment')
    expect(found.problem.residuals).toBe(2 * found.problem.factors)
    expect(found.costConvention).toBe('half sum of squares')
    expect(found.finalCost).toBeLessThan(found.initialCost)
  })
})

describe('options of homeward optimize', () => {
  const best = report(ring).finalCost

  it.each(['auto', 'cholesky', 'pcg', 'cgnr', 'qr'])('--step %s reaches the optimum', (step) => {
    const found = report(ring, '--step', step)
    expect(found.code).toBe(0)
    if (step !== 'auto') expect(found.step.name).toMatch(step)
    sameCost(found.finalCost, best)
  })

  it.each(['auto', 'schur', 'cholesky', 'pcg'])('--step %s takes bundle adjustment down', (step) => {
    const found = report(bundle, '--step', step, '--max-iterations', '8')
    expect(found.finalCost).toBeLessThan(0.1 * found.initialCost)
    if (step !== 'auto') expect(found.step.name).toMatch(step)
  })

  it.each(['file', 'odometry', 'tree', 'chordal'])('--init %s is taken', (init) => {
    const found = report(ring, '--init', init)
    expect(found.code).toBe(0)
    expect(found.initialization.name).toBe(init)
    sameCost(found.finalCost, best)
  })

  it.each(['lm', 'geodesic', 'gn', 'dogleg'])('--method %s is taken', (method) => {
    const found = report(ring, '--method', method)
    expect(found.code).toBe(0)
    expect(found.method.name).toMatch(method)
    sameCost(found.finalCost, best)
  })

  it.each(['huber:1', 'cauchy:2', 'tukey:20', 'geman-mcclure:5', 'dcs:3'])('--loss %s lowers the cost', (loss) => {
    const found = report(ring, '--loss', loss, '--max-iterations', '500')
    expect(found.finalCost).toBeLessThan(best)
    expect(found.finalCost).toBeGreaterThan(0)
  })

  it('a robust loss sees through false loops, which the square does not', () => {
    const spoiled = folder.make('spoiled.g2o', 'ring', '--false-loops', '0.2', '--truth', folder.at('truth.tum'))
    const ate = (...options: string[]): number => {
      homewardOk(['optimize', spoiled, '--quiet', '--out', folder.at('found.g2o'), ...options])
      const compared = homewardOk(['evaluate', folder.at('found.g2o'), folder.at('truth.tum'), '--json'])
      return JSON.parse(compared.stdout).ate.rmse
    }
    expect(ate('--loss', 'geman-mcclure:5', '--init', 'odometry', '--max-iterations', '500')).toBeLessThan(0.5 * ate())
  })

  it('--max-iterations stops there, with exit code 1', () => {
    const found = report(ring, '--init', 'file', '--max-iterations', '1')
    expect(found).toMatchObject({ code: 1, termination: 'max-iterations' })
    expect(found.iterations).toHaveLength(1)
  })

  it('--max-seconds stops there, with exit code 1', () => {
    const found = report(ring, '--init', 'file', '--max-seconds', '1e-9')
    expect(found).toMatchObject({ code: 1, termination: 'max-seconds' })
  })

  it('--tolerance decides when it is enough', () => {
    const loose = report(sphere, '--tolerance', '0.5')
    const tight = report(sphere, '--tolerance', '1e-14')
    expect(loose.iterations.length).toBeLessThan(tight.iterations.length)
    expect(tight.finalCost).toBeLessThanOrEqual(loose.finalCost)
  })

  it('--out writes what was found: optimizing it again changes nothing', () => {
    for (const [file, name] of [
      [sphere, 'again.g2o'],
      [ring, 'ring-again.g2o'],
    ] as const) {
      const first = report(file, '--out', folder.at(name))
      expect(first.written).toEqual([folder.at(name)])
      const again = report(folder.at(name), '--init', 'file')
      sameCost(again.initialCost, first.finalCost)
      sameCost(again.finalCost, first.finalCost)
    }
  })

  it.each([
    ['sphere.ply', sphere, /^ply\n/],
    ['sphere.tum', sphere, /^(#.*\n)?\d/],
    ['sphere.kitti', sphere, /^-?\d/],
    ['bundle-out.txt', bundle, /^\d+ \d+ \d+\n/],
    ['bundle.ply', bundle, /^ply\n/],
  ])('--out %s writes that format', (name, file, start) => {
    expect(report(file, '--max-iterations', '3', '--out', folder.at(name)).written).toEqual([folder.at(name)])
    expect(readFileSync(folder.at(name), 'latin1')).toMatch(start)
  })

  it('--out without an ending gets that of the problem', () => {
    expect(report(ring, '--out', folder.at('plain')).written).toEqual([folder.at('plain.g2o')])
    expect(report(bundle, '--max-iterations', '2', '--out', folder.at('plain')).written).toEqual([
      folder.at('plain.txt'),
    ])
  })

  it('--plot draws .svg and .png', () => {
    homewardOk(['optimize', ring, '--quiet', '--plot', folder.at('ring.svg')])
    expect(readFileSync(folder.at('ring.svg'), 'utf8')).toMatch(/^<svg[\s\S]*<\/svg>\s*$/)
    homewardOk(['optimize', ring, '--quiet', '--plot', folder.at('ring.png')])
    expect(readFileSync(folder.at('ring.png')).subarray(1, 4).toString()).toBe('PNG')
  })

  it('--quiet prints nothing', () => {
    expect(homewardOk(['optimize', ring, '--quiet'])).toMatchObject({ stdout: '', stderr: '' })
  })

  it('--progress shows a line per iteration on stderr', () => {
    const { stdout, stderr } = homewardOk(['optimize', ring, '--json', '--progress'])
    expect(stderr.trim().split('\n')).toHaveLength(2 + JSON.parse(stdout).iterations.length)
  })

  it('--format reads a file as what it is said to be', () => {
    const { code, stderr } = homeward(['optimize', ring, '--format', 'bal'])
    expect(code).toBe(2)
    expect(stderr).toMatch(/ring\.g2o:1: expected/)
  })

  it('reads a pipe', () => {
    const { code, stdout } = homeward(['optimize', '-', '--json'], { input: readFileSync(ring) })
    expect(code).toBe(0)
    sameCost(JSON.parse(stdout).finalCost, best)
  })
})

describe('the report for people', () => {
  it('says what was solved, how, and what came of it', () => {
    const { stdout, stderr } = homewardOk([
      'optimize',
      sphere,
      '--out',
      folder.at('out.g2o'),
      '--plot',
      folder.at('out.svg'),
    ])
    expect(stderr).toBe('')
    for (const name of ['problem', 'start', 'method', 'step', 'gauge', 'converged', 'chi2', 'seconds', 'wrote'])
      expect(stdout).toMatch(new RegExp(`^${name} `, 'm'))
    expect(stdout).toContain('120 variables, 227 factors')
    expect(stdout).toContain(folder.at('out.g2o'))
    expect(stdout).toContain(folder.at('out.svg'))
    expect(existsSync(folder.at('out.svg'))).toBe(true)
  })

  it('leaves no file of its work behind', () => {
    expect(readdirSync(folder.path).filter((name) => name.startsWith('.'))).toEqual([])
  })
})
