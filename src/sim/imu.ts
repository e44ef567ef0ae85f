import type { ImuRecord, Vector3 } from '../data/index.ts'
import { motionState } from './motion.ts'

/** What an IMU at the body's origin measures without any error: ω and Rᵀ (a + g e_z), both in the body. */
export function exactImu(time: number, state: Float64Array, gravity: number): ImuRecord {
  const { acceleration: a, angularRate: w } = motionState
  return {
    kind: 'imu',
    time,
    angularRate: [state[w] + 0, state[w + 1] + 0, state[w + 2] + 0], // −0 + 0 = 0: one zero only
    specificForce: inBody(state, state[a], state[a + 1], state[a + 2] + gravity),
  }
}

/** Rᵀ v: v − 2w (q × v) + 2 q × (q × v). */
function inBody(state: Float64Array, x: number, y: number, z: number): Vector3 {
  const [qx, qy, qz, qw] = [state[3], state[4], state[5], state[6]]
  const cx = 2 * (qy * z - qz * y)
  const cy = 2 * (qz * x - qx * z)
  const cz = 2 * (qx * y - qy * x)
  return [
    x - qw * cx + (qy * cz - qz * cy) + 0,
    y - qw * cy + (qz * cx - qx * cz) + 0,
    z - qw * cz + (qx * cy - qy * cx),
  ]
}
