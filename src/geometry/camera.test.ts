import { describe, expect, it } from 'vitest'
import { Random } from '../numeric/index.ts'
import { projectBal, projectPinhole, projectStereo, unprojectBal, unprojectPinhole, unprojectStereo } from './index.ts'

const EPS = Number.EPSILON
const STEP = EPS ** (1 / 5)

/** ∂f/∂x by five points (error about eps^(4/5), times fifth derivatives), rows of f by columns of x. */
function differentiate(f: (x: Float64Array) => Float64Array, x: Float64Array): Float64Array {
  const columns = Array.from(x, (value, k) => {
    const h = STEP * Math.max(1, Math.abs(value))
    const at = (steps: number): Float64Array => {
      const moved = x.slice()
      moved[k] += steps * h
      return f(moved)
    }
    const [a, b, c, d] = [at(2), at(1), at(-1), at(-2)]
    return b.map((v, i) => (8 * (v - c[i]) - (a[i] - d[i])) / (12 * h))
  })
  return Float64Array.from(
    { length: columns[0].length * x.length },
    (_, i) => columns[i % x.length][Math.floor(i / x.length)],
  )
}

function expectNear(actual: Float64Array, expected: Float64Array, k: number): void {
  const scale = Math.max(1, ...expected.map(Math.abs))
  actual.forEach((x, i) => {
    expect(Math.abs(x - expected[i]), `[${i}] ${x} and ${expected[i]}`).toBeLessThanOrEqual(k * scale)
  })
}

const DERIVATIVE = 1e3 * EPS ** (4 / 5) // fifth derivatives of 1/Z at depth 1 and of the distortion: up to some hundreds

describe('pinhole', () => {
  const random = new Random(21)
  const intrinsics = Float64Array.of(458.6, 457.3, 367.2, 248.4)

  it('projects and unprojects to the same ray', () => {
    const pixel = new Float64Array(2)
    const ray = new Float64Array(3)
    for (let i = 0; i < 100; i++) {
      const p = Float64Array.of(random.gaussian(), random.gaussian(), random.uniform(0.5, 20))
      expect(projectPinhole(intrinsics, 0, p, 0, pixel, 0)).toBe(true)
      unprojectPinhole(intrinsics, 0, pixel, 0, ray, 0)
      // the pixel holds the ray to eps (|fx x| + |cx|)/fx
      expectNear(
        ray.map((x) => x * p[2]),
        p,
        16 * EPS * p[2],
      )
    }
    expect(projectPinhole(intrinsics, 0, Float64Array.of(0, 0, -1), 0, pixel, 0)).toBe(false)
  })

  it('has these derivatives', () => {
    for (let i = 0; i < 100; i++) {
      const p = Float64Array.of(random.gaussian(), random.gaussian(), random.uniform(1, 20))
      const byPoint = new Float64Array(6)
      const byIntrinsics = new Float64Array(8)
      const pixel = new Float64Array(2)
      const project = (k: Float64Array, q: Float64Array): Float64Array => {
        const out = new Float64Array(2)
        projectPinhole(k, 0, q, 0, out, 0)
        return out
      }
      projectPinhole(intrinsics, 0, p, 0, pixel, 0, byPoint, 0, byIntrinsics, 0)
      expectNear(
        byPoint,
        differentiate((q) => project(intrinsics, q), p),
        DERIVATIVE,
      )
      expectNear(
        byIntrinsics,
        differentiate((k) => project(k, p), intrinsics),
        DERIVATIVE,
      )
      const byPixel = new Float64Array(6)
      const ray = new Float64Array(3)
      unprojectPinhole(intrinsics, 0, pixel, 0, ray, 0, byPixel, 0)
      const unproject = (u: Float64Array): Float64Array => {
        const out = new Float64Array(3)
        unprojectPinhole(intrinsics, 0, u, 0, out, 0)
        return out
      }
      expectNear(byPixel, differentiate(unproject, pixel), DERIVATIVE)
    }
  })
})

