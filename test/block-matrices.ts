import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { partition, type SymmetricBlockMatrix, symmetricBlockMatrix } from '../src/linear/index.ts'
import { uniform } from './block-jacobians.ts'

/** Random symmetric block matrices for tests of direct solvers. */
export interface BlockShape {
  readonly dims: readonly number[]
  readonly edges: readonly (readonly [number, number])[]
  readonly seed: number
}

/** Any structure of mixed blocks, awkward counts first. */
export const anyBlockShape: fc.Arbitrary<BlockShape> = fc
  .tuple(fc.constantFrom(0, 1, 3, 5, 17), fc.constantFrom([1, 2, 3, 6, 7, 9], [3], [6], [1]))
  .chain(([count, sizes]) =>
    fc.record({
      dims: fc.array(fc.constantFrom(...sizes), { minLength: count, maxLength: count }),
      edges:
        count === 0
          ? fc.constant([])
          : fc.array(fc.tuple(fc.nat(count - 1), fc.nat(count - 1)), { maxLength: 3 * count }),
      seed: fc.integer(),
    }),
  )

export function emptyMatrix({ dims, edges }: Pick<BlockShape, 'dims' | 'edges'>): SymmetricBlockMatrix {
  const blocks = partition(dims)
  return symmetricBlockMatrix(
    blocks,
    Int32Array.from(edges, ([i]) => i),
    Int32Array.from(edges, ([, j]) => j),
  )
}

/**
 * A positive definite matrix of a shape: random entries, and on the diagonal the sum of the magnitudes of its row plus
 * one (strict diagonal dominance). Condition number in scaled form at most about twice the longest row sum.
 */
export function definiteMatrix(shape: BlockShape): SymmetricBlockMatrix {
  const matrix = emptyMatrix(shape)
  const random = uniform(shape.seed)
  const { dims, offset, count } = matrix.blocks
  const sums = new Float64Array(offset[count])
  forEachEntry(matrix, (row, column, at, transposedAt) => {
    if (row < column) return
    const value = random()
    matrix.values[at] = value
    if (transposedAt >= 0) matrix.values[transposedAt] = value
    sums[row] += Math.abs(value)
    if (row !== column) sums[column] += Math.abs(value)
  })
  for (let j = 0; j < count; j++)
    for (let s = 0; s < dims[j]; s++)
      matrix.values[matrix.valueStart[matrix.columnStart[j]] + s * (dims[j] + 1)] = sums[offset[j] + s] + 1
  return matrix
}

/** H = Σ over edges of Jᵀ J with J = (A, −A) random: the constants are in its null space, as in a graph with free gauge. */
export function laplacian(shape: BlockShape): SymmetricBlockMatrix {
  const matrix = emptyMatrix(shape)
  const random = uniform(shape.seed)
  const { dims, offset } = matrix.blocks
  const dense = new Map<number, number>()
  forEachEntry(matrix, (row, column, at) => dense.set(row * 1e6 + column, at))
  const add = (row: number, column: number, value: number) => {
    const at = dense.get(row * 1e6 + column)
    if (at !== undefined) matrix.values[at] += value
  }
  for (const [i, j] of shape.edges) {
    if (i === j) continue
    const d = dims[i]
    const A = Array.from({ length: d * d }, (_, q) => random() + (q % (d + 1) === 0 ? 2 : 0))
    for (let r = 0; r < d; r++)
      for (let c = 0; c < d; c++) {
        let value = 0
        for (let t = 0; t < d; t++) value += A[t * d + r] * A[t * d + c]
        add(offset[i] + r, offset[i] + c, value)
        add(offset[j] + r, offset[j] + c, value)
        add(offset[Math.max(i, j)] + r, offset[Math.min(i, j)] + c, -value)
      }
  }
  return matrix
}

/** Visits every stored scalar; transposedAt is its mirror within a diagonal block, −1 elsewhere. */
export function forEachEntry(
  matrix: SymmetricBlockMatrix,
  visit: (row: number, column: number, at: number, transposedAt: number) => void,
): void {
  const { dims, offset, count } = matrix.blocks
  for (let j = 0; j < count; j++)
    for (let e = matrix.columnStart[j]; e < matrix.columnStart[j + 1]; e++) {
      const i = matrix.rowIndex[e]
      const from = matrix.valueStart[e]
      for (let r = 0; r < dims[i]; r++)
        for (let c = 0; c < dims[j]; c++)
          visit(offset[i] + r, offset[j] + c, from + r * dims[j] + c, i === j ? from + c * dims[j] + r : -1)
    }
}

/** The block graph of a .g2o file, its first vertex held constant. */
export function g2oShape(path: string): BlockShape {
  const ids = new Map<string, number>()
  const index = (id: string) => {
    if (!ids.has(id)) ids.set(id, ids.size)
    return ids.get(id) as number
  }
  const edges: [number, number][] = []
  let size = 3
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    const [tag, a, b] = line.trim().split(/\s+/)
    if (tag.startsWith('VERTEX')) index(a)
    if (tag.startsWith('EDGE_SE')) edges.push([index(a) - 1, index(b) - 1])
    if (tag.includes('SE3')) size = 6
  }
  return { dims: new Array(ids.size - 1).fill(size), edges: edges.filter(([i, j]) => i >= 0 && j >= 0), seed: 1 }
}

/** A width × height grid of blocks, each tied to its right and upper neighbour. */
export function gridShape(width: number, height: number, size: number): BlockShape {
  const edges: [number, number][] = []
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      if (x + 1 < width) edges.push([y * width + x, y * width + x + 1])
      if (y + 1 < height) edges.push([y * width + x, (y + 1) * width + x])
    }
  return { dims: new Array(width * height).fill(size), edges, seed: 1 }
}
