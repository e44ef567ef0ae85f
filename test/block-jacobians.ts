import fc from 'fast-check'
import type { Region } from '../src/backend/index.ts'
import type { BlockJacobian, Store, SymmetricBlockMatrix } from '../src/linear/index.ts'
import { partition, store } from '../src/linear/index.ts'

/**
 * Random block Jacobians and their dense twins, for tests of everything that works on them. The dense side is written
 * from the contract in `block-jacobian.ts` alone, entry by entry.
 */

/** A dense matrix as rows. */
export type Dense = number[][]

export interface JacobianShape {
  /** Sizes of the block columns. */
  readonly dims: readonly number[]
  /** Per batch: residual dimension, and each factor's block columns (−1 constant); slot sizes follow from `slots`. */
  readonly batches: readonly {
    readonly residualDim: number
    readonly slots: readonly number[]
    readonly factors: readonly (readonly number[])[]
  }[]
}

/** The Jacobian of a shape, with numbers drawn by `random` (in −1 … 1); blocks of constants hold NaN, as none may read them. */
export function jacobianOf(shape: JacobianShape, random: () => number): BlockJacobian {
  let row = 0
  const batches = shape.batches.map(({ residualDim, slots, factors }) => {
    const stride = residualDim * slots.reduce((sum, d) => sum + d, 0)
    const values = Float64Array.from({ length: factors.length * stride }, random)
    factors.forEach((columns, i) => {
      let at = i * stride
      columns.forEach((column, k) => {
        const size = residualDim * slots[k]
        if (column < 0) values.fill(Number.NaN, at, at + size)
        at += size
      })
    })
    const batch = {
      count: factors.length,
      residualDim,
      arity: slots.length,
      dims: slots,
      columns: Int32Array.from(factors.flat()),
      row,
      stride,
      values,
    }
    row += factors.length * residualDim
    return batch
  })
  const J = { blocks: partition(shape.dims), rows: row, batches, residual: Float64Array.from({ length: row }, random) }
  // What a failing property prints: the shape, not thousands of numbers.
  Object.defineProperty(J, fc.toStringMethod, { value: () => JSON.stringify(shape) })
  return J
}

/** Uniform numbers in −1 … 1 from a seed (mulberry32). */
export function uniform(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 31 - 1
  }
}

/** Any structure: 1–8 blocks of mixed sizes, up to 4 batches of arity 1–3, constants, duplicates, empty batches. */
export const anyShape: fc.Arbitrary<JacobianShape> = fc
  .array(fc.constantFrom(1, 2, 3, 6, 7, 9), { minLength: 1, maxLength: 8 })
  .chain((dims) => {
    const batch = fc
      .tuple(fc.constantFrom(1, 2, 3, 4, 6), fc.array(fc.constantFrom(...dims), { minLength: 1, maxLength: 3 }))
      .chain(([residualDim, slots]) => {
        const column = (size: number) => fc.constantFrom(-1, ...dims.flatMap((d, j) => (d === size ? [j, j] : [])))
        return fc
          .array(fc.tuple(...slots.map(column)), { maxLength: 6 })
          .map((factors) => ({ residualDim, slots, factors }))
      })
    return fc.record({ dims: fc.constant(dims), batches: fc.array(batch, { maxLength: 4 }) })
  })

export const anyJacobian: fc.Arbitrary<BlockJacobian> = fc
  .tuple(anyShape, fc.integer())
  .map(([shape, seed]) => jacobianOf(shape, uniform(seed)))

export function denseJacobian(J: BlockJacobian): Dense {
  const n = J.blocks.offset[J.blocks.count]
  const dense: Dense = Array.from({ length: J.rows }, () => new Array<number>(n).fill(0))
  for (const batch of J.batches)
    for (let i = 0; i < batch.count; i++) {
      let at = i * batch.stride
      for (let k = 0; k < batch.arity; k++)
        for (let r = 0; r < batch.residualDim; r++)
          for (let c = 0; c < batch.dims[k]; c++, at++) {
            const column = batch.columns[i * batch.arity + k]
            if (column >= 0)
              dense[batch.row + i * batch.residualDim + r][J.blocks.offset[column] + c] += batch.values[at]
          }
    }
  return dense
}

