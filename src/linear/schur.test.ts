import { readFileSync } from 'node:fs'
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
  times,
  uniform,
} from '../../test/block-jacobians.ts'
import { realData } from '../../test/real-data.ts'
import { UsageError } from '../numeric/index.ts'
import type { BlockJacobian } from './block-jacobian.ts'
import { CgnrWorkspace, cgnr } from './cgnr.ts'
import { ConjugateGradientsWorkspace, conjugateGradients } from './conjugate-gradients.ts'
import { hessianOperator, jacobianOperator } from './operator.ts'
import { gradient, scalarSize } from './ops/jacobian-product.ts'
import { BlockJacobi } from './preconditioner/block-jacobi.ts'
import { SchurComplement } from './schur.ts'

const forms = ['dense', 'sparse', 'implicit'] as const

/** Cameras (9), calibrations (3) and points (3), interleaved; observations, camera-to-camera factors, constants. */
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
        dims: kinds.map((kind) => (kind === 'camera' ? 9 : 3)),
        batches: [
          {
            residualDim: 2,
            slots: [9, 3, 3],
            factors: times(12, () => [pick(blocks('camera')), pick(blocks('point')), pick(blocks('calibration'))]),
          },
          { residualDim: 6, slots: [9, 9], factors: times(3, () => [pick(blocks('camera')), pick(blocks('camera'))]) },
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

describe('Schur elimination', () => {
  it('gives the step of the whole damped system, in every form, for one damping after another', () => {
    fc.assert(
      fc.property(anyBundle, ({ J, eliminated }) => {
        const n = scalarSize(J.blocks)
        const g = new Float64Array(n)
        gradient(J, g)
        for (const form of forms) {
          const schur = new SchurComplement(J, eliminated, { form })
          schur.prepare()
          for (const lambda of [1, 1e-3]) {
            const damping = Float64Array.from({ length: n }, (_, i) => lambda * (1 + (i % 3)))
            expect(schur.eliminate(damping).outcome).toBe('eliminated')
            const S = form === 'implicit' ? columnsOf(schur) : denseSymmetric(schur.reduced)
            const step = new Float64Array(n).fill(7)
            schur.backSubstitute(
              Float64Array.from(
                denseSolve(
                  S,
                  schur.reducedGradient.map((v) => -v),
                ),
              ),
              step,
            )
            const exact = denseSolve(
              gram(denseJacobian(J), n, damping),
              g.map((v) => -v),
            )
            // Entries of H reach about 100, so the condition is at most 100 · n / λ.
            expect(distance(step, exact)).toBeLessThan((1e5 / lambda) * Number.EPSILON * (1 + size(exact)))
          }
        }
      }),
      { numRuns: 60 },
    )
  })

  it('knows S by its product as by its blocks', () => {
    fc.assert(
      fc.property(anyBundle, fc.integer(), ({ J, eliminated }, seed) => {
        const damping = new Float64Array(scalarSize(J.blocks)).fill(0.5)
        const [dense, sparse, implicit] = forms.map((form) => {
          const schur = new SchurComplement(J, eliminated, { form })
          schur.prepare()
          schur.eliminate(damping)
          return schur
        })
        const S = denseSymmetric(dense!.reduced)
        expect(denseSymmetric(sparse!.reduced)).toEqual(S)
        const { count, offset } = implicit!.reduced.blocks
        const D = denseSymmetric(implicit!.reduced)
        for (let j = 0; j < count; j++)
          for (let row = offset[j]; row < offset[j + 1]; row++)
            expect(D[row].slice(offset[j], offset[j + 1])).toEqual(S[row].slice(offset[j], offset[j + 1]))
        const x = Float64Array.from({ length: S.length }, uniform(seed))
        const out = new Float64Array(x.length).fill(7)
        implicit!.operator.apply(x, out)
        // H reaches about 100, (H_pp + Λ)⁻¹ reaches 2: products of a few thousand, rounded.
        expect(distance(out, times(S, x))).toBeLessThan(1e5 * Number.EPSILON)
      }),
      { numRuns: 60 },
    )
  })

  it('names a point that cannot be eliminated', () => {
    // Two rows do not determine three coordinates.
    const J = jacobianOf({ dims: [9, 3], batches: [{ residualDim: 2, slots: [9, 3], factors: [[0, 1]] }] }, uniform(4))
    const schur = new SchurComplement(J, Uint8Array.of(0, 1), { form: 'dense' })
    schur.prepare()
    expect(schur.eliminate(null)).toEqual({ outcome: 'indefinite', block: 1, pivotRow: 2 })
    expect(schur.eliminate(new Float64Array(12).fill(1e-3)).outcome).toBe('eliminated')
  })

  it('throws where two eliminated blocks share a factor, naming them', () => {
    const J = jacobianOf({ dims: [3, 3], batches: [{ residualDim: 1, slots: [3, 3], factors: [[0, 1]] }] }, uniform(4))
    const build = () => new SchurComplement(J, Uint8Array.of(1, 1), { form: 'dense' })
    expect(build).toThrow(UsageError)
    expect(build).toThrow('factor 0 of batch 0 has blocks 0 and 1')
    expect(() => new SchurComplement(J, Uint8Array.of(1), { form: 'dense' })).toThrow('2 blocks: got 1 flags')
  })

  const ladybug = realData('bundle-adjustment/bal/ladybug-49-7776-pre.txt')
  it.skipIf(!ladybug)('on the structure of ladybug-49: S by CG and the whole system by CGNR take the same step', () => {
    const { J, cameras } = balStructure(ladybug!)
    const n = scalarSize(J.blocks)
    const damping = new Float64Array(n).fill(1)
    const schur = new SchurComplement(J, new Uint8Array(J.blocks.count).fill(1, cameras), { form: 'sparse' })
    schur.prepare()
    expect(schur.eliminate(damping).outcome).toBe('eliminated')
    const b = schur.reducedGradient.map((v) => -v)
    const M = new BlockJacobi(schur.reduced.blocks)
    M.update(schur.reduced)
    const cameraStep = new Float64Array(b.length)
    const options = { tolerance: 1e-12, preconditioner: M }
    const S = hessianOperator(schur.reduced)
    const report = conjugateGradients(S, b, cameraStep, options, new ConjugateGradientsWorkspace(b.length))
    expect(report.outcome).toBe('converged')
    const step = new Float64Array(n)
    schur.backSubstitute(cameraStep, step)

    const g = new Float64Array(n)
    gradient(J, g)
    const whole = new BlockJacobi(J.blocks)
    whole.update(J, damping)
    const problem = { jacobian: jacobianOperator(J), residual: J.residual, gradient: g, damping }
    const other = new Float64Array(n)
    cgnr(problem, other, { tolerance: 1e-12, preconditioner: whole }, new CgnrWorkspace(J.rows, n))
    // λ = 1 bounds ‖(H + Λ)⁻¹‖ by 1: the steps differ by no more than the residuals, about 1e-12 ‖g‖ each.
    expect(distance(step, other)).toBeLessThan(1e-11 * Math.sqrt(g.reduce((sum, v) => sum + v * v, 0)))
  })
})

/** S, column by column, from its product. */
function columnsOf(schur: SchurComplement): number[][] {
  return Array.from({ length: schur.operator.size }, (_, j) => {
    const unit = new Float64Array(schur.operator.size)
    unit[j] = 1
    const out = new Float64Array(unit.length)
    schur.operator.apply(unit, out)
    return [...out]
  })
}

/** The observations of a BAL file, with numbers of our own in place of derivatives. */
function balStructure(path: string): { J: BlockJacobian; cameras: number } {
  const lines = readFileSync(path, 'utf8').split('\n')
  const [cameras, points, observations] = lines[0].split(' ').map(Number) as [number, number, number]
  const factors = lines.slice(1, 1 + observations).map((line) => {
    const [camera, point] = line.split(/\s+/)
    return [Number(camera), cameras + Number(point)]
  })
  const dims = [...new Array<number>(cameras).fill(9), ...new Array<number>(points).fill(3)]
  return { J: jacobianOf({ dims, batches: [{ residualDim: 2, slots: [9, 3], factors }] }, uniform(49)), cameras }
}
