// AssemblyScript. x = (H + diag(damping))⁻¹ b with a factor of factor.as.ts, in one call; the definition is
// ../ops/substitute.ts. Blocks are stored by columns: the forward sweep adds columns times numbers, the backward sweep keeps one
// vector of partial sums per column. The backward sweep walks L from its last block to its first, for a stream that only falls
// is fetched ahead as one that only rises; panels read upwards in falling order are not.

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
  SCALARS,
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
  const starts = word(plan, COLUMN_START)
  const rows = word(plan, ROW_INDEX)
  const blocks = word(plan, BLOCK_AT)
  const workAt = word(plan, WORK_AT)
  const reciprocals = word(plan, RECIPROCAL)
  for (let k: usize = 0; k < count; k++) {
    const first = nth(starts, k)
    const from = rows + ((first + 1) << 2)
    const to = rows + (nth(starts, k + 1) << 2)
    const g = nth(blocks, first)
    const own = nth(workAt, k)
    if (uniform == 6) {
      if (sizeof<T>() == 4) forward6_fp32(from, to, g, workAt, own, own + reciprocals)
      else forward6_fp64(from, to, g, workAt, own, own + reciprocals)
    } else if (uniform == 3) {
      if (sizeof<T>() == 4) forward3_fp32(from, to, g, workAt, own, own + reciprocals)
      else forward3_fp64(from, to, g, workAt, own, own + reciprocals)
    } else {
      finishForward<T>(plan, k)
      forward<T>(plan, from, to, nth(blocks, first + 1), own, nth(word(plan, DIMS), k))
    }
  }
  for (let k = count; k-- > 0; ) {
    const first = nth(starts, k)
    const from = rows + ((first + 1) << 2)
    const to = rows + (nth(starts, k + 1) << 2)
    const g = nth(blocks, first)
    const own = nth(workAt, k)
    if (uniform == 6) {
      if (sizeof<T>() == 4) backward6_fp32(from, to, g, workAt, own, own + reciprocals)
      else backward6_fp64(from, to, g, workAt, own, own + reciprocals)
    } else if (uniform == 3) {
      if (sizeof<T>() == 4) backward3_fp32(from, to, g, workAt, own, own + reciprocals)
      else backward3_fp64(from, to, g, workAt, own, own + reciprocals)
    } else {
      backward<T>(plan, from, to, nth(blocks, first + 1), own, nth(word(plan, DIMS), k))
      finishBackward<T>(plan, k)
    }
  }
  giveOut<T>(plan, x, unit)
}

/** The largest entry of the scaled right-hand side, by which it is divided before it is rounded; 1 for none. */
function largest(plan: usize, b: usize): f64 {
  const scale = word(plan, SCALE)
  const bytes = word(plan, SCALARS) << 3
  let most = f64x2.splat(0)
  const paired = bytes & ~15
  for (let i: usize = 0; i < paired; i += 16)
    most = f64x2.pmax(most, f64x2.abs(f64x2.mul(v128.load(b + i), v128.load(scale + i))))
  let largest = Math.max(f64x2.extract_lane(most, 0), f64x2.extract_lane(most, 1))
  for (let i = paired; i < bytes; i += 8)
    largest = Math.max(largest, Math.abs(load<f64>(b + i) * load<f64>(scale + i)))
  return largest > 0 ? largest : 1
}

function takeIn<T>(plan: usize, b: usize, factor: f64): void {
  const scale = word(plan, SCALE)
  const count = word(plan, COUNT)
  const original = word(plan, ORIGINAL)
  const dims = word(plan, DIMS)
  const workAt = word(plan, WORK_AT)
  for (let k: usize = 0; k < count; k++) {
    const at = nth(original, k) << 3
    const end = at + (nth(dims, k) << 3)
    let to = nth(workAt, k)
    for (let i = at; i < end; i += 8, to += sizeof<T>()) {
      if (sizeof<T>() == 4) store<T>(to, <T>(load<f64>(b + i) * load<f64>(scale + i) * factor))
      else store<T>(to, <T>load<f64>(b + i))
    }
  }
}

