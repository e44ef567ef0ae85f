import { describe, expect, it } from 'vitest'
import {
  type CameraRecord,
  fingerprint,
  type ImuRecord,
  type SensorRecord,
  type SyncSequence,
  type TruthRecord,
  type Vector3,
  type WheelRecord,
} from '../data/index.ts'
import { hammingDistance } from './home/descriptors.ts'
import { home } from './home.ts'
import { motion } from './motion.ts'
import { type NoiseOptions, noNoise, withNoise } from './noise.ts'
import { adis16448, bmi088, robot, twoWheels } from './sensors.ts'
import { exactSequence } from './simulate.ts'

const world = home({ seed: 4, density: 12 })
const sequence = (seconds: number, sensors = robot): SyncSequence => {
  const records = [...exactSequence({ home: world, motion: motion(world, { seed: 4, seconds }), sensors })]
  return { name: 'kept', calibration: sensors, [Symbol.iterator]: () => records[Symbol.iterator]() }
}
const exact = sequence(30)

/** Pairs of exact and noisy records of one kind. */
function pairs<K extends SensorRecord['kind']>(
  kind: K,
  noise: NoiseOptions,
  source = exact,
  seed = 3,
): [Extract<SensorRecord, { kind: K }>, Extract<SensorRecord, { kind: K }>][] {
  type R = Extract<SensorRecord, { kind: K }>
  const noisy = [...withNoise(source, noise, seed)]
  return [...source].flatMap((record, i) => (record.kind === kind ? [[record as R, noisy[i] as R]] : []))
}

function moments(values: readonly number[]): { mean: number; deviation: number; n: number } {
  const n = values.length
  const mean = values.reduce((a, b) => a + b, 0) / n
  return { mean, deviation: Math.sqrt(values.reduce((a, b) => a + (b - mean) ** 2, 0) / (n - 1)), n }
}

/** A sample's mean within five of its standard errors of 0, its deviation within five of its own of sigma. */
function expectNormal(values: readonly number[], sigma: number): void {
  const { mean, deviation, n } = moments(values)
  expect(Math.abs(mean)).toBeLessThan((5 * sigma) / Math.sqrt(n))
  expect(Math.abs(deviation / sigma - 1)).toBeLessThan(5 / Math.sqrt(2 * n))
}

