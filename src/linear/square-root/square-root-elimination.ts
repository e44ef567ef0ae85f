import { UsageError } from '../../numeric/index.ts'
import type { BlockJacobian } from '../block-jacobian.ts'
import type { DampedLeastSquares } from '../cgnr.ts'
import type { LinearOperator, RectangularOperator } from '../operator.ts'
import { hessianOperator } from '../operator.ts'
import type { Reals } from './kernels.ts'
import { PointElimination, type PointEliminationOptions } from './point-elimination.ts'

/**
 * Elimination of points by orthogonal transformations: per point Qᵀ [J_p | J_c | r] = [R C₁ q₁; 0 C₂ q₂], and only the rows
 * below R, the projection onto the null space of J_pᵀ, go on to the remaining blocks (N. Demmel et al., "Square Root Bundle
 * Adjustment for Large-Scale Reconstruction", CVPR 2021, eqs. 9 to 17; docs/maths/square-root.md, eqs. 1 to 9). The same S,
 * ĝ and step as `SchurComplement`, but H_pp is never formed: what a point with a small parallax does to the condition of its
 * 3 × 3 system is not squared, and no difference of large numbers is taken, which is what low precision needs.
 *
 * The damping of a point is d rows [√Λ_p 0 0] more, taken in by rotations of R alone, so that one `prepare` serves every
 * damping.
 */
export class SquareRootElimination extends PointElimination {
  /** Per point 2d × 2d numbers at 4d² p: [R̂ G₁₁; 0 G₂₁], the rotations of the damping (eq. 6). */
  private readonly rotated: Reals
  private readonly rotatedAt: Int32Array
  /** [G₁₁; G₂₁] [C₁ | q₁] of one point, or scratch of the reflections. */
  private readonly scratch: Reals
  /** Scratch of d numbers. */
  private readonly small: Reals
  /** Scratch of d numbers in the products of `leastSquares`. */
  private readonly head: Float64Array
  private readonly product: Float64Array
  private readonly system: DampedLeastSquares | null

  constructor(J: BlockJacobian, eliminated: Uint8Array, options: PointEliminationOptions) {
    super(J, eliminated, options, options.form === 'implicit')
    const { groups } = this
    this.rotatedAt = new Int32Array(groups.pointCount + 1)
    let longest = 1
    let deepest = 1
    for (let g = 0; g < groups.count; g++) {
      const d = groups.pointDim[g]
      longest = Math.max(longest, Math.max(1, 2 * d) * this.leading(g))
      deepest = Math.max(deepest, d)
      if (g < groups.pointCount) this.rotatedAt[g + 1] = this.rotatedAt[g] + 4 * d * d
    }
    this.rotated = this.reals(this.rotatedAt[groups.pointCount])
    this.scratch = this.reals(longest)
    this.small = this.reals(2 * deepest)
    this.head = new Float64Array(deepest)
    this.product = new Float64Array(deepest)
    this.system = options.form === 'implicit' ? this.makeSystem() : null
  }

  override get operator(): LinearOperator {
    if (!this.system) return hessianOperator(this.reduced)
    const { jacobian, damping } = this.system
    const rows = new Float64Array(jacobian.rows)
    return {
      size: jacobian.columns,
      apply(x, out) {
        jacobian.multiply(x, rows)
        jacobian.multiplyTransposed(rows, out)
        if (damping) for (let i = 0; i < out.length; i++) out[i] += damping[i] * x[i]
      },
    }
  }

  /**
   * The reduced problem min ½ ‖J̃ δ_c + r̃‖² + ½ δ_cᵀ Λ_c δ_c for `cgnr`, S never formed: J̃ and r̃ are the points' rows below
   * R̂. Of the latest elimination, with form 'implicit' only. Products accumulate in fp64 whatever the format of the rows.
   */
  get leastSquares(): DampedLeastSquares {
    if (!this.system)
      throw new UsageError(`the reduced rows are kept with form 'implicit' only; make the elimination with that form`)
    return this.system
  }

  protected override condense(g: number): void {
    const { groups, kernels, sums, panels, panelAt, heads, headAt, reduced, pairStart } = this
    const at = panelAt[g]
    const ld = this.leading(g)
    const d = groups.pointDim[g]
    const below = at + d * ld
    const rows = groups.rows[g] - d
    kernels.reflect(panels, at, groups.rows[g], ld, d, this.scratch)
    if (d > 0) for (let i = 0; i < d * ld; i++) heads[headAt[g] + i] = panels[at + i]

    const { pairTarget, blockStart, block, blockColumn, blocks } = groups
    for (let a = blockStart[g], pair = pairStart[g]; a < blockStart[g + 1]; a++)
      for (let b = blockStart[g]; b <= a; b++, pair++) {
        const to = pairTarget[pair]
        if (to < 0 || !this.addsRows(g, pair)) continue
        const i = d + blockColumn[a]
        const height = blocks.dims[block[a]]
        if (a === b) sums.addSquare(panels, below, ld, rows, i, height, reduced.values, to)
        else {
          const j = d + blockColumn[b]
          sums.addGram(panels, below, ld, rows, i, height, j, blocks.dims[block[b]], reduced.values, to)
        }
      }
    this.addGradient(g, panels, below, ld, rows, d)
  }

