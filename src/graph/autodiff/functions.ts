import type { Dual, Scalar } from './dual.ts'

/** A function of one scalar: numbers give numbers, duals give duals. */
export interface Unary {
  (a: Dual): Dual
  (a: number): number
  (a: Scalar): Scalar
}

/** A function of two scalars: a dual on either side gives a dual. */
export interface Binary {
  (a: Dual, b: Scalar): Dual
  (a: Scalar, b: Dual): Dual
  (a: number, b: number): number
  (a: Scalar, b: Scalar): Scalar
}

function plus(a: Scalar, b: Scalar): Scalar {
  if (typeof a !== 'number') return a.add(b)
  return typeof b === 'number' ? a + b : b.add(a)
}

function minus(a: Scalar, b: Scalar): Scalar {
  if (typeof a !== 'number') return a.sub(b)
  return typeof b === 'number' ? a - b : b.chain(a - b.value, -1)
}

function times(a: Scalar, b: Scalar): Scalar {
  if (typeof a !== 'number') return a.mul(b)
  return typeof b === 'number' ? a * b : b.mul(a)
}

function over(a: Scalar, b: Scalar): Scalar {
  if (typeof a !== 'number') return a.div(b)
  if (typeof b === 'number') return a / b
  const quotient = a / b.value
  return b.chain(quotient, -quotient / b.value)
}

function power(a: Scalar, b: Scalar): Scalar {
  if (typeof a !== 'number') return a.pow(b)
  if (typeof b === 'number') return a ** b
  const value = a ** b.value
  return b.chain(value, a === 0 ? 0 : value * Math.log(a))
}

function angle(y: Scalar, x: Scalar): Scalar {
  if (typeof y !== 'number') return y.atan2(x)
  if (typeof x === 'number') return Math.atan2(y, x)
  const square = x.value * x.value + y * y
  return x.chain(Math.atan2(y, x.value), square === 0 ? 0 : -y / square)
}

/** a b + s c d in one pass over the derivatives: what products of vectors and quaternions are made of. */
export function twoProducts(a: Scalar, b: Scalar, s: number, c: Scalar, d: Scalar): Scalar {
  if (typeof a !== 'number' && typeof b !== 'number' && typeof c !== 'number' && typeof d !== 'number') {
    const out = a.chain2(a.value * b.value + s * (c.value * d.value), b.value, b, a.value)
    return out.accumulate(s * d.value, c, s * c.value, d)
  }
  // one dual on each side: numbers against a variable, as measurements are
  const [p, m] = typeof a === 'number' ? [b, a] : [a, b]
  const [q, n] = typeof c === 'number' ? [d, c] : [c, d]
  if (typeof p !== 'number' && typeof q !== 'number' && typeof m === 'number' && typeof n === 'number')
    return p.chain2(p.value * m + s * (q.value * n), m, q, s * n)
  return plus(times(a, b), times(times(c, d), s))
}

export const add: Binary = plus as Binary
export const sub: Binary = minus as Binary
export const mul: Binary = times as Binary
export const div: Binary = over as Binary
/** aᵇ; a dual exponent needs a > 0. */
export const pow: Binary = power as Binary
/** The angle of the point (x, y), given as (y, x). */
export const atan2: Binary = angle as Binary

export const neg: Unary = ((a: Scalar) => (typeof a === 'number' ? -a : a.neg())) as Unary
export const square: Unary = ((a: Scalar) => (typeof a === 'number' ? a * a : a.square())) as Unary
export const sqrt: Unary = ((a: Scalar) => (typeof a === 'number' ? Math.sqrt(a) : a.sqrt())) as Unary
export const exp: Unary = ((a: Scalar) => (typeof a === 'number' ? Math.exp(a) : a.exp())) as Unary
export const log: Unary = ((a: Scalar) => (typeof a === 'number' ? Math.log(a) : a.log())) as Unary
export const sin: Unary = ((a: Scalar) => (typeof a === 'number' ? Math.sin(a) : a.sin())) as Unary
export const cos: Unary = ((a: Scalar) => (typeof a === 'number' ? Math.cos(a) : a.cos())) as Unary
export const tan: Unary = ((a: Scalar) => (typeof a === 'number' ? Math.tan(a) : a.tan())) as Unary
export const asin: Unary = ((a: Scalar) => (typeof a === 'number' ? Math.asin(a) : a.asin())) as Unary
export const acos: Unary = ((a: Scalar) => (typeof a === 'number' ? Math.acos(a) : a.acos())) as Unary
export const atan: Unary = ((a: Scalar) => (typeof a === 'number' ? Math.atan(a) : a.atan())) as Unary
export const abs: Unary = ((a: Scalar) => (typeof a === 'number' ? Math.abs(a) : a.abs())) as Unary

/** The number without its derivatives, to branch on. */
export function real(a: Scalar): number {
  return typeof a === 'number' ? a : a.value
}
