/**
 * A mistake of the caller: an impossible option, a wrong size, an unknown name. Thrown at the door, before any work, with
 * what was expected and what came. Numerical outcomes (not converged, rank-deficient, lost) are values, never errors.
 */
export class UsageError extends Error {
  constructor(message: string) {
    super(message)
    this.name = new.target.name
  }
}