  /**
   * Whether a pair of blocks takes the products of its rows below R. Those that have no row in common may do otherwise
   * (eq. 5), which is shorter when the panel is longer than 2d.
   */
  private addsRows(g: number, pair: number): boolean {
    const { rows, pointDim, pairShared } = this.groups
    return pairShared[pair] === 1 || rows[g] <= 2 * pointDim[g]
  }

  protected override eliminatePoint(p: number, damping: Float64Array | null, dampingAt: number): number {
    const failed = this.rotate(p, damping, dampingAt)
    if (failed >= 0) return failed
    const { groups, sums, scratch, reduced, pairStart } = this
    const d = groups.pointDim[p]
    const n = groups.width[p] + 1
    const lower = d * n
    this.rotateHead(p)
    const { pairTarget, blockStart, block, blockColumn, blocks } = groups
    for (let a = blockStart[p], pair = pairStart[p]; a < blockStart[p + 1]; a++)
      for (let b = blockStart[p]; b <= a; b++, pair++) {
        const to = pairTarget[pair]
        if (to < 0) continue
        const i = blockColumn[a]
        const j = blockColumn[b]
        const height = blocks.dims[block[a]]
        const width = blocks.dims[block[b]]
        if (!this.addsRows(p, pair)) sums.subtractGram(scratch, 0, n, d, i, height, j, width, reduced.values, to)
        else if (!damping) continue
        else if (a === b) sums.addSquare(scratch, lower, n, d, i, height, reduced.values, to)
        else sums.addGram(scratch, lower, n, d, i, height, j, width, reduced.values, to)
      }
    if (damping) this.addGradient(p, scratch, lower, n, d, 0)
    return -1
  }

  /** scratch = [G₁₁; G₂₁] [C₁ | q₁], 2d × (n + 1): what the damping's rotations make of a point's head (eq. 7). */
  private rotateHead(p: number): void {
    const { groups, kernels, heads, headAt, scratch, rotated, rotatedAt } = this
    const d = groups.pointDim[p]
    const n = groups.width[p] + 1
    for (let i = 0; i < 2 * d; i++) {
      scratch.fill(0, i * n, i * n + n)
      for (let k = 0; k < d; k++)
        kernels.addScaled(
          scratch,
          i * n,
          rotated[rotatedAt[p] + i * 2 * d + d + k],
          heads,
          headAt[p] + k * (d + n) + d,
          n,
        )
    }
  }

  /** δ_p = −R̂⁻¹ G₁₁ (q₁ + C₁ δ_c) (eq. 8). */
  protected override solvePoint(p: number, step: Float64Array, at: number): void {
    const { groups, kernels, heads, headAt, small, rotated, rotatedAt } = this
    const { round } = kernels
    const d = groups.pointDim[p]
    const ld = this.leading(p)
    const T = rotatedAt[p]
    for (let i = 0; i < d; i++) small[i] = heads[headAt[p] + i * ld + ld - 1]
    this.addRemaining(p, heads, headAt[p], small, 0)
    for (let i = 0; i < d; i++) {
      let sum = 0
      for (let k = 0; k < d; k++) sum = round(sum + round(rotated[T + i * 2 * d + d + k] * small[k]))
      small[d + i] = sum
    }
    for (let i = d - 1; i >= 0; i--) {
      let sum = small[d + i]
      for (let k = i + 1; k < d; k++) sum = round(sum - round(rotated[T + i * 2 * d + k] * small[d + k]))
      small[d + i] = round(sum / rotated[T + i * 2 * d + i])
    }
    for (let i = 0; i < d; i++) step[at + i] = -small[d + i]
  }

  /** Givens rotations of [R I; √Λ_p 0] into [R̂ G₁₁; 0 G₂₁]. −1, or the first row whose diagonal is at rounding level. */
  private rotate(p: number, damping: Float64Array | null, dampingAt: number): number {
    const { groups, kernels, heads, headAt, rotated: T, rotatedAt } = this
    const { round, epsilon } = kernels
    const d = groups.pointDim[p]
    const n = 2 * d
    const at = rotatedAt[p]
    const ld = this.leading(p)
    T.fill(0, at, at + n * n)
    for (let i = 0; i < d; i++) {
      for (let j = i; j < d; j++) T[at + i * n + j] = heads[headAt[p] + i * ld + j]
      T[at + i * n + d + i] = 1
      if (damping) T[at + (d + i) * n + i] = round(Math.sqrt(round(damping[dampingAt + i])))
    }
    for (let k = 0; k < d; k++) {
      if (damping) for (let i = 0; i <= k; i++) rotateRows(T, at + k * n, at + (d + i) * n, k, n, round)
      let column = 0
      for (let i = 0; i <= k; i++) column = round(column + round(T[at + i * n + k] * T[at + i * n + k]))
      const pivot = Math.abs(T[at + k * n + k])
      if (!(pivot > 4 * d * epsilon * Math.sqrt(column) && pivot < Number.POSITIVE_INFINITY)) return k
    }
    return -1
  }

