import { UsageError } from '../numeric/index.ts'
import {
  type AsyncSequence,
  type CameraRecord,
  type Features,
  type RecordKind,
  recordKinds,
  type SensorRecord,
  type Sequence,
  type SequenceHead,
  type SyncSequence,
} from './sequence.ts'

/** What is wrong with a sequence's data at some moment. */
export type SequenceFaultReason = 'out-of-order' | 'duplicate' | 'gap' | 'leap' | 'not-finite' | 'malformed'

/** A fault of the data, in the stream where it happened. */
export interface SequenceFault {
  readonly kind: 'fault'
  /** Of the last good record of any sensor; 0 before the first. */
  readonly time: number
  readonly sensor: RecordKind | 'unknown'
  readonly reason: SequenceFaultReason
  /** The two numbers compared, for example a time and the time before it. */
  readonly got: number
  readonly expected: number
  /** The record was left out. After a gap, and where only some features are bad, it follows the fault. */
  readonly dropped: boolean
  /** A sentence for people. */
  readonly message: string
}

export interface OrderedOptions {
  /** A sensor that says nothing for this many of its periods has a gap. Default 2.5. */
  readonly gapPeriods?: number
  /**
   * A record this many seconds ahead of the last is believed only when the next one agrees with it, so that one broken clock
   * reading does not make all that follows late. Default 5.
   */
  readonly leap?: number
}

/** A sequence whose records are finite, in order and well formed, with faults between them. */
export interface SyncOrdered extends SequenceHead, Iterable<SensorRecord | SequenceFault> {}

export interface AsyncOrdered extends SequenceHead, AsyncIterable<SensorRecord | SequenceFault> {}

/**
 * Watches over a sequence: what comes out is finite and in the order of time, and for all that was late, twice there,
 * missing, not a number or misshapen there is a fault beside it. Never throws on data.
 *
 * @throws UsageError for an option out of range
 */
export function ordered(sequence: SyncSequence, options?: OrderedOptions): SyncOrdered
export function ordered(sequence: AsyncSequence, options?: OrderedOptions): AsyncOrdered
export function ordered(sequence: Sequence, options?: OrderedOptions): SyncOrdered | AsyncOrdered
export function ordered(sequence: Sequence, options: OrderedOptions = {}): SyncOrdered | AsyncOrdered {
  const { name, calibration } = sequence
  const start = (): OrderWatch => new OrderWatch(sequence, options)
  start() // options are judged now, not at the first record
  if (Symbol.iterator in sequence)
    return {
      name,
      calibration,
      *[Symbol.iterator]() {
        const watch = start()
        for (const record of sequence) yield* watch.take(record)
      },
    }
  return {
    name,
    calibration,
    async *[Symbol.asyncIterator]() {
      const watch = start()
      for await (const record of sequence) yield* watch.take(record)
    },
  }
}

/** The judge of one pass: what it has seen so far. */
class OrderWatch {
  private readonly gapPeriods: number
  private readonly leap: number
  private readonly periods: Readonly<Record<RecordKind, number>>
  private readonly last: Record<RecordKind, number>
  private now = Number.NEGATIVE_INFINITY
  /** Time of the record that leapt ahead last and was not believed. */
  private leapt = Number.NaN

  constructor({ calibration }: SequenceHead, { gapPeriods = 2.5, leap = 5 }: OrderedOptions) {
    if (!(gapPeriods > 1)) throw new UsageError(`gapPeriods must be above 1, got ${gapPeriods}`)
    if (!(leap > 0)) throw new UsageError(`leap must be above 0 seconds, got ${leap}`)
    this.gapPeriods = gapPeriods
    this.leap = leap
    const period = (sensor: { readonly rate: number } | undefined): number =>
      sensor ? 1 / sensor.rate : Number.POSITIVE_INFINITY
    this.periods = {
      imu: period(calibration.imu),
      wheels: period(calibration.wheels),
      camera: period(calibration.camera),
      truth: Number.POSITIVE_INFINITY,
    }
    const never = Number.NEGATIVE_INFINITY
    this.last = { imu: never, wheels: never, camera: never, truth: never }
  }

  /** The record, cleaned, after the faults it brought; or only those. */
  take(record: SensorRecord): (SensorRecord | SequenceFault)[] {
    const misshapen = shapeFault(record)
    if (misshapen !== null) return [this.fault(record, 'malformed', Number.NaN, Number.NaN, true, misshapen)]
    const { kind, time } = record
    if (!hasFiniteNumbers(record))
      return [this.fault(record, 'not-finite', time, this.now, true, `${kind} record with a number that is not finite`)]
    const late = this.lateness(record)
    if (late) return [late]
    const out: (SensorRecord | SequenceFault)[] = []
    const silence = time - this.last[kind]
    const allowed = this.gapPeriods * this.periods[kind]
    if (silence > allowed && this.last[kind] > Number.NEGATIVE_INFINITY)
      out.push(this.fault(record, 'gap', silence, allowed, false, `no ${kind} record for ${silence.toFixed(3)} s`))
    this.now = time
    this.last[kind] = time
    if (record.kind !== 'camera') return [...out, record]
    const clean = withoutBadFeatures(record)
    const lost = record.features.count - clean.features.count
    if (lost > 0) out.push(this.fault(record, 'not-finite', lost, 0, false, `${lost} features that are not finite`))
    return [...out, clean]
  }

