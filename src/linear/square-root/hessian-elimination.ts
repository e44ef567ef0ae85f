import { UsageError } from '../../numeric/index.ts'
import type { BlockJacobian } from '../block-jacobian.ts'
import type { Reals } from './kernels.ts'
import { PointElimination, type PointEliminationOptions } from './point-elimination.ts'

/**
 * Elimination of points by their normal equations, as `SchurComplement`, in fp32 or fp64: the Hessian form beside
 * `SquareRootElimination`, on the same panels, to compare what each of them keeps of its numbers
 * (docs/maths/square-root.md, eqs. 10 to 12). H_pp squares the condition of J_p, and S is a difference; in fp32 it is
 * often not positive definite. In fp64 without comparisons take `SchurComplement`, which is faster.
 */
export class HessianElimination extends PointElimination {
  /** Per point, as `heads`: [L | W | y] with L Lᵀ = H_pp + Λ_p, W = L⁻¹ H_pc, y = L⁻¹ g_p. */
  private readonly factors: Reals
  private readonly small: Reals

  constructor(J: BlockJacobian, eliminated: Uint8Array, options: PointEliminationOptions) {
    if (options.form === 'implicit')
      throw new UsageError(`the Hessian form on panels forms S: form must be 'dense' or 'sparse', got 'implicit'`)
    super(J, eliminated, options, false)
    this.factors = this.reals(this.heads.length)
    let deepest = 1
    for (const d of this.groups.pointDim) deepest = Math.max(deepest, d)
    this.small = this.reals(deepest)
  }

  /** heads = J_pᵀ [J_p | J_c | r]; S += J_cᵀ J_c, ĝ += J_cᵀ r (eq. 10). */
  protected override condense(g: number): void {
    const { groups, kernels, sums, panels, panelAt, heads, headAt, reduced, pairStart } = this
    const { pairTarget, pairShared, blockStart, block, blockColumn, blocks } = groups
    const at = panelAt[g]
    const ld = this.leading(g)
    const d = groups.pointDim[g]
    const rows = groups.rows[g]
    if (d > 0) {
      heads.fill(0, headAt[g], headAt[g] + d * ld)
      kernels.addGram(panels, at, ld, rows, 0, d, 0, ld, heads, headAt[g])
    }
    for (let a = blockStart[g], pair = pairStart[g]; a < blockStart[g + 1]; a++)
      for (let b = blockStart[g]; b <= a; b++, pair++) {
        const to = pairTarget[pair]
        if (to < 0 || !pairShared[pair]) continue
        const height = blocks.dims[block[a]]
        const width = blocks.dims[block[b]]
        sums.addGram(panels, at, ld, rows, d + blockColumn[a], height, d + blockColumn[b], width, reduced.values, to)
      }
    this.addGradient(g, panels, at, ld, rows, d)
  }

  /** S −= Wᵀ W, ĝ −= Wᵀ y (eq. 11). */
  protected override eliminatePoint(p: number, damping: Float64Array | null, dampingAt: number): number {
    const { groups, kernels, sums, factors, headAt, heads, reduced, reducedGradient, pairStart } = this
    const { pairTarget, blockStart, block, blockColumn, blocks } = groups
    const d = groups.pointDim[p]
    const ld = this.leading(p)
    const at = headAt[p]
    for (let i = 0; i < d * ld; i++) factors[at + i] = heads[at + i]
    if (damping)
      for (let i = 0; i < d; i++) {
        const diagonal = at + i * (ld + 1)
        factors[diagonal] = kernels.round(factors[diagonal] + kernels.round(damping[dampingAt + i]))
      }
    const failed = this.factorHead(at, d, ld)
    if (failed >= 0) return failed
    for (let a = blockStart[p], pair = pairStart[p]; a < blockStart[p + 1]; a++) {
      const c = block[a]
      const i = d + blockColumn[a]
      for (let b = blockStart[p]; b <= a; b++, pair++) {
        const to = pairTarget[pair]
        if (to < 0) continue
        const j = d + blockColumn[b]
        sums.subtractGram(factors, at, ld, d, i, blocks.dims[c], j, blocks.dims[block[b]], reduced.values, to)
      }
      sums.subtractGram(factors, at, ld, d, i, blocks.dims[c], ld - 1, 1, reducedGradient, blocks.offset[c])
    }
    return -1
  }

  /** δ_p = −L⁻ᵀ (y + W δ_c) (eq. 12). */
  protected override solvePoint(p: number, step: Float64Array, stepAt: number): void {
    const { groups, kernels, factors, headAt, small } = this
    const { round } = kernels
    const d = groups.pointDim[p]
    const ld = this.leading(p)
    const at = headAt[p]
    for (let i = 0; i < d; i++) small[i] = factors[at + i * ld + ld - 1]
    this.addRemaining(p, factors, at, small, 0)
    for (let i = d - 1; i >= 0; i--) {
      let sum = small[i]
      for (let k = i + 1; k < d; k++) sum = round(sum - round(factors[at + k * ld + i] * small[k]))
      small[i] = round(sum / factors[at + i * ld + i])
    }
    for (let i = 0; i < d; i++) step[stepAt + i] = -small[i]
  }

  /** [A | B] ← [L | L⁻¹ B] on the d × ld numbers at `at`; −1, or the first row whose pivot is at rounding level. */
  private factorHead(at: number, d: number, ld: number): number {
    const { factors: A, kernels } = this
    const { round, epsilon } = kernels
    for (let k = 0; k < d; k++) {
      const row = at + k * ld
      const diagonal = A[row + k]
      let pivot = diagonal
      for (let t = 0; t < k; t++) pivot = round(pivot - round(A[row + t] * A[row + t]))
      if (!(pivot > 4 * d * epsilon * diagonal && pivot < Number.POSITIVE_INFINITY)) return k
      const root = round(Math.sqrt(pivot))
      A[row + k] = root
      for (let i = k + 1; i < d; i++) {
        const below = at + i * ld
        let sum = A[below + k]
        for (let t = 0; t < k; t++) sum = round(sum - round(A[below + t] * A[row + t]))
        A[below + k] = round(sum / root)
      }
      for (let t = 0; t < k; t++) {
        const l = A[row + t]
        const above = at + t * ld
        for (let j = d; j < ld; j++) A[row + j] = round(A[row + j] - round(l * A[above + j]))
      }
      for (let j = d; j < ld; j++) A[row + j] = round(A[row + j] / root)
    }
    return -1
  }
}
