import type { Trajectory } from '../data/index.ts'
import { portableCos, portableSin, Random, UsageError } from '../numeric/index.ts'
import { clearanceAt, reachable } from './home/free-space.ts'
import type { Home } from './home.ts'
import {
  beat,
  curveAlong,
  type DriveLimits,
  drivingLaw,
  headingOn,
  type Leg,
  lawSeconds,
  standingLaw,
  turningLaw,
} from './motion/legs.ts'
import { evaluateQuintic, pieces } from './motion/quintic.ts'
import { distance, route, routeLength } from './motion/route.ts'
import { nonNegative, positive } from './options.ts'

export interface MotionOptions {
  /** Default 1. */
  readonly seed?: number
  /** Of the whole drive, from 1 s to an hour. Default 60. */
  readonly seconds?: number
  /** Largest speed, m/s. Default 0.6; at most 0.9. */
  readonly speed?: number
  /** Largest turn rate, rad/s. Default 1; at most 1.5. */
  readonly turnRate?: number
  /** Of the robot, metres. Default 0.2. */
  readonly radius?: number
  /**
   * Bumps of the floor, as a factor: 1 shakes the body by about a millimetre and 2 mrad. Zero drives in a plane. Default 1.
   */
  readonly bumps?: number
  /** Height of the body's origin above the floor, metres. Default 0.1. */
  readonly height?: number
}

/** A drive through a home, known at every instant. */
export interface Motion {
  readonly seconds: number
  readonly legs: readonly Leg[]
  /** Rooms in the order of visits. */
  readonly visits: readonly number[]
  readonly height: number
  /** Waves (amplitude, wave number, phase) over the way travelled: of the height, of pitch and of roll. */
  readonly waves: readonly [Float64Array, Float64Array, Float64Array]
}

/** What {@link motionAt} writes, by position. */
export const motionState = {
  /** Seven numbers: worldFromBody. */
  pose: 0,
  /** In the world: m/s, m/s². */
  velocity: 7,
  acceleration: 10,
  /** In the body, rad/s. */
  angularRate: 13,
  /** Of the middle of the axle over the floor, m/s; never backwards. */
  speed: 16,
  /** Of the heading, rad/s. */
  turnRate: 17,
  size: 18,
} as const

/**
 * A differential-drive robot that visits rooms by seed: it drives smooth curves that stay clear of walls and furniture, turns
 * in place, looks around, stands, comes back to where it was. Position, heading and all derivatives are analytic (splines).
 *
 * @throws UsageError for options out of range, or a home without room for the robot
 */
export function motion(home: Home, options: MotionOptions = {}): Motion {
  const seconds = positive('seconds', options.seconds ?? 60)
  if (seconds > 3600) throw new UsageError(`a drive takes at most 3600 s, got ${seconds}`)
  const speed = positive('speed', options.speed ?? 0.6)
  const turnRate = positive('turnRate', options.turnRate ?? 1)
  if (speed > 0.9 || turnRate > 1.5)
    throw new UsageError(`at most 0.9 m/s and 1.5 rad/s, got ${speed} m/s and ${turnRate} rad/s`)
  const radius = positive('radius', options.radius ?? 0.2)
  const random = new Random(options.seed ?? 1)
  // Laws of time are smoothed afterwards, which may raise a rate between its samples a little: some is kept back.
  const limits = { speed: 0.96 * speed, turnRate: 0.8 * turnRate, acceleration: 0.5, radius }
  const waves = floorWaves(random.fork(), nonNegative('bumps', options.bumps ?? 1))
  const drive = new Itinerary(home, limits, random)
  while (drive.now < seconds) drive.visit()
  return { seconds, legs: drive.legs, visits: drive.visits, height: positive('height', options.height ?? 0.1), waves }
}

/** Legs, one after another. */
class Itinerary {
  readonly legs: Leg[] = []
  readonly visits: number[] = []
  now = 0
  private readonly home: Home
  private readonly limits: DriveLimits
  private readonly random: Random
  private x: number
  private y: number
  private heading: number
  private travelled = 0
  /** Cells of the home's grid that can be reached from its first door. */
  private readonly within: Uint8Array
  /** Places visited, (x, y). */
  private readonly places: number[] = []

  constructor(home: Home, limits: DriveLimits, random: Random) {
    this.home = home
    this.limits = limits
    this.random = random
    const { x: doorX, y: doorY } = home.doors[0]
    this.within = reachable(home.free, limits.radius + 0.02, doorX, doorY)
    const start = random.integer(home.rooms.length)
    const [x, y] = this.placeIn(start) ?? this.anyPlace()
    this.x = x
    this.y = y
    this.heading = random.uniform(-Math.PI, Math.PI)
    this.visits.push(start)
    this.stand(0.5)
  }

