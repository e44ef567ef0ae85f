import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  anyJacobian,
  denseJacobian,
  distance,
  gram,
  jacobianOf,
  times,
  transpose,
  uniform,
} from '../../../test/block-jacobians.ts'
import { UsageError } from '../../numeric/index.ts'
import {
  blockDiagonal,
  blockDiagonalStarts,
  gradient,
  multiply,
  multiplyTransposed,
  scalarSize,
  squaredColumnNorms,
} from './jacobian-product.ts'

/** Sums of at most 3·6·4·6 products of numbers in −1 … 1, in two orders: each product and each sum rounds once. */
const TOLERANCE = 1000 * Number.EPSILON

describe('products with a block Jacobian', () => {
  it('are those of its dense twin', () => {
    fc.assert(
      fc.property(anyJacobian, fc.integer(), (J, seed) => {
        const random = uniform(seed)
        const n = scalarSize(J.blocks)
        const A = denseJacobian(J)
        const x = Float64Array.from({ length: n }, random)
        const y = Float64Array.from({ length: J.rows }, random)
        const Jx = new Float64Array(J.rows).fill(7) // overwritten, not added to
        const JTy = new Float64Array(n).fill(7)
        const g = new Float64Array(n).fill(7)
        multiply(J, x, Jx)
        multiplyTransposed(J, y, JTy)
        gradient(J, g)
        expect(distance(Jx, times(A, x))).toBeLessThan(TOLERANCE)
        expect(distance(JTy, times(transpose(A, n), y))).toBeLessThan(TOLERANCE)
        expect(distance(g, times(transpose(A, n), J.residual))).toBeLessThan(TOLERANCE)
      }),
    )
  })

  it('are adjoint: ⟨J x, y⟩ = ⟨x, Jᵀ y⟩', () => {
    fc.assert(
      fc.property(anyJacobian, fc.integer(), (J, seed) => {
        const random = uniform(seed)
        const x = Float64Array.from({ length: scalarSize(J.blocks) }, random)
        const y = Float64Array.from({ length: J.rows }, random)
        const Jx = new Float64Array(J.rows)
        const JTy = new Float64Array(x.length)
        multiply(J, x, Jx)
        multiplyTransposed(J, y, JTy)
        // Both sides add the same products J_ij x_j y_i, each at most 1, in two orders: one rounding per product and sum.
        const products = J.batches.reduce((sum, batch) => sum + batch.values.length, 0)
        expect(Math.abs(dot(Jx, y) - dot(x, JTy))).toBeLessThanOrEqual(
          4 * (products + 1) * Number.EPSILON * (products + 1),
        )
      }),
    )
  })

  it('square columns and diagonal blocks as JᵀJ does', () => {
    fc.assert(
      fc.property(anyJacobian, (J) => {
        const n = scalarSize(J.blocks)
        const H = gram(denseJacobian(J), n)
        const norms = new Float64Array(n).fill(7)
        squaredColumnNorms(J, norms)
        expect(
          distance(
            norms,
            H.map((row, i) => row[i]),
          ),
        ).toBeLessThan(TOLERANCE)
        const start = blockDiagonalStarts(J.blocks)
        const diagonal = new Float64Array(start[J.blocks.count]).fill(7)
        blockDiagonal(J, start, diagonal)
        const expected = [...J.blocks.dims].flatMap((d, j) => {
          const o = J.blocks.offset[j]
          return H.slice(o, o + d).flatMap((row) => row.slice(o, o + d))
        })
        expect(distance(diagonal, expected)).toBeLessThan(TOLERANCE)
      }),
    )
  })

  it('by hand: one factor of two scalars, one of them met twice', () => {
    const J = jacobianOf(
      {
        dims: [1, 1],
        batches: [{ residualDim: 1, slots: [1, 1, 1], factors: [[0, 1, 0]] }],
      },
      () => 0,
    )
    J.batches[0].values.set([2, 3, 5])
    J.residual.set([10])
    const y = new Float64Array(1)
    multiply(J, Float64Array.of(1, 100), y)
    expect([...y]).toEqual([307])
    const g = new Float64Array(2)
    gradient(J, g)
    expect([...g]).toEqual([70, 30])
    squaredColumnNorms(J, g)
    expect([...g]).toEqual([49, 9])
  })

  it('tell the sizes that do not fit', () => {
    const J = jacobianOf({ dims: [3], batches: [{ residualDim: 2, slots: [3], factors: [[0]] }] }, uniform(1))
    expect(() => multiply(J, new Float64Array(2), new Float64Array(2))).toThrow(UsageError)
    expect(() => multiply(J, new Float64Array(2), new Float64Array(2))).toThrow('x: expected 3 numbers, got 2')
    expect(() => multiplyTransposed(J, new Float64Array(2), new Float64Array(4))).toThrow(
      'out: expected 3 numbers, got 4',
    )
  })
})

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i]
  return sum
}
