import { type Format, roundArray, roundTo, UsageError } from '../../numeric/index.ts'
import type { BlockJacobian, JacobianBatch } from '../block-jacobian.ts'
import type { RectangularOperator } from '../operator.ts'
import { multiply, multiplyTransposed, scalarSize } from '../ops/jacobian-product.ts'
import { roundedMultiply, roundedMultiplyTransposed } from './product.ts'
import { clearReport, type RoundingReport, roundValues } from './rounding-report.ts'
import { ScaledDamping } from './scaled-damping.ts'
import { SimdProduct } from './simd-product.ts'
import { expectStage, type RoundedStage, stageName } from './stage.ts'
import { unitOf } from './unit.ts'
import { type ScalingName, UnknownScaling } from './unknown-scaling.ts'

export interface RoundedJacobianOptions {
  /**
   * Whether an entering vector is multiplied by a power of two that brings its largest number into 1 … 2, and the product
   * divided by it: exact, and neither overflow nor subnormals depend on the vector's size any more. Default true.
   */
  readonly normalize?: boolean
  /** 'auto': WebAssembly SIMD where it runs and has a kernel for the stage. 'plain': the definitions. Default 'auto'. */
  readonly twin?: 'auto' | 'plain'
  /** Format of every operation with the damping in the scaled unknowns. Default fp32. */
  readonly damping?: Format
}

/**
 * A block Jacobian whose unknowns are scaled (δ = L⁻ᵀ y, see {@link UnknownScaling}) and whose numbers are then rounded to
 * a format: an operator on y whose every operation is rounded (docs/maths/precision.md, eqs. 7–9). Vectors are Float64Arrays
 * whatever the formats: a holder that represents the numbers of all of them. They are rounded when they enter.
 *
 * Structure is read at construction; `update` reads J's numbers, and must be called before the first product.
 */
export class RoundedJacobian implements RectangularOperator {
  readonly rows: number
  readonly columns: number
  readonly stage: RoundedStage
  readonly scaling: UnknownScaling
  /** J L⁻ᵀ as the products read it: numbers of the format `computed`. Blocks of constants hold zeros. */
  readonly rounded: BlockJacobian
  /** Of the latest update. */
  readonly report: RoundingReport = { overflowed: 0, subnormal: 0, nonFinite: 0, first: null }
  /** Products that the twin handed back to the definitions, since construction: numbers from 2¹⁵ on in fp16. */
  handedBack = 0
  private readonly source: BlockJacobian
  /** fp64 throughout: the products of `jacobian-product.ts`, whose sums group what `product.ts` adds one by one. */
  private readonly exact: boolean
  private readonly twin: SimdProduct | null
  /** Why there is no twin. */
  private readonly twinMissing: string
  /** Whether the twin can work on the current numbers. */
  private twinReady = false
  private readonly normalize: boolean
  private readonly scaledDamping: ScaledDamping
  /** x or y as it entered. */
  private readonly entering: Float64Array
  private readonly enteringRows: Float64Array
  private readonly before = { value: 0 }

  constructor(
    J: BlockJacobian,
    stage: RoundedStage,
    scaling: ScalingName,
    floor = 1e-4,
    options: RoundedJacobianOptions = {},
  ) {
    expectStage('rounded Jacobian', stage)
    this.source = J
    this.exact = stage.stored === 'fp64' && stage.computed === 'fp64'
    this.rows = J.rows
    this.columns = scalarSize(J.blocks)
    this.stage = stage
    this.scaling = new UnknownScaling(J, scaling, floor)
    this.normalize = options.normalize ?? true
    this.scaledDamping = new ScaledDamping(J.blocks, this.scaling, options.damping ?? 'fp32')
    this.rounded = { ...J, batches: J.batches.map((b) => ({ ...b, values: new Float64Array(b.count * b.stride) })) }
    this.entering = new Float64Array(this.columns)
    const twin = options.twin === 'plain' ? 'as asked for' : SimdProduct.bind(this.rounded, stage)
    this.twin = twin instanceof SimdProduct ? twin : null
    this.twinMissing = twin instanceof SimdProduct ? '' : twin
    this.enteringRows = new Float64Array(this.rows)
  }

