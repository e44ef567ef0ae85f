import { UsageError } from '../numeric/index.ts'
import type { LieGroup, Manifold } from './manifold.ts'

const cache = new Map<string, Manifold>()

/**
 * The direct product, named by its parts ('SE3×R3'): storage and tangent are the parts' one behind the other, and every
 * operation works part by part. A group when all parts are groups; it acts on no points. Products of products are flat.
 */
export function product(...parts: LieGroup[]): LieGroup
export function product(...parts: Manifold[]): Manifold
export function product(...parts: Manifold[]): Manifold {
  if (parts.length === 0) throw new UsageError('product(...) takes at least one manifold, got none')
  const name = parts.map((part) => part.name).join('×')
  let made = cache.get(name)
  if (!made) {
    made = parts.every(isGroup) ? makeGroup(name, parts) : makeManifold(name, parts)
    cache.set(name, made)
  }
  return made
}

/** Whether a manifold is a Lie group: has Exp and what belongs to it. */
export function isGroup(manifold: Manifold): manifold is LieGroup {
  return 'exp' in manifold && 'compose' in manifold
}

/** Where each part starts, in storage and in the tangent. */
function layout(parts: readonly Manifold[]): { starts: number[]; tangents: number[]; ambient: number; dim: number } {
  const starts: number[] = []
  const tangents: number[] = []
  let ambient = 0
  let dim = 0
  for (const part of parts) {
    starts.push(ambient)
    tangents.push(dim)
    ambient += part.ambient
    dim += part.dim
  }
  return { starts, tangents, ambient, dim }
}

function makeManifold(name: string, parts: readonly Manifold[]): Manifold {
  const { starts, tangents, ambient, dim } = layout(parts)
  const n = parts.length
  const block = new Float64Array(largestBlock(parts))
  const first = new Float64Array(ambient)
  const second = new Float64Array(ambient)
  return {
    name,
    ambient,
    dim,
    identity(out, outAt) {
      for (let k = 0; k < n; k++) parts[k].identity(out, outAt + starts[k])
    },
    // An output may lie on an input, where a part's tangent and element start at different numbers. A part only promises
    // to allow the same run, so its input is copied out first; and as elements are no shorter than their tangents, no part's
    // output reaches inputs still to be read when elements are written from the last part and tangents from the first.
    retract(x, xAt, delta, deltaAt, out, outAt) {
      for (let k = n - 1; k >= 0; k--) {
        copy(delta, deltaAt + tangents[k], parts[k].dim, first)
        parts[k].retract(x, xAt + starts[k], first, 0, out, outAt + starts[k])
      }
    },
    local(x, xAt, y, yAt, out, outAt) {
      for (let k = 0; k < n; k++) {
        copy(x, xAt + starts[k], parts[k].ambient, first)
        copy(y, yAt + starts[k], parts[k].ambient, second)
        parts[k].local(first, 0, second, 0, out, outAt + tangents[k])
      }
    },
    normalize(x, xAt) {
      for (let k = 0; k < n; k++) parts[k].normalize(x, xAt + starts[k])
    },
    retractJacobian(x, xAt, out, outAt) {
      out.fill(0, outAt, outAt + ambient * dim)
      for (let k = 0; k < n; k++) {
        parts[k].retractJacobian(x, xAt + starts[k], block, 0)
        place(block, parts[k].ambient, parts[k].dim, out, outAt + starts[k] * dim + tangents[k], dim)
      }
    },
  }
}

type SquareName = 'adjoint' | 'leftJacobian' | 'rightJacobian' | 'leftJacobianInverse' | 'rightJacobianInverse'

function makeGroup(name: string, parts: readonly LieGroup[]): LieGroup {
  const { starts, tangents, ambient, dim } = layout(parts)
  const n = parts.length
  const block = new Float64Array(largestBlock(parts))
  const input = new Float64Array(ambient)
  const blockDiagonal = (square: SquareName, sources: readonly number[]): LieGroup[SquareName] => {
    return (x, xAt, out, outAt) => {
      out.fill(0, outAt, outAt + dim * dim)
      for (let k = 0; k < n; k++) {
        parts[k][square](x, xAt + sources[k], block, 0)
        place(block, parts[k].dim, parts[k].dim, out, outAt + tangents[k] * (dim + 1), dim)
      }
    }
  }
  return {
    ...makeManifold(name, parts),
    pointDim: 0,
    exp(xi, xiAt, out, outAt) {
      for (let k = n - 1; k >= 0; k--) {
        copy(xi, xiAt + tangents[k], parts[k].dim, input)
        parts[k].exp(input, 0, out, outAt + starts[k])
      }
    },
    log(x, xAt, out, outAt) {
      for (let k = 0; k < n; k++) {
        copy(x, xAt + starts[k], parts[k].ambient, input)
        parts[k].log(input, 0, out, outAt + tangents[k])
      }
    },
    compose(a, aAt, b, bAt, out, outAt) {
      for (let k = 0; k < n; k++) parts[k].compose(a, aAt + starts[k], b, bAt + starts[k], out, outAt + starts[k])
    },
    inverse(a, aAt, out, outAt) {
      for (let k = 0; k < n; k++) parts[k].inverse(a, aAt + starts[k], out, outAt + starts[k])
    },
    adjoint: blockDiagonal('adjoint', starts),
    leftJacobian: blockDiagonal('leftJacobian', tangents),
    rightJacobian: blockDiagonal('rightJacobian', tangents),
    leftJacobianInverse: blockDiagonal('leftJacobianInverse', tangents),
    rightJacobianInverse: blockDiagonal('rightJacobianInverse', tangents),
    act() {
      throw new UsageError(`${name} acts on no points (pointDim is 0): let one of its parts act`)
    },
  }
}

function largestBlock(parts: readonly Manifold[]): number {
  return Math.max(...parts.map((part) => part.ambient * part.dim))
}

function copy(from: Float64Array, at: number, length: number, to: Float64Array): void {
  for (let i = 0; i < length; i++) to[i] = from[at + i]
}

/** Writes a rows × columns block into a matrix whose rows are `stride` numbers apart. */
function place(
  block: Float64Array,
  rows: number,
  columns: number,
  out: Float64Array,
  outAt: number,
  stride: number,
): void {
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) out[outAt + i * stride + j] = block[i * columns + j]
}