export function denseSymmetric(H: SymmetricBlockMatrix): Dense {
  const { blocks, columnStart, rowIndex, valueStart, values } = H
  const n = blocks.offset[blocks.count]
  const dense: Dense = Array.from({ length: n }, () => new Array<number>(n).fill(0))
  for (let j = 0; j < blocks.count; j++)
    for (let e = columnStart[j]; e < columnStart[j + 1]; e++)
      for (let a = 0; a < blocks.dims[rowIndex[e]]; a++)
        for (let b = 0; b < blocks.dims[j]; b++) {
          const value = values[valueStart[e] + a * blocks.dims[j] + b]
          dense[blocks.offset[rowIndex[e]] + a][blocks.offset[j] + b] = value
          dense[blocks.offset[j] + b][blocks.offset[rowIndex[e]] + a] = value
        }
  return dense
}

export function transpose(A: Dense, columns: number): Dense {
  return Array.from({ length: columns }, (_, j) => A.map((row) => row[j]))
}

export function times(A: Dense, x: ArrayLike<number>): number[] {
  return A.map((row) => row.reduce((sum, a, j) => sum + a * x[j], 0))
}

/** AᵀA + diag(Λ). */
export function gram(A: Dense, n: number, damping?: ArrayLike<number>): Dense {
  const T = transpose(A, n)
  return T.map((ti, i) =>
    T.map((tj, j) => ti.reduce((sum, a, r) => sum + a * tj[r], 0) + (i === j ? (damping?.[i] ?? 0) : 0)),
  )
}

/** A⁻¹ b by Gaussian elimination with partial pivoting. */
export function denseSolve(A: Dense, b: ArrayLike<number>): number[] {
  const n = A.length
  const M = A.map((row, i) => [...row, b[i]])
  for (let k = 0; k < n; k++) {
    let pivot = k
    for (let i = k + 1; i < n; i++) if (Math.abs(M[i][k]) > Math.abs(M[pivot][k])) pivot = i
    ;[M[k], M[pivot]] = [M[pivot], M[k]]
    for (let i = k + 1; i < n; i++) {
      const factor = M[i][k] / M[k][k]
      for (let j = k; j <= n; j++) M[i][j] -= factor * M[k][j]
    }
  }
  const x = new Array<number>(n).fill(0)
  for (let i = n - 1; i >= 0; i--) {
    let sum = M[i][n]
    for (let j = i + 1; j < n; j++) sum -= M[i][j] * x[j]
    x[i] = sum / M[i][i]
  }
  return x
}

/** Largest absolute difference. */
export function distance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) throw new Error(`lengths differ: ${a.length}, ${b.length}`)
  let worst = 0
  for (let i = 0; i < a.length; i++) {
    const d = Math.abs(a[i] - b[i])
    if (!(d <= worst)) worst = d
  }
  return worst
}

/** Largest absolute entry. */
export function size(a: ArrayLike<number>): number {
  let worst = 0
  for (let i = 0; i < a.length; i++) worst = Math.max(worst, Math.abs(a[i]))
  return worst
}

/** The same Jacobian with its numbers in a region of the linear memory, where kernels reach them. */
export function inMemory(J: BlockJacobian, memory: Region): BlockJacobian {
  const copied = (from: Float64Array): Store => {
    const to = store(from.length, memory)
    to.view.set(from)
    return to
  }
  const residual = copied(J.residual)
  const batches = J.batches.map((batch) => {
    const values = copied(batch.values)
    return Object.defineProperty({ ...batch }, 'values', { get: () => values.view })
  })
  return Object.defineProperty({ ...J, batches, memory }, 'residual', { get: () => residual.view })
}
