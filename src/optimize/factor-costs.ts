import type { Graph, Values } from '../graph/index.ts'
import { compile } from './compile.ts'
import { factorCost } from './linearize.ts'

/**
 * What each factor contributes to chi2, ρ(rᵀ Ω r), at some values: one array per batch of `graph.batches`, in the order of
 * the factors. What pictures colour loop closures by, and what one looks at to find an outlier.
 */
export function factorCosts(graph: Graph, values: Values): Float64Array[] {
  const program = compile(graph)
  let next = 0
  return graph.batches.map((batch) => {
    const costs = new Float64Array(batch.count)
    if (batch.count === 0) return costs
    const compiled = program.batches[next++]
    for (let f = 0; f < batch.count; f++) costs[f] = factorCost(compiled, values.data, f, program.scratch.residual)
    return costs
  })
}
