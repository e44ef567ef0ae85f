// AssemblyScript. P (H + diag(damping)) Pᵀ = L Lᵀ in one call, left-looking; the definition is ../numeric.ts. In fp32 the
// matrix is scaled to unit diagonal before it is rounded.

import {
  BLOCK_AT,
  CHAIN_HEAD,
  CHAIN_NEXT,
  COLUMN_START,
  COUNT,
  CURSOR,
  DAMPING,
  DIAGONAL,
  DIMS,
  FAILED_AT,
  FAILED_PIVOT,
  FAILED_SCALAR,
  H_COLUMN_START,
  H_DIMS,
  H_OFFSET,
  H_VALUE_START,
  HEIGHT,
  HESSIAN,
  LOAD_BYTES,
  LOAD_COLUMN,
  LOAD_ENTRY,
  LOAD_FROM,
  LOAD_ROW,
  LOAD_SIZES,
  LOAD_START,
  LOAD_TO,
  nth,
  ORIGINAL,
  PLACE,
  RECIPROCAL,
  ROW_INDEX,
  SCALE,
  UNIFORM,
  word,
  WORK_AT,
} from './plan.as'
import { update, update3_fp32, update3_fp64, update6_fp32, update6_fp64 } from './update.as'

const NONE: u32 = 0xffffffff

/** Returns whether every pivot is above tolerance times its diagonal entry; if not, FAILED_… say which was the first. */
export function factorMatrix<T>(plan: usize, tolerance: f64): bool {
  const count = word(plan, COUNT)
  const columnStart = word(plan, COLUMN_START)
  const rowIndex = word(plan, ROW_INDEX)
  const cursor = word(plan, CURSOR)
  const heads = word(plan, CHAIN_HEAD)
  const nexts = word(plan, CHAIN_NEXT)
  diagonals<T>(plan)
  memory.fill(heads, 0xff, count << 2)
  for (let k: usize = 0; k < count; k++) {
    loadColumn<T>(plan, k)
    updateFromChain<T>(plan, k)
    const failed = finishColumn<T>(plan, k, tolerance)
    if (failed >= 0) {
      store<u32>(plan + FAILED_AT, k)
      store<u32>(plan + FAILED_SCALAR, failed)
      return false
    }
    const end = rowIndex + (nth(columnStart, k + 1) << 2)
    file(cursor, heads, nexts, rowIndex, k, nth(columnStart, k) + 1, end)
  }
  return true
}

/** The diagonal of H + damping, and in fp32 the scale that makes it 1; the diagonal is 1 from then on. */
function diagonals<T>(plan: usize): void {
  const hessian = word(plan, HESSIAN)
  for (let j: usize = 0, count = word(plan, COUNT); j < count; j++) {
    const d = nth(word(plan, H_DIMS), j)
    let from = hessian + (nth(word(plan, H_VALUE_START), nth(word(plan, H_COLUMN_START), j)) << 3)
    let at = nth(word(plan, H_OFFSET), j) << 3
    for (let s: usize = 0; s < d; s++, from += (d + 1) << 3, at += 8) {
      const entry = load<f64>(from) + load<f64>(word(plan, DAMPING) + at)
      store<f64>(word(plan, DIAGONAL) + at, entry)
      if (sizeof<T>() == 4)
        store<f64>(word(plan, SCALE) + at, entry > 0 && entry < Infinity ? 1 / Math.sqrt(entry) : 1)
    }
  }
}

/** Column k of P (H + damping) Pᵀ in the place of L's. */
function loadColumn<T>(plan: usize, k: usize): void {
  const blockAt = word(plan, BLOCK_AT)
  const start = nth(blockAt, nth(word(plan, COLUMN_START), k))
  clear(start, nth(blockAt, nth(word(plan, COLUMN_START), k + 1)))
  const entries = word(plan, LOAD_ENTRY)
  const end = entries + nth(word(plan, LOAD_START), k + 1) * LOAD_BYTES
  const across = nth(word(plan, HEIGHT), k) * sizeof<T>()
  for (let e = entries + nth(word(plan, LOAD_START), k) * LOAD_BYTES; e < end; e += LOAD_BYTES) loadBlock<T>(plan, e)
  const scalar = nth(word(plan, ORIGINAL), k) << 3
  let diagonal = word(plan, DIAGONAL) + scalar
  const d = nth(word(plan, DIMS), k)
  for (let s: usize = 0, to = start; s < d; s++, to += across + sizeof<T>(), diagonal += 8) {
    if (sizeof<T>() == 4) {
      const scale = load<f64>(word(plan, SCALE) + scalar + (s << 3))
      store<T>(to, <T>(load<f64>(diagonal) * scale * scale))
    } else store<T>(to, <T>load<f64>(diagonal))
  }
}

