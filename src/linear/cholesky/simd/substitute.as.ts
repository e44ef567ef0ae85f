// AssemblyScript. x = (H + diag(damping))⁻¹ b with a factor of factor.as.ts, in one call; the definition is
// ../ops/substitute.ts. Blocks are stored by columns: the forward sweep adds columns times numbers, the backward sweep keeps one
// vector of partial sums per column.

import {
  BLOCK_AT,
  COLUMN_START,
  COUNT,
  DIMS,
  HEIGHT,
  nth,
  ORIGINAL,
  RECIPROCAL,
  ROW_INDEX,
  SCALE,
  UNIFORM,
  word,
  WORK_AT,
} from './plan.as'

/** From the fp64 vector at `b` to the one at `x`, both in the original order; they may be the same. */
export function solveWith<T>(plan: usize, b: usize, x: usize): void {
  const unit = sizeof<T>() == 4 ? largest(plan, b) : 1
  takeIn<T>(plan, b, 1 / unit)
  const count = word(plan, COUNT)
  const uniform = word(plan, UNIFORM)
  for (let k: usize = 0; k < count; k++) {
    finishForward<T>(plan, k)
    const first = nth(word(plan, COLUMN_START), k) + 1
    const rows = word(plan, ROW_INDEX)
    const from = rows + (first << 2)
    const to = rows + (nth(word(plan, COLUMN_START), k + 1) << 2)
    const a = nth(word(plan, BLOCK_AT), first)
    const own = nth(word(plan, WORK_AT), k)
    if (uniform == 6) {
      if (sizeof<T>() == 4) forward6_fp32(from, to, a, word(plan, WORK_AT), own)
      else forward6_fp64(from, to, a, word(plan, WORK_AT), own)
    } else if (uniform == 3) {
      if (sizeof<T>() == 4) forward3_fp32(from, to, a, word(plan, WORK_AT), own)
      else forward3_fp64(from, to, a, word(plan, WORK_AT), own)
    } else forward<T>(plan, from, to, a, own, nth(word(plan, DIMS), k))
  }
  for (let k = count; k-- > 0; ) {
    const first = nth(word(plan, COLUMN_START), k) + 1
    const rows = word(plan, ROW_INDEX)
    const from = rows + (first << 2)
    const to = rows + (nth(word(plan, COLUMN_START), k + 1) << 2)
    const a = nth(word(plan, BLOCK_AT), first)
    const own = nth(word(plan, WORK_AT), k)
    if (uniform == 6) {
      if (sizeof<T>() == 4) backward6_fp32(from, to, a, word(plan, WORK_AT), own)
      else backward6_fp64(from, to, a, word(plan, WORK_AT), own)
    } else if (uniform == 3) {
      if (sizeof<T>() == 4) backward3_fp32(from, to, a, word(plan, WORK_AT), own)
      else backward3_fp64(from, to, a, word(plan, WORK_AT), own)
    } else backward<T>(plan, from, to, a, own, nth(word(plan, DIMS), k))
    finishBackward<T>(plan, k)
  }
  giveOut<T>(plan, x, unit)
}

/** The largest entry of the scaled right-hand side, by which it is divided before it is rounded; 1 for none. */
function largest(plan: usize, b: usize): f64 {
  const scale = word(plan, SCALE)
  const count = word(plan, COUNT)
  let most: f64 = 0
  for (let k: usize = 0; k < count; k++) {
    const at = nth(word(plan, ORIGINAL), k) << 3
    const end = at + (nth(word(plan, DIMS), k) << 3)
    for (let i = at; i < end; i += 8) most = Math.max(most, Math.abs(load<f64>(b + i) * load<f64>(scale + i)))
  }
  return most > 0 ? most : 1
}

