import type { Graph } from 'homeward'

/**
 * A window of one calibrated camera as the text that the driver reads: "WINDOW held fx fy cx cy", then as in BAL files.
 * Cameras are the poses (t, q) of the graph, points its R3 variables; the cameras held still come first.
 */
export function windowText(graph: Graph): string {
  const { values, batches } = graph
  const [batch] = batches
  const data = batch.data.view()
  const variables = batch.variables.view()
  const size = batch.type.dataSize
  const numberOf = new Int32Array(values.count)
  const cameras: number[] = []
  const points: number[] = []
  for (let v = 0; v < values.count; v++) numberOf[v] = (values.manifold(v).name === 'R3' ? points : cameras).push(v) - 1
  const held = cameras.filter((v) => graph.isConstant(v)).length
  const row = (v: number): string => {
    const at = values.offset(v)
    return values.data.subarray(at, at + values.manifold(v).ambient).join(' ')
  }
  const sightings = Array.from({ length: batch.count }, (_, f) => {
    const [camera, point] = [numberOf[variables[2 * f]], numberOf[variables[2 * f + 1]]]
    return `${camera} ${point} ${data[f * size]} ${data[f * size + 1]}`
  })
  return [
    `WINDOW ${held} ${data.subarray(2, 6).join(' ')}`,
    `${cameras.length} ${points.length} ${batch.count}`,
    ...sightings,
    ...cameras.map(row),
    ...points.map(row),
    '',
  ].join('\n')
}
