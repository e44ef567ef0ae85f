// AssemblyScript. Dense A = L Lᵀ in fp64 and its solves, on the lower triangle of a row-major matrix whose size is a multiple of
// four; the definition is choleskyInPlace in cholesky.ts. Left-looking by panels of four columns.

/**
 * In place; returns −1, or the first row whose pivot is not above tolerance · diagonal(row), with that pivot in the matrix.
 * `packed` is room for four numbers per row, `reciprocal` for one.
 */
export function dense_cholesky_fp64(
  n: usize,
  matrix: usize,
  diagonal: usize,
  reciprocal: usize,
  packed: usize,
  tolerance: f64,
): i32 {
  const across = n << 3
  for (let j: usize = 0; j < n; j += 4) {
    const panel = matrix + j * across
    pack(panel, across, j, packed)
    for (let i = j; i < n; i += 4) {
      const rows = matrix + i * across
      dense_update_fp64(rows, across, packed, rows + (j << 3))
      if (i == j) {
        const failed = factorFour(rows + (j << 3), across, diagonal + (j << 3), reciprocal + (j << 3), tolerance)
        if (failed >= 0) return <i32>j + failed
      } else solveFour(rows + (j << 3), across, panel + (j << 3), reciprocal + (j << 3))
    }
  }
  return -1
}

/** Columns 0 … j − 1 of four rows as rows of four. */
function pack(panel: usize, across: usize, j: usize, to: usize): void {
  const second = panel + across
  const third = second + across
  const fourth = third + across
  for (let k: usize = 0, end = j << 3; k < end; k += 16, to += 64) {
    const a = v128.load(panel + k)
    const b = v128.load(second + k)
    const c = v128.load(third + k)
    const d = v128.load(fourth + k)
    v128.store(to, v128.shuffle<i64>(a, b, 0, 2))
    v128.store(to, v128.shuffle<i64>(c, d, 0, 2), 16)
    v128.store(to, v128.shuffle<i64>(a, b, 1, 3), 32)
    v128.store(to, v128.shuffle<i64>(c, d, 1, 3), 48)
  }
}

/** The 4 × 4 tile at `tile` less the product of four rows with the packed panel; the tile's columns are where the rows end. */
export function dense_update_fp64(rows: usize, across: usize, packed: usize, tile: usize): void {
  let r0 = rows
  let r1 = r0 + across
  let r2 = r1 + across
  let r3 = r2 + across
  const second = tile + across
  const third = second + across
  const fourth = third + across
  let c00 = v128.load(tile)
  let c01 = v128.load(tile, 16)
  let c10 = v128.load(second)
  let c11 = v128.load(second, 16)
  let c20 = v128.load(third)
  let c21 = v128.load(third, 16)
  let c30 = v128.load(fourth)
  let c31 = v128.load(fourth, 16)
  while (r0 < tile) {
    const b0 = v128.load(packed)
    const b1 = v128.load(packed, 16)
    const a0 = v128.load64_splat(r0)
    c00 = f64x2.sub(c00, f64x2.mul(a0, b0))
    c01 = f64x2.sub(c01, f64x2.mul(a0, b1))
    const a1 = v128.load64_splat(r1)
    c10 = f64x2.sub(c10, f64x2.mul(a1, b0))
    c11 = f64x2.sub(c11, f64x2.mul(a1, b1))
    const a2 = v128.load64_splat(r2)
    c20 = f64x2.sub(c20, f64x2.mul(a2, b0))
    c21 = f64x2.sub(c21, f64x2.mul(a2, b1))
    const a3 = v128.load64_splat(r3)
    c30 = f64x2.sub(c30, f64x2.mul(a3, b0))
    c31 = f64x2.sub(c31, f64x2.mul(a3, b1))
    packed += 32
    r0 += 8
    r1 += 8
    r2 += 8
    r3 += 8
  }
  v128.store(tile, c00)
  v128.store(tile, c01, 16)
  v128.store(second, c10)
  v128.store(second, c11, 16)
  v128.store(third, c20)
  v128.store(third, c21, 16)
  v128.store(fourth, c30)
  v128.store(fourth, c31, 16)
}

/** A 4 × 4 diagonal tile; the row of the first bad pivot, or −1. */
function factorFour(g: usize, across: usize, diagonal: usize, reciprocal: usize, tolerance: f64): i32 {
  for (let s: usize = 0; s < 4; s++) {
    const row = g + s * across
    let pivot = load<f64>(row + (s << 3))
    for (let t: usize = 0; t < s; t++) {
      let sum = load<f64>(row + (t << 3))
      const other = g + t * across
      for (let u: usize = 0; u < t; u++) sum -= load<f64>(row + (u << 3)) * load<f64>(other + (u << 3))
      sum *= load<f64>(reciprocal + (t << 3))
      store<f64>(row + (t << 3), sum)
      pivot -= sum * sum
    }
    if (!(pivot > tolerance * Math.max(0, load<f64>(diagonal + (s << 3))) && pivot < Infinity)) {
      store<f64>(row + (s << 3), pivot)
      return <i32>s
    }
    const root = sqrt<f64>(pivot)
    store<f64>(row + (s << 3), root)
    store<f64>(reciprocal + (s << 3), 1 / root)
  }
  return -1
}

