import type { Calibration, ImuCalibration, StereoCalibration, WheelCalibration } from '../data/index.ts'
import { CAMERA_IN_BODY } from './room.ts'

/** The stereo pair of the EuRoC data set: 752 × 480, fx 458, 0.11 m, 20 Hz; 0.45 m over the floor when the body is at 0.1 m. */
export const euroc: StereoCalibration = {
  width: 752,
  height: 480,
  fx: 458,
  fy: 458,
  cx: 376,
  cy: 240,
  baseline: 0.11,
  bodyFromCamera: Float64Array.of(0.12, 0.055, 0.35, ...CAMERA_IN_BODY.forwards),
  rate: 20,
  pixelNoise: 0.5,
  scaleFactor: 1.2,
}

const atBody = (): Float64Array => Float64Array.of(0, 0, 0, 0, 0, 0, 1)

/**
 * ADIS16448, the IMU of EuRoC: noise densities and walks as published with the data set. Biases at the start are those of a
 * calibrated sensor that has warmed up.
 */
export const adis16448: ImuCalibration = {
  name: 'ADIS16448',
  bodyFromImu: atBody(),
  rate: 200,
  gyroNoise: 1.6968e-4,
  gyroWalk: 1.9393e-5,
  accelerometerNoise: 2e-3,
  accelerometerWalk: 3e-3,
  gyroBias: 5e-3,
  accelerometerBias: 0.05,
  gyroRange: 17.4,
  accelerometerRange: 176,
}

/**
 * BMI088, a consumer part: noise 0.014 °/s/√Hz and 175 µg/√Hz, zero offsets ±1 °/s and 20 mg, ±24 g, ±2000 °/s from its data
 * sheet, which has no random walks: those here are of the size published for the BMI160 (2.2e-5, 8.6e-4).
 */
export const bmi088: ImuCalibration = {
  name: 'BMI088',
  bodyFromImu: atBody(),
  rate: 200,
  gyroNoise: 2.44e-4,
  gyroWalk: 2.2e-5,
  accelerometerNoise: 1.72e-3,
  accelerometerWalk: 8.6e-4,
  gyroBias: 1.7e-2,
  accelerometerBias: 0.2,
  gyroRange: 34.9,
  accelerometerRange: 235,
}

/** Two wheels of 7 cm, 30 cm apart, 2048 counts a turn, 50 readings a second; the sheet is right within 1 %. */
export const twoWheels: WheelCalibration = { rate: 50, radius: 0.035, track: 0.3, ticks: 2048, scaleError: 0.01 }

/** What a simulated robot carries unless told otherwise. */
export const robot: Calibration = { camera: euroc, imu: adis16448, wheels: twoWheels, gravity: 9.81 }
