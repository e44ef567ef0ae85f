import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  anyJacobian,
  denseJacobian,
  denseSymmetric,
  distance,
  gram,
  jacobianOf,
  times,
  transpose,
  uniform,
} from '../../test/block-jacobians.ts'
import { entryOf, symmetricBlockMatrix } from './block-pattern.ts'
import { partition } from './blocks.ts'
import { NormalEquations } from './normal-equations.ts'
import { scalarSize } from './ops/jacobian-product.ts'
import { symmetricMultiply } from './ops/symmetric-product.ts'

/** Sums of at most a few hundred products of numbers in −1 … 1, in two orders. */
const TOLERANCE = 1000 * Number.EPSILON

describe('normal equations', () => {
  it('hold H = JᵀJ and g = Jᵀr for any structure, and again after the numbers change', () => {
    fc.assert(
      fc.property(anyJacobian, fc.integer(), (J, seed) => {
        const n = scalarSize(J.blocks)
        const normal = new NormalEquations(J)
        const random = uniform(seed)
        for (let round = 0; round < 2; round++) {
          normal.form()
          const A = denseJacobian(J)
          expect(distance(denseSymmetric(normal.hessian).flat(), gram(A, n).flat())).toBeLessThan(TOLERANCE)
          expect(distance(normal.gradient, times(transpose(A, n), J.residual))).toBeLessThan(TOLERANCE)
          for (const { values } of J.batches) for (let i = 0; i < values.length; i++) values[i] = random()
          for (let i = 0; i < J.residual.length; i++) J.residual[i] = random()
        }
      }),
    )
  })

  it('list each column by rows ascending, diagonal first, one entry per block', () => {
    fc.assert(
      fc.property(anyJacobian, (J) => {
        const { columnStart, rowIndex, valueStart, values, blocks } = new NormalEquations(J).hessian
        let size = 0
        for (let j = 0; j < blocks.count; j++) {
          expect(rowIndex[columnStart[j]]).toBe(j)
          for (let e = columnStart[j]; e < columnStart[j + 1]; e++) {
            if (e > columnStart[j]) expect(rowIndex[e]).toBeGreaterThan(rowIndex[e - 1])
            expect(valueStart[e]).toBe(size)
            size += blocks.dims[rowIndex[e]] * blocks.dims[j]
          }
        }
        expect(values.length).toBe(size)
      }),
    )
  })

  it('keep a zero diagonal block for a variable that no factor touches', () => {
    const J = jacobianOf({ dims: [2, 3], batches: [{ residualDim: 1, slots: [3], factors: [[1]] }] }, uniform(3))
    const normal = new NormalEquations(J)
    normal.form()
    expect([...normal.hessian.values.subarray(0, 4)]).toEqual([0, 0, 0, 0])
    expect(normal.hessian.columnStart).toEqual(Int32Array.of(0, 1, 2))
  })
})

describe('symmetric block product', () => {
  it('is that of the whole dense matrix', () => {
    fc.assert(
      fc.property(anyJacobian, fc.integer(), (J, seed) => {
        const normal = new NormalEquations(J)
        normal.form()
        const x = Float64Array.from({ length: scalarSize(J.blocks) }, uniform(seed))
        const out = new Float64Array(x.length).fill(7)
        symmetricMultiply(normal.hessian, x, out)
        // Entries of H reach a few hundred: their sums round at that scale.
        expect(distance(out, times(denseSymmetric(normal.hessian), x))).toBeLessThan(100 * TOLERANCE)
      }),
    )
  })
})

describe('a symmetric pattern', () => {
  it('takes blocks from either triangle, any number of times, and finds them again', () => {
    const H = symmetricBlockMatrix(partition([1, 2, 3]), Int32Array.of(0, 2, 2, 1), Int32Array.of(2, 0, 0, 1))
    expect([...H.columnStart]).toEqual([0, 2, 3, 4])
    expect([...H.rowIndex]).toEqual([0, 2, 1, 2])
    expect([...H.valueStart]).toEqual([0, 1, 4, 8])
    expect(H.values.length).toBe(17)
    expect(entryOf(H, 2, 0)).toBe(1)
    expect(entryOf(H, 2, 1)).toBe(-1)
  })

  it('names a block outside the partition', () => {
    expect(() => symmetricBlockMatrix(partition([1]), Int32Array.of(1), Int32Array.of(0))).toThrow(
      'block (1, 0) lies outside a partition of 1 blocks',
    )
  })
})
