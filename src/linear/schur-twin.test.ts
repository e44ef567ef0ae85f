import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { inMemory, jacobianOf, uniform } from '../../test/block-jacobians.ts'
import { kernels, Region } from '../backend/index.ts'
import type { BlockJacobian } from './block-jacobian.ts'
import { scalarSize } from './ops/jacobian-product.ts'
import { SchurComplement } from './schur.ts'
import type { SchurForm } from './schur-pattern.ts'

interface Bundle {
  readonly J: BlockJacobian
  readonly eliminated: Uint8Array
}

/**
 * Points after cameras of these sizes, each point seen by some of them (some constant), and factors between neighbours.
 * Points are seen in rows of `m` numbers.
 */
function bundle(cameras: readonly number[], points: number, m: number, seed: number): Bundle {
  const random = uniform(seed)
  const dims = [...cameras, ...new Array<number>(points).fill(3)]
  const sizes = [...new Set(cameras)]
  const seen = sizes.map((size) => {
    const factors: number[][] = []
    for (let p = 0; p < points; p++)
      cameras.forEach((d, c) => {
        if (d === size && random() < 0.2) factors.push([random() < -0.8 ? -1 : c, cameras.length + p])
      })
    return { residualDim: m, slots: [size, 3], factors }
  })
  const prior = {
    residualDim: 3,
    slots: [3],
    factors: dims.flatMap((d, j) => (d === 3 && random() < 0.9 ? [[j]] : [])),
  }
  const chain = sizes.map((size) => {
    const same = cameras.flatMap((d, c) => (d === size ? [c] : []))
    return { residualDim: size, slots: [size, size], factors: same.slice(1).map((c, k) => [same[k], c]) }
  })
  const J = jacobianOf({ dims, batches: [...seen, prior, ...chain] }, random)
  return { J, eliminated: Uint8Array.from(dims, (_, j) => (j >= cameras.length ? 1 : 0)) }
}

/** Everything that comes out of two eliminations and their steps. */
function run({ J, eliminated }: Bundle, form: SchurForm, given: boolean, sign: number): { runs: string; all: unknown } {
  const schur = new SchurComplement(J, eliminated, { form })
  const n = scalarSize(J.blocks)
  const random = uniform(n)
  const all: unknown[] = []
  schur.prepare()
  for (const lambda of [1, 1e-3]) {
    const damping = Float64Array.from({ length: n }, (_, i) => sign * lambda * (1 + (i % 3)))
    const report = schur.eliminate(damping, given ? Float64Array.from({ length: n }, random) : null)
    all.push({ ...report })
    if (report.outcome !== 'eliminated') continue
    const x = Float64Array.from({ length: schur.reducedGradient.length }, random)
    const Sx = x.slice()
    const step = new Float64Array(n)
    schur.operator.apply(x, Sx)
    schur.backSubstitute(x, step)
    // The sign of a zero is not compared.
    for (const numbers of [schur.reduced.values, schur.reducedGradient, Sx, step])
      all.push(Array.from(numbers, (v) => v + 0))
  }
  return { runs: schur.runs, all }
}

function expectTwin({ J, eliminated }: Bundle, form: SchurForm, given: boolean, sign = 1): void {
  const region = Region.open()!
  const twin = run({ J: inMemory(J, region), eliminated }, form, given, sign)
  const plain = run({ J, eliminated }, form, given, sign)
  region.close()
  expect(plain.runs).toBe('plain')
  expect(twin.runs).toBe('WebAssembly SIMD')
  expect(twin.all).toEqual(plain.all)
}

describe.skipIf(!kernels())('elimination of points by SIMD is the definition to the bit', () => {
  const cameras: fc.Arbitrary<number[]> = fc.oneof(
    fc.integer({ min: 0, max: 9 }).map((count) => new Array<number>(count).fill(9)),
    fc.integer({ min: 1, max: 9 }).map((count) => new Array<number>(count).fill(6)),
    fc.array(fc.constantFrom(1, 2, 3, 4, 6, 7, 9), { maxLength: 6 }),
  )

  it('for cameras of 9, of 6 and of mixed sizes, in every form', () => {
    fc.assert(
      fc.property(
        cameras,
        fc.nat(17),
        fc.constantFrom(2, 3),
        fc.integer(),
        fc.constantFrom<SchurForm>('dense', 'sparse', 'implicit'),
        fc.boolean(),
        (sizes, points, m, seed, form, given) => expectTwin(bundle(sizes, points, m, seed), form, given),
      ),
      { numRuns: 150 },
    )
  })

  it('where a point cannot be eliminated: the same block, the same row', () => {
    for (let seed = 0; seed < 20; seed++) expectTwin(bundle([9, 9, 9], 5, 2, seed), 'dense', true, -0.3)
    for (let seed = 0; seed < 20; seed++) expectTwin(bundle([6, 6], 5, 2, seed), 'sparse', true, 0)
  })

  it('wherever the memory grows while it is set up', () => {
    const { arena } = kernels()!
    const problem = bundle([9, 9, 9, 9], 11, 2, 5)
    const region = Region.open()!
    const free = arena.freeBytes
    new SchurComplement(inMemory(problem.J, region), problem.eliminated, { form: 'dense' })
    const needed = free - arena.freeBytes
    region.close()
    for (const share of [0, 0.2, 0.4, 0.6, 0.8, 0.9, 0.97]) {
      const length = arena.buffer.byteLength
      const filler = Region.open()!
      filler.float64(Math.floor((arena.freeBytes - share * needed) / 8) - 2, false)
      expectTwin(problem, 'dense', true)
      filler.close()
      expect(arena.buffer.byteLength).toBeGreaterThan(length)
    }
  })

  it('leaves points of other sizes to the definition', () => {
    const shape = { dims: [6, 2], batches: [{ residualDim: 3, slots: [6, 2], factors: [[0, 1]] }] }
    const region = Region.open()!
    const J = inMemory(
      jacobianOf(shape, () => 1),
      region,
    )
    expect(new SchurComplement(J, Uint8Array.of(0, 1), { form: 'dense' }).runs).toBe('plain')
    region.close()
  })
})
