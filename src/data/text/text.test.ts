import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { InputError } from '../errors.ts'
import type { Source } from '../source.ts'
import { decodeText, encodeText } from './bytes.ts'
import { peek } from './chunks.ts'
import type { TextLine } from './line.ts'
import { type LineOptions, readLines } from './lines.ts'
import { parseId, parseNumber } from './number.ts'

const bytes = (text: string): Uint8Array => encodeText(text)
const number = (text: string): number => parseNumber(bytes(text), 0, bytes(text).length)
const id = (text: string): number | bigint | null => parseId(bytes(text), 0, bytes(text).length)

async function fields(source: Source, options: LineOptions = {}): Promise<string[][]> {
  const lines: string[][] = []
  await readLines(
    source,
    (line) => {
      const words: string[] = []
      while (!line.done) words.push(line.word('a word'))
      lines.push(words)
    },
    options,
  )
  return lines
}

async function refusal(
  source: Source,
  visit: (line: TextLine) => void,
  options: LineOptions = {},
): Promise<InputError> {
  const error = await readLines(source, visit, { name: 'a.txt', ...options }).then(
    () => null,
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(InputError)
  return error as InputError
}

describe('parseNumber', () => {
  it('reads every double from its shortest decimal form, to the last bit', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (x) => {
        expect(number(Object.is(x, -0) ? '-0' : String(x))).toBe(x)
        expect(number(x.toExponential()) + 0).toBe(x + 0)
      }),
      { numRuns: 3000 },
    )
  })

  it('rounds as Number() does, whatever the digits, the point and the exponent', () => {
    const digits = fc.stringMatching(/^[0-9]{1,25}$/)
    fc.assert(
      fc.property(digits, digits, fc.integer({ min: -340, max: 330 }), fc.constantFrom('', '-', '+'), (a, b, e, s) => {
        for (const text of [`${s}${a}.${b}e${e}`, `${s}${a}`, `${s}.${b}`, `${s}${a}.`, `${s}${a}E+${Math.abs(e)}`])
          expect(Object.is(number(text), Number(text)), text).toBe(true)
      }),
      { numRuns: 2000 },
    )
  })

  it('refuses what is not a decimal number', () => {
    for (const text of [
      '',
      '-',
      '+',
      '.',
      'nan',
      '-nan',
      'inf',
      'Infinity',
      '0x10',
      '1e',
      '1e+',
      '1.5m',
      '1..2',
      '1,5',
      '1_0',
      '--1',
      'e5',
      ' 1',
      '1 ',
    ])
      expect(number(text), text).toBeNaN()
    expect(number('1e999')).toBe(Number.POSITIVE_INFINITY)
    expect(Object.is(number('-0'), -0)).toBe(true)
  })
})

describe('parseId', () => {
  it('is a number while that is exact and a bigint up to 64 bits', () => {
    expect(id('0')).toBe(0)
    expect(id('9007199254740991')).toBe(9007199254740991)
    expect(id('9007199254740993')).toBe(9007199254740993n)
    expect(id('18446744073709551615')).toBe(18446744073709551615n)
    for (const text of ['', '-1', '+1', '1.0', '1e3', '18446744073709551616', '9'.repeat(500)])
      expect(id(text)).toBeNull()
  })
})

describe('UTF-8 by hand', () => {
  it('equals the platform for whole text and for damaged bytes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 50 }), (text) => {
        expect(encodeText(text)).toEqual(new TextEncoder().encode(text))
        expect(decodeText(encodeText(text), 0, encodeText(text).length)).toBe(
          new TextDecoder('utf-8', { ignoreBOM: true }).decode(encodeText(text)),
        )
      }),
    )
    // One U+FFFD per damaged byte here, per maximal part in the platform: both hold no other difference.
    const once = (text: string): string => text.replace(/\ufffd+/g, '\ufffd')
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 30 }), (raw) => {
        expect(once(decodeText(raw, 0, raw.length))).toBe(
          once(new TextDecoder('utf-8', { ignoreBOM: true }).decode(raw)),
        )
      }),
    )
  })
})

