// A robot drives a square of 2 m and comes back. Its wheels say it is half a metre off; its camera recognizes the start.
//
// Run any example with `node scripts/run.mjs examples/01-pose-graph.ts`.
import { between, Graph, optimize, prior, SE2, sigmas } from 'homeward'

const graph = new Graph()
graph.addVariable('x0', SE2, [0, 0, 0])
graph.addVariable('x1', SE2, [2.1, 0.1, 1.6])
graph.addVariable('x2', SE2, [2.0, 2.2, 3.1])
graph.addVariable('x3', SE2, [-0.2, 2.1, -1.6])

const step = between(SE2)
const wheels = { information: sigmas([0.2, 0.2, 0.1]) } // metres, metres, radians
const quarterTurn = [2, 0, Math.PI / 2]
graph.addFactor(prior(SE2), ['x0'], [0, 0, 0])
graph.addFactor(step, ['x0', 'x1'], [2.05, 0.05, 1.6], wheels)
graph.addFactor(step, ['x1', 'x2'], [2.1, 0.0, 1.55], wheels)
graph.addFactor(step, ['x2', 'x3'], [2.2, -0.1, 1.6], wheels)
graph.addFactor(step, ['x3', 'x0'], quarterTurn, { information: sigmas([0.02, 0.02, 0.01]) })

const { values, summary } = optimize(graph)
for (const key of ['x1', 'x2']) {
  const [x, y, theta] = values.get(key)
  console.log(`${key}  x ${x.toFixed(3)}  y ${y.toFixed(3)}  θ ${theta.toFixed(3)}`)
}
console.log(`${summary.termination}: chi2 ${summary.initialCost.toFixed(2)} → ${summary.finalCost.toFixed(4)}`)
