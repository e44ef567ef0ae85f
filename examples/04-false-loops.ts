// A robot that laps a ring is told, now and then, that it is where it is not. Squares believe every word;
// a robust loss does not. The generator knows the truth, so the error can be measured.
import { gemanMcClure, type Loss, optimize } from 'homeward'
import { trajectoryOf } from 'homeward/data'
import { absoluteTrajectoryError } from 'homeward/evaluate'
import { ring } from 'homeward/sim'

const { graph, truth, loopClosures, falseLoops } = ring({ perLap: 100, laps: 3, falseLoops: 0.2, seed: 5 })
console.log(`${graph.variableCount} poses, ${loopClosures} loop closures, ${falseLoops.length} of them false`)

const errorWith = (loss: Loss | null): string => {
  const { values } = optimize(graph, { loss, init: 'odometry', maxIterations: 500 })
  const { rmse } = absoluteTrajectoryError(trajectoryOf(values), trajectoryOf(truth))
  return `${rmse.toFixed(2)} m`
}
console.log(`squares:        ${errorWith(null)}`)
console.log(`Geman-McClure:  ${errorWith(gemanMcClure(5))}`)
