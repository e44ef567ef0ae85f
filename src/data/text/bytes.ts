/**
 * UTF-8 by hand: `src/` has no TextDecoder among its types, and readers need it for names and messages only. Damaged
 * sequences become U+FFFD, never an exception.
 */

/** The text of bytes [from, to). */
export function decodeText(bytes: Uint8Array, from: number, to: number): string {
  let text = ''
  let at = from
  while (at < to) {
    const run = asciiRun(bytes, at, Math.min(to, at + 4096))
    if (run > at) text += String.fromCharCode.apply(null, bytes.subarray(at, run) as unknown as number[])
    at = run
    if (at < to && bytes[at] >= 0x80) {
      const length = sequenceLength(bytes, at, to)
      text += length === 0 ? '\ufffd' : String.fromCodePoint(codePoint(bytes, at, length))
      at += Math.max(length, 1)
    }
  }
  return text
}

/** UTF-8 bytes of characters [from, to) of a string; lone surrogates become U+FFFD. */
export function encodeText(text: string, from = 0, to: number = text.length): Uint8Array {
  const out = new Uint8Array(3 * (to - from))
  let at = 0
  for (let i = from; i < to; i++) {
    let code = text.charCodeAt(i)
    if (code >= 0xd800 && code < 0xe000) {
      const whole = text.codePointAt(i)!
      if (whole > 0xffff && i + 1 < to) i++
      code = whole > 0xffff ? whole : 0xfffd
    }
    at = encodeCodePoint(code, out, at)
  }
  return out.subarray(0, at)
}

/** A field as a message shows it: in quotes, cut at 40 characters, unprintable characters as \xNN. */
export function showText(text: string): string {
  const short = text.length > 40 ? `${text.slice(0, 37)}...` : text
  let shown = ''
  for (const character of short) {
    const code = character.codePointAt(0)!
    shown += code < 0x20 || code === 0x7f ? `\\x${code.toString(16).padStart(2, '0')}` : character
  }
  return `'${shown}'`
}

function asciiRun(bytes: Uint8Array, from: number, to: number): number {
  let at = from
  while (at < to && bytes[at] < 0x80) at++
  return at
}

/** Length of the valid multi-byte sequence at `at`, or 0. RFC 3629, section 3 (no overlong forms, no surrogates). */
function sequenceLength(bytes: Uint8Array, at: number, to: number): number {
  const lead = bytes[at]
  const length = lead >= 0xc2 && lead < 0xe0 ? 2 : lead >= 0xe0 && lead < 0xf0 ? 3 : lead >= 0xf0 && lead < 0xf5 ? 4 : 0
  if (length === 0 || at + length > to) return 0
  for (let k = 1; k < length; k++) if ((bytes[at + k] & 0xc0) !== 0x80) return 0
  const code = codePoint(bytes, at, length)
  const least = length === 2 ? 0x80 : length === 3 ? 0x800 : 0x10000
  return code < least || code > 0x10ffff || (code >= 0xd800 && code < 0xe000) ? 0 : length
}

function codePoint(bytes: Uint8Array, at: number, length: number): number {
  let code = bytes[at] & (length === 2 ? 0x1f : length === 3 ? 0x0f : 0x07)
  for (let k = 1; k < length; k++) code = (code << 6) | (bytes[at + k] & 0x3f)
  return code
}

function encodeCodePoint(code: number, out: Uint8Array, at: number): number {
  if (code < 0x80) {
    out[at++] = code
  } else if (code < 0x800) {
    out[at++] = 0xc0 | (code >> 6)
    out[at++] = 0x80 | (code & 0x3f)
  } else if (code < 0x10000) {
    out[at++] = 0xe0 | (code >> 12)
    out[at++] = 0x80 | ((code >> 6) & 0x3f)
    out[at++] = 0x80 | (code & 0x3f)
  } else {
    out[at++] = 0xf0 | (code >> 18)
    out[at++] = 0x80 | ((code >> 12) & 0x3f)
    out[at++] = 0x80 | ((code >> 6) & 0x3f)
    out[at++] = 0x80 | (code & 0x3f)
  }
  return at
}
