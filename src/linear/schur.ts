import { UsageError } from '../numeric/index.ts'
import type { BlockJacobian } from './block-jacobian.ts'
import type { SymmetricBlockMatrix } from './blocks.ts'
import { partition } from './blocks.ts'
import { inStore, NormalEquations } from './normal-equations.ts'
import type { LinearOperator } from './operator.ts'
import { addProduct, addTransposedVector, subtractProduct, subtractProductTransposed } from './ops/block-kernels.ts'
import { blockDiagonalStarts, scalarSize } from './ops/jacobian-product.ts'
import { factorSmall, solveLower, solveRightTransposed, solveUpper } from './ops/small-cholesky.ts'
import { reorderColumns } from './reorder.ts'
import type { SchurForm } from './schur-pattern.ts'
import { ccTargets, expectIndependent, longestStrip, pairTargets, reducedPattern } from './schur-pattern.ts'
import { type SchurStores, SchurTwin } from './schur-twin.ts'
import { attempt, store } from './store.ts'

export interface SchurOptions {
  /**
   * Which blocks of S are formed. 'dense': every pair of remaining blocks. 'sparse': those that meet in a factor or a point.
   * 'implicit': the diagonal ones (a block-Jacobi preconditioner of S); S itself is then known by its product `operator`.
   */
  readonly form: SchurForm
}

export interface SchurReport {
  /** 'indefinite': the damped diagonal block of an eliminated block is not positive definite. */
  outcome: 'eliminated' | 'indefinite'
  /** Then: that block, by its number in J, and the row of the pivot that is not positive (−1 otherwise). */
  block: number
  pivotRow: number
}

/**
 * Elimination of blocks that never share a factor ("points") from the damped normal equations (H + Λ) δ = −g
 * (D. C. Brown, 1958; B. Triggs et al., "Bundle Adjustment — A Modern Synthesis", 2000, eq. 17;
 * docs/maths/least-squares.md, eqs. 12 to 14). With points p and remaining blocks c,
 *
 *   S = H_cc + Λ_c − Σ_p H_cp (H_pp + Λ_p)⁻¹ H_pc,   ĝ = g_c − Σ_p H_cp (H_pp + Λ_p)⁻¹ g_p,
 *   S δ_c = −ĝ,                                       δ_p = −(H_pp + Λ_p)⁻¹ (g_p + H_pc δ_c).
 *
 * Order of calls: `prepare` after a linearization, then for each damping `eliminate`, solve S δ_c = −ĝ, `backSubstitute`.
 * None of them allocates.
 */
export class SchurComplement {
  /** The blocks that stay, by their numbers in J, ascending; block c of `reduced` is block remaining[c] of J. */
  readonly remaining: Int32Array
  /** S over the remaining blocks. */
  readonly reduced: SymmetricBlockMatrix
  /** x → S x for the latest elimination, from H and the points' factors, whatever the form. */
  readonly operator: LinearOperator
  /** Of the latest elimination. */
  readonly report: SchurReport = { outcome: 'eliminated', block: -1, pivotRow: -1 }

  private readonly jacobian: BlockJacobian
  /** The normal equations with the points first: point columns hold H_pp and H_cp, the others H_cc. */
  private readonly normal: NormalEquations
  private readonly order: Int32Array
  private readonly pointCount: number
  /** Scalar unknowns of all points: where the remaining ones start in the normal equations' order. */
  private readonly pointSize: number
  /** Where each point's Cholesky factor starts. */
  private readonly pointStart: Int32Array
  private readonly stores: SchurStores
  private readonly twin: SchurTwin | null
  /** Whether the normal equations' gradient is that of the latest `prepare`. */
  private gradientFormed = true
  /** W = H_cp L_p⁻ᵀ of one point. */
  private readonly strip: Float64Array
  private readonly pairTarget: Int32Array
  private readonly ccTarget: Int32Array

