import type { Region } from '../backend/index.ts'
import type { FactorBatch, Graph, Loss } from '../graph/index.ts'
import { checkInformation, jacobianStride, showKey, squareRootInformation } from '../graph/index.ts'
import {
  attempt,
  type BlockJacobian,
  type BlockPartition,
  type JacobianBatch,
  JacobianProducts,
  partition,
  store,
} from '../linear/index.ts'
import { UsageError } from '../numeric/index.ts'
import { BatchKernel } from './batch-kernel.ts'
import type { Hold } from './gauge.ts'
import type { BlockBounds, Program, ProgramBatch } from './program.ts'

export interface CompileOptions {
  /** Variables to hold still besides the graph's constants (anchors). */
  readonly anchors?: readonly number[]
  /** Tangent components to hold still. */
  readonly holds?: readonly Hold[]
  /** Where to put what WebAssembly kernels work on. Absent: arrays of their own, and plain kernels. */
  readonly memory?: Region | null
  /** A loss for every factor without one. */
  readonly loss?: Loss | null
}

/**
 * From a graph to a program: numbers the free variables, turns keys into offsets and information matrices into square
 * roots, lays out the Jacobian. The only place that allocates; everything after it reuses these arrays.
 */
export function compile(graph: Graph, options: CompileOptions = {}): Program {
  if (graph.variableCount === 0) throw new UsageError('the graph has no variables')
  const { blockOf, variableOf } = numberFreeVariables(graph, new Set(options.anchors))
  const { values } = graph
  const manifolds = Array.from(variableOf, (v) => values.manifold(v))
  const blocks = partition(manifolds.map((manifold) => manifold.dim))
  const stateAt = Int32Array.from(variableOf, (v) => values.offset(v))

  const memory = options.memory ?? null
  const batches: ProgramBatch[] = []
  let row = 0
  for (const batch of graph.batches) {
    if (batch.count === 0) continue
    batches.push(compileBatch(graph, batch, blockOf, row, batch.loss ?? options.loss ?? null, memory))
    row += batch.count * batch.type.residualDim
  }
  const heldByGauge = new Uint8Array(blocks.offset[blocks.count])
  holdUnseen(batches, blocks, heldByGauge)
  for (const { variable, components } of options.holds ?? [])
    for (const c of components) if (blockOf[variable] >= 0) heldByGauge[blocks.offset[blockOf[variable]] + c] = 1
  const jacobian = compileJacobian(blocks, batches, row, memory)
  return {
    graph,
    blocks,
    blockOf,
    variableOf,
    manifolds,
    stateAt,
    batches,
    jacobian,
    products: new JacobianProducts(jacobian),
    ...bindKernels(batches, jacobian, values.data.length),
    frozen: heldByGauge.slice(),
    heldByGauge,
    bounds: collectBounds(graph, variableOf),
    scratch: {
      residual: new Float64Array(Math.max(0, ...batches.map((b) => b.type.residualDim))),
      jacobian: new Float64Array(Math.max(0, ...batches.map((b) => b.jacobian.stride))),
    },
  }
}

function numberFreeVariables(graph: Graph, anchors: Set<number>): { blockOf: Int32Array; variableOf: Int32Array } {
  const blockOf = new Int32Array(graph.variableCount).fill(-1)
  const free: number[] = []
  for (let v = 0; v < graph.variableCount; v++)
    if (!graph.isConstant(v) && !anchors.has(v)) blockOf[v] = free.push(v) - 1
  return { blockOf, variableOf: Int32Array.from(free) }
}

function compileBatch(
  graph: Graph,
  batch: FactorBatch,
  blockOf: Int32Array,
  row: number,
  loss: Loss | null,
  memory: Region | null,
): ProgramBatch {
  const { type, count } = batch
  const variables = batch.variables.view()
  // A loop: Int32Array.from with a function walks an iterator, 25 times slower.
  const columns = new Int32Array(variables.length)
  const at = new Int32Array(variables.length)
  for (let i = 0; i < variables.length; i++) {
    columns[i] = blockOf[variables[i]]
    at[i] = graph.values.offset(variables[i])
  }
  const numbers = store(count * jacobianStride(type), memory, false)
  const jacobian: JacobianBatch = {
    count,
    residualDim: type.residualDim,
    arity: type.variables.length,
    dims: type.variables.map((manifold) => manifold.dim),
    columns,
    row,
    stride: jacobianStride(type),
    get values() {
      return numbers.view
    },
  }
  return {
    type,
    loss,
    count,
    at,
    data: batch.data.view().slice(),
    squareRootInformation: batch.information ? squareRoots(graph, batch, batch.information.view()) : null,
    jacobian,
  }
}

function compileJacobian(
  blocks: BlockPartition,
  batches: readonly ProgramBatch[],
  rows: number,
  memory: Region | null,
): BlockJacobian {
  const residual = store(rows, memory, false)
  return {
    blocks,
    rows,
    batches: batches.map((b) => b.jacobian),
    get residual() {
      return residual.view
    },
    ...(memory && { memory }),
  }
}

/** The kernels of the batches that have them, and the state that they read. */
function bindKernels(
  batches: readonly ProgramBatch[],
  jacobian: BlockJacobian,
  stateLength: number,
): Pick<Program, 'kernels' | 'state'> {
  const bound = attempt(jacobian.memory, (memory) => {
    const state = memory.float64(stateLength)
    return { state, kernels: batches.map((batch) => BatchKernel.bind(batch, jacobian, state, memory)) }
  })
  return bound?.kernels.some((kernel) => kernel) ? bound : { state: null, kernels: batches.map(() => null) }
}

function squareRoots(graph: Graph, batch: FactorBatch, information: Float64Array): Float64Array {
  const m = batch.type.residualDim
  const size = (m * (m + 1)) / 2
  const roots = new Float64Array(information.length)
  for (let f = 0; f < batch.count; f++) {
    if (squareRootInformation(information, m, roots, f * size, f * size)) continue
    const { ok, smallest, largest } = checkInformation(information, m, f * size)
    if (!ok) {
      const arity = batch.type.variables.length
      const keys = Array.from(batch.variables.view().subarray(f * arity, (f + 1) * arity), (v) =>
        showKey(graph.values.key(v)),
      )
      throw new UsageError(
        `${batch.type.name} over ${keys.join(', ')}: its information matrix must be positive semi-definite; ` +
          `smallest eigenvalue ${smallest}, largest ${largest}`,
      )
    }
  }
  return roots
}

/** Holds every free variable that no factor touches: nothing is known of it, so it stays where it is. */
function holdUnseen(batches: readonly ProgramBatch[], blocks: BlockPartition, held: Uint8Array): void {
  const seen = new Uint8Array(blocks.count)
  for (const { jacobian } of batches) for (const column of jacobian.columns) if (column >= 0) seen[column] = 1
  for (let j = 0; j < blocks.count; j++) if (!seen[j]) held.fill(1, blocks.offset[j], blocks.offset[j + 1])
}

function collectBounds(graph: Graph, variableOf: Int32Array): BlockBounds[] {
  const bounds: BlockBounds[] = []
  for (let block = 0; block < variableOf.length; block++) {
    const bound = graph.bounds(variableOf[block])
    if (bound) bounds.push({ block, ...bound })
  }
  return bounds
}
