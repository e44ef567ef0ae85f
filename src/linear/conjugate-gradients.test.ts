import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  anyJacobian,
  denseJacobian,
  denseSolve,
  distance,
  gram,
  jacobianOf,
  size,
  times,
  uniform,
} from '../../test/block-jacobians.ts'
import { UsageError } from '../numeric/index.ts'
import { CgnrWorkspace, cgnr } from './cgnr.ts'
import { ConjugateGradientsWorkspace, conjugateGradients } from './conjugate-gradients.ts'
import { NormalEquations } from './normal-equations.ts'
import type { LinearOperator } from './operator.ts'
import { hessianOperator, jacobianOperator } from './operator.ts'
import { scalarSize } from './ops/jacobian-product.ts'
import { BlockJacobi } from './preconditioner/block-jacobi.ts'
import { identity } from './preconditioner/identity.ts'

function matrix(A: number[][]): LinearOperator {
  return { size: A.length, apply: (x, out) => out.set(times(A, x)) }
}

function solve(A: number[][], b: number[], options = {}, x = new Float64Array(b.length)) {
  const workspace = new ConjugateGradientsWorkspace(b.length)
  return { x, ...conjugateGradients(matrix(A), Float64Array.from(b), x, options, workspace) }
}

describe('conjugate gradients', () => {
  it('end after as many iterations as there are distinct eigenvalues', () => {
    const { x, outcome, iterations } = solve(
      [
        [4, 0, 0],
        [0, 4, 0],
        [0, 0, 9],
      ],
      [4, 8, 9],
      { tolerance: 1e-14 },
    )
    expect({ outcome, iterations }).toEqual({ outcome: 'converged', iterations: 2 })
    expect(distance(x, [1, 2, 1])).toBeLessThan(8 * Number.EPSILON)
  })

  it('say the way out: right-hand side 0, limit, indefinite, breakdown', () => {
    expect(solve([[2]], [0])).toMatchObject({ outcome: 'converged', iterations: 0, residualNorm: 0, target: 0 })
    const two = [
      [1, 0],
      [0, 50],
    ]
    expect(solve(two, [1, 1], { maxIterations: 1 })).toMatchObject({ outcome: 'iterations', iterations: 1 })
    expect(solve([[-1]], [1])).toMatchObject({ outcome: 'indefinite', iterations: 0 })
    expect(solve([[0]], [1])).toMatchObject({ outcome: 'indefinite', iterations: 0 })
    expect(solve([[Number.NaN]], [1]).outcome).toBe('breakdown')
    expect(solve([[1]], [Number.NaN]).outcome).toBe('breakdown')
    const negative = { apply: (r: Float64Array, z: Float64Array) => z.set(r.map((v) => -v)) }
    for (const norm of ['plain', 'preconditioned'])
      expect(solve([[1]], [1], { preconditioner: negative, norm }).outcome).toBe('breakdown')
  })

  it('measure the residual against the right-hand side, plainly or by the preconditioner', () => {
    const quarter = { apply: (r: Float64Array, z: Float64Array) => z.set(r.map((v) => v / 4)) }
    const options = { maxIterations: 0, tolerance: 0.5, preconditioner: quarter }
    expect(solve([[1]], [8], { ...options })).toMatchObject({ residualNorm: 8, target: 4 })
    expect(solve([[1]], [8], { ...options, norm: 'preconditioned' })).toMatchObject({ residualNorm: 4, target: 2 })
  })

  it('start from a guess when told, and from zero otherwise', () => {
    const exact = Float64Array.of(3)
    expect(solve([[2]], [6], { start: 'guess' }, exact)).toMatchObject({ outcome: 'converged', iterations: 0 })
    expect(solve([[2]], [6], {}, exact)).toMatchObject({ outcome: 'converged', iterations: 1 })
  })

  it('tell the sizes that do not fit', () => {
    const call = () =>
      conjugateGradients(
        matrix([[1]]),
        new Float64Array(2),
        new Float64Array(1),
        {},
        new ConjugateGradientsWorkspace(1),
      )
    expect(call).toThrow(UsageError)
    expect(call).toThrow('size 1: got b of 2')
  })
})

