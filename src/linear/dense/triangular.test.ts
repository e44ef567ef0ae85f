import { describe, expect, it } from 'vitest'
import { solveLower, solveLowerTransposed, solveUpper } from './index.ts'

describe('triangular solves', () => {
  // L = [2; 1 4; −3 5 8], by hand: L x = b for x = (1, 2, 3).
  const L = Float64Array.of(2, 99, 99, 1, 4, 99, -3, 5, 8)
  const U = Float64Array.of(2, 1, -3, 99, 4, 5, 99, 99, 8)

  it('lower, its transpose and upper, reading one triangle only', () => {
    const lower = Float64Array.of(2, 9, 31)
    solveLower(L, 3, lower)
    expect(Array.from(lower)).toEqual([1, 2, 3])
    const transposed = Float64Array.of(-5, 23, 24)
    solveLowerTransposed(L, 3, transposed)
    expect(Array.from(transposed)).toEqual([1, 2, 3])
    const upper = Float64Array.of(-5, 23, 24)
    solveUpper(U, 3, upper)
    expect(Array.from(upper)).toEqual([1, 2, 3])
  })

  it('work inside larger arrays', () => {
    const wide = new Float64Array(20).fill(7)
    for (let r = 0; r < 3; r++) wide.set(L.subarray(3 * r, 3 * r + 3), 2 + 5 * r)
    const x = Float64Array.of(7, 2, 9, 31, 7)
    solveLower(wide, 3, x, 2, 5, 1)
    expect(Array.from(x)).toEqual([7, 1, 2, 3, 7])
    solveLower(wide, 0, x, 0, 5, 0)
    expect(Array.from(x)).toEqual([7, 1, 2, 3, 7])
  })
})
