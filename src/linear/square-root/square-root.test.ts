import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  denseJacobian,
  denseSolve,
  denseSymmetric,
  distance,
  gram,
  jacobianOf,
  size,
  uniform,
} from '../../../test/block-jacobians.ts'
import { CgnrWorkspace, cgnr } from '../cgnr.ts'
import { gradient, scalarSize } from '../ops/jacobian-product.ts'
import { SchurComplement } from '../schur.ts'
import { DenseCholesky32, HessianElimination, SquareRootElimination } from './index.ts'

const eps32 = 2 ** -23

/** Cameras (6), calibrations (4) shared by many, points (3) in random order; camera-to-camera factors, constants. */
const anyBundle = fc
  .tuple(
    fc.array(fc.constantFrom('camera', 'calibration', 'point'), { minLength: 1, maxLength: 9 }),
    fc.infiniteStream(fc.nat()),
    fc.integer(),
  )
  .map(([kinds, picks, seed]) => {
    const blocks = (kind: string) => [-1, ...kinds.flatMap((k, j) => (k === kind ? [j] : []))]
    const pick = (from: number[]) => from[picks.next().value! % from.length]
    const times = (n: number, make: () => number[]) => Array.from({ length: n }, make)
    const J = jacobianOf(
      {
        dims: kinds.map((kind) => (kind === 'camera' ? 6 : kind === 'point' ? 3 : 4)),
        batches: [
          {
            residualDim: 2,
            slots: [6, 3, 4],
            factors: times(14, () => [pick(blocks('camera')), pick(blocks('point')), pick(blocks('calibration'))]),
          },
          { residualDim: 6, slots: [6, 6], factors: times(3, () => [pick(blocks('camera')), pick(blocks('camera'))]) },
          {
            residualDim: 3,
            slots: [3, 3],
            factors: times(2, () => {
              const point = pick(blocks('point'))
              return [point, point]
            }),
          },
        ],
      },
      uniform(seed),
    )
    return { J, eliminated: Uint8Array.from(kinds, (kind) => (kind === 'point' ? 1 : 0)) }
  })

const eliminations = [
  { name: 'square root', make: SquareRootElimination },
  { name: 'Hessian', make: HessianElimination },
]

describe.each(eliminations)('elimination of points, $name form', ({ make }) => {
  it.each(['dense', 'sparse'] as const)('gives the reduced system and the step of the whole system, %s', (form) => {
    fc.assert(
      fc.property(anyBundle, ({ J, eliminated }) => {
        const n = scalarSize(J.blocks)
        const g = new Float64Array(n)
        gradient(J, g)
        const schur = new SchurComplement(J, eliminated, { form })
        const elimination = new make(J, eliminated, { form })
        schur.prepare()
        elimination.prepare()
        for (const lambda of [1, 1e-3]) {
          const damping = Float64Array.from({ length: n }, (_, i) => lambda * (1 + (i % 3)))
          schur.eliminate(damping)
          expect(elimination.eliminate(damping).outcome).toBe('eliminated')
          const S = denseSymmetric(elimination.reduced)
          const bound = 1e-11 / lambda // the points' blocks, and S, have condition numbers up to about 1e2 / λ
          expect(distance(S.flat(), denseSymmetric(schur.reduced).flat())).toBeLessThan(bound)
          expect(distance(elimination.reducedGradient, schur.reducedGradient)).toBeLessThan(bound)
          const reducedStep = Float64Array.from(
            denseSolve(
              S,
              elimination.reducedGradient.map((v) => -v),
            ),
          )
          const step = new Float64Array(n).fill(7)
          elimination.backSubstitute(reducedStep, step)
          const exact = denseSolve(
            gram(denseJacobian(J), n, damping),
            g.map((v) => -v),
          )
          expect(distance(step, exact)).toBeLessThan(bound * (1 + size(exact)))
        }
      }),
      { numRuns: 60 },
    )
  })

  it('computes with fp32 numbers only, and as closely as they allow', () => {
    fc.assert(
      fc.property(anyBundle, ({ J, eliminated }) => {
        const damping = new Float64Array(scalarSize(J.blocks)).fill(1)
        const double = new make(J, eliminated, { form: 'dense' })
        const single = new make(J, eliminated, { form: 'dense', format: 'fp32', sums: 'fp32' })
        for (const elimination of [double, single]) {
          elimination.prepare()
          expect(elimination.eliminate(damping).outcome).toBe('eliminated')
        }
        expect(single.reduced.values.map(Math.fround)).toEqual(single.reduced.values)
        expect(single.reducedGradient.map(Math.fround)).toEqual(single.reducedGradient)
        // Sums of at most 40 rows, three operations each, on numbers of at most a few units; H_pp with condition below 1e2.
        const bound = 1e3 * eps32 * (1 + Math.max(...double.reduced.values.map(Math.abs), 0))
        single.reduced.values.forEach((value, k) => {
          expect(Math.abs(value - double.reduced.values[k])).toBeLessThan(bound)
        })
      }),
      { numRuns: 40 },
    )
  })
})