function giveOut<T>(plan: usize, x: usize, factor: f64): void {
  const scale = word(plan, SCALE)
  const count = word(plan, COUNT)
  const original = word(plan, ORIGINAL)
  const dims = word(plan, DIMS)
  const workAt = word(plan, WORK_AT)
  for (let k: usize = 0; k < count; k++) {
    const at = nth(original, k) << 3
    const end = at + (nth(dims, k) << 3)
    let from = nth(workAt, k)
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

/** Three numbers as they lie in the work vector, the fourth 0. */
@inline
function putThree<T>(to: usize, x0: T, x1: T, x2: T): void {
  if (sizeof<T>() == 8) {
    v128.store(to, f64x2.replace_lane(f64x2.splat(<f64>x0), 1, <f64>x1))
    v128.store(to, f64x2.replace_lane(f64x2.splat(0), 0, <f64>x2), 16)
  } else {
    const low = f32x4.replace_lane(f32x4.replace_lane(f32x4.splat(0), 0, <f32>x0), 1, <f32>x1)
    v128.store(to, f32x4.replace_lane(low, 2, <f32>x2))
  }
}

/** Six numbers as they lie in the work vector. They are read as vectors next: single stores would hold those loads up. */
@inline
function putSix<T>(to: usize, x0: T, x1: T, x2: T, x3: T, x4: T, x5: T): void {
  if (sizeof<T>() == 8) {
    v128.store(to, f64x2.replace_lane(f64x2.splat(<f64>x0), 1, <f64>x1))
    v128.store(to, f64x2.replace_lane(f64x2.splat(<f64>x2), 1, <f64>x3), 16)
    v128.store(to, f64x2.replace_lane(f64x2.splat(<f64>x4), 1, <f64>x5), 32)
  } else {
    const low = f32x4.replace_lane(f32x4.splat(<f32>x0), 1, <f32>x1)
    v128.store(to, f32x4.replace_lane(f32x4.replace_lane(low, 2, <f32>x2), 3, <f32>x3))
    v128.store64_lane(to, f32x4.replace_lane(f32x4.splat(<f32>x4), 1, <f32>x5), 0, 16)
  }
}

/** Number (r, t) of a block in columns of `height`. */
@inline
function at<T>(block: usize, height: usize, r: usize, t: usize): T {
  return load<T>(block + (t * height + r) * sizeof<T>())
}

/** x(k) ← G⁻¹ x(k) for six numbers. */
@inline
function diagonalForward6<T>(g: usize, own: usize, inverse: usize): void {
  const one: usize = sizeof<T>()
  const x0 = load<T>(own) * load<T>(inverse)
  const x1 = (load<T>(own + one) - at<T>(g, 6, 1, 0) * x0) * load<T>(inverse + one)
  const x2 = (load<T>(own + 2 * one) - at<T>(g, 6, 2, 0) * x0 - at<T>(g, 6, 2, 1) * x1) * load<T>(inverse + 2 * one)
  const s3 = load<T>(own + 3 * one) - at<T>(g, 6, 3, 0) * x0 - at<T>(g, 6, 3, 1) * x1
  const x3 = (s3 - at<T>(g, 6, 3, 2) * x2) * load<T>(inverse + 3 * one)
  const s4 = load<T>(own + 4 * one) - at<T>(g, 6, 4, 0) * x0 - at<T>(g, 6, 4, 1) * x1
  const x4 = (s4 - at<T>(g, 6, 4, 2) * x2 - at<T>(g, 6, 4, 3) * x3) * load<T>(inverse + 4 * one)
  const s5 = load<T>(own + 5 * one) - at<T>(g, 6, 5, 0) * x0 - at<T>(g, 6, 5, 1) * x1 - at<T>(g, 6, 5, 2) * x2
  const x5 = (s5 - at<T>(g, 6, 5, 3) * x3 - at<T>(g, 6, 5, 4) * x4) * load<T>(inverse + 5 * one)
  putSix<T>(own, x0, x1, x2, x3, x4, x5)
}

/** x(k) ← G⁻ᵀ (x(k) − s) for six numbers. */
@inline
function diagonalBackward6<T>(g: usize, own: usize, inverse: usize, s0: T, s1: T, s2: T, s3: T, s4: T, s5: T): void {
  const one: usize = sizeof<T>()
  const x5 = (load<T>(own + 5 * one) - s5) * load<T>(inverse + 5 * one)
  const x4 = (load<T>(own + 4 * one) - s4 - at<T>(g, 6, 5, 4) * x5) * load<T>(inverse + 4 * one)
  const t3 = load<T>(own + 3 * one) - s3 - at<T>(g, 6, 5, 3) * x5
  const x3 = (t3 - at<T>(g, 6, 4, 3) * x4) * load<T>(inverse + 3 * one)
  const t2 = load<T>(own + 2 * one) - s2 - at<T>(g, 6, 5, 2) * x5 - at<T>(g, 6, 4, 2) * x4
  const x2 = (t2 - at<T>(g, 6, 3, 2) * x3) * load<T>(inverse + 2 * one)
  const t1 = load<T>(own + one) - s1 - at<T>(g, 6, 5, 1) * x5 - at<T>(g, 6, 4, 1) * x4
  const x1 = (t1 - at<T>(g, 6, 3, 1) * x3 - at<T>(g, 6, 2, 1) * x2) * load<T>(inverse + one)
  const t0 = load<T>(own) - s0 - at<T>(g, 6, 5, 0) * x5 - at<T>(g, 6, 4, 0) * x4 - at<T>(g, 6, 3, 0) * x3
  const x0 = (t0 - at<T>(g, 6, 2, 0) * x2 - at<T>(g, 6, 1, 0) * x1) * load<T>(inverse)
  putSix<T>(own, x0, x1, x2, x3, x4, x5)
}

@inline
function diagonalForward3<T>(g: usize, own: usize, inverse: usize): void {
  const one: usize = sizeof<T>()
  const x0 = load<T>(own) * load<T>(inverse)
  const x1 = (load<T>(own + one) - at<T>(g, 4, 1, 0) * x0) * load<T>(inverse + one)
  const x2 = (load<T>(own + 2 * one) - at<T>(g, 4, 2, 0) * x0 - at<T>(g, 4, 2, 1) * x1) * load<T>(inverse + 2 * one)
  putThree<T>(own, x0, x1, x2)
}

@inline
function diagonalBackward3<T>(g: usize, own: usize, inverse: usize, s0: T, s1: T, s2: T): void {
  const one: usize = sizeof<T>()
  const x2 = (load<T>(own + 2 * one) - s2) * load<T>(inverse + 2 * one)
  const x1 = (load<T>(own + one) - s1 - at<T>(g, 4, 2, 1) * x2) * load<T>(inverse + one)
  const x0 = (load<T>(own) - s0 - at<T>(g, 4, 2, 0) * x2 - at<T>(g, 4, 1, 0) * x1) * load<T>(inverse)
  putThree<T>(own, x0, x1, x2)
}

export function forward6_fp64(rows: usize, end: usize, g: usize, workAt: usize, own: usize, inverse: usize): void {
  diagonalForward6<f64>(g, own, inverse)
  let a = g + 288
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

export function backward6_fp64(rows: usize, end: usize, g: usize, workAt: usize, own: usize, inverse: usize): void {
  let a = g + 288 + (end - rows) * 72
  const first = rows
  const zero = f64x2.splat(0)
  let s0 = zero
  let s1 = zero
  let s2 = zero
  let s3 = zero
  let s4 = zero
  let s5 = zero
  for (rows = end; rows > first; ) {
    rows -= 4
    a -= 288
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
  const t0 = acrossLanes<f64>(s0)
  const t1 = acrossLanes<f64>(s1)
  const t2 = acrossLanes<f64>(s2)
  const t3 = acrossLanes<f64>(s3)
  diagonalBackward6<f64>(g, own, inverse, t0, t1, t2, t3, acrossLanes<f64>(s4), acrossLanes<f64>(s5))
}

@inline
function dot6_fp64(a: usize, y0: v128, y1: v128, y2: v128): v128 {
  return f64x2.add(
    f64x2.add(f64x2.mul(v128.load(a), y0), f64x2.mul(v128.load(a, 16), y1)),
    f64x2.mul(v128.load(a, 32), y2),
  )
}

/** Two columns of a block fill three vectors: rows 0–3 of one, 4–5 and 0–1 of both, 2–5 of the other. */
export function forward6_fp32(rows: usize, end: usize, g: usize, workAt: usize, own: usize, inverse: usize): void {
  diagonalForward6<f32>(g, own, inverse)
  let a = g + 144
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

export function backward6_fp32(rows: usize, end: usize, g: usize, workAt: usize, own: usize, inverse: usize): void {
  let a = g + 144 + (end - rows) * 36
  const first = rows
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
  for (rows = end; rows > first; ) {
    rows -= 4
    a -= 144
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
  const t0 = acrossLanes<f32>(s0) + low2(s1)
  const t1 = acrossLanes<f32>(s2) + high2(s1)
  const t2 = acrossLanes<f32>(s3) + low2(s4)
  const t3 = acrossLanes<f32>(s5) + high2(s4)
  const t4 = acrossLanes<f32>(s6) + low2(s7)
  diagonalBackward6<f32>(g, own, inverse, t0, t1, t2, t3, t4, acrossLanes<f32>(s8) + high2(s7))
}

@inline
function low2(v: v128): f32 {
  return f32x4.extract_lane(v, 0) + f32x4.extract_lane(v, 1)
}

@inline
function high2(v: v128): f32 {
  return f32x4.extract_lane(v, 2) + f32x4.extract_lane(v, 3)
}

export function forward3_fp32(rows: usize, end: usize, g: usize, workAt: usize, own: usize, inverse: usize): void {
  diagonalForward3<f32>(g, own, inverse)
  let a = g + 48
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

export function backward3_fp32(rows: usize, end: usize, g: usize, workAt: usize, own: usize, inverse: usize): void {
  let a = g + 48 + (end - rows) * 12
  const first = rows
  let s0 = f32x4.splat(0)
  let s1 = s0
  let s2 = s0
  for (rows = end; rows > first; ) {
    rows -= 4
    a -= 48
    const y = v128.load(nth(workAt, load<u32>(rows)))
    s0 = f32x4.add(s0, f32x4.mul(v128.load(a), y))
    s1 = f32x4.add(s1, f32x4.mul(v128.load(a, 16), y))
    s2 = f32x4.add(s2, f32x4.mul(v128.load(a, 32), y))
  }
  diagonalBackward3<f32>(g, own, inverse, acrossLanes<f32>(s0), acrossLanes<f32>(s1), acrossLanes<f32>(s2))
}

export function forward3_fp64(rows: usize, end: usize, g: usize, workAt: usize, own: usize, inverse: usize): void {
  diagonalForward3<f64>(g, own, inverse)
  let a = g + 96
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

export function backward3_fp64(rows: usize, end: usize, g: usize, workAt: usize, own: usize, inverse: usize): void {
  let a = g + 96 + (end - rows) * 24
  const first = rows
  let s0 = f64x2.splat(0)
  let s1 = s0
  let s2 = s0
  for (rows = end; rows > first; ) {
    rows -= 4
    a -= 96
    const y = nth(workAt, load<u32>(rows))
    const low = v128.load(y)
    const high = v128.load(y, 16)
    s0 = f64x2.add(s0, f64x2.add(f64x2.mul(v128.load(a), low), f64x2.mul(v128.load(a, 16), high)))
    s1 = f64x2.add(s1, f64x2.add(f64x2.mul(v128.load(a, 32), low), f64x2.mul(v128.load(a, 48), high)))
    s2 = f64x2.add(s2, f64x2.add(f64x2.mul(v128.load(a, 64), low), f64x2.mul(v128.load(a, 80), high)))
  }
  diagonalBackward3<f64>(g, own, inverse, acrossLanes<f64>(s0), acrossLanes<f64>(s1), acrossLanes<f64>(s2))
}
