import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { anyShape, inMemory, jacobianOf, uniform } from '../../../test/block-jacobians.ts'
import { kernels, Region } from '../../backend/index.ts'
import type { BlockJacobian } from '../block-jacobian.ts'
import { JacobianProducts } from '../jacobian-products.ts'
import { NormalEquations } from '../normal-equations.ts'
import { reorderColumns } from '../reorder.ts'

/** All that is computed from a Jacobian, and what computed it. */
function results(J: BlockJacobian, seed: number): { runs: string[]; numbers: Record<string, number[]> } {
  const normal = new NormalEquations(J)
  const products = new JacobianProducts(J)
  const random = uniform(seed)
  const Jx = new Float64Array(products.rows).fill(7)
  const JTy = new Float64Array(products.columns).fill(7)
  const g = new Float64Array(products.columns).fill(7)
  for (let round = 0; round < 2; round++) normal.form()
  const x = Float64Array.from({ length: products.columns }, random)
  products.multiply(x, Jx)
  const change = [products.change(x, Jx.slice())]
  products.multiplyTransposed(Float64Array.from({ length: products.rows }, random), JTy)
  products.gradient(g)
  const squares = new Float64Array(products.columns).fill(7)
  products.squaredColumnNorms(squares)
  const { hessian, gradient } = normal
  // A zero's sign is not compared: the plain sums begin with 0, the kernels with the first product.
  const all = { H: hessian.values, gradient, Jx, JTy, g, squares, change }
  const numbers = Object.fromEntries(Object.entries(all).map(([name, v]) => [name, Array.from(v, (x) => x + 0)]))
  return { runs: [normal.runs, products.runs], numbers }
}

function expectTwin(J: BlockJacobian, seed: number): void {
  const region = Region.open()!
  try {
    const twin = results(inMemory(J, region), seed)
    const plain = results(J, seed)
    expect(plain.runs).toEqual(['plain', 'plain'])
    expect(twin.runs).toEqual(['WebAssembly SIMD', 'WebAssembly SIMD'])
    expect(twin.numbers).toEqual(plain.numbers)
  } finally {
    region.close()
  }
}

describe.skipIf(!kernels())('normal equations and products by SIMD are the definitions to the bit', () => {
  it('for any structure', () => {
    fc.assert(
      fc.property(anyShape, fc.integer(), (shape, seed) => expectTwin(jacobianOf(shape, uniform(seed)), seed)),
      { numRuns: 300 },
    )
  })

  const shapes: readonly (readonly [number, readonly number[]])[] = [
    [6, [6, 6]],
    [3, [3, 3]],
    [2, [9, 3]],
    [2, [6, 3]],
    [3, [6, 3]],
    [2, [6, 4, 3]],
    [7, [7, 7]],
  ]
  it.each(shapes.flatMap(([m, slots]) => [0, 1, 2, 3, 5, 17].map((count) => ({ m, slots, count }))))(
    '$count factors of $m rows over $slots, some constant, some met twice, in any order of columns',
    ({ m, slots, count }) => {
      const dims = slots.flatMap((d) => [d, d, d])
      // Slots of one size share their variables, so that a factor may meet one twice.
      const columnOf = (k: number, i: number) =>
        i % 5 === 4 && k === 0 ? -1 : 3 * slots.indexOf(slots[k]) + ((i + k * (i % 2)) % 3)
      const factors = Array.from({ length: count }, (_, i) => slots.map((_, k) => columnOf(k, i)))
      const J = jacobianOf({ dims, batches: [{ residualDim: m, slots, factors }] }, uniform(count))
      expectTwin(J, count)
      expectTwin(
        reorderColumns(
          J,
          Int32Array.from(dims, (_, j) => dims.length - 1 - j),
        ),
        count,
      )
    },
  )

  it('a Jacobian is followed through the growth of the memory, and through a change of its order', () => {
    const shape = { dims: [6, 6], batches: [{ residualDim: 6, slots: [6, 6], factors: [[0, 1]] }] }
    const J = jacobianOf(shape, uniform(1))
    const region = Region.open()!
    const placed = inMemory(J, region)
    const reordered = reorderColumns(placed, Int32Array.of(1, 0))
    const normal = new NormalEquations(reordered)
    const large = Region.open()!
    large.float64(kernels()!.arena.buffer.byteLength / 8)
    large.close()
    expect([...placed.batches[0].values]).toEqual([...J.batches[0].values])
    placed.batches[0].values.fill(2)
    placed.residual.fill(1)
    normal.form()
    expect([...normal.hessian.values]).toEqual(new Array(108).fill(24))
    expect([...normal.gradient]).toEqual(new Array(12).fill(12))
    region.close()
    expect(() => placed.residual.length).toThrow(/after its region was closed/)
  })
})
