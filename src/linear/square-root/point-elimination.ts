import { UsageError } from '../../numeric/index.ts'
import type { BlockJacobian } from '../block-jacobian.ts'
import type { SymmetricBlockMatrix } from '../blocks.ts'
import type { LinearOperator } from '../operator.ts'
import { hessianOperator } from '../operator.ts'
import { scalarSize } from '../ops/jacobian-product.ts'
import type { SchurReport } from '../schur.ts'
import { expectIndependent, type SchurForm } from '../schur-pattern.ts'
import { type Groups, groupRows, loadPanel } from './groups.ts'
import { doubleKernels, type EliminationKernels, type Reals } from './kernels.ts'
import { singleKernels } from './kernels-fp32.ts'

export interface PointEliminationOptions {
  /** Which blocks of the reduced system are formed, as in `SchurOptions`. */
  readonly form: SchurForm
  /**
   * Format of everything between J and the step. 'fp64' (default); 'fp32': J and r are rounded to fp32 on the way in, panels and
   * points' factors are stored in fp32, every operation is rounded to fp32, but for the sums below.
   */
  readonly format?: 'fp64' | 'fp32'
  /**
   * Format in which S and ĝ add up the points' products. Default 'fp64': they are sums over thousands of rows, and on
   * ladybug-49 it is their rounding in fp32, not the elimination's, that makes S indefinite. 'fp32' (with format 'fp32'
   * only): every product and sum rounded, S and ĝ hold fp32 numbers.
   */
  readonly sums?: 'fp64' | 'fp32'
}

/**
 * What the two eliminations of points share, behind the door of `SchurComplement`: J's rows in groups (`groups.ts`), each
 * loaded as a dense panel and condensed into its part of S and ĝ that does not depend on the damping; then, per damping,
 * what each point adds. docs/maths/square-root.md.
 *
 * Order of calls: `prepare` after a linearization, then for each damping `eliminate`, solve S δ_c = −ĝ, `backSubstitute`.
 * None of them allocates.
 */
export abstract class PointElimination {
  readonly format: 'fp64' | 'fp32'
  /** The blocks that stay, by their numbers in J, ascending; block c of `reduced` is block remaining[c] of J. */
  readonly remaining: Int32Array
  /** S over the remaining blocks. */
  readonly reduced: SymmetricBlockMatrix
  /** ĝ over the remaining blocks. */
  readonly reducedGradient: Float64Array
  /** Of the latest elimination. */
  readonly report: SchurReport = { outcome: 'eliminated', block: -1, pivotRow: -1 }
  /** x → S x for the latest elimination. */
  get operator(): LinearOperator {
    return hessianOperator(this.reduced)
  }

  protected readonly jacobian: BlockJacobian
  protected readonly groups: Groups
  protected readonly kernels: EliminationKernels
  /** What S and ĝ are added up with. */
  protected readonly sums: EliminationKernels
  /** Panels [J_p | J_c | r], group g at panelAt[g]: all of them when they are kept, otherwise one place for the current one. */
  protected readonly panels: Reals
  protected readonly panelAt: Float64Array
  /** d × (d + n + 1) numbers per point at headAt[p]: what is known of the point after its panel was condensed. */
  protected readonly heads: Reals
  protected readonly headAt: Float64Array
  /** Λ over the remaining unknowns, in the format. */
  protected readonly remainingDamping: Float64Array
  /** First pair of each group in the groups' lists of pairs. */
  protected readonly pairStart: Int32Array
  private readonly baseValues: Float64Array
  private readonly baseGradient: Float64Array
  /** Where the diagonal blocks stand in S. */
  private readonly diagonalAt: Int32Array
  protected readonly remainingStep: Reals

  constructor(J: BlockJacobian, eliminated: Uint8Array, options: PointEliminationOptions, keepPanels: boolean) {
    const { form, format = 'fp64', sums = 'fp64' } = options
    if (format !== 'fp64' && format !== 'fp32')
      throw new UsageError(`elimination of points: format must be 'fp64' or 'fp32', got '${format}'`)
    if (sums !== 'fp64' && (sums !== 'fp32' || format !== 'fp32'))
      throw new UsageError(
        `elimination of points in ${format}: sums must be ${format === 'fp32' ? `'fp64' or 'fp32'` : `'fp64'`}, got '${sums}'`,
      )
    expectIndependent(J, eliminated)
    const { groups, reduced } = groupRows(J, eliminated, form)
    this.jacobian = J
    this.format = format
    this.kernels = format === 'fp32' ? singleKernels : doubleKernels
    this.sums = sums === 'fp32' ? singleKernels : doubleKernels
    this.groups = groups
    this.remaining = groups.remaining
    this.reduced = reduced
    this.reducedGradient = new Float64Array(scalarSize(reduced.blocks))
    this.remainingDamping = new Float64Array(this.reducedGradient.length)
    this.remainingStep = this.reals(this.reducedGradient.length)
    this.baseValues = new Float64Array(reduced.values.length)
    this.baseGradient = new Float64Array(this.reducedGradient.length)
    this.diagonalAt = reduced.columnStart.slice(0, reduced.blocks.count).map((e) => reduced.valueStart[e])
    this.pairStart = new Int32Array(groups.count + 1)
    this.panelAt = new Float64Array(groups.count)
    this.headAt = new Float64Array(groups.pointCount)
    let panel = 0
    let head = 0
    for (let g = 0; g < groups.count; g++) {
      const size = groups.rows[g] * this.leading(g)
      const met = groups.blockStart[g + 1] - groups.blockStart[g]
      this.pairStart[g + 1] = this.pairStart[g] + (met * (met + 1)) / 2
      this.panelAt[g] = keepPanels ? panel : 0
      panel = keepPanels ? panel + size : Math.max(panel, size)
      if (g >= groups.pointCount) continue
      this.headAt[g] = head
      head += groups.pointDim[g] * this.leading(g)
    }
    this.panels = this.reals(panel)
    this.heads = this.reals(head)
  }

