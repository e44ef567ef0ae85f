import type { Graph, Key, Values } from '../graph/index.ts'
import { showKey } from '../graph/index.ts'
import { BlockCholesky, covarianceBlocks, NormalEquations, nullSpace } from '../linear/index.ts'
import { compile } from './compile.ts'
import { planGauge } from './gauge.ts'
import { linearize } from './linearize.ts'
import type { Program } from './program.ts'
import type { GaugeReport } from './summary.ts'

/** One direction in which the measurements leave variables free. */
export interface FreedomReport {
  /** The variables that move along it. */
  readonly variables: readonly Key[]
  /** The direction in their tangent spaces, one after the other in the order of `variables`; unit length in all unknowns. */
  readonly direction: Float64Array
}

/** A factor whose least pivot lost more digits than this may be that of a singular matrix, passed on rounding alone. */
const SUSPICIOUS_PIVOT = 1e-11

export type CovarianceOutcome =
  | {
      readonly ok: true
      /** One block per pair: dim(row) × dim(column), row-major, in tangent coordinates at the values. */
      readonly blocks: readonly Float64Array[]
      /** How a free gauge was fixed: covariances are relative to what is held, which has covariance 0. */
      readonly gauge: readonly GaugeReport[]
    }
  | {
      readonly ok: false
      /** The measurements leave something free besides the gauge: one sentence. */
      readonly reason: string
      readonly freedoms: readonly FreedomReport[]
    }

/**
 * Marginal covariances at some values: blocks of H⁻¹ with H = Σ Jᵀ Ω J (robust weights included), of the perturbations δ in
 * x ⊞ δ. A free gauge is held as the optimizer would hold it.
 *
 * @param pairs the blocks wanted: [key, key] for a variable's own covariance, [a, b] for a cross covariance
 */
export function marginalCovariances(
  graph: Graph,
  values: Values,
  pairs: readonly (readonly [Key, Key])[],
): CovarianceOutcome {
  const gauge = planGauge(graph, 'gn')
  const program = compile(graph, { anchors: gauge.anchors, holds: gauge.holds })
  const indices = pairs.map(([a, b]) => [graph.values.index(a), graph.values.index(b)] as const)
  linearize(program, values.data)
  const normal = new NormalEquations(program.jacobian)
  normal.form()
  const cholesky = new BlockCholesky(normal.hessian)
  const { ok } = cholesky.factor(normal.hessian, Float64Array.from(program.frozen))
  if (!ok || cholesky.leastPivotRatio() < SUSPICIOUS_PIVOT) {
    const found = freedoms(program, normal)
    if (!ok || found.freedoms.length > 0) {
      cholesky.dispose()
      return found
    }
  }

  const free = indices.filter(([a, b]) => program.blockOf[a] >= 0 && program.blockOf[b] >= 0)
  const found = covarianceBlocks(
    cholesky,
    free.map(([a, b]) => [program.blockOf[a], program.blockOf[b]] as const),
  )
  cholesky.dispose()
  let next = 0
  const blocks = indices.map((pair) => {
    const size = graph.values.manifold(pair[0]).dim * graph.values.manifold(pair[1]).dim
    return pair === free[next] ? withoutFrozen(program, pair, found[next++]) : new Float64Array(size)
  })
  return { ok: true, blocks, gauge: gauge.reports }
}

/** A held component is known: its rows and columns are 0, not the 1 that kept the factorization definite. */
function withoutFrozen(program: Program, [a, b]: readonly [number, number], block: Float64Array): Float64Array {
  const { blocks, blockOf, frozen } = program
  const row = blocks.offset[blockOf[a]]
  const column = blocks.offset[blockOf[b]]
  const width = blocks.dims[blockOf[b]]
  for (let i = 0; i < block.length; i++)
    if (frozen[row + Math.floor(i / width)] || frozen[column + (i % width)]) block[i] = 0
  return block
}

function freedoms(program: Program, normal: NormalEquations): Extract<CovarianceOutcome, { ok: false }> {
  const { blocks, frozen, variableOf, graph } = program
  const { hessian } = normal
  // A frozen unknown is not free: a unit diagonal takes it out of the null space.
  for (let j = 0; j < blocks.count; j++)
    for (let c = 0; c < blocks.dims[j]; c++)
      if (frozen[blocks.offset[j] + c])
        hessian.values[hessian.valueStart[hessian.columnStart[j]] + c * (blocks.dims[j] + 1)] = 1
  const space = nullSpace(hessian)
  const found = space.directions.map((direction): FreedomReport => {
    const parts = Array.from(direction.blocks, (j) => direction.vector.subarray(blocks.offset[j], blocks.offset[j + 1]))
    return {
      variables: Array.from(direction.blocks, (j) => graph.values.key(variableOf[j])),
      direction: Float64Array.from(parts.flatMap((part) => [...part])),
    }
  })
  const named = [...new Set(found.flatMap(({ variables }) => variables.map(showKey)))]
  const list = named.length <= 6 ? named.join(', ') : `${named.slice(0, 6).join(', ')} and ${named.length - 6} more`
  const numbers = `lowest eigenvalue ${space.eigenvalues[0]}`
  if (space.dimension === 0) {
    const reason = `too ill-conditioned to factor, though no direction is free: ${numbers} > ${space.floor} of the matrix with unit diagonal`
    return { ok: false, reason, freedoms: found }
  }
  const count = `${space.complete ? '' : 'at least '}${space.dimension} ${space.dimension === 1 ? 'direction' : 'directions'}`
  const reason = `the measurements leave ${count} free, among the variables ${list} (${numbers} ≤ ${space.floor} of the matrix with unit diagonal)`
  return { ok: false, reason, freedoms: found }
}
