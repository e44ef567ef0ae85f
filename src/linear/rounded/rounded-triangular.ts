import { roundTo, UsageError } from '../../numeric/index.ts'
import type { SymmetricBlockMatrix } from '../blocks.ts'
import type { BlockCholesky } from '../cholesky/index.ts'
import type { Preconditioner } from '../preconditioner/identity.ts'
import type { IncompleteCholesky } from '../preconditioner/incomplete-cholesky.ts'
import { type FactorSource, factorSource } from './factor-source.ts'
import { clearReport, type RoundingReport, roundValues } from './rounding-report.ts'
import { expectStage, type RoundedStage, stageName } from './stage.ts'
import { roundedBackward, roundedForward } from './triangular.ts'
import { unitOf } from './unit.ts'

/** A number of a factor by its block: positions in the order of elimination. */
export interface FactorPlace {
  readonly row: number
  readonly column: number
}

export interface RoundedTriangularOptions {
  /** Whether each right-hand side is brought to a largest number in 1 … 2 by a power of two. Default true. */
  readonly normalize?: boolean
}

/** A right-hand side whose solution overflowed is made smaller by this, once and once more. */
const RETREAT = 2 ** 10
const RETREATS = 2

/**
 * An incomplete or complete Cholesky factor, scaled to rows of norm 1, rounded to a format and applied by triangular solves
 * whose every operation is rounded: z ≈ S L⁻ᵀ L⁻¹ S r (docs/maths/precision.md, eqs. 10–12). The scaling stays in fp64.
 *
 * A solve that overflows is done again with a smaller right-hand side, and at last in fp64 on the rounded factor: from a
 * finite factor and a finite r a finite z comes, and `retreats` and `promoted` tell.
 */
export class RoundedTriangular implements Preconditioner {
  readonly stage: RoundedStage
  /** Of the latest update. With numbers that overflowed or were not finite the factor is not to be applied. */
  readonly report: RoundingReport<FactorPlace> = { overflowed: 0, subnormal: 0, nonFinite: 0, first: null }
  /** Solves with one triangle, since construction: all; done again with a smaller right-hand side; done in fp64. */
  solves = 0
  retreats = 0
  promoted = 0
  /** L as the solves read it. */
  readonly rounded: SymmetricBlockMatrix
  private readonly source: FactorSource
  private readonly normalize: boolean
  private readonly x: Float64Array
  private readonly rightHandSide: Float64Array
  private readonly before = { value: 0 }

  /** `factor` is read at every update; it must hold a factorization then. */
  constructor(factor: IncompleteCholesky | BlockCholesky, stage: RoundedStage, options: RoundedTriangularOptions = {}) {
    expectStage('rounded triangular solves', stage)
    this.stage = stage
    this.normalize = options.normalize ?? true
    this.source = factorSource(factor)
    this.rounded = this.source.L
    const size = this.rounded.blocks.offset[this.rounded.blocks.count]
    this.x = new Float64Array(size)
    this.rightHandSide = new Float64Array(size)
  }

  /** Scales and rounds the current numbers of the factor. */
  update(): RoundingReport<FactorPlace> {
    const { report, before } = this
    clearReport(report)
    this.source.load()
    const first = roundValues(this.rounded.values, this.stage, report, before)
    if (first >= 0) report.first = { ...placeOf(this.rounded, first), value: before.value }
    return report
  }

  /** z ≈ (factored matrix)⁻¹ r */
  apply(r: Float64Array, z: Float64Array): void {
    const { x, source } = this
    if (r.length !== x.length || z.length !== x.length)
      throw new UsageError(
        `rounded triangular solves: expected vectors of ${x.length} numbers, got ${r.length} and ${z.length}`,
      )
    source.enter(r, x)
    const units = this.solve(roundedForward) * this.solve(roundedBackward)
    source.leave(x, z)
    // Adding 0 makes zeros positive: their signs are the one thing in which twins may differ.
    for (let i = 0; i < z.length; i++) z[i] = z[i] * units + 0
  }

  /** What computes the solves, for a report. */
  describe(): string {
    return `triangular solves: ${stageName(this.stage)}; plain`
  }

  /** x ← unit⁻¹ L⁻¹ x, or with Lᵀ; returns unit. */
  private solve(sweep: typeof roundedForward): number {
    const { x, rightHandSide, rounded, stage } = this
    rightHandSide.set(x)
    this.solves++
    const unit = this.normalize ? unitOf(x) : 1
    const times = roundTo(stage.computed)
    const plus = roundTo(stage.accumulated)
    for (let attempt = 0, smaller = unit; attempt <= RETREATS; attempt++, smaller *= RETREAT) {
      for (let i = 0; i < x.length; i++) x[i] = plus(rightHandSide[i] / smaller)
      sweep(rounded, x, times, plus)
      if (allFinite(x)) return smaller
      if (attempt < RETREATS) this.retreats++
    }
    this.promoted++
    for (let i = 0; i < x.length; i++) x[i] = rightHandSide[i] / unit
    const exact = roundTo('fp64')
    sweep(rounded, x, exact, exact)
    return unit
  }
}

function allFinite(x: Float64Array): boolean {
  let sum = 0
  for (let i = 0; i < x.length; i++) sum += x[i] * 0 // NaN as soon as one is not finite
  return sum === 0
}

/** The block of index `at` of the values. */
function placeOf({ columnStart, rowIndex, valueStart }: SymmetricBlockMatrix, at: number): FactorPlace {
  let entry = 0
  while (entry + 1 < valueStart.length && valueStart[entry + 1] <= at) entry++
  let column = 0
  while (columnStart[column + 1] <= entry) column++
  return { row: rowIndex[entry], column }
}
