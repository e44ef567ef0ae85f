import { kernels, type Region } from '../backend/index.ts'
import type { SymmetricBlockMatrix } from './blocks.ts'

type Kernel = (...args: number[]) => number

/** What the elimination works on, all of it in the linear memory. */
export interface SchurMemory {
  readonly pointCount: number
  /** The normal equations, points first. */
  readonly hessian: SymmetricBlockMatrix
  readonly gradient: Float64Array
  readonly damping: Float64Array
  readonly pointFactor: Float64Array
  readonly pointVector: Float64Array
  readonly reducedValues: Float64Array
  readonly reducedGradient: Float64Array
  /** δ_c, input of the back-substitution. */
  readonly remainingStep: Float64Array
  readonly pairTarget: Int32Array
}

/** `schur.ts`'s loops over points by WebAssembly SIMD, equal to them to the bit. */
export class SchurTwin {
  private readonly plan: number
  private readonly eliminateKernel: Kernel
  private readonly backKernel: Kernel

  /** Null where there are no kernels, where a part lies elsewhere, or where a point is not of three numbers. */
  static bind(parts: SchurMemory, memory: Region): SchurTwin | null {
    const available = kernels()
    if (!available) return null
    const { hessian, pointCount, pairTarget: _, ...arrays } = parts
    const { dims } = hessian.blocks
    for (let p = 0; p < pointCount; p++) if (dims[p] !== 3) return null
    const buffer = available.arena.buffer
    for (const array of [hessian.values, ...Object.values(arrays)])
      if (array.length > 0 && array.buffer !== buffer) return null
    return new SchurTwin(parts, memory, available.functions)
  }

  private constructor(parts: SchurMemory, memory: Region, functions: Readonly<Record<string, Kernel>>) {
    const { blocks, columnStart, rowIndex, valueStart, values } = parts.hessian
    const { pointCount } = parts
    this.eliminateKernel = functions['eliminatePoints']
    this.backKernel = functions['backSubstitutePoints']
    const remaining = blocks.dims.subarray(pointCount)
    // In the order of the words of schur.as.ts.
    const plan = [
      pointCount,
      memory.constants(columnStart),
      memory.constants(rowIndex),
      memory.constants(valueStart),
      memory.constants(blocks.dims),
      memory.constants(blocks.offset),
      values.byteOffset,
      parts.gradient.byteOffset,
      parts.damping.byteOffset,
      parts.pointFactor.byteOffset,
      parts.pointVector.byteOffset,
      memory.float64(longestStrip(parts.hessian, pointCount)).address,
      parts.reducedValues.byteOffset,
      parts.reducedGradient.byteOffset,
      memory.constants(parts.pairTarget),
      remaining.every((d) => d === remaining[0]) ? (remaining[0] ?? 0) : 0,
      blocks.offset[pointCount],
      parts.remainingStep.byteOffset,
    ]
    this.plan = memory.constants(Int32Array.from(plan))
  }

  /** S −= Σ W Wᵀ and ĝ −= Σ W L⁻¹ g_p. Returns null, or the point and the row of the first pivot that is not positive. */
  eliminate(): { point: number; row: number } | null {
    const failed = this.eliminateKernel(this.plan)
    return failed < 0 ? null : { point: failed >> 2, row: failed & 3 }
  }

  /** pointVector = (H_pp + Λ_p)⁻¹ (g_p + H_pc δ_c). */
  backSubstitute(): void {
    this.backKernel(this.plan)
  }
}

/** Numbers in the longest strip of one point, three rows per remaining block, each padded to an even length. */
function longestStrip({ columnStart, rowIndex, blocks }: SymmetricBlockMatrix, pointCount: number): number {
  let longest = 0
  for (let p = 0; p < pointCount; p++) {
    let rows = 0
    for (let e = columnStart[p] + 1; e < columnStart[p + 1]; e++) rows += (blocks.dims[rowIndex[e]] + 1) & ~1
    longest = Math.max(longest, 3 * rows)
  }
  return longest
}
