// How sure is it? Marginal covariances after a drive along a corridor, and after recognizing its end.
import { between, Graph, marginalCovariances, optimize, prior, SE2, sigmas } from 'homeward'

const graph = new Graph()
const steps = 10
for (let i = 0; i <= steps; i++) graph.addVariable(i, SE2, [i, 0, 0])
graph.addFactor(prior(SE2), [0], [0, 0, 0], { information: sigmas([0.01, 0.01, 0.001]) })
for (let i = 0; i < steps; i++)
  graph.addFactor(between(SE2), [i, i + 1], [1, 0, 0], { information: sigmas([0.05, 0.05, 0.02]) })

const report = (when: string): void => {
  const { values } = optimize(graph)
  const found = marginalCovariances(graph, values, [
    [steps / 2, steps / 2],
    [steps, steps],
  ])
  if (!found.ok) throw new Error(found.reason)
  const [middle, end] = found.blocks.map(
    (block) => `σx ${Math.sqrt(block[0]).toFixed(3)}  σy ${Math.sqrt(block[4]).toFixed(3)}`,
  )
  console.log(`${when}:  middle ${middle}   end ${end}`)
}
report('by wheels alone  ')
graph.addFactor(prior(SE2), [steps], [steps, 0, 0], { information: sigmas([0.02, 0.02, 0.01]) })
report('end recognized   ')
