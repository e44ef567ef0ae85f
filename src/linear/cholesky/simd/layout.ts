import type { FactorFormat } from '../factorization.ts'
import type { Symbolic } from '../symbolic.ts'

/** Where everything of one factorization lies, in bytes from its start; what plan.as.ts names. */
export interface FactorLayout {
  readonly bytes: number
  readonly plan: number
  readonly columnStart: number
  readonly rowIndex: number
  readonly blockAt: number
  readonly dims: number
  readonly height: number
  readonly workAt: number
  readonly original: number
  readonly place: number
  readonly cursor: number
  readonly chainHead: number
  readonly chainNext: number
  readonly loadStart: number
  readonly loadEntry: number
  readonly matrixColumnStart: number
  readonly matrixRowIndex: number
  readonly matrixValueStart: number
  readonly matrixDims: number
  readonly matrixOffset: number
  readonly diagonal: number
  readonly damping: number
  readonly scale: number
  readonly vector: number
  /** Six vectors of conjugate gradients, one behind the other; −1 without. */
  readonly gradients: number
  readonly hessian: number
  readonly work: number
  readonly reciprocal: number
  readonly factor: number
  readonly factorBytes: number
  /** Numbers of H. */
  readonly hessianSize: number
}

/** The table at the head (plan.as.ts). */
export const PLAN_BYTES = 192
const LOAD_WORDS = 5

/** The rows with which a block of d rows is stored: whole vectors, but six numbers of fp32 unpadded where all are six. */
export function storedHeight(format: FactorFormat, uniform: number, d: number): number {
  if (format === 'fp64') return (d + 1) & -2
  return uniform === 6 ? 6 : (d + 3) & -4
}

export function layOut(symbolic: Symbolic, format: FactorFormat, iterative: boolean): FactorLayout {
  let end = 0
  const take = (bytes: number): number => {
    const at = end
    end += Math.ceil(bytes / 16) * 16
    return at
  }
  const { blocks, permuted, columnStart, rowIndex, matrixRowIndex, matrixColumnStart, uniform } = symbolic
  const n = blocks.count
  const entries = rowIndex.length
  const scalars = blocks.offset[n]
  const bytesEach = format === 'fp64' ? 8 : 4
  let workBytes = 0
  let factorBytes = 0
  for (let k = 0; k < n; k++) {
    workBytes += bytesEach * storedHeight(format, uniform, permuted.dims[k])
    for (let e = columnStart[k]; e < columnStart[k + 1]; e++)
      factorBytes += bytesEach * permuted.dims[k] * storedHeight(format, uniform, permuted.dims[rowIndex[e]])
  }
  let hessianSize = 0
  for (let j = 0; j < n; j++)
    for (let e = matrixColumnStart[j]; e < matrixColumnStart[j + 1]; e++)
      hessianSize += blocks.dims[matrixRowIndex[e]] * blocks.dims[j]
  return {
    plan: take(PLAN_BYTES),
    columnStart: take(4 * (n + 1)),
    rowIndex: take(4 * entries),
    blockAt: take(4 * (entries + 1)),
    dims: take(4 * n),
    height: take(4 * n),
    workAt: take(4 * n),
    original: take(4 * n),
    place: take(4 * n),
    cursor: take(4 * n),
    chainHead: take(4 * n),
    chainNext: take(4 * n),
    loadStart: take(4 * (n + 1)),
    loadEntry: take(4 * LOAD_WORDS * matrixRowIndex.length),
    matrixColumnStart: take(4 * (n + 1)),
    matrixRowIndex: take(4 * matrixRowIndex.length),
    matrixValueStart: take(4 * matrixRowIndex.length),
    matrixDims: take(4 * n),
    matrixOffset: take(4 * n),
    diagonal: take(8 * scalars),
    damping: take(8 * scalars),
    scale: take(8 * scalars),
    vector: take(8 * scalars),
    gradients: iterative ? take(6 * vectorBytes(scalars)) : -1,
    hessian: take(8 * hessianSize),
    work: take(workBytes),
    reciprocal: take(workBytes),
    factor: take(factorBytes),
    factorBytes,
    hessianSize,
    bytes: end,
  }
}

/** What one of the vectors of conjugate gradients takes. */
export function vectorBytes(scalars: number): number {
  return Math.ceil(scalars / 2) * 16
}

