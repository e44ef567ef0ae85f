import { describe, expect, it, vi } from 'vitest'
import {
  type CameraRecord,
  fingerprint,
  type ImuRecord,
  ordered,
  type SensorRecord,
  type TruthRecord,
  type WheelRecord,
} from '../data/index.ts'
import { projectStereo, quaternionToMatrix, SE3, so3Exp } from '../geometry/index.ts'
import { hammingDistance } from './home/descriptors.ts'
import { home } from './home.ts'
import { exactImu } from './imu.ts'
import { motion, motionAt, motionState } from './motion.ts'
import { noNoise } from './noise.ts'
import { euroc, robot, twoWheels } from './sensors.ts'
import { exactSequence, simulate } from './simulate.ts'

const world = home({ seed: 4, density: 12 })
const drive = motion(world, { seed: 4, seconds: 20 })
const exact: SensorRecord[] = [...exactSequence({ home: world, motion: drive })]
const of = <K extends SensorRecord['kind']>(kind: K): Extract<SensorRecord, { kind: K }>[] =>
  exact.filter((record): record is Extract<SensorRecord, { kind: K }> => record.kind === kind)

/** Written down once from this code: what matters is that they never change, on any machine. */
const GOLDEN_NOISY = '13e598f81fd5a3c0'
const GOLDEN_EXACT = '6892b3bfe8903ed0'

describe('a simulated sequence', () => {
  it('gives these bits, on every engine, again and again', () => {
    const sim = simulate({ seed: 7, seconds: 4, home: { density: 6 } })
    expect(fingerprint(sim)).toBe(GOLDEN_NOISY)
    expect(fingerprint(sim)).toBe(GOLDEN_NOISY)
    expect(fingerprint(simulate({ seed: 7, seconds: 4, home: { density: 6 }, noise: noNoise }))).toBe(GOLDEN_EXACT)
    expect(fingerprint(simulate({ seed: 8, seconds: 4, home: { density: 6 } }))).not.toBe(GOLDEN_NOISY)
  })

  it('asks no function of the engine whose last bits are the engine’s own', () => {
    const own = [
      'sin',
      'cos',
      'tan',
      'asin',
      'acos',
      'atan',
      'atan2',
      'exp',
      'expm1',
      'log',
      'log1p',
      'log2',
      'log10',
    ] as const
    const more = ['sinh', 'cosh', 'tanh', 'cbrt', 'pow', 'hypot'] as const
    const spies = [...own, ...more].map((name) =>
      vi.spyOn(Math, name).mockImplementation(() => {
        throw new Error(`Math.${name} was called`)
      }),
    )
    try {
      expect(fingerprint(simulate({ seed: 7, seconds: 4, home: { density: 6 } }))).toBe(GOLDEN_NOISY)
    } finally {
      for (const spy of spies) spy.mockRestore()
    }
  })

  it('passes its own watch: every record in order, none missing', () => {
    const sim = simulate({ seed: 2, seconds: 5, home: world })
    const kinds = { imu: 0, wheels: 0, camera: 0, truth: 0, fault: 0 }
    for (const item of ordered(sim)) kinds[item.kind]++
    expect(kinds).toEqual({ imu: 1001, wheels: 251, camera: 101, truth: 101, fault: 0 })
  })

  it('without a sensor has no records of it', () => {
    const sensors = { gravity: 9.81, wheels: twoWheels }
    const kinds = [...exactSequence({ home: world, motion: motion(world, { seconds: 1 }), sensors })].map(
      ({ kind }) => kind,
    )
    expect(kinds.filter((kind) => kind === 'wheels')).toHaveLength(51)
    expect(kinds.filter((kind) => kind === 'truth')).toHaveLength(21)
    expect(kinds).toHaveLength(72)
  })
})

