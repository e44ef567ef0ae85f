import { ink } from './colour.ts'
import { escapeXml, PathText, type Place } from './path.ts'
import type { ResidualScale } from './scale.ts'
import type { Scene, Stage } from './scene.ts'
import type { Limits, View } from './view.ts'
import { project } from './view.ts'

export interface PanelOptions {
  readonly id: string
  readonly title: string
  readonly note: string
  readonly place: Place
  readonly view: View
  readonly limits: Limits
  readonly scale: ResidualScale
  /** Unit of length, '' when the scene has none of its own. */
  readonly unit: string
}

const inset = 26
const depths = 4

/** One drawing of the scene in a frame, with its title and a scale bar. */
export function drawPanel(scene: Scene, stage: Stage, options: PanelOptions): string {
  const { place, id, title, note, limits, unit } = options
  const paper = fit(limits, place)
  const marks = scene.cameras
    ? [...drawDots(scene, stage, options, paper), ...drawCameras(stage, options, paper)]
    : [...drawSightings(scene, stage, options, paper), ...drawGraph(scene, stage, options, paper)]
  const { x, y, width, height } = place
  return [
    `<clipPath id="${id}"><rect x="${x}" y="${y}" width="${width}" height="${height}" rx="6"/></clipPath>`,
    `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="6" fill="${ink.panel}" stroke="${ink.frame}"/>`,
    `<g clip-path="url(#${id})" fill="none" stroke-linecap="round" stroke-linejoin="round">`,
    ...marks,
    '</g>',
    `<g paint-order="stroke" stroke="${ink.panel}" stroke-width="5" stroke-linejoin="round">`,
    `<text x="${x + 14}" y="${y + 25}" font-size="17" font-weight="bold">${escapeXml(title)}</text>`,
    `<text x="${x + width - 14}" y="${y + 25}" text-anchor="end" font-size="15" fill="${ink.quiet}">${escapeXml(note)}</text>`,
    '</g>',
    scaleBar(place, paper.scale, unit),
  ].join('\n')
}

/** Metres to pixels: the same scale in both directions, the limits in the middle of the frame. */
interface Paper {
  readonly scale: number
  x(seen: number): number
  y(seen: number): number
}

function fit(limits: Limits, place: Place): Paper {
  const spanX = Math.max(limits.right - limits.left, 1e-12)
  const spanY = Math.max(limits.top - limits.bottom, 1e-12)
  const head = 22 // the title's line stays free
  const scale = Math.min((place.width - 2 * inset) / spanX, (place.height - 2 * inset - head - 8) / spanY)
  const middleX = place.x + place.width / 2 - (scale * (limits.left + limits.right)) / 2
  const middleY = place.y + (place.height + head - 8) / 2 + (scale * (limits.bottom + limits.top)) / 2
  return { scale, x: (seen) => middleX + scale * seen, y: (seen) => middleY - scale * seen }
}

