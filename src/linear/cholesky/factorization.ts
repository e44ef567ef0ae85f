import type { SymmetricBlockMatrix } from '../blocks.ts'

/** In which format a factor is stored and computed. */
export type FactorFormat = 'fp64' | 'fp32'

/** Which implementation computes it. 'auto': WebAssembly where the engine has it, otherwise the plain definition. */
export type FactorBackend = 'auto' | 'plain' | 'wasm'

/** The first pivot that failed: block by position, scalar in it; pivot and floor in the units of H. */
export interface FailedPivot {
  readonly position: number
  readonly scalar: number
  readonly pivot: number
  readonly floor: number
}

/**
 * What stands behind the door of BlockCholesky: the plain definition (`plain-factor.ts`) or its WebAssembly twin
 * (`simd/simd-factor.ts`). The door has checked structure and sizes.
 */
export interface Factorization {
  /** L as Symbolic describes it, in fp64 and the units of H. */
  readonly values: Float64Array
  /** Diagonal of the H + damping that was factored, in the original order. */
  readonly diagonal: Float64Array
  describe(): string
  factor(matrix: SymmetricBlockMatrix, damping: Float64Array | null, tolerance: number): FailedPivot | null
  /** b and x may be the same array. */
  solve(b: Float64Array, x: Float64Array): void
  /** Gives memory back at once that would otherwise wait for the collector. */
  dispose(): void
}