function takeIn<T>(plan: usize, b: usize, factor: f64): void {
  const scale = word(plan, SCALE)
  const count = word(plan, COUNT)
  for (let k: usize = 0; k < count; k++) {
    const at = nth(word(plan, ORIGINAL), k) << 3
    const end = at + (nth(word(plan, DIMS), k) << 3)
    let to = nth(word(plan, WORK_AT), k)
    for (let i = at; i < end; i += 8, to += sizeof<T>()) {
      if (sizeof<T>() == 4) store<T>(to, <T>(load<f64>(b + i) * load<f64>(scale + i) * factor))
      else store<T>(to, <T>load<f64>(b + i))
    }
  }
}

function giveOut<T>(plan: usize, x: usize, factor: f64): void {
  const scale = word(plan, SCALE)
  const count = word(plan, COUNT)
  for (let k: usize = 0; k < count; k++) {
    const at = nth(word(plan, ORIGINAL), k) << 3
    const end = at + (nth(word(plan, DIMS), k) << 3)
    let from = nth(word(plan, WORK_AT), k)
    for (let i = at; i < end; i += 8, from += sizeof<T>()) {
      if (sizeof<T>() == 4) store<f64>(x + i, <f64>load<T>(from) * load<f64>(scale + i) * factor)
      else store<f64>(x + i, <f64>load<T>(from))
    }
  }
}

/** x(k) ← G⁻¹ x(k) */
@inline
function finishForward<T>(plan: usize, k: usize): void {
  const d = nth(word(plan, DIMS), k)
  const height = nth(word(plan, HEIGHT), k) * sizeof<T>()
  const x = nth(word(plan, WORK_AT), k)
  const reciprocal = x + word(plan, RECIPROCAL)
  let column = nth(word(plan, BLOCK_AT), nth(word(plan, COLUMN_START), k))
  const end = d * sizeof<T>()
  for (let s: usize = 0; s < end; s += sizeof<T>(), column += height) {
    const value = load<T>(x + s) * load<T>(reciprocal + s)
    store<T>(x + s, value)
    for (let r = s + sizeof<T>(); r < end; r += sizeof<T>())
      store<T>(x + r, load<T>(x + r) - load<T>(column + r) * value)
  }
}

/** x(k) ← G⁻ᵀ x(k) */
@inline
function finishBackward<T>(plan: usize, k: usize): void {
  const d = nth(word(plan, DIMS), k)
  const height = nth(word(plan, HEIGHT), k) * sizeof<T>()
  const x = nth(word(plan, WORK_AT), k)
  const reciprocal = x + word(plan, RECIPROCAL)
  const end = d * sizeof<T>()
  let column = nth(word(plan, BLOCK_AT), nth(word(plan, COLUMN_START), k)) + d * height
  for (let s = end; s > 0; ) {
    s -= sizeof<T>()
    column -= height
    let sum = load<T>(x + s)
    for (let r = s + sizeof<T>(); r < end; r += sizeof<T>()) sum -= load<T>(column + r) * load<T>(x + r)
    store<T>(x + s, sum * load<T>(reciprocal + s))
  }
}

function forward<T>(plan: usize, rows: usize, end: usize, a: usize, own: usize, d: usize): void {
  const workAt = word(plan, WORK_AT)
  const heights = word(plan, HEIGHT)
  for (; rows < end; rows += 4) {
    const i = <usize>load<u32>(rows)
    const x = nth(workAt, i)
    const height = nth(heights, i) * sizeof<T>()
    for (let r: usize = 0; r < height; r += 16) {
      let sum = v128.load(x + r)
      for (let t: usize = 0, from = a + r, by = own; t < d; t++, from += height, by += sizeof<T>())
        sum = v128.sub<T>(sum, v128.mul<T>(v128.load(from), v128.splat<T>(load<T>(by))))
      v128.store(x + r, sum)
    }
    a += height * d
  }
}

function backward<T>(plan: usize, rows: usize, end: usize, a: usize, own: usize, d: usize): void {
  const workAt = word(plan, WORK_AT)
  const heights = word(plan, HEIGHT)
  for (; rows < end; rows += 4) {
    const i = <usize>load<u32>(rows)
    const x = nth(workAt, i)
    const height = nth(heights, i) * sizeof<T>()
    for (let t: usize = 0, to = own; t < d; t++, a += height, to += sizeof<T>()) {
      let sum = v128.splat<T>(<T>0)
      for (let r: usize = 0; r < height; r += 16)
        sum = v128.add<T>(sum, v128.mul<T>(v128.load(a + r), v128.load(x + r)))
      store<T>(to, load<T>(to) - acrossLanes<T>(sum))
    }
  }
}

