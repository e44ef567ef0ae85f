// A window of visual odometry: a stereo camera drives through a room. Points are eliminated (Schur), cameras solved.
// The callback sees every iteration and the signal can stop it; afterwards the truth tells how good the poses are.
import { optimize, type Values } from 'homeward'
import { bundleWindow } from 'homeward/sim'

const { graph, truth, cameras, points, observations } = bundleWindow({ frames: 20, seed: 3 })
console.log(`${cameras} cameras, ${points} points, ${observations} observations`)

const { values, summary } = optimize(graph, {
  step: 'schur',
  costConvention: 'half sum of squares',
  onIteration({ iteration, cost }) {
    if (iteration <= 3) console.log(`  ${iteration}: ${cost.toFixed(1)}`)
  },
})
console.log(`${summary.termination} by ${summary.step.name}: ${summary.finalCost.toFixed(2)}`)

const meanPoseError = (found: Values): number => {
  let sum = 0
  for (let i = 0; i < cameras; i++) {
    const key = graph.values.key(i)
    const [a, b] = [found.get(key), truth.get(key)]
    sum += Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2])
  }
  return sum / cameras
}
console.log(
  `mean pose error: ${(100 * meanPoseError(graph.values)).toFixed(1)} cm → ${(100 * meanPoseError(values)).toFixed(1)} cm`,
)
