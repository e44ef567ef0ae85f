import type { BlockPartition, SymmetricBlockMatrix } from '../blocks.ts'
import { BlockCholesky } from '../cholesky/index.ts'
import type { IncompleteCholesky } from '../preconditioner/incomplete-cholesky.ts'

/**
 * A factor S P A Pᵀ S ≈ L Lᵀ, in the form that `triangular.ts` solves with (−L off the diagonal, reciprocals on it), whose
 * rows have norms of at most about 1: what a narrow format can hold (docs/maths/precision.md, eq. 10).
 */
export interface FactorSource {
  /** L by position: structure, and the numbers of the latest `load`. */
  readonly L: SymmetricBlockMatrix
  /** Reads the factor's current numbers. */
  load(): void
  /** x = S P r, by position. */
  enter(r: Float64Array, x: Float64Array): void
  /** z = Pᵀ S x; x is overwritten. */
  leave(x: Float64Array, z: Float64Array): void
}

export function factorSource(factor: IncompleteCholesky | BlockCholesky): FactorSource {
  return factor instanceof BlockCholesky ? completeFactor(factor) : incompleteFactor(factor)
}

/** From −L̄ with unit diagonal blocks and D = G Gᵀ to L = L̄ G; S is the factor's own scaling, P = I. */
function incompleteFactor(factor: IncompleteCholesky): FactorSource {
  const { blocks, columnStart, rowIndex, valueStart, values } = factor.factor
  const L = emptyFactor(blocks, columnStart, rowIndex)
  return {
    L,
    load() {
      for (let j = 0; j < blocks.count; j++) {
        const d = blocks.dims[j]
        const G = valueStart[columnStart[j]]
        copyDiagonal(values, G, L.values, L.valueStart[columnStart[j]], d)
        for (let e = columnStart[j] + 1; e < columnStart[j + 1]; e++)
          for (let r = 0; r < blocks.dims[rowIndex[e]]; r++)
            for (let c = 0; c < d; c++) {
              const row = valueStart[e] + r * d
              let sum = values[row + c] / values[G + c * d + c]
              for (let k = c + 1; k < d; k++) sum += values[row + k] * values[G + k * d + c]
              L.values[L.valueStart[e] + r * d + c] = sum
            }
      }
    },
    enter: (r, x) => factor.scaling.applyTransposed(r, x),
    leave(x, z) {
      factor.scaling.apply(x)
      z.set(x)
    },
  }
}

/** L of H itself: its rows have the norms √Hᵢᵢ, and S = diag(H)^−½ makes them 1. */
function completeFactor(factor: BlockCholesky): FactorSource {
  const { values, symbolic } = factor
  const { permuted: blocks, columnStart, rowIndex, valueStart, order, blocks: original } = symbolic
  const L = emptyFactor(blocks, columnStart, rowIndex)
  const scale = new Float64Array(factor.size)
  return {
    L,
    load() {
      rowNorms(values, symbolic, scale)
      for (let i = 0; i < scale.length; i++) scale[i] = scale[i] > 0 ? 1 / scale[i] : 1
      for (let j = 0; j < blocks.count; j++) {
        const d = blocks.dims[j]
        for (let e = columnStart[j]; e < columnStart[j + 1]; e++)
          for (let r = 0; r < blocks.dims[rowIndex[e]]; r++)
            for (let c = 0; c < d; c++) {
              const scaled = values[valueStart[e] + r * d + c] * scale[blocks.offset[rowIndex[e]] + r]
              L.values[L.valueStart[e] + r * d + c] = e > columnStart[j] || c < r ? -scaled : c === r ? 1 / scaled : 0
            }
      }
    },
    enter(r, x) {
      for (let k = 0; k < blocks.count; k++) {
        const from = original.offset[order[k]] - blocks.offset[k]
        for (let s = blocks.offset[k]; s < blocks.offset[k + 1]; s++) x[s] = scale[s] * r[from + s]
      }
    },
    leave(x, z) {
      for (let k = 0; k < blocks.count; k++) {
        const to = original.offset[order[k]] - blocks.offset[k]
        for (let s = blocks.offset[k]; s < blocks.offset[k + 1]; s++) z[to + s] = scale[s] * x[s]
      }
    },
  }
}

/** Norms of the rows of a complete factor. */
function rowNorms(
  values: Float64Array,
  { permuted: blocks, columnStart, rowIndex, valueStart }: BlockCholesky['symbolic'],
  norms: Float64Array,
): void {
  norms.fill(0)
  for (let j = 0; j < blocks.count; j++)
    for (let e = columnStart[j]; e < columnStart[j + 1]; e++)
      for (let r = 0; r < blocks.dims[rowIndex[e]]; r++) {
        const end = e === columnStart[j] ? r + 1 : blocks.dims[j]
        const row = valueStart[e] + r * blocks.dims[j]
        for (let c = 0; c < end; c++) norms[blocks.offset[rowIndex[e]] + r] += values[row + c] ** 2
      }
  for (let i = 0; i < norms.length; i++) norms[i] = Math.sqrt(norms[i])
}

/** The lower triangle with −L below the diagonal, reciprocals (as they are) on it, zeros above. */
function copyDiagonal(from: Float64Array, at: number, to: Float64Array, toAt: number, d: number): void {
  for (let r = 0; r < d; r++)
    for (let c = 0; c < d; c++)
      to[toAt + r * d + c] = c < r ? -from[at + r * d + c] : c === r ? from[at + r * d + c] : 0
}

function emptyFactor(blocks: BlockPartition, columnStart: Int32Array, rowIndex: Int32Array): SymmetricBlockMatrix {
  const valueStart = new Int32Array(rowIndex.length)
  let length = 0
  for (let j = 0; j < blocks.count; j++)
    for (let e = columnStart[j]; e < columnStart[j + 1]; e++) {
      valueStart[e] = length
      length += blocks.dims[rowIndex[e]] * blocks.dims[j]
    }
  return { blocks, columnStart, rowIndex, valueStart, values: new Float64Array(length) }
}