  constructor(J: BlockJacobian, eliminated: Uint8Array, options: SchurOptions) {
    expectIndependent(J, eliminated)
    this.jacobian = J
    const blocks = Int32Array.from({ length: J.blocks.count }, (_, j) => j)
    const points = blocks.filter((j) => eliminated[j])
    this.remaining = blocks.filter((j) => !eliminated[j])
    this.order = new Int32Array(J.blocks.count)
    this.order.set(points)
    this.order.set(this.remaining, points.length)
    this.pointCount = points.length
    this.normal = new NormalEquations(reorderColumns(J, this.order))
    const H = this.normal.hessian
    this.pointSize = H.blocks.offset[this.pointCount]
    this.pointStart = blockDiagonalStarts(partition(points.map((j) => J.blocks.dims[j])))
    this.strip = new Float64Array(longestStrip(H, this.pointCount))
    const pattern = reducedPattern(H, this.pointCount, options.form)
    const reducedSize = scalarSize(pattern.blocks)
    const { normal } = this
    this.stores = {
      gradient: {
        get view() {
          return normal.gradient
        },
      },
      damping: store(scalarSize(H.blocks), J.memory),
      pointFactor: store(this.pointStart[this.pointCount], J.memory),
      pointVector: store(this.pointSize, J.memory),
      reducedValues: store(pattern.values.length, J.memory, false),
      reducedGradient: store(reducedSize, J.memory),
      remainingStep: store(reducedSize, J.memory),
    }
    this.reduced = inStore(pattern, this.stores.reducedValues)
    this.pairTarget = pairTargets(H, this.pointCount, this.reduced)
    this.ccTarget = ccTargets(H, this.pointCount, this.reduced)
    this.operator = { size: reducedSize, apply: (x, out) => this.multiply(x, out) }
    const { pointCount, pairTarget, stores } = this
    this.twin = attempt(J.memory, (memory) => SchurTwin.bind({ pointCount, hessian: H, pairTarget, stores }, memory))
  }

  /** 'WebAssembly SIMD' or 'plain'. */
  get runs(): string {
    return this.twin ? 'WebAssembly SIMD' : 'plain'
  }

  /** ĝ over the remaining blocks. */
  get reducedGradient(): Float64Array {
    return this.stores.reducedGradient.view
  }

  /** Λ in the normal equations' order. */
  private get damping(): Float64Array {
    return this.stores.damping.view
  }

  /** Cholesky factors of H_pp + Λ_p. */
  private get pointFactor(): Float64Array {
    return this.stores.pointFactor.view
  }

  /** By points: scratch for L_p⁻¹ g_p, δ_p and products. */
  private get pointVector(): Float64Array {
    return this.stores.pointVector.view
  }

  /** Forms H from J's current values. */
  prepare(): void {
    this.normal.formHessian()
    this.gradientFormed = false
  }

  /**
   * Computes S and ĝ for the damping Λ: one number per unknown, in J's order, or null. ĝ is that of g = Jᵀr, or of another
   * g when one is given, which then holds until the next `prepare`.
   */
  eliminate(damping: Float64Array | null, gradient: Float64Array | null = null): SchurReport {
    const { report } = this
    this.takeDamping(damping)
    if (gradient) this.takeGradient(gradient)
    else if (!this.gradientFormed) this.normal.formGradient()
    this.gradientFormed = true
    report.outcome = 'eliminated'
    report.block = -1
    report.pivotRow = -1
    this.startReduced()
    const failed = this.twin ? this.twin.eliminate() : this.eliminatePoints()
    if (!failed) return report
    report.outcome = 'indefinite'
    report.block = this.order[failed.point]
    report.pivotRow = failed.row
    return report
  }

  /** S −= Σ W Wᵀ and ĝ −= Σ W L⁻¹ g_p; stops at the first pivot that is not positive and says which. */
  private eliminatePoints(): { point: number; row: number } | null {
    for (let p = 0, pair = 0; p < this.pointCount; p++) {
      const row = this.factorPoint(p)
      if (row >= 0) return { point: p, row }
      pair = this.subtractPoint(p, pair)
    }
    return null
  }

