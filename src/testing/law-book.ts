/** How a law fared over all samples. */
export interface LawResult {
  /** What must hold: 'local(x, x ⊞ δ) = δ'. */
  readonly law: string
  /** The largest error met, relative to the size of the numbers involved; NaN when a result was not a number. */
  readonly worst: number
  /** The largest that passes. */
  readonly tolerance: number
  readonly ok: boolean
  /** The sample with the largest error. */
  readonly at: string
}

/** Keeps, for each law, the worst sample. */
export class LawBook {
  private readonly rows = new Map<string, { worst: number; tolerance: number; at: string }>()
  /** Multiplies every tolerance. */
  private readonly slack: number

  constructor(slack: number) {
    this.slack = slack
  }

  /** One sample of a law: `error` may be up to `tolerance` times `scale`. `at` names the sample if it is the worst. */
  measure(law: string, tolerance: number, error: number, scale: number, at: () => string): void {
    const relative = error === 0 ? 0 : error / scale
    const row = this.rows.get(law)
    if (!row) this.rows.set(law, { worst: relative, tolerance: tolerance * this.slack, at: at() })
    else if (relative > row.worst || (Number.isNaN(relative) && !Number.isNaN(row.worst))) {
      row.worst = relative
      row.at = at()
    }
  }

  results(): LawResult[] {
    return [...this.rows].map(([law, { worst, tolerance, at }]) => ({
      law,
      worst,
      tolerance,
      ok: worst <= tolerance,
      at,
    }))
  }
}

/** @throws Error that lists the broken laws, each with its worst sample */
export function assertLaws(name: string, results: readonly LawResult[]): void {
  const broken = results.filter((result) => !result.ok)
  if (broken.length === 0) return
  const lines = broken.map(
    ({ law, worst, tolerance, at }) => `  ${law}: error ${worst}, ${tolerance} would pass, at ${at}`,
  )
  throw new Error(`${name} breaks ${broken.length} of ${results.length} laws:\n${lines.join('\n')}`)
}

/** A list of numbers as messages show it. */
export function show(values: ArrayLike<number>): string {
  return `[${Array.from(values).join(', ')}]`
}