/** Writes plan and structure into the memory from address `base` on; numbers are left as they are. */
export function writeStructure(
  buffer: ArrayBuffer,
  base: number,
  layout: FactorLayout,
  symbolic: Symbolic,
  format: FactorFormat,
): void {
  const words = (at: number, length: number) => new Uint32Array(buffer, base + at, length)
  const { blocks, permuted, order, columnStart, rowIndex, uniform } = symbolic
  const n = blocks.count
  const bytesEach = format === 'fp64' ? 8 : 4
  words(layout.columnStart, n + 1).set(columnStart)
  words(layout.rowIndex, rowIndex.length).set(rowIndex)
  words(layout.dims, n).set(permuted.dims)
  words(layout.matrixColumnStart, n + 1).set(symbolic.matrixColumnStart)
  words(layout.matrixRowIndex, symbolic.matrixRowIndex.length).set(symbolic.matrixRowIndex)
  words(layout.matrixDims, n).set(blocks.dims)
  words(layout.matrixOffset, n).set(blocks.offset.subarray(0, n))

  const height = words(layout.height, n)
  const workAt = words(layout.workAt, n)
  const original = words(layout.original, n)
  let work = base + layout.work
  for (let k = 0; k < n; k++) {
    height[k] = storedHeight(format, uniform, permuted.dims[k])
    workAt[k] = work
    work += bytesEach * height[k]
    original[k] = blocks.offset[order[k]]
  }
  const blockAt = words(layout.blockAt, rowIndex.length + 1)
  let at = base + layout.factor
  for (let k = 0; k < n; k++)
    for (let e = columnStart[k]; e < columnStart[k + 1]; e++) {
      blockAt[e] = at
      at += bytesEach * permuted.dims[k] * height[rowIndex[e]]
    }
  blockAt[rowIndex.length] = at
  writeLoads(words, layout, symbolic, blockAt)
  writePlan(words(layout.plan, PLAN_BYTES / 4), base, layout, symbolic)
}

/** Which blocks of H go into which column of L, and where. */
function writeLoads(
  words: (at: number, length: number) => Uint32Array,
  layout: FactorLayout,
  symbolic: Symbolic,
  blockAt: Uint32Array,
): void {
  const { blocks, position, columnStart, matrixColumnStart, matrixRowIndex, target } = symbolic
  const n = blocks.count
  const valueStart = words(layout.matrixValueStart, matrixRowIndex.length)
  const start = words(layout.loadStart, n + 1)
  const entry = words(layout.loadEntry, LOAD_WORDS * matrixRowIndex.length)
  const columnOf = (e: number, j: number) => Math.min(position[matrixRowIndex[e]], position[j])
  for (let j = 0; j < n; j++)
    for (let e = matrixColumnStart[j]; e < matrixColumnStart[j + 1]; e++) start[columnOf(e, j) + 1]++
  for (let k = 0; k < n; k++) start[k + 1] += start[k]
  const next = start.slice(0, n)
  let size = 0
  for (let j = 0; j < n; j++)
    for (let e = matrixColumnStart[j]; e < matrixColumnStart[j + 1]; e++) {
      const i = matrixRowIndex[e]
      const k = columnOf(e, j)
      const to = LOAD_WORDS * next[k]++
      const transposed = target[e] < 0
      const inFactor = entryAt(
        symbolic.valueStart,
        columnStart[k],
        columnStart[k + 1],
        transposed ? -1 - target[e] : target[e],
      )
      valueStart[e] = size
      entry[to] = 8 * size
      entry[to + 1] = blockAt[inFactor] + (transposed ? 1 : 0)
      entry[to + 2] = blocks.offset[i]
      entry[to + 3] = blocks.offset[j]
      entry[to + 4] = blocks.dims[i] * 65536 + blocks.dims[j]
      size += blocks.dims[i] * blocks.dims[j]
    }
}

/** The entry from … to − 1 whose numbers start at `start`. */
function entryAt(valueStart: Int32Array, from: number, to: number, start: number): number {
  let low = from
  let high = to - 1
  while (low < high) {
    const middle = (low + high) >> 1
    if (valueStart[middle] < start) low = middle + 1
    else high = middle
  }
  return low
}

function writePlan(plan: Uint32Array, base: number, layout: FactorLayout, { blocks, uniform }: Symbolic): void {
  const put = (at: number, offset: number) => {
    plan[at / 4] = base + offset
  }
  plan[0] = blocks.count
  plan[1] = uniform
  put(8, layout.columnStart)
  put(12, layout.rowIndex)
  put(16, layout.blockAt)
  put(20, layout.dims)
  put(24, layout.height)
  put(28, layout.workAt)
  put(32, layout.original)
  put(36, layout.place)
  put(40, layout.cursor)
  put(44, layout.chainHead)
  put(48, layout.chainNext)
  put(52, layout.diagonal)
  put(56, layout.damping)
  put(60, layout.scale)
  put(64, layout.vector)
  put(68, layout.loadStart)
  put(72, layout.loadEntry)
  put(76, layout.hessian)
  plan[104 / 4] = blocks.offset[blocks.count]
  put(108, layout.matrixColumnStart)
  put(112, layout.matrixRowIndex)
  put(116, layout.matrixValueStart)
  put(120, layout.matrixDims)
  put(124, layout.matrixOffset)
  const step = vectorBytes(blocks.offset[blocks.count])
  if (layout.gradients >= 0) for (let v = 0; v < 6; v++) put(128 + 4 * v, layout.gradients + v * step)
  plan[176 / 4] = layout.reciprocal - layout.work
}
