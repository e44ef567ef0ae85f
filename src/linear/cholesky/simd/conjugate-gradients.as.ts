// AssemblyScript. Conjugate gradients on H + diag(damping) in fp64, preconditioned by a factor of factor.as.ts, in one call;
// the definition is ../../conjugate-gradients.ts with the flexible β and the preconditioned norm.

import {
  CG_B,
  CG_ITERATIONS,
  CG_NORM,
  CG_P,
  CG_Q,
  CG_R,
  CG_TARGET,
  CG_X,
  CG_Z,
  COUNT,
  DAMPING,
  H_COLUMN_START,
  H_DIMS,
  H_OFFSET,
  H_ROW_INDEX,
  H_VALUE_START,
  HESSIAN,
  nth,
  SCALARS,
  UNIFORM,
  word,
} from './plan.as'
import { solveWith } from './substitute.as'

/** As KrylovOutcome. */
const CONVERGED: i32 = 0
const ITERATIONS: i32 = 1
const INDEFINITE: i32 = 2
const BREAKDOWN: i32 = 3

/**
 * Solves A x = b from x as it stands (`guess`) or from 0, until √(rᵀ M⁻¹ r) ≤ tolerance · √(bᵀ M⁻¹ b). Returns how it ended;
 * the table's CG_… words hold the rest.
 */
export function iterate<T>(plan: usize, guess: bool, maxIterations: i32, tolerance: f64): i32 {
  const b = word(plan, CG_B)
  const x = word(plan, CG_X)
  const r = word(plan, CG_R)
  const z = word(plan, CG_Z)
  const p = word(plan, CG_P)
  const q = word(plan, CG_Q)
  const bytes = word(plan, SCALARS) << 3
  solveWith<T>(plan, b, z)
  const target = tolerance * Math.sqrt(Math.max(0, dot(b, z, bytes)))
  store<f64>(plan + CG_TARGET, target)
  memory.copy(r, b, bytes)
  if (guess) {
    multiply(plan, x, q)
    addScaled(r, -1, q, bytes)
    solveWith<T>(plan, r, z)
  } else memory.fill(x, 0, bytes)
  memory.copy(p, z, bytes)
  let rho = dot(r, z, bytes)
  let k: i32 = 0
  while (true) {
    const norm = Math.sqrt(rho)
    store<i32>(plan + CG_ITERATIONS, k)
    store<f64>(plan + CG_NORM, norm)
    if (norm <= target) return CONVERGED
    if (!(rho > 0 && rho < Infinity)) return BREAKDOWN
    if (k >= maxIterations) return ITERATIONS
    multiply(plan, p, q)
    const curvature = dot(p, q, bytes)
    if (!(Math.abs(curvature) < Infinity)) return BREAKDOWN
    if (!(curvature > 0)) return INDEFINITE
    const alpha = rho / curvature
    addScaled(x, alpha, p, bytes)
    addScaled(r, -alpha, q, bytes)
    solveWith<T>(plan, r, z)
    const next = dot(r, z, bytes)
    const beta = (-alpha * dot(q, z, bytes)) / rho
    for (let i: usize = 0; i < bytes; i += 8) store<f64>(p + i, load<f64>(z + i) + beta * load<f64>(p + i))
    rho = next
    k++
  }
}

function dot(u: usize, v: usize, bytes: usize): f64 {
  let even = f64x2.splat(0)
  let odd = f64x2.splat(0)
  const paired = bytes & ~31
  for (let i: usize = 0; i < paired; i += 32) {
    even = f64x2.add(even, f64x2.mul(v128.load(u + i), v128.load(v + i)))
    odd = f64x2.add(odd, f64x2.mul(v128.load(u + i, 16), v128.load(v + i, 16)))
  }
  const sums = f64x2.add(even, odd)
  let sum = f64x2.extract_lane(sums, 0) + f64x2.extract_lane(sums, 1)
  for (let i = paired; i < bytes; i += 8) sum += load<f64>(u + i) * load<f64>(v + i)
  return sum
}

/** y ← y + factor · x */
function addScaled(y: usize, factor: f64, x: usize, bytes: usize): void {
  for (let i: usize = 0; i < bytes; i += 8) store<f64>(y + i, load<f64>(y + i) + factor * load<f64>(x + i))
}

