import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { createGunzip } from 'node:zlib'
import unbzip2 from 'unbzip2-stream'
import { InputError } from '../../../src/data/index.ts'

type Archive = 'gzip' | 'bzip2'

/**
 * The bytes of a file in chunks; .gz and .bz2 are unpacked on the way, by what the file holds rather than by its name.
 * Nothing is opened before the first chunk is asked for, and no more than a few chunks are in memory.
 * @throws InputError (while iterating) on a file that cannot be opened, a directory, a damaged or truncated archive, and
 *   a name that promises an archive (.gz, .bz2) where there is none
 */
export async function* openSource(path: string): AsyncGenerator<Uint8Array> {
  const file = readFile(path)
  try {
    const first = await file.next()
    const head = first.done ? new Uint8Array(0) : first.value
    const archive = archiveOf(path, head)
    const chunks = startWith(head, file)
    if (archive === 'gzip') yield* gunzip(path, chunks)
    else if (archive === 'bzip2') yield* bunzip2(path, chunks)
    else yield* chunks
  } finally {
    await file.return(undefined)
  }
}

function archiveOf(path: string, head: Uint8Array): Archive | null {
  const found = head[0] === 0x1f && head[1] === 0x8b ? 'gzip' : startsAsBzip2(head) ? 'bzip2' : null
  const promised = /\.gz$/i.test(path) ? 'gzip' : /\.bz2$/i.test(path) ? 'bzip2' : null
  if (promised && !found)
    throw new InputError(path, 0, `a ${promised} archive`, head.length === 0 ? 'an empty file' : 'something else')
  return found
}

/** 'BZh', the block size '1' to '9', then the mark of a block or of the end. */
function startsAsBzip2(head: Uint8Array): boolean {
  const mark = head[4]
  return head[0] === 0x42 && head[1] === 0x5a && head[2] === 0x68 && (mark === 0x31 || mark === 0x17)
}

async function* readFile(path: string): AsyncGenerator<Uint8Array, void> {
  try {
    if ((await stat(path)).isDirectory()) throw new InputError(path, 0, 'a file', 'a directory')
    yield* createReadStream(path, { highWaterMark: 1 << 18 })
  } catch (error) {
    throw readable(path, error)
  }
}

function readable(path: string, error: unknown): unknown {
  const code = (error as NodeJS.ErrnoException).code
  if (error instanceof InputError || code === undefined) return error
  const found: Record<string, string> = {
    ENOENT: 'no such file',
    EACCES: 'no permission to read it',
    EPERM: 'no permission to read it',
    EISDIR: 'a directory',
    ENOTDIR: 'no such file (a part of the path is not a folder)',
    ENAMETOOLONG: 'a name that is too long',
  }
  return new InputError(path, 0, 'a file that can be read', found[code] ?? (error as Error).message)
}

async function* startWith(head: Uint8Array, rest: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
  if (head.length > 0) yield head
  yield* rest
}

async function* gunzip(path: string, chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const stream = createGunzip({ chunkSize: 1 << 18 })
  const fed = feed(stream, chunks)
  try {
    yield* stream as AsyncIterable<Uint8Array>
    await fed
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    if (!code?.startsWith('Z_')) throw error
    throw new InputError(path, 0, 'a whole gzip archive', code === 'Z_BUF_ERROR' ? 'a truncated one' : 'damaged data')
  } finally {
    stream.destroy()
  }
}

/** Writes every chunk, waiting where the stream is full; a failure of the source becomes one of the stream. */
async function feed(stream: ReturnType<typeof createGunzip>, chunks: AsyncIterable<Uint8Array>): Promise<void> {
  try {
    for await (const chunk of chunks) {
      if (stream.destroyed) return
      if (!stream.write(chunk)) await writable(stream)
    }
    stream.end()
  } catch (error) {
    stream.destroy(error as Error)
  }
}

function writable(stream: ReturnType<typeof createGunzip>): Promise<void> {
  return new Promise((resolve) => {
    const go = () => {
      stream.off('drain', go).off('close', go)
      resolve()
    }
    stream.once('drain', go).once('close', go)
  })
}

async function* bunzip2(path: string, chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const stream = unbzip2()
  const unpacked: Uint8Array[] = []
  let failure: Error | null = null
  stream.on('data', (chunk) => unpacked.push(chunk))
  stream.on('error', (error) => {
    failure ??= error
  })
  const check = () => {
    if (!failure) return
    // The library runs off its input where an archive ends early: a TypeError, or its own "ended prematurely".
    const truncated = failure instanceof TypeError || /premature/.test(failure.message)
    throw new InputError(path, 0, 'a whole bzip2 archive', truncated ? 'a truncated one' : 'damaged data')
  }
  for await (const chunk of chunks) {
    stream.write(chunk)
    yield* unpacked.splice(0)
    check()
  }
  stream.end()
  yield* unpacked.splice(0)
  check()
}
