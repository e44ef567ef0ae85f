import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { denseSolve, denseSymmetric, distance, size, uniform } from '../../../test/block-jacobians.ts'
import { anyBlockShape, definiteMatrix } from '../../../test/block-matrices.ts'
import { probe } from '../../backend/index.ts'
import { formats } from '../../numeric/index.ts'
import type { SymmetricBlockMatrix } from '../blocks.ts'
import { BlockCholesky } from '../cholesky/index.ts'
import { ConjugateGradientsWorkspace, conjugateGradients } from '../conjugate-gradients.ts'
import { hessianOperator } from '../operator.ts'
import { IncompleteCholesky } from '../preconditioner/incomplete-cholesky.ts'
import { RoundedBlockTriangular } from './block-triangular.ts'
import { RoundedCholesky } from './complete-cholesky.ts'
import { RoundedIncompleteCholesky } from './incomplete-cholesky.ts'
import type { RoundedStage } from './stage.ts'
import { vectorOperations } from './vector-operations.ts'

const double: RoundedStage = { stored: 'fp64', computed: 'fp64', accumulated: 'fp64' }
const half: RoundedStage = { stored: 'fp16', computed: 'fp16', accumulated: 'fp16' }
/** Those that have a SIMD twin. */
const stages: RoundedStage[] = [
  { stored: 'fp32', computed: 'fp32', accumulated: 'fp32' },
  { stored: 'fp16', computed: 'fp32', accumulated: 'fp32' },
  { stored: 'fp16', computed: 'fp16', accumulated: 'fp32' },
  half,
  { stored: 'bf16', computed: 'fp32', accumulated: 'fp32' },
  { stored: 'bf16', computed: 'bf16', accumulated: 'fp32' },
  { stored: 'bf16', computed: 'bf16', accumulated: 'bf16' },
]

/** The complete factor of H with its diagonal as reciprocals, in its own order. */
function factorOf(H: SymmetricBlockMatrix) {
  const cholesky = new BlockCholesky(H, { ordering: Int32Array.from({ length: H.blocks.count }, (_, j) => j) })
  expect(cholesky.factor(H).ok).toBe(true)
  const { permuted, columnStart, rowIndex, valueStart, order } = cholesky.symbolic
  const values = cholesky.values.slice()
  for (let j = 0; j < permuted.count; j++)
    for (let k = 0, d = permuted.dims[j]; k < d; k++) values[valueStart[columnStart[j]] + k * (d + 1)] **= -1
  return { pattern: { blocks: permuted, columnStart, rowIndex, valueStart }, values, order }
}

function solvesOf(H: SymmetricBlockMatrix, stage: RoundedStage, twin?: 'plain', normalize = true) {
  const { pattern, values } = factorOf(H)
  const solves = new RoundedBlockTriangular(pattern, values.length, stage, normalize, twin)
  return { solves, report: solves.load(values) }
}

