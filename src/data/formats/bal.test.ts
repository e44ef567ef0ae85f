import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { realData } from '../../../test/real-data.ts'
import { quaternionToMatrix } from '../../geometry/index.ts'
import type { Graph } from '../../graph/index.ts'
import { UsageError } from '../../numeric/index.ts'
import { InputError } from '../errors.ts'
import { readBal, writeBal } from './bal.ts'

const small = `2 2 3

0 0 -385.99 387.12
1 0 1.5 -2.5
1 1 3 4

0.1 -0.2 0.3 1 2 3 500 1e-7 -2e-13
0
0
0
-1
0
5
600
0
0
1 2 -10
3
4 -20
`

async function failure(text: string): Promise<string> {
  const error = await readBal(text, { name: 'f' }).then(
    () => null,
    (e: unknown) => e,
  )
  expect(error).toBeInstanceOf(InputError)
  return (error as InputError).message
}

/** ½ Σ r² of a graph at its own values. */
function halfSumOfSquares(graph: Graph): number {
  let sum = 0
  for (const { type, variables, data, count } of graph.batches) {
    const r = new Float64Array(type.residualDim)
    const at = Int32Array.from(variables.view(), (index) => graph.values.offset(index))
    for (let k = 0; k < count; k++) {
      type.evaluate(graph.values.data, at, 2 * k, data.view(), 2 * k, r, 0, null, 0)
      sum += (r[0] * r[0] + r[1] * r[1]) / 2
    }
  }
  return sum
}

describe('readBal', () => {
  it('turns cameraFromWorld into worldFromCamera and keeps the rest', async () => {
    const { graph, cameras, points, observations } = await readBal(small)
    expect([cameras, points, observations]).toEqual([2, 2, 3])
    expect(graph.values.key(0)).toBe('c0')
    expect(Array.from(graph.values.get('p1'))).toEqual([3, 4, -20])
    const camera = graph.values.get('c0')
    expect(Array.from(camera.subarray(7))).toEqual([500, 1e-7, -2e-13])
    // worldFromCamera · (R x + t) = x: the camera sees its own centre at 0, so R (center) + t = 0 with R = worldFromCameraᵀ.
    const R = new Float64Array(9)
    quaternionToMatrix(camera, 3, R, 0)
    for (let j = 0; j < 3; j++) {
      const seen = R[j] * camera[0] + R[3 + j] * camera[1] + R[6 + j] * camera[2] + [1, 2, 3][j]
      // Three products and sums of numbers below 4.
      expect(Math.abs(seen)).toBeLessThan(8 * 4 * Number.EPSILON)
    }
    // Rodrigues on the file's ω, by hand: R = I + sin θ [a]× + (1 − cos θ) [a]×², entry (0, 1) = −sin θ a_z + (1 − cos θ) a_x a_y.
    const theta = Math.sqrt(0.14)
    const entry = (-Math.sin(theta) * 0.3) / theta + ((1 - Math.cos(theta)) * 0.1 * -0.2) / (theta * theta)
    expect(Math.abs(R[3] - entry)).toBeLessThan(8 * Number.EPSILON)
  })

  it('says so when something is not observed', async () => {
    const { report } = await readBal(`2 2 1\n0 0 1 1\n${'1 '.repeat(18 + 6)}`)
    expect(report.warnings).toEqual(['1 of 2 cameras observe nothing', '1 of 2 points are not observed'])
  })

  it('names file, line, what was expected and what came', async () => {
    expect(await failure('')).toBe(
      'f: expected a line with the numbers of cameras, points and observations, found an empty file',
    )
    expect(await failure('2 2')).toContain('f:1: expected the number of observations, found the end of the line')
    expect(await failure('2 2 3 4')).toContain(
      "f:1: expected the end of the line after the numbers of cameras, points and observations, found '4'",
    )
    expect(await failure('2 0 3')).toContain(
      "f:1: expected a whole number in [1, 2147483647] (the number of points), found '0'",
    )
    expect(await failure('2 2 1e999')).toContain('the number of observations')
    expect(await failure(small.replace('1 1 3 4', '2 1 3 4'))).toBe(
      "f:5: expected a whole number in [0, 1] (index of a camera), found '2'",
    )
    expect(await failure(small.replace('1 1 3 4', '1 -1 3 4'))).toContain(
      'f:5: expected a whole number in [0, 1] (index of a point)',
    )
    expect(await failure(small.replace('1 1 3 4', '1 1 3'))).toContain(
      'f:5: expected 2 numbers (the observed pixel u v)',
    )
    expect(await failure(small.replace('1 1 3 4', '1 1 3 nan'))).toContain(
      "f:5: expected a finite number (the observed pixel u v), found 'nan'",
    )
    expect(await failure(small.replace('1 1 3 4\n', ''))).toContain(
      'f:6: expected a whole number in [0, 1] (index of a camera)',
    )
    expect(await failure(small.replace('600', 'inf'))).toBe(
      "f:14: expected a finite number (number 7 of 9 of camera 1), found 'inf'",
    )
    expect(await failure(small.replace('4 -20\n', '4'))).toBe(
      'f:19: expected number 3 of 3 of point 1, found the end of the file',
    )
    expect(await failure(`${small}7\n`)).toBe(
      "f:20: expected the end of the file after 2 cameras and 2 points, found another number ('7')",
    )
    expect(await failure('2 2 3\n0 0 1 1\n')).toBe('f:2: expected 3 observations, found the end of the file after 1')
  })

  it('fails on every truncation of a file, and never otherwise than with an InputError', async () => {
    const whole = small.trimEnd()
    // Cutting inside the last number leaves a shorter number, which nobody can notice.
    for (let length = 0; length < whole.length - 2; length++) await failure(whole.slice(0, length))
  })

  it('survives any change of bytes (property)', async () => {
    const bytes = new TextEncoder().encode(small)
    const edits = fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { minLength: 1, maxLength: 5 })
    await fc.assert(
      fc.asyncProperty(edits, async (changes) => {
        const changed = bytes.slice()
        for (const [at, byte] of changes) changed[at] = byte
        await readBal(changed).catch((error) => expect(error).toBeInstanceOf(InputError))
      }),
      { numRuns: 300 },
    )
  })
})

