import type { Graph, Values } from '../../../../src/graph/index.ts'
import { initialize, type Summary } from '../../../../src/optimize/index.ts'
import { costChart, logTicks, residualChart, shortNumber } from './charts.ts'
import { ink } from './colour.ts'
import { drawPanel } from './panel.ts'
import { escapeXml, type Place } from './path.ts'
import { residualLengths } from './residuals.ts'
import { type ResidualScale, residualScale } from './scale.ts'
import { readScene, type Scene, type Stage } from './scene.ts'
import { type Limits, obliqueView, project, robustLimits, topView, union, type View } from './view.ts'

export interface PictureInput {
  /** What the picture is of: the file's name. */
  readonly title: string
  readonly graph: Graph
  readonly before: Values
  readonly after: Values
  readonly summary: Summary
}

const width = 1600
const margin = 36
const gap = 20

/**
 * An SVG of a problem before and after optimization: the graph twice from the same side, loop closures (or seen points)
 * coloured by their residual, the cost per iteration and the spread of residuals.
 */
export function graphPicture(input: PictureInput): string {
  const { graph, after, summary } = input
  const first = firstSight(input)
  const scene = readScene(graph, first.values, after)
  const view = chooseView(scene)
  const [limitsBefore, limitsAfter] = chooseLimits(scene, view)
  const frames = placePanels(limitsBefore, limitsAfter)
  const coloured = scene.cameras ? 'landmarkResiduals' : 'loopResiduals'
  const scale = residualScale(scene.before[coloured], scene.after[coloured])
  const unit = scene.cameras || summary.problem.kind.includes('sim3') ? '' : 'm'
  const panel = (stage: Stage, limits: Limits, place: Place, id: string, cost: number, title = id) =>
    drawPanel(scene, stage, {
      id,
      title,
      note: `${costName(summary)} ${readable(cost)}`,
      place,
      view,
      limits,
      scale,
      unit,
    })
  const legendY = frames.bottom + 30
  const chartsY = legendY + 46
  const chartWidth = (width - 2 * margin - gap) / 2
  const chartHeight = 300
  const height = chartsY + chartHeight + 20
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="'DejaVu Sans', Verdana, Arial, sans-serif" fill="${ink.text}">`,
    `<rect width="${width}" height="${height}" fill="${ink.paper}"/>`,
    heading(input, scene, first.cost),
    panel(scene.before, limitsBefore, frames.before, 'before', first.cost, first.title),
    panel(scene.after, limitsAfter, frames.after, 'after', summary.finalCost),
    legend(scene, scale, legendY),
    costChart({ x: margin, y: chartsY, width: chartWidth, height: chartHeight }, ...costCurve(summary, first)),
    residualChart(
      { x: margin + chartWidth + gap, y: chartsY, width: chartWidth, height: chartHeight },
      scene.before.residuals,
      scene.after.residuals,
      unitOfResiduals(scene),
    ),
    '</svg>',
  ].join('\n')
}

/** What the first panel shows. */
interface FirstSight {
  readonly values: Values
  readonly cost: number
  readonly title: string
  /** As the cost chart names it. */
  readonly name: string
}

/** The first values, or the odometry chain where a file has none and all poses stand in one place. */
function firstSight({ graph, before, summary }: PictureInput): FirstSight {
  const { posePositions } = readScene(graph, before, before).before
  if (posePositions.length <= 3 || size(robustLimits(posePositions, 0, 0)) > 0)
    return { values: before, cost: summary.initialCost, title: 'before', name: 'first values' }
  const values = before.copy(initialize(graph, 'odometry', [0]).x)
  const cost = residualLengths(graph, values).reduce((sum, lengths) => lengths.reduce((s, r) => s + r * r, sum), 0)
  return { values, cost, title: 'odometry alone (the file has no poses)', name: 'odometry alone' }
}

function chooseView(scene: Scene): View {
  if (scene.dimension === 2) return topView
  const { posePositions, landmarkPositions } = scene.after
  const enough = scene.cameras ? trimmed(landmarkPositions) : posePositions
  return obliqueView(enough.length >= 9 ? enough : posePositions, scene.vertical)
}

/** Points within the inner nine tenths in each coordinate: what decides about the direction of view. */
function trimmed(positions: Float64Array): Float64Array {
  const { left, right, bottom, top } = robustLimits(positions, 0.05, 0)
  const kept: number[] = []
  for (let i = 0; i < positions.length; i += 3) {
    const [x, y] = [positions[i], positions[i + 1]]
    if (x >= left && x <= right && y >= bottom && y <= top) kept.push(x, y, positions[i + 2])
  }
  return Float64Array.from(kept)
}

/** Windows of both panels: one and the same where the sizes compare, else each its own. */
function chooseLimits(scene: Scene, view: View): [Limits, Limits] {
  const limits = [scene.before, scene.after].map((stage) => {
    const robots = stage.posePositions.length > 0 ? [robustLimits(project(view, stage.posePositions), 0.02, 0.6)] : []
    const points = project(view, stage.landmarkPositions)
    if (points.length > 0) robots.push(robustLimits(points, scene.cameras ? 0.04 : 0.01, scene.cameras ? 0.1 : 0.5))
    return robots.length > 0 ? robots.reduce(union) : { left: -1, right: 1, bottom: -1, top: 1 }
  }) as [Limits, Limits]
  const both = union(...limits)
  const small = limits.map((one) => size(both) / Math.max(size(one), 1e-300))
  return Math.max(...small) < 1.35 ? [both, both] : limits
}

function size(limits: Limits): number {
  return Math.max(limits.right - limits.left, limits.top - limits.bottom)
}

/** Side by side, or one above the other when the scene is much wider than high. */
function placePanels(before: Limits, after: Limits): { before: Place; after: Place; bottom: number } {
  const aspect = (l: Limits) => Math.max(l.top - l.bottom, 1e-9) / Math.max(l.right - l.left, 1e-9)
  const top = 104
  const tallest = Math.max(aspect(before), aspect(after))
  if (tallest < 0.3) {
    const wide = width - 2 * margin
    const height = Math.max(220, Math.min(460, wide * tallest + 90))
    return {
      before: { x: margin, y: top, width: wide, height },
      after: { x: margin, y: top + height + gap, width: wide, height },
      bottom: top + 2 * height + gap,
    }
  }
  const half = (width - 2 * margin - gap) / 2
  const height = Math.max(380, Math.min(800, half * tallest + 60))
  return {
    before: { x: margin, y: top, width: half, height },
    after: { x: margin + half + gap, y: top, width: half, height },
    bottom: top + height,
  }
}

function heading({ title, summary }: PictureInput, scene: Scene, firstCost: number): string {
  const counts = [
    `${grouped(scene.poses)} ${scene.cameras ? 'cameras' : 'poses'}`,
    ...(scene.landmarks > 0 ? [`${grouped(scene.landmarks)} ${scene.cameras ? 'points' : 'landmarks'}`] : []),
    ...(scene.cameras ? [] : [`${grouped((scene.chain.length + scene.loops.length) / 2)} edges`]),
    ...(scene.loops.length > 0
      ? [`${grouped(scene.loops.length / 2)} loop closure${scene.loops.length === 2 ? '' : 's'}`]
      : []),
    ...(scene.sightings > 0 ? [`${grouped(scene.sightings)} sightings`] : []),
  ]
  const steps = summary.iterations.length
  const ending = summary.termination === 'converged' ? 'converged' : `stopped (${summary.termination})`
  const cost = `${costName(summary)} ${readable(firstCost)} → ${readable(summary.finalCost)}`
  const shown = title.length > 70 ? `…${title.slice(-69)}` : title
  return [
    `<text x="${margin}" y="48" font-size="28" font-weight="bold">${escapeXml(shown)}</text>`,
    `<text x="${margin}" y="80" font-size="17" fill="${ink.quiet}">${escapeXml(counts.join('  ·  '))}</text>`,
    `<text x="${width - margin}" y="48" font-size="20" text-anchor="end">${escapeXml(cost)}</text>`,
    `<text x="${width - margin}" y="80" font-size="17" text-anchor="end" fill="${ink.quiet}">${ending} after ${steps} iteration${steps === 1 ? '' : 's'}${summary.initialization.name === 'file' ? '' : `, start: ${escapeXml(summary.initialization.name)}`}</text>`,
  ].join('\n')
}

/** What lines and colours mean: samples on the left, the colour scale on the right. */
function legend(scene: Scene, scale: ResidualScale, y: number): string {
  const parts: string[] = []
  let x = margin
  const sample = (mark: string, text: string) => {
    parts.push(mark, `<text x="${x + 36}" y="${y + 5}" font-size="14">${text}</text>`)
    x += 36 + 8.4 * text.length + 30
  }
  const line = (colour: string, dash = '') =>
    `<path d="M${x} ${y}h28" stroke="${colour}" stroke-width="2.4"${dash} stroke-linecap="round"/>`
  const dot = (colour: string) => `<circle cx="${x + 16}" cy="${y}" r="4.5" fill="${colour}"/>`
  if (scene.cameras)
    sample(
      `<path d="M${x + 6} ${y + 6}l8 -12l12 4v12z" fill="none" stroke="${ink.text}" stroke-width="1.3"/>`,
      'camera',
    )
  if (scene.chain.length > 0) sample(line(ink.trajectory), 'trajectory')
  if (scene.landmarks > 0 && !scene.cameras) sample(dot(ink.landmark), 'landmark')
  const square = (colour: string) =>
    `<rect x="${x + 8}" y="${y - 7}" width="16" height="14" fill="${colour}" opacity="0.8"/>`
  sample(square(ink.before), 'residuals before')
  sample(square(ink.after), 'residuals after')
  if (scene.cameras ? scene.landmarks > 0 : scene.loops.length > 0) parts.push(colourBar(scene, scale, y))
  return parts.join('\n')
}

function colourBar(scene: Scene, scale: ResidualScale, y: number): string {
  const barWidth = 360
  const left = width - margin - barWidth - 18
  const cell = barWidth / scale.colours.length
  const at = (length: number) => left + (barWidth * Math.log(length / scale.low)) / Math.log(scale.high / scale.low)
  const name = scene.cameras ? 'point, by its worst residual' : 'loop closure, by its residual'
  return [
    `<text x="${left - 14}" y="${y + 3}" font-size="14" text-anchor="end">${name} (${unitOfResiduals(scene)})</text>`,
    ...scale.colours.map(
      (colour, k) =>
        `<rect x="${(left + k * cell).toFixed(1)}" y="${y - 9}" width="${(cell + 0.5).toFixed(1)}" height="13" fill="${colour}"/>`,
    ),
    ...logTicks(scale.low, scale.high).map(
      (tick) =>
        `<path d="M${at(tick).toFixed(1)} ${y + 4}v5" stroke="${ink.quiet}"/><text x="${at(tick).toFixed(1)}" y="${y + 23}" font-size="12.5" text-anchor="middle" fill="${ink.quiet}">${shortNumber(tick)}</text>`,
    ),
  ].join('\n')
}

/** Costs from the start on, the axis' name, and the cost of what the first panel shows where the start was another. */
function costCurve(summary: Summary, first: FirstSight): [number[], string, { cost: number; name: string } | null] {
  const { initialization, iterations } = summary
  const elsewhere = Math.abs(initialization.cost - first.cost) > 1e-9 * first.cost
  return [
    [initialization.cost, ...iterations.map((row) => row.cost)],
    costName(summary),
    elsewhere ? { cost: first.cost, name: first.name } : null,
  ]
}

function costName(summary: Summary): string {
  return summary.costConvention === 'chi2' ? 'chi²' : '½ Σ r²'
}

function unitOfResiduals(scene: Scene): string {
  return scene.cameras ? 'pixels' : 'sigmas'
}

/** Seven digits at most, thousands apart: 2,548,124 · 727.1497 · 1.23869e-7. */
function readable(value: number): string {
  const size = Math.abs(value)
  if (size !== 0 && (size >= 1e9 || size < 1e-3)) return value.toExponential(4)
  return Number(value.toPrecision(7)).toLocaleString('en-US', { maximumFractionDigits: 7 })
}

function grouped(count: number): string {
  return count.toLocaleString('en-US')
}