describe('BAL camera', () => {
  const random = new Random(22)

  it('by hand: f (1 + k1 n + k2 n²) p with p = −P.xy/P.z', () => {
    const pixel = new Float64Array(2)
    expect(projectBal(Float64Array.of(100, 0.5, 0.25), 0, Float64Array.of(2, 0, -2), 0, pixel, 0)).toBe(true)
    expect(Array.from(pixel)).toEqual([175, 0])
    expect(projectBal(Float64Array.of(100, 0, 0), 0, Float64Array.of(2, 0, 2), 0, pixel, 0)).toBe(false)
  })

  it('has these derivatives', () => {
    const project = (k: Float64Array, q: Float64Array): Float64Array => {
      const out = new Float64Array(2)
      projectBal(k, 0, q, 0, out, 0)
      return out
    }
    for (let i = 0; i < 100; i++) {
      const k = Float64Array.of(random.uniform(300, 900), 0.2 * random.gaussian(), 0.1 * random.gaussian())
      const p = Float64Array.of(random.uniform(-1, 1), random.uniform(-1, 1), -random.uniform(1.5, 20))
      const byPoint = new Float64Array(6)
      const byIntrinsics = new Float64Array(6)
      projectBal(k, 0, p, 0, new Float64Array(2), 0, byPoint, 0, byIntrinsics, 0)
      expectNear(
        byPoint,
        differentiate((q) => project(k, q), p),
        DERIVATIVE,
      )
      expectNear(
        byIntrinsics,
        differentiate((c) => project(c, p), k),
        DERIVATIVE,
      )
    }
  })

  it('unprojects what it projects, whatever the distortion, up to the fold', () => {
    const pixel = new Float64Array(2)
    const ray = new Float64Array(3)
    for (let i = 0; i < 500; i++) {
      const k = Float64Array.of(500, random.uniform(-0.5, 0.5), random.uniform(-0.3, 0.3))
      const p = Float64Array.of(random.uniform(-0.8, 0.8), random.uniform(-0.8, 0.8), -1)
      const n = p[0] ** 2 + p[1] ** 2
      let rises = true // on every radius up to this one
      for (let m = 0; m <= 1; m += 1 / 256) if (1 + 3 * k[1] * n * m + 5 * k[2] * (n * m) ** 2 < 0.05) rises = false
      if (!rises) continue
      projectBal(k, 0, p, 0, pixel, 0)
      expect(unprojectBal(k, 0, pixel, 0, ray, 0)).toBe(true)
      expectNear(ray, p, (32 * EPS) / 0.05) // the radius is known to eps over the slope
    }
    expect(unprojectBal(Float64Array.of(500, 0.1, 0), 0, Float64Array.of(0, 0), 0, ray, 0)).toBe(true)
    expect(Array.from(ray)).toEqual([0, 0, -1])
  })

  it('says when no ray gives a pixel: ρ − ρ³ never exceeds 2/√27', () => {
    const k = Float64Array.of(1, -1, 0)
    const ray = new Float64Array(3)
    const most = 2 / Math.sqrt(27)
    expect(unprojectBal(k, 0, Float64Array.of(most * 0.999, 0), 0, ray, 0)).toBe(true)
    expect(ray[0]).toBeLessThan(1 / Math.sqrt(3))
    expect(unprojectBal(k, 0, Float64Array.of(most * 1.001, 0), 0, ray, 0)).toBe(false)
    expect(ray[0]).toBeNaN()
  })
})

describe('rectified stereo', () => {
  const random = new Random(23)
  const calibration = Float64Array.of(435.2, 435.2, 367.4, 252.2, 0.11)

  it('projects and unprojects to the same point, with inverse derivatives', () => {
    const m = new Float64Array(3)
    const back = new Float64Array(3)
    const byPoint = new Float64Array(9)
    const byMeasurement = new Float64Array(9)
    for (let i = 0; i < 100; i++) {
      const p = Float64Array.of(random.gaussian(), random.gaussian(), random.uniform(0.5, 10))
      expect(projectStereo(calibration, 0, p, 0, m, 0, byPoint, 0)).toBe(true)
      expect(unprojectStereo(calibration, 0, m, 0, back, 0, byMeasurement, 0)).toBe(true)
      // depth errs by eps uL Z/disparity relative, disparity = 48/Z pixels
      expectNear(back, p, 32 * EPS * (1 + (p[2] * 500) / 48) * p[2])
      const project = (q: Float64Array): Float64Array => {
        const out = new Float64Array(3)
        projectStereo(calibration, 0, q, 0, out, 0)
        return out
      }
      if (p[2] > 1) expectNear(byPoint, differentiate(project, p), DERIVATIVE)
      for (let r = 0; r < 3; r++)
        for (let c = 0; c < 3; c++) {
          let sum = 0
          let size = 1
          for (let j = 0; j < 3; j++) {
            sum += byMeasurement[3 * r + j] * byPoint[3 * j + c]
            size = Math.max(size, Math.abs(byMeasurement[3 * r + j] * byPoint[3 * j + c]))
          }
          expect(Math.abs(sum - (r === c ? 1 : 0))).toBeLessThanOrEqual(32 * EPS * size * (1 + (p[2] * 500) / 48))
        }
    }
  })

  it('says what lies behind or at infinity', () => {
    const out = new Float64Array(3)
    expect(projectStereo(calibration, 0, Float64Array.of(0, 0, -2), 0, out, 0)).toBe(false)
    expect(unprojectStereo(calibration, 0, Float64Array.of(100, 100, 50), 0, out, 0)).toBe(false)
  })
})
