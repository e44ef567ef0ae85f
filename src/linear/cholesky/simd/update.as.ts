// AssemblyScript. The update of one block column of L by another, C(i) ← C(i) − A(i) Bᵀ; the definition is
// ../ops/update.ts. Blocks are stored by columns, so that C's column s takes A's column t times the number B(s, t).

import { nth } from './plan.as'

/**
 * Entries `entry` … `end` − 1 of a column (their rows at rows[entry]), whose blocks lie one behind the other from `a` on;
 * the first of them is B. place[i] is the address of C(i).
 */
export function update6_fp64(rows: usize, end: usize, place: usize, a: usize): void {
  const b = a
  for (; rows < end; rows += 4, a += 288) {
    const c = nth(place, load<u32>(rows))
    threeColumns(a, b, c)
    threeColumns(a, b + 24, c + 144)
  }
}

/** Three columns of C of six numbers each, in nine vectors. */
@inline
function threeColumns(a: usize, b: usize, c: usize): void {
  let c00 = v128.load(c)
  let c01 = v128.load(c, 16)
  let c02 = v128.load(c, 32)
  let c10 = v128.load(c, 48)
  let c11 = v128.load(c, 64)
  let c12 = v128.load(c, 80)
  let c20 = v128.load(c, 96)
  let c21 = v128.load(c, 112)
  let c22 = v128.load(c, 128)
  for (const end = a + 288; a < end; a += 48, b += 48) {
    const a0 = v128.load(a)
    const a1 = v128.load(a, 16)
    const a2 = v128.load(a, 32)
    const b01 = v128.load(b)
    const b0 = v128.shuffle<i64>(b01, b01, 0, 0)
    c00 = f64x2.sub(c00, f64x2.mul(a0, b0))
    c01 = f64x2.sub(c01, f64x2.mul(a1, b0))
    c02 = f64x2.sub(c02, f64x2.mul(a2, b0))
    const b1 = v128.shuffle<i64>(b01, b01, 1, 1)
    c10 = f64x2.sub(c10, f64x2.mul(a0, b1))
    c11 = f64x2.sub(c11, f64x2.mul(a1, b1))
    c12 = f64x2.sub(c12, f64x2.mul(a2, b1))
    const b2 = v128.load64_splat(b, 16)
    c20 = f64x2.sub(c20, f64x2.mul(a0, b2))
    c21 = f64x2.sub(c21, f64x2.mul(a1, b2))
    c22 = f64x2.sub(c22, f64x2.mul(a2, b2))
  }
  v128.store(c, c00)
  v128.store(c, c01, 16)
  v128.store(c, c02, 32)
  v128.store(c, c10, 48)
  v128.store(c, c11, 64)
  v128.store(c, c12, 80)
  v128.store(c, c20, 96)
  v128.store(c, c21, 112)
  v128.store(c, c22, 128)
}

/**
 * As update6_fp64. Two columns of C fill three vectors: rows 0–3 of one, 4–5 and 0–1 of both, 2–5 of the other. Numbers of B
 * are loaded by twos and spread by shuffles: V8 puts loads before arithmetic, and one per factor would not stay in registers.
 */
export function update6_fp32(rows: usize, end: usize, place: usize, a: usize): void {
  const first = a
  for (; rows < end; rows += 4) {
    const c = nth(place, load<u32>(rows))
    let c0 = v128.load(c)
    let c1 = v128.load(c, 16)
    let c2 = v128.load(c, 32)
    let c3 = v128.load(c, 48)
    let c4 = v128.load(c, 64)
    let c5 = v128.load(c, 80)
    let c6 = v128.load(c, 96)
    let c7 = v128.load(c, 112)
    let c8 = v128.load(c, 128)
    let b = first
    for (const last = a + 144; a < last; a += 24, b += 24) {
      const low = v128.load(a)
      const high = v128.load(a, 8)
      const both = v128.shuffle<i64>(high, low, 1, 2)
      const b01 = v128.load64_splat(b)
      c0 = f32x4.sub(c0, f32x4.mul(low, v128.shuffle<i32>(b01, b01, 0, 0, 0, 0)))
      c1 = f32x4.sub(c1, f32x4.mul(both, v128.shuffle<i32>(b01, b01, 0, 0, 1, 1)))
      c2 = f32x4.sub(c2, f32x4.mul(high, v128.shuffle<i32>(b01, b01, 1, 1, 1, 1)))
      const b23 = v128.load64_splat(b, 8)
      c3 = f32x4.sub(c3, f32x4.mul(low, v128.shuffle<i32>(b23, b23, 0, 0, 0, 0)))
      c4 = f32x4.sub(c4, f32x4.mul(both, v128.shuffle<i32>(b23, b23, 0, 0, 1, 1)))
      c5 = f32x4.sub(c5, f32x4.mul(high, v128.shuffle<i32>(b23, b23, 1, 1, 1, 1)))
      const b45 = v128.load64_splat(b, 16)
      c6 = f32x4.sub(c6, f32x4.mul(low, v128.shuffle<i32>(b45, b45, 0, 0, 0, 0)))
      c7 = f32x4.sub(c7, f32x4.mul(both, v128.shuffle<i32>(b45, b45, 0, 0, 1, 1)))
      c8 = f32x4.sub(c8, f32x4.mul(high, v128.shuffle<i32>(b45, b45, 1, 1, 1, 1)))
    }
    v128.store(c, c0)
    v128.store(c, c1, 16)
    v128.store(c, c2, 32)
    v128.store(c, c3, 48)
    v128.store(c, c4, 64)
    v128.store(c, c5, 80)
    v128.store(c, c6, 96)
    v128.store(c, c7, 112)
    v128.store(c, c8, 128)
  }
}

