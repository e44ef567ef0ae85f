import type { LieGroup, Manifold } from '../geometry/index.ts'
import { Random } from '../numeric/index.ts'

export interface ManifoldCheckOptions {
  /** Random samples of each kind. Default 40. */
  readonly samples?: number
  /** Default 1; the same seed gives the same samples. */
  readonly seed?: number
  /** Size of ordinary tangent vectors; those must lie where local inverts retract. Default 1. */
  readonly reach?: number
  /**
   * Where rotation vectors stand in a tangent vector, as [first, length]; their ordinary length goes up to 0.95 `cut`, and
   * samples near and exactly at `cut` are added. Default: none.
   */
  readonly rotations?: readonly (readonly [first: number, length: number])[]
  /** The angle at which Log turns around: π for rotations (the default), 2π for unit quaternions. */
  readonly cut?: number
  /**
   * Whether elements store as a number near 1 what vanishes at the identity, as Sim3 its scale e^σ. Then Log knows small
   * tangent vectors to an absolute eps only; otherwise (the default) all their digits are asked for.
   */
  readonly storesNearOne?: boolean
  /** Multiplies every tolerance. Default 1. */
  readonly slack?: number
  /** What a broken law does: throw an Error that lists all broken ones (the default), or only show in the results. */
  readonly onBroken?: 'throw' | 'report'
}

/** Makes the tangent vectors and elements at which laws are tried. */
export class Samples {
  readonly random: Random
  readonly count: number
  private readonly dim: number
  private readonly reach: number
  private readonly rotations: readonly (readonly [number, number])[]
  private readonly cut: number

  constructor(dim: number, options: ManifoldCheckOptions) {
    this.random = new Random(options.seed ?? 1)
    this.count = options.samples ?? 40
    this.dim = dim
    this.reach = options.reach ?? 1
    this.rotations = options.rotations ?? []
    this.cut = options.cut ?? Math.PI
  }

  /** A tangent vector of any direction, its rotations of any angle up to 0.95 cut. */
  ordinary(): Float64Array {
    const xi = this.direction(this.reach * this.random.next())
    for (const [first, length] of this.rotations) this.rescale(xi, first, length, 0.95 * this.cut * this.random.next())
    return xi
  }

  /** Ordinary tangent vectors, then small ones from 1e-1 to 1e-12, zero, and some that mix small and ordinary parts. */
  *tangents(): Generator<Float64Array> {
    for (let i = 0; i < this.count; i++) yield this.ordinary()
    for (let power = 1; power <= 12; power++) {
      yield this.direction(10 ** -power)
      for (const [first, length] of this.rotations) {
        const xi = this.ordinary() // a small angle beside an ordinary rest, and the other way round
        this.rescale(xi, first, length, 10 ** -power)
        yield xi
        const rest = this.direction(10 ** -power)
        this.rescale(rest, first, length, 0.9 * this.cut)
        yield rest
      }
    }
    yield new Float64Array(this.dim)
  }

  /** Tangent vectors with one rotation 1e-1 … 1e-12 short of the cut. */
  *nearCut(): Generator<Float64Array> {
    for (const [first, length] of this.rotations)
      for (let power = 1; power <= 12; power++) {
        const xi = this.ordinary()
        this.rescale(xi, first, length, this.cut - 10 ** -power)
        yield xi
      }
  }

  /** Tangent vectors with one rotation at the cut, to rounding, along axes and in random directions. */
  *atCut(): Generator<Float64Array> {
    for (const [first, length] of this.rotations) {
      for (let axis = 0; axis < length; axis++)
        for (const sign of [1, -1]) {
          const xi = this.ordinary()
          xi.fill(0, first, first + length)
          xi[first + axis] = sign * this.cut
          yield xi
        }
      for (let i = 0; i < 4; i++) {
        const xi = this.ordinary()
        this.rescale(xi, first, length, this.cut)
        yield xi
      }
    }
  }

  /** An element some way off the identity. */
  element(manifold: Manifold): Float64Array {
    const x = new Float64Array(manifold.ambient)
    manifold.identity(x, 0)
    for (let steps = 0; steps < 3; steps++) manifold.retract(x, 0, this.ordinary(), 0, x, 0)
    manifold.normalize(x, 0)
    return x
  }

  point(group: LieGroup): Float64Array {
    return Float64Array.from({ length: group.pointDim }, () => 3 * this.random.gaussian())
  }

  private direction(size: number): Float64Array {
    const xi = Float64Array.from({ length: this.dim }, () => this.random.gaussian())
    let squared = 0
    for (const x of xi) squared += x * x
    const scale = size / Math.sqrt(squared || 1)
    return xi.map((x) => x * scale)
  }

  private rescale(xi: Float64Array, first: number, length: number, angle: number): void {
    let squared = 0
    for (let i = first; i < first + length; i++) squared += xi[i] * xi[i]
    if (squared === 0) return
    const scale = angle / Math.sqrt(squared)
    for (let i = first; i < first + length; i++) xi[i] *= scale
  }
}
