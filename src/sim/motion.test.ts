import { describe, expect, it } from 'vitest'
import { quaternionToMatrix } from '../geometry/index.ts'
import { Random, UsageError } from '../numeric/index.ts'
import { clearanceAt } from './home/free-space.ts'
import { home } from './home.ts'
import { evaluateQuintic, pieces } from './motion/quintic.ts'
import { type Motion, motion, motionAt, motionState, motionTrajectory } from './motion.ts'

const world = home({ seed: 3, density: 0.5 })
const state = (m: Motion, t: number): Float64Array => {
  const out = new Float64Array(motionState.size)
  motionAt(m, t, out)
  return out
}

describe('quintic splines', () => {
  it('have the derivatives of central differences, and join with four of them', () => {
    const random = new Random(1)
    const controls = Float64Array.from({ length: 24 }, () => random.gaussian())
    const at = (u: number): Float64Array => {
      const out = new Float64Array(8)
      evaluateQuintic(controls, 2, u, out)
      return out
    }
    const h = 1e-5
    for (let u = 0.01; u < pieces(12) - 0.01; u += 0.173) {
      const [low, high, middle] = [at(u - h), at(u + h), at(u)]
      for (const d of [0, 4])
        for (const n of [0, 1, 2]) {
          // Cut off after h² f‴/6, and rounding eps/h: both below 1e-9 of numbers of order one.
          const difference = (high[d + n] - low[d + n]) / (2 * h)
          expect(Math.abs(difference - middle[d + n + 1])).toBeLessThan(1e-8)
        }
    }
    for (let u = 1; u < pieces(12); u++) {
      const [before, after] = [at(u - 1e-12), at(u)]
      for (let k = 0; k < 8; k++) expect(Math.abs(before[k] - after[k])).toBeLessThan(1e-10)
    }
  })

  it('reproduce straight lines and stand still on five equal points', () => {
    const out = new Float64Array(4)
    evaluateQuintic(
      Float64Array.from({ length: 9 }, (_, i) => 3 * i - 1),
      1,
      2.3,
      out,
    )
    // c_i = 3 i − 1 is the line 3 (u + 2) − 1: nodes of a uniform spline lie two pieces back.
    const line = [3 * 4.3 - 1, 3, 0, 0]
    for (const [n, value] of line.entries()) expect(Math.abs(out[n] - value)).toBeLessThan(64 * Number.EPSILON * 12)
    evaluateQuintic(Float64Array.of(2, 2, 2, 2, 2, 7), 1, 0, out)
    expect(Math.abs(out[0] - 2)).toBeLessThan(4 * Number.EPSILON)
    for (const n of [1, 2, 3]) expect(Math.abs(out[n])).toBeLessThan(64 * Number.EPSILON)
  })
})

