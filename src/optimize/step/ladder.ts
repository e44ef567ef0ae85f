import { isPartOf } from '../../linear/index.ts'
import type { Stage } from '../precision/policy.ts'
import { stage } from '../precision/presets.ts'

/** A stage, and those that hold all its numbers and more: fp32, then fp64. */
export function widerStages(first: Stage): Stage[] {
  const wider = [stage('fp32'), stage('fp64')].filter(
    (next) => isPartOf(first.stored, next.stored) && next.stored !== first.stored,
  )
  return [first, ...wider]
}