/** X ← X G⁻ᵀ for four rows, G the factored tile at `g`. */
function solveFour(x: usize, across: usize, g: usize, reciprocal: usize): void {
  const g1 = g + across
  const g2 = g1 + across
  const g3 = g2 + across
  for (let r: usize = 0; r < 4; r++, x += across) {
    const x0 = load<f64>(x) * load<f64>(reciprocal)
    const x1 = (load<f64>(x, 8) - x0 * load<f64>(g1)) * load<f64>(reciprocal, 8)
    const x2 = (load<f64>(x, 16) - x0 * load<f64>(g2) - x1 * load<f64>(g2, 8)) * load<f64>(reciprocal, 16)
    const sum = load<f64>(x, 24) - x0 * load<f64>(g3) - x1 * load<f64>(g3, 8) - x2 * load<f64>(g3, 16)
    v128.store(x, f64x2.replace_lane(f64x2.splat(x0), 1, x1))
    v128.store(x, f64x2.replace_lane(f64x2.splat(x2), 1, sum * load<f64>(reciprocal, 24)), 16)
  }
}

/** x ← L⁻ᵀ L⁻¹ x */
export function dense_solve_fp64(n: usize, matrix: usize, reciprocal: usize, x: usize): void {
  const across = n << 3
  for (let i: usize = 0; i < n; i += 4) {
    const rows = matrix + i * across
    forwardFour(rows, across, i << 3, x)
    const own = x + (i << 3)
    for (let s: usize = 0; s < 4; s++) {
      let sum = load<f64>(own + (s << 3))
      const row = rows + s * across + (i << 3)
      for (let t: usize = 0; t < s; t++) sum -= load<f64>(row + (t << 3)) * load<f64>(own + (t << 3))
      store<f64>(own + (s << 3), sum * load<f64>(reciprocal + ((i + s) << 3)))
    }
  }
  for (let i = n; i > 0; ) {
    i -= 4
    const rows = matrix + i * across
    const own = x + (i << 3)
    for (let s: usize = 4; s-- > 0; ) {
      let sum = load<f64>(own + (s << 3))
      for (let t = s + 1; t < 4; t++)
        sum -= load<f64>(rows + t * across + ((i + s) << 3)) * load<f64>(own + (t << 3))
      store<f64>(own + (s << 3), sum * load<f64>(reciprocal + ((i + s) << 3)))
    }
    backwardFour(rows, across, i << 3, x, own)
  }
}

/** Four entries of x less the product of four rows with what stands before them. */
function forwardFour(rows: usize, across: usize, end: usize, x: usize): void {
  let s0 = f64x2.splat(0)
  let s1 = s0
  let s2 = s0
  let s3 = s0
  const second = rows + across
  const third = second + across
  const fourth = third + across
  for (let k: usize = 0; k < end; k += 16) {
    const xk = v128.load(x + k)
    s0 = f64x2.add(s0, f64x2.mul(v128.load(rows + k), xk))
    s1 = f64x2.add(s1, f64x2.mul(v128.load(second + k), xk))
    s2 = f64x2.add(s2, f64x2.mul(v128.load(third + k), xk))
    s3 = f64x2.add(s3, f64x2.mul(v128.load(fourth + k), xk))
  }
  const low = f64x2.add(v128.shuffle<i64>(s0, s1, 0, 2), v128.shuffle<i64>(s0, s1, 1, 3))
  const high = f64x2.add(v128.shuffle<i64>(s2, s3, 0, 2), v128.shuffle<i64>(s2, s3, 1, 3))
  v128.store(x + end, f64x2.sub(v128.load(x + end), low))
  v128.store(x + end, f64x2.sub(v128.load(x + end, 16), high), 16)
}

/** What stands before less four rows times the four entries at `own`. */
function backwardFour(rows: usize, across: usize, end: usize, x: usize, own: usize): void {
  const x0 = v128.load64_splat(own)
  const x1 = v128.load64_splat(own, 8)
  const x2 = v128.load64_splat(own, 16)
  const x3 = v128.load64_splat(own, 24)
  const second = rows + across
  const third = second + across
  const fourth = third + across
  for (let k: usize = 0; k < end; k += 16) {
    const low = f64x2.add(f64x2.mul(v128.load(rows + k), x0), f64x2.mul(v128.load(second + k), x1))
    const high = f64x2.add(f64x2.mul(v128.load(third + k), x2), f64x2.mul(v128.load(fourth + k), x3))
    v128.store(x + k, f64x2.sub(v128.load(x + k), f64x2.add(low, high)))
  }
}
