/**
 * Triangular solves with one block column of L, for a right-hand side in elimination order. Column k's panel starts at
 * `at`: diagonal block G (d × d), then the blocks of rows rowIndex[e], e = from … to − 1, whose scalars start at offset[i].
 */
export type SubstituteColumn = (
  values: Float64Array,
  at: number,
  d: number,
  rowIndex: Int32Array,
  from: number,
  to: number,
  offset: Int32Array,
  x: Float64Array,
  /** offset[k] */
  own: number,
) => void

/** x(k) ← G⁻¹ x(k), then x(i) ← x(i) − L(i, k) x(k) for the rows below (cholesky.md eq. 5). */
export const forwardColumn: SubstituteColumn = (values, at, d, rowIndex, from, to, offset, x, own) => {
  for (let s = 0; s < d; s++) {
    let sum = x[own + s]
    for (let t = 0; t < s; t++) sum -= values[at + s * d + t] * x[own + t]
    x[own + s] = sum / values[at + s * d + s]
  }
  let a = at + d * d
  for (let e = from; e < to; e++) {
    const i = rowIndex[e]
    for (let r = offset[i]; r < offset[i + 1]; r++) {
      let sum = x[r]
      for (let t = 0; t < d; t++) sum -= values[a + t] * x[own + t]
      x[r] = sum
      a += d
    }
  }
}

/** x(k) ← G⁻ᵀ (x(k) − Σ L(i, k)ᵀ x(i)) (cholesky.md eq. 6). */
export const backwardColumn: SubstituteColumn = (values, at, d, rowIndex, from, to, offset, x, own) => {
  let a = at + d * d
  for (let e = from; e < to; e++) {
    const i = rowIndex[e]
    for (let r = offset[i]; r < offset[i + 1]; r++) {
      const xr = x[r]
      for (let t = 0; t < d; t++) x[own + t] -= values[a + t] * xr
      a += d
    }
  }
  for (let s = d - 1; s >= 0; s--) {
    let sum = x[own + s]
    for (let t = s + 1; t < d; t++) sum -= values[at + t * d + s] * x[own + t]
    x[own + s] = sum / values[at + s * d + s]
  }
}

/** {@link forwardColumn} for 3×3 blocks. */
export const forwardColumn3: SubstituteColumn = (values, at, _d, rowIndex, from, to, offset, x, own) => {
  const v = values
  const x0 = x[own] / v[at]
  const x1 = (x[own + 1] - v[at + 3] * x0) / v[at + 4]
  const x2 = (x[own + 2] - v[at + 6] * x0 - v[at + 7] * x1) / v[at + 8]
  x[own] = x0
  x[own + 1] = x1
  x[own + 2] = x2
  let a = at + 9
  for (let e = from; e < to; e++, a += 9) {
    const r = offset[rowIndex[e]]
    x[r] -= v[a] * x0 + v[a + 1] * x1 + v[a + 2] * x2
    x[r + 1] -= v[a + 3] * x0 + v[a + 4] * x1 + v[a + 5] * x2
    x[r + 2] -= v[a + 6] * x0 + v[a + 7] * x1 + v[a + 8] * x2
  }
}

/** {@link backwardColumn} for 3×3 blocks. */
export const backwardColumn3: SubstituteColumn = (values, at, _d, rowIndex, from, to, offset, x, own) => {
  const v = values
  let x0 = x[own]
  let x1 = x[own + 1]
  let x2 = x[own + 2]
  let a = at + 9
  for (let e = from; e < to; e++, a += 9) {
    const r = offset[rowIndex[e]]
    const y0 = x[r]
    const y1 = x[r + 1]
    const y2 = x[r + 2]
    x0 -= v[a] * y0 + v[a + 3] * y1 + v[a + 6] * y2
    x1 -= v[a + 1] * y0 + v[a + 4] * y1 + v[a + 7] * y2
    x2 -= v[a + 2] * y0 + v[a + 5] * y1 + v[a + 8] * y2
  }
  x2 /= v[at + 8]
  x1 = (x1 - v[at + 7] * x2) / v[at + 4]
  x[own] = (x0 - v[at + 3] * x1 - v[at + 6] * x2) / v[at]
  x[own + 1] = x1
  x[own + 2] = x2
}

/** {@link forwardColumn} for 6×6 blocks. */
export const forwardColumn6: SubstituteColumn = (values, at, d, rowIndex, from, to, offset, x, own) => {
  const v = values
  forwardColumn(values, at, d, rowIndex, from, from, offset, x, own)
  const x0 = x[own]
  const x1 = x[own + 1]
  const x2 = x[own + 2]
  const x3 = x[own + 3]
  const x4 = x[own + 4]
  const x5 = x[own + 5]
  let a = at + 36
  for (let e = from; e < to; e++) {
    let r = offset[rowIndex[e]]
    for (const end = a + 36; a < end; a += 6, r++)
      x[r] -= v[a] * x0 + v[a + 1] * x1 + v[a + 2] * x2 + v[a + 3] * x3 + v[a + 4] * x4 + v[a + 5] * x5
  }
}

/** {@link backwardColumn} for 6×6 blocks. */
export const backwardColumn6: SubstituteColumn = (values, at, d, rowIndex, from, to, offset, x, own) => {
  const v = values
  let x0 = x[own]
  let x1 = x[own + 1]
  let x2 = x[own + 2]
  let x3 = x[own + 3]
  let x4 = x[own + 4]
  let x5 = x[own + 5]
  let a = at + 36
  for (let e = from; e < to; e++) {
    let r = offset[rowIndex[e]]
    for (const end = a + 36; a < end; a += 6, r++) {
      const y = x[r]
      x0 -= v[a] * y
      x1 -= v[a + 1] * y
      x2 -= v[a + 2] * y
      x3 -= v[a + 3] * y
      x4 -= v[a + 4] * y
      x5 -= v[a + 5] * y
    }
  }
  x[own] = x0
  x[own + 1] = x1
  x[own + 2] = x2
  x[own + 3] = x3
  x[own + 4] = x4
  x[own + 5] = x5
  backwardColumn(values, at, d, rowIndex, from, from, offset, x, own)
}