@inline
function acrossLanes<T>(v: v128): T {
  if (sizeof<T>() == 8) return <T>(f64x2.extract_lane(v, 0) + f64x2.extract_lane(v, 1))
  const pairs = f32x4.add(v, v128.shuffle<i64>(v, v, 1, 0))
  return <T>(f32x4.extract_lane(pairs, 0) + f32x4.extract_lane(pairs, 1))
}

/** Lane sums of two vectors, side by side. */
@inline
function pairSum_fp64(u: v128, v: v128): v128 {
  return f64x2.add(v128.shuffle<i64>(u, v, 0, 2), v128.shuffle<i64>(u, v, 1, 3))
}

function forward6_fp64(rows: usize, end: usize, a: usize, workAt: usize, own: usize): void {
  const x0 = v128.load64_splat(own)
  const x1 = v128.load64_splat(own, 8)
  const x2 = v128.load64_splat(own, 16)
  const x3 = v128.load64_splat(own, 24)
  const x4 = v128.load64_splat(own, 32)
  const x5 = v128.load64_splat(own, 40)
  for (; rows < end; rows += 4, a += 288) {
    const y = nth(workAt, load<u32>(rows))
    for (let r: usize = 0; r < 48; r += 16) {
      const from = a + r
      const even = f64x2.add(
        f64x2.add(f64x2.mul(v128.load(from), x0), f64x2.mul(v128.load(from, 96), x2)),
        f64x2.mul(v128.load(from, 192), x4),
      )
      const odd = f64x2.add(
        f64x2.add(f64x2.mul(v128.load(from, 48), x1), f64x2.mul(v128.load(from, 144), x3)),
        f64x2.mul(v128.load(from, 240), x5),
      )
      v128.store(y + r, f64x2.sub(v128.load(y + r), f64x2.add(even, odd)))
    }
  }
}

function backward6_fp64(rows: usize, end: usize, a: usize, workAt: usize, own: usize): void {
  const zero = f64x2.splat(0)
  let s0 = zero
  let s1 = zero
  let s2 = zero
  let s3 = zero
  let s4 = zero
  let s5 = zero
  for (; rows < end; rows += 4, a += 288) {
    const y = nth(workAt, load<u32>(rows))
    const y0 = v128.load(y)
    const y1 = v128.load(y, 16)
    const y2 = v128.load(y, 32)
    s0 = f64x2.add(s0, dot6_fp64(a, y0, y1, y2))
    s1 = f64x2.add(s1, dot6_fp64(a + 48, y0, y1, y2))
    s2 = f64x2.add(s2, dot6_fp64(a + 96, y0, y1, y2))
    s3 = f64x2.add(s3, dot6_fp64(a + 144, y0, y1, y2))
    s4 = f64x2.add(s4, dot6_fp64(a + 192, y0, y1, y2))
    s5 = f64x2.add(s5, dot6_fp64(a + 240, y0, y1, y2))
  }
  v128.store(own, f64x2.sub(v128.load(own), pairSum_fp64(s0, s1)))
  v128.store(own, f64x2.sub(v128.load(own, 16), pairSum_fp64(s2, s3)), 16)
  v128.store(own, f64x2.sub(v128.load(own, 32), pairSum_fp64(s4, s5)), 32)
}

@inline
function dot6_fp64(a: usize, y0: v128, y1: v128, y2: v128): v128 {
  return f64x2.add(
    f64x2.add(f64x2.mul(v128.load(a), y0), f64x2.mul(v128.load(a, 16), y1)),
    f64x2.mul(v128.load(a, 32), y2),
  )
}

