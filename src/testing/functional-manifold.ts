import type { LieGroup, Manifold } from '../geometry/index.ts'

/**
 * A manifold's operations as functions that return new arrays, for laws that read as they are written. Every call is made
 * at odd offsets, between guards: writing outside the output's own numbers throws.
 */
export function functional(m: Manifold): FunctionalManifold {
  const { name, ambient, dim } = m
  return {
    identity: () => guarded(`${name}.identity`, ambient, [], (_v, _i, out, at) => m.identity(out, at)),
    retract: (x, delta) =>
      guarded(`${name}.retract`, ambient, [x, delta], (v, i, out, at) => m.retract(v, i[0], v, i[1], out, at)),
    local: (x, y) => guarded(`${name}.local`, dim, [x, y], (v, i, out, at) => m.local(v, i[0], v, i[1], out, at)),
    retractJacobian: (x) =>
      guarded(`${name}.retractJacobian`, ambient * dim, [x], (v, i, out, at) => m.retractJacobian(v, i[0], out, at)),
    normalize: (x) =>
      guarded(`${name}.normalize`, ambient, [x], (_v, _i, out, at) => {
        out.set(x, at)
        m.normalize(out, at)
      }),
  }
}

/** As {@link functional}, for a group. */
export function functionalGroup(g: LieGroup): FunctionalGroup {
  const { name, ambient, dim } = g
  const square = (op: SquareName): One => {
    return (x) => guarded(`${name}.${op}`, dim * dim, [x], (v, i, out, at) => g[op](v, i[0], out, at))
  }
  return {
    ...functional(g),
    exp: (xi) => guarded(`${name}.exp`, ambient, [xi], (v, i, out, at) => g.exp(v, i[0], out, at)),
    log: (x) => guarded(`${name}.log`, dim, [x], (v, i, out, at) => g.log(v, i[0], out, at)),
    compose: (a, b) =>
      guarded(`${name}.compose`, ambient, [a, b], (v, i, out, at) => g.compose(v, i[0], v, i[1], out, at)),
    inverse: (a) => guarded(`${name}.inverse`, ambient, [a], (v, i, out, at) => g.inverse(v, i[0], out, at)),
    act: (a, p) => guarded(`${name}.act`, g.pointDim, [a, p], (v, i, out, at) => g.act(v, i[0], v, i[1], out, at)),
    adjoint: square('adjoint'),
    leftJacobian: square('leftJacobian'),
    rightJacobian: square('rightJacobian'),
    leftJacobianInverse: square('leftJacobianInverse'),
    rightJacobianInverse: square('rightJacobianInverse'),
  }
}

type SquareName = 'adjoint' | 'leftJacobian' | 'rightJacobian' | 'leftJacobianInverse' | 'rightJacobianInverse'

type One = (x: Float64Array) => Float64Array
type Two = (a: Float64Array, b: Float64Array) => Float64Array

export interface FunctionalManifold {
  identity(): Float64Array
  retract: Two
  local: Two
  retractJacobian: One
  normalize: One
}

export interface FunctionalGroup extends FunctionalManifold {
  exp: One
  log: One
  compose: Two
  inverse: One
  act: Two
  adjoint: One
  leftJacobian: One
  rightJacobian: One
  leftJacobianInverse: One
  rightJacobianInverse: One
}

type Call = (inputs: Float64Array, at: readonly number[], out: Float64Array, outAt: number) => void

const GUARD = -1.25e99
const MARGIN = 3

function guarded(operation: string, length: number, inputs: readonly Float64Array[], call: Call): Float64Array {
  const packed = new Float64Array(inputs.reduce((size, x) => size + x.length + 1, 1)).fill(GUARD)
  const at: number[] = []
  let next = 1
  for (const x of inputs) {
    packed.set(x, next)
    at.push(next)
    next += x.length + 1
  }
  const before = packed.slice()
  const out = new Float64Array(length + 2 * MARGIN).fill(GUARD)
  call(packed, at, out, MARGIN)
  for (let i = 0; i < packed.length; i++)
    if (!Object.is(packed[i], before[i])) throw new Error(`${operation} writes into its input`)
  for (let i = 0; i < MARGIN; i++)
    if (out[i] !== GUARD || out[out.length - 1 - i] !== GUARD)
      throw new Error(`${operation} writes outside the ${length} numbers of its output`)
  return out.slice(MARGIN, MARGIN + length)
}
