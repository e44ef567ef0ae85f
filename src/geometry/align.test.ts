import { describe, expect, it } from 'vitest'
import { Random } from '../numeric/index.ts'
import { type AlignmentMode, alignPoints, nearestRotation, quaternionToMatrix, SE3, Sim3, svd3 } from './index.ts'

const EPS = Number.EPSILON

function cloud(n: number, random: Random, spread: readonly number[] = [1, 1, 1], offset = 0): Float64Array {
  return Float64Array.from({ length: 3 * n }, (_, i) => offset + spread[i % 3] * random.gaussian())
}

function moved(transform: Float64Array, points: Float64Array): Float64Array {
  const out = new Float64Array(points.length)
  for (let at = 0; at < points.length; at += 3) Sim3.act(transform, 0, points, at, out, at)
  return out
}

/** A random motion of the kind a mode can undo. */
function motion(mode: AlignmentMode, random: Random): Float64Array {
  const xi = Float64Array.from({ length: 7 }, () => random.gaussian())
  if (mode !== 'sim3') xi[6] = 0
  if (mode === 'yaw') xi[3] = xi[4] = 0
  if (mode === 'translation') xi.fill(0, 3)
  if (mode === 'none') xi.fill(0)
  const out = new Float64Array(8)
  Sim3.exp(xi, 0, out, 0)
  return out
}

function distance(a: Float64Array, b: Float64Array): number {
  const off = new Float64Array(7)
  Sim3.local(a, 0, b, 0, off, 0)
  return Math.max(...off.map(Math.abs))
}

