const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

/** The bytes of a base64 text (RFC 4648, section 4); what is not in the alphabet, as line ends and padding, is skipped. */
export function decodeBase64(text: string): Uint8Array {
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4))
  let length = 0
  let bits = 0
  let held = 0
  for (let i = 0; i < text.length; i++) {
    const digit = ALPHABET.indexOf(text[i])
    if (digit < 0) continue
    bits = ((bits << 6) | digit) & 0xffff
    held += 6
    if (held < 8) continue
    held -= 8
    bytes[length++] = (bits >>> held) & 0xff
  }
  return bytes.slice(0, length)
}
