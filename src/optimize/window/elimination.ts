import type { BlockJacobian } from '../../linear/index.ts'

/**
 * Elimination of variables from a small linear problem min ½ ‖Σ A_j δ_j + r‖², one variable after another, in the two forms
 * of a prior: on rows (orthogonal transformations) and on the Hessian (docs/maths/square-root.md, eqs. 13 to 19). `round`
 * rounds every operation to the format of the arithmetic.
 */
export interface EliminationFormat {
  readonly name: 'fp64' | 'fp32'
  readonly round: (x: number) => number
  /** Distance from 1 to the next number. */
  readonly epsilon: number
}

export const formats: Readonly<Record<'fp64' | 'fp32', EliminationFormat>> = {
  fp64: { name: 'fp64', round: (x) => x, epsilon: 2 ** -52 },
  fp32: { name: 'fp32', round: Math.fround, epsilon: 2 ** -23 },
}

/** Rows over some block columns: `rows × width` numbers, row-major, [A_j … | r]. */
interface RowBlock {
  readonly rows: number
  /** Block columns, ascending. */
  readonly columns: readonly number[]
  readonly values: Float64Array
}

/** What is left on rows: R δ + d over the kept unknowns, R upper trapezoidal. */
export interface ReducedRows {
  readonly rows: number
  /** rows × n */
  readonly R: Float64Array
  readonly d: Float64Array
  /** Unknowns among the removed that nothing determined: their columns held nothing but rounding. */
  readonly undetermined: number
}

/**
 * Removes the blocks `order` (in that order) by QR: each takes the rows that touch it, is made upper triangular there, and
 * the rows below go on (F. Dellaert and M. Kaess, "Factor Graphs for Robot Perception", 2017, section 3.2). The rows
 * left over, on the kept blocks, are brought to triangular form.
 */
export function eliminateRows(J: BlockJacobian, order: readonly number[], format: EliminationFormat): ReducedRows {
  const { dims } = J.blocks
  const removed = new Set(order)
  const kept = Array.from(dims.keys()).filter((j) => !removed.has(j))
  let blocks = rowBlocks(J, format)
  let undetermined = 0
  for (const j of order) {
    const touching = blocks.filter(({ columns }) => columns.includes(j))
    blocks = blocks.filter(({ columns }) => !columns.includes(j))
    if (touching.length === 0) continue
    const others = union(touching).filter((column) => column !== j)
    const { rows, values } = stack(touching, [j, ...others], dims)
    const width = widthOf([j, ...others], dims)
    const used = triangularize(values, rows, width, dims[j], format)
    undetermined += dims[j] - used
    if (others.length > 0 && rows > used)
      blocks.push({ rows: rows - used, columns: others, values: below(values, used, rows, width, dims[j]) })
  }
  const { rows, values } = stack(blocks, kept, dims)
  const width = widthOf(kept, dims)
  const used = triangularize(values, rows, width, width - 1, format)
  const R = new Float64Array(used * (width - 1))
  const d = new Float64Array(used)
  for (let i = 0; i < used; i++) {
    R.set(values.subarray(i * width, i * width + width - 1), i * (width - 1))
    d[i] = values[i * width + width - 1]
  }
  return { rows: used, R, d, undetermined }
}

/** What is left of the Hessian: ½ δᵀ H δ + bᵀ δ over the kept unknowns. */
export interface ReducedHessian {
  /** n × n, whole. */
  readonly H: Float64Array
  readonly b: Float64Array
  /** Removed unknowns without a positive pivot: undetermined, or lost to rounding. Their row is dropped. */
  readonly undetermined: number
}

/**
 * Removes the blocks `order` from H = Σ AᵀA + H₀, b = Σ Aᵀr + b₀ by the Schur complement. `by` 'pivots': unknown by
 * unknown, H_ij −= H_ik H_kj / H_kk, whose error is that of a Cholesky factorization, eps |H|. 'inverse': block by block,
 * H_bb −= (H_bm H_mm⁻¹) H_mb with the inverse computed as such, whose error grows with its condition, eps κ(H_mm) |H|; many
 * implementations do it so. `term`: H₀ and b₀ over all unknowns of J, or null.
 */
export function eliminateHessian(
  J: BlockJacobian,
  order: readonly number[],
  term: { readonly H: Float64Array; readonly b: Float64Array } | null,
  format: EliminationFormat,
  by: 'pivots' | 'inverse' = 'pivots',
): ReducedHessian {
  const { round } = format
  const { dims, offset, count } = J.blocks
  const n = offset[count]
  const H = term ? term.H.map(round) : new Float64Array(n * n)
  const b = term ? term.b.map(round) : new Float64Array(n)
  for (const block of rowBlocks(J, format)) addSquares(block, J, H, b, n, round)
  const alive = new Uint8Array(n).fill(1)
  let undetermined = 0
  for (const j of order) {
    if (by === 'pivots')
      for (let k = offset[j]; k < offset[j] + dims[j]; k++) undetermined += eliminateUnknown(H, b, n, alive, k, format)
    else undetermined += eliminateByInverse(H, b, n, alive, offset[j], dims[j], format)
  }
  const kept: number[] = []
  for (let i = 0; i < n; i++) if (alive[i]) kept.push(i)
  const m = kept.length
  const reduced = new Float64Array(m * m)
  // Rounding leaves the two triangles apart: the lower one counts.
  for (let i = 0; i < m; i++)
    for (let t = 0; t <= i; t++) reduced[i * m + t] = reduced[t * m + i] = H[kept[i] * n + kept[t]]
  return { H: reduced, b: Float64Array.from(kept, (i) => b[i]), undetermined }
}

