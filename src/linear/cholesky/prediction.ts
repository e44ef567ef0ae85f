import { eliminationTree, postorder, rowOfFactor } from './elimination-tree.ts'
import type { BlockPattern } from './pattern.ts'

/** Predicted operations of an order (as Symbolic.flops) without building the factor's pattern. */
export function predictedFlops(pattern: BlockPattern, ordering: Int32Array): number {
  const { order, position, parent } = postordered(pattern, ordering)
  const n = pattern.count
  const below = new Float64Array(n)
  const mark = new Int32Array(n).fill(-1)
  const row = new Int32Array(n)
  for (let k = 0; k < n; k++) {
    const count = rowOfFactor(k, pattern, order, position, parent, mark, row)
    const d = pattern.dims[order[k]]
    for (let q = 0; q < count; q++) below[row[q]] += d
  }
  let flops = 0
  for (let k = 0; k < n; k++) flops += columnFlops(pattern.dims[order[k]], below[k])
  return flops
}

/** The same elimination, reordered so that subtrees are contiguous: the fill stays, the factor's columns lie closer. */
export function postordered(
  pattern: BlockPattern,
  chosen: Int32Array,
): { order: Int32Array; position: Int32Array; parent: Int32Array } {
  const first = inverse(chosen)
  const post = postorder(eliminationTree(pattern, chosen, first))
  const order = Int32Array.from(post, (k) => chosen[k])
  const position = inverse(order)
  return { order, position, parent: eliminationTree(pattern, order, position) }
}

/** Operations of one block column with `below` scalars under its diagonal block. */
export function columnFlops(dim: number, below: number): number {
  let flops = 0
  for (let c = below + 1; c <= below + dim; c++) flops += c * c
  return flops
}

function inverse(order: Int32Array): Int32Array {
  const position = new Int32Array(order.length)
  for (let k = 0; k < order.length; k++) position[order[k]] = k
  return position
}