  /** Goes to a place, turned towards its way first; there looks around or stands a while. */
  visit(): void {
    const { random } = this
    for (let trial = 0; trial < 50; trial++) {
      const goal = this.nextPlace()
      if (goal && this.driveTo(goal[0], goal[1])) {
        if (random.next() < 0.45) this.turn(random.uniform(0.6, 2 * Math.PI) * (random.next() < 0.5 ? -1 : 1))
        if (random.next() < 0.3) this.stand(random.uniform(0.3, 3))
        return
      }
    }
    throw new UsageError(
      `home ${this.home.seed} has no way for a robot of ${this.limits.radius} m from where it stands`,
    )
  }

  /** A place of a random room; three times in ten one that was visited before. */
  private nextPlace(): [number, number] | null {
    const { random, places, home } = this
    if (places.length >= 4 && random.next() < 0.3) {
      const k = 2 * random.integer(places.length / 2)
      return [places[k], places[k + 1]]
    }
    return this.placeIn(random.integer(home.rooms.length))
  }

  /** Of a few places in the room, the one with most space around: a robot likes to see more than a wall. */
  private placeIn(room: number): [number, number] | null {
    const [x0, y0, x1, y1] = this.home.rooms[room].rectangle
    const { free } = this.home
    let best: [number, number] | null = null
    let most = this.limits.radius + 0.06
    for (let trial = 0, good = 0; trial < 60 && good < 4; trial++) {
      const [x, y] = [this.random.uniform(x0, x1), this.random.uniform(y0, y1)]
      const cell = Math.floor((y - free.y0) / free.cell) * free.columns + Math.floor((x - free.x0) / free.cell)
      const space = clearanceAt(free, x, y)
      if (this.within[cell] !== 1 || space < this.limits.radius + 0.06) continue
      good++
      if (space < most) continue
      most = space
      best = [x, y]
    }
    return best
  }

  private anyPlace(): [number, number] {
    for (let room = 0; room < this.home.rooms.length; room++) {
      const place = this.placeIn(room)
      if (place) return place
    }
    throw new UsageError(`home ${this.home.seed} has no place for a robot of ${this.limits.radius} m`)
  }

  private driveTo(x: number, y: number): boolean {
    const { home, limits } = this
    if (distance(x, y, this.x, this.y) < 0.9) return false
    const corners = route(home.free, limits.radius + 0.02, [this.x, this.y], [x, y])
    const curve = corners && curveAlong(corners, home.free, limits.radius)
    if (!curve) return false
    this.turn(turnBetween(this.heading, headingOn(curve, 0)))
    const law = drivingLaw(curve, limits)
    const end = pieces(curve.length / 2)
    const perPiece = routeLength(corners) / end
    this.add('drive', curve, law, perPiece)
    this.travelled += perPiece * end
    this.x = x
    this.y = y
    this.heading = headingOn(curve, end)
    this.places.push(x, y)
    this.visits.push(home.rooms.findIndex(({ rectangle: r }) => x >= r[0] && x <= r[2] && y >= r[1] && y <= r[3]))
    return true
  }

  private turn(by: number): void {
    if (Math.abs(by) < 1e-9) return
    this.add('turn', empty, turningLaw(this.heading, by, this.limits), 0)
    this.heading += by
  }

  private stand(seconds: number): void {
    this.add('stop', empty, standingLaw(this.heading, seconds), 0)
  }

  private add(kind: Leg['kind'], curve: Float64Array, law: Float64Array, perPiece: number): void {
    const { now: start, x, y, travelled } = this
    const seconds = lawSeconds(law)
    this.legs.push({ kind, start, seconds, curve, law, x, y, travelled, perPiece })
    this.now = start + seconds
  }
}

const empty = new Float64Array(0)

function turnBetween(from: number, to: number): number {
  const turns = Math.floor((to - from) / (2 * Math.PI) + 0.5)
  return to - from - 2 * Math.PI * turns
}

/** Waves of 0.2 to 1.5 m, three of each kind. */
function floorWaves(random: Random, factor: number): Motion['waves'] {
  const wave = (amplitude: number): number[] => {
    const length = random.uniform(0.2, 1.5)
    return [
      factor * amplitude * length * random.uniform(0.5, 1),
      (2 * Math.PI) / length,
      random.uniform(0, 2 * Math.PI),
    ]
  }
  const three = (amplitude: number): Float64Array =>
    Float64Array.from([...wave(amplitude), ...wave(amplitude), ...wave(amplitude)])
  return [three(8e-4), three(2e-3), three(2e-3)]
}

const plane = new Float64Array(8)
const law = new Float64Array(4)
const wave = new Float64Array(3)

