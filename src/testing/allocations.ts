/**
 * Counts what a piece of work asks of the memory, in typed arrays: what a solver's loop must not do. Plain objects are not
 * seen; a runtime's own heap figures show those.
 */
export interface AllocationCount {
  /** Arrays with memory of their own. */
  readonly arrays: number
  /** Their bytes. */
  readonly bytes: number
  /** Views into memory that was there: subarrays, and constructions on an existing buffer. */
  readonly views: number
  /** Where the first of either was made: a stack trace, or null. */
  readonly first: string | null
}

type TypedArrayName =
  | 'Float64Array'
  | 'Float32Array'
  | 'Int32Array'
  | 'Uint32Array'
  | 'Int16Array'
  | 'Uint16Array'
  | 'Int8Array'
  | 'Uint8Array'
  | 'Uint8ClampedArray'
  | 'BigInt64Array'
  | 'BigUint64Array'

const NAMES: readonly TypedArrayName[] = [
  'Float64Array',
  'Float32Array',
  'Int32Array',
  'Uint32Array',
  'Int16Array',
  'Uint16Array',
  'Int8Array',
  'Uint8Array',
  'Uint8ClampedArray',
  'BigInt64Array',
  'BigUint64Array',
]

/** Methods of a typed array that make another one. */
const METHODS = ['slice', 'subarray', 'map', 'filter', 'toReversed', 'toSorted', 'with'] as const

interface Sized {
  readonly byteLength: number
}

interface Counter {
  arrays: number
  bytes: number
  views: number
  first: string | null
}

/**
 * Runs some synchronous work with the typed array constructors and methods of this realm watched, and puts them back
 * whatever happens. Arrays made by native code that goes through neither (`structuredClone`, `TextEncoder`) are not seen.
 */
export function countAllocations<T>(work: () => T): AllocationCount & { readonly result: T } {
  const counter: Counter = { arrays: 0, bytes: 0, views: 0, first: null }
  const restore = watch(counter)
  let result: T
  try {
    result = work()
  } finally {
    restore()
  }
  return { ...counter, result }
}

function watch(counter: Counter): () => void {
  const undo: (() => void)[] = []
  const realm = globalThis as unknown as Record<TypedArrayName, new (...args: unknown[]) => Sized>
  for (const name of NAMES) {
    const original = realm[name]
    undo.push(() => {
      realm[name] = original
    })
    // `from` and `of` construct through their `this`, which is the proxy.
    realm[name] = new Proxy(original, {
      construct(target, args, newTarget) {
        const made = Reflect.construct(target, args, newTarget === realm[name] ? target : newTarget) as Sized
        return note(counter, args[0] instanceof ArrayBuffer, made)
      },
    })
  }
  const prototype = Object.getPrototypeOf(Float64Array.prototype) as Record<string, unknown>
  for (const name of METHODS) {
    const original = prototype[name] as ((...args: unknown[]) => Sized) | undefined
    if (!original) continue
    undo.push(() => {
      prototype[name] = original
    })
    prototype[name] = function (this: Sized, ...args: unknown[]): Sized {
      return note(counter, name === 'subarray', original.apply(this, args))
    }
  }
  return () => {
    for (const step of undo) step()
  }
}

function note(counter: Counter, isView: boolean, made: Sized): Sized {
  if (isView) counter.views++
  else {
    counter.arrays++
    counter.bytes += made.byteLength
  }
  counter.first ??= new Error(`a ${isView ? 'view' : 'new array'} of ${made.byteLength} bytes`).stack ?? ''
  return made
}