describe('rounded triangular solves', () => {
  it('in fp64 are what the factors themselves do', () => {
    fc.assert(
      fc.property(anyBlockShape, (shape) => {
        const H = definiteMatrix(shape)
        const n = H.blocks.offset[H.blocks.count]
        const r = Float64Array.from({ length: n }, uniform(shape.seed + 1))
        const [z, expected] = [r, r].map((v) => new Float64Array(v.length))
        for (const fill of [0, Number.POSITIVE_INFINITY]) {
          const factor = new IncompleteCholesky(H, { fill })
          factor.update()
          const rounded = new RoundedIncompleteCholesky(H, { fill, factorization: double, solves: double })
          expect(rounded.update()).toMatchObject({ outcome: 'factored', overflowed: 0 })
          factor.apply(r, expected)
          rounded.apply(r, z)
          // Two orders of the same solves of scaled condition below 1e3.
          expect(distance(z, expected)).toBeLessThan(1e3 * Number.EPSILON * (1 + size(expected)))
        }
      }),
      { numRuns: 50 },
    )
  })

  it.each(stages)('solve to the precision of their formats: $stored, $computed, $accumulated', (stage) => {
    fc.assert(
      fc.property(anyBlockShape, (shape) => {
        const H = definiteMatrix(shape)
        const n = H.blocks.offset[H.blocks.count]
        const r = Float64Array.from({ length: n }, uniform(shape.seed + 1))
        const z = new Float64Array(n)
        const expected = denseSolve(denseSymmetric(H), r)
        const eps = Math.max(...[stage.stored, stage.computed, stage.accumulated].map((format) => formats[format].eps))
        const rounded = new RoundedCholesky(H, stage)
        expect(rounded.update().ok).toBe(true)
        expect(rounded.report).toMatchObject({ overflowed: 0, nonFinite: 0, first: null })
        rounded.apply(r, z)
        expect(rounded.solves).toMatchObject({ retreats: 0, promoted: 0, sweeps: 2 })
        // Backward error of some roundings a row, times the scaled condition of a dominant matrix: single digits here.
        expect(distance(z, expected)).toBeLessThan(100 * eps * size(expected) + 1e-300)
      }),
      { numRuns: 30 },
    )
  })

  it('do not depend on the size of the right-hand side', () => {
    const H = definiteMatrix({ dims: [3, 3, 3, 3], edges: [[0, 1], [1, 2], [2, 3], [0, 3]], seed: 4 }) // biome-ignore format: a list
    const { solves } = solvesOf(H, half)
    const r = Float64Array.from({ length: 12 }, uniform(5))
    const x = r.slice()
    solves.solve(x)
    for (const power of [-400, -20, 30, 300]) {
      const other = r.map((v) => v * 2 ** power)
      solves.solve(other)
      expect([...other]).toEqual([...x].map((v) => v * 2 ** power))
    }
  })

  it('say what overflows in a factor, and stay finite where only a solve does', () => {
    // H = [1 1; 1 1 + δ²]: the last pivot is δ², its reciprocal root 1/δ.
    const nearlySingular = (delta: number) => {
      const H = definiteMatrix({ dims: [1, 1], edges: [[0, 1]], seed: 1 })
      H.values.set([1, 1, 1 + delta ** 2])
      return solvesOf(H, half)
    }
    const { report } = nearlySingular(2 ** -20)
    expect(report).toMatchObject({ overflowed: 1, nonFinite: 0, first: { row: 1, column: 1, value: 2 ** 20 } })
    const close = nearlySingular(2 ** -15)
    expect(close.report.first).toBeNull()
    const x = Float64Array.of(-1.9, 1.9)
    close.solves.solve(x)
    expect(close.solves.retreats).toBeGreaterThan(0)
    // (H⁻¹ r)₂ = (r₂ − r₁) / δ², to a rounding or two of 3.8.
    expect(x[1] / (3.8 * 2 ** 30)).toBeCloseTo(1, 2)
    expect(x[0] / (-3.8 * 2 ** 30)).toBeCloseTo(1, 2)
  })

  it('in fp16 throughout still precondition: CG in fp32 with flexible β as with the fp64 factor', () => {
    const count = 60
    const edges = Array.from({ length: count - 1 }, (_, i) => [i, i + 1] as [number, number])
    for (let i = 9; i < count; i += 4) edges.push([i, i - 9])
    const H = definiteMatrix({ dims: new Array<number>(count).fill(3), edges, seed: 7 })
    const n = 3 * count
    const b = Float64Array.from({ length: n }, uniform(8))
    const x = new Float64Array(n)
    const expected = denseSolve(denseSymmetric(H), b)
    const vectors = vectorOperations({ stored: 'fp32', computed: 'fp32' }, 'fp32')
    const [exact, rounded] = [double, half].map((solves) => {
      const preconditioner = new RoundedIncompleteCholesky(H, { factorization: double, solves })
      preconditioner.update()
      const options = { tolerance: 1e-5, vectors, beta: 'polak-ribiere' as const, preconditioner }
      const report = conjugateGradients(hessianOperator(H), b, x, options, new ConjugateGradientsWorkspace(n))
      expect(report.outcome).toBe('converged')
      // The tolerance, times the condition of a dominant matrix.
      expect(distance(x, expected)).toBeLessThan(1e-4 * size(expected))
      return report.iterations
    })
    expect(rounded).toBeLessThanOrEqual(exact + 2)
  })

  it('refuse what does not fit', () => {
    const { solves } = solvesOf(definiteMatrix({ dims: [2], edges: [], seed: 1 }), half)
    expect(() => solves.solve(new Float64Array(3))).toThrow('expected 2 numbers, got 3')
    expect(() => solves.load(new Float64Array(3))).toThrow('expected a factor of 4 numbers, got 3')
  })
})

describe.skipIf(!probe().simd)('triangular solves by SIMD are the definitions to the bit', () => {
  it.each(stages)('stored $stored, products $computed, sums $accumulated', (stage) => {
    fc.assert(
      fc.property(anyBlockShape, fc.boolean(), fc.integer({ min: -140, max: 120 }), (shape, normalize, power) => {
        const H = definiteMatrix(shape)
        const pair = [solvesOf(H, stage, 'plain', normalize).solves, solvesOf(H, stage, undefined, normalize).solves]
        expect(pair[0].describe()).toMatch(/plain/)
        expect(pair[1].describe()).toMatch(/WebAssembly SIMD$/)
        const random = uniform(shape.seed + 1)
        const r = Float64Array.from(
          { length: H.blocks.offset[H.blocks.count] },
          () => random() * 2 ** (12 * random() + power),
        )
        const [plain, twin] = pair.map((solves) => {
          const x = r.slice()
          solves.solve(x)
          return [...x]
        })
        expect(twin).toEqual(plain)
        if (normalize) expect(pair[1].handedBack).toBe(0)
      }),
      { numRuns: 100 },
    )
  })
})
