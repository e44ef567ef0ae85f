import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { denseJacobian, denseSolve, distance, gram, jacobianOf, size, uniform } from '../../../test/block-jacobians.ts'
import { formats } from '../../numeric/index.ts'
import type { BlockJacobian } from '../block-jacobian.ts'
import type { SymmetricBlockMatrix } from '../blocks.ts'
import { CgnrWorkspace, cgnr } from '../cgnr.ts'
import { ConjugateGradientsWorkspace, conjugateGradients } from '../conjugate-gradients.ts'
import { NormalEquations } from '../normal-equations.ts'
import { hessianOperator } from '../operator.ts'
import { gradient } from '../ops/jacobian-product.ts'
import { BlockJacobi } from '../preconditioner/block-jacobi.ts'
import { RoundedJacobian } from './rounded-jacobian.ts'
import type { RoundedStage } from './stage.ts'
import { vectorOperations } from './vector-operations.ts'

const single = vectorOperations({ stored: 'fp32', computed: 'fp32' }, 'fp32')

/** A small window: 4 poses, 12 points, each pose sees each point. */
function window(seed: number): BlockJacobian {
  const factors = Array.from({ length: 48 }, (_, i) => [i % 4, 4 + Math.floor(i / 4)])
  const dims = [...new Array<number>(4).fill(6), ...new Array<number>(12).fill(3)]
  return jacobianOf({ dims, batches: [{ residualDim: 2, slots: [6, 3], factors }] }, uniform(seed))
}

function hessianOf(J: BlockJacobian): SymmetricBlockMatrix {
  const normal = new NormalEquations(J)
  normal.form()
  return normal.hessian
}

describe('conjugate gradients with rounding', () => {
  it('take the same steps with the flexible β while the preconditioner stays the same', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const H = hessianOf(window(seed))
        const n = H.blocks.offset[H.blocks.count]
        const b = Float64Array.from({ length: n }, uniform(seed + 1))
        const damping = new Float64Array(n).fill(1)
        const preconditioner = new BlockJacobi(H.blocks)
        preconditioner.update(H, damping)
        const [plain, flexible] = (['fletcher-reeves', 'polak-ribiere'] as const).map((beta) => {
          const x = new Float64Array(n)
          const options = { beta, preconditioner, tolerance: 1e-300, maxIterations: 5 }
          conjugateGradients(hessianOperator(H, damping), b, x, options, new ConjugateGradientsWorkspace(n))
          return x
        })
        // Five steps of a problem of condition below 1e3.
        expect(distance(plain, flexible)).toBeLessThan(1e4 * Number.EPSILON * size(plain))
      }),
      { numRuns: 20 },
    )
  })

  it('with flexible β survive a preconditioner that changes', () => {
    const H = hessianOf(window(3))
    const n = H.blocks.offset[H.blocks.count]
    const damping = new Float64Array(n).fill(0.05)
    const b = Float64Array.from({ length: n }, uniform(4))
    const iterations = (['fletcher-reeves', 'polak-ribiere'] as const).map((beta) => {
      const random = uniform(5)
      const preconditioner = {
        apply: (r: Float64Array, z: Float64Array) => z.set(r.map((v) => v * (1 + 0.3 * random()))),
      }
      const options = { beta, preconditioner, tolerance: 1e-8, maxIterations: 2000 }
      const x = new Float64Array(n)
      return conjugateGradients(hessianOperator(H, damping), b, x, options, new ConjugateGradientsWorkspace(n))
        .iterations
    })
    expect(iterations[1]).toBeLessThan(0.9 * iterations[0])
  })

  it.each(['normal', 'rows'] as const)(
    'CGNR (%s) in scaled unknowns and fp16 products finds the step',
    (recurrence) => {
      const stages: [RoundedStage, number][] = [
        [{ stored: 'fp64', computed: 'fp64', accumulated: 'fp64' }, 1e-9],
        [{ stored: 'fp32', computed: 'fp32', accumulated: 'fp32' }, 1e-4],
        // By its own recursion the residual knows the rounded system only: the step is that of the rounded J, to eps.
        [{ stored: 'fp16', computed: 'fp16', accumulated: 'fp32' }, 100 * formats.fp16.eps],
      ]
      for (const [stage, within] of stages) {
        if (recurrence === 'rows' && stage.stored === 'fp16') continue // which low precision does not survive
        const J = window(6)
        const n = J.blocks.offset[J.blocks.count]
        const diagonal = new Float64Array(n).fill(0.3)
        const g = new Float64Array(n)
        gradient(J, g)
        const expected = denseSolve(
          gram(denseJacobian(J), n, diagonal),
          g.map((v) => -v),
        )
        const operator = new RoundedJacobian(J, stage, 'blocks', 1e-4, { damping: stage.accumulated })
        operator.update()
        operator.gradientToScaled(g, g)
        const problem = { jacobian: operator, residual: J.residual, gradient: g, damping: operator.damping(diagonal) }
        const y = new Float64Array(n)
        const options = {
          tolerance: within / 100,
          recurrence,
          beta: 'polak-ribiere' as const,
          ...(stage.accumulated === 'fp64' ? {} : { vectors: single }),
        }
        expect(cgnr(problem, y, options, new CgnrWorkspace(J.rows, n)).outcome).toBe('converged')
        operator.fromScaled(y, y)
        expect(distance(y, expected)).toBeLessThan(within * size(expected))
      }
    },
  )

  it('keep every vector in the format asked for', () => {
    const J = window(7)
    const n = J.blocks.offset[J.blocks.count]
    const g = new Float64Array(n)
    gradient(J, g)
    const operator = new RoundedJacobian(J, { stored: 'fp16', computed: 'fp32', accumulated: 'fp32' }, 'columns')
    operator.update()
    operator.gradientToScaled(g, g)
    const workspace = new CgnrWorkspace(J.rows, n)
    const y = new Float64Array(n)
    const problem = { jacobian: operator, residual: J.residual, gradient: g, damping: null }
    cgnr(problem, y, { maxIterations: 4, tolerance: 0, vectors: single }, workspace)
    for (const vector of [y, workspace.s, workspace.p]) expect([...vector]).toEqual([...vector].map(Math.fround))
    expect(size(y)).toBeGreaterThan(0)
  })
})