describe('one damped step, several roads', () => {
  it('CG on H, CGNR in both recurrences and elimination agree', () => {
    fc.assert(
      fc.property(anyJacobian, fc.constantFrom(1e-2, 1), (J, lambda) => {
        const n = scalarSize(J.blocks)
        const damping = new Float64Array(n).fill(lambda)
        const normal = new NormalEquations(J)
        normal.form()
        const b = normal.gradient.map((g) => -g)
        const exact = denseSolve(gram(denseJacobian(J), n, damping), b)
        const M = new BlockJacobi(J.blocks)
        M.update(J, damping)
        // The residual falls to 1e-13 ‖b‖, or where rounding stops it; ‖δ − exact‖ ≤ ‖(H + Λ)⁻¹‖ ‖residual‖ ≤ ‖residual‖ / λ.
        const tolerance = 1e-13
        const allowed = (100 * tolerance * (1 + Math.hypot(...b))) / lambda
        for (const preconditioner of [identity, M]) {
          const options = { tolerance, preconditioner, maxIterations: 20 * n }
          const x = new Float64Array(n)
          conjugateGradients(
            hessianOperator(normal.hessian, damping),
            b,
            x,
            options,
            new ConjugateGradientsWorkspace(n),
          )
          expect(distance(x, exact)).toBeLessThan(allowed)
          const problem = {
            jacobian: jacobianOperator(J),
            residual: J.residual,
            gradient: normal.gradient,
            damping,
          }
          for (const recurrence of ['normal', 'rows'] as const) {
            x.fill(5)
            cgnr(problem, x, { ...options, recurrence }, new CgnrWorkspace(J.rows, n))
            expect(distance(x, exact)).toBeLessThan(allowed)
          }
        }
      }),
    )
  })

  it('scaling the rows by 1e-9 … 1e9 changes nothing but the units', () => {
    for (const scale of [1e-9, 1, 1e9]) {
      const J = windowJacobian(5)
      for (const { values } of J.batches) for (let i = 0; i < values.length; i++) values[i] *= scale
      for (let i = 0; i < J.residual.length; i++) J.residual[i] *= scale
      const n = scalarSize(J.blocks)
      const normal = new NormalEquations(J)
      normal.form()
      const damping = new Float64Array(n).fill(1e-2 * scale * scale)
      const exact = denseSolve(
        gram(denseJacobian(J), n, damping),
        normal.gradient.map((g) => -g),
      )
      const M = new BlockJacobi(J.blocks)
      M.update(normal.hessian, damping)
      const x = new Float64Array(n)
      const problem = { jacobian: jacobianOperator(J), residual: J.residual, gradient: normal.gradient, damping }
      for (const norm of ['plain', 'preconditioned'] as const) {
        const report = cgnr(problem, x, { tolerance: 1e-12, preconditioner: M, norm }, new CgnrWorkspace(J.rows, n))
        expect(report.outcome).toBe('converged')
        // Condition of the preconditioned system below 1e3, times the tolerance.
        expect(distance(x, exact)).toBeLessThan(1e-9 * size(exact))
      }
    }
  })

  it('CGNR starts from a guess, in both recurrences', () => {
    const J = windowJacobian(8)
    const n = scalarSize(J.blocks)
    const normal = new NormalEquations(J)
    normal.form()
    const damping = new Float64Array(n).fill(0.5)
    const problem = { jacobian: jacobianOperator(J), residual: J.residual, gradient: normal.gradient, damping }
    const workspace = new CgnrWorkspace(J.rows, n)
    for (const recurrence of ['normal', 'rows'] as const) {
      const x = new Float64Array(n)
      const first = cgnr(problem, x, { tolerance: 1e-12, recurrence }, workspace).iterations
      expect(first).toBeGreaterThan(5)
      const again = cgnr(problem, x, { tolerance: 1e-10, recurrence, start: 'guess' }, workspace)
      expect(again).toMatchObject({ outcome: 'converged', iterations: 0 })
    }
  })

  it('CGNR calls a singular system indefinite, and a workspace of the wrong size a mistake', () => {
    const J = jacobianOf({ dims: [1], batches: [{ residualDim: 1, slots: [1], factors: [[0]] }] }, () => 0)
    const problem = {
      jacobian: jacobianOperator(J),
      residual: J.residual,
      gradient: Float64Array.of(1),
      damping: null,
    }
    expect(cgnr(problem, new Float64Array(1), {}, new CgnrWorkspace(1, 1)).outcome).toBe('indefinite')
    expect(() => cgnr(problem, new Float64Array(1), {}, new CgnrWorkspace(2, 1))).toThrow('workspace of 2 × 1')
  })
})

/** A ring of eight poses of 6, each also tied to a pose across. */
function windowJacobian(seed: number) {
  const factors = Array.from({ length: 8 }, (_, i) => [
    [i, (i + 1) % 8],
    [i, (i + 3) % 8],
  ]).flat()
  return jacobianOf(
    { dims: new Array(8).fill(6), batches: [{ residualDim: 6, slots: [6, 6], factors }] },
    uniform(seed),
  )
}