  /** Condenses the groups' rows at J's current values: all of S and ĝ that does not depend on the damping. */
  prepare(): void {
    this.reduced.values.fill(0)
    this.reducedGradient.fill(0)
    for (let g = 0; g < this.groups.count; g++) {
      loadPanel(this.groups, g, this.jacobian, this.panels, this.panelAt[g])
      this.condense(g)
    }
    this.baseValues.set(this.reduced.values)
    this.baseGradient.set(this.reducedGradient)
  }

  /** Computes S and ĝ for the damping Λ: one number ≥ 0 per unknown, in J's order, or null. */
  eliminate(damping: Float64Array | null): SchurReport {
    const { report, groups, jacobian } = this
    if (damping && damping.length !== scalarSize(jacobian.blocks))
      throw new UsageError(
        `elimination: expected damping of ${scalarSize(jacobian.blocks)} numbers, got ${damping.length}`,
      )
    report.outcome = 'eliminated'
    report.block = -1
    report.pivotRow = -1
    this.startReduced(damping)
    for (let p = 0; p < groups.pointCount; p++) {
      report.pivotRow = this.eliminatePoint(p, damping, jacobian.blocks.offset[groups.points[p]])
      if (report.pivotRow < 0) continue
      report.outcome = 'indefinite'
      report.block = groups.points[p]
      break
    }
    return report
  }

  /** Completes the step: from δ_c over the remaining blocks to δ over all of J's unknowns. After `eliminate`. */
  backSubstitute(remainingStep: Float64Array, step: Float64Array): void {
    const { jacobian, groups, reduced } = this
    const { blocks } = jacobian
    if (remainingStep.length !== scalarSize(reduced.blocks) || step.length !== scalarSize(blocks))
      throw new UsageError(
        `back-substitution: expected ${scalarSize(reduced.blocks)} and ${scalarSize(blocks)} numbers, ` +
          `got ${remainingStep.length} and ${step.length}`,
      )
    for (let i = 0; i < remainingStep.length; i++) this.remainingStep[i] = remainingStep[i]
    for (let c = 0; c < groups.remaining.length; c++) {
      const to = blocks.offset[groups.remaining[c]]
      const from = reduced.blocks.offset[c]
      for (let a = 0; a < reduced.blocks.dims[c]; a++) step[to + a] = remainingStep[from + a]
    }
    for (let p = 0; p < groups.pointCount; p++) this.solvePoint(p, step, blocks.offset[groups.points[p]])
  }

  /** Takes group g's panel into `heads`, S and ĝ. */
  protected abstract condense(g: number): void
  /** Adds to S and ĝ what point p does under its damping; −1, or the row of a pivot that is nothing but rounding. */
  protected abstract eliminatePoint(p: number, damping: Float64Array | null, at: number): number
  /** δ_p into `step` at `at`, from `remainingStep`. */
  protected abstract solvePoint(p: number, step: Float64Array, at: number): void

  /** Columns of group g's panel. */
  protected leading(g: number): number {
    return this.groups.pointDim[g] + this.groups.width[g] + 1
  }

  protected reals(length: number): Reals {
    return this.format === 'fp32' ? new Float32Array(length) : new Float64Array(length)
  }

  /** ĝ += A_cᵀ a over `rows` rows from `at`, for A = [… | A_c | a] with A_c from column `first` on. */
  protected addGradient(g: number, A: Reals, at: number, ld: number, rows: number, first: number): void {
    const { groups, sums, reducedGradient } = this
    const { blockStart, block, blockColumn, blocks } = groups
    for (let a = blockStart[g]; a < blockStart[g + 1]; a++) {
      const c = block[a]
      const from = first + blockColumn[a]
      sums.addGram(A, at, ld, rows, from, blocks.dims[c], ld - 1, 1, reducedGradient, blocks.offset[c])
    }
  }

  /** t_i += (A_c δ_c)_i for row i of a point's head: t in the format, at `tAt`. */
  protected addRemaining(p: number, A: Reals, at: number, t: Reals, tAt: number): void {
    const { groups, remainingStep, kernels } = this
    const { round } = kernels
    const { blockStart, block, blockColumn, blocks } = groups
    const d = groups.pointDim[p]
    const ld = this.leading(p)
    for (let i = 0; i < d; i++) {
      let sum = t[tAt + i]
      for (let a = blockStart[p]; a < blockStart[p + 1]; a++) {
        const row = at + i * ld + d + blockColumn[a]
        const x = blocks.offset[block[a]]
        const n = blocks.dims[block[a]]
        for (let k = 0; k < n; k++) sum = round(sum + round(A[row + k] * remainingStep[x + k]))
      }
      t[tAt + i] = sum
    }
  }

  /** S and ĝ of the condensed groups, with the remaining blocks' own damping. */
  private startReduced(damping: Float64Array | null): void {
    const { reduced, reducedGradient, remainingDamping, groups, kernels, sums } = this
    reduced.values.set(this.baseValues)
    reducedGradient.set(this.baseGradient)
    remainingDamping.fill(0)
    if (!damping) return
    for (let c = 0; c < groups.remaining.length; c++) {
      const from = this.jacobian.blocks.offset[groups.remaining[c]]
      const n = reduced.blocks.dims[c]
      for (let a = 0; a < n; a++) {
        const at = this.diagonalAt[c] + a * (n + 1)
        const lambda = kernels.round(damping[from + a])
        remainingDamping[reduced.blocks.offset[c] + a] = lambda
        reduced.values[at] = sums.round(reduced.values[at] + lambda)
      }
    }
  }
}
