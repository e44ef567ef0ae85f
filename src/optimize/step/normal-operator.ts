import {
  type BlockJacobian,
  jacobianOperator,
  type LinearOperator,
  type NormalEquations,
  RoundedHessian,
  RoundedJacobian,
} from '../../linear/index.ts'
import type { PrecisionPolicy, Stage } from '../precision/policy.ts'
import type { PrecisionRecord } from '../precision/record.ts'

/** p → (JᵀJ + Λ) p in the formats of a stage. */
export interface NormalOperator extends LinearOperator {
  /** Takes over the Jacobian's numbers. Null when they fit, otherwise what does not. */
  update(): string | null
  /** out = Jᵀ r as this operator's Jacobian has it; null where it has none. */
  gradient(out: Float64Array): boolean
}

export function normalOperator(
  jacobian: BlockJacobian,
  normal: NormalEquations,
  formats: Stage,
  policy: PrecisionPolicy,
  damping: Float64Array,
  record: PrecisionRecord,
): NormalOperator {
  const product =
    policy.form === 'hessian'
      ? hessianProduct(normal, formats, policy, record)
      : jacobianProduct(jacobian, formats, policy, record)
  return {
    size: damping.length,
    update: product.update,
    gradient: product.gradient,
    apply(p, out) {
      product.apply(p, out)
      for (let i = 0; i < out.length; i++) out[i] += damping[i] * p[i]
    },
  }
}

type Product = Pick<NormalOperator, 'update' | 'gradient' | 'apply'>

/** Jᵀ(J p): never indefinite, whatever the rounding of J. */
function jacobianProduct(J: BlockJacobian, formats: Stage, policy: PrecisionPolicy, record: PrecisionRecord): Product {
  const q = new Float64Array(J.rows)
  if (formats.computed === 'fp64' && formats.stored === 'fp64' && policy.scaling === 'none') {
    const exact = jacobianOperator(J)
    return {
      update: () => null,
      gradient(out) {
        exact.multiplyTransposed(J.residual, out)
        return true
      },
      apply(p, out) {
        exact.multiply(p, q)
        exact.multiplyTransposed(q, out)
      },
    }
  }
  const rounded = new RoundedJacobian(J, formats, policy.scaling, undefined, { normalize: policy.normalize })
  const scaled = new Float64Array(rounded.columns)
  return {
    update() {
      const { overflowed, nonFinite, subnormal, first } = rounded.update()
      const where = () => (first ? record.factorName(first.batch, first.factor) : 'the Jacobian')
      if (subnormal > 0) record.events.note('operator', 'underflow', 0, () => 'the Jacobian', subnormal)
      if (overflowed + nonFinite === 0) return null
      record.events.note('operator', 'overflow', first?.value ?? 0, where, overflowed + nonFinite)
      return `${overflowed + nonFinite} entries of the Jacobian overflow ${formats.stored}, first ${first?.value} of ${where()}`
    },
    gradient(out) {
      rounded.multiplyTransposed(J.residual, out)
      rounded.toScaled(out, out)
      return true
    },
    // Columns only: there L is diagonal, and Lᵀ p, L v are the same product.
    apply(p, out) {
      rounded.toScaled(p, scaled)
      rounded.multiply(scaled, q)
      rounded.multiplyTransposed(q, out)
      rounded.toScaled(out, out)
    },
  }
}

function hessianProduct(
  normal: NormalEquations,
  formats: Stage,
  policy: PrecisionPolicy,
  record: PrecisionRecord,
): Product {
  const rounded = new RoundedHessian(normal.hessian, formats, policy.scaling === 'columns' ? 'columns' : 'none')
  return {
    update() {
      normal.form()
      rounded.update()
      const { overflowed, subnormal } = rounded.report
      if (subnormal > 0) record.events.note('operator', 'underflow', 0, () => 'the Hessian', subnormal)
      if (overflowed === 0) return null
      record.events.note('operator', 'overflow', Number.POSITIVE_INFINITY, () => 'the Hessian', overflowed)
      return `${overflowed} entries of the Hessian overflow ${formats.stored}`
    },
    gradient: () => false,
    apply: (p, out) => rounded.apply(p, out),
  }
}
