import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Random } from '../numeric/index.ts'
import {
  checkInformation,
  clipInformation,
  covariance,
  fullInformation,
  isotropic,
  sigmas,
  squareRootInformation,
} from './noise.ts'

const eps = Number.EPSILON
const unpack = (omega: ArrayLike<number>, m: number): number[][] => {
  const full = Array.from({ length: m }, () => new Array<number>(m).fill(0))
  let k = 0
  for (let i = 0; i < m; i++)
    for (let j = i; j < m; j++) {
      full[i][j] = omega[k]
      full[j][i] = omega[k++]
    }
  return full
}
const upper = (packed: ArrayLike<number>, m: number) =>
  unpack(packed, m).map((row, i) => row.map((value, j) => (j >= i ? value : 0)))
const multiply = (a: number[][], b: number[][]) =>
  a.map((row) => b[0].map((_, j) => row.reduce((sum, value, k) => sum + value * b[k][j], 0)))
const transpose = (a: number[][]) => a[0].map((_, j) => a.map((row) => row[j]))
const distance = (a: number[][], b: number[][]) =>
  Math.max(...a.flatMap((row, i) => row.map((value, j) => Math.abs(value - b[i][j]))))
const largest = (a: number[][]) => Math.max(...a.flat().map(Math.abs))

/** Σ λₖ vₖ vₖᵀ with random directions that are not orthogonal: positive semi-definite of the rank of `weights`. */
function gram(m: number, weights: readonly number[], random: Random): number[][] {
  const omega = Array.from({ length: m }, () => new Array<number>(m).fill(0))
  for (const weight of weights) {
    const v = Array.from({ length: m }, () => random.gaussian())
    for (let i = 0; i < m; i++) for (let j = 0; j < m; j++) omega[i][j] += weight * (v[i] * v[j])
  }
  return omega
}

describe('noise', () => {
  it('makes packed information of standard deviations', () => {
    expect([...sigmas([0.5, 0.1, 2])]).toEqual([4, 0, 0, 1 / (0.1 * 0.1), 0, 0.25])
    expect([...isotropic(2, 0.5)]).toEqual([4, 0, 4])
    expect(() => sigmas([1, 0])).toThrow('standard deviation 1 must be a positive number, got 0')
  })

  it('packs a full matrix, given flat or by rows, and refuses one that is not symmetric', () => {
    expect([...fullInformation([4, 1, 1, 3])]).toEqual([4, 1, 3])
    expect([...fullInformation([[4, 1], [1, 3]])]).toEqual([4, 1, 3]) // biome-ignore format: a matrix
    expect(() => fullInformation([4, 1, 2, 3])).toThrow(/not symmetric: entry \(1, 0\) is 2, \(0, 1\) is 1/)
    expect(() => fullInformation([1, 2, 3])).toThrow(/m × m numbers; got 3/)
    expect(() => fullInformation([Number.NaN])).toThrow(/is NaN/)
  })

  it('inverts a covariance', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 7 }), (seed, m) => {
        const sigma = gram(m, new Array<number>(m + 4).fill(1), new Random(seed))
        const omega = unpack(covariance(sigma), m)
        const identity = sigma.map((row, i) => row.map((_, j) => (i === j ? 1 : 0)))
        // |ΣΩ − I| ≤ c(m) eps cond Σ, and cond Σ ≤ |Σ| |Ω| m²
        const bound = 16 * m * m * m * eps * largest(sigma) * largest(omega)
        expect(distance(multiply(sigma, omega), identity)).toBeLessThan(bound)
      }),
    )
    expect(() => covariance([1, 2, 2, 1])).toThrow(/positive definite; its smallest eigenvalue is -1/)
  })
})

