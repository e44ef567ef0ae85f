// Reading and writing: the library takes text or bytes from anywhere (a file, a fetch, a string) and hands out text.
import { optimize } from 'homeward'
import { readPoseGraph, writeG2o } from 'homeward/data'

const text = `
VERTEX_SE2 0 0 0 0
VERTEX_SE2 1 1.2 0.1 0
VERTEX_SE2 2 2.1 0.3 0.2
FIX 0
EDGE_SE2 0 1 1 0 0 10 0 0 10 0 100
EDGE_SE2 1 2 1 0 0 10 0 0 10 0 100
EDGE_SE2 0 2 2.1 0 0 10 0 0 10 0 100
LASER 1 2 3
`
const { graph, kind, report } = await readPoseGraph(text, { name: 'three.g2o' })
console.log(`${kind}: ${graph.variableCount} variables, ${graph.factorCount} factors`)
for (const { tag, count, firstLine } of report.unknownTags)
  console.log(`left out: ${tag} × ${count}, line ${firstLine}`)

const { values, summary } = optimize(graph)
console.log(`chi2 ${summary.finalCost.toFixed(6)}`)
for (const line of [...writeG2o(graph, values)].join('').split('\n').slice(0, 4))
  console.log(line.replace(/-?\d+\.\d+/g, (digits) => Number(digits).toFixed(4)))

// Mistakes in a file are told with the file, the line, what was expected and what came.
try {
  await readPoseGraph('VERTEX_SE2 0 0 0\n', { name: 'short.g2o' })
} catch (error) {
  console.log((error as Error).message)
}
