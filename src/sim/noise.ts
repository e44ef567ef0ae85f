import type {
  Calibration,
  CameraRecord,
  ImuCalibration,
  ImuRecord,
  SensorRecord,
  SyncSequence,
  TruthRecord,
  Vector3,
  WheelCalibration,
  WheelRecord,
} from '../data/index.ts'
import { Random } from '../numeric/index.ts'
import { descriptorWords, sparseWord } from './home/descriptors.ts'
import { fraction, nonNegative } from './options.ts'

export interface NoiseOptions {
  /** Standard deviation of coordinates at level 0, pixels. Default: the camera's calibration. */
  readonly pixel?: number
  /** Part of the observations that belong to something else, for one picture. Default 0.01. */
  readonly wrongMatches?: number
  /** Chance per picture that a track lets go of its point and slides away. Default 0.0005. */
  readonly sliding?: number
  /** Part of the bits of a descriptor that differ from one picture to the next. Default 0.06. */
  readonly descriptorBits?: number
  /** Factor on the figures of the IMU's calibration. Default 1. */
  readonly imu?: number
  /** Factor on the scale errors of the wheels' calibration; zero leaves out counting in whole ticks too. Default 1. */
  readonly wheels?: number
  /** Bursts in which wheels turn more than the floor goes by, per minute of driving. Default 1. */
  readonly slips?: number
}

/** Nothing: the sequence stays as it is. */
export const noNoise: Required<NoiseOptions> = {
  pixel: 0,
  wrongMatches: 0,
  sliding: 0,
  descriptorBits: 0,
  imu: 0,
  wheels: 0,
  slips: 0,
}

/**
 * A sequence with the errors of real sensors. Each sensor draws from its own stream, so that one's noise is the same whatever
 * the others' is. The truth records get the IMU's biases and say which observations are wrong.
 *
 * @throws UsageError for options out of range
 */
export function withNoise(sequence: SyncSequence, options: NoiseOptions = {}, seed = 1): SyncSequence {
  const { name, calibration } = sequence
  const noise: Required<NoiseOptions> = {
    pixel: nonNegative('pixel', options.pixel ?? calibration.camera?.pixelNoise ?? 0),
    wrongMatches: fraction('wrongMatches', options.wrongMatches ?? 0.01),
    sliding: fraction('sliding', options.sliding ?? 0.0005),
    descriptorBits: fraction('descriptorBits', options.descriptorBits ?? 0.06),
    imu: nonNegative('imu', options.imu ?? 1),
    wheels: nonNegative('wheels', options.wheels ?? 1),
    slips: nonNegative('slips', options.slips ?? 1),
  }
  return {
    name,
    calibration,
    *[Symbol.iterator]() {
      const sensors = new NoisySensors(calibration, noise, new Random(seed))
      for (const record of sequence) yield sensors.spoil(record)
    },
  }
}

class NoisySensors {
  private readonly imu: NoisyImu | null
  private readonly wheels: NoisyWheels | null
  private readonly camera: NoisyCamera

  constructor(calibration: Calibration, noise: Required<NoiseOptions>, random: Random) {
    const [imu, wheels, camera] = [random.fork(), random.fork(), random.fork()]
    this.imu = calibration.imu ? new NoisyImu(calibration.imu, noise.imu, imu) : null
    this.wheels = calibration.wheels ? new NoisyWheels(calibration.wheels, noise, wheels) : null
    this.camera = new NoisyCamera(calibration.camera?.scaleFactor ?? 1, noise, camera)
  }

  spoil(record: SensorRecord): SensorRecord {
    switch (record.kind) {
      case 'imu':
        return this.imu?.spoil(record) ?? record
      case 'wheels':
        return this.wheels?.spoil(record) ?? record
      case 'camera':
        return this.camera.spoil(record)
      case 'truth':
        return this.tell(record)
    }
  }

  private tell(record: TruthRecord): TruthRecord {
    const biases = this.imu ? { gyroBias: this.imu.gyro.bias, accelerometerBias: this.imu.accelerometer.bias } : {}
    const wrong = record.landmarks && this.camera.time === record.time ? { wrong: this.camera.wrong } : {}
    return { ...record, ...biases, ...wrong }
  }
}

/** One triple of axes: white noise of a density, a bias that walks, an end of range. */
class NoisyAxes {
  bias: Vector3
  private readonly noise: number
  private readonly walk: number
  private readonly range: number
  private readonly random: Random

  constructor(bias: number, noise: number, walk: number, range: number, random: Random) {
    this.bias = [bias * random.gaussian(), bias * random.gaussian(), bias * random.gaussian()]
    this.noise = noise
    this.walk = walk
    this.range = range
    this.random = random
  }

  /** A sample that stands for `dt` seconds: deviation density / √dt, the bias a step of walk √dt further. */
  spoil(exact: Vector3, dt: number): Vector3 {
    const { random, noise, walk, range, bias } = this
    const root = Math.sqrt(dt)
    const clip = (x: number): number => Math.min(range, Math.max(-range, x))
    const value = (k: number): number => clip(exact[k] + bias[k] + (noise / root) * random.gaussian())
    const spoiled: Vector3 = [value(0), value(1), value(2)]
    const step = (k: number): number => bias[k] + walk * root * random.gaussian()
    this.bias = [step(0), step(1), step(2)]
    return spoiled
  }
}

class NoisyImu {
  readonly gyro: NoisyAxes
  readonly accelerometer: NoisyAxes
  private readonly period: number

