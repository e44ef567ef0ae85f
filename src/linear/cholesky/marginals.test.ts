import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { denseSolve, denseSymmetric, distance, size } from '../../../test/block-jacobians.ts'
import { anyBlockShape, definiteMatrix, gridShape } from '../../../test/block-matrices.ts'
import type { SymmetricBlockMatrix } from '../blocks.ts'
import { BlockCholesky, type BlockPair, covarianceBlocks } from './index.ts'

function denseInverse(matrix: SymmetricBlockMatrix): number[][] {
  const H = denseSymmetric(matrix)
  return H.map((_, c) =>
    denseSolve(
      H,
      H.map((_row, r) => (r === c ? 1 : 0)),
    ),
  )
}

function expectBlocks(matrix: SymmetricBlockMatrix, pairs: BlockPair[]): void {
  const cholesky = new BlockCholesky(matrix)
  cholesky.factor(matrix)
  const inverse = denseInverse(matrix)
  const { dims, offset } = matrix.blocks
  const found = covarianceBlocks(cholesky, pairs)
  pairs.forEach(([i, j], q) => {
    const expected = Array.from({ length: dims[i] * dims[j] }, (_, at) => {
      const r = Math.floor(at / dims[j])
      return inverse[offset[i] + r][offset[j] + (at % dims[j])]
    })
    // Condition below 306 (see numeric.test.ts); entries of the inverse are at most 1, its diagonal at least 1/154.
    expect(distance(found[q], expected)).toBeLessThanOrEqual(1e-12 * size(inverse.map((row) => size(row))))
  })
}

describe('covarianceBlocks', () => {
  it('one pair equals the dense inverse, in either order of the pair', () => {
    fc.assert(
      fc.property(anyBlockShape, fc.nat(), fc.nat(), (shape, a, b) => {
        const count = shape.dims.length
        if (count === 0) return
        expectBlocks(definiteMatrix(shape), [
          [a % count, b % count],
          [b % count, a % count],
        ])
      }),
      { numRuns: 40 },
    )
  })

  it('all blocks at once equal the dense inverse', () => {
    fc.assert(
      fc.property(anyBlockShape, (shape) => {
        const blocks = shape.dims.map((_, i) => i)
        expectBlocks(
          definiteMatrix(shape),
          blocks.flatMap((i) => blocks.map((j) => [i, j] as const)),
        )
      }),
      { numRuns: 30 },
    )
  })

  it('the sweep and the paths agree', () => {
    const matrix = definiteMatrix(gridShape(9, 8, 3))
    const cholesky = new BlockCholesky(matrix)
    cholesky.factor(matrix)
    const pairs = Array.from({ length: 72 }, (_, i) => [i, i] as const)
    const all = covarianceBlocks(cholesky, pairs)
    pairs.forEach((pair, q) => {
      const [alone] = covarianceBlocks(cholesky, [pair])
      // Condition about 30: both roads keep 14 digits.
      expect(distance(all[q], alone)).toBeLessThanOrEqual(1e-14 * 30 * size(alone))
    })
  })

  it('refuses blocks that do not exist and a missing factor', () => {
    const matrix = definiteMatrix(gridShape(2, 2, 3))
    const cholesky = new BlockCholesky(matrix)
    expect(() => covarianceBlocks(cholesky, [[0, 0]])).toThrow(/no factor/)
    cholesky.factor(matrix)
    expect(() => covarianceBlocks(cholesky, [[0, 4]])).toThrow(/0 … 3, got 4/)
  })
})
