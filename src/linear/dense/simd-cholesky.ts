import { type Allocation, type Arena, kernels, probe } from '../../backend/index.ts'
import { UsageError } from '../../numeric/index.ts'

type Kernel = (...args: number[]) => number

/**
 * The twin of choleskyInPlace and its solves by WebAssembly SIMD, on a matrix padded with rows of the identity to a multiple of
 * four. The caller writes the lower triangle into `matrix` (row-major, `stride` wide) and the diagonal into `diagonal`.
 */
export class SimdDenseCholesky {
  /** Rows and columns as they are stored. */
  readonly stride: number
  private readonly size: number
  private readonly arena: Arena
  private readonly kernelFactor: Kernel
  private readonly kernelSolve: Kernel
  /** Owner of the memory, which is given back when this is collected. */
  readonly owner: object
  private memory: Allocation | null
  private held: Views | null = null

  /** The twin, or why there is none. */
  static bind(size: number): SimdDenseCholesky | string {
    const available = kernels()
    if (!available) return probe().reason
    const stride = (size + 3) & -4
    const owner = {}
    const bytes = 8 * stride * (stride + 7)
    const memory = available.arena.allocate(bytes, owner)
    if (!memory) return `no ${bytes} bytes of WebAssembly memory`
    return new SimdDenseCholesky(size, stride, available.arena, available.functions, owner, memory)
  }

  private constructor(
    size: number,
    stride: number,
    arena: Arena,
    functions: Readonly<Record<string, Kernel>>,
    owner: object,
    memory: Allocation,
  ) {
    this.size = size
    this.stride = stride
    this.arena = arena
    this.kernelFactor = functions['dense_cholesky_fp64']
    this.kernelSolve = functions['dense_solve_fp64']
    this.owner = owner
    this.memory = memory
  }

  /** The matrix, later its factor; asked for anew for every use, for the memory may have grown. */
  get matrix(): Float64Array {
    return this.views().matrix
  }

  get diagonal(): Float64Array {
    return this.views().diagonal
  }

  /** In place: −1, or the first row whose pivot fails. */
  factor(tolerance: number): number {
    const { matrix, diagonal } = this.views()
    const { size, stride } = this
    for (let r = size; r < stride; r++) {
      matrix.fill(0, r * stride, r * stride + r)
      matrix[r * stride + r] = 1
      diagonal[r] = 1
    }
    const at = this.offsets()
    return this.kernelFactor(stride, at.matrix, at.diagonal, at.reciprocal, at.packed, tolerance)
  }

  solve(b: Float64Array, x: Float64Array): void {
    const { vector } = this.views()
    const at = this.offsets()
    vector.set(b)
    vector.fill(0, this.size)
    this.kernelSolve(this.stride, at.matrix, at.reciprocal, at.vector)
    for (let i = 0; i < x.length; i++) x[i] = vector[i]
  }

  dispose(): void {
    if (this.memory) this.arena.giveBack(this.memory)
    this.memory = null
    this.held = null
  }

  private offsets(): { matrix: number; diagonal: number; reciprocal: number; vector: number; packed: number } {
    if (!this.memory) throw new UsageError('DenseCholesky: it was disposed of')
    const matrix = this.memory.offset
    const diagonal = matrix + 8 * this.stride ** 2
    const row = 8 * this.stride
    return { matrix, diagonal, reciprocal: diagonal + row, vector: diagonal + 2 * row, packed: diagonal + 3 * row }
  }

  private views(): Views {
    const { stride, arena } = this
    const at = this.offsets()
    if (this.held?.matrix.buffer !== arena.buffer)
      this.held = {
        matrix: new Float64Array(arena.buffer, at.matrix, stride * stride),
        diagonal: new Float64Array(arena.buffer, at.diagonal, stride),
        vector: new Float64Array(arena.buffer, at.vector, stride),
      }
    return this.held
  }
}

interface Views {
  readonly matrix: Float64Array
  readonly diagonal: Float64Array
  readonly vector: Float64Array
}
