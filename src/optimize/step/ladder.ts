import { isPartOf } from '../../linear/index.ts'
import type { PrecisionPolicy, Stage } from '../precision/policy.ts'
import { stage } from '../precision/presets.ts'

/** A stage, and those that hold all its numbers and more: fp32, then fp64. */
export function widerStages(first: Stage): Stage[] {
  const wider = [stage('fp32'), stage('fp64')].filter(
    (next) => isPartOf(first.stored, next.stored) && next.stored !== first.stored,
  )
  return [first, ...wider]
}

/** One way of preconditioning conjugate gradients. */
export interface Rung {
  /** Level of fill; null for the complete factor. */
  readonly fill: number | null
  readonly factorization: Stage
  readonly solves: Stage
  /** Formats of operator, vectors and reductions, where they are not the policy's. */
  readonly widened: Stage | null
}

/** Levels of fill that are tried before a complete factor. */
const FILLS = [1, 4]

/**
 * What a policy begins with, and what it falls back to, in this order: more fill; a complete factor stored in the same 16
 * bits and computed with in fp32; stored in fp32; everything in fp64.
 */
export function rungsOf(policy: PrecisionPolicy): Rung[] {
  const { incomplete, preconditioner, fallback } = policy
  const factorization = incomplete.fill === null ? completeIn(policy.factorization) : policy.factorization
  const first: Rung = { fill: incomplete.fill, factorization, solves: preconditioner, widened: null }
  if (fallback === 'none') return [first]
  const rungs: Rung[] = [first]
  const { fill } = incomplete
  if (fill !== null) {
    for (const more of FILLS) if (more > fill) rungs.push({ ...first, fill: more })
    const complete = { fill: null, factorization: stage('fp64'), widened: null }
    const { stored } = preconditioner
    if (stored === 'fp16' || stored === 'bf16') rungs.push({ ...complete, solves: stage(stored, 'fp32') })
    if (stored !== 'fp64') rungs.push({ ...complete, solves: stage('fp32') })
  } else if (preconditioner.stored === 'fp16' || preconditioner.stored === 'bf16')
    rungs.push({ ...first, solves: stage('fp32') })
  rungs.push({ fill: null, factorization: stage('fp64'), solves: stage('fp64'), widened: stage('fp64') })
  return rungs
}

/** Complete factors are computed in fp64 or fp32: in 16 bits they break down. */
function completeIn({ computed }: Stage): Stage {
  return stage(computed === 'fp32' ? 'fp32' : 'fp64')
}

export function describeRung({ fill, solves, widened }: Rung): string {
  const factor = fill === null ? 'complete factor' : `IC(${fill})`
  if (widened) return `${factor}, all in ${widened.stored}`
  return `${factor}, solves ${describeStage(solves)}`
}

/** 'fp16', or 'fp16 stored, products fp16, sums fp32'. */
export function describeStage({ stored, computed, accumulated }: Stage): string {
  if (stored === computed && computed === accumulated) return stored
  return `${stored} stored, products ${computed}, sums ${accumulated}`
}
