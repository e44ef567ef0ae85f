import { formats, roundTo, UsageError } from '../../numeric/index.ts'
import { SimdTriangular } from './simd-triangular.ts'
import { expectStage, isPartOf, type RoundedStage, stageName } from './stage.ts'
import { roundedBackward, roundedForward, type TriangularPattern } from './triangular.ts'
import { unitOf } from './unit.ts'

export type { TriangularPattern }

/** What rounding did to the numbers of a factor. */
export interface TriangularReport {
  /** Finite numbers that rounded to ±Infinity. */
  overflowed: number
  /** Numbers other than zero that fell below the least normal number of the format, and so lost digits. */
  subnormal: number
  /** Numbers that were not finite before rounding. */
  nonFinite: number
  /** Largest |l| before rounding. */
  largest: number
  /** The first that overflowed or was not finite: its block by position, and the number. */
  first: { readonly row: number; readonly column: number; readonly value: number } | null
}

/** A right-hand side whose solution overflowed is made smaller by this, once and once more. */
const RETREAT = 2 ** 10
const RETREATS = 2

/**
 * x ← L⁻ᵀ L⁻¹ x with L rounded once to `stage.stored` and every operation of the two sweeps rounded, products to `computed`,
 * sums to `accumulated` (docs/maths/precision.md, eqs. 11 and 12). Diagonal blocks hold the reciprocals of their diagonals,
 * so that nothing is divided.
 *
 * A sweep that overflows is done again with a smaller right-hand side, and at last in fp64 on the rounded factor: a finite
 * factor and a finite x give a finite x, and `retreats` and `promoted` tell.
 */
export class RoundedBlockTriangular {
  readonly stage: RoundedStage
  /** Of the latest load. A factor with numbers that overflowed or were not finite is not to be applied. */
  readonly report: TriangularReport = { overflowed: 0, subnormal: 0, nonFinite: 0, largest: 0, first: null }
  /** Sweeps with one triangle since construction: all; done again with a smaller right-hand side; done in fp64. */
  sweeps = 0
  retreats = 0
  promoted = 0
  /** Sweeps that the twin handed back to the definitions: numbers from 2¹⁵ on in fp16. */
  handedBack = 0
  private readonly pattern: TriangularPattern
  private readonly normalize: boolean
  private readonly values: Float64Array
  private readonly rightHandSide: Float64Array
  private readonly twin: SimdTriangular | null
  /** Why there is no twin. */
  private readonly twinMissing: string
  private twinReady = false

  constructor(
    pattern: TriangularPattern,
    size: number,
    stage: RoundedStage,
    normalize: boolean,
    choice: 'auto' | 'plain' = 'auto',
  ) {
    expectStage('triangular solves', stage)
    this.pattern = pattern
    this.stage = stage
    this.normalize = normalize
    this.values = new Float64Array(size)
    this.rightHandSide = new Float64Array(pattern.blocks.offset[pattern.blocks.count])
    const twin = choice === 'plain' ? 'as asked for' : SimdTriangular.bind(pattern, stage)
    this.twin = twin instanceof SimdTriangular ? twin : null
    this.twinMissing = twin instanceof SimdTriangular ? '' : twin
  }

  /** Takes L's numbers, reciprocals on the diagonal; above the diagonal nothing is read. */
  load(L: Float64Array): TriangularReport {
    const { report, values } = this
    if (L.length !== values.length)
      throw new UsageError(`triangular solves: expected a factor of ${values.length} numbers, got ${L.length}`)
    report.overflowed = report.subnormal = report.nonFinite = report.largest = 0
    report.first = null
    const { blocks, columnStart, rowIndex, valueStart } = this.pattern
    for (let j = 0; j < blocks.count; j++)
      for (let e = columnStart[j]; e < columnStart[j + 1]; e++)
        this.loadBlock(L, valueStart[e], blocks.dims[rowIndex[e]], blocks.dims[j], rowIndex[e], j)
    this.twinReady = this.twin !== null && report.first === null
    if (this.twinReady) this.twin?.update(values)
    return report
  }

  /** x ← L⁻ᵀ L⁻¹ x in place; divided by a power of two before each sweep and multiplied after, where `normalize` says so. */
  solve(x: Float64Array): void {
    if (x.length !== this.rightHandSide.length)
      throw new UsageError(`triangular solves: expected ${this.rightHandSide.length} numbers, got ${x.length}`)
    const units = this.sweep('forward', x) * this.sweep('backward', x)
    // Adding 0 makes zeros positive: their signs are the one thing in which twins may differ.
    for (let i = 0; i < x.length; i++) x[i] = x[i] * units + 0
  }

  /** What computes the solves, for a report. */
  describe(): string {
    return `triangular solves: ${stageName(this.stage)}; ${this.twin ? 'WebAssembly SIMD' : `plain (${this.twinMissing})`}`
  }

  private loadBlock(L: Float64Array, at: number, rows: number, d: number, row: number, column: number): void {
    const { report, values, stage } = this
    const toStored = roundTo(stage.stored)
    const toComputed = roundTo(isPartOf(stage.stored, stage.computed) ? 'fp64' : stage.computed)
    const least = Math.max(formats[stage.stored].minNormal, formats[stage.computed].minNormal)
    for (let r = 0; r < rows; r++)
      for (let c = 0; c < (row === column ? r + 1 : d); c++) {
        const value = L[at + r * d + c]
        const kept = toComputed(toStored(value))
        values[at + r * d + c] = row === column && r === c ? kept : -kept
        const size = Math.abs(value)
        if (size > report.largest) report.largest = size
        if (size !== 0 && Math.abs(kept) < least) report.subnormal++
        if (Number.isFinite(kept)) continue
        if (size < Number.POSITIVE_INFINITY) report.overflowed++
        else report.nonFinite++
        report.first ??= { row, column, value }
      }
  }

  /** x ← L⁻¹ x / unit, or with Lᵀ; returns unit. */
  private sweep(name: 'forward' | 'backward', x: Float64Array): number {
    const { pattern, rightHandSide, stage, values } = this
    const definition = name === 'forward' ? roundedForward : roundedBackward
    const enter = roundTo(stage.accumulated)
    rightHandSide.set(x)
    this.sweeps++
    let unit = this.normalize ? unitOf(x) : 1
    for (let attempt = 0; attempt <= RETREATS; attempt++, unit *= RETREAT) {
      if (attempt > 0) this.retreats++
      const scale = 1 / unit // exact: a power of two
      const outcome = this.twinReady && this.twin ? this.twin.solve(name, rightHandSide, scale, x) : 'plain'
      if (outcome === 'done') return unit
      if (outcome === 'overflowed') continue
      if (outcome === 'refused') this.handedBack++
      for (let i = 0; i < x.length; i++) x[i] = enter(rightHandSide[i] * scale)
      definition(pattern, values, x, roundTo(stage.computed), enter)
      if (allFinite(x)) return unit
    }
    this.promoted++
    for (let i = 0; i < x.length; i++) x[i] = rightHandSide[i] / unit
    definition(pattern, values, x, roundTo('fp64'), roundTo('fp64'))
    return unit
  }
}

function allFinite(x: Float64Array): boolean {
  let sum = 0
  for (let i = 0; i < x.length; i++) sum += x[i] * 0 // NaN as soon as one is not finite
  return sum === 0
}
