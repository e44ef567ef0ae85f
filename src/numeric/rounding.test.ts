import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { UsageError } from './errors.ts'
import { type Format, formats } from './formats.ts'
import { fromBfloat16, fromHalf, toBfloat16, toHalf } from './half.ts'
import { roundArray, roundTo } from './rounding.ts'

/**
 * The formats once more, from their definition alone and in integers: a magnitude is a whole number of units 2⁻¹⁰⁷⁴, the
 * code of the nearest magnitude is found by bisection over all codes, and a tie goes to the even code. The code after the
 * greatest finite one stands for infinity and lies one spacing above it.
 */
class Exact {
  readonly magnitudes: bigint[] = []

  constructor(exponentBits: number, fractionBits: number) {
    const bias = 2 ** (exponentBits - 1) - 1
    for (let exponent = 0; exponent < 2 ** exponentBits - 1; exponent++)
      for (let fraction = 0; fraction < 2 ** fractionBits; fraction++) {
        const significand = exponent === 0 ? fraction : 2 ** fractionBits + fraction
        const shift = Math.max(exponent, 1) - bias - fractionBits + 1074
        this.magnitudes.push(BigInt(significand) << BigInt(shift))
      }
    const last = this.magnitudes.length - 1
    this.magnitudes.push(2n * this.magnitudes[last] - this.magnitudes[last - 1])
  }

  get infinity(): number {
    return this.magnitudes.length - 1
  }

  /** Code of the magnitude nearest to `units`. */
  nearest(units: bigint): number {
    let low = 0
    let high = this.infinity
    if (units >= this.magnitudes[high]) return high
    while (high - low > 1) {
      const middle = (low + high) >> 1
      if (this.magnitudes[middle] <= units) low = middle
      else high = middle
    }
    const below = units - this.magnitudes[low]
    const above = this.magnitudes[high] - units
    if (below === above) return low % 2 === 0 ? low : high
    return below < above ? low : high
  }
}

/** |x| in units of 2⁻¹⁰⁷⁴, by the bits of x. */
function unitsOf(x: number): bigint {
  const view = new DataView(new ArrayBuffer(8))
  view.setFloat64(0, x)
  const bits = view.getBigUint64(0)
  const exponent = (bits >> 52n) & 0x7ffn
  const fraction = bits & ((1n << 52n) - 1n)
  return exponent === 0n ? fraction : (fraction | (1n << 52n)) << (exponent - 1n)
}

const codecs = [
  { format: 'fp16', exact: new Exact(5, 10), encode: toHalf, decode: fromHalf },
  { format: 'bf16', exact: new Exact(8, 7), encode: toBfloat16, decode: fromBfloat16 },
] as const

/** Numbers of every size around a format's range, and its awkward ones. */
const anyNumber = (format: Format): fc.Arbitrary<number> =>
  fc.oneof(
    fc.double({ noNaN: true }),
    fc
      .tuple(
        fc.double({ min: 1, max: 2, noNaN: true }),
        fc.integer({
          min: Math.max(-1074, Math.round(Math.log2(formats[format].minSubnormal)) - 3),
          max: Math.ceil(Math.log2(formats[format].max)) + 1,
        }),
        fc.boolean(),
      )
      .map(([m, e, negative]) => (negative ? -m : m) * 2 ** e),
  )

describe('formats', () => {
  it.each([
    ['fp64', 8, Number.EPSILON, Number.MAX_VALUE, 2 ** -1022, Number.MIN_VALUE],
    ['fp32', 4, 1.1920928955078125e-7, 3.4028234663852886e38, 1.1754943508222875e-38, 1.401298464324817e-45],
    ['fp16', 2, 0.0009765625, 65504, 0.00006103515625, 2 ** -24],
    ['bf16', 2, 0.0078125, 3.3895313892515355e38, 1.1754943508222875e-38, 9.183549615799121e-41],
  ] as const)('%s are the numbers of the standard', (format, bytes, eps, max, minNormal, minSubnormal) => {
    expect(formats[format]).toMatchObject({ bytes, eps, unitRoundoff: eps / 2, max, minNormal, minSubnormal })
  })

  it.each(['fp32', 'fp16', 'bf16'] as const)('%s numbers say what rounding does', (format) => {
    const { eps, unitRoundoff, max, overflow, minNormal, minSubnormal } = formats[format]
    const round = roundTo(format)
    expect(round(1 + eps)).toBe(1 + eps)
    expect(round(1 + unitRoundoff)).toBe(1) // a tie, to even
    expect(round(1 + unitRoundoff * 1.001)).toBe(1 + eps)
    expect(round(max)).toBe(max)
    expect(round(overflow)).toBe(Number.POSITIVE_INFINITY)
    expect(round(overflow * (1 - Number.EPSILON))).toBe(max)
    expect(round(-overflow)).toBe(Number.NEGATIVE_INFINITY)
    expect(round(minNormal)).toBe(minNormal)
    expect(round(minSubnormal)).toBe(minSubnormal)
    expect(round(minSubnormal / 2)).toBe(0)
    expect(round(minSubnormal * 1.5)).toBe(2 * minSubnormal)
    expect(round(-minSubnormal / 2)).toBe(-0)
  })
})

