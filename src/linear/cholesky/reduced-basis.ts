/**
 * Gauss-Jordan with complete pivoting on the first `count` rows (of n numbers each) of `basis`, in place: afterwards each
 * row has 1 at its pivot and 0 at the pivots of the others. A basis of a space that falls apart into independent parts is
 * thereby sorted into them. Returns the pivots.
 */
export function reducedBasis(basis: Float64Array, count: number, n: number): Int32Array {
  const pivots = new Int32Array(count)
  for (let k = 0; k < count; k++) {
    const at = largestEntry(basis, k * n, count * n)
    swapRows(basis, k * n, Math.floor(at / n) * n, n)
    const pivot = at % n
    pivots[k] = pivot
    const scale = 1 / basis[k * n + pivot]
    for (let c = 0; c < n; c++) basis[k * n + c] *= scale
    for (let r = 0; r < count; r++) {
      const factor = basis[r * n + pivot]
      if (r === k || factor === 0) continue
      for (let c = 0; c < n; c++) basis[r * n + c] -= factor * basis[k * n + c]
      basis[r * n + pivot] = 0
    }
  }
  return pivots
}

function largestEntry(values: Float64Array, from: number, to: number): number {
  let best = from
  for (let q = from; q < to; q++) if (Math.abs(values[q]) > Math.abs(values[best])) best = q
  return best
}

function swapRows(values: Float64Array, a: number, b: number, n: number): void {
  if (a === b) return
  for (let c = 0; c < n; c++) {
    const swap = values[a + c]
    values[a + c] = values[b + c]
    values[b + c] = swap
  }
}