describe('alignPoints', () => {
  for (const mode of ['se3', 'sim3', 'yaw', 'translation', 'none'] as const)
    it(`undoes a motion exactly: ${mode}`, () => {
      const random = new Random(31)
      for (let trial = 0; trial < 50; trial++) {
        const from = cloud(4 + trial, random)
        const truth = motion(mode, random)
        const { toFromFrom, rmse, freedom } = alignPoints(from, moved(truth, from), mode)
        expect(freedom).toBe(0)
        // sums of a dozen roundings of numbers up to about 10 e^σ, divided by the smallest spread of four points
        const scale = 10 * truth[7]
        expect(distance(truth, toFromFrom)).toBeLessThanOrEqual(1e3 * EPS * scale)
        expect(rmse).toBeLessThanOrEqual(64 * EPS * scale)
      }
    })

  it('is a minimum: no small motion of noisy sets is better', () => {
    const random = new Random(32)
    for (const mode of ['se3', 'sim3', 'yaw', 'translation'] as const) {
      const from = cloud(20, random)
      const to = moved(motion(mode, random), from).map((x) => x + 0.3 * random.gaussian())
      const { toFromFrom, rmse } = alignPoints(from, to, mode)
      for (let trial = 0; trial < 50; trial++) {
        const xi = Float64Array.from({ length: 7 }, () => 1e-3 * random.gaussian())
        if (mode !== 'sim3') xi[6] = 0
        if (mode === 'yaw') xi[3] = xi[4] = 0
        if (mode === 'translation') xi.fill(0, 3)
        const other = new Float64Array(8)
        Sim3.retract(toFromFrom, 0, xi, 0, other, 0)
        const at = moved(other, from)
        const worse = Math.sqrt(at.reduce((sum, x, i) => sum + (x - to[i]) ** 2, 0) / 20)
        expect(worse).toBeGreaterThan(rmse)
      }
    }
  })

  it("gives Umeyama's own example, a mirrored triangle: in the plane a turn by −atan(2/3)", () => {
    // "Least-squares estimation …", section IV: X = (0,0), (1,0), (0,2); Y = (0,0), (−1,0), (0,2). In the plane the best
    // rotation is R = [0.832 0.555; −0.555 0.832]; in space it is half a turn about y, and fits exactly.
    const from = Float64Array.of(0, 0, 0, 1, 0, 0, 0, 2, 0)
    const to = Float64Array.of(0, 0, 0, -1, 0, 0, 0, 2, 0)
    const flat = alignPoints(from, to, 'yaw').toFromFrom
    const R = new Float64Array(9)
    quaternionToMatrix(flat, 3, R, 0)
    expect(R[0]).toBeCloseTo(3 / Math.sqrt(13), 15)
    expect(R[1]).toBeCloseTo(2 / Math.sqrt(13), 15)
    const inSpace = alignPoints(from, to, 'sim3')
    expect(inSpace.rmse).toBeLessThanOrEqual(8 * EPS)
    expect(inSpace.toFromFrom[4] ** 2).toBeCloseTo(1, 15)
  })

  it('never reflects: mirrored clouds get the best rotation', () => {
    const random = new Random(33)
    const from = cloud(30, random)
    const to = from.map((x, i) => (i % 3 === 0 ? -x : x))
    const { toFromFrom, rmse } = alignPoints(from, to, 'se3')
    const R = new Float64Array(9)
    quaternionToMatrix(toFromFrom, 3, R, 0)
    const det =
      R[0] * (R[4] * R[8] - R[5] * R[7]) - R[1] * (R[3] * R[8] - R[5] * R[6]) + R[2] * (R[3] * R[7] - R[4] * R[6])
    expect(det).toBeCloseTo(1, 14)
    expect(rmse).toBeGreaterThan(0.5)
  })

  it('aligns flat sets, far from the origin too', () => {
    const random = new Random(34)
    for (const offset of [0, 1e6]) {
      const from = cloud(50, random, [3, 2, 0], offset)
      const truth = motion('se3', random)
      const to = moved(truth, from)
      const { toFromFrom, freedom, rmse } = alignPoints(from, to, 'se3')
      expect(freedom).toBe(0)
      expect(rmse).toBeLessThanOrEqual(64 * EPS * (offset + 10))
      const off = new Float64Array(6)
      SE3.local(truth, 0, toFromFrom, 0, off, 0)
      expect(Math.max(...off.subarray(3).map(Math.abs))).toBeLessThanOrEqual(64 * EPS * (offset + 10))
    }
  })

  it('says so when points lie on a line, and turns no further than needed', () => {
    const random = new Random(35)
    const line = Float64Array.from({ length: 30 }, (_, i) => (i % 3 === 0 ? i + random.next() : 5))
    const turned = Float64Array.from(line, (_, i) => (i % 3 === 1 ? line[i - 1] : i % 3 === 0 ? -line[i + 1] : line[i]))
    const { toFromFrom, freedom, rmse } = alignPoints(line, turned, 'se3')
    expect(freedom).toBe(1)
    expect(rmse).toBeLessThanOrEqual(64 * EPS * 30)
    expect(Math.abs(toFromFrom[5] - Math.SQRT1_2)).toBeLessThanOrEqual(64 * EPS) // a quarter turn about z, none about the line
    expect(Math.abs(toFromFrom[6] - Math.SQRT1_2)).toBeLessThanOrEqual(64 * EPS)
    const reversed = line.map((x, i) => (i % 3 === 0 ? -x : x))
    const half = alignPoints(line, reversed, 'se3')
    expect(half.freedom).toBe(1)
    expect(half.rmse).toBeLessThanOrEqual(64 * EPS * 30)
    const upright = Float64Array.from({ length: 12 }, (_, i) => (i % 3 === 2 ? i : 1))
    expect(alignPoints(upright, upright, 'yaw').freedom).toBe(1)
  })

  it('says so when all points are one, and only shifts', () => {
    const one = Float64Array.of(1.1, 2.2, 3.3, 1.1, 2.2, 3.3, 1.1, 2.2, 3.3)
    const there = one.map((x) => x + 4)
    for (const [mode, freedom] of [
      ['se3', 3],
      ['sim3', 4],
      ['yaw', 1],
      ['translation', 0],
    ] as const) {
      const result = alignPoints(one, there, mode)
      expect(result.freedom).toBe(freedom)
      expect(result.rmse).toBeLessThanOrEqual(8 * EPS * 8)
      expect(Array.from(result.toFromFrom.subarray(3))).toEqual([0, 0, 0, 1, 1])
    }
    expect(alignPoints(one.subarray(0, 3), there.subarray(0, 3), 'sim3').freedom).toBe(4)
  })

  it('does not care about units', () => {
    const random = new Random(36)
    const from = cloud(20, random)
    const to = moved(motion('se3', random), from).map((x) => x + 0.1 * random.gaussian())
    const plain = alignPoints(from, to)
    for (const unit of [2 ** -30, 2 ** 30]) {
      const scaled = alignPoints(
        from.map((x) => x * unit),
        to.map((x) => x * unit),
      )
      expect(scaled.toFromFrom.subarray(3)).toEqual(plain.toFromFrom.subarray(3)) // powers of two round alike
      expect(scaled.rmse).toBe(plain.rmse * unit)
    }
  })

  it('refuses what cannot be paired', () => {
    expect(() => alignPoints(new Float64Array(6), new Float64Array(9))).toThrow('got 6 and 9 numbers')
    expect(() => alignPoints(new Float64Array(0), new Float64Array(0))).toThrow('at least one pair')
    expect(() => alignPoints(new Float64Array(3), Float64Array.of(1, Number.NaN, 3))).toThrow('to[1] (point 0) is NaN')
  })
})

