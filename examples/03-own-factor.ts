// A factor of one's own: the residual as a plain function, its derivatives by automatic differentiation.
// Here a saturating curve y = a (1 − exp(−b x)) is fitted to measurements, one of which is wrong.
import { ad, cauchy, defineFactor, euclidean, Graph, optimize } from 'homeward'
import { checkJacobian } from 'homeward/testing'

const R2 = euclidean(2)
const saturation = defineFactor({
  name: 'saturation',
  variables: [R2],
  residualDim: 1,
  dataSize: 2,
  residual: ([b], [x, y]) => ad.sub(b[0].mul(ad.sub(1, ad.exp(b[1].mul(-x)))), y),
})

// The same tool that checks the library's own factors checks yours, against differences at random states.
const { states, worst } = checkJacobian(saturation)
console.log(`Jacobian: ${states} states, relative error below 1e-6: ${worst < 1e-6}`)

const measured = [1.0, 1.7, 2.2, 2.6, 9.0, 3.0, 3.1] // the fifth is wrong
const solve = (loss: ReturnType<typeof cauchy> | null): string => {
  const graph = new Graph()
  graph.addVariable('b', R2, [1, 1], { lower: [0, 0], upper: [10, 10] })
  measured.forEach((y, i) => {
    graph.addFactor(saturation, ['b'], [i + 1, y], { loss })
  })
  const { values, summary } = optimize(graph)
  const [a, b] = values.get('b')
  return `a ${a.toFixed(3)}  b ${b.toFixed(3)}  (${summary.termination})`
}
console.log(`squares: ${solve(null)}`)
console.log(`Cauchy:  ${solve(cauchy(0.1))}`)
