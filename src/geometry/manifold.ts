/**
 * What a variable of an optimization problem lives on.
 *
 * Elements are runs of `ambient` numbers inside larger Float64Arrays, named by array and offset, so that a hundred
 * thousand poses are one array and nothing is allocated in a loop. An output (element, tangent or point) may be the same
 * run as an input; a matrix may not.
 * Perturbations act on the right: `retract(x, δ) = x · Exp(δ)` for a group.
 */
export interface Manifold {
  /** The field's name for it: 'SE3', 'R3', … Two manifolds with the same name are the same. */
  readonly name: string
  /** Numbers that store one element. */
  readonly ambient: number
  /** Degrees of freedom: the length of a tangent vector. */
  readonly dim: number
  /** Writes the neutral (or some default) element. */
  identity(out: Float64Array, outAt: number): void
  /** out = x ⊞ δ. */
  retract(x: Float64Array, xAt: number, delta: Float64Array, deltaAt: number, out: Float64Array, outAt: number): void
  /** out = y ⊟ x, the δ (dim numbers) for which x ⊞ δ = y. */
  local(x: Float64Array, xAt: number, y: Float64Array, yAt: number, out: Float64Array, outAt: number): void
  /** out = ∂(x ⊞ δ)/∂δ at δ = 0, ambient × dim row-major: how automatic differentiation seeds its variables. */
  retractJacobian(x: Float64Array, xAt: number, out: Float64Array, outAt: number): void
  /** Brings a stored element back onto the manifold after rounding or reading (unit quaternion, wrapped angle). */
  normalize(x: Float64Array, xAt: number): void
}

/** A Lie group, in the conventions of J. Solà et al., "A micro Lie theory for state estimation in robotics" (2018). */
export interface LieGroup extends Manifold {
  /** out = Exp(ξ); ξ has dim numbers, translation first, rotation second (scale last). */
  exp(xi: Float64Array, xiAt: number, out: Float64Array, outAt: number): void
  /** out = Log(x), the smallest tangent vector. */
  log(x: Float64Array, xAt: number, out: Float64Array, outAt: number): void
  /** out = a · b. */
  compose(a: Float64Array, aAt: number, b: Float64Array, bAt: number, out: Float64Array, outAt: number): void
  /** out = a⁻¹. */
  inverse(a: Float64Array, aAt: number, out: Float64Array, outAt: number): void
  /** out = Ad_a, dim × dim row-major: a · Exp(ξ) · a⁻¹ = Exp(Ad_a ξ). */
  adjoint(a: Float64Array, aAt: number, out: Float64Array, outAt: number): void
  /** out = J_l(ξ), dim × dim row-major: Exp(ξ + δ) ≈ Exp(J_l(ξ) δ) · Exp(ξ). */
  leftJacobian(xi: Float64Array, xiAt: number, out: Float64Array, outAt: number): void
  /** out = J_r(ξ), dim × dim row-major: Exp(ξ + δ) ≈ Exp(ξ) · Exp(J_r(ξ) δ). */
  rightJacobian(xi: Float64Array, xiAt: number, out: Float64Array, outAt: number): void
  /** out = J_l(ξ)⁻¹. */
  leftJacobianInverse(xi: Float64Array, xiAt: number, out: Float64Array, outAt: number): void
  /** out = J_r(ξ)⁻¹: Log(Exp(ξ) · Exp(δ)) ≈ ξ + J_r(ξ)⁻¹ δ. */
  rightJacobianInverse(xi: Float64Array, xiAt: number, out: Float64Array, outAt: number): void
  /** The space the group acts on (2 for SE2, 3 for SE3), or 0 when it acts on none. */
  readonly pointDim: number
  /** out = a · p for a point p of pointDim numbers (bFromA · pInA = pInB). */
  act(a: Float64Array, aAt: number, p: Float64Array, pAt: number, out: Float64Array, outAt: number): void
}
