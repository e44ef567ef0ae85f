import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { denseSolve, denseSymmetric, distance, size, uniform } from '../../../test/block-jacobians.ts'
import { anyBlockShape, definiteMatrix } from '../../../test/block-matrices.ts'
import { formats } from '../../numeric/index.ts'
import type { SymmetricBlockMatrix } from '../blocks.ts'
import { BlockCholesky } from '../cholesky/index.ts'
import { ConjugateGradientsWorkspace, conjugateGradients } from '../conjugate-gradients.ts'
import { hessianOperator } from '../operator.ts'
import { IncompleteCholesky } from '../preconditioner/incomplete-cholesky.ts'
import { RoundedTriangular } from './rounded-triangular.ts'
import type { RoundedStage } from './stage.ts'
import { vectorOperations } from './vector-operations.ts'

const double: RoundedStage = { stored: 'fp64', computed: 'fp64', accumulated: 'fp64' }
const half: RoundedStage = { stored: 'fp16', computed: 'fp16', accumulated: 'fp16' }
const stages: RoundedStage[] = [
  { stored: 'fp32', computed: 'fp32', accumulated: 'fp32' },
  { stored: 'fp16', computed: 'fp32', accumulated: 'fp32' },
  { stored: 'fp16', computed: 'fp16', accumulated: 'fp32' },
  half,
  { stored: 'bf16', computed: 'bf16', accumulated: 'fp32' },
]

function complete(H: SymmetricBlockMatrix, scaling: 'jacobi' | 'blocks'): IncompleteCholesky {
  const factor = new IncompleteCholesky(H, { fill: Number.POSITIVE_INFINITY, scaling })
  expect(factor.update()).toMatchObject({ outcome: 'factored', shift: 0 })
  return factor
}

function factored(H: SymmetricBlockMatrix): BlockCholesky {
  const factor = new BlockCholesky(H)
  expect(factor.factor(H).ok).toBe(true)
  return factor
}

