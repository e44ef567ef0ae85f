import type { LinearFloat64 } from '../backend/index.ts'
import type { Manifold } from '../geometry/index.ts'
import type { FactorType, Graph, Loss } from '../graph/index.ts'
import type { BlockJacobian, BlockPartition, JacobianBatch, JacobianProducts } from '../linear/index.ts'
import type { BatchKernel } from './batch-kernel.ts'

/** A batch of factors ready for the loop: offsets instead of keys, square roots instead of information matrices. */
export interface ProgramBatch {
  readonly type: FactorType
  readonly loss: Loss | null
  readonly count: number
  /** count × arity offsets into the state. */
  readonly at: Int32Array
  readonly data: Float64Array
  /** count × m(m+1)/2: packed upper-triangular R with Rᵀ R = Ω, or null for the identity. */
  readonly squareRootInformation: Float64Array | null
  /** Where its rows of the Jacobian go. */
  readonly jacobian: JacobianBatch
}

/**
 * A compiled problem: everything the loop needs, with all memory asked for. The state is one array, laid out as the
 * graph's values; block j of the unknowns is variable `variableOf[j]`.
 */
export interface Program {
  readonly graph: Graph
  readonly blocks: BlockPartition
  /** Block of each variable, −1 when it is constant. */
  readonly blockOf: Int32Array
  readonly variableOf: Int32Array
  /** Manifold and state offset of each block. */
  readonly manifolds: readonly Manifold[]
  readonly stateAt: Int32Array
  readonly batches: readonly ProgramBatch[]
  /** For each batch its kernels in WebAssembly, or null: its factors are then evaluated one by one. */
  readonly kernels: readonly (BatchKernel | null)[]
  /** Where those kernels read the state, which is put there before they run; null when there are none. */
  readonly state: LinearFloat64 | null
  readonly jacobian: BlockJacobian
  /** Its products, by whichever kernels reach it. */
  readonly products: JacobianProducts
  /** Unknowns held still: 1 per tangent component that may not move now (gauge, active bounds, no factor). */
  readonly frozen: Uint8Array
  /** Components frozen for good; `frozen` begins as a copy and active bounds come and go on top. */
  readonly heldByGauge: Uint8Array
  readonly bounds: readonly BlockBounds[]
  /** Scratch: one raw residual and one factor's Jacobian. */
  readonly scratch: { readonly residual: Float64Array; readonly jacobian: Float64Array }
}

export interface BlockBounds {
  readonly block: number
  readonly lower: Float64Array
  readonly upper: Float64Array
}

/** out = x ⊞ δ, variable by variable; constants are copied. */
export function retract(program: Program, x: Float64Array, step: Float64Array, out: Float64Array): void {
  const { blocks, manifolds, stateAt, bounds } = program
  if (out !== x) out.set(x)
  for (let j = 0; j < blocks.count; j++) {
    const at = stateAt[j]
    manifolds[j].retract(x, at, step, blocks.offset[j], out, at)
  }
  for (const { block, lower, upper } of bounds) {
    const at = stateAt[block]
    for (let i = 0; i < lower.length; i++) out[at + i] = Math.min(Math.max(out[at + i], lower[i]), upper[i])
  }
}

/** The lines of `Summary.kernels`. `batched`: whether the model runs them. */
export function describeKernels({ batches, kernels }: Program, batched: boolean): string[] {
  return batches.map(
    ({ type, count }, b) => `${type.name}, ${count} factors: ${kernels[b] && batched ? 'WebAssembly SIMD' : 'plain'}`,
  )
}