/** D = G Gᵀ in place, and the reciprocals of G's diagonal; the scalar of the first bad pivot, or −1. */
function factorDiagonal<T>(
  plan: usize,
  g: usize,
  height: usize,
  d: usize,
  diagonal: usize,
  reciprocal: usize,
  tolerance: f64,
): i32 {
  for (let s: usize = 0; s < d; s++) {
    const column = g + s * height
    for (let t: usize = 0; t < s; t++) {
      const left = g + t * height
      const factor = load<T>(left + s * sizeof<T>())
      for (let r = s; r < d; r++) {
        const at = r * sizeof<T>()
        store<T>(column + at, load<T>(column + at) - load<T>(left + at) * factor)
      }
    }
    const pivot = load<T>(column + s * sizeof<T>())
    let unit: f64 = load<f64>(diagonal + (s << 3))
    // The scaled diagonal is 1, or what could not be scaled.
    if (sizeof<T>() == 4 && unit > 0 && unit < Infinity) unit = 1
    if (!(<f64>pivot > tolerance * Math.max(0, unit) && <f64>pivot < Infinity)) {
      store<f64>(plan + FAILED_PIVOT, <f64>pivot)
      return <i32>s
    }
    const root = sqrt<T>(pivot)
    const inverse = <T>1 / root
    store<T>(column + s * sizeof<T>(), root)
    store<T>(reciprocal + s * sizeof<T>(), inverse)
    for (let r = s + 1; r < d; r++) {
      const at = column + r * sizeof<T>()
      store<T>(at, load<T>(at) * inverse)
    }
    for (let r: usize = 0; r < s; r++) store<T>(column + r * sizeof<T>(), <T>0)
  }
  return -1
}

/** Zero from an address to another, whole vectors; memory.fill is a call out of the module. */
@inline
function clear(from: usize, to: usize): void {
  for (; from < to; from += 16) v128.store(from, i32x4.splat(0))
}

function loadBlock<T>(plan: usize, entry: usize): void {
  const sizes = <usize>load<u32>(entry, LOAD_SIZES)
  const m = sizes >>> 16
  const n = sizes & 0xffff
  const to = <usize>load<u32>(entry, LOAD_TO)
  const transposed = to & 1
  const block = to & ~(<usize>1)
  // A block stands in columns of the height that its rows in L are stored with.
  const height = stored<T>(word(plan, UNIFORM), transposed ? n : m) * sizeof<T>()
  const down = transposed ? height : sizeof<T>()
  const right = transposed ? sizeof<T>() : height
  let from = word(plan, HESSIAN) + load<u32>(entry, LOAD_FROM)
  const rowScale = word(plan, SCALE) + (<usize>load<u32>(entry, LOAD_ROW) << 3)
  const columnScale = word(plan, SCALE) + (<usize>load<u32>(entry, LOAD_COLUMN) << 3)
  for (let r: usize = 0; r < m; r++) {
    let at = block + r * down
    const scale: f64 = sizeof<T>() == 4 ? load<f64>(rowScale + (r << 3)) : 1
    for (let c: usize = 0; c < n; c++, at += right, from += 8) {
      if (sizeof<T>() == 4) store<T>(at, <T>(load<f64>(from) * scale * load<f64>(columnScale + (c << 3))))
      else store<T>(at, <T>load<f64>(from))
    }
  }
}

/** The rows with which a block of d rows is stored (layout.ts): whole vectors, but six numbers of fp32 unpadded. */
@inline
function stored<T>(uniform: usize, d: usize): usize {
  if (sizeof<T>() == 8) return (d + 1) & ~1
  return uniform == 6 ? 6 : (d + 3) & ~3
}

