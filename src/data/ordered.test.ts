import { describe, expect, it } from 'vitest'
import { fingerprint } from './fingerprint.ts'
import { ordered, type SequenceFault, type SyncOrdered } from './ordered.ts'
import type { AsyncSequence, CameraRecord, ImuRecord, SensorRecord, SyncSequence } from './sequence.ts'

const imu = (time: number, z = 9.81): ImuRecord => ({
  kind: 'imu',
  time,
  angularRate: [0, 0, 0],
  specificForce: [0, 0, z],
})
const camera = (time: number, pixels: number[]): CameraRecord => ({
  kind: 'camera',
  time,
  frame: 0,
  features: {
    count: pixels.length / 3,
    tracks: Int32Array.from({ length: pixels.length / 3 }, (_, i) => 10 + i),
    pixels: Float64Array.from(pixels),
    levels: new Uint8Array(pixels.length / 3),
    descriptors: Uint32Array.from({ length: (8 * pixels.length) / 3 }, (_, i) => i),
  },
})
const imuCalibration = {
  name: 'test',
  bodyFromImu: Float64Array.of(0, 0, 0, 0, 0, 0, 1),
  rate: 100,
  gyroNoise: 0,
  gyroWalk: 0,
  accelerometerNoise: 0,
  accelerometerWalk: 0,
  gyroBias: 0,
  accelerometerBias: 0,
  gyroRange: 10,
  accelerometerRange: 100,
}

function sequence(...records: unknown[]): SyncSequence {
  return {
    name: 'test',
    calibration: { gravity: 9.81, imu: imuCalibration },
    [Symbol.iterator]: () => (records as SensorRecord[])[Symbol.iterator](),
  }
}

function split(checked: SyncOrdered): { faults: SequenceFault[]; times: number[] } {
  const faults: SequenceFault[] = []
  const times: number[] = []
  for (const item of checked) {
    if (item.kind === 'fault') faults.push(item)
    else times.push(item.time)
  }
  return { faults, times }
}

describe('ordered', () => {
  it('lets a good sequence through as it is, and again when asked again', () => {
    const records = [imu(0), imu(0.01), camera(0.01, [1, 2, 3, 4, Number.NaN, 6]), imu(0.02)]
    const checked = ordered(sequence(...records))
    expect([...checked]).toEqual(records)
    expect([...checked]).toEqual(records)
  })

  it('drops what is late or twice there, and says so with the two times', () => {
    const { faults, times } = split(ordered(sequence(imu(0), imu(0.02), imu(0.01), imu(0.02), imu(0.03))))
    expect(times).toEqual([0, 0.02, 0.03])
    expect(faults.map(({ reason, got, expected }) => [reason, got, expected])).toEqual([
      ['out-of-order', 0.01, 0.02],
      ['duplicate', 0.02, 0.02],
    ])
  })

  it('names a gap and goes on after it', () => {
    const { faults, times } = split(ordered(sequence(imu(0), imu(0.01), imu(0.5), imu(0.51))))
    expect(times).toEqual([0, 0.01, 0.5, 0.51])
    expect(faults).toMatchObject([{ reason: 'gap', sensor: 'imu', got: 0.49, expected: 0.025, dropped: false }])
  })

  it('does not follow one wrong clock reading, but follows a clock that really went on', () => {
    const once = split(ordered(sequence(imu(0), imu(1e9), imu(0.01), imu(0.02))))
    expect(once.times).toEqual([0, 0.01, 0.02])
    expect(once.faults.map(({ reason }) => reason)).toEqual(['leap'])
    const slept = split(ordered(sequence(imu(0), imu(100), imu(100.01), imu(100.02))))
    expect(slept.times).toEqual([0, 100.01, 100.02])
    expect(slept.faults.map(({ reason }) => reason)).toEqual(['leap', 'gap'])
  })

  it('drops numbers that are not finite, features one by one', () => {
    const bad = [imu(Number.NaN), imu(0.01, Number.NaN), imu(0.01, Number.POSITIVE_INFINITY)]
    const { faults, times } = split(ordered(sequence(imu(0), ...bad, imu(0.01))))
    expect(times).toEqual([0, 0.01])
    expect(faults.map(({ reason }) => reason)).toEqual(['not-finite', 'not-finite', 'not-finite'])
    const [fault, picture] = [...ordered(sequence(camera(0, [1, 2, 3, Number.NaN, 5, 6, 7, 8, 9])))]
    expect(fault).toMatchObject({ reason: 'not-finite', got: 1, dropped: false })
    const { features } = picture as CameraRecord
    expect([features.count, ...features.tracks, ...features.pixels]).toEqual([2, 10, 12, 1, 2, 3, 7, 8, 9])
    expect([...features.descriptors]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23])
  })

  it('never throws, whatever comes for a record', () => {
    const rubbish = [
      null,
      undefined,
      3,
      'imu',
      {},
      { kind: 'imu' },
      { kind: 'imu', time: 0 },
      { kind: 'sonar', time: 0 },
    ]
    const shapes = [
      { kind: 'camera', time: 0, frame: 0 },
      { kind: 'camera', time: 0, frame: 0, features: { ...camera(0, [1, 2, 3]).features, count: 2 } },
      { kind: 'truth', time: 0, worldFromBody: [1] },
      { kind: 'wheels', time: 0, left: '1', right: 2 },
    ]
    const { faults, times } = split(ordered(sequence(...rubbish, ...shapes, imu(0))))
    expect(times).toEqual([0])
    expect(faults.map(({ reason }) => reason)).toEqual(new Array(12).fill('malformed'))
  })

  it('refuses senseless options at the door', () => {
    expect(() => ordered(sequence(), { gapPeriods: 1 })).toThrow('gapPeriods')
    expect(() => ordered(sequence(), { leap: Number.NaN })).toThrow('leap')
  })

  it('watches asynchronous sequences in the same way', async () => {
    const { name, calibration } = sequence()
    const source: AsyncSequence = {
      name,
      calibration,
      async *[Symbol.asyncIterator]() {
        yield imu(0)
        yield imu(0)
      },
    }
    const kinds: string[] = []
    for await (const item of ordered(source)) kinds.push(item.kind)
    expect(kinds).toEqual(['imu', 'fault'])
  })
})

describe('fingerprint', () => {
  it('is the same for the same numbers and another for the least change', () => {
    const base = fingerprint([imu(0), camera(0, [1, 2, 3])])
    expect(fingerprint([imu(0), camera(0, [1, 2, 3])])).toBe(base)
    const others = [
      [imu(Number.MIN_VALUE), camera(0, [1, 2, 3])],
      [imu(-0), camera(0, [1, 2, 3])],
      [imu(0), camera(0, [1, 2, 3 + 4 * Number.EPSILON])],
      [camera(0, [1, 2, 3]), imu(0)],
      [imu(0)],
      [],
    ].map(fingerprint)
    expect(new Set([base, ...others]).size).toBe(1 + others.length)
    expect(base).toMatch(/^[0-9a-f]{16}$/)
  })
})
