/**
 * Which part of a difference of poses E = (R, t) counts as its error:
 * `translation` ‖t‖ in metres · `rotation` the angle of R in radians · `rotation-matrix` ‖R − I‖ (Frobenius) ·
 * `full` ‖E − I‖ (Frobenius, of the 4 × 4 matrix). The last two have no unit; they are here to compare with numbers of others.
 */
export type ErrorPart = 'translation' | 'rotation' | 'rotation-matrix' | 'full'

export const errorParts: readonly ErrorPart[] = ['translation', 'rotation', 'rotation-matrix', 'full']

/** The unit of an error, for people. */
export function unitOf(part: ErrorPart): 'm' | 'rad' | '' {
  return part === 'translation' ? 'm' : part === 'rotation' ? 'rad' : ''
}

/** The error of the difference E stored as [t, q] at `at` (docs/maths/evaluation.md, equations 6 to 9). */
export function sizeOf(part: ErrorPart, E: Float64Array, at: number): number {
  const t = Math.hypot(E[at], E[at + 1], E[at + 2])
  const sine = Math.hypot(E[at + 3], E[at + 4], E[at + 5])
  switch (part) {
    case 'translation':
      return t
    case 'rotation':
      // θ = 2 atan2(‖vec q‖, |w|), exact near 0 and near π.
      return 2 * Math.atan2(sine, Math.abs(E[at + 6]))
    case 'rotation-matrix':
      // ‖R − I‖² = 6 − 2 tr R = 4 (1 − cos θ) = 8 sin²(θ/2)
      return Math.sqrt(8) * sine
    case 'full':
      return Math.hypot(Math.sqrt(8) * sine, t)
  }
}