  /** Completes the step: from δ_c over the remaining blocks to δ over all of J's unknowns. After `eliminate`. */
  backSubstitute(remainingStep: Float64Array, step: Float64Array): void {
    const { jacobian, remaining, reduced, order, pointVector } = this
    const { dims, offset: pointOffset } = this.normal.hessian.blocks
    if (remainingStep.length !== scalarSize(reduced.blocks) || step.length !== scalarSize(jacobian.blocks))
      throw new UsageError(
        `back-substitution: expected ${scalarSize(reduced.blocks)} and ${scalarSize(jacobian.blocks)} numbers, ` +
          `got ${remainingStep.length} and ${step.length}`,
      )
    for (let c = 0; c < remaining.length; c++)
      copy(remainingStep, reduced.blocks.offset[c], step, jacobian.blocks.offset[remaining[c]], reduced.blocks.dims[c])
    if (this.twin) {
      this.stores.remainingStep.view.set(remainingStep)
      this.twin.backSubstitute()
    } else this.solvePoints(remainingStep)
    for (let p = 0; p < this.pointCount; p++)
      negate(pointVector, pointOffset[p], step, jacobian.blocks.offset[order[p]], dims[p])
  }

  /** pointVector = (H_pp + Λ_p)⁻¹ (g_p + H_pc δ_c) */
  private solvePoints(remainingStep: Float64Array): void {
    const { pointVector, pointFactor, pointStart } = this
    const { blocks, columnStart, rowIndex, valueStart, values } = this.normal.hessian
    copy(this.normal.gradient, 0, pointVector, 0, this.pointSize)
    for (let p = 0; p < this.pointCount; p++) {
      const d = blocks.dims[p]
      const at = blocks.offset[p]
      for (let e = columnStart[p] + 1; e < columnStart[p + 1]; e++) {
        const i = rowIndex[e]
        const from = blocks.offset[i] - this.pointSize
        addTransposedVector(values, valueStart[e], blocks.dims[i], d, remainingStep, from, pointVector, at)
      }
      solveLower(pointFactor, pointStart[p], d, pointVector, at)
      solveUpper(pointFactor, pointStart[p], d, pointVector, at)
    }
  }

  /** out = S x = (H_cc + Λ_c) x − Σ_p H_cp (H_pp + Λ_p)⁻¹ H_pc x, point by point. */
  private multiply(x: Float64Array, out: Float64Array): void {
    const { pointCount, pointSize, pointFactor, pointStart, pointVector } = this
    const { blocks, columnStart, rowIndex, valueStart, values } = this.normal.hessian
    const { dims, offset } = blocks
    for (let i = 0; i < out.length; i++) out[i] = this.damping[pointSize + i] * x[i]
    for (let j = pointCount; j < blocks.count; j++) {
      const xAt = offset[j] - pointSize
      let e = columnStart[j]
      addProduct(values, valueStart[e], dims[j], dims[j], x, xAt, out, xAt)
      for (e++; e < columnStart[j + 1]; e++) {
        const i = rowIndex[e]
        addProduct(values, valueStart[e], dims[i], dims[j], x, xAt, out, offset[i] - pointSize)
        addTransposedVector(values, valueStart[e], dims[i], dims[j], x, offset[i] - pointSize, out, xAt)
      }
    }
    pointVector.fill(0)
    for (let p = 0; p < pointCount; p++) {
      const d = dims[p]
      const at = offset[p]
      for (let e = columnStart[p] + 1; e < columnStart[p + 1]; e++) {
        const i = rowIndex[e]
        addTransposedVector(values, valueStart[e], dims[i], d, x, offset[i] - pointSize, pointVector, at)
      }
      solveLower(pointFactor, pointStart[p], d, pointVector, at)
      solveUpper(pointFactor, pointStart[p], d, pointVector, at)
      for (let e = columnStart[p] + 1; e < columnStart[p + 1]; e++) {
        const i = rowIndex[e]
        subtractProduct(values, valueStart[e], dims[i], d, pointVector, at, out, offset[i] - pointSize)
      }
    }
  }

  /** Λ into the order of the normal equations. */
  private takeDamping(damping: Float64Array | null): void {
    const { jacobian, order } = this
    if (!damping) {
      this.damping.fill(0)
      return
    }
    if (damping.length !== this.damping.length)
      throw new UsageError(`elimination: expected damping of ${this.damping.length} numbers, got ${damping.length}`)
    const { offset, dims } = this.normal.hessian.blocks
    for (let c = 0; c < order.length; c++)
      copy(damping, jacobian.blocks.offset[order[c]], this.damping, offset[c], dims[c])
  }

