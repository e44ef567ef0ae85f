import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { poseSize, type Trajectory, trajectory } from '../data/index.ts'
import { SE3 } from '../geometry/index.ts'
import { Random, UsageError } from '../numeric/index.ts'
import { type Alignment, alignTrajectories, applyAlignment } from './alignment.ts'
import { absoluteTrajectoryError, relativePoseError } from './trajectory-error.ts'

const n = 40

/** A smooth random walk: n poses a few metres apart. */
function walk(seed: number): Trajectory {
  const random = new Random(seed)
  const poses = new Float64Array(poseSize * n)
  const step = new Float64Array(6)
  const motion = new Float64Array(poseSize)
  SE3.identity(poses, 0)
  for (let i = 1; i < n; i++) {
    for (let k = 0; k < 6; k++) step[k] = random.gaussian() * (k < 3 ? 1 : 0.3)
    SE3.exp(step, 0, motion, 0)
    SE3.compose(poses, poseSize * (i - 1), motion, 0, poses, poseSize * i)
  }
  return trajectory(
    Float64Array.from({ length: n }, (_, i) => i / 10),
    poses,
  )
}

function randomPose(random: Random): Float64Array {
  const pose = new Float64Array(poseSize)
  SE3.exp(
    Float64Array.from({ length: 6 }, (_, k) => random.gaussian() * (k < 3 ? 10 : 1)),
    0,
    pose,
    0,
  )
  return pose
}

const seeds = fc.integer({ min: 0, max: 1e6 })
/** Sums over 40 poses of positions up to 30 m and one eigenvector: a few hundred roundings of numbers of that size. */
const rounding = 500 * 30 * Number.EPSILON

describe('an alignment', () => {
  it('is found again, of every kind, to rounding (property)', () => {
    fc.assert(
      fc.property(seeds, fc.constantFrom('se3', 'sim3', 'yaw', 'translation', 'none'), (seed, kind) => {
        const random = new Random(seed)
        const pose = kind === 'none' ? Float64Array.of(0, 0, 0, 0, 0, 0, 1) : randomPose(random)
        if (kind === 'translation') pose.set([0, 0, 0, 1], 3)
        if (kind === 'yaw') pose.set([0, 0, Math.sin(seed), Math.cos(seed)], 3)
        const scale = kind === 'sim3' ? Math.exp(random.gaussian()) : 1
        const estimate = walk(seed)
        const truth = applyAlignment(estimate, { kind, pose, scale, determined: true })
        const error = absoluteTrajectoryError(estimate, truth, { align: kind, part: 'full' })
        expect(error.alignment.determined).toBe(true)
        expect(error.max).toBeLessThan(rounding * Math.max(1, scale) * 4)
        expect(Math.abs(error.alignment.scale / scale - 1)).toBeLessThan(rounding)
      }),
      { numRuns: 100 },
    )
  })

  it('is the best of its kind: no small further motion lowers the error (property)', () => {
    fc.assert(
      fc.property(seeds, fc.constantFrom('se3', 'sim3', 'yaw', 'translation'), (seed, kind) => {
        const estimate = walk(seed)
        const truth = walk(seed + 1)
        const best = absoluteTrajectoryError(estimate, truth, { align: kind })
        const random = new Random(seed)
        const moved: Alignment = { ...best.alignment, pose: best.alignment.pose.slice() }
        const delta = Float64Array.from({ length: 6 }, () => 1e-3 * random.gaussian())
        if (kind === 'translation') delta.fill(0, 3)
        if (kind === 'yaw') delta.fill(0, 3, 5)
        SE3.exp(delta, 0, moved.pose, 0)
        SE3.compose(moved.pose, 0, best.alignment.pose, 0, moved.pose, 0)
        const scale = kind === 'sim3' ? moved.scale * (1 + 1e-3 * random.gaussian()) : moved.scale
        const worse = absoluteTrajectoryError(applyAlignment(estimate, { ...moved, scale }), truth, { align: 'none' })
        expect(worse.sse).toBeGreaterThan(best.sse)
      }),
      { numRuns: 100 },
    )
  })

  it('does no worse with more freedom', () => {
    const rmse = (['none', 'translation', 'yaw', 'se3', 'sim3'] as const).map(
      (align) => absoluteTrajectoryError(walk(7), walk(8), { align }).rmse,
    )
    expect(rmse).toEqual(rmse.toSorted((a, b) => b - a))
    expect(new Set(rmse).size).toBe(5)
  })

  it('says what positions on a line and single points leave open', () => {
    const line = trajectory(
      Float64Array.of(0, 1, 2),
      Float64Array.from({ length: 21 }, (_, k) => (k % 7 === 0 ? k : k % 7 === 6 ? 1 : 0)),
    )
    const point = { timestamps: line.timestamps.slice(0, 1), poses: line.poses.slice(0, 7) }
    expect(alignTrajectories(line, line, 'se3').determined).toBe(false)
    expect(alignTrajectories(point, point, 'sim3')).toMatchObject({ determined: false, scale: 1 })
    expect(absoluteTrajectoryError(point, point).max).toBe(0)
  })

  it('takes positions on a line onto each other all the same', () => {
    const line = trajectory(
      Float64Array.of(0, 1, 2),
      Float64Array.from({ length: 21 }, (_, k) => (k % 7 === 0 ? k : k % 7 === 6 ? 1 : 0)),
    )
    const pose = randomPose(new Random(3))
    const turned = applyAlignment(line, { kind: 'se3', pose, scale: 1, determined: true })
    expect(absoluteTrajectoryError(line, turned).max).toBeLessThan(rounding)
  })
})