describe.each(codecs)('$format codes', ({ format, exact, encode, decode }) => {
  it('decode to the numbers of the definition, all 65,536', () => {
    for (let code = 0; code < 0x8000; code++) {
      const x = decode(code)
      if (code < exact.infinity) expect(unitsOf(x)).toBe(exact.magnitudes[code])
      else if (code === exact.infinity) expect(x).toBe(Number.POSITIVE_INFINITY)
      else expect(x).toBeNaN()
      expect(decode(code | 0x8000)).toBe(-x)
    }
  })

  it('come back from encoding, all 65,536', () => {
    for (let code = 0; code < 0x10000; code++) {
      const x = decode(code)
      const back = encode(x)
      if (Number.isNaN(x)) expect(decode(back)).toBeNaN()
      else if (back !== code) expect.fail(`${code} decodes to ${x}, which encodes to ${back}`)
    }
  })

  it('are the even one of two neighbours at their middle, and the nearer one a step beside it', () => {
    for (let code = 0; code < exact.infinity; code++) {
      const low = decode(code)
      const high = code + 1 < exact.infinity ? decode(code + 1) : low + (low - decode(code - 1))
      const middle = low + (high - low) / 2 // exact in fp64
      const step = middle * 2 ** -52
      const found = [encode(middle), encode(middle - step), encode(middle + step), encode(-middle)]
      const even = code % 2 === 0 ? code : code + 1
      const wanted = [even, code, code + 1, even | 0x8000]
      if (found.join() !== wanted.join()) expect.fail(`at ${middle}: ${found}, expected ${wanted}`)
    }
  })

  it('are the nearest by exact arithmetic', () => {
    fc.assert(
      fc.property(anyNumber(format), (x) => {
        const magnitude = exact.nearest(unitsOf(x))
        expect(encode(x)).toBe(Object.is(Math.sign(x), -0) || x < 0 ? magnitude | 0x8000 : magnitude)
        expect(roundTo(format)(x)).toBe(decode(encode(x)))
      }),
      { numRuns: 3000 },
    )
  })

  it('round once: not by way of fp32', () => {
    // Just above the middle of 1 and its neighbour, by less than fp32 can tell: fp32 makes it the tie.
    const { eps } = formats[format]
    const x = 1 + eps / 2 + 2 ** -40
    expect(roundTo(format)(Math.fround(x))).toBe(1)
    expect(roundTo(format)(x)).toBe(1 + eps)
  })

  it('keep what is not a number', () => {
    expect(roundTo(format)(Number.NaN)).toBeNaN()
    expect(decode(encode(Number.NaN))).toBeNaN()
    expect(roundTo(format)(Number.POSITIVE_INFINITY)).toBe(Number.POSITIVE_INFINITY)
    expect(roundTo(format)(Number.NEGATIVE_INFINITY)).toBe(Number.NEGATIVE_INFINITY)
    expect(roundTo(format)(Number.MAX_VALUE)).toBe(Number.POSITIVE_INFINITY)
  })
})

describe('roundArray', () => {
  it.each(['fp64', 'fp32', 'fp16', 'bf16'] as const)('to %s is roundTo, number by number, also in place', (format) => {
    fc.assert(
      fc.property(fc.array(anyNumber(format), { maxLength: 20 }), (numbers) => {
        const from = Float64Array.from(numbers)
        const to = new Float64Array(from.length)
        roundArray(format, from, to)
        expect([...to]).toEqual(numbers.map(roundTo(format)))
        roundArray(format, from, from)
        expect([...from]).toEqual([...to])
      }),
    )
  })

  it('refuses what does not fit', () => {
    expect(() => roundArray('fp16', new Float64Array(2), new Float64Array(3))).toThrow(UsageError)
    expect(() => roundTo('fp8' as Format)).toThrow('expected one of fp64, fp32, fp16, bf16, got fp8')
  })
})

const engine = Math as { f16round?: (x: number) => number }

describe('the engine', () => {
  it.skipIf(!engine.f16round)('rounds to fp16 as we do (Math.f16round; absent before Node 24)', () => {
    fc.assert(
      fc.property(anyNumber('fp16'), (x) => {
        expect(roundTo('fp16')(x)).toBe(engine.f16round?.(x))
      }),
      { numRuns: 3000 },
    )
  })

  const Float16 = (globalThis as { Float16Array?: new (buffer: ArrayBuffer) => Float64Array }).Float16Array
  it.skipIf(!Float16)('decodes fp16 as we do (Float16Array; absent before Node 24)', () => {
    if (!Float16) return
    const codes = Uint16Array.from({ length: 0x10000 }, (_, code) => code)
    const decoded = new Float16(codes.buffer)
    for (let code = 0; code < 0x10000; code++)
      if (!Object.is(fromHalf(code), decoded[code])) expect.fail(`${code}: ${fromHalf(code)}, ${decoded[code]}`)
  })
})
