import { UsageError } from '../numeric/index.ts'
import type { LieGroup } from './manifold.ts'

const cache = new Map<number, LieGroup>()

/** Rⁿ, named 'Rn' ('R3'): vectors under addition, stored as they are. Acts on points of Rⁿ by translation. */
export function euclidean(n: number): LieGroup {
  let group = cache.get(n)
  if (!group) {
    if (!Number.isInteger(n) || n < 1) throw new UsageError(`euclidean(n) takes a whole number n ≥ 1, got ${n}`)
    group = makeEuclidean(n)
    cache.set(n, group)
  }
  return group
}

function makeEuclidean(n: number): LieGroup {
  type Run = Float64Array
  const copy = (x: Run, xAt: number, out: Run, outAt: number): void => {
    for (let i = 0; i < n; i++) out[outAt + i] = x[xAt + i]
  }
  const add = (a: Run, aAt: number, b: Run, bAt: number, out: Run, outAt: number): void => {
    for (let i = 0; i < n; i++) out[outAt + i] = a[aAt + i] + b[bAt + i]
  }
  const unit = (_x: Run, _xAt: number, out: Run, outAt: number): void => {
    out.fill(0, outAt, outAt + n * n)
    for (let i = 0; i < n; i++) out[outAt + i * (n + 1)] = 1
  }
  return {
    name: `R${n}`,
    ambient: n,
    dim: n,
    pointDim: n,
    identity(out, outAt) {
      out.fill(0, outAt, outAt + n)
    },
    exp: copy,
    log: copy,
    compose: add,
    retract: add,
    act: add,
    inverse(a, aAt, out, outAt) {
      for (let i = 0; i < n; i++) out[outAt + i] = -a[aAt + i]
    },
    local(x, xAt, y, yAt, out, outAt) {
      for (let i = 0; i < n; i++) out[outAt + i] = y[yAt + i] - x[xAt + i]
    },
    normalize() {},
    retractJacobian: unit,
    adjoint: unit,
    leftJacobian: unit,
    rightJacobian: unit,
    leftJacobianInverse: unit,
    rightJacobianInverse: unit,
  }
}
