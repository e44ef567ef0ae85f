import { clearFrozenColumns } from './linearize.ts'
import type { Program } from './program.ts'

/**
 * The active set at a linearization: a bounded unknown that sits on its bound with the gradient pushing outward is frozen,
 * all others are free (D. Bertsekas, "Projected Newton methods for optimization problems with simple constraints", 1982).
 * Updates `program.frozen`, the Jacobian's columns and the gradient.
 */
export function activateBounds(program: Program, x: Float64Array, gradient: Float64Array): void {
  const { bounds, blocks, frozen, stateAt } = program
  if (bounds.length === 0) return
  for (const { block, lower, upper } of bounds) {
    const at = stateAt[block]
    const unknown = blocks.offset[block]
    for (let i = 0; i < lower.length; i++) {
      const onLower = x[at + i] <= lower[i] && gradient[unknown + i] > 0
      const onUpper = x[at + i] >= upper[i] && gradient[unknown + i] < 0
      if (!onLower && !onUpper) continue
      frozen[unknown + i] = 1
      gradient[unknown + i] = 0
    }
  }
  clearFrozenColumns(program)
}

/** Frees all unknowns that only a bound had frozen: before a new linearization. */
export function releaseBounds(program: Program): void {
  if (program.bounds.length > 0) program.frozen.set(program.heldByGauge)
}

/** Shortens a step so that x ⊞ δ stays inside the bounds; the predicted decrease is that of the shortened step. */
export function clipStep(program: Program, x: Float64Array, step: Float64Array): void {
  for (const { block, lower, upper } of program.bounds) {
    const at = program.stateAt[block]
    const unknown = program.blocks.offset[block]
    for (let i = 0; i < lower.length; i++) {
      const value = x[at + i]
      step[unknown + i] = Math.min(Math.max(value + step[unknown + i], lower[i]), upper[i]) - value
    }
  }
}