describe('square-root elimination', () => {
  it('keeps its reduced rows: CGNR on them, S never formed, takes the same step', () => {
    fc.assert(
      fc.property(anyBundle, ({ J, eliminated }) => {
        const n = scalarSize(J.blocks)
        const damping = Float64Array.from({ length: n }, (_, i) => 0.5 + (i % 3))
        const rows = new SquareRootElimination(J, eliminated, { form: 'implicit' })
        const formed = new SquareRootElimination(J, eliminated, { form: 'dense' })
        for (const elimination of [rows, formed]) {
          elimination.prepare()
          elimination.eliminate(damping)
        }
        const S = denseSymmetric(formed.reduced)
        const exact = denseSolve(
          S,
          formed.reducedGradient.map((v) => -v),
        )
        for (const recurrence of ['normal', 'rows'] as const) {
          const x = new Float64Array(exact.length)
          const { jacobian } = rows.leastSquares
          const workspace = new CgnrWorkspace(jacobian.rows, jacobian.columns)
          cgnr(rows.leastSquares, x, { tolerance: 1e-13, recurrence }, workspace)
          expect(distance(x, exact)).toBeLessThan(1e-9 * (1 + size(exact)))
        }
        const image = new Float64Array(exact.length)
        rows.operator.apply(Float64Array.from(exact), image)
        expect(
          distance(
            image,
            formed.reducedGradient.map((v) => -v),
          ),
        ).toBeLessThan(1e-10 * (1 + size(exact)))
      }),
      { numRuns: 40 },
    )
  })

  it('keeps the square of a point with little parallax out of fp32', () => {
    // Two cameras whose rays to a point differ by an angle α: κ(J_p) ~ 1/α, κ(H_pp) ~ 1/α², lost in fp32 for α < 3e-4.
    const parallax = 1e-4
    const J = jacobianOf(
      {
        dims: [6, 6, 3],
        batches: [
          {
            residualDim: 2,
            slots: [6, 3],
            factors: [
              [0, 2],
              [1, 2],
            ],
          },
        ],
      },
      uniform(5),
    )
    const { values, stride } = J.batches[0]
    // Rays along the third axis of an orthonormal frame; the second camera sees it turned a little.
    const [a, b, c] = [[1, 2, 2], [2, 1, -2], [2, -2, 1]].map((row) => row.map((v) => v / 3)) // biome-ignore format: a matrix
    values.set([...a, ...b], 12)
    values.set([...a.map((v, k) => v + parallax * c[k]), ...b], stride + 12)
    const eliminated = Uint8Array.of(0, 0, 1)
    const [exact, root, hessian] = [
      new SquareRootElimination(J, eliminated, { form: 'dense' }),
      new SquareRootElimination(J, eliminated, { form: 'dense', format: 'fp32' }),
      new HessianElimination(J, eliminated, { form: 'dense', format: 'fp32' }),
    ].map((elimination) => {
      elimination.prepare()
      return { outcome: elimination.eliminate(null).outcome, S: elimination.reduced.values }
    })
    // Rounding J_p alone turns its null space by eps/α; the Hessian form adds eps/α².
    expect(distance(root.S, exact.S)).toBeLessThan((10 * eps32) / parallax)
    expect(hessian.outcome === 'indefinite' || distance(hessian.S, exact.S) > (100 * eps32) / parallax).toBe(true)
  })

  it('names a point that its rows do not determine, and takes it with damping', () => {
    const J = jacobianOf({ dims: [6, 3], batches: [{ residualDim: 2, slots: [6, 3], factors: [[0, 1]] }] }, uniform(3))
    const elimination = new SquareRootElimination(J, Uint8Array.of(0, 1), { form: 'dense' })
    elimination.prepare()
    expect(elimination.eliminate(null)).toEqual({ outcome: 'indefinite', block: 1, pivotRow: 2 })
    expect(elimination.eliminate(new Float64Array(9).fill(1e-3)).outcome).toBe('eliminated')
  })

  it('says what is expected', () => {
    const J = jacobianOf({ dims: [6, 3], batches: [{ residualDim: 2, slots: [6, 3], factors: [[0, 1]] }] }, uniform(3))
    const points = Uint8Array.of(0, 1)
    expect(() => new SquareRootElimination(J, Uint8Array.of(0), { form: 'dense' })).toThrow('2 blocks: got 1 flags')
    expect(() => new SquareRootElimination(J, points, { form: 'dense' }).leastSquares).toThrow("form 'implicit'")
    expect(() => new SquareRootElimination(J, points, { form: 'dense', format: 'fp16' as 'fp32' })).toThrow(
      "got 'fp16'",
    )
    expect(() => new SquareRootElimination(J, points, { form: 'dense', sums: 'fp32' })).toThrow("must be 'fp64'")
    expect(() => new HessianElimination(J, points, { form: 'implicit' })).toThrow("'dense' or 'sparse'")
    const elimination = new SquareRootElimination(J, points, { form: 'dense' })
    expect(() => elimination.eliminate(new Float64Array(3))).toThrow('damping of 9 numbers, got 3')
    expect(() => elimination.backSubstitute(new Float64Array(6), new Float64Array(6))).toThrow('expected 6 and 9')
  })
})

describe('dense Cholesky in fp32', () => {
  it('solves to fp32, and names the first pivot that is not positive', () => {
    const J = jacobianOf({ dims: [6, 6], batches: [{ residualDim: 9, slots: [6, 6], factors: [[0, 1], [1, 0]] }] }, uniform(8)) // biome-ignore format: one factor a pair
    const elimination = new SquareRootElimination(J, Uint8Array.of(0, 0), { form: 'dense', format: 'fp32' })
    elimination.prepare()
    elimination.eliminate(new Float64Array(12).fill(0.1))
    const cholesky = new DenseCholesky32(12)
    expect(cholesky.factor(elimination.reduced)).toEqual({ ok: true })
    const x = new Float64Array(12)
    cholesky.solve(elimination.reducedGradient, x)
    const exact = denseSolve(denseSymmetric(elimination.reduced), [...elimination.reducedGradient])
    expect(distance(x, exact)).toBeLessThan(1e3 * eps32 * size(exact)) // condition below 1e3
    elimination.reduced.values[elimination.reduced.valueStart[elimination.reduced.columnStart[1]] + 7] = -1
    expect(cholesky.factor(elimination.reduced)).toMatchObject({ ok: false, block: 1, scalar: 1 })
  })
})
