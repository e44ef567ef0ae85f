import { AbortError, InputError } from '../errors.ts'
import type { ReadOptions, Source } from '../source.ts'
import { chunksOf } from './chunks.ts'
import { TextLine } from './line.ts'

export interface LineOptions extends ReadOptions {
  /** Characters between fields, beside white space. Default none. */
  readonly separators?: string
  /** A field that starts with this character ends the line. Default none. */
  readonly comment?: string
  /** Visit lines without fields too. Default false. */
  readonly blank?: boolean
  /** The longest line read. Default 1 MiB. */
  readonly longestLine?: number
}

/**
 * Calls `visit` for each line of a text source, in order, with bounded memory: one chunk and the line cut by its end.
 * Lines end in LF or CRLF; the last one may lack it; a UTF-8 mark at the start is skipped. Throws InputError for bytes
 * that are not text and for lines beyond `longestLine`, AbortError when the signal says so (looked at between chunks).
 */
export async function readLines(
  source: Source,
  visit: (line: TextLine) => void,
  options: LineOptions = {},
): Promise<{ lines: number; bytes: number }> {
  const { name = 'input', separators = '', comment = '', blank = false, longestLine = 1 << 20 } = options
  const line = new TextLine(name, separators, comment)
  const carry = new Carry()
  let lines = 0
  let total = 0

  const place = (bytes: Uint8Array, from: number, to: number): void => {
    lines++
    if (to - from > longestLine) throw tooLong(name, lines, longestLine)
    line.place(bytes, from, to, lines)
    if (blank || !line.done) {
      line.rewind()
      visit(line)
    }
  }

  for await (const chunk of chunksOf(source)) {
    if (options.signal?.aborted) throw new AbortError(`reading ${name} was stopped after ${total} bytes`)
    let from = total === 0 ? startOfText(chunk, name) : 0
    refuseBinary(chunk, name, lines + 1, total)
    total += chunk.length
    if (carry.size > 0) {
      const end = chunk.indexOf(10)
      carry.append(chunk, 0, end < 0 ? chunk.length : end)
      if (carry.size > longestLine) throw tooLong(name, lines + 1, longestLine)
      from = end < 0 ? chunk.length : end + 1
      if (end >= 0) {
        place(carry.bytes, 0, carry.size)
        carry.size = 0
      }
    }
    for (let end = chunk.indexOf(10, from); end >= 0; end = chunk.indexOf(10, from)) {
      place(chunk, from, end)
      from = end + 1
    }
    carry.append(chunk, from, chunk.length)
    options.onProgress?.(total)
  }
  if (options.signal?.aborted) throw new AbortError(`reading ${name} was stopped after ${total} bytes`)
  if (carry.size > 0) place(carry.bytes, 0, carry.size)
  return { lines, bytes: total }
}

/** The beginning of a line whose end is in a later chunk. */
class Carry {
  bytes = new Uint8Array(4096)
  size = 0

  append(chunk: Uint8Array, from: number, to: number): void {
    const size = this.size + to - from
    if (size > this.bytes.length) {
      const grown = new Uint8Array(Math.max(size, 2 * this.bytes.length))
      grown.set(this.bytes.subarray(0, this.size))
      this.bytes = grown
    }
    this.bytes.set(chunk.subarray(from, to), this.size)
    this.size = size
  }
}

function tooLong(name: string, line: number, longest: number): InputError {
  return new InputError(
    name,
    line,
    `lines of at most ${longest} bytes`,
    'a longer one; is this a text file of this format?',
  )
}

/** First bytes of files that people pass by mistake, and what to say. */
const STRANGERS: readonly (readonly [readonly number[], string])[] = [
  [[0x1f, 0x8b], 'a gzip file; decompress it first'],
  [[0x42, 0x5a, 0x68], 'a bzip2 file; decompress it first'],
  [[0x50, 0x4b, 0x03, 0x04], 'a zip archive; unpack it first'],
  [[0xfd, 0x37, 0x7a, 0x58, 0x5a], 'an xz file; decompress it first'],
  [[0x28, 0xb5, 0x2f, 0xfd], 'a zstd file; decompress it first'],
  [[0x89, 0x50, 0x4e, 0x47], 'a PNG image'],
  [[0xff, 0xd8, 0xff], 'a JPEG image'],
  [[0x25, 0x50, 0x44, 0x46], 'a PDF document'],
  [[0x7f, 0x45, 0x4c, 0x46], 'a program'],
  [[0xff, 0xfe], 'UTF-16 text; save it as UTF-8'],
  [[0xfe, 0xff], 'UTF-16 text; save it as UTF-8'],
]

/** Where the text starts: behind a UTF-8 mark. Throws for files that name themselves something else. */
function startOfText(chunk: Uint8Array, name: string): number {
  if (chunk[0] === 0xef && chunk[1] === 0xbb && chunk[2] === 0xbf) return 3
  for (const [magic, what] of STRANGERS)
    if (magic.every((byte, k) => chunk[k] === byte)) throw new InputError(name, 0, 'a text file', what)
  return 0
}

/** Control characters that no text file holds: all below space but tab, line feed, VT, FF, CR. */
const CONTROL = Uint8Array.from({ length: 256 }, (_, byte) =>
  (byte < 32 && !(byte >= 9 && byte <= 13)) || byte === 127 ? 1 : 0,
)

function refuseBinary(chunk: Uint8Array, name: string, firstLine: number, offset: number): void {
  let at = 0
  while (at < chunk.length && CONTROL[chunk[at]] === 0) at++
  if (at === chunk.length) return
  let line = firstLine
  for (let k = 0; k < at; k++) if (chunk[k] === 10) line++
  const byte = `0x${chunk[at].toString(16).padStart(2, '0')}`
  throw new InputError(name, line, 'text', `the byte ${byte} at offset ${offset + at}; this looks like a binary file`)
}
