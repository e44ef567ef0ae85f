import { type Allocation, type Arena, kernels, probe } from '../../../backend/index.ts'
import { UsageError } from '../../../numeric/index.ts'
import type { SymmetricBlockMatrix } from '../../blocks.ts'
import type { KrylovOutcome, KrylovReport } from '../../conjugate-gradients.ts'
import type { FactorFormat, Factorization, FailedPivot } from '../factorization.ts'
import type { Symbolic } from '../symbolic.ts'
import { type FactorLayout, layOut, PLAN_BYTES, storedHeight, vectorBytes, writeStructure } from './layout.ts'

type Kernel = (...args: number[]) => number

const OUTCOMES: readonly KrylovOutcome[] = ['converged', 'iterations', 'indefinite', 'breakdown']

export interface SimdFactorOptions {
  /** Room for conjugate gradients too. */
  readonly iterative?: boolean
  /** Fills everything that is to be computed with NaN, so that a number read before it is written shows. For tests. */
  readonly poison?: boolean
}

/**
 * The twin of PlainFactor by WebAssembly SIMD: structure, H, L and vectors lie in the linear memory, a factorization or a
 * solve is one call. Blocks of L are stored by columns and padded to whole vectors (layout.ts). In fp32 the matrix is
 * scaled to unit diagonal, rounded, and everything is computed in fp32; right-hand sides are divided by their largest
 * entry before they are rounded.
 */
export class SimdFactor implements Factorization {
  private readonly symbolic: Symbolic
  private readonly format: FactorFormat
  private readonly arena: Arena
  private readonly layout: FactorLayout
  private memory: Allocation | null
  private readonly kernelFactor: Kernel
  private readonly kernelSolve: Kernel
  private readonly kernelIterate: Kernel
  /** The starts of values last seen to be those of blocks one behind the other. */
  private dense: Int32Array | null = null
  private unpacked: Float64Array | null = null
  private stale = true
  private held: Views | null = null

  /** The twin, or why there is none. */
  static bind(symbolic: Symbolic, format: FactorFormat, options: SimdFactorOptions = {}): SimdFactor | string {
    const available = kernels()
    if (!available) return probe().reason
    const layout = layOut(symbolic, format, options.iterative ?? false)
    const memory = available.arena.allocate(layout.bytes, layout)
    if (!memory) return `no ${layout.bytes} bytes of WebAssembly memory`
    return new SimdFactor(
      symbolic,
      format,
      available.arena,
      available.functions,
      layout,
      memory,
      options.poison ?? false,
    )
  }

  private constructor(
    symbolic: Symbolic,
    format: FactorFormat,
    arena: Arena,
    functions: Readonly<Record<string, Kernel>>,
    layout: FactorLayout,
    memory: Allocation,
    poison: boolean,
  ) {
    this.symbolic = symbolic
    this.format = format
    this.arena = arena
    this.layout = layout
    this.memory = memory
    this.kernelFactor = functions[`cholesky_factor_${format}`]
    this.kernelSolve = functions[`cholesky_solve_${format}`]
    this.kernelIterate = functions[`cholesky_pcg_${format}`]
    if (poison) new Uint8Array(arena.buffer, memory.offset, layout.bytes).subarray(layout.diagonal).fill(0xff)
    if (poison) this.clearPadding()
    writeStructure(arena.buffer, memory.offset, layout, symbolic, format)
  }

  describe(): string {
    return `${this.format}${this.format === 'fp32' ? ' (scaled)' : ''}, WebAssembly SIMD`
  }

  factor(matrix: SymmetricBlockMatrix, damping: Float64Array | null, tolerance: number): FailedPivot | null {
    const views = this.views()
    this.copyHessian(matrix)
    if (damping) views.damping.set(damping)
    else views.damping.fill(0)
    this.stale = true
    if (this.kernelFactor(this.base(), tolerance)) return null
    const position = views.words[84 / 4]
    const scalar = views.words[88 / 4]
    const at = this.symbolic.blocks.offset[this.symbolic.order[position]] + scalar
    const unit = this.format === 'fp32' ? views.scale[at] ** 2 : 1
    const floor = tolerance * Math.max(0, views.diagonal[at])
    return { position, scalar, pivot: views.results[96 / 8] / unit, floor }
  }

  solve(b: Float64Array, x: Float64Array): void {
    const { vector } = this.views()
    vector.set(b)
    this.kernelSolve(this.base())
    x.set(vector)
  }

  /**
   * (H + diag(damping)) x = b with the matrix last taken over (`update` or `factor`), preconditioned by the factor, which may be
   * an older one. `start` as KrylovOptions; the residual is measured in the preconditioner's norm.
   */
  iterate(
    b: Float64Array,
    x: Float64Array,
    { start, maxIterations, tolerance }: { start: 'zero' | 'guess'; maxIterations: number; tolerance: number },
  ): KrylovReport {
    const { rightHandSide, iterate, results, words } = this.views()
    rightHandSide.set(b)
    if (start === 'guess') iterate.set(x)
    const outcome = OUTCOMES[this.kernelIterate(this.base(), start === 'guess' ? 1 : 0, maxIterations, tolerance)]
    x.set(iterate)
    return { outcome, iterations: words[152 / 4], residualNorm: results[160 / 8], target: results[168 / 8] }
  }

