import { showKey } from '../../graph/index.ts'
import { formats } from '../../numeric/index.ts'
import type { ProblemKind } from '../kind.ts'
import type { Model } from '../model.ts'
import type { OptimizeOptions } from '../options.ts'
import type { Program, ProgramBatch } from '../program.ts'
import { type ChosenStep, chooseStep, eliminable } from '../step/choose.ts'
import { MixedCgnrStep } from '../step/mixed-cgnr.ts'
import { MixedPcgStep } from '../step/mixed-pcg.ts'
import { EliminationStep } from '../step/square-root.ts'
import type { PrecisionPolicy, SolverFamily } from './policy.ts'
import { PrecisionRecord } from './record.ts'
import { resolvePolicy, unwise } from './resolve.ts'
import { admitState, roundedModel } from './rounded-model.ts'

/** Everything that a policy decides about one run. */
export interface PrecisionPlan {
  readonly policy: PrecisionPolicy
  readonly record: PrecisionRecord
  readonly model: Model
  readonly step: ChosenStep
  readonly warnings: readonly string[]
  /** Spacing of costs, relative. */
  readonly resolution: number
  /** A state as the policy keeps it. */
  admit(x: Float64Array): Float64Array
}

/** The plan of a policy other than 'double', whose runs take no part of this. */
export function planPrecision(program: Program, kind: ProblemKind, options: OptimizeOptions): PrecisionPlan | null {
  const { precision = 'double', step = 'auto' } = options
  if (precision === 'double') return null
  const family = familyOf(step, kind)
  const policy = resolvePolicy(precision, family)
  const record = new PrecisionRecord(options.clock, (batch, factor) =>
    nameOfFactor(program, program.batches[batch], factor),
  )
  const warnings = unwise(policy, family)
  if (step === 'qr')
    warnings.push(
      `precision ${policy.name}: step qr solves in fp64; only residual, Jacobian, gradient and update follow it`,
    )
  if (step === 'schur' && policy.factorization.stored !== 'fp64' && policy.factorization.stored !== 'fp32')
    warnings.push(`precision ${policy.name}: step schur goes no lower than fp32`)
  return {
    policy,
    record,
    model: roundedModel(program, policy, record),
    step: stepOf(program, kind, options, policy, record),
    warnings,
    resolution: policy.residual.computed === 'fp64' ? 0 : formats[policy.residual.computed].eps,
    admit: (x) => admitState(program, policy, x),
  }
}

/** Which stages there are to choose for. */
function familyOf(step: NonNullable<OptimizeOptions['step']>, kind: ProblemKind): SolverFamily {
  if (step === 'cgnr' || step === 'pcg') return step
  if (step === 'auto' && kind === 'bundle-adjustment') return 'cgnr'
  if (step === 'auto' && kind.startsWith('pose-graph')) return 'pcg'
  return 'direct'
}

function stepOf(
  program: Program,
  kind: ProblemKind,
  options: OptimizeOptions,
  policy: PrecisionPolicy,
  record: PrecisionRecord,
): ChosenStep {
  const { step = 'auto' } = options
  const reason = step === 'auto' ? `precision ${policy.name} on a ${kind} problem` : 'asked for'
  if (step === 'qr' || (step === 'schur' && policy.factorization.stored === 'fp64'))
    return chooseStep(program, kind, options)
  if (step === 'schur') {
    // Below fp64 the normal equations of points lose their definiteness; their square roots do not.
    const made = new EliminationStep(program.jacobian, eliminable(program), { form: 'square-root', format: 'fp32' })
    return { step: made, reason: `${reason}: points by QR in fp32` }
  }
  const make = familyOf(step, kind) === 'cgnr' ? MixedCgnrStep : MixedPcgStep
  return { step: new make(program.jacobian, policy, record), reason }
}

/** 'between(SE3) over x1, x2'. */
export function nameOfFactor({ graph }: Program, { type, at }: ProgramBatch, f: number): string {
  const arity = type.variables.length
  const keys: string[] = []
  for (let k = 0; k < arity; k++)
    for (let v = 0; v < graph.variableCount; v++)
      if (graph.values.offset(v) === at[f * arity + k]) keys.push(showKey(graph.values.key(v)))
  return `${type.name} over ${keys.join(', ')}`
}
