/** 'jacobian': residuals and Jacobians together; 'residual': costs of trial states. */
export type StageName = 'initialize' | 'compile' | 'jacobian' | 'gradient' | 'residual' | 'update' | 'solve' | 'other'

/** Splits time into stages: `enter` ends one stage and begins the next. Without a clock every stage is 0. */
export class Stopwatch {
  readonly seconds: Record<StageName, number> = {
    initialize: 0,
    compile: 0,
    jacobian: 0,
    gradient: 0,
    residual: 0,
    update: 0,
    solve: 0,
    other: 0,
  }
  private readonly clock: () => number
  private readonly start: number
  private stage: StageName = 'other'
  private since: number

  constructor(clock: () => number = () => 0) {
    this.clock = clock
    this.start = this.since = clock()
  }

  enter(stage: StageName): void {
    const now = this.clock()
    this.seconds[this.stage] += now - this.since
    this.stage = stage
    this.since = now
  }

  /** Seconds since the stopwatch was made. */
  elapsed(): number {
    return this.clock() - this.start
  }
}