describe('exact pictures', () => {
  const pictures: CameraRecord[] = of('camera')
  const truths: TruthRecord[] = of('truth')
  const calibration = Float64Array.of(euroc.fx, euroc.fy, euroc.cx, euroc.cy, euroc.baseline)

  it('are where true landmarks project from the true pose, at rounding', () => {
    const [cameraFromWorld, point, seen] = [new Float64Array(7), new Float64Array(3), new Float64Array(3)]
    let worst = 0
    let both = 0
    let all = 0
    for (const [k, { features }] of pictures.entries()) {
      SE3.compose(truths[k].worldFromBody, 0, euroc.bodyFromCamera, 0, cameraFromWorld, 0)
      SE3.inverse(cameraFromWorld, 0, cameraFromWorld, 0)
      for (let i = 0; i < features.count; i++) {
        const landmark = truths[k].landmarks![i]
        SE3.act(cameraFromWorld, 0, world.landmarks.positions, 3 * landmark, point, 0)
        expect(projectStereo(calibration, 0, point, 0, seen, 0)).toBe(true)
        for (const c of [0, 1, 2]) {
          const value = features.pixels[3 * i + c]
          if (!(c === 1 && Number.isNaN(value))) worst = Math.max(worst, Math.abs(value - seen[c]))
        }
        if (!Number.isNaN(features.pixels[3 * i + 1])) both++
        all++
      }
    }
    // Metres of size 20 are subtracted and scaled by fx / Z ≤ 458 / 0.35: 1300 · 20 · eps, times a few operations.
    expect(worst).toBeLessThan(16 * 1300 * 20 * Number.EPSILON)
    expect(all / pictures.length).toBeGreaterThan(40)
    expect(both / all).toBeGreaterThan(0.9)
  })

  it('show nothing through walls, from behind, too near or too far', () => {
    const { positions, normals } = world.landmarks
    const pose = new Float64Array(7)
    for (const [k, { landmarks, worldFromBody }] of truths.entries()) {
      SE3.compose(worldFromBody, 0, euroc.bodyFromCamera, 0, pose, 0)
      for (const i of landmarks!) {
        const ray = [0, 1, 2].map((c) => positions[3 * i + c] - pose[c])
        const cosine = -[0, 1, 2].reduce((sum, c) => sum + ray[c] * normals[3 * i + c], 0) / Math.hypot(...ray)
        const [x, y, z] = positions.subarray(3 * i, 3 * i + 3)
        const clear = !world.solids.blocked(pose[0], pose[1], pose[2], x, y, z)
        const fine = clear && cosine > 0.25 && Math.hypot(...ray) > 0.35 && Math.hypot(...ray) < 12
        expect(fine, `picture ${k}, landmark ${i}`).toBe(true)
      }
    }
  })

  it('keep a track on one landmark, never use its number again, and look alike from picture to picture', () => {
    const owner = new Map<number, number>()
    const last = new Map<number, number>()
    const before = new Map<number, Uint32Array>()
    let [sum, pairs, lengths] = [0, 0, 0]
    for (const [k, { features, frame }] of pictures.entries()) {
      expect(new Set(features.tracks).size).toBe(features.count)
      for (let i = 0; i < features.count; i++) {
        const track = features.tracks[i]
        const landmark = truths[k].landmarks![i]
        expect(owner.get(track) ?? landmark).toBe(landmark)
        expect(last.get(track) ?? frame - 1).toBe(frame - 1)
        const old = before.get(track)
        const now = features.descriptors.subarray(8 * i, 8 * i + 8)
        if (old) {
          sum += hammingDistance(old, 0, now, 0)
          pairs++
        }
        owner.set(track, landmark)
        last.set(track, frame)
        before.set(track, now)
        lengths++
      }
    }
    expect(sum / pairs).toBeLessThan(6) // of 256
    expect(lengths / owner.size).toBeGreaterThan(10) // pictures that a track lasts
  })
})