describe('squareRootInformation', () => {
  const check = (omega: number[][], cholesky: boolean) => {
    const m = omega.length
    const packed = Float64Array.from([...new Float64Array(2), ...fullInformation(omega)])
    const out = new Float64Array(packed.length).fill(7) // one number of room on either side
    expect(squareRootInformation(packed, m, out, 2, 1)).toBe(cholesky)
    expect([out[0], out[out.length - 1]]).toEqual([7, 7])
    const R = upper(out.subarray(1, packed.length - 1), m)
    for (let i = 0; i < m; i++) expect(R[i][i]).toBeGreaterThanOrEqual(0)
    // Backward error of Cholesky, and of an eigendecomposition then QR: a few m eps |Ω|.
    expect(distance(multiply(transpose(R), R), omega)).toBeLessThanOrEqual(32 * m * eps * largest(omega))
  }

  it('RᵀR = Ω for positive definite Ω, by Cholesky', () => {
    for (let seed = 0; seed < 50; seed++) {
      const m = 1 + (seed % 7)
      check(gram(m, new Array<number>(m + 3).fill(10 ** ((seed % 9) - 4)), new Random(seed)), true)
    }
  })

  it('RᵀR = Ω for semi-definite Ω of every rank, by eigenvalues', () => {
    for (let seed = 0; seed < 50; seed++) {
      const m = 2 + (seed % 6)
      check(gram(m, new Array<number>(seed % m).fill(3), new Random(seed)), false)
    }
    check([[0, 0], [0, 5]], false) // biome-ignore format: a matrix
  })

  it('works in place', () => {
    const omega = Float64Array.of(4, 2, 5)
    squareRootInformation(omega, 2, omega)
    expect([...omega]).toEqual([2, 1, 2])
  })
})

describe('checkInformation', () => {
  it('passes positive definite matrices without eigenvalues', () => {
    expect(checkInformation(Float64Array.of(9, 2, 1, 2), 2, 1)).toEqual({
      ok: true,
      smallest: Number.NaN,
      largest: Number.NaN,
    })
  })
  it('passes rounding of a semi-definite matrix, and nothing below', () => {
    const [above, below] = [-0.9e-9, -1.1e-9]
    expect(checkInformation(Float64Array.of(1, 0, above), 2)).toEqual({ ok: true, smallest: above, largest: 1 })
    expect(checkInformation(Float64Array.of(1, 0, below), 2)).toEqual({ ok: false, smallest: below, largest: 1 })
    expect(checkInformation(Float64Array.of(0, 0, 0), 2).ok).toBe(true)
  })
  it('names the smallest eigenvalue of an indefinite matrix', () => {
    const { ok, smallest, largest } = checkInformation(Float64Array.of(1, 2, 1), 2)
    expect(ok).toBe(false)
    expect(Math.abs(smallest + 1)).toBeLessThan(8 * eps)
    expect(Math.abs(largest - 3)).toBeLessThan(8 * eps * 3)
    expect(checkInformation(Float64Array.of(-1), 1).ok).toBe(false)
  })
  it('fails NaN and Infinity wherever they stand', () => {
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])
      for (let k = 0; k < 6; k++) {
        const omega = Float64Array.of(2, 0, 0, 2, 0, 2)
        omega[k] = bad
        expect(checkInformation(omega, 3).ok, `${bad} at ${k}`).toBe(false)
      }
  })
})

describe('clipInformation', () => {
  it('leaves a positive definite matrix as it is, bit for bit', () => {
    const omega = Float64Array.of(4, 1.1, 3)
    expect(clipInformation(omega, 2)).toBe(0)
    expect([...omega]).toEqual([4, 1.1, 3])
  })
  it('raises negative eigenvalues to 0 and keeps the others', () => {
    // eigenvalues 3 along (1, 1), −1 along (1, −1): what stays is 3/2 (1 1; 1 1)
    const omega = Float64Array.of(1, 2, 1)
    expect(clipInformation(omega, 2)).toBe(1)
    for (const value of omega) expect(Math.abs(value - 1.5)).toBeLessThan(8 * eps)
  })
  it('makes any symmetric matrix pass', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 21, maxLength: 21 }),
        (entries) => {
          const omega = Float64Array.from(entries)
          const before = checkInformation(omega, 6)
          const clipped = clipInformation(omega, 6)
          if (!before.ok) expect(clipped).toBeGreaterThan(0)
          expect(checkInformation(omega, 6).ok).toBe(true)
        },
      ),
    )
  })
})
