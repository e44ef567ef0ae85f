import type { FactorBatch, Graph, Values } from '../../../../src/graph/index.ts'

/** √(rᵀ Ω r) of every factor, its residual in sigmas, before any robust loss: one array per batch of the graph. */
export function residualLengths(graph: Graph, values: Values): Float64Array[] {
  return graph.batches.map((batch) => batchLengths(batch, values))
}

function batchLengths(batch: FactorBatch, values: Values): Float64Array {
  const { type } = batch
  const arity = type.variables.length
  const m = type.residualDim
  const x = values.data
  const variables = batch.variables.view()
  const data = batch.data.view()
  const information = batch.information?.view() ?? null
  const triangle = (m * (m + 1)) / 2
  const offsets = new Int32Array(arity)
  const r = new Float64Array(m)
  const lengths = new Float64Array(batch.count)
  for (let i = 0; i < batch.count; i++) {
    for (let k = 0; k < arity; k++) offsets[k] = values.offset(variables[i * arity + k])
    type.evaluate(x, offsets, 0, data, i * type.dataSize, r, 0, null, 0)
    const square = information ? quadraticForm(information, i * triangle, r) : dot(r)
    lengths[i] = Math.sqrt(Math.max(0, square))
  }
  return lengths
}

/** rᵀ Ω r, with Ω as its upper triangle by rows. */
function quadraticForm(upper: Float64Array, at: number, r: Float64Array): number {
  let sum = 0
  for (let i = 0; i < r.length; i++) {
    sum += upper[at++] * r[i] * r[i]
    for (let j = i + 1; j < r.length; j++) sum += 2 * upper[at++] * r[i] * r[j]
  }
  return sum
}

function dot(r: Float64Array): number {
  let sum = 0
  for (const value of r) sum += value * value
  return sum
}
