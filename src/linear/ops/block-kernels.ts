/**
 * Products of small dense blocks inside long arrays: the innermost loops of everything formed from a block Jacobian. All
 * blocks are row-major. The contracted dimension is unrolled where problems have it (1, 2, 3, 6), so that one column of
 * the first factor stays in registers.
 */

/** C += Aᵀ B, with A (m × p at `aAt`) and B (m × q at `bAt`) in `J`, and C (p × q) at `cAt`. */
export function addTransposedProduct(
  J: Float64Array,
  m: number,
  aAt: number,
  p: number,
  bAt: number,
  q: number,
  C: Float64Array,
  cAt: number,
): void {
  if (m === 2) {
    for (let i = 0; i < p; i++) {
      const a0 = J[aAt + i]
      const a1 = J[aAt + p + i]
      for (let j = 0; j < q; j++) C[cAt++] += a0 * J[bAt + j] + a1 * J[bAt + q + j]
    }
  } else if (m === 3) {
    const b1 = bAt + q
    const b2 = b1 + q
    for (let i = 0; i < p; i++) {
      const a0 = J[aAt + i]
      const a1 = J[aAt + p + i]
      const a2 = J[aAt + 2 * p + i]
      for (let j = 0; j < q; j++) C[cAt++] += a0 * J[bAt + j] + a1 * J[b1 + j] + a2 * J[b2 + j]
    }
  } else if (m === 6) {
    const b1 = bAt + q
    const b2 = b1 + q
    const b3 = b2 + q
    const b4 = b3 + q
    const b5 = b4 + q
    for (let i = 0; i < p; i++) {
      const a0 = J[aAt + i]
      const a1 = J[aAt + p + i]
      const a2 = J[aAt + 2 * p + i]
      const a3 = J[aAt + 3 * p + i]
      const a4 = J[aAt + 4 * p + i]
      const a5 = J[aAt + 5 * p + i]
      for (let j = 0; j < q; j++)
        C[cAt++] += a0 * J[bAt + j] + a1 * J[b1 + j] + a2 * J[b2 + j] + a3 * J[b3 + j] + a4 * J[b4 + j] + a5 * J[b5 + j]
    }
  } else {
    for (let r = 0; r < m; r++)
      for (let i = 0; i < p; i++) {
        const a = J[aAt + r * p + i]
        for (let j = 0; j < q; j++) C[cAt + i * q + j] += a * J[bAt + r * q + j]
      }
  }
}

/** C += Aᵀ A, with A (m × p at `aAt`) in `J` and C (p × p, whole) at `cAt`: half the products of the general case. */
export function addGram(J: Float64Array, m: number, aAt: number, p: number, C: Float64Array, cAt: number): void {
  if (m === 2) {
    for (let i = 0; i < p; i++) {
      const a0 = J[aAt + i]
      const a1 = J[aAt + p + i]
      for (let j = 0; j < i; j++) {
        const c = a0 * J[aAt + j] + a1 * J[aAt + p + j]
        C[cAt + i * p + j] += c
        C[cAt + j * p + i] += c
      }
      C[cAt + i * p + i] += a0 * a0 + a1 * a1
    }
  } else if (m === 3) {
    for (let i = 0; i < p; i++) {
      const a0 = J[aAt + i]
      const a1 = J[aAt + p + i]
      const a2 = J[aAt + 2 * p + i]
      for (let j = 0; j < i; j++) {
        const c = a0 * J[aAt + j] + a1 * J[aAt + p + j] + a2 * J[aAt + 2 * p + j]
        C[cAt + i * p + j] += c
        C[cAt + j * p + i] += c
      }
      C[cAt + i * p + i] += a0 * a0 + a1 * a1 + a2 * a2
    }
  } else if (m === 6) {
    const b1 = aAt + p
    const b2 = b1 + p
    const b3 = b2 + p
    const b4 = b3 + p
    const b5 = b4 + p
    for (let i = 0; i < p; i++) {
      const a0 = J[aAt + i]
      const a1 = J[b1 + i]
      const a2 = J[b2 + i]
      const a3 = J[b3 + i]
      const a4 = J[b4 + i]
      const a5 = J[b5 + i]
      for (let j = 0; j < i; j++) {
        const c = a0 * J[aAt + j] + a1 * J[b1 + j] + a2 * J[b2 + j] + a3 * J[b3 + j] + a4 * J[b4 + j] + a5 * J[b5 + j]
        C[cAt + i * p + j] += c
        C[cAt + j * p + i] += c
      }
      C[cAt + i * p + i] += a0 * a0 + a1 * a1 + a2 * a2 + a3 * a3 + a4 * a4 + a5 * a5
    }
  } else {
    for (let i = 0; i < p; i++)
      for (let j = 0; j <= i; j++) {
        let c = 0
        for (let r = 0; r < m; r++) c += J[aAt + r * p + i] * J[aAt + r * p + j]
        C[cAt + i * p + j] += c
        if (j < i) C[cAt + j * p + i] += c
      }
  }
}

