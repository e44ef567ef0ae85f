/**
 * Small symmetric matrices Ω as files hold them: the upper triangle by rows, m(m+1)/2 numbers.
 */

/** out = Dᵀ Ω D for a dense row-major D (m × m): the information of e when Ω is that of D e. */
export function congruence(omega: ArrayLike<number>, D: ArrayLike<number>, m: number, out: Float64Array): void {
  for (let i = 0; i < m; i++) {
    for (let j = i; j < m; j++) {
      let sum = 0
      for (let k = 0; k < m; k++) {
        const d = D[k * m + i]
        if (d === 0) continue
        for (let l = 0; l < m; l++) sum += d * omega[k <= l ? packed(k, l, m) : packed(l, k, m)] * D[l * m + j]
      }
      out[packed(i, j, m)] = sum
    }
  }
}

/** out = Rᵀ R for an upper triangular R given by rows, m(m+1)/2 numbers. */
export function gramOfTriangle(R: ArrayLike<number>, m: number, out: Float64Array): void {
  for (let i = 0; i < m; i++) {
    for (let j = i; j < m; j++) {
      let sum = 0
      for (let k = 0; k <= i; k++) sum += R[packed(k, i, m)] * R[packed(k, j, m)]
      out[packed(i, j, m)] = sum
    }
  }
}

/** Where entry (i, j), i ≤ j, stands in the upper triangle by rows. */
function packed(i: number, j: number, m: number): number {
  return i * m - (i * (i - 1)) / 2 + j - i
}
