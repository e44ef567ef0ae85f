import { UsageError } from '../../numeric/index.ts'
import { minimumDegree } from './minimum-degree.ts'
import { nestedDissection } from './nested-dissection.ts'
import type { BlockPattern } from './pattern.ts'
import { predictedFlops } from './prediction.ts'

/**
 * How blocks are ordered for elimination: 'amd' approximate minimum degree, 'nd' nested dissection, 'natural' as they come,
 * 'auto' minimum degree, and from 10,000 blocks on the better of 'amd' and 'nd' by predicted operations.
 */
export type OrderingName = 'auto' | 'amd' | 'nd' | 'natural'

/** Below this a numeric factorization costs less than looking for a better order. */
const blocksWorthDissecting = 10_000

/** An elimination order of the blocks: order[k] is eliminated k-th. */
export function order(pattern: BlockPattern, name: OrderingName = 'auto'): Int32Array {
  switch (name) {
    case 'natural':
      return Int32Array.from({ length: pattern.count }, (_, i) => i)
    case 'amd':
      return minimumDegree(pattern)
    case 'nd':
      return nestedDissection(pattern)
    case 'auto':
      return better(pattern)
    default:
      throw new UsageError(`ordering: expected 'auto', 'amd', 'nd' or 'natural', got ${JSON.stringify(name)}`)
  }
}

function better(pattern: BlockPattern): Int32Array {
  const amd = minimumDegree(pattern)
  if (pattern.count < blocksWorthDissecting) return amd
  const nd = nestedDissection(pattern)
  return predictedFlops(pattern, nd) < predictedFlops(pattern, amd) ? nd : amd
}