describe('svd3', () => {
  const random = new Random(37)
  const matrices: number[][] = [
    ...Array.from({ length: 200 }, () => Array.from({ length: 9 }, () => random.gaussian())),
    [1, 0, 0, 0, 1, 0, 0, 0, 1],
    [-1, 0, 0, 0, -1, 0, 0, 0, -1],
    [0, 0, 0, 0, 0, 0, 0, 0, 0],
    [1, 2, 3, 2, 4, 6, 3, 6, 9],
    [1, 0, 0, 0, 1e-9, 0, 0, 0, 1e-18],
    [0, 1e-150, 0, 1, 0, 0, 0, 0, 1e-3],
  ]

  it('rebuilds A from two rotations and descending values, the last with the sign of det A', () => {
    for (const numbers of matrices) {
      const A = Float64Array.from(numbers)
      const [left, right, d] = [new Float64Array(9), new Float64Array(9), new Float64Array(3)]
      svd3(A, 0, left, d, right)
      const scale = Math.max(1e-300, d[0])
      for (let i = 0; i < 3; i++)
        for (let j = 0; j < 3; j++) {
          let a = 0
          let ll = 0
          let rr = 0
          for (let k = 0; k < 3; k++) {
            a += d[k] * left[3 * k + i] * right[3 * k + j]
            ll += left[3 * i + k] * left[3 * j + k]
            rr += right[3 * i + k] * right[3 * j + k]
          }
          expect(Math.abs(a - A[3 * i + j])).toBeLessThanOrEqual(16 * EPS * scale)
          expect(Math.abs(ll - (i === j ? 1 : 0))).toBeLessThanOrEqual(16 * EPS)
          expect(Math.abs(rr - (i === j ? 1 : 0))).toBeLessThanOrEqual(16 * EPS)
        }
      expect(d[0]).toBeGreaterThanOrEqual(d[1])
      expect(d[1]).toBeGreaterThanOrEqual(Math.abs(d[2]) * (1 - 4 * EPS))
    }
  })

  it('finds small singular values to all digits', () => {
    const d = new Float64Array(3)
    svd3(Float64Array.of(1, 1, 0, 0, 1e-12, 0, 0, 0, 1e-20), 0, new Float64Array(9), d, new Float64Array(9))
    expect(Math.abs((d[0] * d[1]) / 1e-12 - 1)).toBeLessThanOrEqual(16 * EPS) // the determinant of the 2 × 2 part
    expect(d[2]).toBe(1e-20)
  })

  it('nearestRotation: of a rotation itself, of c·R too, and right-handed of a reflection', () => {
    const q = Float64Array.of(0.5, -0.1, 0.7, 0.5)
    const n = Math.hypot(...q)
    const R = new Float64Array(9)
    quaternionToMatrix(
      q.map((x) => x / n),
      0,
      R,
      0,
    )
    const out = new Float64Array(9)
    nearestRotation(
      R.map((x) => 3 * x),
      0,
      out,
      0,
    )
    for (let i = 0; i < 9; i++) expect(Math.abs(out[i] - R[i])).toBeLessThanOrEqual(8 * EPS)
    nearestRotation(Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, -0.5), 0, out, 0)
    expect(Array.from(out, (x) => x + 0)).toEqual([1, 0, 0, 0, 1, 0, 0, 0, 1])
  })
})
