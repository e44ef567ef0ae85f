import { subtractPanelProduct } from '../dense/product.ts'
import type { Symbolic } from './symbolic.ts'

/**
 * Z = (L Lᵀ)⁻¹ on the pattern of L, laid out as L, diagonal blocks whole. From the last column to the first, with S the
 * rows below the diagonal of column k, G its diagonal block and A = L(S, k) G⁻¹ (cholesky.md eq. 9, 10):
 *
 *     Z(S, k) = −Z(S, S) A,   Z(k, k) = G⁻ᵀ G⁻¹ − Aᵀ Z(S, k).
 *
 * K. Takahashi, J. Fagan, M. Chen, "Formation of a sparse bus impedance matrix and its application to short circuit
 * study", Proc. 8th PICA Conf. (1973); A. Erisman, W. Tinney, Comm. ACM 18 (1975). All of Z(S, S) lies in the pattern.
 */
export function selectedInverse(symbolic: Symbolic, L: Float64Array): Float64Array {
  const { columnStart, rowIndex, valueStart, permuted } = symbolic
  const { dims, count } = permuted
  const Z = new Float64Array(symbolic.nonzeros)
  const A = new Float64Array(longestPanel(symbolic))
  const transposed = new Float64Array(A.length)
  const block = new Float64Array(largestBlock(symbolic))
  for (let k = count - 1; k >= 0; k--) {
    const d = dims[k]
    const from = columnStart[k] + 1
    const to = columnStart[k + 1]
    const at = valueStart[columnStart[k]]
    const below = at + d * d
    scaledPanel(L, at, d, to > from ? valueStart[to - 1] + d * dims[rowIndex[to - 1]] : below, A)
    for (let p = from; p < to; p++) transposeInto(transposed, valueStart[p] - below, A, dims[rowIndex[p]], d)
    for (let p = from; p < to; p++) {
      // Column j of Z meets S at rows i ≥ j; both lists ascend.
      const j = rowIndex[p]
      const dj = dims[j]
      for (let q = p, e = columnStart[j]; q < to; q++, e++) {
        const i = rowIndex[q]
        const di = dims[i]
        while (rowIndex[e] !== i) e++
        const zij = valueStart[e]
        // Z(i, k) takes Z(i, j) A(j), and Z(j, k) takes Z(i, j)ᵀ A(i).
        subtractPanelProduct(Z, valueStart[q], d, Z, zij, dj, transposed, valueStart[p] - below, dj, di, d, dj)
        if (i === j) continue
        for (let r = 0; r < di; r++) for (let c = 0; c < dj; c++) block[c * di + r] = Z[zij + r * dj + c]
        subtractPanelProduct(Z, valueStart[p], d, block, 0, di, transposed, valueStart[q] - below, di, dj, d, di)
      }
    }
    diagonal(Z, at, L, d)
    for (let p = from; p < to; p++)
      for (let r = 0; r < dims[rowIndex[p]]; r++) {
        const z = valueStart[p] + r * d
        for (let s = 0; s < d; s++) for (let t = 0; t < d; t++) Z[at + s * d + t] -= A[z - below + s] * Z[z + t]
      }
  }
  return Z
}

/** A = L(S, k) G⁻¹ row by row: x G = l is Gᵀ xᵀ = lᵀ, solved from the last entry to the first. */
function scaledPanel(L: Float64Array, at: number, d: number, end: number, A: Float64Array): void {
  for (let q = at + d * d, to = 0; q < end; q += d, to += d)
    for (let s = d - 1; s >= 0; s--) {
      let sum = L[q + s]
      for (let t = s + 1; t < d; t++) sum -= L[at + t * d + s] * A[to + t]
      A[to + s] = sum / L[at + s * d + s]
    }
}

/** The block at `at` of A (rows × columns) as its transpose at the same place of `to`. */
function transposeInto(to: Float64Array, at: number, A: Float64Array, rows: number, columns: number): void {
  for (let r = 0; r < rows; r++) for (let c = 0; c < columns; c++) to[at + c * rows + r] = A[at + r * columns + c]
}

/** Z(k, k) = G⁻ᵀ G⁻¹: column c of it solves G Gᵀ z = e(c). */
function diagonal(Z: Float64Array, at: number, L: Float64Array, d: number): void {
  for (let c = 0; c < d; c++)
    for (let s = 0; s < d; s++) {
      let sum = s === c ? 1 : 0
      for (let t = 0; t < s; t++) sum -= L[at + s * d + t] * Z[at + t * d + c]
      Z[at + s * d + c] = sum / L[at + s * d + s]
    }
  for (let c = 0; c < d; c++)
    for (let s = d - 1; s >= 0; s--) {
      let sum = Z[at + s * d + c]
      for (let t = s + 1; t < d; t++) sum -= L[at + t * d + s] * Z[at + t * d + c]
      Z[at + s * d + c] = sum / L[at + s * d + s]
    }
}

function longestPanel({ columnStart, rowIndex, valueStart, permuted }: Symbolic): number {
  let longest = 0
  for (let k = 0; k < permuted.count; k++) {
    const last = columnStart[k + 1] - 1
    const end = valueStart[last] + permuted.dims[k] * permuted.dims[rowIndex[last]]
    longest = Math.max(longest, end - valueStart[columnStart[k]])
  }
  return longest
}

function largestBlock({ permuted }: Symbolic): number {
  let largest = 0
  for (let k = 0; k < permuted.count; k++) largest = Math.max(largest, permuted.dims[k])
  return largest * largest
}
