import type { Summary } from '../../../../src/index.ts'
import { predictedParts } from '../work-model.ts'
import { workChart } from './charts.ts'
import { ink } from './colour.ts'
import { escapeXml } from './path.ts'

export interface WorkPictureInput {
  readonly title: string
  /** What the cost is called. */
  readonly cost: string
  readonly runs: readonly { readonly name: string; readonly summary: Summary }[]
}

/** One run as a curve: excess of the cost over the best of all runs, against the model's seconds up to there. */
export interface WorkCurve {
  readonly name: string
  readonly points: readonly { readonly seconds: number; readonly excess: number }[]
}

const width = 1100
const height = 620
/** Excesses below this are drawn at it: costs are sums in fp64. */
const floor = 1e-13

/** An SVG of cost against work: every policy one curve. */
export function workPicture({ title, cost, runs }: WorkPictureInput): string {
  const best = Math.min(...runs.map(({ summary }) => summary.finalCost))
  const curves = runs.map(({ name, summary }) => ({ name, points: curveOf(summary, best) }))
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="'DejaVu Sans', Verdana, Arial, sans-serif" fill="${ink.text}">`,
    `<rect width="${width}" height="${height}" fill="${ink.paper}"/>`,
    `<text x="24" y="36" font-size="20">${escapeXml(title)}</text>`,
    `<text x="24" y="58" font-size="13" fill="${ink.quiet}">${escapeXml(`${cost}, excess over the best, against work by the cost model (fp64 : fp32 : 16 bits = 1 : 2 : 4 Gflop/s), not a measurement`)}</text>`,
    workChart({ x: 16, y: 76, width: width - 32, height: height - 92 }, curves),
    '</svg>',
  ].join('\n')
}

function curveOf({ initialization, iterations, work, finalCost }: Summary, best: number): WorkCurve['points'] {
  const total = iterations.reduce((sum, { linearIterations }) => sum + linearIterations, 0)
  const parts = predictedParts(work)
  const perOuter = parts.outer / Math.max(1, iterations.length)
  const perInner = total > 0 ? parts.inner / total : 0
  const extra = total > 0 ? 0 : parts.inner / Math.max(1, iterations.length)
  let seconds = perOuter / 2
  // Rows hold costs as their policy computed them; none was better than what the end costs in fp64.
  let lowest = Math.max(initialization.cost, finalCost)
  const points = [{ seconds, excess: excessOf(lowest, best) }]
  for (const { linearIterations, cost } of iterations) {
    seconds += perOuter + extra + perInner * linearIterations
    if (cost < lowest) lowest = Math.max(cost, finalCost)
    points.push({ seconds, excess: excessOf(lowest, best) })
  }
  return points
}

function excessOf(cost: number, best: number): number {
  return Math.max(floor, (cost - best) / best)
}
