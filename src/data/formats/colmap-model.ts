import { InputError } from '../errors.ts'
import type { Source } from '../source.ts'

/** The three files of a COLMAP model, all text or all binary. */
export interface ColmapSources {
  readonly cameras: Source
  readonly images: Source
  readonly points: Source
}

/** A COLMAP model as its files hold it; `bundleOfColmap` makes a problem of it. */
export interface ColmapModel {
  readonly cameras: readonly ColmapCamera[]
  readonly images: readonly ColmapImage[]
  readonly points: ColmapPoints
}

export interface ColmapCamera {
  readonly id: number
  readonly model: ColmapCameraModel
  readonly width: number
  readonly height: number
  /** In COLMAP's order for the model: focal lengths, principal point, distortion. */
  readonly parameters: Float64Array
}

export interface ColmapImage {
  readonly id: number
  readonly name: string
  /** Id of its camera. */
  readonly camera: number
  /** As the file has it: translation, then the quaternion as (x, y, z, w). */
  readonly cameraFromWorld: Float64Array
  /** k × 2: key points in pixels, (0, 0) at the upper left corner of the image. */
  readonly pixels: Float64Array
  /** The id of each key point's point, or −1. */
  readonly pointIds: Float64Array
}

/** n points in columns. */
export interface ColmapPoints {
  readonly ids: Float64Array
  /** n × 3 */
  readonly positions: Float64Array
  /** n × 3, 0 to 255 */
  readonly colors: Uint8Array
  /** Mean reprojection error in pixels. */
  readonly errors: Float64Array
  /** Where each point's track starts in `tracks`, in pairs; n + 1 numbers. */
  readonly trackStarts: Float64Array
  /** Pairs: id of an image, index of its key point. */
  readonly tracks: Float64Array
}

/** Names and numbers of parameters by COLMAP's model id. */
const models = [
  ['SIMPLE_PINHOLE', 3],
  ['PINHOLE', 4],
  ['SIMPLE_RADIAL', 4],
  ['RADIAL', 5],
  ['OPENCV', 8],
  ['OPENCV_FISHEYE', 8],
  ['FULL_OPENCV', 12],
  ['FOV', 5],
  ['SIMPLE_RADIAL_FISHEYE', 4],
  ['RADIAL_FISHEYE', 5],
  ['THIN_PRISM_FISHEYE', 12],
] as const

export type ColmapCameraModel = (typeof models)[number][0]

export const colmapModelNames: string = models.map(([name]) => name).join(', ')

export function modelById(id: number): { name: ColmapCameraModel; parameters: number } | null {
  const found = models[id]
  return found ? { name: found[0], parameters: found[1] } : null
}

export function modelByName(name: string): { name: ColmapCameraModel; parameters: number } | null {
  return modelById(models.findIndex((model) => model[0] === name))
}

/**
 * @throws InputError unless every id is unique and leads somewhere, and images and tracks agree in what sees what
 */
export function checkModel({ cameras, images, points }: ColmapModel, folder: string): void {
  const fail = (file: string, expected: string, found: string) =>
    new InputError(`${folder}/${file}`, 0, expected, found)
  const unique = (file: string, what: string, ids: Iterable<number>): Map<number, number> => {
    const indexOf = new Map<number, number>()
    for (const id of ids) {
      if (indexOf.has(id)) throw fail(file, `each ${what} once`, `${what} ${id} twice`)
      indexOf.set(id, indexOf.size)
    }
    return indexOf
  }
  const camera = unique(
    'cameras',
    'camera',
    cameras.map(({ id }) => id),
  )
  const image = unique(
    'images',
    'image',
    images.map(({ id }) => id),
  )
  const point = unique('points3D', 'point', points.ids)
  for (const { id, camera: cameraId, pointIds } of images) {
    if (!camera.has(cameraId)) throw fail('images', 'a camera of cameras', `camera ${cameraId} in image ${id}`)
    for (const pointId of pointIds)
      if (pointId >= 0 && !point.has(pointId))
        throw fail('images', 'a point of points3D', `point ${pointId} in image ${id}`)
  }
  for (let i = 0; i < points.ids.length; i++)
    for (let k = points.trackStarts[i]; k < points.trackStarts[i + 1]; k++) {
      const seen = images[image.get(points.tracks[2 * k]) ?? -1]
      const keyPoint = points.tracks[2 * k + 1]
      if (seen?.pointIds[keyPoint] !== points.ids[i])
        throw fail(
          'points3D',
          'tracks that images agree with',
          `point ${points.ids[i]} at key point ${keyPoint} of image ${points.tracks[2 * k]}`,
        )
    }
}