describe('motion', () => {
  const drive = motion(world, { seed: 5, seconds: 90 })

  it('has velocity, acceleration and angular rate of central differences of the pose', () => {
    const h = 1e-4
    const [R, before, after] = [new Float64Array(9), new Float64Array(9), new Float64Array(9)]
    for (let t = 0.0137; t < 89; t += 0.41) {
      const [low, high, middle] = [state(drive, t - h), state(drive, t + h), state(drive, t)]
      for (let k = 0; k < 3; k++) {
        // Third derivatives reach 1e3 by the bumps: h² f‴ / 6 ≈ 2e-6.
        expect(Math.abs((high[k] - low[k]) / (2 * h) - middle[7 + k])).toBeLessThan(5e-6)
        expect(Math.abs((high[7 + k] - low[7 + k]) / (2 * h) - middle[10 + k])).toBeLessThan(2e-4)
      }
      quaternionToMatrix(low, 3, before, 0)
      quaternionToMatrix(high, 3, after, 0)
      quaternionToMatrix(middle, 3, R, 0)
      // Rᵀ Ṙ = [ω]×
      const rate = (i: number, j: number): number =>
        [0, 1, 2].reduce((sum, k) => sum + (R[3 * k + i] * (after[3 * k + j] - before[3 * k + j])) / (2 * h), 0)
      const w = [rate(2, 1), rate(0, 2), rate(1, 0)]
      for (let k = 0; k < 3; k++) expect(Math.abs(w[k] - middle[13 + k])).toBeLessThan(5e-6)
    }
  })

  it('is continuous where legs join, with all derivatives that sensors see', () => {
    for (const { start } of drive.legs.slice(1)) {
      if (start > 89) break
      const [before, after] = [state(drive, start - 1e-9), state(drive, start)]
      const turned = before[3] * after[3] + before[4] * after[4] + before[5] * after[5] + before[6] * after[6]
      expect(Math.abs(Math.abs(turned) - 1)).toBeLessThan(1e-12)
      for (const k of [0, 1, 2]) expect(Math.abs(before[k] - after[k])).toBeLessThan(1e-9)
      for (let k = 7; k < motionState.size; k++) expect(Math.abs(before[k] - after[k])).toBeLessThan(1e-6)
    }
    expect(drive.legs.length).toBeGreaterThan(8)
  })

  it('rolls where it looks: no speed sideways, speed and turn rate are the body’s own', () => {
    const flat = motion(world, { seed: 6, seconds: 60, bumps: 0 })
    for (let t = 0; t < 60; t += 0.173) {
      const s = state(flat, t)
      const [sine, cosine] = [2 * s[5] * s[6], 1 - 2 * s[5] * s[5]]
      expect(Math.abs(cosine * s[8] - sine * s[7])).toBeLessThan(16 * Number.EPSILON)
      expect(Math.abs(cosine * s[7] + sine * s[8] - s[motionState.speed])).toBeLessThan(16 * Number.EPSILON)
      expect(s[motionState.speed]).toBeGreaterThanOrEqual(-1e-15)
      expect(s[15]).toBe(s[motionState.turnRate])
      expect([s[2], s[3], s[4], s[9], s[12], s[13], s[14]].every((x) => x === 0 || x === flat.height)).toBe(true)
    }
  })

  it('keeps its limits and stays clear of everything, in twelve homes, as fast as may be', () => {
    for (let seed = 1; seed <= 12; seed++) {
      const place = home({ seed, density: 0.5 })
      const m = motion(place, { seed, seconds: 40, speed: 0.9, turnRate: 1.5 })
      let [speed, turnRate, acceleration, clearance] = [0, 0, 0, Number.POSITIVE_INFINITY]
      for (let t = 0; t <= 40; t += 0.02) {
        const s = state(m, t)
        speed = Math.max(speed, s[motionState.speed])
        turnRate = Math.max(turnRate, Math.abs(s[motionState.turnRate]))
        acceleration = Math.max(acceleration, Math.hypot(s[10], s[11]))
        clearance = Math.min(clearance, clearanceAt(place.free, s[0], s[1]))
      }
      expect(speed, `seed ${seed}`).toBeLessThanOrEqual(0.9)
      expect(speed, `seed ${seed}`).toBeGreaterThan(0.3)
      expect(turnRate, `seed ${seed}`).toBeLessThanOrEqual(1.5)
      expect(acceleration, `seed ${seed}`).toBeLessThan(1.6)
      expect(clearance, `seed ${seed}`).toBeGreaterThanOrEqual(0.19) // of its radius of 0.2 m, between checked points
    }
  })

  it('visits most rooms of a home in half an hour, stands, turns and comes back', () => {
    const long = motion(world, { seed: 2, seconds: 1800 })
    expect(new Set(long.visits).size).toBeGreaterThanOrEqual(world.rooms.length - 1)
    for (const kind of ['drive', 'turn', 'stop'] as const)
      expect(long.legs.filter((leg) => leg.kind === kind).length).toBeGreaterThan(10)
    const ends = long.legs.filter(({ kind }) => kind === 'drive').map(({ x, y }) => `${x} ${y}`)
    expect(new Set(ends).size).toBeLessThan(0.9 * ends.length)
    expect(state(long, 1800).every(Number.isFinite)).toBe(true)
  })

  it('is the same for the same seed and another for another', () => {
    const at = (seed: number): Float64Array => state(motion(world, { seed, seconds: 20 }), 17)
    expect(at(9)).toEqual(at(9))
    expect(at(9)).not.toEqual(at(10))
  })

  it('as a trajectory holds the poses of its instants', () => {
    const { timestamps, poses } = motionTrajectory(drive, 10)
    expect([timestamps.length, poses.length, timestamps[900]]).toEqual([901, 6307, 90])
    expect(poses.slice(7 * 333, 7 * 334)).toEqual(state(drive, 33.3).slice(0, 7))
  })

  it('asks for what a robot can do', () => {
    expect(() => motion(world, { speed: 1 })).toThrow(UsageError)
    expect(() => motion(world, { seconds: 0 })).toThrow('seconds')
    expect(() => motion(world, { radius: 3 })).toThrow(/no place for a robot of 3 m/)
  })
})
