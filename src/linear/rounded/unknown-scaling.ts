import { UsageError } from '../../numeric/index.ts'
import type { BlockJacobian } from '../block-jacobian.ts'
import { blockDiagonal, blockDiagonalStarts, scalarSize } from '../ops/jacobian-product.ts'
import { factorSmall, solveLower, solveRightTransposed, solveUpper } from '../ops/small-cholesky.ts'

/** What is folded into J before it is rounded. */
export type ScalingName = 'none' | 'columns' | 'blocks'

/** After a block that is not positive definite to rounding, the floor is raised by this until it is. */
const FLOOR_RAISE = 16
/** The least floor tried then; a floor of 1 (C = 2 diag) factors whatever is finite. */
const LEAST_RAISED_FLOOR = 1e-6

/**
 * A change of unknowns, block by block: δ = L⁻ᵀ y, so that J δ = (J L⁻ᵀ) y, with L Lᵀ = C_b
 * (docs/maths/precision.md, eq. 7).
 * 'columns': C_b = diag(J_bᵀ J_b), the columns of J L⁻ᵀ have norm 1. 'blocks': C_b = J_bᵀ J_b + floor · diag(J_bᵀ J_b), the
 * columns of a block are orthonormal to the floor. 'none': L = I. An unknown on which no row depends has L = 1; one whose
 * column has no finite square keeps its unit, so that rounding meets and reports what is in it.
 */
export class UnknownScaling {
  readonly name: ScalingName
  readonly floor: number
  /** Blocks whose floor was raised in the latest update, because they were not positive definite to rounding. */
  raised = 0
  private readonly J: BlockJacobian
  private readonly start: Int32Array
  /** L in the lower triangles, reciprocals on the diagonals, as `small-cholesky.ts` leaves them. */
  private readonly factor: Float64Array
  private readonly gram: Float64Array

  constructor(J: BlockJacobian, name: ScalingName, floor: number) {
    if (name !== 'none' && name !== 'columns' && name !== 'blocks')
      throw new UsageError(`scaling: expected none, columns or blocks, got ${String(name)}`)
    if (!(floor >= 0 && floor < Number.POSITIVE_INFINITY))
      throw new UsageError(`floor of the block factors: expected a number ≥ 0, got ${floor}`)
    this.J = J
    this.name = name
    this.floor = floor
    this.start = blockDiagonalStarts(J.blocks)
    const length = name === 'none' ? 0 : this.start[J.blocks.count]
    this.factor = new Float64Array(length)
    this.gram = new Float64Array(length)
  }

  /** L of J's current values. */
  update(): void {
    this.raised = 0
    if (this.name === 'none') return
    const { start, gram, J } = this
    const { count, dims } = J.blocks
    blockDiagonal(J, start, gram)
    for (let j = 0; j < count; j++) {
      const d = dims[j]
      clearUnusable(gram, start[j], d)
      if (this.name === 'columns') this.factorColumns(start[j], d)
      else this.factorBlock(start[j], d)
    }
  }

  /** B ← B L⁻ᵀ for a block B (rows × dims[column], row-major) of the column's unknowns. */
  scaleBlock(B: Float64Array, at: number, rows: number, column: number): void {
    if (this.name === 'none') return
    solveRightTransposed(this.factor, this.start[column], this.J.blocks.dims[column], B, at, rows)
  }

  /** y = Lᵀ δ; they may be the same array. */
  toScaled(delta: Float64Array, y: Float64Array): void {
    this.expectUnknowns(delta, y)
    if (y !== delta) y.set(delta)
    if (this.name === 'none') return
    const { factor, start } = this
    const { count, dims, offset } = this.J.blocks
    for (let j = 0; j < count; j++) {
      const d = dims[j]
      const o = offset[j]
      for (let i = 0; i < d; i++) {
        let sum = y[o + i] / factor[start[j] + i * d + i]
        for (let k = i + 1; k < d; k++) sum += factor[start[j] + k * d + i] * y[o + k]
        y[o + i] = sum
      }
    }
  }

  /** δ = L⁻ᵀ y; they may be the same array. */
  fromScaled(y: Float64Array, delta: Float64Array): void {
    this.expectUnknowns(y, delta)
    if (delta !== y) delta.set(y)
    if (this.name === 'none') return
    const { count, dims, offset } = this.J.blocks
    for (let j = 0; j < count; j++) solveUpper(this.factor, this.start[j], dims[j], delta, offset[j])
  }

  /** L⁻¹ g: the gradient with respect to y of a function whose gradient with respect to δ is g. May be in place. */
  gradientToScaled(g: Float64Array, scaled: Float64Array): void {
    this.expectUnknowns(g, scaled)
    if (scaled !== g) scaled.set(g)
    if (this.name === 'none') return
    const { count, dims, offset } = this.J.blocks
    for (let j = 0; j < count; j++) solveLower(this.factor, this.start[j], dims[j], scaled, offset[j])
  }

  private factorColumns(at: number, d: number): void {
    const { gram, factor } = this
    factor.fill(0, at, at + d * d)
    for (let i = 0; i < d; i++) factor[at + i * d + i] = 1 / Math.sqrt(gram[at + i * d + i])
  }

  private factorBlock(at: number, d: number): void {
    const { gram, factor } = this
    let floor = this.floor
    for (let attempt = 0; ; attempt++) {
      for (let e = 0; e < d * d; e++) factor[at + e] = gram[at + e]
      for (let i = 0; i < d; i++) factor[at + i * d + i] *= 1 + floor
      if (factorSmall(factor, at, d) < 0) break
      if (floor >= 1) {
        this.factorColumns(at, d)
        break
      }
      floor = Math.min(1, Math.max(LEAST_RAISED_FLOOR, floor * FLOOR_RAISE))
      if (attempt === 0) this.raised++
    }
  }

  private expectUnknowns(a: Float64Array, b: Float64Array): void {
    const n = scalarSize(this.J.blocks)
    if (a.length !== n || b.length !== n)
      throw new UsageError(`unknowns: expected arrays of ${n} numbers, got ${a.length} and ${b.length}`)
  }
}

/** Rows and columns of a Gram block whose square is zero or not finite become those of the unit matrix. */
function clearUnusable(gram: Float64Array, at: number, d: number): void {
  for (let i = 0; i < d; i++) {
    const square = gram[at + i * d + i]
    if (square > Number.MIN_VALUE / Number.EPSILON && square < Number.POSITIVE_INFINITY) continue
    for (let k = 0; k < d; k++) {
      gram[at + i * d + k] = 0
      gram[at + k * d + i] = 0
    }
    gram[at + i * d + i] = 1
  }
}
