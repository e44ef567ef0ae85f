import { subtractPanelProduct } from '../../dense/product.ts'

/**
 * The update of one block column of L by another, cholesky.md eq. (4): with B = L(j, k) the first block of the tail,
 *
 *     C(i) ← C(i) − A(i) Bᵀ   for every block A(i) = L(i, k) of the tail of column k from row j on,
 *
 * where C(i) = L(i, j) starts at place[i] of `values`. Blocks are row-major; A(i) is dims[i] × depth, C(i) dims[i] × width.
 * The tail is dense: its rows follow each other in memory. This is the definition; update3 and update6 are its twins for
 * uniform blocks.
 */
export type UpdateColumn = (
  values: Float64Array,
  rowIndex: Int32Array,
  dims: Int32Array,
  place: Int32Array,
  /** Entries of the tail, the first one row j. */
  from: number,
  to: number,
  /** Start of the tail's numbers: those of B. */
  tail: number,
  /** dims[j] and dims[k]. */
  width: number,
  depth: number,
) => void

export const updateColumn: UpdateColumn = (values, rowIndex, dims, place, from, to, tail, width, depth) => {
  let a = tail
  for (let e = from; e < to; e++) {
    const i = rowIndex[e]
    const rows = dims[i]
    if (rows < 3 || width < 3) subtractSmall(values, place[i], a, tail, rows, width, depth)
    else subtractPanelProduct(values, place[i], width, values, a, depth, values, tail, depth, rows, width, depth)
    a += rows * depth
  }
}

/** As subtractPanelProduct, for blocks too small for tiles. */
function subtractSmall(
  v: Float64Array,
  c: number,
  a: number,
  tail: number,
  rows: number,
  width: number,
  depth: number,
): void {
  for (const end = a + rows * depth; a < end; a += depth) {
    for (let s = 0, b = tail; s < width; s++, b += depth) {
      let sum = 0
      for (let t = 0; t < depth; t++) sum += v[a + t] * v[b + t]
      v[c++] -= sum
    }
  }
}

/** {@link updateColumn} for 3×3 blocks: B stays in nine locals. */
export const update3: UpdateColumn = (values, rowIndex, _dims, place, from, to, tail) => {
  const v = values
  const b0 = v[tail]
  const b1 = v[tail + 1]
  const b2 = v[tail + 2]
  const b3 = v[tail + 3]
  const b4 = v[tail + 4]
  const b5 = v[tail + 5]
  const b6 = v[tail + 6]
  const b7 = v[tail + 7]
  const b8 = v[tail + 8]
  let a = tail
  for (let e = from; e < to; e++) {
    let c = place[rowIndex[e]]
    for (const end = a + 9; a < end; a += 3, c += 3) {
      const x = v[a]
      const y = v[a + 1]
      const z = v[a + 2]
      v[c] -= x * b0 + y * b1 + z * b2
      v[c + 1] -= x * b3 + y * b4 + z * b5
      v[c + 2] -= x * b6 + y * b7 + z * b8
    }
  }
}

/** {@link updateColumn} for 6×6 blocks, as four 3×3 tiles that stay in locals while the six columns pass. */
export const update6: UpdateColumn = (values, rowIndex, _dims, place, from, to, tail) => {
  let a = tail
  for (let e = from; e < to; e++, a += 36) {
    const c = place[rowIndex[e]]
    tile6(values, a, tail, c)
    tile6(values, a, tail + 18, c + 3)
    tile6(values, a + 18, tail, c + 18)
    tile6(values, a + 18, tail + 18, c + 21)
  }
}

/** C ← C − A Bᵀ for three rows of A and of B, all six wide. */
function tile6(v: Float64Array, a: number, b: number, c: number): void {
  let c00 = v[c]
  let c01 = v[c + 1]
  let c02 = v[c + 2]
  let c10 = v[c + 6]
  let c11 = v[c + 7]
  let c12 = v[c + 8]
  let c20 = v[c + 12]
  let c21 = v[c + 13]
  let c22 = v[c + 14]
  for (let t = 0; t < 6; t++) {
    const a0 = v[a + t]
    const a1 = v[a + t + 6]
    const a2 = v[a + t + 12]
    const b0 = v[b + t]
    const b1 = v[b + t + 6]
    const b2 = v[b + t + 12]
    c00 -= a0 * b0
    c01 -= a0 * b1
    c02 -= a0 * b2
    c10 -= a1 * b0
    c11 -= a1 * b1
    c12 -= a1 * b2
    c20 -= a2 * b0
    c21 -= a2 * b1
    c22 -= a2 * b2
  }
  v[c] = c00
  v[c + 1] = c01
  v[c + 2] = c02
  v[c + 6] = c10
  v[c + 7] = c11
  v[c + 8] = c12
  v[c + 12] = c20
  v[c + 13] = c21
  v[c + 14] = c22
}
