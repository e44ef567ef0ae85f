/** What low precision did to a number, or to a factor made of them. */
export type EventKind =
  /** A finite number rounded to infinity. */
  | 'overflow'
  /** A number other than zero rounded to zero. */
  | 'underflow'
  /** A direction p with pᵀ A p ≤ 0. */
  | 'indefinite'
  /** An iteration or a factorization that could not go on. */
  | 'breakdown'

export interface PrecisionEvent {
  readonly stage: string
  readonly kind: EventKind
  readonly count: number
  /** Where it happened first, and the number as it was before rounding. */
  readonly first: { readonly where: string; readonly value: number }
}

/** Counts what happened, by stage and kind; remembers the first of each. */
export class EventLog {
  private readonly entries = new Map<string, PrecisionEvent>()

  /** `where` is called for the first event of its stage and kind only. */
  note(stage: string, kind: EventKind, value: number, where: () => string, count = 1): void {
    const key = `${stage} ${kind}`
    const entry = this.entries.get(key)
    const first = entry ? entry.first : { where: where(), value }
    this.entries.set(key, { stage, kind, count: (entry?.count ?? 0) + count, first })
  }

  list(): PrecisionEvent[] {
    return [...this.entries.values()]
  }
}

/** An event as sentences tell it. */
export function describeEvent({ stage, kind, count, first }: PrecisionEvent): string {
  return `${stage}: ${kind} ${count === 1 ? 'once' : `${count} times`}, first at ${first.where} with ${first.value}`
}
