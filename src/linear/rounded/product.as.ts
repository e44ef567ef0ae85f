// AssemblyScript. Products of one slot of one batch with a rounded Jacobian, four factors at a time, one in each lane; the
// definitions are in product.ts, the layout of the memory in simd-product.ts.

import { BF16, FP16, FP32, loadFour, round, seen, step, watch } from './rounding.as'

/** Four rows of four numbers at `from`, at o0 … o3 beyond it, as four columns at `to`. */
@inline
function gather(from: usize, o0: usize, o1: usize, o2: usize, o3: usize, to: usize): void {
  const a = v128.load(from + o0)
  const b = v128.load(from + o1)
  const c = v128.load(from + o2)
  const d = v128.load(from + o3)
  const ab = v128.shuffle<i32>(a, b, 0, 4, 1, 5)
  const cd = v128.shuffle<i32>(c, d, 0, 4, 1, 5)
  const abHigh = v128.shuffle<i32>(a, b, 2, 6, 3, 7)
  const cdHigh = v128.shuffle<i32>(c, d, 2, 6, 3, 7)
  v128.store(to, v128.shuffle<i64>(ab, cd, 0, 2))
  v128.store(to + 16, v128.shuffle<i64>(ab, cd, 1, 3))
  v128.store(to + 32, v128.shuffle<i64>(abHigh, cdHigh, 0, 2))
  v128.store(to + 48, v128.shuffle<i64>(abHigh, cdHigh, 1, 3))
}

@inline
function multiply(
  stored: i32,
  computed: i32,
  accumulated: i32,
  groups: i32,
  m: i32,
  n: i32,
  columns: usize,
  values: usize,
  x: usize,
  out: usize,
  scratch: usize,
): bool {
  let largest = i32x4.splat(0)
  for (let g = 0; g < groups; g++, columns += 16) {
    const o0 = load<u32>(columns)
    const o1 = load<u32>(columns + 4)
    const o2 = load<u32>(columns + 8)
    const o3 = load<u32>(columns + 12)
    for (let c = 0; c < n; c += 4) gather(x + (c << 2), o0, o1, o2, o3, scratch + (c << 4))
    const end = scratch + ((<usize>n) << 4)
    for (let r = 0; r < m; r++, out += 16) {
      let sum = v128.load(out)
      for (let at = scratch; at < end; at += 16, values += step(stored)) {
        const product = f32x4.mul(loadFour(stored, values), v128.load(at))
        largest = watch(computed, largest, product)
        const next = f32x4.add(sum, round(computed, product))
        largest = watch(accumulated, largest, next)
        sum = round(accumulated, next)
      }
      v128.store(out, sum)
    }
  }
  return seen(largest)
}

@inline
function addRounded(format: i32, largest: v128, at: usize, v: v128): v128 {
  const sum = f32x4.add(v128.load(at), v)
  v128.store(at, round(format, sum))
  return watch(format, largest, sum)
}

@inline
function multiplyTransposed(
  stored: i32,
  computed: i32,
  accumulated: i32,
  groups: i32,
  m: i32,
  n: i32,
  columns: usize,
  values: usize,
  y: usize,
  out: usize,
  scratch: usize,
): bool {
  let largest = i32x4.splat(0)
  const across = (<usize>n) * step(stored)
  const rows = (<usize>m) << 4
  const padded = (n + 3) & ~3
  for (let c = n; c < padded; c++) v128.store(scratch + (c << 4), i32x4.splat(0))
  for (let g = 0; g < groups; g++, columns += 16, y += rows) {
    for (let c = 0; c < n; c++) {
      let sum = i32x4.splat(0)
      let at = values + <usize>c * step(stored)
      for (let r: usize = 0; r < rows; r += 16, at += across) {
        const product = f32x4.mul(loadFour(stored, at), v128.load(y + r))
        largest = watch(computed, largest, product)
        const next = f32x4.add(sum, round(computed, product))
        largest = watch(accumulated, largest, next)
        sum = round(accumulated, next)
      }
      v128.store(scratch + (c << 4), sum)
    }
    values += <usize>m * across
    const o0 = out + load<u32>(columns)
    const o1 = out + load<u32>(columns + 4)
    const o2 = out + load<u32>(columns + 8)
    const o3 = out + load<u32>(columns + 12)
    const lanes = scratch + (padded << 4)
    for (let c = 0; c < padded; c += 4) {
      // From one vector per column to one per factor; then the factors in order, for they may meet the same unknown.
      gather(scratch + (c << 4), 0, 16, 32, 48, lanes)
      largest = addRounded(accumulated, largest, o0 + (c << 2), v128.load(lanes))
      largest = addRounded(accumulated, largest, o1 + (c << 2), v128.load(lanes + 16))
      largest = addRounded(accumulated, largest, o2 + (c << 2), v128.load(lanes + 32))
      largest = addRounded(accumulated, largest, o3 + (c << 2), v128.load(lanes + 48))
    }
  }
  return seen(largest)
}