describe('errors', () => {
  it('of a known difference are its length, its angle, and their matrix norms', () => {
    const angle = 0.7
    const truth = trajectory(Float64Array.of(0), Float64Array.of(1, 2, 3, 0, 0, 0, 1))
    const pose = Float64Array.of(1, 2 + 3, 3 - 4, 0, Math.sin(angle / 2), 0, Math.cos(angle / 2))
    const estimate = trajectory(Float64Array.of(0), pose)
    const error = (part: 'translation' | 'rotation' | 'rotation-matrix' | 'full') =>
      absoluteTrajectoryError(estimate, truth, { align: 'none', part }).rmse
    // ‖R − I‖² = 2 (cos θ − 1)² + 2 sin² θ for a turn about one axis.
    const matrix = Math.sqrt(2 * (Math.cos(angle) - 1) ** 2 + 2 * Math.sin(angle) ** 2)
    const eps = 8 * Number.EPSILON
    expect(Math.abs(error('translation') / 5 - 1)).toBeLessThan(eps)
    expect(Math.abs(error('rotation') / angle - 1)).toBeLessThan(eps)
    expect(Math.abs(error('rotation-matrix') / matrix - 1)).toBeLessThan(eps)
    expect(Math.abs(error('full') / Math.hypot(matrix, 5) - 1)).toBeLessThan(eps)
  })

  it('between poses do not see where a trajectory stands (property)', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const estimate = walk(seed)
        const truth = walk(seed + 1)
        const alignment: Alignment = { kind: 'se3', pose: randomPose(new Random(seed)), scale: 1, determined: true }
        const options = { delta: 3, allPairs: true, part: 'full' } as const
        const here = relativePoseError(estimate, truth, options).errors
        const there = relativePoseError(applyAlignment(estimate, alignment), truth, options).errors
        here.forEach((error, i) => {
          expect(Math.abs(there[i] - error)).toBeLessThan(rounding)
        })
      }),
      { numRuns: 50 },
    )
  })

  it('between poses see a drift of scale, which sim3 takes away', () => {
    const estimate = walk(5)
    const truth = applyAlignment(estimate, {
      kind: 'sim3',
      pose: Float64Array.of(0, 0, 0, 0, 0, 0, 1),
      scale: 2,
      determined: true,
    })
    expect(relativePoseError(estimate, truth).mean).toBeGreaterThan(0.1)
    expect(relativePoseError(estimate, truth, { align: 'sim3' }).max).toBeLessThan(rounding)
  })

  it('need trajectories that belong together, and options that exist', () => {
    const short = { timestamps: new Float64Array(1), poses: Float64Array.of(0, 0, 0, 0, 0, 0, 1) }
    expect(() => absoluteTrajectoryError(walk(1), short)).toThrow('the estimate has 40 poses and the truth 1')
    const none = { timestamps: new Float64Array(0), poses: new Float64Array(0) }
    expect(() => absoluteTrajectoryError(none, none)).toThrow(UsageError)
    expect(() => absoluteTrajectoryError(short, short, { align: 'best' as 'se3' })).toThrow('align must be one of')
    expect(() => absoluteTrajectoryError(short, short, { part: 'all' as 'full' })).toThrow('part must be one of')
    expect(() => relativePoseError(short, short)).toThrow('no two of 1 poses are 1 frames apart')
    expect(() => relativePoseError(short, short, { delta: 0 })).toThrow('delta must be positive')
    expect(() => relativePoseError(short, short, { delta: 1.5 })).toThrow('whole number')
    expect(() => relativePoseError(short, short, { unit: 'miles' as 'metres' })).toThrow('unit must be')
  })
})