  private makeSystem(): DampedLeastSquares {
    const { groups } = this
    let rows = 0
    for (let g = 0; g < groups.count; g++) rows += groups.rows[g]
    const self = this
    const residual = new Float64Array(rows)
    const jacobian: RectangularOperator = {
      rows,
      columns: this.reducedGradient.length,
      multiply: (x, out) => self.multiplyRows(x, out),
      multiplyTransposed: (y, out) => self.multiplyRowsTransposed(y, out),
    }
    return {
      jacobian,
      get residual() {
        self.readResidual(residual)
        return residual
      },
      gradient: this.reducedGradient,
      damping: this.remainingDamping,
    }
  }

  /** out = J̃ x: per group [G₂₁ C₁ x; C₂ x]. */
  private multiplyRows(x: Float64Array, out: Float64Array): void {
    const { groups, panels, panelAt } = this
    const { blockStart, block, blockColumn, blocks } = groups
    for (let g = 0, row = 0; g < groups.count; row += groups.rows[g], g++) {
      const d = groups.pointDim[g]
      const ld = this.leading(g)
      for (let i = 0; i < groups.rows[g]; i++) {
        let sum = 0
        for (let a = blockStart[g]; a < blockStart[g + 1]; a++) {
          const from = panelAt[g] + i * ld + d + blockColumn[a]
          const xAt = blocks.offset[block[a]]
          for (let k = 0; k < blocks.dims[block[a]]; k++) sum += panels[from + k] * x[xAt + k]
        }
        out[row + i] = sum
      }
      if (d > 0) this.dampHead(g, out, row, false)
    }
  }

  private multiplyRowsTransposed(y: Float64Array, out: Float64Array): void {
    const { groups, panels, panelAt, head } = this
    const { blockStart, block, blockColumn, blocks } = groups
    out.fill(0)
    for (let g = 0, row = 0; g < groups.count; row += groups.rows[g], g++) {
      const d = groups.pointDim[g]
      const ld = this.leading(g)
      for (let i = 0; i < d; i++) head[i] = y[row + i]
      if (d > 0) this.dampHead(g, head, 0, true)
      for (let i = 0; i < groups.rows[g]; i++) {
        const yi = i < d ? head[i] : y[row + i]
        for (let a = blockStart[g]; a < blockStart[g + 1]; a++) {
          const from = panelAt[g] + i * ld + d + blockColumn[a]
          const to = blocks.offset[block[a]]
          for (let k = 0; k < blocks.dims[block[a]]; k++) out[to + k] += panels[from + k] * yi
        }
      }
    }
  }

  private readResidual(residual: Float64Array): void {
    const { groups, panels, panelAt } = this
    for (let g = 0, row = 0; g < groups.count; row += groups.rows[g], g++) {
      const ld = this.leading(g)
      for (let i = 0; i < groups.rows[g]; i++) residual[row + i] = panels[panelAt[g] + i * ld + ld - 1]
      if (groups.pointDim[g] > 0) this.dampHead(g, residual, row, false)
    }
  }

  /** v ← G₂₁ v, or G₂₁ᵀ v, for the d numbers of point p at `at`. */
  private dampHead(p: number, v: Float64Array, at: number, transposed: boolean): void {
    const { groups, rotated, rotatedAt, product } = this
    const d = groups.pointDim[p]
    const G = rotatedAt[p] + d * 2 * d + d
    for (let i = 0; i < d; i++) {
      product[i] = 0
      for (let k = 0; k < d; k++) product[i] += rotated[G + (transposed ? k * 2 * d + i : i * 2 * d + k)] * v[at + k]
    }
    for (let i = 0; i < d; i++) v[at + i] = product[i]
  }
}

/** The rotation of rows a and b that makes entry k of row b zero (Golub and Van Loan, algorithm 5.1.3). */
function rotateRows(T: Reals, a: number, b: number, k: number, n: number, round: (x: number) => number): void {
  const y = T[b + k]
  if (y === 0) return
  const x = T[a + k]
  const length = round(Math.sqrt(round(round(x * x) + round(y * y))))
  const c = round(x / length)
  const s = round(y / length)
  for (let j = k; j < n; j++) {
    const u = T[a + j]
    const v = T[b + j]
    T[a + j] = round(round(c * u) + round(s * v))
    T[b + j] = round(round(c * v) - round(s * u))
  }
  T[b + k] = 0
}