describe('noise', () => {
  it('none leaves every record as it is', () => {
    const measured = (records: Iterable<SensorRecord>): string =>
      fingerprint([...records].filter(({ kind }) => kind !== 'truth'))
    expect(measured(withNoise(exact, noNoise))).toBe(measured(exact))
    expect(measured(withNoise(exact, { ...noNoise, pixel: 1e-12 }))).not.toBe(measured(exact))
  })

  it('of pixels has the deviation asked for, more at coarser levels', () => {
    const byLevel: number[][] = Array.from({ length: 8 }, () => [])
    for (const [before, after] of pairs('camera', { ...noNoise, pixel: 0.5 }))
      for (let i = 0; i < before.features.count; i++)
        for (let c = 0; c < 3; c++) {
          const off = after.features.pixels[3 * i + c] - before.features.pixels[3 * i + c]
          if (!Number.isNaN(off)) byLevel[before.features.levels[i]].push(off)
        }
    for (const [level, offsets] of byLevel.entries()) {
      expect(offsets.length).toBeGreaterThan(500)
      expectNormal(offsets, 0.5 * 1.2 ** level)
    }
  })

  it('marks wrong matches in the truth, as many as asked for, and no right ones', () => {
    const noise = { ...noNoise, wrongMatches: 0.1 }
    const truths = pairs('truth', noise).map(([, after]) => after as TruthRecord)
    let [wrong, all] = [0, 0]
    for (const [k, [before, after]] of pairs('camera', noise).entries())
      for (let i = 0; i < before.features.count; i++) {
        const [a, b] = [before, after].map(({ features }: CameraRecord) => [...features.pixels.slice(3 * i, 3 * i + 3)])
        const moved = Math.max(...a.map((x, c) => (Number.isNaN(x) ? 0 : Math.abs(x - b[c]))))
        const onlyLeft = Number.isNaN(a[1])
        expect(truths[k].wrong![i] === 1 || moved === 0).toBe(true)
        if (truths[k].wrong![i] === 1 && !onlyLeft) expect(moved).toBeGreaterThan(2)
        wrong += truths[k].wrong![i]
        all++
      }
    expect(Math.abs(wrong / all - 0.1)).toBeLessThan(5 * Math.sqrt(0.09 / all))
  })

  it('lets tracks slide away, farther from picture to picture', () => {
    const noise = { ...noNoise, sliding: 0.01 }
    const offsets = new Map<number, number[]>()
    for (const [before, after] of pairs('camera', noise))
      before.features.tracks.forEach((track, i) => {
        const off = after.features.pixels[3 * i] - before.features.pixels[3 * i]
        if (off !== 0) offsets.set(track, [...(offsets.get(track) ?? []), Math.abs(off)])
      })
    expect(offsets.size).toBeGreaterThan(50)
    for (const list of offsets.values()) expect(list).toEqual([...list].sort((a, b) => a - b))
  })

  it('flips the bits asked for', () => {
    let [bits, all] = [0, 0]
    for (const [before, after] of pairs('camera', { ...noNoise, descriptorBits: 0.0625 }))
      for (let i = 0; i < before.features.count; i++, all += 256)
        bits += hammingDistance(before.features.descriptors, 8 * i, after.features.descriptors, 8 * i)
    expect(Math.abs(bits / all - 0.0625)).toBeLessThan(5 * Math.sqrt((0.0625 * 0.9375) / all))
  })

  it.each([adis16448, bmi088])('of the $name has its densities and its walking bias', (imu) => {
    const still = { ...imu, gyroBias: 0, accelerometerBias: 0, gyroWalk: 0, accelerometerWalk: 0 }
    const white = pairs('imu', { ...noNoise, imu: 1 }, sequence(30, { gravity: 9.81, imu: still }))
    const off = (key: 'angularRate' | 'specificForce') => (pair: [ImuRecord, ImuRecord]) =>
      [0, 1, 2].map((k) => pair[1][key][k] - pair[0][key][k])
    expectNormal(white.flatMap(off('angularRate')), imu.gyroNoise * Math.sqrt(200))
    expectNormal(white.flatMap(off('specificForce')), imu.accelerometerNoise * Math.sqrt(200))
    // The bias that the truth tells walks by √(1/20 s) from truth to truth.
    const truths = pairs('truth', { ...noNoise, imu: 1 }, sequence(60, { gravity: 9.81, imu }))
    const steps = (key: 'gyroBias' | 'accelerometerBias'): number[] =>
      truths.slice(1).flatMap(([, now], k) => now[key]!.map((b, axis) => b - (truths[k][1][key] as Vector3)[axis]))
    expectNormal(steps('gyroBias'), imu.gyroWalk * Math.sqrt(0.05))
    expectNormal(steps('accelerometerBias'), imu.accelerometerWalk * Math.sqrt(0.05))
  })

  it('of an IMU is what the truth says: measured − exact − bias is white', () => {
    const noisy = [...withNoise(exact, { ...noNoise, imu: 1 }, 5)]
    const source = [...exact]
    const rest: number[] = []
    noisy.forEach((record, i) => {
      const [before, truth] = [source[i], noisy.slice(i, i + 5).find(({ kind }) => kind === 'truth')]
      if (record.kind !== 'imu' || before.kind !== 'imu' || truth?.kind !== 'truth' || truth.time !== record.time)
        return
      for (const k of [0, 1, 2]) rest.push(record.angularRate[k] - before.angularRate[k] - truth.gyroBias![k])
    })
    expect(rest.length).toBeGreaterThan(1500)
    expectNormal(rest, adis16448.gyroNoise * Math.sqrt(200))
  })

  it('ends at the range of the IMU', () => {
    const weak = { ...adis16448, gyroRange: 0.3, accelerometerRange: 9 }
    const records = pairs('imu', {}, sequence(10, { gravity: 9.81, imu: weak }))
    expect(Math.max(...records.map(([, { angularRate }]) => Math.max(...angularRate.map(Math.abs))))).toBe(0.3)
    expect(Math.max(...records.map(([, { specificForce }]) => Math.max(...specificForce.map(Math.abs))))).toBe(9)
  })

  it('of wheels: scales spread as the sheet says, ticks are whole, slips turn wheels further', () => {
    const short = sequence(10, { gravity: 9.81, wheels: twoWheels })
    const end = (noise: NoiseOptions, seed: number): [WheelRecord, WheelRecord] =>
      pairs('wheels', { ...noNoise, ...noise }, short, seed).at(-1) as [WheelRecord, WheelRecord]
    const ratios = Array.from({ length: 200 }, (_, seed) => {
      const [before, after] = end({ wheels: 1 }, seed)
      return (after.left + after.right) / (before.left + before.right) - 1
    })
    // The mean of two wheels of 1 % each, and what the track's 1 % adds to their difference.
    const { deviation } = moments(ratios)
    expect(deviation).toBeGreaterThan(0.005)
    expect(deviation).toBeLessThan(0.01)
    const tick = (2 * Math.PI) / twoWheels.ticks
    for (const [, { left }] of pairs('wheels', { ...noNoise, wheels: 1 }, short))
      expect(Math.abs(left / tick - Math.round(left / tick))).toBeLessThan(1e-6)
    const [before, slipped] = end({ slips: 60 }, 1)
    expect(slipped.left + slipped.right).toBeGreaterThan(before.left + before.right)
  })

  it('of one sensor does not depend on another’s', () => {
    const imu = (noise: NoiseOptions): unknown => pairs('imu', noise).at(-1)
    expect(imu({ pixel: 3, wheels: 0, wrongMatches: 0.5 })).toEqual(imu({}))
  })

  it('asks for what can be', () => {
    expect(() => withNoise(exact, { pixel: -1 })).toThrow('pixel')
    expect(() => withNoise(exact, { wrongMatches: 2 })).toThrow('wrongMatches')
  })
})