/** Trajectory and loop closures from far to near; at each depth pale closures below the trajectory, glaring ones above. */
function drawGraph(scene: Scene, stage: Stage, { view, scale, place }: PanelOptions, paper: Paper): string[] {
  const seen = project(view, stage.posePositions)
  const layerOf = depthLayers(seen, scene.dimension === 3)
  const glaring = Math.ceil(0.45 * scale.colours.length)
  const width = lineWidth(totalLength(seen, scene.chain) + totalLength(seen, scene.loops), paper.scale)
  const chains = Array.from({ length: depths }, () => new PathText(place))
  const loops = Array.from({ length: depths }, () => scale.colours.map(() => new PathText(place)))
  for (let e = 0; e < scene.chain.length; e += 2)
    addSegment(chains[layerOf(scene.chain[e], scene.chain[e + 1])], seen, scene.chain, e, paper)
  for (let e = 0; e < scene.loops.length; e += 2) {
    const bucket = scale.bucket(stage.loopResiduals[e / 2])
    addSegment(loops[layerOf(scene.loops[e], scene.loops[e + 1])][bucket], seen, scene.loops, e, paper)
  }
  const marks: string[] = []
  for (let layer = 0; layer < depths; layer++) {
    const opacity = scene.dimension === 3 ? 0.35 + (0.65 * (layer + 1)) / depths : 1
    const draw = (path: PathText, colour: string, strokeWidth: number) => {
      if (!path.empty)
        marks.push(
          `<path d="${path}" stroke="${colour}" stroke-width="${strokeWidth.toFixed(2)}"${opacity < 1 ? ` opacity="${opacity.toFixed(2)}"` : ''}/>`,
        )
    }
    const closures = loops[layer]
    for (let k = 0; k < glaring; k++) draw(closures[k], scale.colours[k], width)
    draw(chains[layer], ink.trajectory, 1.15 * width)
    for (let k = glaring; k < closures.length; k++)
      draw(closures[k], scale.colours[k], width * (1 + (0.6 * (k - glaring)) / closures.length))
  }
  if (scene.landmarks > 0) marks.push(...drawLandmarks(stage, view, paper, place))
  return marks
}

function totalLength(seen: Float64Array, pairs: Int32Array): number {
  let length = 0
  for (let e = 0; e < pairs.length; e += 2) {
    const [a, b] = [3 * pairs[e], 3 * pairs[e + 1]]
    length += Math.hypot(seen[a] - seen[b], seen[a + 1] - seen[b + 1])
  }
  return length
}

/** The more there is to draw, the finer: so that few lines are seen and many do not become a blot. */
function lineWidth(length: number, pixelsPerUnit: number): number {
  return Math.min(1.9, Math.max(0.5, 1.1 * Math.sqrt(12_000 / Math.max(1, length * pixelsPerUnit))))
}

function addSegment(path: PathText, seen: Float64Array, pairs: Int32Array, at: number, paper: Paper): void {
  const a = 3 * pairs[at]
  const b = 3 * pairs[at + 1]
  path.segment(paper.x(seen[a]), paper.y(seen[a + 1]), paper.x(seen[b]), paper.y(seen[b + 1]))
}

/** The depth layer of an edge by its middle, 0 farthest. */
function depthLayers(seen: Float64Array, deep: boolean): (from: number, to: number) => number {
  if (!deep) return () => depths - 1
  let low = Number.POSITIVE_INFINITY
  let high = Number.NEGATIVE_INFINITY
  for (let i = 2; i < seen.length; i += 3) {
    low = Math.min(low, seen[i])
    high = Math.max(high, seen[i])
  }
  const span = Math.max(high - low, 1e-300)
  return (from, to) => {
    const t = ((seen[3 * from + 2] + seen[3 * to + 2]) / 2 - low) / span
    return Math.min(depths - 1, Math.max(0, Math.floor(t * depths)))
  }
}

function drawSightings(scene: Scene, stage: Stage, { view, place }: PanelOptions, paper: Paper): string[] {
  if (scene.sightingPairs.length === 0) return []
  const poses = project(view, stage.posePositions)
  const landmarks = project(view, stage.landmarkPositions)
  const path = new PathText(place)
  for (let e = 0; e < scene.sightingPairs.length; e += 2) {
    const a = 3 * scene.sightingPairs[e]
    const b = 3 * scene.sightingPairs[e + 1]
    path.segment(paper.x(poses[a]), paper.y(poses[a + 1]), paper.x(landmarks[b]), paper.y(landmarks[b + 1]))
  }
  return [`<path d="${path}" stroke="${ink.landmark}" stroke-width="0.5" opacity="0.14"/>`]
}

function drawLandmarks(stage: Stage, view: View, paper: Paper, place: Place): string[] {
  const seen = project(view, stage.landmarkPositions)
  const path = new PathText(place)
  for (let i = 0; i < seen.length; i += 3) path.dot(paper.x(seen[i]), paper.y(seen[i + 1]))
  return [`<path d="${path}" stroke="${ink.landmark}" stroke-width="${dotSize(seen.length / 3, 5.5)}"/>`]
}