describe('writeBal', () => {
  it('loses nothing but the rounding of rotations (property)', async () => {
    const number = fc.double({ min: -1e3, max: 1e3, noNaN: true })
    const camera = fc.tuple(
      fc.array(fc.double({ min: -1.8, max: 1.8, noNaN: true }), { minLength: 3, maxLength: 3 }),
      fc.array(number, { minLength: 6, maxLength: 6 }),
    )
    const problem = fc.tuple(camera, fc.array(number, { minLength: 5, maxLength: 5 }))
    await fc.assert(
      fc.asyncProperty(problem, async ([[rotation, rest], [u, v, ...p]]) => {
        const text = `1 1 1\n0 0 ${u} ${v}\n${[...rotation, ...rest, ...p].join('\n')}\n`
        const first = await readBal(text)
        const written = [...writeBal(first.graph)].join('')
        const numbers = written.split(/\s+/).map(Number)
        expect(numbers.slice(0, 7)).toEqual([1, 1, 1, 0, 0, u + 0, v + 0])
        // |ω| < π: exp and log of a rotation each round a few times; the worst is the angle near π, of size 3.
        for (let k = 0; k < 3; k++)
          expect(Math.abs(numbers[7 + k] - rotation[k])).toBeLessThan(32 * Number.EPSILON * Math.PI)
        // t → −Rᵀt → t: two rotations of a vector, each entry a sum of a dozen terms of its size; 1e-300 where they underflow.
        const size = Math.hypot(...rest.slice(0, 3))
        for (let k = 0; k < 3; k++)
          expect(Math.abs(numbers[10 + k] - rest[k])).toBeLessThanOrEqual(32 * Number.EPSILON * size + 1e-300)
        expect(numbers.slice(13, 19)).toEqual([...rest.slice(3), ...p].map((x) => x + 0))
      }),
      { numRuns: 200 },
    )
  })

  it('refuses what the format has no place for', async () => {
    const { graph } = await readBal(small)
    const [{ type }] = graph.batches
    graph.addFactor(type, ['c0', 'p0'], [0, 0], { information: [1, 0, 1] })
    expect(() => [...writeBal(graph)]).toThrow(UsageError)
  })
})

/** Initial costs: ../shared/reference/optimizer.md, digits as printed there. */
const real = [
  ['ladybug-49-7776-pre', 49, 7776, 31843, 850912.46, 0.005],
  ['trafalgar-21-11315-pre', 21, 11315, 36455, 4413239.3, 0.05],
  ['ladybug-49-1800-shrink', 49, 1800, 10863, 234519.8, 0.005],
] as const

describe('real problems', () => {
  for (const [name, cameras, points, observations, cost, digit] of real) {
    const path = `bundle-adjustment/bal/${name}.txt`
    it.skipIf(!realData(path))(`${name} has its counts and its initial cost, before and after writing`, async () => {
      const file = await readBal(readFileSync(realData(path)!))
      expect([file.cameras, file.points, file.observations]).toEqual([cameras, points, observations])
      expect(Math.abs(halfSumOfSquares(file.graph) - cost)).toBeLessThanOrEqual(digit)
      const again = await readBal([...writeBal(file.graph)].join(''))
      const before = halfSumOfSquares(file.graph)
      // Costs are sums of squares of differences of pixels; poses moved by rounding times the reach of the scene.
      expect(Math.abs(halfSumOfSquares(again.graph) - before)).toBeLessThan(1e5 * Number.EPSILON * before)
    })
  }
})