/** y += A x, with A (m × n at `aAt`), x at `xAt`, y at `yAt`. */
export function addProduct(
  A: Float64Array,
  aAt: number,
  m: number,
  n: number,
  x: Float64Array,
  xAt: number,
  y: Float64Array,
  yAt: number,
): void {
  if (n === 6) {
    const x0 = x[xAt]
    const x1 = x[xAt + 1]
    const x2 = x[xAt + 2]
    const x3 = x[xAt + 3]
    const x4 = x[xAt + 4]
    const x5 = x[xAt + 5]
    for (let i = 0; i < m; i++, aAt += 6)
      y[yAt + i] +=
        A[aAt] * x0 + A[aAt + 1] * x1 + A[aAt + 2] * x2 + A[aAt + 3] * x3 + A[aAt + 4] * x4 + A[aAt + 5] * x5
  } else if (n === 3) {
    const x0 = x[xAt]
    const x1 = x[xAt + 1]
    const x2 = x[xAt + 2]
    for (let i = 0; i < m; i++, aAt += 3) y[yAt + i] += A[aAt] * x0 + A[aAt + 1] * x1 + A[aAt + 2] * x2
  } else {
    for (let i = 0; i < m; i++) {
      let sum = 0
      for (let j = 0; j < n; j++) sum += A[aAt++] * x[xAt + j]
      y[yAt + i] += sum
    }
  }
}

/** y −= A x, with A (m × n at `aAt`), x at `xAt`, y at `yAt`. */
export function subtractProduct(
  A: Float64Array,
  aAt: number,
  m: number,
  n: number,
  x: Float64Array,
  xAt: number,
  y: Float64Array,
  yAt: number,
): void {
  for (let i = 0; i < m; i++) {
    let sum = 0
    for (let j = 0; j < n; j++) sum += A[aAt++] * x[xAt + j]
    y[yAt + i] -= sum
  }
}

/** y += Aᵀ x, with A (m × n at `aAt`), x at `xAt`, y at `yAt`. */
export function addTransposedVector(
  A: Float64Array,
  aAt: number,
  m: number,
  n: number,
  x: Float64Array,
  xAt: number,
  y: Float64Array,
  yAt: number,
): void {
  if (m === 6) {
    const x0 = x[xAt]
    const x1 = x[xAt + 1]
    const x2 = x[xAt + 2]
    const x3 = x[xAt + 3]
    const x4 = x[xAt + 4]
    const x5 = x[xAt + 5]
    for (let j = 0; j < n; j++, aAt++)
      y[yAt + j] +=
        A[aAt] * x0 +
        A[aAt + n] * x1 +
        A[aAt + 2 * n] * x2 +
        A[aAt + 3 * n] * x3 +
        A[aAt + 4 * n] * x4 +
        A[aAt + 5 * n] * x5
  } else if (m === 3) {
    const x0 = x[xAt]
    const x1 = x[xAt + 1]
    const x2 = x[xAt + 2]
    for (let j = 0; j < n; j++, aAt++) y[yAt + j] += A[aAt] * x0 + A[aAt + n] * x1 + A[aAt + 2 * n] * x2
  } else if (m === 2) {
    const x0 = x[xAt]
    const x1 = x[xAt + 1]
    for (let j = 0; j < n; j++, aAt++) y[yAt + j] += A[aAt] * x0 + A[aAt + n] * x1
  } else {
    for (let i = 0; i < m; i++) {
      const xi = x[xAt + i]
      for (let j = 0; j < n; j++) y[yAt + j] += A[aAt++] * xi
    }
  }
}

/** C −= A Bᵀ, with A (p × k at `aAt` in `A`), B (q × k at `bAt` in `B`), C (p × q at `cAt`). */
export function subtractProductTransposed(
  A: Float64Array,
  aAt: number,
  p: number,
  B: Float64Array,
  bAt: number,
  q: number,
  k: number,
  C: Float64Array,
  cAt: number,
): void {
  if (k === 3) {
    for (let i = 0; i < p; i++, aAt += 3) {
      const a0 = A[aAt]
      const a1 = A[aAt + 1]
      const a2 = A[aAt + 2]
      for (let j = 0, at = bAt; j < q; j++, at += 3) C[cAt++] -= a0 * B[at] + a1 * B[at + 1] + a2 * B[at + 2]
    }
  } else if (k === 6) {
    for (let i = 0; i < p; i++, aAt += 6) {
      const a0 = A[aAt]
      const a1 = A[aAt + 1]
      const a2 = A[aAt + 2]
      const a3 = A[aAt + 3]
      const a4 = A[aAt + 4]
      const a5 = A[aAt + 5]
      for (let j = 0, at = bAt; j < q; j++, at += 6)
        C[cAt++] -= a0 * B[at] + a1 * B[at + 1] + a2 * B[at + 2] + a3 * B[at + 3] + a4 * B[at + 4] + a5 * B[at + 5]
    }
  } else {
    for (let i = 0; i < p; i++, aAt += k)
      for (let j = 0, at = bAt; j < q; j++) {
        let sum = 0
        for (let l = 0; l < k; l++) sum += A[aAt + l] * B[at++]
        C[cAt++] -= sum
      }
  }
}
