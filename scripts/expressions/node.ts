/**
 * Arithmetic as a graph: every distinct subexpression exists once, so that what is written twice is computed once. Only
 * identities that hold to the bit are used (but for the sign of a zero, and for 0 · x where x is not finite): + and ×
 * commute, a sign moves, 0 and 1 vanish. Nothing is reassociated, so every emitter computes the same roundings.
 */
export type Op = 'constant' | 'input' | 'add' | 'sub' | 'mul' | 'div' | 'neg' | 'abs' | 'floor' | 'less' | 'select'

export interface Node {
  readonly id: number
  readonly op: Op
  readonly args: readonly Node[]
  /** Of a constant. */
  readonly value: number
  /** Of an input: where it is read from. */
  readonly source: Source | null
}

/** A number that is given: entry `index` of a variable, of the factor's data, or of its packed root R. */
export interface Source {
  readonly from: 'variable' | 'data' | 'root'
  /** Which variable. */
  readonly slot: number
  readonly index: number
}

const known = new Map<string, Node>()

function node(op: Op, args: readonly Node[], value = 0, source: Source | null = null): Node {
  const key = source
    ? `${source.from} ${source.slot} ${source.index}`
    : op === 'constant'
      ? `constant ${value}`
      : `${op} ${args.map((a) => a.id).join(' ')}`
  let found = known.get(key)
  if (!found) {
    found = { id: known.size, op, args, value, source }
    known.set(key, found)
  }
  return found
}

export function constant(value: number): Node {
  return value < 0 ? neg(node('constant', [], -value)) : node('constant', [], value + 0)
}

export function input(from: Source['from'], slot: number, index: number): Node {
  return node('input', [], 0, { from, slot, index })
}

export const zero: Node = constant(0)
export const one: Node = constant(1)

export function neg(a: Node): Node {
  if (a === zero) return zero
  return a.op === 'neg' ? a.args[0]! : node('neg', [a])
}

export function add(a: Node, b: Node): Node {
  if (a === zero) return b
  if (b === zero) return a
  if (b.op === 'neg') return sub(a, b.args[0]!)
  if (a.op === 'neg') return sub(b, a.args[0]!)
  return node('add', byId(a, b))
}

export function sub(a: Node, b: Node): Node {
  if (b === zero) return a
  if (a === zero) return neg(b)
  if (b.op === 'neg') return add(a, b.args[0]!)
  if (a.op === 'neg') return neg(add(a.args[0]!, b))
  return node('sub', [a, b])
}

export function mul(a: Node, b: Node): Node {
  if (a === zero || b === zero) return zero
  if (a === one) return b
  if (b === one) return a
  if (a.op === 'neg') return neg(mul(a.args[0]!, b))
  if (b.op === 'neg') return neg(mul(a, b.args[0]!))
  return node('mul', byId(a, b))
}

export function div(a: Node, b: Node): Node {
  if (a.op === 'neg') return neg(div(a.args[0]!, b))
  if (b.op === 'neg') return neg(div(a, b.args[0]!))
  return b === one ? a : node('div', [a, b])
}

export function abs(a: Node): Node {
  return node('abs', [a.op === 'neg' ? a.args[0]! : a])
}

export function floor(a: Node): Node {
  return node('floor', [a])
}

/** a < b; for `select` only. */
export function less(a: Node, b: Node): Node {
  return node('less', [a, b])
}

/** condition ? a : b */
export function select(condition: Node, a: Node, b: Node): Node {
  return a === b ? a : node('select', [condition, a, b])
}

export function sum(terms: readonly Node[]): Node {
  return terms.reduce(add, zero)
}

function byId(a: Node, b: Node): Node[] {
  return a.id <= b.id ? [a, b] : [b, a]
}
