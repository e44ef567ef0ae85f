import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { denseSolve, denseSymmetric, distance, size, uniform } from '../../../test/block-jacobians.ts'
import {
  anyBlockShape,
  type BlockShape,
  definiteMatrix,
  emptyMatrix,
  forEachEntry,
  g2oShape,
  gridShape,
  laplacian,
} from '../../../test/block-matrices.ts'
import { realData } from '../../../test/real-data.ts'
import { symmetricMultiply } from '../ops/symmetric-product.ts'
import { analyze, BlockCholesky, type OrderingName } from './index.ts'

const eps = 2 ** -52
const names: OrderingName[] = ['natural', 'amd', 'nd']
const anyOrdering = fc.constantFrom(...names)

const vector = (n: number, seed = 1) => {
  const random = uniform(seed)
  return Float64Array.from({ length: n }, random)
}

/** L by scalars, with rows and columns in the original numbering: L Lᵀ must be H. */
function reassembled({ symbolic, values }: BlockCholesky): number[][] {
  const { permuted, order, blocks, columnStart, rowIndex, valueStart } = symbolic
  const n = blocks.offset[blocks.count]
  const L = Array.from({ length: n }, () => new Array<number>(n).fill(0))
  for (let k = 0; k < blocks.count; k++)
    for (let e = columnStart[k]; e < columnStart[k + 1]; e++)
      for (let r = 0; r < permuted.dims[rowIndex[e]]; r++)
        for (let c = 0; c < permuted.dims[k]; c++)
          L[blocks.offset[order[rowIndex[e]]] + r][permuted.offset[k] + c] =
            values[valueStart[e] + r * permuted.dims[k] + c]
  return L.map((row) => L.map((other) => row.reduce((sum, x, t) => sum + x * other[t], 0)))
}

function scaledBy(shape: BlockShape, factor: number) {
  const matrix = definiteMatrix(shape)
  matrix.values.forEach((value, q) => {
    matrix.values[q] = value * factor
  })
  return matrix
}

describe('symbolic factorization', () => {
  it('is exactly the fill of eliminating block by block', () => {
    fc.assert(
      fc.property(anyBlockShape, anyOrdering, (shape, ordering) => {
        const matrix = emptyMatrix(shape)
        const { order, position, columnStart, rowIndex, parent, blocks } = analyze(matrix, ordering)
        const after = Array.from({ length: blocks.count }, () => new Set<number>())
        for (const [i, j] of shape.edges) {
          const [a, b] = [position[i], position[j]]
          if (a !== b) after[Math.min(a, b)].add(Math.max(a, b))
        }
        for (let k = 0; k < blocks.count; k++) {
          const rows = [...after[k]].sort((a, b) => a - b)
          expect(Array.from(rowIndex.subarray(columnStart[k], columnStart[k + 1]))).toEqual([k, ...rows])
          expect(parent[k]).toBe(rows[0] ?? -1)
          for (const i of rows) for (const j of rows) if (i < j) after[i].add(j)
        }
        expect(Array.from(order, (block) => position[block])).toEqual(Array.from(order, (_, k) => k))
      }),
    )
  })

  it('counts operations and numbers as scalar columns do', () => {
    fc.assert(
      fc.property(anyBlockShape, (shape) => {
        const { columnStart, rowIndex, permuted, flops, nonzeros, factorBlocks } = analyze(emptyMatrix(shape), 'amd')
        let squares = 0
        let numbers = 0
        for (let k = 0; k < permuted.count; k++) {
          const rows = Array.from(rowIndex.subarray(columnStart[k], columnStart[k + 1]), (i) => permuted.dims[i])
          const height = rows.reduce((sum, d) => sum + d, 0)
          numbers += height * permuted.dims[k]
          for (let s = 0; s < permuted.dims[k]; s++) squares += (height - s) ** 2
        }
        expect([flops, nonzeros, factorBlocks]).toEqual([squares, numbers, rowIndex.length])
      }),
    )
  })

  it('a dense matrix costs n (n + 1) (2n + 1) / 6', () => {
    const edges = [0, 1, 2, 3].flatMap((i) => [0, 1, 2, 3].map((j) => [i, j] as const))
    expect(analyze(emptyMatrix({ dims: [3, 3, 3, 3], edges })).flops).toBe((12 * 13 * 25) / 6)
  })

  it('of the same graph with blocks of other sizes is that of the given order', () => {
    fc.assert(
      fc.property(anyBlockShape, (shape) => {
        const known = analyze(emptyMatrix({ dims: shape.dims.map(() => 2), edges: shape.edges }))
        const matrix = emptyMatrix(shape)
        expect(analyze(matrix, known)).toEqual(analyze(matrix, known.order))
      }),
    )
    const other = emptyMatrix(gridShape(3, 2, 3))
    expect(analyze(other, analyze(emptyMatrix(gridShape(2, 3, 3))))).toEqual(analyze(other))
  })

  it('refuses an order that is no permutation', () => {
    const matrix = emptyMatrix(gridShape(2, 2, 3))
    expect(() => analyze(matrix, Int32Array.of(0, 1, 1, 3))).toThrow(/order of 4 blocks, each once/)
    expect(() => analyze(matrix, Int32Array.of(0, 1, 2))).toThrow(/got 3/)
  })
})

