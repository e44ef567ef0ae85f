/**
 * A finished column panel of L: its diagonal block D (d × d, row-major at `at`) and the rows below it (`rows` × d, right
 * behind D). Everything in place.
 */

/**
 * D = G Gᵀ, G lower (cholesky.md eq. 2); the upper triangle is set to zero. Stops at the first pivot that is not greater
 * than tolerance · diagonal[first + s] (a NaN is not) and returns its s, with the pivot left on the diagonal; returns −1
 * when all passed. With a scale, D is that of the scaled matrix and so is what its pivots are held to.
 */
export function factorDiagonal(
  values: Float64Array,
  at: number,
  d: number,
  diagonal: Float64Array,
  first: number,
  tolerance: number,
  scale: Float64Array | null = null,
): number {
  for (let s = 0; s < d; s++) {
    const row = at + s * d
    for (let t = 0; t < s; t++) {
      const other = at + t * d
      let sum = values[row + t]
      for (let u = 0; u < t; u++) sum -= values[row + u] * values[other + u]
      values[row + t] = sum / values[other + t]
    }
    let pivot = values[row + s]
    for (let u = 0; u < s; u++) pivot -= values[row + u] * values[row + u]
    const unit = scale ? diagonal[first + s] * scale[first + s] ** 2 : diagonal[first + s]
    if (!(pivot > tolerance * Math.max(0, unit)) || pivot === Number.POSITIVE_INFINITY) {
      values[row + s] = pivot
      return s
    }
    values[row + s] = Math.sqrt(pivot)
    for (let t = s + 1; t < d; t++) values[row + t] = 0
  }
  return -1
}

/** X ← X G⁻ᵀ for the rows below the diagonal block (cholesky.md eq. 3). */
export function solveRows(values: Float64Array, at: number, d: number, rows: number): void {
  const end = at + d * (d + rows)
  for (let x = at + d * d; x < end; x += d)
    for (let s = 0; s < d; s++) {
      const g = at + s * d
      let sum = values[x + s]
      for (let t = 0; t < s; t++) sum -= values[x + t] * values[g + t]
      values[x + s] = sum / values[g + s]
    }
}

/** {@link solveRows} for d = 3. */
export function solveRows3(values: Float64Array, at: number, _d: number, rows: number): void {
  const v = values
  const r0 = 1 / v[at]
  const g10 = v[at + 3]
  const r1 = 1 / v[at + 4]
  const g20 = v[at + 6]
  const g21 = v[at + 7]
  const r2 = 1 / v[at + 8]
  const end = at + 9 + 3 * rows
  for (let x = at + 9; x < end; x += 3) {
    const x0 = v[x] * r0
    const x1 = (v[x + 1] - x0 * g10) * r1
    v[x] = x0
    v[x + 1] = x1
    v[x + 2] = (v[x + 2] - x0 * g20 - x1 * g21) * r2
  }
}

/** {@link solveRows} for d = 6. */
export function solveRows6(values: Float64Array, at: number, _d: number, rows: number): void {
  const v = values
  const r0 = 1 / v[at]
  const r1 = 1 / v[at + 7]
  const r2 = 1 / v[at + 14]
  const r3 = 1 / v[at + 21]
  const r4 = 1 / v[at + 28]
  const r5 = 1 / v[at + 35]
  const end = at + 36 + 6 * rows
  for (let x = at + 36; x < end; x += 6) {
    const x0 = v[x] * r0
    const x1 = (v[x + 1] - x0 * v[at + 6]) * r1
    const x2 = (v[x + 2] - x0 * v[at + 12] - x1 * v[at + 13]) * r2
    const x3 = (v[x + 3] - x0 * v[at + 18] - x1 * v[at + 19] - x2 * v[at + 20]) * r3
    const x4 = (v[x + 4] - x0 * v[at + 24] - x1 * v[at + 25] - x2 * v[at + 26] - x3 * v[at + 27]) * r4
    v[x] = x0
    v[x + 1] = x1
    v[x + 2] = x2
    v[x + 3] = x3
    v[x + 4] = x4
    v[x + 5] = (v[x + 5] - x0 * v[at + 30] - x1 * v[at + 31] - x2 * v[at + 32] - x3 * v[at + 33] - x4 * v[at + 34]) * r5
  }
}
