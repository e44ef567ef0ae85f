import {
  euclidean,
  type Manifold,
  quaternionConjugate,
  quaternionNormalize,
  rotateBack,
  SE3,
} from '../../geometry/index.ts'
import {
  type FactorType,
  Graph,
  reprojectionPinhole,
  reprojectionRadial,
  reprojectionSimplePinhole,
  reprojectionSimpleRadial,
} from '../../graph/index.ts'
import { UsageError } from '../../numeric/index.ts'
import type { BundleFile } from './bal.ts'
import type { ColmapCameraModel, ColmapModel } from './colmap-model.ts'

export interface ColmapBundleOptions {
  /** Hold focal lengths, principal points and distortions. Default false. */
  readonly constantIntrinsics?: boolean
}

const R3 = euclidean(3)

/** The factor over [pose, intrinsics as the file orders them, point] of a camera model. */
const factors: Partial<Record<ColmapCameraModel, FactorType>> = {
  SIMPLE_PINHOLE: reprojectionSimplePinhole,
  PINHOLE: reprojectionPinhole,
  SIMPLE_RADIAL: reprojectionSimpleRadial,
  RADIAL: reprojectionRadial,
}

/**
 * A COLMAP model as a problem: variable 'ki' for the intrinsics of camera i (as the file orders them, shared by its images),
 * 'ci' for worldFromCamera of image i, 'pi' for point i, in this order; a factor per key point that has a point.
 * @throws UsageError for camera models other than SIMPLE_PINHOLE, PINHOLE, SIMPLE_RADIAL and RADIAL
 */
export function bundleOfColmap(model: ColmapModel, options: ColmapBundleOptions = {}): BundleFile {
  const graph = new Graph()
  const intrinsics = addCameras(graph, model, options.constantIntrinsics ?? false)
  const poses = addImages(graph, model)
  const pointIndex = addPoints(graph, model)
  let observations = 0
  model.images.forEach(({ camera, pixels, pointIds }, i) => {
    const { factor, index } = intrinsics.get(camera)!
    const indices = [poses[i], index, 0]
    for (let k = 0; k < pointIds.length; k++) {
      if (pointIds[k] < 0) continue
      indices[2] = pointIndex.get(pointIds[k])!
      graph.addFactorAt(factor, indices, pixels.subarray(2 * k, 2 * k + 2))
      observations++
    }
  })
  const report = { lines: 0, bytes: 0, unknownTags: [], repaired: 0, warnings: [] }
  return { graph, cameras: model.images.length, points: model.points.ids.length, observations, report }
}

type Intrinsics = Map<number, { factor: FactorType; index: number }>

function addCameras(graph: Graph, { cameras }: ColmapModel, constant: boolean): Intrinsics {
  const intrinsics: Intrinsics = new Map()
  for (const { id, model, parameters } of cameras) {
    const factor = factors[model]
    if (!factor)
      throw new UsageError(
        `camera ${id} is ${model}; this library projects ${Object.keys(factors).join(', ')}: undistort the images first`,
      )
    const manifold: Manifold = factor.variables[1]
    intrinsics.set(id, { factor, index: graph.addVariable(`k${id}`, manifold, parameters, { constant }) })
  }
  return intrinsics
}

function addImages(graph: Graph, { images }: ColmapModel): number[] {
  return images.map(({ id, cameraFromWorld }) => graph.addVariable(`c${id}`, SE3, inversePose(cameraFromWorld)))
}

function addPoints(graph: Graph, { points }: ColmapModel): Map<number, number> {
  const indexOf = new Map<number, number>()
  points.ids.forEach((id, i) => {
    indexOf.set(id, graph.addVariable(`p${id}`, R3, points.positions.subarray(3 * i, 3 * i + 3)))
  })
  return indexOf
}

/** [t, q] → [−Rᵀt, q⁻¹], with q brought to length 1. */
function inversePose(pose: Float64Array): Float64Array {
  const q = pose.slice(3)
  quaternionNormalize(q, 0)
  const out = new Float64Array(7)
  rotateBack(q, 0, pose, 0, out, 0)
  for (let k = 0; k < 3; k++) out[k] = -out[k]
  quaternionConjugate(q, 0, out, 3)
  return out
}

/**
 * The model with the numbers of a solution: poses, intrinsics and points of `values`, keyed as {@link bundleOfColmap} does.
 * Key points, colors and tracks stay; `errors` become the mean distances in pixels at the solution.
 */
export function colmapWith(model: ColmapModel, graph: Graph, values: Graph['values'] = graph.values): ColmapModel {
  const cameras = model.cameras.map((camera) => ({ ...camera, parameters: values.get(`k${camera.id}`).slice() }))
  const images = model.images.map((image) => ({ ...image, cameraFromWorld: inversePose(values.get(`c${image.id}`)) }))
  const positions = new Float64Array(3 * model.points.ids.length)
  model.points.ids.forEach((id, i) => {
    positions.set(values.get(`p${id}`), 3 * i)
  })
  return { cameras, images, points: { ...model.points, positions, errors: pointErrors(model, graph, values) } }
}

function pointErrors({ points }: ColmapModel, graph: Graph, values: Graph['values']): Float64Array {
  const sum = new Float64Array(values.count)
  const count = new Float64Array(values.count)
  const r = new Float64Array(2)
  for (const batch of graph.batches) {
    const variables = batch.variables.view()
    const at = Int32Array.from(variables, (index) => values.offset(index))
    for (let k = 0; k < batch.count; k++) {
      batch.type.evaluate(values.data, at, 3 * k, batch.data.view(), 2 * k, r, 0, null, 0)
      sum[variables[3 * k + 2]] += Math.hypot(r[0], r[1])
      count[variables[3 * k + 2]]++
    }
  }
  return Float64Array.from(points.ids, (id) => {
    const index = values.index(`p${id}`)
    return count[index] > 0 ? sum[index] / count[index] : 0
  })
}
