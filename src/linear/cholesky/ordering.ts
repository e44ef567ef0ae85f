import { UsageError } from '../../numeric/index.ts'
import { minimumDegree } from './minimum-degree.ts'
import type { BlockPattern } from './pattern.ts'

export type OrderingName = 'auto' | 'amd' | 'nd' | 'natural'

/** An elimination order of the blocks: order[k] is eliminated k-th. */
export function order(pattern: BlockPattern, name: OrderingName = 'auto'): Int32Array {
  switch (name) {
    case 'natural':
      return naturalOrder(pattern.count)
    case 'amd':
    case 'auto':
      return minimumDegree(pattern)
    default:
      throw new UsageError(`ordering: expected 'auto', 'amd', 'nd' or 'natural', got ${JSON.stringify(name)}`)
  }
}

function naturalOrder(count: number): Int32Array {
  return Int32Array.from({ length: count }, (_, i) => i)
}
