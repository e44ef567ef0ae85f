import { kernels, type Region } from '../backend/index.ts'
import type { SymmetricBlockMatrix } from './blocks.ts'
import type { Store } from './store.ts'

type Kernel = (...args: number[]) => number

/** The numbers that the elimination reads and keeps, in the order of the normal equations; within the reach of kernels where J is. */
export interface SchurStores {
  readonly gradient: Store
  readonly damping: Store
  readonly pointFactor: Store
  readonly pointVector: Store
  readonly reducedValues: Store
  readonly reducedGradient: Store
  /** δ_c, input of the back-substitution. */
  readonly remainingStep: Store
}

/** What the elimination works on. */
export interface SchurMemory {
  readonly pointCount: number
  /** The normal equations, points first. */
  readonly hessian: SymmetricBlockMatrix
  readonly pairTarget: Int32Array
  readonly stores: SchurStores
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
    const { hessian, pointCount, stores } = parts
    const { dims } = hessian.blocks
    for (let p = 0; p < pointCount; p++) if (dims[p] !== 3) return null
    const buffer = available.arena.buffer
    for (const array of [hessian.values, ...Object.values(stores).map(({ view }) => view)])
      if (array.length > 0 && array.buffer !== buffer) return null
    return new SchurTwin(parts, memory, available.functions)
  }

  private constructor(parts: SchurMemory, memory: Region, functions: Readonly<Record<string, Kernel>>) {
    const { blocks, columnStart, rowIndex, valueStart } = parts.hessian
    const { pointCount } = parts
    this.eliminateKernel = functions['eliminatePoints']
    this.backKernel = functions['backSubstitutePoints']
    const remaining = blocks.dims.subarray(pointCount)
    const structure = [columnStart, rowIndex, valueStart, blocks.dims, blocks.offset].map((t) => memory.constants(t))
    const pairs = memory.constants(parts.pairTarget)
    const strip = memory.float64(longestStrip(parts.hessian, pointCount)).address
    // Addresses do not move, but a view taken before the memory grew has none: they are read when everything has its place.
    const addressOf = (name: keyof SchurStores): number => parts.stores[name].view.byteOffset
    const plan = new Int32Array(18)
    this.plan = memory.constants(plan)
    // In the order of the words of schur.as.ts.
    plan.set([
      pointCount,
      ...structure,
      parts.hessian.values.byteOffset,
      addressOf('gradient'),
      addressOf('damping'),
      addressOf('pointFactor'),
      addressOf('pointVector'),
      strip,
      addressOf('reducedValues'),
      addressOf('reducedGradient'),
      pairs,
      remaining.every((d) => d === remaining[0]) ? (remaining[0] ?? 0) : 0,
      blocks.offset[pointCount],
      addressOf('remainingStep'),
    ])
    memory.write(this.plan, plan)
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