  /** g into the order of the normal equations. */
  private takeGradient(gradient: Float64Array): void {
    const { jacobian, order, normal } = this
    if (gradient.length !== normal.gradient.length)
      throw new UsageError(
        `elimination: expected a gradient of ${normal.gradient.length} numbers, got ${gradient.length}`,
      )
    const { offset, dims } = normal.hessian.blocks
    for (let c = 0; c < order.length; c++)
      copy(gradient, jacobian.blocks.offset[order[c]], normal.gradient, offset[c], dims[c])
  }

  /** S = H_cc + Λ_c, ĝ = g_c. */
  private startReduced(): void {
    const { reduced, ccTarget, pointCount, pointSize } = this
    const { blocks, columnStart, rowIndex, valueStart, values } = this.normal.hessian
    const S = reduced.values
    const { damping } = this
    S.fill(0)
    const firstEntry = columnStart[pointCount]
    for (let j = pointCount; j < blocks.count; j++) {
      const d = blocks.dims[j]
      for (let e = columnStart[j]; e < columnStart[j + 1]; e++) {
        const to = ccTarget[e - firstEntry]
        if (to >= 0) copy(values, valueStart[e], S, to, blocks.dims[rowIndex[e]] * d)
      }
      const diagonal = ccTarget[columnStart[j] - firstEntry]
      for (let a = 0; a < d; a++) S[diagonal + a * d + a] += damping[blocks.offset[j] + a]
    }
    copy(this.normal.gradient, pointSize, this.reducedGradient, 0, this.reducedGradient.length)
  }

  /** L Lᵀ = H_pp + Λ_p and L⁻¹ g_p. Returns −1, or the row of a pivot that is not positive. */
  private factorPoint(p: number): number {
    const { pointFactor, pointStart, pointVector } = this
    const { blocks, columnStart, valueStart, values } = this.normal.hessian
    const d = blocks.dims[p]
    const at = pointStart[p]
    copy(values, valueStart[columnStart[p]], pointFactor, at, d * d)
    for (let a = 0; a < d; a++) pointFactor[at + a * d + a] += this.damping[blocks.offset[p] + a]
    const pivotRow = factorSmall(pointFactor, at, d)
    if (pivotRow >= 0) return pivotRow
    copy(this.normal.gradient, blocks.offset[p], pointVector, blocks.offset[p], d)
    solveLower(pointFactor, at, d, pointVector, blocks.offset[p])
    return -1
  }

  /** S −= W Wᵀ and ĝ −= W (L⁻¹ g_p) with W = H_cp L⁻ᵀ. Returns where the next point's pairs start. */
  private subtractPoint(p: number, pair: number): number {
    const { strip, reduced, reducedGradient, pairTarget, pointFactor, pointStart, pointVector } = this
    const { blocks, columnStart, rowIndex, valueStart, values } = this.normal.hessian
    const { dims } = blocks
    const d = dims[p]
    const first = columnStart[p] + 1
    const end = columnStart[p + 1]
    if (first === end) return pair
    const from = valueStart[first]
    copy(values, from, strip, 0, valueStart[end - 1] + dims[rowIndex[end - 1]] * d - from)
    for (let e = first; e < end; e++) {
      const i = rowIndex[e]
      const wAt = valueStart[e] - from
      solveRightTransposed(pointFactor, pointStart[p], d, strip, wAt, dims[i])
      subtractProduct(
        strip,
        wAt,
        dims[i],
        d,
        pointVector,
        blocks.offset[p],
        reducedGradient,
        blocks.offset[i] - this.pointSize,
      )
      for (let f = first; f <= e; f++) {
        const to = pairTarget[pair++]
        if (to < 0) continue
        const q = dims[rowIndex[f]]
        subtractProductTransposed(strip, wAt, dims[i], strip, valueStart[f] - from, q, d, reduced.values, to)
      }
    }
    return pair
  }
}

function negate(from: Float64Array, at: number, to: Float64Array, toAt: number, length: number): void {
  for (let k = 0; k < length; k++) to[toAt + k] = -from[at + k]
}

function copy(from: Float64Array, at: number, to: Float64Array, toAt: number, length: number): void {
  for (let k = 0; k < length; k++) to[toAt + k] = from[at + k]
}