export function multiply_fp16_fp16_fp16(groups: i32, m: i32, n: i32, columns: usize, values: usize, x: usize, out: usize, scratch: usize): bool {
  return multiply(FP16, FP16, FP16, groups, m, n, columns, values, x, out, scratch)
}

export function multiply_fp16_fp16_fp32(groups: i32, m: i32, n: i32, columns: usize, values: usize, x: usize, out: usize, scratch: usize): bool {
  return multiply(FP16, FP16, FP32, groups, m, n, columns, values, x, out, scratch)
}

export function multiply_fp16_fp32_fp32(groups: i32, m: i32, n: i32, columns: usize, values: usize, x: usize, out: usize, scratch: usize): bool {
  return multiply(FP16, FP32, FP32, groups, m, n, columns, values, x, out, scratch)
}

export function multiply_bf16_bf16_bf16(groups: i32, m: i32, n: i32, columns: usize, values: usize, x: usize, out: usize, scratch: usize): bool {
  return multiply(BF16, BF16, BF16, groups, m, n, columns, values, x, out, scratch)
}

export function multiply_bf16_bf16_fp32(groups: i32, m: i32, n: i32, columns: usize, values: usize, x: usize, out: usize, scratch: usize): bool {
  return multiply(BF16, BF16, FP32, groups, m, n, columns, values, x, out, scratch)
}

export function multiply_bf16_fp32_fp32(groups: i32, m: i32, n: i32, columns: usize, values: usize, x: usize, out: usize, scratch: usize): bool {
  return multiply(BF16, FP32, FP32, groups, m, n, columns, values, x, out, scratch)
}

export function multiply_fp32_fp32_fp32(groups: i32, m: i32, n: i32, columns: usize, values: usize, x: usize, out: usize, scratch: usize): bool {
  return multiply(FP32, FP32, FP32, groups, m, n, columns, values, x, out, scratch)
}

export function multiplyTransposed_fp16_fp16_fp16(groups: i32, m: i32, n: i32, columns: usize, values: usize, y: usize, out: usize, scratch: usize): bool {
  return multiplyTransposed(FP16, FP16, FP16, groups, m, n, columns, values, y, out, scratch)
}

export function multiplyTransposed_fp16_fp16_fp32(groups: i32, m: i32, n: i32, columns: usize, values: usize, y: usize, out: usize, scratch: usize): bool {
  return multiplyTransposed(FP16, FP16, FP32, groups, m, n, columns, values, y, out, scratch)
}

export function multiplyTransposed_fp16_fp32_fp32(groups: i32, m: i32, n: i32, columns: usize, values: usize, y: usize, out: usize, scratch: usize): bool {
  return multiplyTransposed(FP16, FP32, FP32, groups, m, n, columns, values, y, out, scratch)
}

export function multiplyTransposed_bf16_bf16_bf16(groups: i32, m: i32, n: i32, columns: usize, values: usize, y: usize, out: usize, scratch: usize): bool {
  return multiplyTransposed(BF16, BF16, BF16, groups, m, n, columns, values, y, out, scratch)
}

export function multiplyTransposed_bf16_bf16_fp32(groups: i32, m: i32, n: i32, columns: usize, values: usize, y: usize, out: usize, scratch: usize): bool {
  return multiplyTransposed(BF16, BF16, FP32, groups, m, n, columns, values, y, out, scratch)
}

export function multiplyTransposed_bf16_fp32_fp32(groups: i32, m: i32, n: i32, columns: usize, values: usize, y: usize, out: usize, scratch: usize): bool {
  return multiplyTransposed(BF16, FP32, FP32, groups, m, n, columns, values, y, out, scratch)
}

export function multiplyTransposed_fp32_fp32_fp32(groups: i32, m: i32, n: i32, columns: usize, values: usize, y: usize, out: usize, scratch: usize): bool {
  return multiplyTransposed(FP32, FP32, FP32, groups, m, n, columns, values, y, out, scratch)
}
