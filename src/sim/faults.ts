import type { CameraRecord, Features, RecordKind, SensorRecord, SyncSequence } from '../data/index.ts'
import { Random, UsageError } from '../numeric/index.ts'
import { fraction } from './options.ts'

/**
 * What goes wrong between a sensor and its reader. `from` and `to` are seconds (default: all of the run); a fault strikes
 * records of `sensor` (default: all but truth) in that time, each with the chance `chance` (default 1).
 */
export type Fault = Span &
  (
    | { readonly kind: 'silence' }
    | { readonly kind: 'duplicate' }
    | { readonly kind: 'not-a-number' }
    /** The record comes `by` records later than it should. Default 1. */
    | { readonly kind: 'late'; readonly by?: number }
    /** Its clock is wrong by this many seconds. */
    | { readonly kind: 'clock'; readonly offset: number }
    /** Pictures keep this many features at most: a dark room, a white wall. */
    | { readonly kind: 'few-features'; readonly features: number }
    /** Tracks do not hold: every feature is new in every picture. */
    | { readonly kind: 'seen-once' }
  )

interface Span {
  readonly sensor?: Exclude<RecordKind, 'truth'>
  readonly from?: number
  readonly to?: number
  readonly chance?: number
}

/**
 * A sequence with faults, in the order given. The truth records stay as they are: what a struck picture's truth says about
 * features no longer matches it. Faults by the same seed strike the same records.
 *
 * @throws UsageError for options out of range
 */
export function withFaults(sequence: SyncSequence, faults: readonly Fault[], seed = 1): SyncSequence {
  faults.forEach(check)
  const { name, calibration } = sequence
  return {
    name,
    calibration,
    [Symbol.iterator]() {
      const random = new Random(seed)
      let records: Iterable<SensorRecord> = sequence
      for (const fault of faults) records = strike(records, fault, random.fork())
      return records[Symbol.iterator]()
    },
  }
}

function check(fault: Fault): void {
  fraction('chance', fault.chance ?? 1)
  const { from = 0, to = Number.POSITIVE_INFINITY } = fault
  if (!(from <= to)) throw new UsageError(`a fault lasts from an earlier to a later time, got ${from} to ${to}`)
  if (fault.kind === 'late' && !(Number.isInteger(fault.by ?? 1) && (fault.by ?? 1) >= 1))
    throw new UsageError(`a late record comes a whole number of records later, got ${fault.by}`)
}

function* strike(records: Iterable<SensorRecord>, fault: Fault, random: Random): Generator<SensorRecord, undefined> {
  const { sensor, from = 0, to = Number.POSITIVE_INFINITY, chance = 1 } = fault
  const waiting: { record: SensorRecord; records: number }[] = []
  const fresh = { id: 1 << 30 }
  for (const record of records) {
    const meant = record.kind !== 'truth' && (sensor === undefined || record.kind === sensor)
    const struck = meant && record.time >= from && record.time < to && random.next() < chance
    if (struck && fault.kind === 'late') waiting.push({ record, records: (fault.by ?? 1) + 1 })
    else yield* struck ? hit(record, fault, random, fresh) : [record]
    for (const late of waiting) late.records--
    while (waiting.length > 0 && waiting[0].records <= 0) yield waiting.shift()!.record
  }
  for (const { record } of waiting) yield record
  return undefined
}

function hit(record: SensorRecord, fault: Fault, random: Random, fresh: { id: number }): SensorRecord[] {
  switch (fault.kind) {
    case 'silence':
    case 'late':
      return []
    case 'duplicate':
      return [record, record]
    case 'not-a-number':
      return [withNaN(record, random)]
    case 'clock':
      return [{ ...record, time: record.time + fault.offset }]
    case 'few-features':
      return [record.kind === 'camera' ? firstFeatures(record, fault.features) : record]
    case 'seen-once':
      return [record.kind === 'camera' ? renumbered(record, fresh) : record]
  }
}

/** One number of the record is none: now and then the time itself. */
function withNaN(record: SensorRecord, random: Random): SensorRecord {
  const { NaN: none } = Number
  if (random.next() < 0.2) return { ...record, time: none }
  switch (record.kind) {
    case 'imu':
      return random.next() < 0.5
        ? { ...record, angularRate: [none, record.angularRate[1], record.angularRate[2]] }
        : { ...record, specificForce: [record.specificForce[0], none, record.specificForce[2]] }
    case 'wheels':
      return { ...record, left: none }
    case 'camera': {
      const pixels = record.features.pixels.slice()
      if (record.features.count > 0) pixels[3 * random.integer(record.features.count)] = none
      return { ...record, features: { ...record.features, pixels } }
    }
    case 'truth':
      return record
  }
}

function firstFeatures(record: CameraRecord, most: number): CameraRecord {
  const { features: f } = record
  const count = Math.min(f.count, Math.max(0, Math.floor(most)))
  const features: Features = {
    count,
    tracks: f.tracks.slice(0, count),
    pixels: f.pixels.slice(0, 3 * count),
    levels: f.levels.slice(0, count),
    descriptors: f.descriptors.slice(0, 8 * count),
  }
  return { ...record, features }
}

function renumbered(record: CameraRecord, fresh: { id: number }): CameraRecord {
  const tracks = record.features.tracks.map(() => fresh.id++)
  return { ...record, features: { ...record.features, tracks } }
}
