import { EventLog } from './events.ts'

/** One time that a policy could not be kept: what was given up, for what, and the numbers that made it so. */
export interface Fallback {
  readonly from: string
  readonly to: string
  readonly reason: string
}

/** What a run in lower precision has to tell: filled by the model and the step, read for the summary. */
export class PrecisionRecord {
  readonly events: EventLog = new EventLog()
  readonly fallbacks: Fallback[] = []
  /** Seconds inside the pieces of an iteration; all 0 without a clock. */
  readonly seconds = { operator: 0, preconditioner: 0, factorization: 0 }
  /** Seconds since any fixed moment. */
  readonly clock: () => number
  /** The name of factor f of batch b: 'between(SE3) over x1, x2'. */
  readonly factorName: (batch: number, factor: number) => string

  constructor(clock: (() => number) | undefined, factorName: (batch: number, factor: number) => string) {
    this.clock = clock ?? (() => 0)
    this.factorName = factorName
  }

  fallBack(from: string, to: string, reason: string): void {
    this.fallbacks.push({ from, to, reason })
  }
}
