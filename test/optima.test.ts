import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { type PoseGraphFile, readBal, readPoseGraph } from '../src/data/index.ts'
import { type OptimizeOptions, optimize, type Summary } from '../src/optimize/index.ts'
import { realData } from './real-data.ts'

/**
 * Known optima of public files, found by several solvers (chi2 = Σ eᵀ Ω e in g2o's error, given to ten digits). Ten digits
 * and a stop at a relative change of 1e-9 leave room far below the 1e-6 that is asked.
 */
const ASKED = 1e-6

/** File and best known chi2. */
const POSE_GRAPHS: readonly (readonly [file: string, best: number])[] = [
  ['sesync/tinyGrid3D', 6.727881617],
  ['sesync/smallGrid3D', 458.1537843],
  ['sesync/sphere2500', 727.1496673],
  ['sesync/parking-garage', 1.23869058],
  ['sesync/intel', 45.00469581],
  ['sesync/MIT', 41.16326884],
  ['sesync/CSAIL', 40.55512885],
  ['sesync/manhattan', 3549.036796],
  ['sesync/kitti_00', 98.32201174],
  ['sesync/kitti_05', 157.1043651],
  ['dpgo/input_INTEL_g2o', 215.8302349],
  // This copy has 5,598 edges. The 137.9129509 that is often given belongs to the one with 5,453.
  ['vertigo/manhattan/originalDataset/g2o/manhattanOlson3500', 146.0766129],
  ['slambook/M3500a', 912.1150122],
]

/** Where the file's own start lies beyond a ridge, and what the best peer reaches from there. */
const RIDGES: Readonly<Record<string, number>> = { 'sesync/MIT': 526, 'slambook/M3500a': 6673 }

async function poseGraph(path: string): Promise<PoseGraphFile> {
  return readPoseGraph(readFileSync(realData(path) as string), { name: path })
}

function expectOptimum({ finalCost, termination, reason }: Summary, best: number, agreement = ASKED): void {
  expect(termination, reason).toBe('converged')
  expect(Math.abs(finalCost / best - 1), `${finalCost} against ${best}`).toBeLessThan(agreement)
}

describe('pose graphs reach their best known minimum', () => {
  for (const [name, best] of POSE_GRAPHS) {
    const path = `pose-graphs/${name}.g2o`
    const here = realData(path) !== null
    it.skipIf(!here)(`${name}, from a chordal start`, async () => {
      const { summary } = optimize((await poseGraph(path)).graph)
      expectOptimum(summary, best)
      expect(summary.initialization.name).toBe('chordal')
      expect(summary.warnings).toEqual([])
    })

    it.skipIf(!here)(`${name}, from its own start`, async () => {
      const { graph, initial } = await poseGraph(path)
      const init = initial === 'vertices' ? 'file' : 'odometry'
      const { summary } = optimize(graph, { init })
      expect(summary.initialization.name).toBe(init)
      expectOptimum(summary, best)
      const ridge = RIDGES[name]
      if (ridge === undefined) expect(summary.warnings).toEqual([])
      else {
        // No local solver gets over the ridge: the run says where it was caught and that it went on from a chordal start.
        const [, caught] = /local minimum of (\d+).* a chordal start/.exec(summary.warnings.join()) ?? []
        expect(Number(caught)).toBeGreaterThan(ridge)
      }
    })
  }

  it.skipIf(!realData('pose-graphs/sesync/parking-garage.g2o'))(
    'parking-garage, whose quaternions the reader normalizes: three methods agree to 1e-8',
    async () => {
      const { graph } = await poseGraph('pose-graphs/sesync/parking-garage.g2o')
      const tight: OptimizeOptions = { tolerance: 1e-14, init: 'file' }
      const costs = (['gn', 'lm', 'dogleg'] as const).map((method) => optimize(graph, { ...tight, method }).summary)
      for (const { finalCost, termination, reason } of costs) {
        expect(termination, reason).toBe('converged')
        expect(Math.abs(finalCost / costs[0].finalCost - 1)).toBeLessThan(1e-8)
      }
    },
  )

  const victoria = 'pose-graphs/isam/victoriaPark.txt'
  it.skipIf(!realData(victoria))('Victoria Park, whose loops close through trees', async () => {
    const { graph } = await poseGraph(victoria)
    const { summary } = optimize(graph)
    expectOptimum(summary, 6183.93)
  })

  const keble = 'pose-graphs/keble/keble_college.txt'
  it.skipIf(!realData(keble))('Keble College, similarities with drifting scale', async () => {
    const { graph } = await poseGraph(keble)
    const { summary } = optimize(graph)
    expect(summary.problem.kind).toBe('pose-graph-sim3')
    expect(summary.initialCost).toBeCloseTo(3.031, 3)
    // Five digits are known.
    expect(Math.abs(summary.finalCost / 0.0022663 - 1)).toBeLessThan(5e-5)
    expect(summary.termination, summary.reason).toBe('converged')
  })
})

describe('bundle adjustment reaches its best known minimum', () => {
  /** ½ Σ r² to the digits that are known. Points far away crawl: ladybug-49-7776 needs some 40 steps for six digits. */
  const BUNDLES = [
    ['ladybug-49-7776-pre', 850912.46, 13344.24],
    ['trafalgar-21-11315-pre', 4413239.3, 30378.64],
    ['ladybug-49-1800-shrink', 234519.8, 3001.359],
  ] as const

  for (const [name, initial, best] of BUNDLES) {
    const path = `bundle-adjustment/bal/${name}.txt`
    it.skipIf(!realData(path))(name, async () => {
      const { graph } = await readBal(readFileSync(realData(path) as string), { name })
      for (const [tolerance, agreement] of [
        [undefined, 1e-4],
        [1e-9, 1e-6],
      ] as const) {
        const { summary } = optimize(graph, { costConvention: 'half sum of squares', ...(tolerance && { tolerance }) })
        expect(Math.abs(summary.initialCost / initial - 1)).toBeLessThan(1e-8)
        expectOptimum(summary, best, agreement)
        // Seven freedoms of the gauge are left to the damping, and no factorization may fail for it.
        expect(summary.gauge.map(({ handling }) => handling)).toEqual(['7 freedoms left to the damping'])
        expect(summary.iterations.filter(({ failure }) => failure !== '')).toEqual([])
      }
    })
  }
})