/** y = (H + diag(damping)) x; of H the lower triangle is stored, so every block below the diagonal serves twice. */
function multiply(plan: usize, x: usize, y: usize): void {
  const bytes = word(plan, SCALARS) << 3
  const damping = word(plan, DAMPING)
  for (let i: usize = 0; i < bytes; i += 8) store<f64>(y + i, load<f64>(damping + i) * load<f64>(x + i))
  const columnStart = word(plan, H_COLUMN_START)
  const rowIndex = word(plan, H_ROW_INDEX)
  const valueStart = word(plan, H_VALUE_START)
  const dims = word(plan, H_DIMS)
  const offset = word(plan, H_OFFSET)
  const values = word(plan, HESSIAN)
  const uniform = word(plan, UNIFORM)
  for (let j: usize = 0, count = word(plan, COUNT); j < count; j++) {
    const n = nth(dims, j)
    const xj = x + (nth(offset, j) << 3)
    const yj = y + (nth(offset, j) << 3)
    const first = nth(columnStart, j)
    multiplyBlock(values + (nth(valueStart, first) << 3), n, n, xj, yj)
    const end = nth(columnStart, j + 1)
    if (uniform == 6) {
      const rows = rowIndex + ((first + 1) << 2)
      multiplyColumn6(values + ((nth(valueStart, first) + 36) << 3), rows, rowIndex + (end << 2), x, y, xj, yj)
    } else
      for (let e = first + 1; e < end; e++) {
        const i = nth(rowIndex, e)
        const block = values + (nth(valueStart, e) << 3)
        const at = nth(offset, i) << 3
        multiplyBlock(block, nth(dims, i), n, xj, y + at)
        multiplyTransposedBlock(block, nth(dims, i), n, x + at, yj)
      }
  }
}

/** y ← y + B x for a row-major m × n block. */
@inline
function multiplyBlock(block: usize, m: usize, n: usize, x: usize, y: usize): void {
  for (let r: usize = 0; r < m; r++, y += 8) {
    let sum: f64 = 0
    for (let c: usize = 0; c < n; c++, block += 8) sum += load<f64>(block) * load<f64>(x + (c << 3))
    store<f64>(y, load<f64>(y) + sum)
  }
}

/** y ← y + Bᵀ x for a row-major m × n block. */
@inline
function multiplyTransposedBlock(block: usize, m: usize, n: usize, x: usize, y: usize): void {
  for (let r: usize = 0; r < m; r++, x += 8) {
    const factor = load<f64>(x)
    for (let c: usize = 0; c < n; c++, block += 8) {
      const to = y + (c << 3)
      store<f64>(to, load<f64>(to) + load<f64>(block) * factor)
    }
  }
}

/** The 6 × 6 blocks of one column below the diagonal, which lie one behind the other, both ways. */
function multiplyColumn6(block: usize, rows: usize, end: usize, x: usize, y: usize, xj: usize, yj: usize): void {
  const x0 = v128.load(xj)
  const x1 = v128.load(xj, 16)
  const x2 = v128.load(xj, 32)
  let y0 = v128.load(yj)
  let y1 = v128.load(yj, 16)
  let y2 = v128.load(yj, 32)
  for (; rows < end; rows += 4) {
    const at = <usize>load<u32>(rows) * 48
    for (let r = at, last = at + 48; r < last; r += 16, block += 96) {
      const a0 = v128.load(block)
      const a1 = v128.load(block, 16)
      const a2 = v128.load(block, 32)
      const b0 = v128.load(block, 48)
      const b1 = v128.load(block, 64)
      const b2 = v128.load(block, 80)
      const even = f64x2.add(f64x2.add(f64x2.mul(a0, x0), f64x2.mul(a1, x1)), f64x2.mul(a2, x2))
      const odd = f64x2.add(f64x2.add(f64x2.mul(b0, x0), f64x2.mul(b1, x1)), f64x2.mul(b2, x2))
      const sums = f64x2.add(v128.shuffle<i64>(even, odd, 0, 2), v128.shuffle<i64>(even, odd, 1, 3))
      v128.store(y + r, f64x2.add(v128.load(y + r), sums))
      const xa = v128.load64_splat(x + r)
      const xb = v128.load64_splat(x + r, 8)
      y0 = f64x2.add(y0, f64x2.add(f64x2.mul(a0, xa), f64x2.mul(b0, xb)))
      y1 = f64x2.add(y1, f64x2.add(f64x2.mul(a1, xa), f64x2.mul(b1, xb)))
      y2 = f64x2.add(y2, f64x2.add(f64x2.mul(a2, xa), f64x2.mul(b2, xb)))
    }
  }
  v128.store(yj, y0)
  v128.store(yj, y1, 16)
  v128.store(yj, y2, 32)
}
