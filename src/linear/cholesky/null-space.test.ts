import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { size } from '../../../test/block-jacobians.ts'
import { definiteMatrix, emptyMatrix, gridShape, laplacian } from '../../../test/block-matrices.ts'
import type { SymmetricBlockMatrix } from '../blocks.ts'
import { symmetricMultiply } from '../ops/symmetric-product.ts'
import { type NullSpace, nullSpace } from './index.ts'

/** H v of every direction, against the largest entry of H. */
function residual(matrix: SymmetricBlockMatrix, { directions }: NullSpace): number {
  const out = new Float64Array(matrix.blocks.offset[matrix.blocks.count])
  let worst = 0
  for (const { vector } of directions) {
    symmetricMultiply(matrix, vector, out)
    worst = Math.max(worst, size(out))
  }
  return worst / size(matrix.values)
}

/** Anchors block j: adds 1 to its diagonal. */
function anchored(matrix: SymmetricBlockMatrix, j: number): SymmetricBlockMatrix {
  const d = matrix.blocks.dims[j]
  for (let s = 0; s < d; s++) matrix.values[matrix.valueStart[matrix.columnStart[j]] + s * (d + 1)] += 1
  return matrix
}

describe('nullSpace', () => {
  it('a definite matrix has none', () => {
    for (const shape of [gridShape(2, 2, 3), gridShape(6, 6, 3), gridShape(0, 0, 3)])
      expect(nullSpace(definiteMatrix(shape))).toMatchObject({ dimension: 0, complete: true, directions: [] })
  })

  for (const [width, road] of [
    [3, 'dense'],
    [10, 'sparse'],
  ] as const)
    it(`a free gauge moves every block (${road})`, () => {
      const matrix = laplacian(gridShape(width, width, 3))
      const found = nullSpace(matrix)
      expect([found.dimension, found.complete]).toEqual([3, true])
      for (const { blocks } of found.directions) expect(blocks.length).toBe(width * width)
      // Eigenvectors are good to some hundred times the floor (4 eps |H|) over unit vectors.
      expect(residual(matrix, found)).toBeLessThanOrEqual(1e3 * 2 ** -52)
      expect(nullSpace(anchored(matrix, 0)).dimension).toBe(0)
    })

  it('separate parts are named separately', () => {
    // Two grids without a tie; the first is anchored, the second floats; block 32 is tied to nothing at all.
    const one = gridShape(4, 4, 3).edges
    const edges = [...one, ...one.map(([i, j]) => [i + 16, j + 16] as const)]
    const matrix = anchored(laplacian({ dims: [...new Array(32).fill(3), 2], edges, seed: 3 }), 0)
    const found = nullSpace(matrix)
    expect([found.dimension, found.complete]).toEqual([5, true])
    const named = found.directions.map(({ blocks }) => Array.from(blocks))
    expect(named.filter((blocks) => blocks.length === 1)).toEqual([[32], [32]])
    const floating = Array.from({ length: 16 }, (_, i) => i + 16)
    expect(named.filter((blocks) => blocks.length > 1)).toEqual([floating, floating, floating])
  })

  it('fixing the pivots makes the matrix definite', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 8 }), fc.integer(), (width, seed) => {
        const matrix = laplacian({ ...gridShape(width, 3, 2), seed })
        const { directions } = nullSpace(matrix)
        expect(directions.length).toBe(2)
        for (const { pivot } of directions)
          matrix.values[matrix.valueStart[matrix.columnStart[pivot.block]] + pivot.scalar * 3] += 1
        expect(nullSpace(matrix).dimension).toBe(0)
      }),
      { numRuns: 20 },
    )
  })

  it('units do not matter: rows scaled by 1e-6 … 1e6', () => {
    const matrix = laplacian(gridShape(5, 5, 3))
    const scale = (scalar: number) => 10 ** ((scalar % 13) - 6)
    const { dims, offset, count } = matrix.blocks
    for (let j = 0; j < count; j++)
      for (let e = matrix.columnStart[j]; e < matrix.columnStart[j + 1]; e++)
        for (let q = 0; q < dims[matrix.rowIndex[e]] * dims[j]; q++)
          matrix.values[matrix.valueStart[e] + q] *=
            scale(offset[matrix.rowIndex[e]] + Math.floor(q / dims[j])) * scale(offset[j] + (q % dims[j]))
    expect(nullSpace(matrix).dimension).toBe(3)
  })

  it('stops at maxDimension and says so', () => {
    const matrix = emptyMatrix(gridShape(8, 8, 3)) // all zero: every scalar is free
    expect(nullSpace(matrix, { maxDimension: 10 })).toMatchObject({ dimension: 10, complete: false })
  })

  it('weak is not free: a tie of 1e-8 keeps a part from floating', () => {
    const matrix = laplacian(gridShape(6, 6, 3))
    for (let s = 0; s < 3; s++) matrix.values[matrix.valueStart[matrix.columnStart[0]] + s * 4] += 1e-8
    expect(nullSpace(matrix).dimension).toBe(0)
  })
})
