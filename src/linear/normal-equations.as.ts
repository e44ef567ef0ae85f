// AssemblyScript. What one batch of factors adds to H = Jᵀ J and to g = Jᵀ r; the definitions are in normal-equations.ts
// and ops/jacobian-product.ts, the order of all sums is theirs.

import { addGramByRows, addRow, addTransposedProduct, addTransposedProductByRows } from './ops/block-kernels.as'

/** The four products of a factor with two slots of p and q columns. */
@inline
function addFour(m: i32, p: i32, q: i32, count: i32, stride: usize, values: usize, targets: usize, H: usize): void {
  const second = (<usize>(m * p)) << 3
  for (const end = targets + ((<usize>count) << 4); targets < end; targets += 16, values += stride) {
    const t00 = load<i32>(targets)
    const t01 = load<i32>(targets, 4)
    const t10 = load<i32>(targets, 8)
    const t11 = load<i32>(targets, 12)
    if (t00 >= 0) addTransposedProduct(m, values, p, values, p, H + ((<usize>t00) << 3))
    if (t01 >= 0) addTransposedProduct(m, values, p, values + second, q, H + ((<usize>t01) << 3))
    if (t10 >= 0) addTransposedProduct(m, values + second, q, values, p, H + ((<usize>t10) << 3))
    if (t11 >= 0) addTransposedProduct(m, values + second, q, values + second, q, H + ((<usize>t11) << 3))
  }
}

/** Any number of slots of any size; m is a constant 2, 3 or 6, or 0: whatever `rows` says. */
@inline
function addAll(
  m: i32, rows: i32, arity: i32, dims: usize, count: i32, stride: usize, values: usize, targets: usize, H: usize,
): void {
  for (let f = 0; f < count; f++, values += stride)
    for (let k = 0, a = values; k < arity; k++) {
      const p = load<i32>(dims + (k << 2))
      for (let l = 0, b = values; l < arity; l++, targets += 4) {
        const q = load<i32>(dims + (l << 2))
        const t = load<i32>(targets)
        if (t >= 0) {
          const c = H + ((<usize>t) << 3)
          if (m > 0) addTransposedProduct(m, a, p, b, q, c)
          else if (k == l) addGramByRows(rows, a, p, c)
          else addTransposedProductByRows(rows, a, p, b, q, c)
        }
        b += (<usize>(rows * q)) << 3
      }
      a += (<usize>(rows * p)) << 3
    }
}

/** H += J_kᵀ J_l for every factor and every pair of slots with a place in H (targets, in numbers; −1: none). */
export function addNormalProducts(
  m: i32, arity: i32, dims: usize, count: i32, stride: usize, values: usize, targets: usize, H: usize,
): void {
  const p = load<i32>(dims)
  const q = arity == 2 ? load<i32>(dims, 4) : 0
  if (m == 6 && p == 6 && q == 6) addFour(6, 6, 6, count, stride, values, targets, H)
  else if (m == 3 && p == 3 && q == 3) addFour(3, 3, 3, count, stride, values, targets, H)
  else if (m == 2 && p == 9 && q == 3) addFour(2, 9, 3, count, stride, values, targets, H)
  else if (m == 2 && p == 6 && q == 3) addFour(2, 6, 3, count, stride, values, targets, H)
  else if (m == 3 && p == 6 && q == 3) addFour(3, 6, 3, count, stride, values, targets, H)
  else if (m == 6) addAll(6, 6, arity, dims, count, stride, values, targets, H)
  else if (m == 3) addAll(3, 3, arity, dims, count, stride, values, targets, H)
  else if (m == 2) addAll(2, 2, arity, dims, count, stride, values, targets, H)
  else addAll(0, m, arity, dims, count, stride, values, targets, H)
}

/** out += Aᵀ y for the blocks A (m × n) of one slot; places: where each lies in `out`, in numbers, −1: nowhere. */
@inline
function addSlot(
  m: i32, n: i32, count: i32, stride: usize, values: usize, places: usize, step: usize, y: usize, out: usize,
): void {
  const rows = (<usize>m) << 3
  for (let f = 0; f < count; f++, values += stride, places += step, y += rows) {
    const place = load<i32>(places)
    if (place >= 0) addRow(m, y, 8, values, n, out + ((<usize>place) << 3))
  }
}

/** As addSlot for any m: one row of A after the other. */
function addSlotByRows(
  m: i32, n: i32, count: i32, stride: usize, values: usize, places: usize, step: usize, y: usize, out: usize,
): void {
  for (let f = 0; f < count; f++, values += stride, places += step, y += (<usize>m) << 3) {
    const place = load<i32>(places)
    if (place < 0) continue
    const to = out + ((<usize>place) << 3)
    for (let r = 0, a = values; r < m; r++) {
      const factor = load<f64>(y + (r << 3))
      for (let c = 0; c < n; c++, a += 8) {
        const at = to + (c << 3)
        store<f64>(at, load<f64>(at) + load<f64>(a) * factor)
      }
    }
  }
}