  /** Takes over another H and damping of the same structure and keeps the factor. */
  update(matrix: SymmetricBlockMatrix, damping: Float64Array): void {
    this.copyHessian(matrix)
    this.views().damping.set(damping)
  }

  get diagonal(): Float64Array {
    return this.views().diagonal.slice()
  }

  /** A copy in fp64, made when it is asked for. */
  get values(): Float64Array {
    this.unpacked ??= new Float64Array(this.symbolic.nonzeros)
    if (this.stale) this.unpack(this.unpacked)
    this.stale = false
    return this.unpacked
  }

  dispose(): void {
    if (this.memory) this.arena.giveBack(this.memory)
    this.memory = null
    this.held = null
  }

  private base(): number {
    if (!this.memory) throw new UsageError('BlockCholesky: it was disposed of')
    return this.memory.offset
  }

  /** Views of the parts that JavaScript reads and writes; made anew when the memory has grown. */
  private views(): Views {
    const base = this.base()
    if (this.held?.words.buffer !== this.arena.buffer)
      this.held = viewsOf(this.arena.buffer, base, this.layout, this.symbolic)
    return this.held
  }

  private copyHessian(matrix: SymmetricBlockMatrix): void {
    const { hessianSize } = this.layout
    const inside = this.views().hessian
    if (matrix.valueStart === this.dense || this.isDense(matrix.valueStart)) {
      this.dense = matrix.valueStart
      inside.set(matrix.values.length === hessianSize ? matrix.values : matrix.values.subarray(0, hessianSize))
      return
    }
    const { blocks, matrixColumnStart, matrixRowIndex } = this.symbolic
    for (let j = 0, to = 0; j < blocks.count; j++)
      for (let e = matrixColumnStart[j]; e < matrixColumnStart[j + 1]; e++) {
        const size = blocks.dims[matrixRowIndex[e]] * blocks.dims[j]
        inside.set(matrix.values.subarray(matrix.valueStart[e], matrix.valueStart[e] + size), to)
        to += size
      }
  }

  /** Whether the blocks of H lie one behind the other in their order. */
  private isDense(valueStart: Int32Array): boolean {
    const length = this.symbolic.matrixRowIndex.length
    const expected = new Uint32Array(this.arena.buffer, this.base() + this.layout.matrixValueStart, length)
    for (let e = 0; e < expected.length; e++) if (valueStart[e] !== expected[e]) return false
    return true
  }

  private unpack(values: Float64Array): void {
    const { symbolic, format, arena, layout } = this
    const { permuted, columnStart, rowIndex, uniform, blocks, order } = symbolic
    const stored = new (format === 'fp64' ? Float64Array : Float32Array)(
      arena.buffer,
      this.base() + layout.factor,
      layout.factorBytes / (format === 'fp64' ? 8 : 4),
    )
    const scale = format === 'fp32' ? this.views().scale : null
    let to = 0
    let from = 0
    for (let k = 0; k < permuted.count; k++)
      for (let e = columnStart[k]; e < columnStart[k + 1]; e++) {
        const i = rowIndex[e]
        const rows = permuted.dims[i]
        const height = storedHeight(format, uniform, rows)
        const first = blocks.offset[order[i]]
        for (let r = 0; r < rows; r++) {
          const unit = scale ? scale[first + r] : 1
          for (let c = 0; c < permuted.dims[k]; c++) values[to++] = stored[from + c * height + r] / unit
        }
        from += permuted.dims[k] * height
      }
  }

  /** The rows that pad blocks of the work vector take part in sums and are never written: they stay 0. */
  private clearPadding(): void {
    const { layout, arena } = this
    new Uint8Array(arena.buffer, this.base() + layout.work, layout.factor - layout.work).fill(0)
  }
}

interface Views {
  /** The table of plan.as.ts by words, and its fp64 numbers. */
  readonly words: Uint32Array
  readonly results: Float64Array
  readonly hessian: Float64Array
  readonly damping: Float64Array
  readonly diagonal: Float64Array
  readonly scale: Float64Array
  readonly vector: Float64Array
  /** b and x of conjugate gradients; empty without room for them. */
  readonly rightHandSide: Float64Array
  readonly iterate: Float64Array
}

function viewsOf(buffer: ArrayBuffer, base: number, layout: FactorLayout, { blocks }: Symbolic): Views {
  const scalars = blocks.offset[blocks.count]
  const numbers = (at: number, length = scalars) => new Float64Array(buffer, base + at, length)
  const { gradients } = layout
  return {
    words: new Uint32Array(buffer, base + layout.plan, PLAN_BYTES / 4),
    results: numbers(layout.plan, PLAN_BYTES / 8),
    hessian: numbers(layout.hessian, layout.hessianSize),
    damping: numbers(layout.damping),
    diagonal: numbers(layout.diagonal),
    scale: numbers(layout.scale),
    vector: numbers(layout.vector),
    rightHandSide: gradients < 0 ? numbers(0, 0) : numbers(gradients),
    iterate: gradients < 0 ? numbers(0, 0) : numbers(gradients + vectorBytes(scalars)),
  }
}