function updateFromChain<T>(plan: usize, k: usize): void {
  const columnStart = word(plan, COLUMN_START)
  const rowIndex = word(plan, ROW_INDEX)
  const blockAt = word(plan, BLOCK_AT)
  const place = word(plan, PLACE)
  const cursor = word(plan, CURSOR)
  const heads = word(plan, CHAIN_HEAD)
  const nexts = word(plan, CHAIN_NEXT)
  const uniform = word(plan, UNIFORM)
  for (let e = nth(columnStart, k), end = nth(columnStart, k + 1); e < end; e++)
    store<u32>(place + (nth(rowIndex, e) << 2), nth(blockAt, e))
  for (let c = load<u32>(heads + (k << 2)); c != NONE; ) {
    const next = load<u32>(nexts + (<usize>c << 2))
    const from = nth(cursor, c)
    const rows = rowIndex + (from << 2)
    const end = rowIndex + (nth(columnStart, c + 1) << 2)
    const a = nth(blockAt, from)
    if (uniform == 6) {
      if (sizeof<T>() == 4) update6_fp32(rows, end, place, a)
      else update6_fp64(rows, end, place, a)
    } else if (uniform == 3) {
      if (sizeof<T>() == 4) update3_fp32(rows, end, place, a)
      else update3_fp64(rows, end, place, a)
    } else {
      const heights = word(plan, HEIGHT)
      const across = nth(heights, k) * sizeof<T>()
      update<T>(rows, end, place, a, heights, nth(word(plan, DIMS), k), nth(word(plan, DIMS), c), across)
    }
    file(cursor, heads, nexts, rowIndex, c, from + 1, end)
    c = next
  }
}

/** Files column c under the row at its cursor, which goes to entry `to`; `end` is where its rows end. */
@inline
function file(cursor: usize, heads: usize, nexts: usize, rowIndex: usize, c: usize, to: usize, end: usize): void {
  store<u32>(cursor + (c << 2), to)
  const row = rowIndex + (to << 2)
  if (row == end) return
  const head = heads + (<usize>load<u32>(row) << 2)
  store<u32>(nexts + (c << 2), load<u32>(head))
  store<u32>(head, c)
}

/** The diagonal block's factor, then the rows below times its inverse; the scalar of the first bad pivot, or −1. */
function finishColumn<T>(plan: usize, k: usize, tolerance: f64): i32 {
  const blockAt = word(plan, BLOCK_AT)
  const first = nth(word(plan, COLUMN_START), k)
  const end = nth(word(plan, COLUMN_START), k + 1)
  const d = nth(word(plan, DIMS), k)
  const height = nth(word(plan, HEIGHT), k) * sizeof<T>()
  const g = nth(blockAt, first)
  const diagonal = word(plan, DIAGONAL) + (nth(word(plan, ORIGINAL), k) << 3)
  const reciprocal = nth(word(plan, WORK_AT), k) + word(plan, RECIPROCAL)
  const failed = factorDiagonal<T>(plan, g, height, d, diagonal, reciprocal, tolerance)
  if (failed >= 0) return failed
  const uniform = word(plan, UNIFORM)
  const heights = word(plan, HEIGHT)
  const rowIndex = word(plan, ROW_INDEX)
  const panel = nth(blockAt, first + 1)
  const panelEnd = nth(blockAt, end)
  if (uniform == 6) finishRows6<T>(g, reciprocal, panel, panelEnd)
  else if (uniform == 3) finishRows3<T>(g, reciprocal, panel, panelEnd)
  else
    for (let e = first + 1; e < end; e++)
      finishRows<T>(g, height, reciprocal, nth(blockAt, e), nth(heights, nth(rowIndex, e)) * sizeof<T>(), d)
  return -1
}

/** x(i) ← c(i) · r, where c(i) has lost what the columns before it take. */
@inline
function times<T>(column: v128, reciprocal: usize): v128 {
  return v128.mul<T>(column, splatAt<T>(reciprocal))
}

@inline
function splatAt<T>(address: usize): v128 {
  return sizeof<T>() == 4 ? v128.load32_splat(address) : v128.load64_splat(address)
}

/** column − left · factor, the factor a number in memory. */
@inline
function less<T>(column: v128, left: v128, factor: usize): v128 {
  return v128.sub<T>(column, v128.mul<T>(left, splatAt<T>(factor)))
}

