import { describe, expect, it } from 'vitest'
import { coefficients, inverseJacobianCoefficient, rotationCoefficients } from './rotation-coefficients.ts'

const DIGITS = 10n ** 60n

/** Σⱼ (−x)ʲ/(2j + k)! in integers with 60 digits behind the point, of exactly the double x. */
function exact(x: number, k: number): bigint {
  const fixed = toFixed(x)
  let term = DIGITS
  for (let i = 2n; i <= BigInt(k); i++) term /= i
  let sum = 0n
  for (let n = BigInt(k); term !== 0n; n += 2n) {
    sum += term
    term = (-term * fixed) / DIGITS / ((n + 1n) * (n + 2n))
  }
  return sum
}

function toFixed(x: number): bigint {
  let scale = DIGITS
  while (!Number.isInteger(x)) {
    x *= 2
    scale /= 2n // 10⁶⁰ holds sixty factors 2; samples need no more
  }
  return BigInt(x) * scale
}

/** |actual / expected − 1| in eps. */
function ulps(actual: number, expected: bigint): number {
  const off = toFixedRounded(actual) - expected
  return Math.abs(Number(off) / Number(expected)) / Number.EPSILON
}

function toFixedRounded(x: number): bigint {
  const exponent = Math.max(0, 55 - Math.ceil(Math.log2(Math.abs(x) || 1)))
  return (BigInt(Math.round(x * 2 ** exponent)) * DIGITS) / 2n ** BigInt(exponent)
}

/** Evaluates at an angle rounded to multiples of 1/steps, whose square is exactly a double, and returns that. */
function squareOf(theta: number, steps = 2 ** 20): number {
  const rounded = Math.round(theta * steps) / steps
  rotationCoefficients(Float64Array.of(rounded), 0, 1)
  return rounded * rounded
}

describe('rotationCoefficients', () => {
  it('are right to 16 eps of their value at 0, from 0 over the switch at θ = 2 to 2π', () => {
    for (let step = 0; step <= 400; step++) {
      const x = squareOf((step / 400) * 2 * Math.PI)
      let atZero = 1
      for (let k = 1; k <= 5; k++) {
        atZero /= k
        const error = Math.abs(Number(toFixedRounded(coefficients[k]) - exact(x, k))) / 1e60
        expect(error, `C${k}(${x})`).toBeLessThanOrEqual(16 * Number.EPSILON * atZero)
      }
    }
  })

  it('are right to 16 eps of themselves up to π (sin θ/θ, which vanishes there, up to 2)', () => {
    for (let step = 0; step <= 400; step++) {
      const x = squareOf((step / 400) * Math.PI)
      for (let k = x < 4 ? 1 : 2; k <= 5; k++)
        expect(ulps(coefficients[k], exact(x, k)), `C${k}(${x})`).toBeLessThanOrEqual(16)
    }
  })

  it('lose nothing at small angles and at 0', () => {
    for (const theta of [0, 2 ** -30, 2 ** -20]) {
      const x = squareOf(theta, 2 ** 30)
      for (let k = 1; k <= 5; k++) expect(ulps(coefficients[k], exact(x, k))).toBeLessThanOrEqual(2)
    }
  })

  it('give J_l⁻¹ its coefficient: 1/12 at 0, 1/π² at π, (1 − ½θ cot ½θ)/θ² between', () => {
    rotationCoefficients(new Float64Array(3), 0)
    expect(Math.abs(inverseJacobianCoefficient() * 12 - 1)).toBeLessThanOrEqual(4 * Number.EPSILON)
    rotationCoefficients(Float64Array.of(9, Math.PI), 1, 1)
    expect(Math.abs(inverseJacobianCoefficient() * Math.PI ** 2 - 1)).toBeLessThanOrEqual(16 * Number.EPSILON)
    for (const theta of [0.5, 1, 1.9, 2.1, 3, 4, 6]) {
      rotationCoefficients(Float64Array.of(0, theta, 0), 0)
      const textbook = (1 - theta / 2 / Math.tan(theta / 2)) / theta ** 2
      const k = 16 + 48 / theta ** 2 // C₃ − 2C₄ loses a digit at the switch, the textbook's 1 − … cancels like 12/θ²
      expect(Math.abs(inverseJacobianCoefficient() / textbook - 1)).toBeLessThanOrEqual(k * Number.EPSILON)
    }
  })
})
