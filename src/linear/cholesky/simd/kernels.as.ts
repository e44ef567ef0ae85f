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
