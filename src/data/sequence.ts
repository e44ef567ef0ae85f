/**
 * The door by which sensors arrive: a data set and the simulator are both a `Sequence`, records in the order of time with
 * the calibration beside them. Plain data: a record can be stored, sent to a worker, compared and replayed.
 */

export type Vector3 = readonly [number, number, number]

/** Records in the order of time; of equal time: imu, wheels, camera, truth. Iterating again starts again. */
export type Sequence = SyncSequence | AsyncSequence

export interface SyncSequence extends SequenceHead, Iterable<SensorRecord> {}

export interface AsyncSequence extends SequenceHead, AsyncIterable<SensorRecord> {}

export interface SequenceHead {
  readonly name: string
  readonly calibration: Calibration
}

export type SensorRecord = ImuRecord | WheelRecord | CameraRecord | TruthRecord

/** The order of records of equal time. */
export const recordKinds = ['imu', 'wheels', 'camera', 'truth'] as const

export type RecordKind = (typeof recordKinds)[number]

/** What the IMU measures at an instant, in its own frame. */
export interface ImuRecord {
  readonly kind: 'imu'
  /** Seconds. */
  readonly time: number
  /** rad/s */
  readonly angularRate: Vector3
  /** m/s²: acceleration minus gravity, so at rest and level (0, 0, +9.81). */
  readonly specificForce: Vector3
}

/** How far the wheels have turned since the start, radians, forwards positive. */
export interface WheelRecord {
  readonly kind: 'wheels'
  readonly time: number
  readonly left: number
  readonly right: number
}

/** One exposure of the camera, as the front end saw it. Images will come by the same record. */
export interface CameraRecord {
  readonly kind: 'camera'
  readonly time: number
  /** Counts exposures from 0; a number left out is a lost picture. */
  readonly frame: number
  readonly features: Features
}

/** The features of one picture, in columns; feature i of `count` is row i of each. */
export interface Features {
  readonly count: number
  /** Of the track: the same number from frame to frame for as long as the tracker holds it, never used again. */
  readonly tracks: Int32Array
  /** count × (uL, uR, v), pixels in the rectified pair; uR is NaN where only the left camera has it. */
  readonly pixels: Float64Array
  /** Level of the image pyramid: a pixel's deviation grows with scaleFactor^level. */
  readonly levels: Uint8Array
  /** count × 8 words: 256 bits each. */
  readonly descriptors: Uint32Array
}

/** What was true at an instant; never shown to an estimator. */
export interface TruthRecord {
  readonly kind: 'truth'
  readonly time: number
  /** Seven numbers, translation first, then (x, y, z, w). */
  readonly worldFromBody: Float64Array
  readonly velocityInWorld: Vector3
  readonly accelerationInWorld: Vector3
  readonly angularRateInBody: Vector3
  /** What the IMU of this moment adds to its measurements. */
  readonly gyroBias?: Vector3
  readonly accelerometerBias?: Vector3
  /** Where features are known: for each feature of the camera record of this time, which landmark its track is of. */
  readonly landmarks?: Int32Array
  /** 1 where that feature's pixels belong to something else. */
  readonly wrong?: Uint8Array
}

export interface Calibration {
  readonly camera?: StereoCalibration
  readonly imu?: ImuCalibration
  readonly wheels?: WheelCalibration
  /** Length of gravity, m/s²; the world's z points up. */
  readonly gravity: number
}

/** A rectified pair; a single camera has the baseline 0. */
export interface StereoCalibration {
  readonly width: number
  readonly height: number
  readonly fx: number
  readonly fy: number
  readonly cx: number
  readonly cy: number
  /** Metres from the left camera to the right one, along the left one's x. */
  readonly baseline: number
  /** Of the left camera, which looks along its z with x right and y down. Seven numbers. */
  readonly bodyFromCamera: Float64Array
  /** Pictures per second. */
  readonly rate: number
  /** Standard deviation of a coordinate at level 0, pixels. */
  readonly pixelNoise: number
  /** Ratio of the sizes of neighbouring pyramid levels. */
  readonly scaleFactor: number
}

/** Noise as densities of continuous time, as data sheets and Allan plots have it. */
export interface ImuCalibration {
  readonly name: string
  /** Seven numbers. */
  readonly bodyFromImu: Float64Array
  readonly rate: number
  /** rad/s/√Hz */
  readonly gyroNoise: number
  /** Random walk of the bias, rad/s²/√Hz */
  readonly gyroWalk: number
  /** m/s²/√Hz */
  readonly accelerometerNoise: number
  /** m/s³/√Hz */
  readonly accelerometerWalk: number
  /** Standard deviations of the biases when the run starts, rad/s and m/s². */
  readonly gyroBias: number
  readonly accelerometerBias: number
  /** Largest readings, rad/s and m/s². */
  readonly gyroRange: number
  readonly accelerometerRange: number
}

/** A differential drive: two wheels on an axle under the body's origin. */
export interface WheelCalibration {
  readonly rate: number
  /** Metres. */
  readonly radius: number
  /** Metres between the wheels. */
  readonly track: number
  /** Counts per turn of a wheel. */
  readonly ticks: number
  /** Standard deviation of each wheel's scale (its radius is not what the sheet says) and of the track's. */
  readonly scaleError: number
}
