// AssemblyScript. Products of small dense row-major blocks, two columns at a time; the definitions are in block-kernels.ts,
// whose order of operations is kept, so that both give the same bits. Addresses are in bytes. Sizes that are constants
// where a function is called are folded into its body.

/** c[0..1] += Σ_r s_r b_r[0..1] over m rows of b, `row` bytes apart: (s0 b0 + s1 b1) + s2 b2 …, then the sum onto c. */
@inline
export function addCombination(
  m: i32, s0: v128, s1: v128, s2: v128, s3: v128, s4: v128, s5: v128, b: usize, row: usize, c: usize,
): void {
  let v = f64x2.mul(s0, v128.load(b))
  if (m > 1) v = f64x2.add(v, f64x2.mul(s1, v128.load(b + row)))
  if (m > 2) v = f64x2.add(v, f64x2.mul(s2, v128.load(b + 2 * row)))
  if (m > 3) v = f64x2.add(v, f64x2.mul(s3, v128.load(b + 3 * row)))
  if (m > 4) v = f64x2.add(v, f64x2.mul(s4, v128.load(b + 4 * row)))
  if (m > 5) v = f64x2.add(v, f64x2.mul(s5, v128.load(b + 5 * row)))
  v128.store(c, f64x2.add(v128.load(c), v))
}

/** As addCombination, for the last of an odd number of columns. */
@inline
export function addLastCombination(
  m: i32, s0: v128, s1: v128, s2: v128, s3: v128, s4: v128, s5: v128, b: usize, row: usize, c: usize,
): void {
  let v = f64x2.mul(s0, v128.load64_zero(b))
  if (m > 1) v = f64x2.add(v, f64x2.mul(s1, v128.load64_zero(b + row)))
  if (m > 2) v = f64x2.add(v, f64x2.mul(s2, v128.load64_zero(b + 2 * row)))
  if (m > 3) v = f64x2.add(v, f64x2.mul(s3, v128.load64_zero(b + 3 * row)))
  if (m > 4) v = f64x2.add(v, f64x2.mul(s4, v128.load64_zero(b + 4 * row)))
  if (m > 5) v = f64x2.add(v, f64x2.mul(s5, v128.load64_zero(b + 5 * row)))
  v128.store64_lane(c, f64x2.add(v128.load64_zero(c), v), 0)
}

/** c (q numbers) += sᵀ B for m numbers s, `step` bytes apart, and B of m rows of q numbers. m is 2, 3 or 6. */
@inline
export function addRow(m: i32, s: usize, step: usize, b: usize, q: i32, c: usize): void {
  const row = (<usize>q) << 3
  const s0 = v128.load64_splat(s)
  const s1 = m > 1 ? v128.load64_splat(s + step) : s0
  const s2 = m > 2 ? v128.load64_splat(s + 2 * step) : s0
  const s3 = m > 3 ? v128.load64_splat(s + 3 * step) : s0
  const s4 = m > 4 ? v128.load64_splat(s + 4 * step) : s0
  const s5 = m > 5 ? v128.load64_splat(s + 5 * step) : s0
  if (q == 6) {
    addCombination(m, s0, s1, s2, s3, s4, s5, b, row, c)
    addCombination(m, s0, s1, s2, s3, s4, s5, b + 16, row, c + 16)
    addCombination(m, s0, s1, s2, s3, s4, s5, b + 32, row, c + 32)
  } else if (q == 3) {
    addCombination(m, s0, s1, s2, s3, s4, s5, b, row, c)
    addLastCombination(m, s0, s1, s2, s3, s4, s5, b + 16, row, c + 16)
  } else if (q == 9) {
    addCombination(m, s0, s1, s2, s3, s4, s5, b, row, c)
    addCombination(m, s0, s1, s2, s3, s4, s5, b + 16, row, c + 16)
    addCombination(m, s0, s1, s2, s3, s4, s5, b + 32, row, c + 32)
    addCombination(m, s0, s1, s2, s3, s4, s5, b + 48, row, c + 48)
    addLastCombination(m, s0, s1, s2, s3, s4, s5, b + 64, row, c + 64)
  } else {
    const end = c + (row & ~15)
    for (; c < end; b += 16, c += 16) addCombination(m, s0, s1, s2, s3, s4, s5, b, row, c)
    if (q & 1) addLastCombination(m, s0, s1, s2, s3, s4, s5, b, row, c)
  }
}

/** C (p × q) += Aᵀ B, with A (m × p) and B (m × q). m is 2, 3 or 6. */
@inline
export function addTransposedProduct(m: i32, a: usize, p: i32, b: usize, q: i32, c: usize): void {
  const across = (<usize>q) << 3
  for (const end = a + ((<usize>p) << 3); a < end; a += 8, c += across) addRow(m, a, (<usize>p) << 3, b, q, c)
}

/** C (p × q) += Aᵀ B for any m, row after row of A and B. */
export function addTransposedProductByRows(m: i32, a: usize, p: i32, b: usize, q: i32, c: usize): void {
  for (let r = 0; r < m; r++, b += (<usize>q) << 3) {
    let at = c
    for (let i = 0; i < p; i++, a += 8) {
      const factor = load<f64>(a)
      for (let j = 0; j < q; j++, at += 8) store<f64>(at, load<f64>(at) + factor * load<f64>(b + (j << 3)))
    }
  }
}

/** C (p × p) += Aᵀ A for any m: each sum is taken before it is added. */
export function addGramByRows(m: i32, a: usize, p: i32, c: usize): void {
  const row = (<usize>p) << 3
  for (let i = 0; i < p; i++)
    for (let j = 0; j < p; j++, c += 8) {
      let sum: f64 = 0
      for (let r = 0, at = a; r < m; r++, at += row) sum += load<f64>(at + (i << 3)) * load<f64>(at + (j << 3))
      store<f64>(c, load<f64>(c) + sum)
    }
}
