// AssemblyScript. Elimination of points of three numbers, all of them in one call; the definition is schur.ts, whose order
// of operations is kept, so that both give the same bits. The strip W = H_cp L⁻ᵀ of a point is kept transposed: three rows
// per remaining block, each padded to an even length, so that columns of S come two at a time.

/** The plan: words of 32 bits, written by schur-twin.ts. Addresses are in bytes, offsets in numbers. */
const POINTS: usize = 0
const COLUMN_START: usize = 4
const ROW_INDEX: usize = 8
const VALUE_START: usize = 12
const DIMS: usize = 16
const OFFSET: usize = 20
const HESSIAN: usize = 24
const GRADIENT: usize = 28
const DAMPING: usize = 32
const FACTOR: usize = 36
const VECTOR: usize = 40
const STRIP: usize = 44
const REDUCED: usize = 48
const REDUCED_GRADIENT: usize = 52
const PAIRS: usize = 56
const UNIFORM: usize = 60
const POINT_SIZE: usize = 64
const STEP: usize = 68

@inline
function word(plan: usize, at: usize): usize {
  return load<u32>(plan + at)
}

@inline
function nth(table: usize, i: usize): usize {
  return load<u32>(table + (i << 2))
}

/** 4 d eps for d = 3, as in factorSmall. */
const TOLERANCE: f64 = 12 * f64.EPSILON

@inline
function sound(pivot: f64, diagonal: f64): bool {
  return pivot > max<f64>(TOLERANCE * diagonal, 0) && pivot < Infinity
}

/** L Lᵀ = H_pp + Λ_p, reciprocals on the diagonal. Returns −1 or the row of the pivot that is not positive. */
@inline
function factorPoint(h: usize, damping: usize, to: usize): i32 {
  memory.copy(to, h, 72)
  const d0 = load<f64>(h) + load<f64>(damping)
  const d1 = load<f64>(h, 32) + load<f64>(damping, 8)
  const d2 = load<f64>(h, 64) + load<f64>(damping, 16)
  if (!sound(d0, d0)) return 0
  const r0 = 1 / Math.sqrt(d0)
  const l10 = load<f64>(h, 24) * r0
  const l20 = load<f64>(h, 48) * r0
  const p1 = d1 - l10 * l10
  if (!sound(p1, d1)) return 1
  const r1 = 1 / Math.sqrt(p1)
  const l21 = (load<f64>(h, 56) - l20 * l10) * r1
  const p2 = d2 - l20 * l20 - l21 * l21
  if (!sound(p2, d2)) return 2
  store<f64>(to, r0)
  store<f64>(to, l10, 24)
  store<f64>(to, r1, 32)
  store<f64>(to, l20, 48)
  store<f64>(to, l21, 56)
  store<f64>(to, 1 / Math.sqrt(p2), 64)
  return -1
}

/** x ← L⁻¹ x */
@inline
function solveLower(l: usize, x: usize): void {
  const x0 = load<f64>(x) * load<f64>(l)
  const x1 = (load<f64>(x, 8) - load<f64>(l, 24) * x0) * load<f64>(l, 32)
  store<f64>(x, x0)
  store<f64>(x, x1, 8)
  store<f64>(x, (load<f64>(x, 16) - load<f64>(l, 48) * x0 - load<f64>(l, 56) * x1) * load<f64>(l, 64), 16)
}

/** x ← L⁻ᵀ x */
@inline
function solveUpper(l: usize, x: usize): void {
  const x2 = load<f64>(x, 16) * load<f64>(l, 64)
  const x1 = (load<f64>(x, 8) - load<f64>(l, 56) * x2) * load<f64>(l, 32)
  store<f64>(x, x2, 16)
  store<f64>(x, x1, 8)
  store<f64>(x, (load<f64>(x) - load<f64>(l, 24) * x1 - load<f64>(l, 48) * x2) * load<f64>(l), 0)
}

/** Bytes of one row of a transposed strip for a block of q numbers. */
@inline
function rowBytes(q: usize): usize {
  return ((q + 1) & ~1) << 3
}

/** Two numbers from rows 24 bytes apart. */
@inline
function down(at: usize): v128 {
  return v128.load64_lane(at + 24, v128.load64_zero(at), 1)
}