/** Two columns of a block fill three vectors: rows 0–3 of one, 4–5 and 0–1 of both, 2–5 of the other. */
function forward6_fp32(rows: usize, end: usize, a: usize, workAt: usize, own: usize): void {
  const x01 = v128.load64_splat(own)
  const x23 = v128.load64_splat(own, 8)
  const x45 = v128.load64_splat(own, 16)
  const x0 = v128.shuffle<i32>(x01, x01, 0, 0, 0, 0)
  const y0 = v128.shuffle<i32>(x01, x01, 0, 0, 1, 1)
  const x1 = v128.shuffle<i32>(x01, x01, 1, 1, 1, 1)
  const x2 = v128.shuffle<i32>(x23, x23, 0, 0, 0, 0)
  const y2 = v128.shuffle<i32>(x23, x23, 0, 0, 1, 1)
  const x3 = v128.shuffle<i32>(x23, x23, 1, 1, 1, 1)
  const x4 = v128.shuffle<i32>(x45, x45, 0, 0, 0, 0)
  const y4 = v128.shuffle<i32>(x45, x45, 0, 0, 1, 1)
  const x5 = v128.shuffle<i32>(x45, x45, 1, 1, 1, 1)
  for (; rows < end; rows += 4, a += 144) {
    const y = nth(workAt, load<u32>(rows))
    const low = f32x4.add(
      f32x4.add(f32x4.mul(v128.load(a), x0), f32x4.mul(v128.load(a, 48), x2)),
      f32x4.mul(v128.load(a, 96), x4),
    )
    const both = f32x4.add(
      f32x4.add(f32x4.mul(v128.load(a, 16), y0), f32x4.mul(v128.load(a, 64), y2)),
      f32x4.mul(v128.load(a, 112), y4),
    )
    const high = f32x4.add(
      f32x4.add(f32x4.mul(v128.load(a, 32), x1), f32x4.mul(v128.load(a, 80), x3)),
      f32x4.mul(v128.load(a, 128), x5),
    )
    // Rows 0–1 lie in low and the end of both, 2–3 in low and high, 4–5 in both and high.
    const first = f32x4.add(low, v128.shuffle<i64>(both, high, 1, 2))
    v128.store(y, f32x4.sub(v128.load(y), first))
    const last = f32x4.add(both, v128.shuffle<i64>(high, high, 1, 1))
    v128.store64_lane(y, f32x4.sub(v128.load64_zero(y, 16), last), 0, 16)
  }
}

function backward6_fp32(rows: usize, end: usize, a: usize, workAt: usize, own: usize): void {
  const zero = f32x4.splat(0)
  let s0 = zero
  let s1 = zero
  let s2 = zero
  let s3 = zero
  let s4 = zero
  let s5 = zero
  let s6 = zero
  let s7 = zero
  let s8 = zero
  for (; rows < end; rows += 4, a += 144) {
    const y = nth(workAt, load<u32>(rows))
    const low = v128.load(y)
    const high = v128.load(y, 8)
    const both = v128.shuffle<i64>(high, low, 1, 2)
    s0 = f32x4.add(s0, f32x4.mul(v128.load(a), low))
    s1 = f32x4.add(s1, f32x4.mul(v128.load(a, 16), both))
    s2 = f32x4.add(s2, f32x4.mul(v128.load(a, 32), high))
    s3 = f32x4.add(s3, f32x4.mul(v128.load(a, 48), low))
    s4 = f32x4.add(s4, f32x4.mul(v128.load(a, 64), both))
    s5 = f32x4.add(s5, f32x4.mul(v128.load(a, 80), high))
    s6 = f32x4.add(s6, f32x4.mul(v128.load(a, 96), low))
    s7 = f32x4.add(s7, f32x4.mul(v128.load(a, 112), both))
    s8 = f32x4.add(s8, f32x4.mul(v128.load(a, 128), high))
  }
  subtractPair(own, s0, s1, s2)
  subtractPair(own + 8, s3, s4, s5)
  subtractPair(own + 16, s6, s7, s8)
}

