import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { readBal } from '../src/data/index.ts'
import { type Graph, jacobianStride } from '../src/graph/index.ts'
import {
  type BlockJacobian,
  DenseCholesky,
  DenseCholesky32,
  HessianElimination,
  multiply,
  partition,
  SquareRootElimination,
  squaredColumnNorms,
} from '../src/linear/index.ts'
import { realData } from './real-data.ts'

/** The Jacobian of a graph of one batch at its values, every variable free. */
function jacobianOf(graph: Graph): BlockJacobian {
  const { values } = graph
  const [{ type, count, variables, data }] = graph.batches
  const arity = type.variables.length
  const m = type.residualDim
  const stride = jacobianStride(type)
  const columns = variables.view().slice()
  const at = columns.map((v) => values.offset(v))
  const batch = {
    count,
    residualDim: m,
    arity,
    dims: type.variables.map(({ dim }) => dim),
    columns,
    row: 0,
    stride,
    values: new Float64Array(count * stride),
  }
  const residual = new Float64Array(count * m)
  for (let f = 0; f < count; f++)
    type.evaluate(values.data, at, f * arity, data.view(), f * type.dataSize, residual, f * m, batch.values, f * stride)
  const dims = Array.from({ length: values.count }, (_, v) => values.manifold(v).dim)
  return { blocks: partition(dims), rows: count * m, batches: [batch], residual }
}

const ladybug = realData('bundle-adjustment/bal/ladybug-49-7776-pre.txt')

describe.skipIf(!ladybug)('elimination of the points of ladybug-49', async () => {
  if (!ladybug) return
  const { graph, cameras } = await readBal(readFileSync(ladybug))
  const J = jacobianOf(graph)
  const points = new Uint8Array(J.blocks.count).fill(1, cameras)
  const n = J.blocks.offset[J.blocks.count]
  const metric = new Float64Array(n)
  squaredColumnNorms(J, metric)

  /** The decrease of the linear model by a step damped with `damping` · diag(H), or null when a system was not positive definite. */
  const decrease = (damping: number, form: 'square-root' | 'hessian', format: 'fp64' | 'fp32'): number | null => {
    const make = form === 'square-root' ? SquareRootElimination : HessianElimination
    const elimination = new make(J, points, { form: 'dense', format })
    elimination.prepare()
    if (elimination.eliminate(metric.map((m) => damping * Math.max(m, 1e-6))).outcome !== 'eliminated') return null
    const size = elimination.reducedGradient.length
    const cholesky = format === 'fp32' ? new DenseCholesky32(size) : new DenseCholesky(size)
    if (!cholesky.factor(elimination.reduced).ok) return null
    const remaining = elimination.reducedGradient.map((v) => -v)
    cholesky.solve(remaining, remaining)
    const step = new Float64Array(n)
    elimination.backSubstitute(remaining, step)
    const change = new Float64Array(J.rows)
    multiply(J, step, change)
    return -change.reduce((sum, c, i) => sum + c * (J.residual[i] + c / 2), 0)
  }

  const lambda = 1e-9
  const exact = decrease(lambda, 'hessian', 'fp64') as number

  it('promises the same in both forms in fp64', () => {
    expect((decrease(lambda, 'square-root', 'fp64') as number) / exact).toBeCloseTo(1, 9)
  })

  it('survives fp32 at hardly any damping as a square root, not as a Hessian', () => {
    // The model is flat about its minimum: errors of the step count squared.
    expect((decrease(lambda, 'square-root', 'fp32') as number) / exact).toBeCloseTo(1, 6)
    expect(decrease(lambda, 'hessian', 'fp32')).toBeNull()
  })
})
