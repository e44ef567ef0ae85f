import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  anyJacobian,
  denseJacobian,
  denseSolve,
  denseSymmetric,
  distance,
  gram,
  jacobianOf,
  size,
  uniform,
} from '../../../test/block-jacobians.ts'
import { partition } from '../blocks.ts'
import { ConjugateGradientsWorkspace, conjugateGradients } from '../conjugate-gradients.ts'
import { NormalEquations } from '../normal-equations.ts'
import { hessianOperator } from '../operator.ts'
import { scalarSize } from '../ops/jacobian-product.ts'
import { BlockJacobi } from './block-jacobi.ts'
import { identity } from './identity.ts'
import { IncompleteCholesky } from './incomplete-cholesky.ts'
import { Jacobi } from './jacobi.ts'
import { levelOfFill } from './level-of-fill.ts'

/** A path of n poses of size d with a closure from every fifth pose to the one `span` before it. */
function poseGraph(n: number, d: number, seed: number, span = 7) {
  const factors = Array.from({ length: n - 1 }, (_, i) => [i, i + 1])
  for (let i = span; i < n; i += 5) factors.push([i, i - span])
  const random = uniform(seed)
  const J = jacobianOf(
    {
      dims: new Array<number>(n).fill(d),
      batches: [
        { residualDim: d, slots: [d, d], factors },
        { residualDim: d, slots: [d], factors: [[0]] },
      ],
    },
    random,
  )
  // −1 + noise on one side and 1 + noise on the other, as relative poses have it.
  for (const { values, count, arity } of J.batches)
    for (let f = 0; f < count; f++)
      for (let k = 0; k < arity; k++)
        for (let a = 0; a < d * d; a++) {
          const at = (f * arity + k) * d * d + a
          values[at] = 0.2 * values[at] + (a % (d + 1) === 0 ? (k === 0 ? -1 : 1) : 0)
        }
  return J
}

describe('Jacobi and block Jacobi', () => {
  it('invert the diagonal, and the diagonal blocks, of H + Λ; from J and from H alike', () => {
    fc.assert(
      fc.property(anyJacobian, fc.integer(), (J, seed) => {
        const n = scalarSize(J.blocks)
        const damping = new Float64Array(n).fill(0.1)
        const A = gram(denseJacobian(J), n, damping)
        const normal = new NormalEquations(J)
        normal.form()
        const r = Float64Array.from({ length: n }, uniform(seed))
        const z = new Float64Array(n)
        // Condition of a block: entries of H up to about 100 over λ = 0.1, and 9 rows.
        const allowed = 1e5 * Number.EPSILON
        for (const source of [J, normal.hessian]) {
          const jacobi = new Jacobi(J.blocks)
          jacobi.update(source, damping)
          jacobi.apply(r, z)
          expect(
            distance(
              z,
              A.map((row, i) => r[i] / row[i]),
            ),
          ).toBeLessThan(allowed)
          const block = new BlockJacobi(J.blocks)
          block.update(source, damping)
          block.apply(r, z)
          expect(block.replaced).toBe(0)
          for (let j = 0; j < J.blocks.count; j++) {
            const [from, to] = [J.blocks.offset[j], J.blocks.offset[j + 1]]
            const inner = A.slice(from, to).map((row) => row.slice(from, to))
            expect(distance(z.subarray(from, to), denseSolve(inner, r.subarray(from, to)))).toBeLessThan(10 * allowed)
          }
        }
      }),
    )
  })

  it('count what they could not invert, and stay positive definite', () => {
    const J = jacobianOf({ dims: [2, 1], batches: [{ residualDim: 1, slots: [2], factors: [[0]] }] }, () => 2)
    const block = new BlockJacobi(J.blocks)
    block.update(J)
    expect(block.replaced).toBe(2) // rank one, and untouched
    const z = new Float64Array(3)
    block.apply(Float64Array.of(4, 8, 3), z)
    expect(distance(z, [1, 2, 3])).toBeLessThan(8 * Number.EPSILON)
    const jacobi = new Jacobi(J.blocks)
    jacobi.update(J)
    expect(jacobi.replaced).toBe(1)
    jacobi.apply(Float64Array.of(4, 8, 3), z)
    expect([...z]).toEqual([1, 2, 3])
  })
})

