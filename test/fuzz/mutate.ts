import type { Random } from './random.ts'

/** Tokens that number parsers, id maps and counters trip over. */
const HOSTILE: readonly string[] = [
  'nan',
  '-nan',
  'NaN',
  'inf',
  '-Infinity',
  '1e999',
  '-1e999',
  '1e308',
  '-1.7976931348623157e308',
  '5e-324',
  '1e-320',
  '0',
  '-0',
  '+1',
  '-1',
  '1',
  '2',
  '1e',
  '1e+',
  '.',
  '-',
  '..',
  '1.5.2',
  '0x10',
  '1_000',
  '1,5',
  '1e-',
  '١',
  'é',
  '9007199254740991',
  '9007199254740993',
  '18446744073709551615',
  '18446744073709551616',
  '99999999999999999999999',
  '2147483648',
  '-2147483649',
  '4294967296',
  '1e15',
  '1e16',
  '3.141592653589793',
  '0.1',
  '1e-9',
  '#',
  '"',
  "'",
  '%s',
  '\u0000',
  'constructor',
  '__proto__',
  'toString',
]

type Mutation = (bytes: Uint8Array, random: Random, others: readonly Uint8Array[]) => Uint8Array

/** A damaged copy of a valid file: one to six mutations. */
export function mutate(original: Uint8Array, random: Random, others: readonly Uint8Array[]): Uint8Array {
  let bytes: Uint8Array = original.slice()
  for (let n = 1 + random.below(6); n > 0; n--) bytes = random.pick(MUTATIONS)(bytes, random, others)
  return bytes.length > LONGEST ? bytes.subarray(0, LONGEST) : bytes
}

/** Mutations multiply lines; a case stays small, so that time tells about the reader. */
const LONGEST = 1 << 18

const MUTATIONS: readonly Mutation[] = [
  truncated,
  truncated,
  flipped,
  flipped,
  inserted,
  removed,
  replacedTokens,
  replacedTokens,
  replacedTokens,
  swappedTokens,
  swappedTokens,
  shiftedDigits,
  linesSwapped,
  linesRepeated,
  linesRemoved,
  spliced,
  garbage,
  otherLineEnds,
  longLine,
  longToken,
]

function truncated(bytes: Uint8Array, random: Random): Uint8Array {
  return bytes.subarray(0, random.below(bytes.length + 1))
}

function flipped(bytes: Uint8Array, random: Random): Uint8Array {
  for (let n = 1 + random.below(4); n > 0 && bytes.length > 0; n--) {
    const at = random.below(bytes.length)
    bytes[at] = random.next() < 0.5 ? bytes[at] ^ (1 << random.below(8)) : random.below(256)
  }
  return bytes
}

function inserted(bytes: Uint8Array, random: Random): Uint8Array {
  const at = random.below(bytes.length + 1)
  return joined([bytes.subarray(0, at), randomBytes(random, 1 + random.below(4)), bytes.subarray(at)])
}

function removed(bytes: Uint8Array, random: Random): Uint8Array {
  const at = random.below(bytes.length + 1)
  return joined([bytes.subarray(0, at), bytes.subarray(at + 1 + random.below(20))])
}

function replacedTokens(bytes: Uint8Array, random: Random): Uint8Array {
  const spans = tokens(bytes)
  if (spans.length === 0) return bytes
  const [from, to] = random.pick(spans)
  return joined([bytes.subarray(0, from), encoder.encode(random.pick(HOSTILE)), bytes.subarray(to)])
}

function swappedTokens(bytes: Uint8Array, random: Random): Uint8Array {
  const spans = tokens(bytes)
  if (spans.length < 2) return bytes
  const pair = [random.pick(spans), random.pick(spans)].sort((a, b) => a[0] - b[0])
  const [[a, b], [c, d]] = pair as [[number, number], [number, number]]
  if (a === c) return bytes
  return joined([
    bytes.subarray(0, a),
    bytes.subarray(c, d),
    bytes.subarray(b, c),
    bytes.subarray(a, b),
    bytes.subarray(d),
  ])
}

