import { type Format, roundTo, UsageError } from '../../numeric/index.ts'
import type { BlockPartition } from '../blocks.ts'
import type { Damping } from '../cgnr.ts'
import { blockDiagonalStarts, scalarSize } from '../ops/jacobian-product.ts'
import type { UnknownScaling } from './unknown-scaling.ts'

/**
 * The diagonal damping Λ of the unknowns δ = L⁻ᵀ y, in the unknowns y: C = L⁻¹ Λ L⁻ᵀ = Wᵀ W with W = √Λ L⁻ᵀ, upper
 * triangular by blocks. Kept as W, so that yᵀ C y = ‖W y‖² cannot become negative by rounding. Every operation is rounded to
 * one format.
 */
export class ScaledDamping implements Damping {
  private readonly blocks: BlockPartition
  private readonly scaling: UnknownScaling
  private readonly format: Format
  private readonly start: Int32Array
  private readonly W: Float64Array
  private readonly scratch: Float64Array

  constructor(blocks: BlockPartition, scaling: UnknownScaling, format: Format) {
    this.blocks = blocks
    this.scaling = scaling
    this.format = format
    this.start = blockDiagonalStarts(blocks)
    this.W = new Float64Array(this.start[blocks.count])
    this.scratch = new Float64Array(blocks.dims.reduce((most, d) => Math.max(most, d), 0))
    roundTo(format)
  }

  update(diagonal: Float64Array): void {
    const { W, start, blocks } = this
    if (diagonal.length !== scalarSize(blocks))
      throw new UsageError(`damping: expected ${scalarSize(blocks)} numbers, got ${diagonal.length}`)
    const round = roundTo(this.format)
    W.fill(0)
    for (let j = 0; j < blocks.count; j++) {
      const d = blocks.dims[j]
      for (let i = 0; i < d; i++) W[start[j] + i * d + i] = Math.sqrt(diagonal[blocks.offset[j] + i])
      this.scaling.scaleBlock(W, start[j], d, j)
    }
    for (let e = 0; e < W.length; e++) W[e] = round(W[e])
  }

  /** out += C y */
  addTo(y: Float64Array, out: Float64Array): void {
    const { W, start, blocks, scratch } = this
    const round = roundTo(this.format)
    for (let j = 0; j < blocks.count; j++) {
      const d = blocks.dims[j]
      const o = blocks.offset[j]
      if (this.format === 'fp32') {
        addToSingle(W, start[j], d, y, o, out, scratch)
        continue
      }
      for (let i = 0; i < d; i++) scratch[i] = rowTimes(W, start[j], d, i, y, o, round)
      for (let c = 0; c < d; c++) {
        let sum = 0
        for (let i = 0; i <= c; i++) sum = round(sum + round(W[start[j] + i * d + c] * scratch[i]))
        out[o + c] = round(out[o + c] + sum)
      }
    }
  }

  /** yᵀ C y; the squares are added in fp64. */
  square(y: Float64Array): number {
    const { W, start, blocks } = this
    const round = roundTo(this.format)
    let total = 0
    for (let j = 0; j < blocks.count; j++)
      for (let i = 0; i < blocks.dims[j]; i++) {
        const at = start[j]
        const w =
          this.format === 'fp32'
            ? rowTimesSingle(W, at, blocks.dims[j], i, y, blocks.offset[j])
            : rowTimes(W, at, blocks.dims[j], i, y, blocks.offset[j], round)
        total += w * w
      }
    return total
  }
}

/** Row i of an upper triangular block times y, rounded. */
function rowTimes(
  W: Float64Array,
  at: number,
  d: number,
  i: number,
  y: Float64Array,
  o: number,
  round: (x: number) => number,
): number {
  let sum = 0
  for (let c = i; c < d; c++) sum = round(sum + round(W[at + i * d + c] * y[o + c]))
  return sum
}

const f = Math.fround

/** {@link rowTimes} in fp32, where the machine rounds. */
function rowTimesSingle(W: Float64Array, at: number, d: number, i: number, y: Float64Array, o: number): number {
  let sum = 0
  for (let c = i; c < d; c++) sum = f(sum + f(W[at + i * d + c] * y[o + c]))
  return sum
}

/** One block of {@link ScaledDamping.addTo} in fp32, where the machine rounds. */
function addToSingle(
  W: Float64Array,
  at: number,
  d: number,
  y: Float64Array,
  o: number,
  out: Float64Array,
  scratch: Float64Array,
): void {
  for (let i = 0; i < d; i++) scratch[i] = rowTimesSingle(W, at, d, i, y, o)
  for (let c = 0; c < d; c++) {
    let sum = 0
    for (let i = 0; i <= c; i++) sum = f(sum + f(W[at + i * d + c] * scratch[i]))
    out[o + c] = f(out[o + c] + sum)
  }
}