describe('level of fill', () => {
  it('0 is the pattern of H, ∞ that of the complete factor, and each level holds the one before', () => {
    fc.assert(
      fc.property(anyJacobian, (J) => {
        const H = new NormalEquations(J).hessian
        const at = (k: number) => levelOfFill(H, k)
        expect(at(0).rowIndex).toEqual(H.rowIndex)
        expect(entries(at(Infinity))).toEqual(completeFactor(H))
        for (const k of [0, 1, 2]) for (const e of entries(at(k))) expect(entries(at(k + 1))).toContain(e)
      }),
    )
  })

  it('by hand: a ring of six fills one block a level', () => {
    const factors = Array.from({ length: 6 }, (_, i) => [i, (i + 1) % 6])
    const J = jacobianOf(
      { dims: new Array<number>(6).fill(1), batches: [{ residualDim: 1, slots: [1, 1], factors }] },
      uniform(1),
    )
    const H = new NormalEquations(J).hessian
    // Eliminating 0 joins 1 and 5 (level 1), then 1 joins 2 and 5 (level 2), then 3 and 5 (level 3).
    expect([0, 1, 2, 3, 4].map((k) => levelOfFill(H, k).rowIndex.length)).toEqual([12, 13, 14, 15, 15])
  })
})

describe('incomplete Cholesky', () => {
  it('with all fill is the inverse of H + Λ, in either scaling, and follows H', () => {
    fc.assert(
      fc.property(anyJacobian, fc.integer(), (J, seed) => {
        const n = scalarSize(J.blocks)
        const random = uniform(seed)
        const damping = new Float64Array(n).fill(0.1)
        const normal = new NormalEquations(J)
        for (const scaling of ['jacobi', 'blocks'] as const) {
          const M = new IncompleteCholesky(normal.hessian, { fill: Infinity, scaling })
          for (let round = 0; round < 2; round++) {
            for (const { values } of J.batches) for (let i = 0; i < values.length; i++) values[i] = random()
            normal.form()
            expect(M.update(damping)).toEqual({ outcome: 'factored', retries: 0, shift: 0 })
            const r = Float64Array.from({ length: n }, random)
            const z = new Float64Array(n)
            M.apply(r, z)
            const exact = denseSolve(gram(denseJacobian(J), n, damping), r)
            // Condition at most (entries of H up to about 100) · n / λ = 1e5, and ‖exact‖ up to ‖r‖ / λ.
            expect(distance(z, exact)).toBeLessThan(1e6 * Number.EPSILON * (1 + size(exact)))
          }
        }
      }),
      { numRuns: 60 },
    )
  })

  it('without fill satisfies (L D Lᵀ)_ij = A_ij on the pattern of H', () => {
    const J = poseGraph(20, 3, 5)
    const normal = new NormalEquations(J)
    normal.form()
    const M = new IncompleteCholesky(normal.hessian)
    expect(M.update().retries).toBe(0)
    // Column by column, M⁻¹; then M itself by inverting it densely.
    const n = scalarSize(J.blocks)
    const inverse = Array.from({ length: n }, (_, j) => {
      const unit = new Float64Array(n)
      unit[j] = 1
      const z = new Float64Array(n)
      M.apply(unit, z)
      return [...z]
    })
    const H = denseSymmetric(normal.hessian)
    const kept = new Set(entries(normal.hessian))
    const blockOf = (k: number) => Math.floor(k / 3)
    for (let j = 0; j < n; j++) {
      const unit = new Float64Array(n)
      unit[j] = 1
      const column = denseSolve(inverse, unit)
      for (let i = 0; i < n; i++)
        if (kept.has(`${blockOf(i)},${blockOf(j)}`) || kept.has(`${blockOf(j)},${blockOf(i)}`))
          expect(Math.abs(column[i] - H[i][j])).toBeLessThan(1e4 * Number.EPSILON * size(H.flat()))
    }
    // The symmetric operator M⁻¹ is symmetric to rounding.
    for (let i = 0; i < n; i++)
      for (let j = 0; j < i; j++)
        expect(Math.abs(inverse[i][j] - inverse[j][i])).toBeLessThan(1e4 * Number.EPSILON * size(inverse.flat()))
  })

  it('takes fewer iterations than block Jacobi, and those fewer than none; more fill takes fewer', () => {
    const J = poseGraph(300, 6, 11)
    const normal = new NormalEquations(J)
    normal.form()
    const n = scalarSize(J.blocks)
    const b = normal.gradient.map((g) => -g)
    const A = hessianOperator(normal.hessian)
    const workspace = new ConjugateGradientsWorkspace(n)
    const block = new BlockJacobi(J.blocks)
    block.update(normal.hessian)
    const incomplete = [0, 2, Infinity].map((fill) => {
      const M = new IncompleteCholesky(normal.hessian, { fill })
      M.update()
      return M
    })
    const iterations = [identity, block, ...incomplete].map((preconditioner) => {
      const report = conjugateGradients(A, b, new Float64Array(n), { preconditioner, tolerance: 1e-8 }, workspace)
      expect(report.outcome).toBe('converged')
      return report.iterations
    })
    for (let k = 1; k < iterations.length; k++) expect(iterations[k]).toBeLessThan(iterations[k - 1])
    expect(iterations.at(-1)).toBeLessThanOrEqual(2)
  })

  it('shifts the diagonal until a matrix that breaks down can be factored, and says how often', () => {
    // Positive definite, but IC(0) drops the fill that a ring of four needs: D. S. Kershaw's example (1978, §2).
    const a = [
      [3, -2, 0, 2],
      [-2, 3, -2, 0],
      [0, -2, 3, -2],
      [2, 0, -2, 3],
    ]
    const J = jacobianOf(
      {
        dims: [1, 1, 1, 1],
        batches: [
          {
            residualDim: 1,
            slots: [1, 1],
            factors: [
              [0, 1],
              [1, 2],
              [2, 3],
              [3, 0],
            ],
          },
        ],
      },
      uniform(1),
    )
    const { hessian } = new NormalEquations(J)
    for (let j = 0; j < 4; j++)
      for (let e = hessian.columnStart[j]; e < hessian.columnStart[j + 1]; e++)
        hessian.values[hessian.valueStart[e]] = a[hessian.rowIndex[e]][j]
    const M = new IncompleteCholesky(hessian)
    const report = M.update()
    expect(report.outcome).toBe('factored')
    expect(report.retries).toBeGreaterThan(0)
    expect(report.shift).toBe(1e-3 * 2 ** (report.retries - 1))
    expect(new IncompleteCholesky(hessian, { fill: 1 }).update().retries).toBe(0)
    const x = new Float64Array(4)
    const exact = denseSolve(a, [1, 2, 3, 4])
    conjugateGradients(
      hessianOperator(hessian),
      Float64Array.of(1, 2, 3, 4),
      x,
      { preconditioner: M, tolerance: 1e-14 },
      new ConjugateGradientsWorkspace(4),
    )
    expect(distance(x, exact)).toBeLessThan(1e3 * Number.EPSILON * size(exact))
  })

  it('survives singular H, and says when numbers are not finite', () => {
    const J = jacobianOf({ dims: [2, 2], batches: [{ residualDim: 2, slots: [2, 2], factors: [[0, 1]] }] }, uniform(2))
    const normal = new NormalEquations(J)
    normal.form()
    const M = new IncompleteCholesky(normal.hessian, { fill: Infinity })
    expect(M.update()).toMatchObject({ outcome: 'factored', retries: 1, shift: 1e-3 })
    normal.hessian.values.fill(Number.NaN)
    expect(M.update().outcome).toBe('indefinite')
  })

  it('does not care about units from 1e-9 to 1e9', () => {
    const answers = [1e-9, 1, 1e9].map((unit) => {
      const J = poseGraph(30, 6, 3)
      // Rotations in another unit than translations.
      for (const { values, stride, count } of J.batches)
        for (let f = 0; f < count; f++) for (let e = 0; e < stride; e++) if (e % 6 >= 3) values[f * stride + e] *= unit
      const normal = new NormalEquations(J)
      normal.form()
      const n = scalarSize(J.blocks)
      const M = new IncompleteCholesky(normal.hessian)
      M.update()
      const x = new Float64Array(n)
      const report = conjugateGradients(
        hessianOperator(normal.hessian),
        normal.gradient.map((g) => -g),
        x,
        { preconditioner: M, tolerance: 1e-10, norm: 'preconditioned' },
        new ConjugateGradientsWorkspace(n),
      )
      expect(report.outcome).toBe('converged')
      return x.map((v, i) => (i % 6 >= 3 ? v * unit : v))
    })
    for (const answer of answers) expect(distance(answer, answers[1])).toBeLessThan(1e-8 * size(answers[1]))
  })

  it('refuses a level of fill that is none', () => {
    const { hessian } = new NormalEquations(poseGraph(3, 2, 1))
    expect(() => new IncompleteCholesky(hessian, { fill: -1 })).toThrow('level of fill: expected a number ≥ 0, got -1')
    expect(() => new Jacobi(partition([1])).update(hessian)).toThrow('Jacobi: expected size 1')
  })
})

type Pattern = NormalEquations['hessian']

function entries({ blocks, columnStart, rowIndex }: Pattern): string[] {
  const list: string[] = []
  for (let j = 0; j < blocks.count; j++)
    for (let e = columnStart[j]; e < columnStart[j + 1]; e++) list.push(`${rowIndex[e]},${j}`)
  return list
}

/** The entries of the complete factor by playing the elimination through. */
function completeFactor(H: Pattern): string[] {
  const { count } = H.blocks
  const below = Array.from({ length: count }, () => new Set<number>())
  for (let j = 0; j < count; j++)
    for (let e = H.columnStart[j]; e < H.columnStart[j + 1]; e++) below[j].add(H.rowIndex[e])
  for (let j = 0; j < count; j++)
    for (const a of below[j]) for (const b of below[j]) if (a > j && b >= a) below[a].add(b)
  return below.flatMap((rows, j) => [...rows].sort((a, b) => a - b).map((i) => `${i},${j}`))
}