/** Writes the robot's state at a time in [0, seconds]: {@link motionState} says where in `out` what is. */
export function motionAt({ legs, height, waves }: Motion, time: number, out: Float64Array): void {
  const leg = legs[legAt(legs, time)]
  evaluateQuintic(leg.law, 1, (time - leg.start) / beat, law)
  const rate = law[1] / beat
  const rateChange = law[2] / (beat * beat)
  let [x, y, vx, vy, ax, ay, heading, turnRate, speed] = [leg.x, leg.y, 0, 0, 0, 0, law[0], rate, 0]
  let [way, wayRate, wayChange] = [leg.travelled, 0, 0]
  if (leg.kind === 'drive') {
    evaluateQuintic(leg.curve, 2, law[0], plane)
    const [dx, ddx, dy, ddy] = [plane[1], plane[2], plane[5], plane[6]]
    x = plane[0]
    y = plane[4]
    // p(u(t)): ṗ = p′ u̇, p̈ = p″ u̇² + p′ ü; the heading is that of p′, so ψ̇ = (x′y″ − y′x″) u̇ / |p′|²
    vx = dx * rate
    vy = dy * rate
    ax = ddx * rate * rate + dx * rateChange
    ay = ddy * rate * rate + dy * rateChange
    const square = dx * dx + dy * dy
    heading = headingOn(leg.curve, law[0])
    turnRate = ((dx * ddy - dy * ddx) * rate) / square
    speed = Math.sqrt(square) * rate
    way += law[0] * leg.perPiece
    wayRate = rate * leg.perPiece
    wayChange = rateChange * leg.perPiece
  }
  sumWaves(waves[0], way, wayRate, wayChange)
  out[2] = height + wave[0]
  out[9] = wave[1]
  out[12] = wave[2]
  sumWaves(waves[1], way, wayRate, wayChange)
  const [pitch, pitchRate] = [wave[0], wave[1]]
  sumWaves(waves[2], way, wayRate, wayChange)
  const [roll, rollRate] = [wave[0], wave[1]]
  out[0] = x
  out[1] = y
  writeRotation(heading, pitch, roll, out, 3)
  out[7] = vx
  out[8] = vy
  out[10] = ax
  out[11] = ay
  // R = Rz(ψ) Ry(θ) Rx(φ): ω in the body from the rates of the three angles.
  const [sinRoll, cosRoll, cosPitch] = [portableSin(roll), portableCos(roll), portableCos(pitch)]
  out[13] = rollRate - turnRate * portableSin(pitch)
  out[14] = pitchRate * cosRoll + turnRate * sinRoll * cosPitch
  out[15] = -pitchRate * sinRoll + turnRate * cosRoll * cosPitch
  out[motionState.speed] = speed
  out[motionState.turnRate] = turnRate
}

/** Where the body was, `rate` times a second, end included if it falls on one. */
export function motionTrajectory(motion: Motion, rate = 20): Trajectory {
  const count = Math.floor(motion.seconds * rate) + 1
  const timestamps = new Float64Array(count)
  const poses = new Float64Array(7 * count)
  const state = new Float64Array(motionState.size)
  for (let k = 0; k < count; k++) {
    timestamps[k] = k / rate
    motionAt(motion, timestamps[k], state)
    poses.set(state.subarray(0, 7), 7 * k)
  }
  return { timestamps, poses }
}

function legAt(legs: readonly Leg[], time: number): number {
  let [low, high] = [0, legs.length - 1]
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (legs[middle].start <= time) low = middle
    else high = middle - 1
  }
  return low
}

/** wave = f(s), ḟ, f̈ for f = Σ a sin(k s + φ) and s(t). */
function sumWaves(waves: Float64Array, s: number, rate: number, change: number): void {
  wave.fill(0)
  for (let w = 0; w < waves.length; w += 3) {
    const [a, k] = [waves[w], waves[w + 1]]
    if (a === 0) continue
    const sine = a * portableSin(k * s + waves[w + 2])
    const slope = a * k * portableCos(k * s + waves[w + 2])
    wave[0] += sine
    wave[1] += slope * rate
    wave[2] += slope * change - k * k * sine * rate * rate
  }
}

/** The quaternion of Rz(yaw) Ry(pitch) Rx(roll), w ≥ 0. */
function writeRotation(yaw: number, pitch: number, roll: number, out: Float64Array, at: number): void {
  const [sy, cy] = [portableSin(yaw / 2), portableCos(yaw / 2)]
  const [sp, cp] = [portableSin(pitch / 2), portableCos(pitch / 2)]
  const [sr, cr] = [portableSin(roll / 2), portableCos(roll / 2)]
  const w = cy * cp * cr + sy * sp * sr
  const sign = w < 0 ? -1 : 1
  out[at] = sign * (cy * cp * sr - sy * sp * cr)
  out[at + 1] = sign * (cy * sp * cr + sy * cp * sr)
  out[at + 2] = sign * (sy * cp * cr - cy * sp * sr)
  out[at + 3] = sign * w
}
