import type { Source } from '../../src/data/index.ts'
import { UsageError } from '../../src/numeric/index.ts'
import { mutate } from './mutate.ts'
import { caseSeed, Random } from './random.ts'

/** A reader under fuzz: what it reads when all is well, and how to read. */
export interface FuzzTarget {
  readonly name: string
  /** Valid files, small (tens of lines), that touch every line the reader knows. */
  readonly seeds: readonly (string | Uint8Array)[]
  /** Reads; may go on to check what it got. Anything thrown but UsageError (InputError is one) is a failure. */
  read(source: Source): Promise<unknown>
}

/** What one case came to. 'refused': a UsageError, as damaged files should. */
export type Outcome = { readonly kind: 'read' | 'refused' } | { readonly kind: 'failed'; readonly error: string }

/** The input of case `index`, always the same for the same seed. */
export function caseInput(target: FuzzTarget, seed: number, index: number): { bytes: Uint8Array; source: Source } {
  const random = new Random(caseSeed(seed, index))
  const seeds = target.seeds.map((text) => (typeof text === 'string' ? new TextEncoder().encode(text) : text))
  const bytes = mutate(random.pick(seeds), random, seeds)
  return { bytes, source: cut(bytes, random) }
}

/** Runs a case's input through its reader. */
export async function runCase(target: FuzzTarget, source: Source): Promise<Outcome> {
  try {
    await target.read(source)
    return { kind: 'read' }
  } catch (error) {
    if (error instanceof UsageError && error.message.length < 2000) return { kind: 'refused' }
    return { kind: 'failed', error: error instanceof Error ? (error.stack ?? error.message) : String(error) }
  }
}

/** The same bytes whole, or as a stream of chunks. */
function cut(bytes: Uint8Array, random: Random): Source {
  if (random.next() < 0.6) return bytes
  const chunks: Uint8Array[] = []
  for (let at = 0; at < bytes.length; ) {
    const size = 1 + random.below(random.next() < 0.3 ? 7 : 4000)
    chunks.push(bytes.subarray(at, at + size))
    at += size
  }
  return chunks
}
