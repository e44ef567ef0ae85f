import { describe, expect, it } from 'vitest'
import { fingerprint, ordered, type SensorRecord, type SequenceFault } from '../data/index.ts'
import { type Fault, withFaults } from './faults.ts'
import { home } from './home.ts'
import { simulate } from './simulate.ts'

const clean = simulate({ seed: 4, seconds: 4, home: home({ seed: 4, density: 4 }) })

function reasons(...faults: Fault[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const item of ordered(withFaults(clean, faults))) {
    if (item.kind !== 'fault') continue
    const { sensor, reason }: SequenceFault = item
    counts[`${sensor} ${reason}`] = (counts[`${sensor} ${reason}`] ?? 0) + 1
  }
  return counts
}

const pictures = (...faults: Fault[]) => [...withFaults(clean, faults)].filter((record) => record.kind === 'camera')

describe('faults', () => {
  it('without any the sequence is the same, bit by bit', () => {
    expect(fingerprint(withFaults(clean, []))).toBe(fingerprint(clean))
    const never: Fault = { kind: 'silence', chance: 0 }
    expect(fingerprint(withFaults(clean, [never]))).toBe(fingerprint(clean))
  })

  it('are what the watch over sequences finds', () => {
    expect(reasons({ kind: 'silence', sensor: 'imu', from: 1, to: 1.2 })).toEqual({ 'imu gap': 1 })
    expect(reasons({ kind: 'duplicate', sensor: 'wheels', from: 1, to: 2 })).toEqual({ 'wheels duplicate': 50 })
    expect(reasons({ kind: 'late', sensor: 'camera', by: 3, from: 1, to: 2 })).toMatchObject({
      'camera out-of-order': 20,
    })
    expect(reasons({ kind: 'clock', sensor: 'imu', offset: 1000, from: 1, to: 1.004 })).toEqual({ 'imu leap': 1 })
    const broken = reasons({ kind: 'not-a-number', chance: 0.1 })
    for (const sensor of ['imu', 'wheels', 'camera']) expect(broken[`${sensor} not-finite`]).toBeGreaterThan(0)
  })

  it('a camera that stops stays silent, the rest goes on', () => {
    const records = [...withFaults(clean, [{ kind: 'silence', sensor: 'camera', from: 2 }])]
    const last = (kind: SensorRecord['kind']): number => records.findLast((record) => record.kind === kind)!.time
    expect([last('camera'), last('imu'), last('wheels'), last('truth')]).toEqual([1.95, 4, 4, 4])
  })

  it('takes features away, or their past', () => {
    expect(Math.max(...pictures({ kind: 'few-features', features: 5 }).map(({ features }) => features.count))).toBe(5)
    const tracks = pictures({ kind: 'seen-once' }).flatMap(({ features }) => [...features.tracks])
    expect(new Set(tracks).size).toBe(tracks.length)
    expect(tracks.length).toBeGreaterThan(500)
  })

  it('strikes the same records for the same seed', () => {
    const fault: Fault = { kind: 'silence', chance: 0.3 }
    expect(fingerprint(withFaults(clean, [fault], 2))).toBe(fingerprint(withFaults(clean, [fault], 2)))
    expect(fingerprint(withFaults(clean, [fault], 2))).not.toBe(fingerprint(withFaults(clean, [fault], 3)))
  })

  it('asks for what can be', () => {
    expect(() => withFaults(clean, [{ kind: 'silence', chance: 2 }])).toThrow('chance')
    expect(() => withFaults(clean, [{ kind: 'silence', from: 2, to: 1 }])).toThrow('earlier to a later')
    expect(() => withFaults(clean, [{ kind: 'late', by: 0 }])).toThrow('whole number of records')
  })
})