/** w = (H_cp L⁻ᵀ)ᵀ for one block of q rows, and ĝ_c −= W y for y = L⁻¹ g_p. */
@inline
function makeStrip(q: usize, h: usize, l: usize, y: usize, w: usize, g: usize): void {
  const row = rowBytes(q)
  const r0 = v128.load64_splat(l)
  const l10 = v128.load64_splat(l, 24)
  const r1 = v128.load64_splat(l, 32)
  const l20 = v128.load64_splat(l, 48)
  const l21 = v128.load64_splat(l, 56)
  const r2 = v128.load64_splat(l, 64)
  const y0 = v128.load64_splat(y)
  const y1 = v128.load64_splat(y, 8)
  const y2 = v128.load64_splat(y, 16)
  for (let i: usize = 0; i < q; i += 2, h += 48, w += 16, g += 16) {
    const last = i + 1 == q
    const w0 = f64x2.mul(last ? v128.load64_zero(h) : down(h), r0)
    const h1 = last ? v128.load64_zero(h, 8) : down(h + 8)
    const h2 = last ? v128.load64_zero(h, 16) : down(h + 16)
    const w1 = f64x2.mul(f64x2.sub(h1, f64x2.mul(l10, w0)), r1)
    const w2 = f64x2.mul(f64x2.sub(f64x2.sub(h2, f64x2.mul(l20, w0)), f64x2.mul(l21, w1)), r2)
    v128.store(w, w0)
    v128.store(w + row, w1)
    v128.store(w + 2 * row, w2)
    const sum = f64x2.add(f64x2.add(f64x2.mul(w0, y0), f64x2.mul(w1, y1)), f64x2.mul(w2, y2))
    if (last) v128.store64_lane(g, f64x2.sub(v128.load64_zero(g), sum), 0)
    else v128.store(g, f64x2.sub(v128.load(g), sum))
  }
}

/** c[0..1] −= (a0 b0 + a1 b1) + a2 b2 for a row of C. */
@inline
function subtractCell(a0: v128, a1: v128, a2: v128, b0: v128, b1: v128, b2: v128, c: usize): void {
  const sum = f64x2.add(f64x2.add(f64x2.mul(a0, b0), f64x2.mul(a1, b1)), f64x2.mul(a2, b2))
  v128.store(c, f64x2.sub(v128.load(c), sum))
}

@inline
function subtractLastCell(a0: v128, a1: v128, a2: v128, b0: v128, b1: v128, b2: v128, c: usize): void {
  const sum = f64x2.add(f64x2.add(f64x2.mul(a0, b0), f64x2.mul(a1, b1)), f64x2.mul(a2, b2))
  v128.store64_lane(c, f64x2.sub(v128.load64_zero(c), sum), 0)
}

/** Two rows of C at a column pair. */
@inline
function subtractTwo(
  a0: v128, a1: v128, a2: v128, d0: v128, d1: v128, d2: v128, b: usize, row: usize, c: usize, across: usize,
): void {
  const b0 = v128.load(b)
  const b1 = v128.load(b + row)
  const b2 = v128.load(b + 2 * row)
  subtractCell(a0, a1, a2, b0, b1, b2, c)
  subtractCell(d0, d1, d2, b0, b1, b2, c + across)
}

/** C (p × q) −= A Bᵀ for strips kept transposed: Aᵀ at a, Bᵀ at b. */
@inline
function subtractOuter(p: usize, q: usize, a: usize, b: usize, c: usize): void {
  const rowA = rowBytes(p)
  const row = rowBytes(q)
  const across = q << 3
  let i: usize = 0
  for (; i + 1 < p; i += 2, a += 16, c += 2 * across) {
    const a0 = v128.load64_splat(a)
    const a1 = v128.load64_splat(a + rowA)
    const a2 = v128.load64_splat(a + 2 * rowA)
    const d0 = v128.load64_splat(a, 8)
    const d1 = v128.load64_splat(a + rowA, 8)
    const d2 = v128.load64_splat(a + 2 * rowA, 8)
    if (q == 6) {
      subtractTwo(a0, a1, a2, d0, d1, d2, b, row, c, across)
      subtractTwo(a0, a1, a2, d0, d1, d2, b + 16, row, c + 16, across)
      subtractTwo(a0, a1, a2, d0, d1, d2, b + 32, row, c + 32, across)
    } else if (q == 9) {
      subtractTwo(a0, a1, a2, d0, d1, d2, b, row, c, across)
      subtractTwo(a0, a1, a2, d0, d1, d2, b + 16, row, c + 16, across)
      subtractTwo(a0, a1, a2, d0, d1, d2, b + 32, row, c + 32, across)
      subtractTwo(a0, a1, a2, d0, d1, d2, b + 48, row, c + 48, across)
      const b0 = v128.load64_zero(b, 64)
      const b1 = v128.load64_zero(b + row, 64)
      const b2 = v128.load64_zero(b + 2 * row, 64)
      subtractLastCell(a0, a1, a2, b0, b1, b2, c + 64)
      subtractLastCell(d0, d1, d2, b0, b1, b2, c + across + 64)
    } else {
      let j: usize = 0
      for (; j + 16 <= across; j += 16) subtractTwo(a0, a1, a2, d0, d1, d2, b + j, row, c + j, across)
      if (j < across) {
        const b0 = v128.load64_zero(b + j)
        const b1 = v128.load64_zero(b + row + j)
        const b2 = v128.load64_zero(b + 2 * row + j)
        subtractLastCell(a0, a1, a2, b0, b1, b2, c + j)
        subtractLastCell(d0, d1, d2, b0, b1, b2, c + across + j)
      }
    }
  }
  if (i < p) {
    const a0 = v128.load64_splat(a)
    const a1 = v128.load64_splat(a + rowA)
    const a2 = v128.load64_splat(a + 2 * rowA)
    let j: usize = 0
    for (; j + 16 <= across; j += 16)
      subtractCell(a0, a1, a2, v128.load(b + j), v128.load(b + row + j), v128.load(b + 2 * row + j), c + j)
    if (j < across)
      subtractLastCell(a0, a1, a2, v128.load64_zero(b + j), v128.load64_zero(b + row + j), v128.load64_zero(b + 2 * row + j), c + j)
  }
}

