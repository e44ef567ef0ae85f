import { add, constant, div, mul, type Node, neg, one, sub, zero } from './node.ts'

/**
 * Forward derivatives: a number and its slopes, d value / d δ by column δ of the perturbation. A column that is not there
 * is zero.
 */
export interface Dual {
  readonly value: Node
  readonly slopes: ReadonlyMap<number, Node>
}

export type Vector = readonly Dual[]

export function fixed(value: Node | number): Dual {
  return { value: typeof value === 'number' ? constant(value) : value, slopes: new Map() }
}

export function withSlopes(value: Node, slopes: Iterable<readonly [number, Node]>): Dual {
  return { value, slopes: new Map([...slopes].filter(([, slope]) => slope !== zero)) }
}

/** A function of a and b with partial derivatives (da, db). */
function combine(value: Node, a: Dual, da: (s: Node) => Node, b: Dual, db: (s: Node) => Node): Dual {
  const columns = new Set([...a.slopes.keys(), ...b.slopes.keys()])
  return withSlopes(
    value,
    [...columns].map((c) => [c, add(da(a.slopes.get(c) ?? zero), db(b.slopes.get(c) ?? zero))] as const),
  )
}

export function plus(a: Dual, b: Dual): Dual {
  return combine(
    add(a.value, b.value),
    a,
    (s) => s,
    b,
    (s) => s,
  )
}

export function minus(a: Dual, b: Dual): Dual {
  return combine(sub(a.value, b.value), a, (s) => s, b, neg)
}

export function times(a: Dual, b: Dual): Dual {
  return combine(
    mul(a.value, b.value),
    a,
    (s) => mul(s, b.value),
    b,
    (s) => mul(a.value, s),
  )
}

/** a / b as a · (1/b), with slope (a′ − (a/b) b′) · (1/b). */
export function over(a: Dual, b: Dual): Dual {
  const inverse = div(one, b.value)
  const value = mul(a.value, inverse)
  const columns = new Set([...a.slopes.keys(), ...b.slopes.keys()])
  const slope = (c: number): Node => mul(sub(a.slopes.get(c) ?? zero, mul(value, b.slopes.get(c) ?? zero)), inverse)
  return withSlopes(
    value,
    [...columns].map((c) => [c, slope(c)] as const),
  )
}

export function negative(a: Dual): Dual {
  return minus(fixed(0), a)
}

export function total(terms: readonly Dual[]): Dual {
  return terms.reduce(plus)
}

/** The product of a matrix, by rows, and a vector. */
export function apply(M: readonly (readonly Dual[])[], v: Vector): Vector {
  return M.map((row) => total(row.map((m, k) => times(m, v[k]!))))
}

export function difference(a: Vector, b: Vector): Vector {
  return a.map((x, k) => minus(x, b[k]!))
}

let locals = 0

/**
 * f(v) by the chain rule: f is differentiated by v's few entries, and that matrix multiplied by v's slopes, which is
 * cheaper than carrying every column of v through f.
 */
export function through(v: Vector, f: (v: Vector) => Vector): Vector {
  const seeds = v.map((x) => withSlopes(x.value, [[--locals, one]]))
  const columnOf = seeds.map((s) => [...s.slopes.keys()][0]!)
  return f(seeds).map((y) => {
    const direct = withSlopes(
      y.value,
      [...y.slopes].filter(([c]) => !columnOf.includes(c)),
    )
    return v.reduce<Dual>((result, x, k) => {
      const by = y.slopes.get(columnOf[k]!) ?? zero
      const carried = withSlopes(
        zero,
        [...x.slopes].map(([c, s]) => [c, mul(by, s)] as const),
      )
      return { value: result.value, slopes: plus(result, carried).slopes }
    }, direct)
  })
}