/** One digit becomes another, or grows an exponent: numbers that still look like numbers. */
function shiftedDigits(bytes: Uint8Array, random: Random): Uint8Array {
  for (let tries = 0; tries < 20 && bytes.length > 0; tries++) {
    const at = random.below(bytes.length)
    if (bytes[at] < 48 || bytes[at] > 57) continue
    if (random.next() < 0.7) bytes[at] = 48 + random.below(10)
    else
      return joined([bytes.subarray(0, at + 1), encoder.encode(`e${random.below(700) - 350}`), bytes.subarray(at + 1)])
  }
  return bytes
}

function linesSwapped(bytes: Uint8Array, random: Random): Uint8Array {
  const lines = linesOf(bytes)
  const a = random.below(lines.length)
  const b = random.below(lines.length)
  ;[lines[a], lines[b]] = [lines[b], lines[a]]
  return joined(lines)
}

function linesRepeated(bytes: Uint8Array, random: Random): Uint8Array {
  const lines = linesOf(bytes)
  const at = random.below(lines.length)
  const times = random.next() < 0.9 ? 1 : 1 + random.below(200)
  return joined([...lines.slice(0, at + 1), ...Array.from({ length: times }, () => lines[at]), ...lines.slice(at + 1)])
}

function linesRemoved(bytes: Uint8Array, random: Random): Uint8Array {
  const lines = linesOf(bytes)
  lines.splice(random.below(lines.length), 1 + random.below(3))
  return joined(lines)
}

function spliced(bytes: Uint8Array, random: Random, others: readonly Uint8Array[]): Uint8Array {
  const other = random.pick(others)
  return joined([bytes.subarray(0, random.below(bytes.length + 1)), other.subarray(random.below(other.length + 1))])
}

function garbage(bytes: Uint8Array, random: Random): Uint8Array {
  const at = random.below(bytes.length + 1)
  const count = random.below(random.next() < 0.1 ? 5000 : 60)
  const middle = randomBytes(random, count)
  if (random.next() < 0.6) for (let k = 0; k < count; k++) middle[k] = 32 + (middle[k] % 95)
  return joined([bytes.subarray(0, at), middle, bytes.subarray(at)])
}

function otherLineEnds(bytes: Uint8Array, random: Random): Uint8Array {
  const end = encoder.encode(random.pick(['\r\n', '\r', '\n\n', ' \n', '\t\n', '']))
  return joined(linesOf(bytes).flatMap((line) => [line.at(-1) === 10 ? line.subarray(0, -1) : line, end]))
}

function longLine(bytes: Uint8Array, random: Random): Uint8Array {
  const at = random.below(bytes.length + 1)
  const text = random.pick([' ', '1 ', 'x', '#', '0'])
  return joined([bytes.subarray(0, at), encoder.encode(text.repeat(random.below(20000))), bytes.subarray(at)])
}

function longToken(bytes: Uint8Array, random: Random): Uint8Array {
  const spans = tokens(bytes)
  if (spans.length === 0) return bytes
  const [from, to] = random.pick(spans)
  const times = random.below(random.next() < 0.1 ? 3000 : 30)
  return joined([
    bytes.subarray(0, to),
    ...Array.from({ length: times }, () => bytes.slice(from, to)),
    bytes.subarray(to),
  ])
}

const encoder = new TextEncoder()

function randomBytes(random: Random, count: number): Uint8Array {
  return Uint8Array.from({ length: count }, () => random.below(256))
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((size, part) => size + part.length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}

/** Lines with their line feeds; at least one. */
function linesOf(bytes: Uint8Array): Uint8Array[] {
  const lines: Uint8Array[] = []
  let from = 0
  for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, from)) {
    lines.push(bytes.subarray(from, end + 1))
    from = end + 1
  }
  if (from < bytes.length || lines.length === 0) lines.push(bytes.subarray(from))
  return lines
}

function tokens(bytes: Uint8Array): [number, number][] {
  const spans: [number, number][] = []
  let from = -1
  for (let at = 0; at <= bytes.length; at++) {
    const blank = at === bytes.length || bytes[at] <= 32
    if (!blank && from < 0) from = at
    if (blank && from >= 0) {
      spans.push([from, at])
      from = -1
    }
  }
  return spans
}
