import { MemoryError, type Region } from '../backend/index.ts'

/** Numbers that may lie in the linear memory: `view` is asked for where it is used, and not kept. */
export interface Store {
  readonly view: Float64Array
}

/**
 * `length` zeros (anything, where `clear` is false): in the region, or, without one or where it is full, in an array of their
 * own.
 */
export function store(length: number, memory: Region | null | undefined, clear = true): Store {
  return attempt(memory, (region) => region.float64(length, clear)) ?? { view: new Float64Array(length) }
}

/** What `make` makes in the region; null without one, or where it is full. */
export function attempt<T>(memory: Region | null | undefined, make: (region: Region) => T): T | null {
  if (!memory) return null
  try {
    return make(memory)
  } catch (error) {
    if (error instanceof MemoryError) return null
    throw error
  }
}
