import type { WheelCalibration, WheelRecord } from '../data/index.ts'
import { type Motion, motionAt, motionState } from './motion.ts'

/** Points and weights of Gauss and Legendre's rule of three points on [0, 1], exact to degree 5. */
const points = [0.1127016653792583, 0.5, 0.8872983346207417] as const
const weights = [5 / 18, 8 / 18, 5 / 18] as const

/**
 * How far the wheels of a differential drive have turned: ∫ (v ∓ ψ̇ track / 2) / radius dt, by Gauss's rule over every 5 ms, whose
 * error at these speeds is below rounding. Wheels roll in the plane: bumps are not climbed.
 */
export class WheelTurns {
  private readonly motion: Motion
  private readonly wheels: WheelCalibration
  private readonly state = new Float64Array(motionState.size)
  private time = 0
  left = 0
  right = 0

  constructor(motion: Motion, wheels: WheelCalibration) {
    this.motion = motion
    this.wheels = wheels
  }

  /** The record of a time not before the last one's. */
  at(time: number): WheelRecord {
    const steps = Math.ceil((time - this.time) / 0.005 - 1e-9)
    const step = steps > 0 ? (time - this.time) / steps : 0
    for (let k = 0; k < steps; k++) this.add(this.time + k * step, step)
    this.time = time
    return { kind: 'wheels', time, left: this.left, right: this.right }
  }

  private add(from: number, step: number): void {
    const { radius, track } = this.wheels
    for (let n = 0; n < 3; n++) {
      motionAt(this.motion, from + points[n] * step, this.state)
      const forwards = this.state[motionState.speed]
      const turning = (this.state[motionState.turnRate] * track) / 2
      this.left += (weights[n] * step * (forwards - turning)) / radius
      this.right += (weights[n] * step * (forwards + turning)) / radius
    }
  }
}
