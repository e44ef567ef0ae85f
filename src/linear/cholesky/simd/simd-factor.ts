import { type Allocation, type Arena, kernels, probe } from '../../../backend/index.ts'
import { UsageError } from '../../../numeric/index.ts'
import type { SymmetricBlockMatrix } from '../../blocks.ts'
import type { KrylovOutcome, KrylovReport } from '../../conjugate-gradients.ts'
import type { FactorFormat, Factorization, FailedPivot } from '../factorization.ts'
import type { Symbolic } from '../symbolic.ts'
import { type FactorLayout, layOut, storedHeight, vectorBytes, writeStructure } from './layout.ts'

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
    if (poison) new Uint8Array(arena.buffer, memory.offset, layout.bytes).subarray(layout.spread).fill(0xff)
    if (poison) this.clearPadding()
    writeStructure(arena.buffer, memory.offset, layout, symbolic, format)
  }

  describe(): string {
    return `${this.format}${this.format === 'fp32' ? ' (scaled)' : ''}, WebAssembly SIMD`
  }

  factor(matrix: SymmetricBlockMatrix, damping: Float64Array | null, tolerance: number): FailedPivot | null {
    const base = this.base()
    this.copyHessian(matrix)
    const diagonal = this.numbers(this.layout.damping)
    if (damping) diagonal.set(damping)
    else diagonal.fill(0)
    this.stale = true
    if (this.kernelFactor(base, tolerance)) return null
    const words = new Uint32Array(this.arena.buffer, base, 48)
    const position = words[84 / 4]
    const scalar = words[88 / 4]
    const at = this.symbolic.blocks.offset[this.symbolic.order[position]] + scalar
    const pivot = new Float64Array(this.arena.buffer, base + 96, 1)[0]
    const unit = this.format === 'fp32' ? this.numbers(this.layout.scale)[at] ** 2 : 1
    const floor = tolerance * Math.max(0, this.numbers(this.layout.diagonal)[at])
    return { position, scalar, pivot: pivot / unit, floor }
  }

  solve(b: Float64Array, x: Float64Array): void {
    const base = this.base()
    const vector = this.numbers(this.layout.vector)
    vector.set(b)
    this.kernelSolve(base)
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
    const base = this.base()
    const { gradients } = this.layout
    const step = vectorBytes(b.length)
    this.numbers(gradients).set(b)
    const inside = this.numbers(gradients + step)
    if (start === 'guess') inside.set(x)
    const outcome = OUTCOMES[this.kernelIterate(base, start === 'guess' ? 1 : 0, maxIterations, tolerance)]
    x.set(inside)
    const results = new Float64Array(this.arena.buffer, base, 24)
    const iterations = new Uint32Array(this.arena.buffer, base, 48)[152 / 4]
    return { outcome, iterations, residualNorm: results[160 / 8], target: results[168 / 8] }
  }

  /** Takes over another H and damping of the same structure and keeps the factor. */
  update(matrix: SymmetricBlockMatrix, damping: Float64Array): void {
    this.copyHessian(matrix)
    this.numbers(this.layout.damping).set(damping)
  }

  get diagonal(): Float64Array {
    return this.numbers(this.layout.diagonal).slice()
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
  }

  private base(): number {
    if (!this.memory) throw new UsageError('BlockCholesky: it was disposed of')
    return this.memory.offset
  }

  /** One fp64 number per scalar, at an offset of the layout. */
  private numbers(at: number): Float64Array {
    const { blocks } = this.symbolic
    return new Float64Array(this.arena.buffer, this.base() + at, blocks.offset[blocks.count])
  }

  private copyHessian(matrix: SymmetricBlockMatrix): void {
    const { hessian, hessianSize } = this.layout
    const inside = new Float64Array(this.arena.buffer, this.base() + hessian, hessianSize)
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
    const { matrixRowIndex } = this.symbolic
    const expected = new Uint32Array(
      this.arena.buffer,
      this.base() + this.layout.matrixValueStart,
      matrixRowIndex.length,
    )
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
    const scale = format === 'fp32' ? this.numbers(layout.scale) : null
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