/** 3 × 3 blocks whose columns are padded to four numbers; B stays in nine vectors. */
export function update3_fp32(rows: usize, end: usize, place: usize, a: usize): void {
  const b00 = v128.load32_splat(a)
  const b10 = v128.load32_splat(a, 4)
  const b20 = v128.load32_splat(a, 8)
  const b01 = v128.load32_splat(a, 16)
  const b11 = v128.load32_splat(a, 20)
  const b21 = v128.load32_splat(a, 24)
  const b02 = v128.load32_splat(a, 32)
  const b12 = v128.load32_splat(a, 36)
  const b22 = v128.load32_splat(a, 40)
  for (; rows < end; rows += 4, a += 48) {
    const c = nth(place, load<u32>(rows))
    const a0 = v128.load(a)
    const a1 = v128.load(a, 16)
    const a2 = v128.load(a, 32)
    const c0 = f32x4.sub(v128.load(c), f32x4.mul(a0, b00))
    const c1 = f32x4.sub(v128.load(c, 16), f32x4.mul(a0, b10))
    const c2 = f32x4.sub(v128.load(c, 32), f32x4.mul(a0, b20))
    v128.store(c, f32x4.sub(f32x4.sub(c0, f32x4.mul(a1, b01)), f32x4.mul(a2, b02)))
    v128.store(c, f32x4.sub(f32x4.sub(c1, f32x4.mul(a1, b11)), f32x4.mul(a2, b12)), 16)
    v128.store(c, f32x4.sub(f32x4.sub(c2, f32x4.mul(a1, b21)), f32x4.mul(a2, b22)), 32)
  }
}

/** As update3_fp32, the columns in two vectors each. */
export function update3_fp64(rows: usize, end: usize, place: usize, a: usize): void {
  const b00 = v128.load64_splat(a)
  const b10 = v128.load64_splat(a, 8)
  const b20 = v128.load64_splat(a, 16)
  const b01 = v128.load64_splat(a, 32)
  const b11 = v128.load64_splat(a, 40)
  const b21 = v128.load64_splat(a, 48)
  const b02 = v128.load64_splat(a, 64)
  const b12 = v128.load64_splat(a, 72)
  const b22 = v128.load64_splat(a, 80)
  for (; rows < end; rows += 4) {
    const c = nth(place, load<u32>(rows))
    for (const middle = a + 32, half = c - a; a < middle; a += 16) {
      const a0 = v128.load(a)
      const a1 = v128.load(a, 32)
      const a2 = v128.load(a, 64)
      const to = half + a
      const c0 = f64x2.sub(f64x2.sub(v128.load(to), f64x2.mul(a0, b00)), f64x2.mul(a1, b01))
      v128.store(to, f64x2.sub(c0, f64x2.mul(a2, b02)))
      const c1 = f64x2.sub(f64x2.sub(v128.load(to, 32), f64x2.mul(a0, b10)), f64x2.mul(a1, b11))
      v128.store(to, f64x2.sub(c1, f64x2.mul(a2, b12)), 32)
      const c2 = f64x2.sub(f64x2.sub(v128.load(to, 64), f64x2.mul(a0, b20)), f64x2.mul(a1, b21))
      v128.store(to, f64x2.sub(c2, f64x2.mul(a2, b22)), 64)
    }
    a += 64
  }
}

/** Blocks of any size: `heights` are the rows they are stored with, by position; B is width × depth, its columns `across` apart. */
export function update<T>(
  rows: usize,
  end: usize,
  place: usize,
  a: usize,
  heights: usize,
  width: usize,
  depth: usize,
  across: usize,
): void {
  const b = a
  for (; rows < end; rows += 4) {
    const i = <usize>load<u32>(rows)
    const height = nth(heights, i) * sizeof<T>()
    let c = nth(place, i)
    for (let s: usize = 0; s < width; s++)
      for (let r: usize = 0; r < height; r += 16, c += 16) {
        let sum = v128.load(c)
        let factor = b + s * sizeof<T>()
        for (let t: usize = 0, from = a + r; t < depth; t++, from += height, factor += across)
          sum = v128.sub<T>(sum, v128.mul<T>(v128.load(from), v128.splat<T>(load<T>(factor))))
        v128.store(c, sum)
      }
    a += height * depth
  }
}
