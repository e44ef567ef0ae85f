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
  for (let k = count - 1; k >= 0; k--) {
    const d = dims[k]
    const from = columnStart[k] + 1
    const to = columnStart[k + 1]
    const at = valueStart[columnStart[k]]
    const below = at + d * d
    scaledPanel(L, at, d, to > from ? valueStart[to - 1] + d * dims[rowIndex[to - 1]] : below, A)
    for (let p = from; p < to; p++) {
      // Column j of Z meets S at rows i ≥ j; both lists ascend.
      const j = rowIndex[p]
      for (let q = p, e = columnStart[j]; q < to; q++, e++) {
        const i = rowIndex[q]
        while (rowIndex[e] !== i) e++
        const zij = valueStart[e]
        subtractBlock(Z, valueStart[q], zij, dims[j], 1, A, valueStart[p] - below, dims[i], dims[j], d)
        if (i !== j) subtractBlock(Z, valueStart[p], zij, 1, dims[j], A, valueStart[q] - below, dims[j], dims[i], d)
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

/** Z(to) ← Z(to) − B A for B (rows × inner) inside Z at `b` with the given strides and A (inner × d). */
function subtractBlock(
  Z: Float64Array,
  to: number,
  b: number,
  rowStride: number,
  columnStride: number,
  A: Float64Array,
  a: number,
  rows: number,
  inner: number,
  d: number,
): void {
  for (let r = 0; r < rows; r++)
    for (let t = 0; t < inner; t++) {
      const z = Z[b + r * rowStride + t * columnStride]
      for (let c = 0; c < d; c++) Z[to + r * d + c] -= z * A[a + t * d + c]
    }
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