/** Seen points in the colour of their worst sighting, the worst on top. */
function drawDots(scene: Scene, stage: Stage, { view, scale, place }: PanelOptions, paper: Paper): string[] {
  const seen = project(view, stage.landmarkPositions)
  const paths = scale.colours.map(() => new PathText(place))
  for (let n = 0; n < scene.landmarks; n++)
    paths[scale.bucket(stage.landmarkResiduals[n])].dot(paper.x(seen[3 * n]), paper.y(seen[3 * n + 1]))
  const size = dotSize(scene.landmarks, 7)
  return paths.flatMap((path, k) =>
    path.empty ? [] : [`<path d="${path}" stroke="${scale.colours[k]}" stroke-width="${size}"/>`],
  )
}

function dotSize(count: number, largest: number): string {
  return Math.min(largest, Math.max(1.4, 40 / Math.sqrt(Math.max(count, 1)) ** 0.75)).toFixed(2)
}

/** Cameras as small pyramids, a fixed part of the picture in size, the image plane ahead of the centre. */
function drawCameras(stage: Stage, { view, place }: PanelOptions, paper: Paper): string[] {
  const count = stage.posePositions.length / 3
  const size =
    (0.022 * Math.min(place.width, place.height) * Math.min(1.4, Math.max(0.5, 6 / Math.sqrt(count)))) / paper.scale
  const corners = [
    [0, 0, 0],
    [-0.8, -0.6, 1],
    [0.8, -0.6, 1],
    [0.8, 0.6, 1],
    [-0.8, 0.6, 1],
  ]
  const world = new Float64Array(15 * count)
  for (let n = 0; n < count; n++)
    corners.forEach((corner, k) => {
      for (let row = 0; row < 3; row++) {
        let sum = stage.posePositions[3 * n + row]
        for (let c = 0; c < 3; c++) sum += size * stage.rotations[9 * n + 3 * row + c] * corner[c]
        world[15 * n + 3 * k + row] = sum
      }
    })
  const seen = project(view, world)
  const faces = new PathText(place)
  const rays = new PathText(place)
  for (let n = 0; n < count; n++) {
    const xy = (k: number): [number, number] => [paper.x(seen[15 * n + 3 * k]), paper.y(seen[15 * n + 3 * k + 1])]
    faces.outline([...xy(1), ...xy(2), ...xy(3), ...xy(4)])
    for (let k = 1; k <= 4; k++) rays.segment(...xy(0), ...xy(k))
  }
  return [
    `<path d="${rays}" stroke="${ink.text}" stroke-width="1"/>`,
    `<path d="${faces}" stroke="${ink.text}" stroke-width="1.1" fill="${ink.text}" fill-opacity="0.15"/>`,
  ]
}

/** A bar of 1, 2 or 5 times a power of ten, about a sixth of the frame. */
function scaleBar(place: Place, pixelsPerUnit: number, unit: string): string {
  const target = place.width / 6 / pixelsPerUnit
  const power = 10 ** Math.floor(Math.log10(target))
  const length = power * (target >= 5 * power ? 5 : target >= 2 * power ? 2 : 1)
  const pixels = length * pixelsPerUnit
  const x = place.x + 16
  const y = place.y + place.height - 16
  const label = `${Number(length.toPrecision(3))}${unit ? ` ${unit}` : ''}`
  return [
    `<path d="M${x} ${y - 5}v5h${pixels.toFixed(1)}v-5" fill="none" stroke="${ink.quiet}" stroke-width="1.3"/>`,
    `<text x="${(x + pixels + 8).toFixed(1)}" y="${y}" font-size="13" fill="${ink.quiet}">${label}</text>`,
  ].join('\n')
}