/** Takes unknown k out of H and b; 1 when it has no pivot above rounding and its row is dropped. */
function eliminateUnknown(
  H: Float64Array,
  b: Float64Array,
  n: number,
  alive: Uint8Array,
  k: number,
  { round, epsilon }: EliminationFormat,
): number {
  alive[k] = 0
  const pivot = H[k * n + k]
  let largest = 0
  for (let i = 0; i < n; i++) if (alive[i]) largest = Math.max(largest, Math.abs(H[i * n + k]))
  if (!(pivot > 16 * epsilon * largest)) return 1
  for (let i = 0; i < n; i++) {
    const h = H[i * n + k]
    if (!alive[i] || h === 0) continue
    const factor = round(h / pivot)
    for (let t = 0; t < n; t++)
      if (alive[t] && H[k * n + t] !== 0) H[i * n + t] = round(H[i * n + t] - round(factor * H[k * n + t]))
    b[i] = round(b[i] - round(factor * b[k]))
  }
  return 0
}

/** Takes the d unknowns from m on out of H and b by their inverse; d where it has none, and their rows are dropped. */
function eliminateByInverse(
  H: Float64Array,
  b: Float64Array,
  n: number,
  alive: Uint8Array,
  m: number,
  d: number,
  { round }: EliminationFormat,
): number {
  alive.fill(0, m, m + d)
  const inverse = new Float64Array(d * d)
  if (!invert(H, n, m, d, inverse, round)) return d
  const line = new Float64Array(d)
  for (let i = 0; i < n; i++) {
    if (!alive[i]) continue
    let touched = false
    for (let c = 0; c < d; c++) {
      line[c] = 0
      for (let k = 0; k < d; k++) line[c] = round(line[c] + round(H[i * n + m + k] * inverse[k * d + c]))
      touched ||= line[c] !== 0
    }
    if (!touched) continue
    for (let t = 0; t < n; t++) {
      if (!alive[t]) continue
      let sum = 0
      for (let k = 0; k < d; k++) sum = round(sum + round(line[k] * H[(m + k) * n + t]))
      H[i * n + t] = round(H[i * n + t] - sum)
    }
    let sum = 0
    for (let k = 0; k < d; k++) sum = round(sum + round(line[k] * b[m + k]))
    b[i] = round(b[i] - sum)
  }
  return 0
}

/** The inverse of the d × d diagonal block of H at m by Gauss and Jordan; false when a pivot is zero. */
function invert(
  H: Float64Array,
  n: number,
  m: number,
  d: number,
  out: Float64Array,
  round: (x: number) => number,
): boolean {
  const A = new Float64Array(d * d)
  out.fill(0)
  for (let i = 0; i < d; i++) {
    for (let j = 0; j < d; j++) A[i * d + j] = H[(m + i) * n + m + j]
    out[i * d + i] = 1
  }
  for (let k = 0; k < d; k++) {
    const pivot = A[k * d + k]
    if (pivot === 0) return false
    for (let j = 0; j < d; j++) {
      A[k * d + j] = round(A[k * d + j] / pivot)
      out[k * d + j] = round(out[k * d + j] / pivot)
    }
    for (let i = 0; i < d; i++) {
      const factor = A[i * d + k]
      if (i === k || factor === 0) continue
      for (let j = 0; j < d; j++) {
        A[i * d + j] = round(A[i * d + j] - round(factor * A[k * d + j]))
        out[i * d + j] = round(out[i * d + j] - round(factor * out[k * d + j]))
      }
    }
  }
  return true
}

/** Every factor's rows, in the format. */
function rowBlocks({ batches, blocks, residual }: BlockJacobian, { round }: EliminationFormat): RowBlock[] {
  const made: RowBlock[] = []
  for (const { count, arity, residualDim, dims, columns, stride, values, row } of batches)
    for (let f = 0; f < count; f++) {
      const met = Array.from(columns.subarray(f * arity, (f + 1) * arity))
      const distinct = [...new Set(met.filter((column) => column >= 0))].sort((a, b) => a - b)
      if (distinct.length === 0) continue
      const width = widthOf(distinct, blocks.dims)
      const block = new Float64Array(residualDim * width)
      let from = f * stride
      for (let k = 0; k < arity; k++) {
        const to = met[k] < 0 ? -1 : columnOf(distinct, met[k], blocks.dims)
        for (let a = 0; a < residualDim; a++)
          for (let c = 0; c < dims[k]; c++, from++)
            if (to >= 0) block[a * width + to + c] = round(block[a * width + to + c] + round(values[from]))
      }
      for (let a = 0; a < residualDim; a++) block[a * width + width - 1] = round(residual[row + f * residualDim + a])
      made.push({ rows: residualDim, columns: distinct, values: block })
    }
  return made
}

