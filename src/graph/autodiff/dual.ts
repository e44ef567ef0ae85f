/**
 * Forward automatic differentiation: a dual number carries its value and its derivatives by every tangent coordinate of
 * the factor's variables, and each operation applies the chain rule (W. K. Clifford 1873; R. E. Wengert, "A simple
 * automatic derivative evaluation program", CACM 1964). Derivatives are exact up to rounding.
 */
export type Scalar = number | Dual

/**
 * A number with derivatives. Made by {@link defineFactor} for the variables and by operations on those; immutable to its
 * user, who may branch on `value`. It belongs to one evaluation: afterwards its storage is used again, so keep none.
 */
export class Dual {
  /** The number itself. */
  value: number
  /** ∂/∂δ by the tangent coordinates of all variables, one behind the other; only the first `pool.width` are valid. */
  readonly d: Float64Array
  private readonly pool: DualPool

  constructor(pool: DualPool, value: number) {
    this.pool = pool
    this.value = value
    this.d = new Float64Array(pool.capacity)
  }

  add(b: Scalar): Dual {
    if (typeof b === 'number') return this.chain(this.value + b, 1)
    return this.chain2(this.value + b.value, 1, b, 1)
  }

  sub(b: Scalar): Dual {
    if (typeof b === 'number') return this.chain(this.value - b, 1)
    return this.chain2(this.value - b.value, 1, b, -1)
  }

  mul(b: Scalar): Dual {
    if (typeof b === 'number') return this.chain(this.value * b, b)
    return this.chain2(this.value * b.value, b.value, b, this.value)
  }

  div(b: Scalar): Dual {
    if (typeof b === 'number') return this.chain(this.value / b, 1 / b)
    const quotient = this.value / b.value
    return this.chain2(quotient, 1 / b.value, b, -quotient / b.value)
  }

  neg(): Dual {
    return this.chain(-this.value, -1)
  }

  square(): Dual {
    return this.chain(this.value * this.value, 2 * this.value)
  }

  /** √x; at 0 the slope is infinite. */
  sqrt(): Dual {
    const root = Math.sqrt(this.value)
    return this.chain(root, 0.5 / root)
  }

  /** xᵖ; a dual exponent needs x > 0 (at x = 0 its derivative is taken as 0). */
  pow(p: Scalar): Dual {
    const x = this.value
    if (typeof p === 'number') return this.chain(x ** p, p === 0 ? 0 : p * x ** (p - 1))
    const power = x ** p.value
    const slope = p.value === 0 ? 0 : p.value * x ** (p.value - 1)
    return this.chain2(power, slope, p, x === 0 ? 0 : power * Math.log(x))
  }

  exp(): Dual {
    const value = Math.exp(this.value)
    return this.chain(value, value)
  }

  log(): Dual {
    return this.chain(Math.log(this.value), 1 / this.value)
  }

  sin(): Dual {
    return this.chain(Math.sin(this.value), Math.cos(this.value))
  }

  cos(): Dual {
    return this.chain(Math.cos(this.value), -Math.sin(this.value))
  }

  tan(): Dual {
    const tangent = Math.tan(this.value)
    return this.chain(tangent, 1 + tangent * tangent)
  }

  asin(): Dual {
    return this.chain(Math.asin(this.value), 1 / Math.sqrt((1 - this.value) * (1 + this.value)))
  }

  acos(): Dual {
    return this.chain(Math.acos(this.value), -1 / Math.sqrt((1 - this.value) * (1 + this.value)))
  }

  atan(): Dual {
    return this.chain(Math.atan(this.value), 1 / (1 + this.value * this.value))
  }

  /** The angle of the point (x, this). At the origin, where it has no derivative, the derivative is taken as 0. */
  atan2(x: Scalar): Dual {
    const y = this.value
    const at = typeof x === 'number' ? x : x.value
    const square = at * at + y * y
    const scale = square === 0 ? 0 : 1 / square
    if (typeof x === 'number') return this.chain(Math.atan2(y, at), at * scale)
    return this.chain2(Math.atan2(y, at), at * scale, x, -y * scale)
  }

  /** |x|; at 0 the derivative is taken as 0. */
  abs(): Dual {
    return this.chain(Math.abs(this.value), Math.sign(this.value))
  }

  /** A dual of the given value with slope · d: what a function of one number is made with. */
  chain(value: number, slope: number): Dual {
    const { d, pool } = this
    const out = pool.take(value)
    const { width } = pool
    const e = out.d
    if (slope - slope === 0) for (let i = 0; i < width; i++) e[i] = slope * d[i]
    else for (let i = 0; i < width; i++) e[i] = d[i] === 0 ? 0 : slope * d[i] // a constant under √ stays one
    return out
  }

  /** A dual of the given value with slope · d + slopeB · d(b): a function of two numbers. */
  chain2(value: number, slope: number, b: Dual, slopeB: number): Dual {
    const { d, pool } = this
    const out = pool.take(value)
    const { width } = pool
    const e = b.d
    const f = out.d
    for (let i = 0; i < width; i++) f[i] = slope * d[i] + slopeB * e[i]
    return out
  }

  /** Adds slopeA · d(a) + slopeB · d(b) to the derivatives of this fresh dual: the rest of a function of four numbers. */
  accumulate(slopeA: number, a: Dual, slopeB: number, b: Dual): Dual {
    const { width } = this.pool
    for (let i = 0; i < width; i++) this.d[i] += slopeA * a.d[i] + slopeB * b.d[i]
    return this
  }
}

/** Duals to be used again at every evaluation: after the first, operations allocate nothing. */
export class DualPool {
  /** Derivatives that a dual has room for. */
  readonly capacity: number
  /** Derivatives carried at present: `capacity`, or 0 when only values are wanted. */
  width: number
  private readonly duals: Dual[] = []
  private used = 0

  constructor(capacity: number) {
    this.capacity = capacity
    this.width = capacity
  }

  /** Frees all duals taken so far. */
  restart(width: number): void {
    this.width = width
    this.used = 0
  }

  take(value: number): Dual {
    if (this.used === this.duals.length) this.duals.push(new Dual(this, value))
    const dual = this.duals[this.used++]
    dual.value = value
    return dual
  }
}