/** out += J_kᵀ y for one slot of one batch; `step` bytes from one factor's place to the next. */
export function addTransposedVector(
  m: i32, n: i32, count: i32, stride: usize, values: usize, places: usize, step: usize, y: usize, out: usize,
): void {
  if (m == 6 && n == 6) addSlot(6, 6, count, stride, values, places, step, y, out)
  else if (m == 3 && n == 3) addSlot(3, 3, count, stride, values, places, step, y, out)
  else if (m == 2 && n == 9) addSlot(2, 9, count, stride, values, places, step, y, out)
  else if (m == 2 && n == 3) addSlot(2, 3, count, stride, values, places, step, y, out)
  else if (m == 6) addSlot(6, n, count, stride, values, places, step, y, out)
  else if (m == 3) addSlot(3, n, count, stride, values, places, step, y, out)
  else if (m == 2) addSlot(2, n, count, stride, values, places, step, y, out)
  else addSlotByRows(m, n, count, stride, values, places, step, y, out)
}

/** out += A x for the blocks A (m × n) of one slot; n is a constant 3 or 6, or 0: whatever `columns` says. */
@inline
function multiplySlot(
  n: i32, columns: i32, m: i32, count: i32, stride: usize, values: usize, places: usize, step: usize, x: usize, out: usize,
): void {
  const rows = (<usize>m) << 3
  for (let f = 0; f < count; f++, values += stride, places += step, out += rows) {
    const place = load<i32>(places)
    if (place < 0) continue
    const from = x + ((<usize>place) << 3)
    let a = values
    for (let at = out, end = out + rows; at < end; at += 8) {
      let sum: f64 = 0
      if (n > 0) {
        sum = load<f64>(a) * load<f64>(from) + load<f64>(a, 8) * load<f64>(from, 8) + load<f64>(a, 16) * load<f64>(from, 16)
        if (n > 3)
          sum = sum + load<f64>(a, 24) * load<f64>(from, 24) + load<f64>(a, 32) * load<f64>(from, 32) + load<f64>(a, 40) * load<f64>(from, 40)
        a += n << 3
      } else for (let c = 0; c < columns; c++, a += 8) sum += load<f64>(a) * load<f64>(from + (c << 3))
      store<f64>(at, load<f64>(at) + sum)
    }
  }
}

/** out += J_k x for one slot of one batch. */
export function addProductOfSlot(
  m: i32, n: i32, count: i32, stride: usize, values: usize, places: usize, step: usize, x: usize, out: usize,
): void {
  if (n == 6) multiplySlot(6, 6, m, count, stride, values, places, step, x, out)
  else if (n == 3) multiplySlot(3, 3, m, count, stride, values, places, step, x, out)
  else multiplySlot(0, n, m, count, stride, values, places, step, x, out)
}

/** Σ c (r + c/2), term by term: what ½ ‖r + c‖² is above ½ ‖r‖². */
export function sumChange(count: i32, c: usize, r: usize): f64 {
  let sum: f64 = 0
  for (const end = c + ((<usize>count) << 3); c < end; c += 8, r += 8) {
    const change = load<f64>(c)
    sum += change * (load<f64>(r) + change / 2)
  }
  return sum
}

/** out += the squares of the columns of every block of one batch; a variable met twice has J_k + J_l for its column. */
export function addColumnSquares(
  m: i32, arity: i32, dims: usize, count: i32, stride: usize, values: usize, places: usize, out: usize,
): void {
  for (let f = 0; f < count; f++, values += stride, places += (<usize>arity) << 2)
    for (let k = 0, at = values; k < arity; k++) {
      const n = load<i32>(dims + (k << 2))
      const bytes = (<usize>(m * n)) << 3
      const place = load<i32>(places + (k << 2))
      if (place >= 0) {
        const to = out + ((<usize>place) << 3)
        addSquares(m, n, at, to)
        for (let l = 0, other = values; l < k; l++) {
          if (load<i32>(places + (l << 2)) == place) addCrossSquares(m, n, at, other, to)
          other += (<usize>(m * load<i32>(dims + (l << 2)))) << 3
        }
      }
      at += bytes
    }
}

@inline
function addSquares(m: i32, n: i32, a: usize, out: usize): void {
  for (let c = 0; c + 1 < n; c += 2) {
    let sum = v128.load(out + (c << 3))
    for (let r = 0, at = a + (c << 3); r < m; r++, at += n << 3) {
      const v = v128.load(at)
      sum = f64x2.add(sum, f64x2.mul(v, v))
    }
    v128.store(out + (c << 3), sum)
  }
  if (n & 1) {
    const last = (n - 1) << 3
    let sum = load<f64>(out + last)
    for (let r = 0, at = a + last; r < m; r++, at += n << 3) sum += load<f64>(at) * load<f64>(at)
    store<f64>(out + last, sum)
  }
}

function addCrossSquares(m: i32, n: i32, a: usize, b: usize, out: usize): void {
  for (let r = 0; r < m; r++)
    for (let c = 0; c < n; c++, a += 8, b += 8) {
      const to = out + (c << 3)
      store<f64>(to, load<f64>(to) + 2 * load<f64>(a) * load<f64>(b))
    }
}