  constructor(imu: ImuCalibration, factor: number, random: Random) {
    const gyro = random.fork()
    this.gyro = new NoisyAxes(
      factor * imu.gyroBias,
      factor * imu.gyroNoise,
      factor * imu.gyroWalk,
      factor > 0 ? imu.gyroRange : Infinity,
      gyro,
    )
    this.accelerometer = new NoisyAxes(
      factor * imu.accelerometerBias,
      factor * imu.accelerometerNoise,
      factor * imu.accelerometerWalk,
      factor > 0 ? imu.accelerometerRange : Infinity,
      random,
    )
    this.period = 1 / imu.rate
  }

  spoil(record: ImuRecord): ImuRecord {
    const angularRate = this.gyro.spoil(record.angularRate, this.period)
    return { ...record, angularRate, specificForce: this.accelerometer.spoil(record.specificForce, this.period) }
  }
}

/** Wheels that are not as large as the sheet says, slip now and then, and are counted in ticks. */
class NoisyWheels {
  private readonly scale: readonly [number, number]
  private readonly trackScale: number
  private readonly tick: number
  private readonly slips: number
  private readonly random: Random
  private last: WheelRecord = { kind: 'wheels', time: 0, left: 0, right: 0 }
  /** How much more the wheels have turned than they should. */
  private left = 0
  private right = 0
  /** Of the slip under way: until when, and how much more each wheel turns. */
  private until = Number.NEGATIVE_INFINITY
  private slipLeft = 0
  private slipRight = 0

  constructor(wheels: WheelCalibration, noise: Required<NoiseOptions>, random: Random) {
    const error = (): number => 1 + noise.wheels * wheels.scaleError * random.gaussian()
    this.scale = [error(), error()]
    this.trackScale = error()
    this.tick = noise.wheels > 0 ? (2 * Math.PI) / wheels.ticks : 0
    this.slips = noise.slips
    this.random = random
  }

  spoil(record: WheelRecord): WheelRecord {
    const { random, last } = this
    const [left, right] = [record.left - last.left, record.right - last.right]
    const moving = Math.abs(left) + Math.abs(right) > 0
    const slips = random.next() < (this.slips * (record.time - last.time)) / 60
    if (slips && moving && record.time >= this.until) this.startSlip(record.time)
    const slipping = record.time < this.until
    // What is added to the exact angles, so that without errors nothing is.
    const excess = ((this.trackScale - 1) * (right - left)) / 2
    const gain = (scale: number, slip: number): number => scale * (slipping ? 1 + slip : 1) - 1
    this.left += gain(this.scale[0], this.slipLeft) * (left - excess) - excess
    this.right += gain(this.scale[1], this.slipRight) * (right + excess) + excess
    this.last = record
    return { ...record, left: this.counted(record.left + this.left), right: this.counted(record.right + this.right) }
  }

  private startSlip(time: number): void {
    const { random } = this
    this.until = time + random.uniform(0.1, 1)
    const amount = random.uniform(0.05, 0.8)
    const which = random.integer(3) // left, right, both
    this.slipLeft = which === 1 ? 0 : amount
    this.slipRight = which === 0 ? 0 : amount
  }

  private counted(angle: number): number {
    return this.tick > 0 ? Math.floor(angle / this.tick) * this.tick : angle
  }
}

interface Slide {
  readonly du: number
  readonly dv: number
  pictures: number
}

class NoisyCamera {
  time = Number.NaN
  wrong: Uint8Array = new Uint8Array(0)
  private readonly noise: Required<NoiseOptions>
  private readonly scaleFactor: number
  private readonly random: Random
  /** Tracks that have let go. */
  private slides = new Map<number, Slide>()

  constructor(scaleFactor: number, noise: Required<NoiseOptions>, random: Random) {
    this.scaleFactor = scaleFactor
    this.noise = noise
    this.random = random
  }

  spoil(record: CameraRecord): CameraRecord {
    const { random, noise } = this
    const { count, tracks, levels } = record.features
    const pixels = record.features.pixels.slice()
    const descriptors = record.features.descriptors.slice()
    const wrong = new Uint8Array(count)
    const slides = new Map<number, Slide>()
    const bits = Math.round(256 * noise.descriptorBits)
    for (let i = 0; i < count; i++) {
      let sigma = noise.pixel
      for (let level = levels[i]; level > 0; level--) sigma *= this.scaleFactor
      for (let k = 0; k < 3; k++) pixels[3 * i + k] += sigma * random.gaussian()
      for (let w = 0; w < descriptorWords; w++) descriptors[descriptorWords * i + w] ^= sparseWord(random, bits)
      const slide = this.slideOf(tracks[i])
      if (slide) {
        slides.set(tracks[i], slide)
        slide.pictures++
        shift(pixels, i, slide.pictures * slide.du, slide.pictures * slide.dv)
        wrong[i] = 1
      }
      if (random.next() < noise.wrongMatches) {
        mismatch(pixels, i, random)
        wrong[i] = 1
      }
    }
    this.slides = slides
    this.wrong = wrong
    this.time = record.time
    return { ...record, features: { count, tracks, levels, pixels, descriptors } }
  }

  private slideOf(track: number): Slide | undefined {
    const starts = this.random.next() < this.noise.sliding
    const old = this.slides.get(track)
    if (old || !starts) return old
    return { du: this.random.uniform(-1.5, 1.5), dv: this.random.uniform(-0.7, 0.7), pictures: 0 }
  }
}

function shift(pixels: Float64Array, i: number, du: number, dv: number): void {
  pixels[3 * i] += du
  pixels[3 * i + 1] += du
  pixels[3 * i + 2] += dv
}

/** Half of the wrong matches are of the next picture, half between left and right, along the line that both share. */
function mismatch(pixels: Float64Array, i: number, random: Random): void {
  const far = (low: number, high: number): number => random.uniform(low, high) * (random.next() < 0.5 ? -1 : 1)
  if (random.next() < 0.5) shift(pixels, i, far(5, 50), far(2, 30))
  else pixels[3 * i + 1] += far(3, 40)
}