describe('exact inertial measurements', () => {
  /** Dead reckoning by midpoints from the true start; the distance to the true end, metres and radians. */
  function reckon(step: number, seconds: number): [number, number] {
    const now = new Float64Array(motionState.size)
    motionAt(drive, 0, now)
    const pose = now.slice(0, 7)
    const velocity = [now[7], now[8], now[9]]
    const [R, turned, middle] = [new Float64Array(9), new Float64Array(7), new Float64Array(7)]
    const turn = new Float64Array(7)
    for (let k = 0; k < Math.round(seconds / step); k++) {
      motionAt(drive, (k + 0.5) * step, now)
      const { angularRate, specificForce }: ImuRecord = exactImu(0, now, robot.gravity)
      const w = Float64Array.from(angularRate, (x) => x * step)
      so3Exp(w, 0, turn, 3)
      so3Exp(
        Float64Array.from(w, (x) => x / 2),
        0,
        turned,
        3,
      )
      SE3.compose(pose, 0, turned, 0, middle, 0)
      quaternionToMatrix(middle, 3, R, 0)
      const a = [0, 1, 2].map(
        (r) => R[3 * r] * specificForce[0] + R[3 * r + 1] * specificForce[1] + R[3 * r + 2] * specificForce[2],
      )
      a[2] -= robot.gravity
      SE3.compose(pose, 0, turn, 0, pose, 0)
      for (let c = 0; c < 3; c++) {
        pose[c] += step * (velocity[c] + (step * a[c]) / 2)
        velocity[c] += step * a[c]
      }
    }
    motionAt(drive, seconds, now)
    const off = new Float64Array(6)
    SE3.local(pose, 0, now, 0, off, 0)
    return [Math.hypot(off[0], off[1], off[2]), Math.hypot(off[3], off[4], off[5])]
  }

  it('integrate to the true trajectory, with the second order of the midpoint rule', () => {
    const [coarse, fine, finest] = [1 / 200, 1 / 400, 1 / 800].map((step) => reckon(step, 12))
    expect(coarse[0]).toBeLessThan(0.02)
    expect(finest[0]).toBeLessThan(1.5e-3)
    for (const [a, b] of [
      [coarse, fine],
      [fine, finest],
    ]) {
      expect(a[0] / b[0]).toBeGreaterThan(3.5) // 4 in the limit
      expect(a[0] / b[0]).toBeLessThan(4.5)
    }
    expect(finest[1]).toBeLessThan(1e-6)
  })

  it('of a robot at rest are gravity alone', () => {
    const [first] = of('imu')
    expect(first.angularRate.every((w) => Math.abs(w) < 1e-12)).toBe(true)
    expect(Math.hypot(...first.specificForce)).toBeCloseTo(9.81, 12)
  })
})

describe('exact wheels', () => {
  it('their difference is the change of heading, at rounding', () => {
    const flat = motion(world, { seed: 4, seconds: 20, bumps: 0 })
    const sensors = { gravity: 9.81, wheels: twoWheels }
    const records = [...exactSequence({ home: world, motion: flat, sensors })].filter((r) => r.kind === 'wheels')
    const last = records.at(-1) as WheelRecord
    const state = new Float64Array(motionState.size)
    const heading = (t: number): number => {
      motionAt(flat, t, state)
      return 2 * Math.atan2(state[5], state[6])
    }
    const turned = ((last.right - last.left) * twoWheels.radius) / twoWheels.track
    const off = turned - (heading(last.time) - heading(0))
    // Gauss's rule of three points leaves 5 ms⁷ f⁽⁶⁾ per step; its sum stays below 1e-9 rad.
    expect(Math.abs(off - 2 * Math.PI * Math.round(off / (2 * Math.PI)))).toBeLessThan(1e-9)
  })

  it('integrate to the true path, with the second order of the midpoint rule', () => {
    const flat = motion(world, { seed: 4, seconds: 20, bumps: 0 })
    const state = new Float64Array(motionState.size)
    const errors = [50, 100, 200].map((rate) => {
      const sensors = { gravity: 9.81, wheels: { ...twoWheels, rate } }
      motionAt(flat, 0, state)
      let [x, y, heading] = [state[0], state[1], 2 * Math.atan2(state[5], state[6])]
      let before: WheelRecord | null = null
      for (const record of exactSequence({ home: world, motion: flat, sensors })) {
        if (record.kind !== 'wheels') continue
        if (before) {
          const [l, r] = [record.left - before.left, record.right - before.right].map((a) => a * twoWheels.radius)
          const turn = (r - l) / twoWheels.track
          x += ((l + r) / 2) * Math.cos(heading + turn / 2)
          y += ((l + r) / 2) * Math.sin(heading + turn / 2)
          heading += turn
        }
        before = record
      }
      motionAt(flat, before!.time, state)
      return Math.hypot(x - state[0], y - state[1])
    })
    expect(errors[0]).toBeLessThan(1e-3)
    for (const k of [0, 1]) {
      expect(errors[k] / errors[k + 1]).toBeGreaterThan(3.5)
      expect(errors[k] / errors[k + 1]).toBeLessThan(4.5)
    }
  })
})