/** finishRows for a panel of 3 × 3 blocks in columns of four. */
function finishRows3<T>(g: usize, reciprocal: usize, x: usize, end: usize): void {
  const one: usize = sizeof<T>()
  const g1 = g + one
  const g2 = g + 2 * one
  const g21 = g + 6 * one
  const column: usize = 4 * one
  for (; x < end; x += 3 * column)
    for (let r = x; r < x + column; r += 16) {
      const x0 = times<T>(v128.load(r), reciprocal)
      const x1 = times<T>(less<T>(v128.load(r + column), x0, g1), reciprocal + one)
      const x2 = less<T>(less<T>(v128.load(r + 2 * column), x0, g2), x1, g21)
      v128.store(r, x0)
      v128.store(r + column, x1)
      v128.store(r + 2 * column, times<T>(x2, reciprocal + 2 * one))
    }
}

/** finishRows for a panel of 6 × 6 blocks. */
function finishRows6<T>(g: usize, reciprocal: usize, x: usize, end: usize): void {
  const one: usize = sizeof<T>()
  for (; x < end; x += 36 * one) {
    sixColumns<T>(g, reciprocal, x, false)
    if (sizeof<T>() == 8) {
      sixColumns<T>(g, reciprocal, x + 16, false)
      sixColumns<T>(g, reciprocal, x + 32, false)
    } else sixColumns<T>(g, reciprocal, x + 16, true)
  }
}

/** One vector of rows through all six columns, or half a vector (the last two rows of fp32). */
@inline
function sixColumns<T>(g: usize, reciprocal: usize, x: usize, half: bool): void {
  const one: usize = sizeof<T>()
  const column: usize = 6 * one
  const x0 = times<T>(rowsAt(x, half), reciprocal)
  putRows(x, x0, half)
  const c1 = less<T>(rowsAt(x + column, half), x0, g + one)
  const x1 = times<T>(c1, reciprocal + one)
  putRows(x + column, x1, half)
  const c2 = less<T>(less<T>(rowsAt(x + 2 * column, half), x0, g + 2 * one), x1, g + 8 * one)
  const x2 = times<T>(c2, reciprocal + 2 * one)
  putRows(x + 2 * column, x2, half)
  const d3 = less<T>(less<T>(rowsAt(x + 3 * column, half), x0, g + 3 * one), x1, g + 9 * one)
  const x3 = times<T>(less<T>(d3, x2, g + 15 * one), reciprocal + 3 * one)
  putRows(x + 3 * column, x3, half)
  const d4 = less<T>(less<T>(rowsAt(x + 4 * column, half), x0, g + 4 * one), x1, g + 10 * one)
  const x4 = times<T>(less<T>(less<T>(d4, x2, g + 16 * one), x3, g + 22 * one), reciprocal + 4 * one)
  putRows(x + 4 * column, x4, half)
  const d5 = less<T>(less<T>(rowsAt(x + 5 * column, half), x0, g + 5 * one), x1, g + 11 * one)
  const c5 = less<T>(less<T>(less<T>(d5, x2, g + 17 * one), x3, g + 23 * one), x4, g + 29 * one)
  putRows(x + 5 * column, times<T>(c5, reciprocal + 5 * one), half)
}

@inline
function rowsAt(address: usize, half: bool): v128 {
  return half ? v128.load64_zero(address) : v128.load(address)
}

@inline
function putRows(address: usize, rows: v128, half: bool): void {
  if (half) v128.store64_lane(address, rows, 0)
  else v128.store(address, rows)
}

/** X ← X G⁻ᵀ for one block: column s of X takes the columns before it times G(s, t), and is divided by G(s, s). */
function finishRows<T>(g: usize, across: usize, reciprocal: usize, x: usize, height: usize, d: usize): void {
  for (let s: usize = 0, column = x; s < d; s++, column += height) {
    const inverse = v128.splat<T>(load<T>(reciprocal + s * sizeof<T>()))
    for (let r: usize = 0; r < height; r += 16) {
      let sum = v128.load(column + r)
      let factor = g + s * sizeof<T>()
      for (let left = x + r; left < column; left += height, factor += across)
        sum = v128.sub<T>(sum, v128.mul<T>(v128.load(left), v128.splat<T>(load<T>(factor))))
      v128.store(column + r, v128.mul<T>(sum, inverse))
    }
  }
}

