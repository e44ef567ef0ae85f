import type { Amount } from './amounts.ts'
import type { Stage } from './policy.ts'

/** What one stage did in a run. */
export interface StageWork {
  readonly flops: number
  readonly bytes: number
  /** The format in which its numbers lie in memory. */
  readonly format: string
  /** The format in which its products are computed; 'fp16, sums fp32' where sums are wider. */
  readonly computed: string
  /** Seconds, where they were measured. */
  readonly seconds?: number
}

/** Operations and bytes of a run by stage; a stage that changed its formats on the way has one entry for each. */
export type Work = Readonly<Record<string, StageWork>>

/** Adds up how much was done of what. */
export class WorkTally {
  private readonly stages = new Map<string, { -readonly [K in keyof StageWork]: StageWork[K] }>()

  add(name: string, { flops, bytes }: Amount, times: number, { stored, computed, accumulated }: Stage): void {
    if (times === 0) return
    const arithmetic = accumulated === computed ? computed : `${computed}, sums ${accumulated}`
    const key = this.keyFor(name, stored, arithmetic)
    const entry = this.stages.get(key) ?? { flops: 0, bytes: 0, format: stored, computed: arithmetic }
    entry.flops += times * flops
    entry.bytes += times * bytes
    this.stages.set(key, entry)
  }

  /** Seconds of a stage; those of a stage in several formats go to its first. */
  time(name: string, seconds: number): void {
    const entry = this.stages.get(name)
    if (entry && seconds > 0) entry.seconds = (entry.seconds ?? 0) + seconds
  }

  work(): Work {
    return Object.fromEntries(this.stages)
  }

  private keyFor(name: string, stored: string, arithmetic: string): string {
    const first = this.stages.get(name)
    if (!first || (first.format === stored && first.computed === arithmetic)) return name
    return `${name} (${stored}, ${arithmetic})`
  }
}
