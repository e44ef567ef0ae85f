import type { Calibration, SensorRecord, SyncSequence, TruthRecord } from '../data/index.ts'
import { Random } from '../numeric/index.ts'
import { StereoTracker, type Tracking, tracking } from './camera.ts'
import { type Home, type HomeOptions, home } from './home.ts'
import { exactImu } from './imu.ts'
import { type Motion, type MotionOptions, motion, motionAt, motionState } from './motion.ts'
import { type NoiseOptions, withNoise } from './noise.ts'
import { robot } from './sensors.ts'
import { WheelTurns } from './wheels.ts'

export interface DriveOptions {
  readonly home: Home
  readonly motion: Motion
  /** What the robot carries: a sensor left out says nothing. Default: {@link robot}. */
  readonly sensors?: Calibration
  /** How the tracker behaves; what is left out is as in {@link tracking}. */
  readonly tracking?: Partial<Tracking>
  /** Of the tracker's choices. Default 1. */
  readonly seed?: number
}

/**
 * A drive as exact sensors see it: each record carries what its sensor would say without error. Records are made as they are
 * asked for, so memory does not grow with the length; iterating again gives the same bits again.
 */
export function exactSequence(options: DriveOptions): SyncSequence {
  const { home, motion, sensors = robot, seed = 1 } = options
  const habits = { ...tracking, ...options.tracking }
  return {
    name: `home ${home.seed}, ${motion.seconds} s`,
    calibration: sensors,
    [Symbol.iterator]: () => drive(home, motion, sensors, habits, seed),
  }
}

function* drive(
  home: Home,
  motion: Motion,
  sensors: Calibration,
  habits: Tracking,
  seed: number,
): Generator<SensorRecord, undefined> {
  const { imu, wheels, camera, gravity } = sensors
  const turns = wheels ? new WheelTurns(motion, wheels) : null
  const tracker = camera ? new StereoTracker(home, camera, habits, new Random(seed)) : null
  const truthRate = camera?.rate ?? 20
  const state = new Float64Array(motionState.size)
  // The k-th record of a sensor is of the time k / rate; the next one of all is made, in the order of kinds.
  const next = { imu: 0, wheels: 0, camera: 0, truth: 0 }
  const timeOf = (count: number, rate: number | undefined): number => (rate ? count / rate : Infinity)
  for (;;) {
    const times = [timeOf(next.imu, imu?.rate), timeOf(next.wheels, wheels?.rate), timeOf(next.camera, camera?.rate)]
    const time = Math.min(...times, timeOf(next.truth, truthRate))
    if (time > motion.seconds) return undefined
    motionAt(motion, time, state)
    if (times[0] === time) {
      next.imu++
      yield exactImu(time, state, gravity)
    }
    if (turns && times[1] === time) {
      next.wheels++
      yield turns.at(time)
    }
    if (tracker && times[2] === time) {
      const { record, landmarks } = tracker.see(time, next.camera++, state)
      yield record
      next.truth++
      yield truthOf(time, state, landmarks)
    } else if (timeOf(next.truth, truthRate) === time) {
      next.truth++
      yield truthOf(time, state)
    }
  }
}

function truthOf(time: number, state: Float64Array, landmarks?: Int32Array): TruthRecord {
  const vector = (at: number): [number, number, number] => [state[at], state[at + 1], state[at + 2]]
  return {
    kind: 'truth',
    time,
    worldFromBody: state.slice(0, 7),
    velocityInWorld: vector(motionState.velocity),
    accelerationInWorld: vector(motionState.acceleration),
    angularRateInBody: vector(motionState.angularRate),
    ...(landmarks ? { landmarks } : {}),
  }
}

export interface SimulateOptions {
  /** A home, or how to make one. Default: that of the seed. */
  readonly home?: Home | HomeOptions
  /** A drive through it, or how to make one. Default: that of the seed. */
  readonly motion?: Motion | MotionOptions
  readonly sensors?: Calibration
  readonly tracking?: Partial<Tracking>
  /** Default: all noise as sensors have it. `noNoise` for none. */
  readonly noise?: NoiseOptions
  /** Seconds of driving, where `motion` does not say. Default 60. */
  readonly seconds?: number
  /** Of all that has no seed of its own. Default 1. */
  readonly seed?: number
}

/** A simulated sequence with its world beside it, for those who judge. */
export interface Simulation extends SyncSequence {
  readonly home: Home
  readonly motion: Motion
}

/**
 * A home, a drive and noisy sensors by seed. The same options give the same bits on every machine.
 *
 * @throws UsageError for options out of range
 */
export function simulate(options: SimulateOptions = {}): Simulation {
  const { seed = 1, seconds = 60 } = options
  const random = new Random(seed)
  const [driveSeed, trackSeed, noiseSeed] = [random.bits(), random.bits(), random.bits()]
  const place = isHome(options.home) ? options.home : home({ seed, ...options.home })
  const way = isMotion(options.motion) ? options.motion : motion(place, { seed: driveSeed, seconds, ...options.motion })
  const exact = exactSequence({
    home: place,
    motion: way,
    seed: trackSeed,
    ...(options.sensors ? { sensors: options.sensors } : {}),
    ...(options.tracking ? { tracking: options.tracking } : {}),
  })
  const noisy = withNoise(exact, options.noise, noiseSeed)
  return { ...noisy, home: place, motion: way }
}

function isHome(value: Home | HomeOptions | undefined): value is Home {
  return value !== undefined && 'solids' in value
}

function isMotion(value: Motion | MotionOptions | undefined): value is Motion {
  return value !== undefined && 'legs' in value
}
