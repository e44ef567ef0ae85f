import { describe, expect, it } from 'vitest'
import { Random } from '../numeric/index.ts'
import {
  matrixToQuaternion,
  quaternionNormalize,
  quaternionToMatrix,
  rotate,
  rotateBack,
  SO3,
  so3Exp,
  so3Log,
  wrapAngle,
} from './index.ts'

const EPS = Number.EPSILON

/** Rotations of every kind: random, tiny, near half a turn and exactly half a turn about axes. */
function* rotations(): Generator<Float64Array> {
  const random = new Random(11)
  for (let i = 0; i < 300; i++) {
    const phi = Float64Array.from({ length: 3 }, () => random.gaussian())
    const length = Math.hypot(...phi)
    const angle = [random.uniform(0, Math.PI), 10 ** -random.integer(16), Math.PI - 10 ** -random.integer(16)][i % 3]
    const q = new Float64Array(4)
    so3Exp(
      phi.map((x) => (x * angle) / length),
      0,
      q,
      0,
    )
    yield q
  }
  for (const q of [
    [1, 0, 0, 0],
    [0, 1, 0, 0],
    [0, 0, 1, 0],
    [0, 0, 0, 1],
    [0.5, 0.5, 0.5, 0.5],
    [0.5, -0.5, 0.5, -0.5],
  ])
    yield Float64Array.from(q)
}

describe('quaternions and matrices', () => {
  it('there and back is the same rotation with w ≥ 0', () => {
    const R = new Float64Array(9)
    const back = new Float64Array(4)
    for (const q of rotations()) {
      quaternionToMatrix(q, 0, R, 0)
      matrixToQuaternion(R, 0, back, 0)
      expect(back[3]).toBeGreaterThanOrEqual(0)
      // at w = 0 either sign is right; a matrix entry errs by 2 eps and is divided by 4·½
      const sign = back[0] * q[0] + back[1] * q[1] + back[2] * q[2] + back[3] * q[3] < 0 ? -1 : 1
      for (let i = 0; i < 4; i++) expect(Math.abs(sign * back[i] - q[i])).toBeLessThanOrEqual(4 * EPS)
    }
  })

  it('matrices are orthogonal, and rotate as quaternions do, with rows far apart too', () => {
    const R = new Float64Array(20)
    const p = Float64Array.of(0.3, -2, 1.5)
    const moved = new Float64Array(3)
    for (const q of rotations()) {
      quaternionToMatrix(q, 0, R, 1, 6)
      rotate(q, 0, p, 0, moved, 0)
      for (let i = 0; i < 3; i++) {
        let sum = 0
        let dot = 0
        for (let j = 0; j < 3; j++) {
          sum += R[1 + 6 * i + j] * p[j]
          dot += R[1 + 6 * i + j] * R[1 + 6 * ((i + 1) % 3) + j]
        }
        expect(Math.abs(sum - moved[i])).toBeLessThanOrEqual(8 * EPS * 3.5) // a dozen roundings of numbers up to |p| + …
        expect(Math.abs(dot)).toBeLessThanOrEqual(8 * EPS) // and of numbers up to 1
      }
      rotateBack(q, 0, moved, 0, moved, 0)
      for (let i = 0; i < 3; i++) expect(Math.abs(moved[i] - p[i])).toBeLessThanOrEqual(16 * EPS * 2.5)
    }
  })

  it('a noisy rotation matrix gives a unit quaternion near it', () => {
    const random = new Random(12)
    const R = new Float64Array(9)
    const q = new Float64Array(4)
    const off = new Float64Array(3)
    for (const exact of rotations()) {
      quaternionToMatrix(exact, 0, R, 0)
      for (let i = 0; i < 9; i++) R[i] += 1e-6 * random.uniform(-1, 1)
      matrixToQuaternion(R, 0, q, 0)
      expect(Math.abs(Math.hypot(...q) - 1)).toBeLessThanOrEqual(2 * EPS)
      SO3.local(exact, 0, q, 0, off, 0)
      expect(Math.hypot(...off)).toBeLessThanOrEqual(1e-5)
    }
  })

  it('normalize leaves unit quaternions bit for bit, and takes any length', () => {
    for (const q of rotations()) {
      const kept = q.slice()
      quaternionNormalize(kept, 0)
      expect(kept).toEqual(q)
      for (const scale of [1e-200, 1e-9, 3, 1e200]) {
        const scaled = q.map((x) => x * scale)
        quaternionNormalize(scaled, 0)
        for (let i = 0; i < 4; i++) expect(Math.abs(scaled[i] - q[i])).toBeLessThanOrEqual(4 * EPS)
      }
    }
    const zero = new Float64Array(4)
    quaternionNormalize(zero, 0)
    expect(zero[3]).toBeNaN()
  })

  it('Log takes a quaternion of any length and either sign, and half turns about each axis', () => {
    const log = (...q: number[]): number[] => {
      const phi = new Float64Array(3)
      so3Log(Float64Array.from(q), 0, phi, 0)
      return Array.from(phi, (x) => x + 0) // −0 is 0
    }
    expect(log(0, -3, 0, 0)).toEqual([0, -Math.PI, 0])
    expect(log(-0.2, 0, 0, -0.2)).toEqual([Math.PI / 2, 0, 0])
    expect(log(1e-200, 0, 0, 1)).toEqual([2e-200, 0, 0])
    expect(log(0, 0, 0, -1)).toEqual([0, 0, 0])
  })
})

describe('wrapAngle', () => {
  it('leaves [−π, π] alone and brings the rest there, to an ulp of the angle', () => {
    for (const inside of [0, -0, 1, Math.PI, -Math.PI, 1e-300]) expect(Object.is(wrapAngle(inside), inside)).toBe(true)
    const random = new Random(13)
    for (let i = 0; i < 2000; i++) {
      const theta = random.uniform(-1, 1) * 10 ** random.integer(6)
      const wrapped = wrapAngle(theta)
      expect(Math.abs(wrapped)).toBeLessThanOrEqual(Math.PI)
      const k = 2 * EPS * Math.max(1, Math.abs(theta))
      expect(Math.abs(Math.sin(wrapped) - Math.sin(theta))).toBeLessThanOrEqual(k)
      expect(Math.abs(Math.cos(wrapped) - Math.cos(theta))).toBeLessThanOrEqual(k)
    }
    for (const turns of [1, 3, 5, 101]) expect(Math.abs(wrapAngle(turns * Math.PI))).toBeLessThanOrEqual(Math.PI)
  })
})