  private lateness(record: SensorRecord): SequenceFault | null {
    const { kind, time } = record
    if (time === this.last[kind])
      return this.fault(record, 'duplicate', time, time, true, `second ${kind} record at ${time} s`)
    if (time < this.now) {
      const message = `${kind} record of ${time} s came after ${this.now} s`
      return this.fault(record, 'out-of-order', time, this.now, true, message)
    }
    const ahead = time - this.now
    if (ahead <= this.leap || this.now === Number.NEGATIVE_INFINITY) {
      this.leapt = Number.NaN
      return null
    }
    if (Math.abs(time - this.leapt) <= this.leap) return null // two agree: time really went on
    this.leapt = time
    return this.fault(
      record,
      'leap',
      ahead,
      this.leap,
      true,
      `${kind} record ${ahead.toFixed(3)} s ahead of the others`,
    )
  }

  private fault(
    record: SensorRecord,
    reason: SequenceFaultReason,
    got: number,
    expected: number,
    dropped: boolean,
    message: string,
  ): SequenceFault {
    const kind = (record as Partial<SensorRecord> | null)?.kind
    const sensor = recordKinds.find((known) => known === kind) ?? 'unknown'
    return { kind: 'fault', time: Math.max(this.now, 0), sensor, reason, got, expected, dropped, message }
  }
}

/** Data may come from a file or a socket: its shape is not taken on trust. Null when it is right. */
function shapeFault(record: SensorRecord): string | null {
  if (typeof record !== 'object' || record === null) return 'a record is an object'
  if (typeof record.time !== 'number') return 'a record has a time in seconds'
  switch (record.kind) {
    case 'imu':
      return isVector(record.angularRate) && isVector(record.specificForce) ? null : 'imu: two vectors of three numbers'
    case 'wheels':
      return typeof record.left === 'number' && typeof record.right === 'number' ? null : 'wheels: two angles'
    case 'truth':
      return record.worldFromBody?.length === 7 ? null : 'truth: a pose of seven numbers'
    case 'camera': {
      const f = record.features as Partial<Features> | undefined
      const count = f?.count
      const right =
        count !== undefined &&
        f?.tracks?.length === count &&
        f.pixels?.length === 3 * count &&
        f.levels?.length === count &&
        f.descriptors?.length === 8 * count
      return right ? null : 'camera: columns of features do not match their count'
    }
    default:
      return `a record is one of ${recordKinds.join(', ')}`
  }
}

function isVector(vector: readonly number[] | undefined): boolean {
  return vector?.length === 3 && vector.every((x) => typeof x === 'number')
}

function hasFiniteNumbers(record: SensorRecord): boolean {
  if (!Number.isFinite(record.time)) return false
  switch (record.kind) {
    case 'imu':
      return record.angularRate.every(Number.isFinite) && record.specificForce.every(Number.isFinite)
    case 'wheels':
      return Number.isFinite(record.left) && Number.isFinite(record.right)
    case 'truth':
      return record.worldFromBody.every(Number.isFinite)
    case 'camera':
      return Number.isFinite(record.frame)
  }
}

/** The same picture without features whose place in it is not a number; uR = NaN says that only the left has it. */
function withoutBadFeatures(record: CameraRecord): CameraRecord {
  const { count, tracks, pixels, levels, descriptors } = record.features
  const good: number[] = []
  for (let i = 0; i < count; i++)
    if (
      Number.isFinite(pixels[3 * i]) &&
      Math.abs(pixels[3 * i + 1]) !== Number.POSITIVE_INFINITY &&
      Number.isFinite(pixels[3 * i + 2])
    )
      good.push(i)
  if (good.length === count) return record
  const features: Features = {
    count: good.length,
    tracks: Int32Array.from(good, (i) => tracks[i]),
    pixels: Float64Array.from({ length: 3 * good.length }, (_, k) => pixels[3 * good[Math.floor(k / 3)] + (k % 3)]),
    levels: Uint8Array.from(good, (i) => levels[i]),
    descriptors: Uint32Array.from({ length: 8 * good.length }, (_, k) => descriptors[8 * good[k >> 3] + (k & 7)]),
  }
  return { ...record, features }
}
