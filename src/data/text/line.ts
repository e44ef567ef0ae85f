import type { Key } from '../../graph/index.ts'
import { InputError } from '../errors.ts'
import { decodeText, showText } from './bytes.ts'
import { parseId, parseNumber } from './number.ts'

/**
 * One line of a text file as a cursor over its fields. There is one such object per reading, moved from line to line:
 * valid only while the visitor runs. Methods that take a field throw InputError with file, line, expected and found.
 */
export class TextLine {
  /** The file's name, for messages. */
  readonly file: string
  /** 1-based. */
  number = 0
  private readonly classes: Uint8Array
  private readonly comment: number
  private readonly words = new Array<string>(64).fill('')
  private readonly numbers = new Float64Array(1)
  private bytes: Uint8Array = new Uint8Array(0)
  private from = 0
  private to = 0
  private at = 0
  private fieldFrom = 0
  private fieldTo = 0

  /** `separators` stand between fields beside white space; a field that starts with `comment` ends the line. */
  constructor(file: string, separators: string, comment: string) {
    this.file = file
    this.classes = new Uint8Array(256)
    for (const separator of ` \t\v\f\r${separators}`) this.classes[separator.charCodeAt(0)] = 1
    this.comment = comment === '' ? -1 : comment.charCodeAt(0)
  }

  /** Moves to bytes [from, to) of a block: for the line reader. */
  place(bytes: Uint8Array, from: number, to: number, number: number): void {
    this.bytes = bytes
    this.from = from
    this.to = to
    this.at = from
    this.number = number
  }

  /** Whether no field is left. */
  get done(): boolean {
    this.skip()
    return this.at === this.to
  }

  /** How many fields are left. */
  get remaining(): number {
    const at = this.at
    let count = 0
    while (this.next()) count++
    this.at = at
    return count
  }

  /** Starts the line again from its first field. */
  rewind(): void {
    this.at = this.from
  }

  /** The next field as text. */
  word(what: string): string {
    if (!this.next()) throw this.missing(what)
    return this.interned()
  }

  /** The next field as a finite number. */
  real(what: string): number {
    this.reals(this.numbers, 0, 1, what)
    return this.numbers[0]
  }

  /** The next `count` fields as finite numbers into `out`. */
  reals(out: Float64Array, outAt: number, count: number, what: string): void {
    for (let k = 0; k < count; k++) {
      if (!this.next()) throw this.fewer(count, k, what)
      const value = parseNumber(this.bytes, this.fieldFrom, this.fieldTo)
      if (!Number.isFinite(value)) throw this.fail(`a finite number (${what})`, this.shown())
      out[outAt + k] = value
    }
  }

  /** The next field as a whole number in [least, most]. */
  integer(what: string, least = 0, most: number = Number.MAX_SAFE_INTEGER): number {
    if (!this.next()) throw this.missing(what)
    const value = parseNumber(this.bytes, this.fieldFrom, this.fieldTo)
    if (!Number.isInteger(value) || value < least || value > most)
      throw this.fail(
        `a whole number ${most === Number.MAX_SAFE_INTEGER ? `≥ ${least}` : `in [${least}, ${most}]`} (${what})`,
        this.shown(),
      )
    return value
  }

  /** The next field as an id: a whole number ≥ 0, up to 64 bits; a bigint where a number would not be exact. */
  id(what: string): Key {
    if (!this.next()) throw this.missing(what)
    const id = parseId(this.bytes, this.fieldFrom, this.fieldTo)
    if (id === null) throw this.fail(`a whole number from 0 to 2^64 - 1 (${what})`, this.shown())
    return id
  }

  /** Throws unless the line ends here. `after` says what it held so far. */
  end(after: string): void {
    if (this.next()) throw this.fail(`the end of the line after ${after}`, this.shown())
  }

  /** The whole line as text, without its line end. */
  text(): string {
    return decodeText(this.bytes, this.from, this.to).trimEnd()
  }

  /** What is left of the line as text, without white space around it. */
  rest(): string {
    this.skip()
    const text = decodeText(this.bytes, this.at, this.to).trimEnd()
    this.at = this.to
    return text
  }

  /** The error to throw about this line. */
  fail(expected: string, found: string): InputError {
    return new InputError(this.file, this.number, expected, found)
  }

  private missing(what: string): InputError {
    return this.fail(what, 'the end of the line')
  }

  private fewer(count: number, k: number, what: string): InputError {
    return this.fail(
      count === 1 ? `a number (${what})` : `${count} numbers (${what})`,
      k === 0 ? 'the end of the line' : `the end of the line after ${k}`,
    )
  }

  private skip(): void {
    const { bytes, classes, to } = this
    let at = this.at
    while (at < to && classes[bytes[at]] === 1) at++
    this.at = at < to && bytes[at] === this.comment ? to : at
  }

  private next(): boolean {
    this.skip()
    const { bytes, classes, to } = this
    let at = this.at
    if (at === to) return false
    this.fieldFrom = at
    while (at < to && classes[bytes[at]] !== 1) at++
    this.fieldTo = at
    this.at = at
    return true
  }

  private shown(): string {
    return showText(decodeText(this.bytes, this.fieldFrom, Math.min(this.fieldTo, this.fieldFrom + 200)))
  }

  /** The field as text; short words that come again and again (tags) are made once. */
  private interned(): string {
    const { bytes, fieldFrom: from, fieldTo: to } = this
    const length = to - from
    if (length > 32) return decodeText(bytes, from, to)
    const slot = (bytes[from] + 7 * bytes[to - 1] + 31 * length) & 63
    const known = this.words[slot]
    if (known.length === length && sameText(known, bytes, from)) return known
    const word = decodeText(bytes, from, to)
    this.words[slot] = word
    return word
  }
}

function sameText(text: string, bytes: Uint8Array, from: number): boolean {
  for (let k = 0; k < text.length; k++) {
    const byte = bytes[from + k]
    if (byte >= 0x80 || text.charCodeAt(k) !== byte) return false
  }
  return true
}
