import { describe, expect, it } from 'vitest'
import { kernels, Region } from '../backend/index.ts'
import { SE2, SE3 } from '../geometry/index.ts'
import {
  between,
  type FactorType,
  Graph,
  huber,
  type Loss,
  reprojection,
  reprojectionBal,
  stereo,
  tukey,
} from '../graph/index.ts'
import { Random } from '../numeric/index.ts'
import { bundleWindow } from '../sim/index.ts'
import { compile } from './compile.ts'
import { evaluateCost, linearize } from './linearize.ts'
import { optimize } from './optimize.ts'

const types: readonly FactorType[] = [
  between(SE3, { error: 'g2o' }),
  between(SE2, { error: 'g2o' }),
  reprojectionBal,
  reprojection,
  stereo,
]

/** A graph of factors between random variables; a few are constant, angles and quaternions go all the way round. */
function randomGraph(type: FactorType, count: number, informed: boolean, loss: Loss | null): Graph {
  const random = new Random(count)
  const graph = new Graph()
  const numbers = (n: number, size: number): Float64Array =>
    Float64Array.from({ length: n }, () => random.gaussian() * size)
  const unit = (v: Float64Array, at: number): void => {
    const norm = Math.hypot(...v.subarray(at, at + 4))
    for (let k = at; k < at + 4; k++) v[k] /= norm
  }
  const perSlot = 3
  type.variables.forEach((manifold, slot) => {
    for (let v = 0; v < perSlot; v++) {
      const value = numbers(manifold.ambient, 3)
      if (manifold.ambient >= 7) unit(value, 3)
      graph.addVariable(`${slot}.${v}`, manifold, value, { constant: slot === 0 && v === 1 })
    }
  })
  const m = type.residualDim
  for (let f = 0; f < count; f++) {
    const data = numbers(type.dataSize, 2)
    if (type.dataSize === 7) unit(data, 3)
    // Ω = A Aᵀ + I
    const A = Array.from({ length: m }, () => numbers(m, 1))
    const information = A.flatMap((row, i) =>
      A.slice(i).map((other, k) => row.reduce((s, a, c) => s + a * other[c], k === 0 ? 1 : 0)),
    )
    const keys = type.variables.map((_, slot) => `${slot}.${(f * (slot + 1) + slot) % perSlot}`)
    graph.addFactor(type, keys, data, { ...(informed && { information }), loss })
  }
  return graph
}

/** Everything that linearizing leaves, but for the sign of zeros. */
function linearized(graph: Graph, memory: Region | null): { kernels: boolean[]; numbers: number[] } {
  const program = compile(graph, { memory })
  const x = graph.values.data.slice()
  const costs = [evaluateCost(program, x), linearize(program, x), linearize(program, x)]
  const { residual, batches } = program.jacobian
  const numbers = [...costs, ...residual, ...batches.flatMap(({ values }) => [...values])]
  return { kernels: program.kernels.map((kernel) => kernel !== null), numbers: numbers.map((v) => v + 0) }
}

const cases = types.flatMap((type) =>
  [null, huber(2), tukey(40)].flatMap((loss) =>
    [false, true].map(
      (informed) => [type.name, loss?.name ?? 'no loss', informed ? 'Ω' : 'no Ω', type, loss, informed] as const,
    ),
  ),
)

describe.skipIf(!kernels())('batches by SIMD are the factors one by one, to the bit', () => {
  it.each(cases)('%s, %s, %s', (_name, _loss, _information, type, loss, informed) => {
    for (const count of [1, 2, 3, 5, 17, 200]) {
      const graph = randomGraph(type, count, informed, loss)
      const region = Region.open()!
      const twin = linearized(graph, region)
      const plain = linearized(graph, null)
      region.close()
      expect(twin.kernels).toEqual([true])
      expect(plain.kernels).toEqual([false])
      expect(twin.numbers).toEqual(plain.numbers)
      expect(twin.numbers.every(Number.isFinite)).toBe(true)
    }
  })

  it('what is not finite comes out not finite', () => {
    const graph = randomGraph(types[1], 3, true, null)
    graph.values.data[2] = Number.NaN
    const region = Region.open()!
    expect(linearized(graph, region).numbers.slice(0, 2)).toEqual([Number.NaN, Number.NaN])
    region.close()
  })

  it('a factor without kernels takes its place beside those that have them', () => {
    const type = types[0]
    const { kernel: _, ...own } = { ...type, name: 'own' }
    const mixed = randomGraph(type, 5, true, null)
    mixed.addFactor(own, ['0.0', '1.0'], mixed.batches[0].data.view().slice(0, 7))
    const region = Region.open()!
    const twin = linearized(mixed, region)
    region.close()
    expect(twin.kernels).toEqual([true, false])
    expect(twin.numbers).toEqual(linearized(mixed, null).numbers)
  })
})

describe('whole optimizations', () => {
  const problems: readonly (readonly [string, Graph])[] = [
    ['a stereo window', bundleWindow({ frames: 8, features: 20 }).graph],
    ['a BAL window', bundleWindow({ frames: 8, features: 20, camera: 'bal' }).graph],
  ]
  it.each(problems)('%s gives all of the linear memory back', (_, graph) => {
    const before = kernels()?.arena.freeBytes
    const length = kernels()?.arena.buffer.byteLength
    for (let k = 0; k < 3; k++) optimize(graph, { maxIterations: 3, step: 'schur' })
    expect(kernels()?.arena.buffer.byteLength).toBe(length)
    expect(kernels()?.arena.freeBytes).toBe(before)
  })
})