describe('RoundedTriangular', () => {
  it('in fp64 is what the factors themselves do', () => {
    fc.assert(
      fc.property(anyBlockShape, fc.constantFrom('jacobi' as const, 'blocks' as const), (shape, scaling) => {
        const H = definiteMatrix(shape)
        const n = H.blocks.offset[H.blocks.count]
        const r = Float64Array.from({ length: n }, uniform(shape.seed + 1))
        const [z, expected] = [r, r].map((v) => new Float64Array(v.length))
        for (const fill of [0, Number.POSITIVE_INFINITY]) {
          const factor = new IncompleteCholesky(H, { fill, scaling })
          factor.update()
          const rounded = new RoundedTriangular(factor, double)
          expect(rounded.update().first).toBeNull()
          factor.apply(r, expected)
          rounded.apply(r, z)
          // Two orders of the same solves of scaled condition below 1e3.
          expect(distance(z, expected)).toBeLessThan(1e3 * Number.EPSILON * (1 + size(expected)))
        }
        const factor = factored(H)
        const rounded = new RoundedTriangular(factor, double)
        rounded.update()
        factor.solve(r, expected)
        rounded.apply(r, z)
        expect(distance(z, expected)).toBeLessThan(1e3 * Number.EPSILON * (1 + size(expected)))
      }),
    )
  })

  it.each(stages)('solves to the precision of its formats: $stored, $computed, $accumulated', (stage) => {
    fc.assert(
      fc.property(anyBlockShape, (shape) => {
        const H = definiteMatrix(shape)
        const n = H.blocks.offset[H.blocks.count]
        const r = Float64Array.from({ length: n }, uniform(shape.seed + 1))
        const z = new Float64Array(n)
        const expected = denseSolve(denseSymmetric(H), r)
        const eps = Math.max(...[stage.stored, stage.computed, stage.accumulated].map((format) => formats[format].eps))
        for (const factor of [complete(H, 'jacobi'), complete(H, 'blocks'), factored(H)]) {
          const rounded = new RoundedTriangular(factor, stage)
          expect(rounded.update()).toMatchObject({ overflowed: 0, nonFinite: 0, first: null })
          rounded.apply(r, z)
          expect(rounded).toMatchObject({ retreats: 0, promoted: 0, solves: 2 })
          // Backward error of some roundings a row, times the scaled condition of a dominant matrix: single digits here.
          expect(distance(z, expected)).toBeLessThan(100 * eps * size(expected) + 1e-300)
        }
      }),
      { numRuns: 40 },
    )
  })

  it('does not depend on the size of the right-hand side or of the matrix', () => {
    const shape = {
      dims: [3, 3, 3, 3],
      edges: [
        [0, 1],
        [1, 2],
        [2, 3],
        [0, 3],
      ] as const,
      seed: 4,
    }
    const H = definiteMatrix(shape)
    const r = Float64Array.from({ length: 12 }, uniform(5))
    const [z, other] = [r, r].map((v) => new Float64Array(v.length))
    for (const make of [(M: SymmetricBlockMatrix) => complete(M, 'jacobi'), factored]) {
      const first = new RoundedTriangular(make(H), half)
      first.update()
      first.apply(r, z)
      for (const power of [-60, 20, 80]) {
        const scaled = { ...H, values: H.values.map((v) => v * 4 ** power) }
        const second = new RoundedTriangular(make(scaled), half)
        expect(second.update().first).toBeNull()
        second.apply(
          r.map((v) => v * 2 ** -power),
          other,
        )
        // Powers of two all the way, but for the square roots of the scaling.
        expect(
          distance(
            [...other].map((v) => v * 8 ** power),
            z,
          ),
        ).toBeLessThan(4 * formats.fp16.eps * size(z))
      }
    }
  })

  it('says what overflows in a factor, and stays finite where only a solve does', () => {
    // H = [1 1; 1 1 + δ²]: the last pivot is δ², its reciprocal root 1/δ.
    const nearlySingular = (delta: number): BlockCholesky => {
      const H = definiteMatrix({ dims: [1, 1], edges: [[0, 1]], seed: 1 })
      H.values.set([1, 1, 1 + delta ** 2])
      return factored(H)
    }
    const lost = new RoundedTriangular(nearlySingular(2 ** -20), half)
    const report = lost.update()
    expect(report).toMatchObject({ overflowed: 1, nonFinite: 0, first: { row: 1, column: 1 } })
    expect(report.first?.value).toBeCloseTo(2 ** 20, -3)
    const close = new RoundedTriangular(nearlySingular(2 ** -15), half)
    expect(close.update().first).toBeNull()
    const z = new Float64Array(2)
    close.apply(Float64Array.of(-1.9, 1.9), z)
    expect([...z].every(Number.isFinite)).toBe(true)
    expect(close.retreats).toBeGreaterThan(0)
    // (H⁻¹ r)₂ = (r₂ − r₁) / δ²
    expect(z[1] / (3.8 * 2 ** 30)).toBeCloseTo(1, 1)
  })

  it('in fp16 throughout still preconditions: CG in fp32 with flexible β as with the fp64 factor', () => {
    const count = 60
    const edges = Array.from({ length: count - 1 }, (_, i) => [i, i + 1] as [number, number])
    for (let i = 9; i < count; i += 4) edges.push([i, i - 9])
    const H = definiteMatrix({ dims: new Array<number>(count).fill(3), edges, seed: 7 })
    const n = 3 * count
    const b = Float64Array.from({ length: n }, uniform(8))
    const factor = new IncompleteCholesky(H)
    factor.update()
    const rounded = new RoundedTriangular(factor, half)
    rounded.update()
    const x = new Float64Array(n)
    const vectors = vectorOperations({ stored: 'fp32', computed: 'fp32' }, 'fp32')
    const options = { tolerance: 1e-5, vectors, beta: 'polak-ribiere' as const }
    const iterations = [factor, rounded].map((preconditioner) => {
      const workspace = new ConjugateGradientsWorkspace(n)
      const report = conjugateGradients(hessianOperator(H), b, x, { ...options, preconditioner }, workspace)
      expect(report.outcome).toBe('converged')
      const expected = denseSolve(denseSymmetric(H), b)
      // The tolerance, times the condition of a dominant matrix.
      expect(distance(x, expected)).toBeLessThan(1e-4 * size(expected))
      return report.iterations
    })
    expect(iterations[1]).toBeLessThanOrEqual(iterations[0] + 2)
  })
})
