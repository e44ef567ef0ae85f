import { SE3 } from '../geometry/index.ts'
import { writeFrame } from './frames.ts'

/** Length, width and height in metres; the floor's middle is the origin, z is up. */
export type Room = readonly [number, number, number]

/** Rotations (x, y, z, w) of a camera in a body that looks along x with z up: bodyFromCamera. */
export const CAMERA_IN_BODY = {
  /** z ahead, y down. */
  forwards: [-0.5, 0.5, -0.5, 0.5],
  /** −z ahead, y up, as in BAL. */
  backwards: [0.5, -0.5, -0.5, 0.5],
} as const

/**
 * Camera poses (worldFromCamera, frames × 7) of a robot that laps the room on an ellipse a metre from the walls, looking
 * ahead and swaying a little.
 */
export function lapOfRoom(
  room: Room,
  frames: number,
  step: number,
  bodyFromCamera: readonly [number, number, number, number],
): Float64Array {
  const a = Math.max(0.3, room[0] / 2 - 1.2)
  const b = Math.max(0.3, room[1] / 2 - 1.2)
  const path = new Float64Array(7 * frames)
  const mount = Float64Array.of(0, 0, 0, ...bodyFromCamera)
  let angle = -Math.PI / 2
  for (let i = 0; i < frames; i++) {
    const [c, s] = [Math.cos(angle), Math.sin(angle)]
    const [dx, dy] = [-a * s, b * c]
    const speed = Math.hypot(dx, dy)
    const yaw = Math.atan2(dy, dx) + 0.25 * Math.sin(0.23 * i)
    const height = Math.min(1.2, room[2] / 2) + 0.05 * Math.sin(0.31 * i)
    const look = [Math.cos(yaw), Math.sin(yaw), 0.08 * Math.sin(0.17 * i)] as const
    writeFrame(path, 7 * i, [a * c, b * s, height], look, [0, 0, 1])
    SE3.compose(path, 7 * i, mount, 0, path, 7 * i)
    SE3.normalize(path, 7 * i)
    angle += step / speed
  }
  return path
}

const tip = new Float64Array(3)

/** Where the ray from a pose in the room through `direction` (in the camera) meets wall, floor or ceiling. */
export function wallHit(
  poses: Float64Array,
  at: number,
  direction: readonly [number, number, number],
  room: Room,
): [number, number, number] {
  tip.set(direction)
  SE3.act(poses, at, tip, 0, tip, 0)
  const low = [-room[0] / 2, -room[1] / 2, 0]
  const high = [room[0] / 2, room[1] / 2, room[2]]
  let t = Number.POSITIVE_INFINITY
  for (let k = 0; k < 3; k++) {
    const d = tip[k] - poses[at + k]
    if (d !== 0) t = Math.min(t, ((d > 0 ? high[k] : low[k]) - poses[at + k]) / d)
  }
  const along = (k: number) => poses[at + k] + t * (tip[k] - poses[at + k])
  return [along(0), along(1), along(2)]
}
