import {
  type NormalEquations,
  type Preconditioner,
  RoundedCholesky,
  RoundedIncompleteCholesky,
  type SymmetricBlockMatrix,
} from '../../linear/index.ts'
import { type Amount, factorization, triangularSolves } from '../precision/amounts.ts'
import type { PrecisionPolicy } from '../precision/policy.ts'
import type { PrecisionRecord } from '../precision/record.ts'
import type { Rung } from './ladder.ts'

/** The factor of one rung: what it costs, and how its latest update went. */
export interface RoundedFactor extends Preconditioner {
  /** Refactors the current Hessian. Null when it may be applied, otherwise why not. */
  refresh(damping: Float64Array): string | null
  factorizationAmount(): Amount
  solvesAmount(): Amount
}

export function roundedFactor(
  normal: NormalEquations,
  rung: Rung,
  policy: PrecisionPolicy,
  record: PrecisionRecord,
): RoundedFactor {
  return rung.fill === null
    ? completeFactor(normal.hessian, rung, policy, record)
    : incompleteFactor(normal.hessian, rung.fill, rung, policy, record)
}

function incompleteFactor(
  H: SymmetricBlockMatrix,
  fill: number,
  rung: Rung,
  policy: PrecisionPolicy,
  record: PrecisionRecord,
): RoundedFactor {
  const incomplete = new RoundedIncompleteCholesky(H, {
    fill,
    scaling: 'blocks',
    factorization: rung.factorization,
    solves: rung.solves,
    normalize: policy.normalize,
  })
  const { factor } = incomplete
  return {
    refresh(damping) {
      const { outcome, retries, shift, pivot, scale, update, first, overflowed, subnormal } = incomplete.update(damping)
      const where = () => `block column ${first?.block ?? 0} of IC(${fill}) in ${rung.factorization.computed}`
      const value = first?.value ?? 0
      if (pivot > 0) record.events.note('factorization', 'breakdown', value, () => `B1, a pivot in ${where()}`, pivot)
      if (scale > 0)
        record.events.note('factorization', 'overflow', value, () => `B2, the scaling of ${where()}`, scale)
      if (update > 0)
        record.events.note('factorization', 'overflow', value, () => `B3, an update of ${where()}`, update)
      if (overflowed > 0)
        record.events.note(
          'preconditioner',
          'overflow',
          Number.POSITIVE_INFINITY,
          () => `the factor IC(${fill})`,
          overflowed,
        )
      if (subnormal > 0) record.events.note('preconditioner', 'underflow', 0, () => `the factor IC(${fill})`, subnormal)
      if (outcome === 'factored') return null
      return `IC(${fill}) breaks down ${retries} times, up to a shift of ${shift} (B1 ${pivot}, B2 ${scale}, B3 ${update})`
    },
    apply: (r, z) => incomplete.apply(r, z),
    factorizationAmount: () => factorization(factor, rung.factorization.stored),
    solvesAmount: () =>
      triangularSolves(factor.blocks, factor.values.length, rung.solves.stored, policy.vectors.stored),
  }
}

function completeFactor(
  H: SymmetricBlockMatrix,
  rung: Rung,
  policy: PrecisionPolicy,
  record: PrecisionRecord,
): RoundedFactor {
  const complete = new RoundedCholesky(
    H,
    rung.solves,
    policy.normalize,
    rung.factorization.computed === 'fp32' ? 'fp32' : 'fp64',
  )
  const { symbolic } = complete
  return {
    refresh(damping) {
      const outcome = complete.update(damping)
      if (!outcome.ok) {
        record.events.note('factorization', 'breakdown', outcome.pivot, () => `pivot of block ${outcome.block}`)
        return `pivot ${outcome.pivot} in block ${outcome.block}`
      }
      const { overflowed, subnormal } = complete.report
      if (subnormal > 0) record.events.note('preconditioner', 'underflow', 0, () => 'the complete factor', subnormal)
      if (overflowed === 0) return null
      const where = () => 'the complete factor'
      record.events.note('preconditioner', 'overflow', Number.POSITIVE_INFINITY, where, overflowed)
      return `${overflowed} entries of the complete factor overflow ${rung.solves.stored}`
    },
    apply: (r, z) => complete.apply(r, z),
    factorizationAmount: () => ({ flops: symbolic.flops, bytes: 16 * symbolic.nonzeros }),
    solvesAmount: () =>
      triangularSolves(symbolic.permuted, symbolic.nonzeros, rung.solves.stored, policy.vectors.stored),
  }
}