function addSquares(
  { rows, columns, values }: RowBlock,
  { blocks }: BlockJacobian,
  H: Float64Array,
  b: Float64Array,
  n: number,
  round: (x: number) => number,
): void {
  const width = values.length / rows
  const place: number[] = []
  for (const j of columns) for (let c = 0; c < blocks.dims[j]; c++) place.push(blocks.offset[j] + c)
  for (let a = 0; a < rows; a++) {
    const row = a * width
    for (let i = 0; i < place.length; i++) {
      const x = values[row + i]
      if (x === 0) continue
      for (let t = 0; t < place.length; t++) {
        const to = place[i] * n + place[t]
        H[to] = round(H[to] + round(x * values[row + t]))
      }
      b[place[i]] = round(b[place[i]] + round(x * values[row + width - 1]))
    }
  }
}

function union(blocks: readonly RowBlock[]): number[] {
  return [...new Set(blocks.flatMap(({ columns }) => columns))].sort((a, b) => a - b)
}

/** Numbers in a row over these block columns, with the right-hand side. */
function widthOf(columns: readonly number[], dims: Int32Array): number {
  return columns.reduce((sum, j) => sum + dims[j], 1)
}

function columnOf(columns: readonly number[], j: number, dims: Int32Array): number {
  let at = 0
  for (const column of columns) {
    if (column === j) return at
    at += dims[column]
  }
  return -1
}

function stack(
  blocks: readonly RowBlock[],
  columns: readonly number[],
  dims: Int32Array,
): { rows: number; values: Float64Array } {
  const rows = blocks.reduce((sum, block) => sum + block.rows, 0)
  const width = widthOf(columns, dims)
  const values = new Float64Array(rows * width)
  let row = 0
  for (const block of blocks) {
    const from = block.values.length / block.rows
    for (let a = 0; a < block.rows; a++, row++) {
      let source = a * from
      for (const j of block.columns) {
        const to = row * width + columnOf(columns, j, dims)
        for (let c = 0; c < dims[j]; c++) values[to + c] = block.values[source++]
      }
      values[row * width + width - 1] = block.values[source]
    }
  }
  return { rows, values }
}

/** Rows from `used` on, without the first `columns` columns. */
function below(values: Float64Array, used: number, rows: number, width: number, columns: number): Float64Array {
  const rest = width - columns
  const out = new Float64Array((rows - used) * rest)
  for (let i = used; i < rows; i++) out.set(values.subarray(i * width + columns, (i + 1) * width), (i - used) * rest)
  return out
}

/**
 * Householder reflections that bring the first `columns` columns to echelon form. A column that holds nothing but rounding
 * below the rows already used (at most 8 eps · rows of its length) uses no row. Returns how many rows were used.
 */
function triangularize(
  A: Float64Array,
  rows: number,
  width: number,
  columns: number,
  { round, epsilon }: EliminationFormat,
): number {
  const w = new Float64Array(width)
  let top = 0
  for (let k = 0; k < columns && top < rows; k++) {
    let whole = 0
    for (let i = 0; i < top; i++) whole = round(whole + round(A[i * width + k] * A[i * width + k]))
    let square = 0
    for (let i = top; i < rows; i++) square = round(square + round(A[i * width + k] * A[i * width + k]))
    const length = round(Math.sqrt(square))
    if (!(length > 8 * epsilon * Math.sqrt(rows) * Math.sqrt(whole + square))) {
      for (let i = top; i < rows; i++) A[i * width + k] = 0
      continue
    }
    // H = I − τ v vᵀ, v₀ = 1 (Golub and Van Loan, Matrix Computations, 4th ed., algorithm 5.1.1).
    const head = top * width
    const a0 = A[head + k]
    const beta = a0 > 0 ? -length : length
    const tau = round(round(beta - a0) / beta)
    const scale = round(1 / round(a0 - beta))
    for (let j = k + 1; j < width; j++) w[j] = A[head + j]
    for (let i = top + 1; i < rows; i++) {
      const row = i * width
      if (A[row + k] === 0) continue
      const v = round(A[row + k] * scale)
      A[row + k] = v
      for (let j = k + 1; j < width; j++) w[j] = round(w[j] + round(v * A[row + j]))
    }
    A[head + k] = beta
    for (let j = k + 1; j < width; j++) {
      w[j] = round(w[j] * tau)
      A[head + j] = round(A[head + j] - w[j])
    }
    for (let i = top + 1; i < rows; i++) {
      const row = i * width
      const v = A[row + k]
      if (v === 0) continue
      A[row + k] = 0
      for (let j = k + 1; j < width; j++) A[row + j] = round(A[row + j] - round(v * w[j]))
    }
    top++
  }
  return top
}