  /** Scales and rounds the current numbers of J. */
  update(): RoundingReport {
    const { report, source, rounded } = this
    clearReport(report)
    this.scaling.update()
    for (let b = 0; b < source.batches.length; b++) {
      scaleBatch(source.batches[b], this.scaling, rounded.batches[b].values)
      this.roundBatch(b)
    }
    this.twinReady = this.twin !== null && report.first === null
    if (this.twinReady) this.twin?.update()
    return report
  }

  /** q = J L⁻ᵀ p */
  multiply(p: Float64Array, q: Float64Array): void {
    expectLength('p', p, this.columns)
    expectLength('q', q, this.rows)
    if (this.exact) {
      multiply(this.rounded, p, q)
      return
    }
    const { computed, accumulated } = this.stage
    const unit = this.enter(p, this.entering)
    if (!this.twinReady || !this.twin?.multiply(this.entering, q)) {
      if (this.twinReady) this.handedBack++
      roundedMultiply(this.rounded, this.entering, q, roundTo(computed), roundTo(accumulated))
    }
    if (unit !== 1) for (let i = 0; i < q.length; i++) q[i] *= unit
  }

  /** z = L⁻¹ Jᵀ q */
  multiplyTransposed(q: Float64Array, z: Float64Array): void {
    expectLength('q', q, this.rows)
    expectLength('z', z, this.columns)
    if (this.exact) {
      multiplyTransposed(this.rounded, q, z)
      return
    }
    const { computed, accumulated } = this.stage
    const unit = this.enter(q, this.enteringRows)
    if (!this.twinReady || !this.twin?.multiplyTransposed(this.enteringRows, z)) {
      if (this.twinReady) this.handedBack++
      roundedMultiplyTransposed(this.rounded, this.enteringRows, z, roundTo(computed), roundTo(accumulated))
    }
    if (unit !== 1) for (let i = 0; i < z.length; i++) z[i] *= unit
  }

  /** y = Lᵀ δ */
  toScaled(delta: Float64Array, y: Float64Array): void {
    this.scaling.toScaled(delta, y)
  }

  /** δ = L⁻ᵀ y */
  fromScaled(y: Float64Array, delta: Float64Array): void {
    this.scaling.fromScaled(y, delta)
  }

  /** L⁻¹ g: the gradient in the scaled unknowns, from the exact one. */
  gradientToScaled(g: Float64Array, scaled: Float64Array): void {
    this.scaling.gradientToScaled(g, scaled)
  }

  /** The diagonal damping Λ of the unknowns δ in the scaled ones, L⁻¹ Λ L⁻ᵀ: valid until the next call or update. */
  damping(diagonal: Float64Array): ScaledDamping {
    this.scaledDamping.update(diagonal)
    return this.scaledDamping
  }

  /** What computes the products, for a report. */
  describe(): string {
    const twin = this.twin ? 'WebAssembly SIMD' : `plain (${this.twinMissing})`
    return `J p and Jᵀ q: ${stageName(this.stage)}; scaling ${this.scaling.name}; ${twin}`
  }

  /** entering = x / unit, rounded to the format of the products. Returns unit, a power of two. */
  private enter(x: Float64Array, entering: Float64Array): number {
    const unit = this.normalize ? unitOf(x) : 1
    const scale = 1 / unit
    for (let i = 0; i < x.length; i++) entering[i] = x[i] * scale
    roundArray(this.stage.computed, entering, entering)
    return unit
  }

  private roundBatch(b: number): void {
    const { report, before } = this
    const { stride, values } = this.rounded.batches[b]
    const first = roundValues(values, this.stage, report, before)
    if (first >= 0) report.first ??= { batch: b, factor: Math.floor(first / stride), value: before.value }
  }
}

/** values = the batch's blocks times L⁻ᵀ; zeros for constants. */
function scaleBatch(batch: JacobianBatch, scaling: UnknownScaling, values: Float64Array): void {
  const { count, residualDim: m, arity, dims, columns, stride } = batch
  values.set(values.length === batch.values.length ? batch.values : batch.values.subarray(0, values.length))
  for (let i = 0; i < count; i++)
    for (let k = 0, at = i * stride; k < arity; at += m * dims[k], k++) {
      const column = columns[i * arity + k]
      if (column >= 0) scaling.scaleBlock(values, at, m, column)
      else values.fill(0, at, at + m * dims[k])
    }
}

function expectLength(name: string, array: Float64Array, length: number): void {
  if (array.length !== length) throw new UsageError(`${name}: expected ${length} numbers, got ${array.length}`)
}
