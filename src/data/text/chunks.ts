import { UsageError } from '../../numeric/index.ts'
import type { Source } from '../source.ts'
import { encodeText } from './bytes.ts'

const WINDOW = 1 << 20

/** A source as chunks of at most 1 MiB: large arrays are windowed (not copied), strings encoded piece by piece. */
export async function* chunksOf(source: Source): AsyncGenerator<Uint8Array, void, void> {
  if (typeof source === 'string') {
    yield* stringChunks(source)
  } else if (source instanceof Uint8Array) {
    yield* windows(source)
  } else if (isIterable(source)) {
    for await (const chunk of source) {
      if (!(chunk instanceof Uint8Array))
        throw new UsageError(`a source yields Uint8Array chunks, got ${typeof chunk}; open text files without encoding`)
      yield* windows(chunk)
    }
  } else {
    throw new UsageError(
      `a source is a string, a Uint8Array or an iterable of Uint8Array chunks, got ${source === null ? 'null' : typeof source}`,
    )
  }
}

/**
 * The first bytes of a source (at least `count`, less where it ends before) and a source that still has them all: how
 * a format is recognised before it is read.
 */
export async function peek(source: Source, count: number): Promise<{ head: Uint8Array; source: Source }> {
  if (source instanceof Uint8Array) return { head: source.subarray(0, count), source }
  if (typeof source === 'string') return { head: encodeText(source, 0, Math.min(count, source.length)), source }
  const rest = chunksOf(source)
  const taken: Uint8Array[] = []
  let size = 0
  while (size < count) {
    const { done, value } = await rest.next()
    if (done) break
    taken.push(value)
    size += value.length
  }
  return { head: concatenate(taken, size), source: chained(taken, rest) }
}

/** All bytes of a source in one array. */
export async function bytesOf(source: Source): Promise<Uint8Array> {
  if (source instanceof Uint8Array) return source
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of chunksOf(source)) {
    chunks.push(chunk)
    size += chunk.length
  }
  return concatenate(chunks, size)
}

function isIterable(source: unknown): source is Iterable<Uint8Array> | AsyncIterable<Uint8Array> {
  return typeof source === 'object' && source !== null && (Symbol.asyncIterator in source || Symbol.iterator in source)
}

function* windows(bytes: Uint8Array): Generator<Uint8Array, void, void> {
  for (let at = 0; at < bytes.length; at += WINDOW) yield bytes.subarray(at, at + WINDOW)
}

function* stringChunks(text: string): Generator<Uint8Array, void, void> {
  let at = 0
  while (at < text.length) {
    let end = Math.min(at + WINDOW / 4, text.length)
    const last = text.charCodeAt(end - 1)
    if (end < text.length && last >= 0xd800 && last < 0xdc00) end++
    yield encodeText(text, at, end)
    at = end
  }
}

async function* chained(
  taken: readonly Uint8Array[],
  rest: AsyncGenerator<Uint8Array, void, void>,
): AsyncGenerator<Uint8Array, void, void> {
  try {
    yield* taken
    yield* rest
  } finally {
    await rest.return()
  }
}

function concatenate(chunks: readonly Uint8Array[], size: number): Uint8Array {
  if (chunks.length === 1) return chunks[0]
  const all = new Uint8Array(size)
  let at = 0
  for (const chunk of chunks) {
    all.set(chunk, at)
    at += chunk.length
  }
  return all
}