/** `uniform`: the size of all remaining blocks, 0 where they differ. */
@inline
function eliminate(uniform: usize, plan: usize): i32 {
  const points = word(plan, POINTS)
  const columnStart = word(plan, COLUMN_START)
  const rowIndex = word(plan, ROW_INDEX)
  const valueStart = word(plan, VALUE_START)
  const dims = word(plan, DIMS)
  const offset = word(plan, OFFSET)
  const H = word(plan, HESSIAN)
  const strip = word(plan, STRIP)
  const S = word(plan, REDUCED)
  const reducedGradient = word(plan, REDUCED_GRADIENT) - (word(plan, POINT_SIZE) << 3)
  let factor = word(plan, FACTOR)
  let vector = word(plan, VECTOR)
  let gradient = word(plan, GRADIENT)
  let damping = word(plan, DAMPING)
  let pairs = word(plan, PAIRS)
  for (let p: usize = 0; p < points; p++, factor += 72, vector += 24, gradient += 24, damping += 24) {
    const first = nth(columnStart, p)
    const end = nth(columnStart, p + 1)
    const failed = factorPoint(H + (nth(valueStart, first) << 3), damping, factor)
    if (failed >= 0) return <i32>((p << 2) + failed)
    memory.copy(vector, gradient, 24)
    solveLower(factor, vector)
    let w = strip
    for (let e = first + 1; e < end; e++) {
      const i = nth(rowIndex, e)
      const q = uniform ? uniform : nth(dims, i)
      makeStrip(q, H + (nth(valueStart, e) << 3), factor, vector, w, reducedGradient + (nth(offset, i) << 3))
      let b = strip
      for (let f = first + 1; f <= e; f++, pairs += 4) {
        const other = uniform ? uniform : nth(dims, nth(rowIndex, f))
        const to = load<i32>(pairs)
        if (to >= 0) subtractOuter(q, other, w, b, S + ((<usize>to) << 3))
        b += 3 * rowBytes(other)
      }
      w += 3 * rowBytes(q)
    }
  }
  return -1
}

/** S −= Σ W Wᵀ and ĝ −= Σ W L⁻¹ g_p. Returns −1, or 4 p + row for the first pivot that is not positive. */
export function eliminatePoints(plan: usize): i32 {
  const uniform = word(plan, UNIFORM)
  if (uniform == 9) return eliminate(9, plan)
  if (uniform == 6) return eliminate(6, plan)
  return eliminate(0, plan)
}

/** vector = (H_pp + Λ_p)⁻¹ (g_p + H_pc δ_c) for every point, δ_c in the plan's step. */
export function backSubstitutePoints(plan: usize): void {
  const points = word(plan, POINTS)
  const columnStart = word(plan, COLUMN_START)
  const rowIndex = word(plan, ROW_INDEX)
  const valueStart = word(plan, VALUE_START)
  const dims = word(plan, DIMS)
  const offset = word(plan, OFFSET)
  const H = word(plan, HESSIAN)
  const step = word(plan, STEP) - (word(plan, POINT_SIZE) << 3)
  let factor = word(plan, FACTOR)
  let vector = word(plan, VECTOR)
  let gradient = word(plan, GRADIENT)
  for (let p: usize = 0; p < points; p++, factor += 72, vector += 24, gradient += 24) {
    let y0 = load<f64>(gradient)
    let y1 = load<f64>(gradient, 8)
    let y2 = load<f64>(gradient, 16)
    for (let e = nth(columnStart, p) + 1, end = nth(columnStart, p + 1); e < end; e++) {
      const i = nth(rowIndex, e)
      const m = nth(dims, i)
      let a = H + (nth(valueStart, e) << 3)
      let x = step + (nth(offset, i) << 3)
      // Blocks of two, three and six rows are summed before they are added, as the definition does.
      if (m == 6 || m == 3 || m == 2) {
        const x0 = load<f64>(x)
        let s0 = load<f64>(a) * x0
        let s1 = load<f64>(a, 8) * x0
        let s2 = load<f64>(a, 16) * x0
        for (let r: usize = 1; r < m; r++) {
          a += 24
          x += 8
          const xr = load<f64>(x)
          s0 += load<f64>(a) * xr
          s1 += load<f64>(a, 8) * xr
          s2 += load<f64>(a, 16) * xr
        }
        y0 += s0
        y1 += s1
        y2 += s2
      } else
        for (let r: usize = 0; r < m; r++, a += 24, x += 8) {
          const xr = load<f64>(x)
          y0 += load<f64>(a) * xr
          y1 += load<f64>(a, 8) * xr
          y2 += load<f64>(a, 16) * xr
        }
    }
    store<f64>(vector, y0)
    store<f64>(vector, y1, 8)
    store<f64>(vector, y2, 16)
    solveLower(factor, vector)
    solveUpper(factor, vector)
  }
}