/** x(t), x(t + 1) less what their two columns summed up. */
@inline
function subtractPair(x: usize, low: v128, both: v128, high: v128): void {
  const even = acrossLanes<f32>(low) + (f32x4.extract_lane(both, 0) + f32x4.extract_lane(both, 1))
  const odd = acrossLanes<f32>(high) + (f32x4.extract_lane(both, 2) + f32x4.extract_lane(both, 3))
  store<f32>(x, load<f32>(x) - even)
  store<f32>(x, load<f32>(x, 4) - odd, 4)
}

function forward3_fp32(rows: usize, end: usize, a: usize, workAt: usize, own: usize): void {
  const x0 = v128.load32_splat(own)
  const x1 = v128.load32_splat(own, 4)
  const x2 = v128.load32_splat(own, 8)
  for (; rows < end; rows += 4, a += 48) {
    const y = nth(workAt, load<u32>(rows))
    const sum = f32x4.add(
      f32x4.add(f32x4.mul(v128.load(a), x0), f32x4.mul(v128.load(a, 16), x1)),
      f32x4.mul(v128.load(a, 32), x2),
    )
    v128.store(y, f32x4.sub(v128.load(y), sum))
  }
}

function backward3_fp32(rows: usize, end: usize, a: usize, workAt: usize, own: usize): void {
  let s0 = f32x4.splat(0)
  let s1 = s0
  let s2 = s0
  for (; rows < end; rows += 4, a += 48) {
    const y = v128.load(nth(workAt, load<u32>(rows)))
    s0 = f32x4.add(s0, f32x4.mul(v128.load(a), y))
    s1 = f32x4.add(s1, f32x4.mul(v128.load(a, 16), y))
    s2 = f32x4.add(s2, f32x4.mul(v128.load(a, 32), y))
  }
  store<f32>(own, load<f32>(own) - acrossLanes<f32>(s0))
  store<f32>(own, load<f32>(own, 4) - acrossLanes<f32>(s1), 4)
  store<f32>(own, load<f32>(own, 8) - acrossLanes<f32>(s2), 8)
}

function forward3_fp64(rows: usize, end: usize, a: usize, workAt: usize, own: usize): void {
  const x0 = v128.load64_splat(own)
  const x1 = v128.load64_splat(own, 8)
  const x2 = v128.load64_splat(own, 16)
  for (; rows < end; rows += 4, a += 96) {
    const y = nth(workAt, load<u32>(rows))
    const low = f64x2.add(
      f64x2.add(f64x2.mul(v128.load(a), x0), f64x2.mul(v128.load(a, 32), x1)),
      f64x2.mul(v128.load(a, 64), x2),
    )
    const high = f64x2.add(
      f64x2.add(f64x2.mul(v128.load(a, 16), x0), f64x2.mul(v128.load(a, 48), x1)),
      f64x2.mul(v128.load(a, 80), x2),
    )
    v128.store(y, f64x2.sub(v128.load(y), low))
    v128.store(y, f64x2.sub(v128.load(y, 16), high), 16)
  }
}

function backward3_fp64(rows: usize, end: usize, a: usize, workAt: usize, own: usize): void {
  let s0 = f64x2.splat(0)
  let s1 = s0
  let s2 = s0
  for (; rows < end; rows += 4, a += 96) {
    const y = nth(workAt, load<u32>(rows))
    const low = v128.load(y)
    const high = v128.load(y, 16)
    s0 = f64x2.add(s0, f64x2.add(f64x2.mul(v128.load(a), low), f64x2.mul(v128.load(a, 16), high)))
    s1 = f64x2.add(s1, f64x2.add(f64x2.mul(v128.load(a, 32), low), f64x2.mul(v128.load(a, 48), high)))
    s2 = f64x2.add(s2, f64x2.add(f64x2.mul(v128.load(a, 64), low), f64x2.mul(v128.load(a, 80), high)))
  }
  v128.store(own, f64x2.sub(v128.load(own), pairSum_fp64(s0, s1)))
  store<f64>(own, load<f64>(own, 16) - acrossLanes<f64>(s2), 16)
}
