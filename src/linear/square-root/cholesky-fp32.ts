import { UsageError } from '../../numeric/index.ts'
import type { SymmetricBlockMatrix } from '../blocks.ts'
import { type FactorOutcome, factored } from '../cholesky/outcome.ts'

const f = Math.fround

/** As `defaultPivotTolerance` in fp64: a pivot is zero when it is not above this times its own diagonal entry. */
const pivotTolerance = 16 * 2 ** -23

/**
 * A = L Lᵀ behind the door of `DenseCholesky`, in fp32: stored in a Float32Array, every operation rounded to fp32 (Golub and
 * Van Loan, Matrix Computations, 4th ed., algorithm 4.2.2, by rows). What a reduced system of fp32 numbers is factored with
 * where the whole chain is to be fp32.
 */
export class DenseCholesky32 {
  readonly size: number
  factored = false
  /** L in the lower triangle, row-major. */
  private readonly values: Float32Array
  private readonly work: Float32Array

  constructor(size: number) {
    if (!(Number.isInteger(size) && size >= 0))
      throw new UsageError(`DenseCholesky32: expected a size ≥ 0, got ${size}`)
    this.size = size
    this.values = new Float32Array(size * size)
    this.work = new Float32Array(size)
  }

  /** Factors the matrix, its numbers rounded to fp32. */
  factor(matrix: SymmetricBlockMatrix): FactorOutcome {
    const { size, values } = this
    const { blocks } = matrix
    if (blocks.offset[blocks.count] !== size)
      throw new UsageError(`DenseCholesky32.factor: expected ${size} unknowns, got ${blocks.offset[blocks.count]}`)
    this.load(matrix)
    this.factored = false
    for (let s = 0; s < size; s++) {
      const row = s * size
      const entry = values[row + s]
      for (let t = 0; t < s; t++) values[row + t] = f(this.remainder(row, t * size, t) / values[t * size + t])
      const pivot = this.remainder(row, row, s)
      const floor = pivotTolerance * Math.max(0, entry)
      if (!(pivot > floor && pivot < Number.POSITIVE_INFINITY)) {
        let block = 0
        while (blocks.offset[block + 1] <= s) block++
        return { ok: false, block, scalar: s - blocks.offset[block], pivot, floor }
      }
      values[row + s] = f(Math.sqrt(pivot))
    }
    this.factored = true
    return factored
  }

  /** x = A⁻¹ b in fp32; b and x may be the same array. */
  solve(b: Float64Array, x: Float64Array): void {
    const { size, values, work } = this
    if (!this.factored)
      throw new UsageError('DenseCholesky32.solve: there is no factor; call factor() and check its outcome')
    if (b.length !== size || x.length !== size)
      throw new UsageError(`DenseCholesky32.solve: expected vectors of ${size}, got ${b.length} and ${x.length}`)
    work.set(b)
    for (let s = 0; s < size; s++) {
      let sum = work[s]
      for (let t = 0; t < s; t++) sum = f(sum - f(values[s * size + t] * work[t]))
      work[s] = f(sum / values[s * size + s])
    }
    for (let s = size - 1; s >= 0; s--) {
      const xs = f(work[s] / values[s * size + s])
      work[s] = xs
      for (let t = 0; t < s; t++) work[t] = f(work[t] - f(values[s * size + t] * xs))
    }
    x.set(work)
  }

  /** A(row, at column t) − Σ_{k<t} L(row, k) L(other, k), one rounding an operation. */
  private remainder(row: number, other: number, t: number): number {
    const { values } = this
    let sum = values[row + t]
    for (let k = 0; k < t; k++) sum = f(sum - f(values[row + k] * values[other + k]))
    return sum
  }

  private load({ blocks, columnStart, rowIndex, valueStart, values: from }: SymmetricBlockMatrix): void {
    const { size, values } = this
    values.fill(0)
    for (let j = 0; j < blocks.count; j++)
      for (let e = columnStart[j]; e < columnStart[j + 1]; e++) {
        let at = valueStart[e]
        for (let r = blocks.offset[rowIndex[e]]; r < blocks.offset[rowIndex[e] + 1]; r++)
          for (let c = blocks.offset[j]; c < blocks.offset[j + 1]; c++) values[r * size + c] = from[at++]
      }
  }
}
