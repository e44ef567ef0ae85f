// AssemblyScript. What the module exports of the sparse factorization.

import { iterate } from './conjugate-gradients.as'
import { factorMatrix } from './factor.as'
import { word, VECTOR } from './plan.as'
import { solveWith } from './substitute.as'

export function cholesky_factor_fp64(plan: usize, tolerance: f64): bool {
  return factorMatrix<f64>(plan, tolerance)
}

export function cholesky_factor_fp32(plan: usize, tolerance: f64): bool {
  return factorMatrix<f32>(plan, tolerance)
}

export function cholesky_solve_fp64(plan: usize): void {
  solveWith<f64>(plan, word(plan, VECTOR), word(plan, VECTOR))
}

export function cholesky_solve_fp32(plan: usize): void {
  solveWith<f32>(plan, word(plan, VECTOR), word(plan, VECTOR))
}

export function cholesky_pcg_fp64(plan: usize, guess: bool, maxIterations: i32, tolerance: f64): i32 {
  return iterate<f64>(plan, guess, maxIterations, tolerance)
}

export function cholesky_pcg_fp32(plan: usize, guess: bool, maxIterations: i32, tolerance: f64): i32 {
  return iterate<f32>(plan, guess, maxIterations, tolerance)
}

// Not called from outside. What is exported is not inlined by the compiler, and small functions keep their vectors in
// registers where V8 spills those of large ones.
export {
  backward3_fp32 as cholesky_backward3_fp32,
  backward3_fp64 as cholesky_backward3_fp64,
  backward6_fp32 as cholesky_backward6_fp32,
  backward6_fp64 as cholesky_backward6_fp64,
  forward3_fp32 as cholesky_forward3_fp32,
  forward3_fp64 as cholesky_forward3_fp64,
  forward6_fp32 as cholesky_forward6_fp32,
  forward6_fp64 as cholesky_forward6_fp64,
} from './substitute.as'
export {
  update3_fp32 as cholesky_update3_fp32,
  update3_fp64 as cholesky_update3_fp64,
  update6_fp32 as cholesky_update6_fp32,
  update6_fp64 as cholesky_update6_fp64,
} from './update.as'
