// AssemblyScript. Rounded triangular solves, a column of a block (forward) or a row of it (backward) in the lanes; the
// definitions are in triangular.ts, the layout of the memory in simd-triangular.ts.

import { BF16, FP16, FP32, loadFour, round, seen, step, watch } from './rounding.as'

/** Whether a number of 2¹⁵ or more was rounded to fp16 in the latest sweep. */
let largest: v128 = i32x4.splat(0)

/**
 * Finishes the d unknowns at `own`, in vectors of four at `values`: unknown k is divided by its diagonal, then what it
 * contributes to the others is added. Finished unknowns are kept at `done`, each in all four lanes. Returns the end of the
 * values.
 */
@inline
function finish(
  stored: i32,
  computed: i32,
  accumulated: i32,
  from: i32,
  to: i32,
  by: i32,
  width: i32,
  own: usize,
  values: usize,
  reciprocals: usize,
  done: usize,
): usize {
  let top = largest
  for (let k = from; k != to; k += by) {
    const entering = v128.load32_splat(own + (k << 2))
    // What sums are rounded to enters as it is, where products are rounded to the same.
    const entered = computed == accumulated ? entering : round(computed, entering)
    const product = f32x4.mul(entered, v128.load32_splat(reciprocals + (k << 2)))
    top = watch(computed, watch(computed, top, entering), product)
    const xk = round(computed, product)
    v128.store(done + (k << 4), xk)
    for (let v = 0; v < width; v += 4, values += step(stored)) {
      const at = own + (v << 2)
      const term = f32x4.mul(loadFour(stored, values), xk)
      const sum = f32x4.add(v128.load(at), round(computed, term))
      top = watch(accumulated, watch(computed, top, term), sum)
      v128.store(at, round(accumulated, sum))
    }
  }
  largest = top
  return values
}

/** Writes the finished unknowns to their places. */
@inline
function putDown(d: i32, done: usize, own: usize): void {
  for (let k = 0; k < d; k++) f32.store(own + (k << 2), f32.load(done + (k << 4)))
}

@inline
function forward(
  stored: i32,
  computed: i32,
  accumulated: i32,
  count: i32,
  table: usize,
  values: usize,
  reciprocals: usize,
  x: usize,
  done: usize,
): bool {
  largest = i32x4.splat(0)
  for (let j = 0; j < count; j++) {
    const place = load<u32>(table)
    const d = load<i32>(table + 4)
    const width = (d + 3) & ~3
    let entries = load<i32>(table + 8)
    table += 12
    const own = x + place
    values = finish(stored, computed, accumulated, 0, d, 1, width, own, values, reciprocals + place, done)
    putDown(d, done, own)
    let top = largest
    const end = done + (<usize>d << 4)
    for (; entries > 0; entries--, table += 8) {
      let to = x + load<u32>(table)
      const rows = load<i32>(table + 4)
      for (let v = 0; v < rows; v += 4, to += 16) {
        let sum = v128.load(to)
        for (let c = done; c < end; c += 16, values += step(stored)) {
          const product = f32x4.mul(loadFour(stored, values), v128.load(c))
          const next = f32x4.add(sum, round(computed, product))
          top = watch(accumulated, watch(computed, top, product), next)
          sum = round(accumulated, next)
        }
        v128.store(to, sum)
      }
    }
    largest = top
  }
  return seen(largest)
}