describe('readLines', () => {
  it('gives the same lines however the bytes are cut', async () => {
    const piece = fc.constantFrom('a', 'bc', ' ', '\t', '\n', '\r\n', '1.5', '# c', 'é')
    await fc.assert(
      fc.asyncProperty(
        fc.array(piece, { maxLength: 40 }),
        fc.array(fc.nat(8), { maxLength: 40 }),
        async (pieces, cuts) => {
          const text = pieces.join('')
          const whole = bytes(text)
          const chunks: Uint8Array[] = []
          let at = 0
          for (const cut of cuts) {
            chunks.push(whole.subarray(at, at + cut))
            at += cut
          }
          chunks.push(whole.subarray(at))
          const expected = text
            .split('\n')
            .map((line) => line.split(/[ \t\r]+/).filter((word) => word !== ''))
            .filter((words) => words.length > 0)
          expect(await fields(chunks)).toEqual(expected)
          expect(await fields(text)).toEqual(expected)
          expect(await fields(whole)).toEqual(expected)
        },
      ),
    )
  })

  it('counts lines and bytes, skips a UTF-8 mark, ends at comments, visits blank lines when asked', async () => {
    expect(await fields('\ufeffA 1 # note\n# all\n\nB')).not.toEqual([])
    expect(await fields('\ufeffA 1 # note\n# all\n\nB', { comment: '#' })).toEqual([['A', '1'], ['B']])
    expect(await fields('A\n\nB\n', { blank: true })).toEqual([['A'], [], ['B']])
    expect(await fields('0, 1 : 2', { separators: ',:' })).toEqual([['0', '1', '2']])
    expect(await readLines('a\nb', () => {})).toEqual({ lines: 2, bytes: 3 })
    expect(await readLines('', () => {})).toEqual({ lines: 0, bytes: 0 })
  })

  it('keeps a long text whole over many windows', async () => {
    const text = Array.from({ length: 200_000 }, (_, k) => `N ${k} ${k / 7}`).join('\n')
    let k = 0
    await readLines(text, (line) => {
      if (line.word('tag') !== 'N' || line.integer('k') !== k || line.real('x') !== k / 7 || line.number !== k + 1)
        throw new Error(`line ${k}`)
      line.end('x')
      k++
    })
    expect(k).toBe(200_000)
  })

  it('names file, line, expected and found', async () => {
    const at = async (text: string, visit: (line: TextLine) => void): Promise<string> =>
      (await refusal(text, visit)).message
    const reals = (line: TextLine): void => line.reals(new Float64Array(3), 0, 3, 'x y z')
    expect(await at('1 2 3\n1 2', reals)).toBe('a.txt:2: expected 3 numbers (x y z), found the end of the line after 2')
    expect(await at('1 nan 3', reals)).toBe("a.txt:1: expected a finite number (x y z), found 'nan'")
    expect(await at('1 1e999 3', reals)).toBe("a.txt:1: expected a finite number (x y z), found '1e999'")
    expect(await at('-3', (line) => line.id('a vertex id'))).toBe(
      "a.txt:1: expected a whole number from 0 to 2^64 - 1 (a vertex id), found '-3'",
    )
    expect(await at('1.5', (line) => line.integer('count', 1, 9))).toBe(
      "a.txt:1: expected a whole number in [1, 9] (count), found '1.5'",
    )
    expect(
      await at('a b', (line) => {
        line.word('a tag')
        line.end('the tag')
      }),
    ).toBe("a.txt:1: expected the end of the line after the tag, found 'b'")
  })

  it('refuses bytes that are not text, and names known strangers', async () => {
    const nothing = (): void => {}
    const found = async (raw: number[]): Promise<string> => (await refusal(Uint8Array.from(raw), nothing)).found
    expect(await found([65, 10, 66, 0])).toBe('the byte 0x00 at offset 3; this looks like a binary file')
    expect((await refusal(Uint8Array.from([65, 10, 66, 0]), nothing)).line).toBe(2)
    expect(await found([0x1f, 0x8b, 8])).toMatch('gzip')
    expect(await found([0x42, 0x5a, 0x68, 0x39])).toMatch('bzip2')
    expect(await found([0xff, 0xfe, 65, 0])).toMatch('UTF-16')
    expect((await refusal('x'.repeat(2000), nothing, { longestLine: 1000 })).expected).toBe(
      'lines of at most 1000 bytes',
    )
    const endless = function* (): Generator<Uint8Array> {
      for (;;) yield new Uint8Array(1 << 16).fill(65)
    }
    expect((await refusal(endless(), nothing)).expected).toBe('lines of at most 1048576 bytes')
  })

  it('reports progress and stops at the signal', async () => {
    const seen: number[] = []
    const signal = { aborted: false }
    const chunks = function* (): Generator<Uint8Array> {
      for (;;) yield bytes('line\n')
    }
    const reading = readLines(chunks(), () => {}, {
      signal,
      onProgress: (count) => {
        seen.push(count)
        signal.aborted = seen.length === 3
      },
    })
    await expect(reading).rejects.toMatchObject({ name: 'AbortError' })
    expect(seen).toEqual([5, 10, 15])
  })

  it('says what a source is', async () => {
    await expect(readLines(null as unknown as Source, () => {})).rejects.toThrow('a source is a string')
    await expect(readLines(['text'] as unknown as Source, () => {})).rejects.toThrow('Uint8Array chunks, got string')
  })
})

describe('peek', () => {
  it('shows the head and keeps the whole', async () => {
    const chunks = ['one\ntwo\n', 'three\n', 'four'].map(bytes)
    const { head, source } = await peek(chunks, 10)
    expect(decodeText(head, 0, head.length)).toBe('one\ntwo\nthree\n')
    expect(await fields(source)).toEqual([['one'], ['two'], ['three'], ['four']])
  })
})
