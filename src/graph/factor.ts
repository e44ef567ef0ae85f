import type { LieGroup, Manifold } from '../geometry/index.ts'

/**
 * The freedom that a factor cannot see: moving all its variables by one element of this group leaves its residual as it
 * is. 'none' for absolute measurements. Groups are ordered: none ⊂ translation ⊂ rigid ⊂ similarity.
 */
export type Gauge = 'none' | 'translation' | 'rigid' | 'similarity'

/**
 * A kind of measurement: stateless, shared by all factors of its kind. A graph keeps the factors of one type in columns
 * (variables, data, information); the solver calls `evaluate` for each row of them.
 *
 * Residuals and Jacobians are raw: whitening by the square-root information and the robust loss are applied once, for all
 * types, by the linearizer.
 */
export interface FactorType {
  /** Unique name, with what it connects: 'between(SE3)', 'reprojection(BAL)'. */
  readonly name: string
  /** The manifold of each variable it touches, in order. */
  readonly variables: readonly Manifold[]
  /** Length m of the residual. */
  readonly residualDim: number
  /** Numbers of constant data per factor: the measurement, and what belongs to it (calibration, sensor mount). */
  readonly dataSize: number
  /** What the residual cannot see. */
  readonly gauge: Gauge
  /**
   * Set when the factor measures one pose from another: its data begin with Z ≈ Xi⁻¹ · Xj in this group's storage. What
   * chordal initialization reads.
   */
  readonly relative?: LieGroup
  /**
   * Set when the measurement alone places one of its variables: writes a first value of variable `slot` into `x` from
   * the values of the others; false when this slot cannot be placed (a bearing alone). What spanning trees walk along.
   */
  propagate?(x: Float64Array, at: Int32Array, atAt: number, data: Float64Array, dataAt: number, slot: number): boolean
  /**
   * Set when `evaluate` was made from an expression (scripts/expressions) that also made WebAssembly kernels for whole
   * batches: their name. They give the numbers that `evaluate` gives, to the bit.
   */
  readonly kernel?: string
  /**
   * r = the residual (m numbers at `rAt`) of one factor. Variable k stands in `x` at `at[atAt + k]`; the factor's data
   * stand in `data` at `dataAt`. When `J` is given, also d r / d δₖ for the right perturbation δₖ of each variable k, as
   * row-major m × dimₖ blocks one behind the other from `JAt`. Allocates nothing; keeps no reference.
   */
  evaluate(
    x: Float64Array,
    at: Int32Array,
    atAt: number,
    data: Float64Array,
    dataAt: number,
    r: Float64Array,
    rAt: number,
    J: Float64Array | null,
    JAt: number,
  ): void
}

/** Length of one factor's Jacobian row block: m × Σ dimₖ. */
export function jacobianStride(type: FactorType): number {
  let columns = 0
  for (const manifold of type.variables) columns += manifold.dim
  return type.residualDim * columns
}
