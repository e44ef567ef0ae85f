import { kernels, type LinearFloat64, type Region } from '../backend/index.ts'
import type { Loss } from '../graph/index.ts'
import type { BlockJacobian } from '../linear/index.ts'
import type { ProgramBatch } from './program.ts'

type Kernel = (...args: number[]) => number

/**
 * One batch by WebAssembly SIMD, two factors at a time: what `linearize.ts` does one by one, with the same bits. There are
 * kernels for factors that come from an expression (`FactorType.kernel`); the loss may be any.
 */
export class BatchKernel {
  private readonly batch: ProgramBatch
  private readonly jacobian: BlockJacobian
  private readonly derive: Kernel
  private readonly square: Kernel
  private readonly scale: Kernel
  /** What both kernels begin with: count, state, offsets, data, and R where there is one. */
  private readonly given: readonly number[]
  private readonly squares: LinearFloat64
  private readonly weights: LinearFloat64 | null

  /** Null where there is no kernel for the batch. `jacobian` is that of the program; `state` holds x. */
  static bind(batch: ProgramBatch, jacobian: BlockJacobian, state: LinearFloat64, memory: Region): BatchKernel | null {
    const { type, squareRootInformation } = batch
    const available = kernels()
    if (!available || !type.kernel) return null
    const { buffer } = available.arena
    if (batch.jacobian.values.buffer !== buffer || jacobian.residual.buffer !== buffer) return null
    const form = squareRootInformation ? `${type.kernel}Whitened` : type.kernel
    const derive = available.functions[`linearize${form}`]
    const square = available.functions[`square${form}`]
    if (!derive || !square) return null
    return new BatchKernel(batch, jacobian, state, memory, derive, square, available.functions['scaleFactors'])
  }

  private constructor(
    batch: ProgramBatch,
    jacobian: BlockJacobian,
    state: LinearFloat64,
    memory: Region,
    derive: Kernel,
    square: Kernel,
    scale: Kernel,
  ) {
    const { count, at, data, squareRootInformation: root, loss } = batch
    this.batch = batch
    this.jacobian = jacobian
    this.derive = derive
    this.square = square
    this.scale = scale
    this.given = [count, state.address, memory.constants(at), memory.constants(data)]
    if (root) this.given = [...this.given, memory.constants(root)]
    this.squares = memory.float64(count)
    this.weights = loss ? memory.float64(count) : null
  }

  /** Writes the batch's rows of residual and Jacobian at the state in memory. Returns Σ ρ. */
  linearize(): number {
    const { residualDim, count, stride, row, values } = this.batch.jacobian
    const { given, squares } = this
    const r = this.jacobian.residual.byteOffset + 8 * row
    const J = values.byteOffset
    if (given.length === 4) this.derive(given[0], given[1], given[2], given[3], squares.address, r, J)
    else this.derive(given[0], given[1], given[2], given[3], given[4], squares.address, r, J)
    const { loss } = this.batch
    if (!loss || !this.weights) return sum(squares.view, 0)
    const cost = weigh(loss, squares.view, this.weights.view)
    this.scale(count, 8 * residualDim, 8 * stride, this.weights.address, r, J)
    return cost
  }

  /** `cost` + Σ ρ at the state in memory, added one by one. */
  addCost(cost: number): number {
    const { given, squares } = this
    if (given.length === 4) this.square(given[0], given[1], given[2], given[3], squares.address)
    else this.square(given[0], given[1], given[2], given[3], given[4], squares.address)
    const { loss } = this.batch
    return loss ? sumRobust(loss, squares.view, cost) : sum(squares.view, cost)
  }
}

function sum(squares: Float64Array, cost: number): number {
  for (let f = 0; f < squares.length; f++) cost += squares[f]
  return cost
}

function sumRobust(loss: Loss, squares: Float64Array, cost: number): number {
  for (let f = 0; f < squares.length; f++) cost += loss.rho(squares[f])
  return cost
}

/** weights = √ρ′(s); returns Σ ρ(s). */
function weigh(loss: Loss, squares: Float64Array, weights: Float64Array): number {
  let cost = 0
  for (let f = 0; f < squares.length; f++) {
    cost += loss.rho(squares[f])
    weights[f] = Math.sqrt(loss.weight(squares[f]))
  }
  return cost
}
