import type { SensorRecord } from './sequence.ts'

/**
 * 64 bits of the exact numbers of records, as 16 hexadecimal digits: the same bits give the same fingerprint on every machine,
 * and a changed last bit of any number another one (with a chance of 2⁻⁶⁴ to miss it). Two lanes of MurmurHash3's mixing
 * over the numbers as little-endian words; NaN counts as one number.
 */
export function fingerprint(records: Iterable<SensorRecord>): string {
  const hash = new Fingerprint()
  for (const record of records) hash.add(record)
  return hash.digest()
}

const word = new DataView(new ArrayBuffer(8))

/** A fingerprint that grows record by record, for streams. */
export class Fingerprint {
  private a = 0x9e3779b9
  private b = 0x85ebca6b

  add(record: SensorRecord): void {
    this.value(record)
  }

  digest(): string {
    return [this.a, this.b].map((lane) => (lane >>> 0).toString(16).padStart(8, '0')).join('')
  }

  /** Everything in the record: keys and values in the order of its keys' names. */
  private value(value: unknown): void {
    if (typeof value === 'number') this.number(value)
    else if (typeof value === 'string') for (let i = 0; i < value.length; i++) this.mix(value.charCodeAt(i))
    else if (ArrayBuffer.isView(value)) {
      const list = value as unknown as ArrayLike<number>
      for (let i = 0; i < list.length; i++) this.number(list[i])
    } else if (Array.isArray(value)) for (const item of value) this.value(item)
    else if (typeof value === 'object' && value !== null)
      for (const key of Object.keys(value).sort()) {
        this.value(key)
        this.value((value as Record<string, unknown>)[key])
      }
    this.mix(0x1b) // an end, so that [1], [2] is not [1, 2]
  }

  private number(x: number): void {
    word.setFloat64(0, Number.isNaN(x) ? Number.NaN : x, true)
    this.mix(Number.isNaN(x) ? 0x7ff80000 : word.getUint32(4, true))
    this.mix(Number.isNaN(x) ? 0 : word.getUint32(0, true))
  }

  private mix(bits: number): void {
    this.a = lane(this.a, bits, 0xcc9e2d51, 15)
    this.b = lane(this.b, bits ^ (this.a >>> 16), 0x1b873593, 13)
  }
}

function lane(state: number, bits: number, multiplier: number, turn: number): number {
  let k = Math.imul(bits, multiplier)
  k = (k << turn) | (k >>> (32 - turn))
  state ^= Math.imul(k, 0x5bd1e995)
  state = (state << 11) | (state >>> 21)
  return (Math.imul(state, 5) + 0x38b34ae5) | 0
}