@inline
function backward(
  stored: i32,
  computed: i32,
  accumulated: i32,
  count: i32,
  table: usize,
  values: usize,
  reciprocals: usize,
  x: usize,
  done: usize,
): bool {
  largest = i32x4.splat(0)
  for (let j = 0; j < count; j++) {
    const place = load<u32>(table)
    const d = load<i32>(table + 4)
    const width = (d + 3) & ~3
    let entries = load<i32>(table + 8)
    table += 12
    const own = x + place
    let top = largest
    for (; entries > 0; entries--, table += 8) {
      const from = x + load<u32>(table)
      const end = from + (<usize>load<u32>(table + 4) << 2)
      for (let v = 0; v < width; v += 4) {
        let sum = v128.load(own + (v << 2))
        for (let r = from; r < end; r += 4, values += step(stored)) {
          const product = f32x4.mul(loadFour(stored, values), v128.load32_splat(r))
          const next = f32x4.add(sum, round(computed, product))
          top = watch(accumulated, watch(computed, top, product), next)
          sum = round(accumulated, next)
        }
        v128.store(own + (v << 2), sum)
      }
    }
    largest = top
    values = finish(stored, computed, accumulated, d - 1, -1, -1, width, own, values, reciprocals + place, done)
    putDown(d, done, own)
  }
  return seen(largest)
}

export function forward_fp16_fp16_fp16(count: i32, table: usize, values: usize, reciprocals: usize, x: usize, done: usize): bool {
  return forward(FP16, FP16, FP16, count, table, values, reciprocals, x, done)
}

export function forward_fp16_fp16_fp32(count: i32, table: usize, values: usize, reciprocals: usize, x: usize, done: usize): bool {
  return forward(FP16, FP16, FP32, count, table, values, reciprocals, x, done)
}

export function forward_fp16_fp32_fp32(count: i32, table: usize, values: usize, reciprocals: usize, x: usize, done: usize): bool {
  return forward(FP16, FP32, FP32, count, table, values, reciprocals, x, done)
}

export function forward_bf16_bf16_bf16(count: i32, table: usize, values: usize, reciprocals: usize, x: usize, done: usize): bool {
  return forward(BF16, BF16, BF16, count, table, values, reciprocals, x, done)
}

export function forward_bf16_bf16_fp32(count: i32, table: usize, values: usize, reciprocals: usize, x: usize, done: usize): bool {
  return forward(BF16, BF16, FP32, count, table, values, reciprocals, x, done)
}

export function forward_bf16_fp32_fp32(count: i32, table: usize, values: usize, reciprocals: usize, x: usize, done: usize): bool {
  return forward(BF16, FP32, FP32, count, table, values, reciprocals, x, done)
}

export function forward_fp32_fp32_fp32(count: i32, table: usize, values: usize, reciprocals: usize, x: usize, done: usize): bool {
  return forward(FP32, FP32, FP32, count, table, values, reciprocals, x, done)
}

export function backward_fp16_fp16_fp16(count: i32, table: usize, values: usize, reciprocals: usize, x: usize, done: usize): bool {
  return backward(FP16, FP16, FP16, count, table, values, reciprocals, x, done)
}

export function backward_fp16_fp16_fp32(count: i32, table: usize, values: usize, reciprocals: usize, x: usize, done: usize): bool {
  return backward(FP16, FP16, FP32, count, table, values, reciprocals, x, done)
}

export function backward_fp16_fp32_fp32(count: i32, table: usize, values: usize, reciprocals: usize, x: usize, done: usize): bool {
  return backward(FP16, FP32, FP32, count, table, values, reciprocals, x, done)
}

export function backward_bf16_bf16_bf16(count: i32, table: usize, values: usize, reciprocals: usize, x: usize, done: usize): bool {
  return backward(BF16, BF16, BF16, count, table, values, reciprocals, x, done)
}

export function backward_bf16_bf16_fp32(count: i32, table: usize, values: usize, reciprocals: usize, x: usize, done: usize): bool {
  return backward(BF16, BF16, FP32, count, table, values, reciprocals, x, done)
}

export function backward_bf16_fp32_fp32(count: i32, table: usize, values: usize, reciprocals: usize, x: usize, done: usize): bool {
  return backward(BF16, FP32, FP32, count, table, values, reciprocals, x, done)
}

export function backward_fp32_fp32_fp32(count: i32, table: usize, values: usize, reciprocals: usize, x: usize, done: usize): bool {
  return backward(FP32, FP32, FP32, count, table, values, reciprocals, x, done)
}