describe('BlockCholesky', () => {
  it('L Lᵀ is H + damping', () => {
    fc.assert(
      fc.property(anyBlockShape, anyOrdering, (shape, ordering) => {
        const matrix = definiteMatrix(shape)
        const cholesky = new BlockCholesky(matrix, { ordering })
        const damping = vector(cholesky.size, 5).map(Math.abs)
        expect(cholesky.factor(matrix, damping).ok).toBe(true)
        const H = denseSymmetric(matrix)
        H.forEach((row, i) => {
          row[i] += damping[i]
        })
        // |L Lᵀ − H| ≤ (n + 1) eps |L||Lᵀ| (Higham, Accuracy and Stability, theorem 10.3), |L||Lᵀ| ≤ max diagonal.
        const bound = 2 * (H.length + 1) * eps * size(H.map((row) => size(row)))
        reassembled(cholesky).forEach((row, i) => {
          expect(distance(row, H[i])).toBeLessThanOrEqual(bound)
        })
      }),
    )
  })

  it('solves as Gaussian elimination does, from 1e-9 to 1e9', () => {
    fc.assert(
      fc.property(anyBlockShape, anyOrdering, fc.constantFrom(1e-9, 1, 1e9), (shape, ordering, factor) => {
        const matrix = scaledBy(shape, factor)
        const cholesky = new BlockCholesky(matrix, { ordering })
        expect(cholesky.factor(matrix, null).ok).toBe(true)
        const b = vector(cholesky.size)
        const x = new Float64Array(b.length)
        cholesky.solve(b, x)
        const expected = denseSolve(denseSymmetric(matrix), b)
        // Diagonally dominant: condition ≤ 2 × the largest row sum, here below 2 · 153; 10 n for the two roads' roundings.
        expect(distance(x, expected)).toBeLessThanOrEqual(10 * (b.length + 1) * eps * 306 * size(expected))
      }),
    )
  })

  it('solves in place', () => {
    const matrix = definiteMatrix({ ...gridShape(4, 4, 3), dims: [1, 2, 3, 6, 7, 9, 3, 3, 6, 6, 1, 1, 2, 2, 3, 9] })
    const cholesky = new BlockCholesky(matrix)
    cholesky.factor(matrix)
    const b = vector(cholesky.size)
    const x = new Float64Array(b.length)
    cholesky.solve(b, x)
    cholesky.solve(b, b)
    expect(b).toEqual(x)
  })

  it('the kernels for 3 × 3 and 6 × 6 agree with the general one', () => {
    for (const d of [3, 6]) {
      const shape = gridShape(6, 5, d)
      const uniformMatrix = definiteMatrix(shape)
      // One more block of another size, tied to nothing, sends the same matrix down the general road.
      const mixed = emptyMatrix({ dims: [...shape.dims, 1], edges: shape.edges })
      mixed.values.set(uniformMatrix.values)
      mixed.values[mixed.values.length - 1] = 1
      const fast = new BlockCholesky(uniformMatrix)
      const general = new BlockCholesky(mixed)
      expect([fast.symbolic.uniform, general.symbolic.uniform]).toEqual([d, 0])
      fast.factor(uniformMatrix)
      general.factor(mixed)
      const x = vector(fast.size)
      const y = Float64Array.of(...x, 0)
      fast.solve(x, x)
      general.solve(y, y)
      // Two orders of the same sums; condition below 2 · 9 d.
      expect(distance(x, y.subarray(0, x.length))).toBeLessThanOrEqual(20 * 18 * d * eps * size(x))
    }
  })

  it('names block, scalar, pivot and floor where the matrix is not definite', () => {
    fc.assert(
      fc.property(anyBlockShape, fc.nat(), anyOrdering, (shape, pick, ordering) => {
        fc.pre(shape.dims.length > 0)
        const matrix = definiteMatrix(shape)
        const block = pick % shape.dims.length
        const scalar = pick % shape.dims[block]
        matrix.values[matrix.valueStart[matrix.columnStart[block]] + scalar * (shape.dims[block] + 1)] = -1
        const outcome = new BlockCholesky(matrix, { ordering }).factor(matrix)
        // The pivot is at most the entry itself, so this very scalar fails, unless an earlier one already did: none does.
        expect(outcome).toMatchObject({ ok: false, block, scalar, floor: 0 })
        expect(outcome.ok ? 0 : outcome.pivot).toBeLessThanOrEqual(-1)
      }),
    )
  })

  it('a free gauge fails at a pivot that is only rounding; a damping above it passes', () => {
    const matrix = laplacian(gridShape(6, 6, 3))
    const cholesky = new BlockCholesky(matrix)
    const outcome = cholesky.factor(matrix)
    expect(outcome.ok).toBe(false)
    if (!outcome.ok) expect(Math.abs(outcome.pivot)).toBeLessThanOrEqual(outcome.floor)
    expect(cholesky.factored).toBe(false)
    expect(() => cholesky.solve(vector(cholesky.size), vector(cholesky.size))).toThrow(/no factor/)
    expect(cholesky.factor(matrix, new Float64Array(cholesky.size).fill(1e-6)).ok).toBe(true)
  })

  it('leastPivotRatio tells a free gauge from a sound matrix even where rounding let it pass', () => {
    const cholesky = new BlockCholesky(emptyMatrix(gridShape(12, 12, 1)), { pivotTolerance: 0 })
    let passed = 0
    for (let seed = 1; seed <= 40; seed++) {
      if (!cholesky.factor(laplacian({ ...gridShape(12, 12, 1), seed })).ok) continue
      passed++
      // What is left of an exact zero: a random walk of some thousand roundings of the diagonal entry.
      expect(cholesky.leastPivotRatio()).toBeLessThan(1e3 * eps)
    }
    expect(passed).toBeGreaterThan(0)
    const sound = definiteMatrix(gridShape(12, 12, 1))
    cholesky.factor(sound)
    // The least pivot is at least the least eigenvalue, 1; diagonal entries are at most 1 + 5.
    expect(cholesky.leastPivotRatio()).toBeGreaterThanOrEqual(1 / 6)
    expect(new BlockCholesky(definiteMatrix(gridShape(0, 0, 3))).leastPivotRatio()).toBe(1)
  })

  it('NaN and infinity in the matrix are a failed pivot', () => {
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const matrix = definiteMatrix(gridShape(3, 3, 3))
      matrix.values[matrix.valueStart[matrix.columnStart[4]]] = bad
      expect(new BlockCholesky(matrix).factor(matrix).ok).toBe(false)
    }
  })

  it('refuses another structure and wrong sizes', () => {
    const matrix = definiteMatrix(gridShape(3, 3, 3))
    const cholesky = new BlockCholesky(matrix)
    expect(() => cholesky.factor(definiteMatrix(gridShape(3, 2, 3)))).toThrow(/9 blocks/)
    expect(() => cholesky.factor(matrix, new Float64Array(5))).toThrow(/27 damping values, got 5/)
    cholesky.factor(matrix)
    expect(() => cholesky.solve(new Float64Array(27), new Float64Array(26))).toThrow(/27 and 26/)
  })

  it('factors again in the same memory, and a failure leaves no trace', () => {
    const matrix = definiteMatrix(gridShape(5, 5, 6))
    const cholesky = new BlockCholesky(matrix)
    const before = Object.values(cholesky).filter((value) => ArrayBuffer.isView(value))
    const first = vector(cholesky.size)
    const second = first.slice()
    expect(cholesky.factor(matrix)).toBe(cholesky.factor(matrix)) // the same frozen outcome
    cholesky.solve(first, first)
    expect(cholesky.factor(matrix, new Float64Array(cholesky.size).fill(-1e3)).ok).toBe(false)
    cholesky.factor(matrix)
    cholesky.solve(second, second)
    expect(second).toEqual(first)
    const after = Object.values(cholesky).filter((value) => ArrayBuffer.isView(value))
    expect(after.length).toBe(before.length)
    after.forEach((array, i) => {
      expect(array).toBe(before[i])
    })
  })

  const sphere = 'pose-graphs/sesync/sphere2500.g2o'
  it.skipIf(!realData(sphere))('sphere2500: H x = b to rounding', () => {
    const matrix = definiteMatrix(g2oShape(realData(sphere) as string))
    const cholesky = new BlockCholesky(matrix)
    expect(cholesky.factor(matrix).ok).toBe(true)
    const b = vector(cholesky.size)
    const x = new Float64Array(b.length)
    const back = new Float64Array(b.length)
    cholesky.solve(b, x)
    symmetricMultiply(matrix, x, back)
    let largest = 0
    forEachEntry(matrix, (_r, _c, at) => {
      largest = Math.max(largest, Math.abs(matrix.values[at]))
    })
    // Backward stable: |b − H x| ≤ k eps |H| |x|, k a few times the 30 entries in a row.
    expect(distance(b, back)).toBeLessThanOrEqual(100 * eps * largest * size(x))
  })
})
