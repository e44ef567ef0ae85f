import { GrowableFloat64, UsageError } from '../../numeric/index.ts'
import { decimal } from '../decimal.ts'
import type { ReadOptions, Source } from '../source.ts'
import { readLines, showText, type TextLine } from '../text/index.ts'
import type { ColmapSources } from './colmap-model.ts'
import {
  type ColmapCamera,
  type ColmapImage,
  type ColmapModel,
  type ColmapPoints,
  colmapModelNames,
  modelByName,
} from './colmap-model.ts'

/** cameras.txt, images.txt, points3D.txt: fields behind each other, comments after '#'. */
export async function readTextModel(sources: ColmapSources, options: ReadOptions): Promise<ColmapModel> {
  const { name = 'model' } = options
  const cameras = await readCameras(sources.cameras, { ...options, name: `${name}/cameras` })
  const images = await readImages(sources.images, { ...options, name: `${name}/images` })
  const points = await readPoints(sources.points, { ...options, name: `${name}/points3D` })
  return { cameras, images, points }
}

/** Key points of one image stand on one line: 64 MiB is over a million of them. */
const longestLine = 1 << 26

/** Ids are small whole numbers in COLMAP; larger ones would not fit its own 32 bits. */
const largestId = 2 ** 32 - 1

async function readCameras(source: Source, options: ReadOptions): Promise<ColmapCamera[]> {
  const cameras: ColmapCamera[] = []
  const visit = (line: TextLine) => {
    const id = line.integer('id of a camera', 0, largestId)
    const word = line.word('a camera model')
    const model = modelByName(word)
    if (!model) throw line.fail(`a camera model (${colmapModelNames})`, showText(word))
    const width = line.integer('width of a camera')
    const height = line.integer('height of a camera')
    const parameters = new Float64Array(model.parameters)
    line.reals(parameters, 0, parameters.length, `the parameters of ${model.name}`)
    line.end(`the parameters of ${model.name}`)
    cameras.push({ id, model: model.name, width, height, parameters })
  }
  await readLines(source, visit, { ...options, comment: '#', longestLine })
  return cameras
}

async function readImages(source: Source, options: ReadOptions): Promise<ColmapImage[]> {
  const images: ColmapImage[] = []
  const pose = new Float64Array(7)
  let image: Omit<ColmapImage, 'pixels' | 'pointIds'> | null = null
  const visit = (line: TextLine) => {
    // The second line of an image may be empty; before a first line, empty ones and comments mean nothing.
    if (image) {
      images.push({ ...image, ...readKeyPoints(line) })
      image = null
    } else if (!line.done && !isComment(line)) {
      const id = line.integer('id of an image', 0, largestId)
      line.reals(pose, 0, 7, 'qw qx qy qz tx ty tz')
      const length = Math.hypot(pose[0], pose[1], pose[2], pose[3])
      if (!(Math.abs(length - 1) < 0.1)) throw line.fail('a quaternion of length 1', `one of length ${length}`)
      const camera = line.integer('id of a camera', 0, largestId)
      let name = line.word('name of an image')
      while (!line.done) name += ` ${line.word('name of an image')}`
      const [qw, qx, qy, qz, tx, ty, tz] = pose
      image = { id, name, camera, cameraFromWorld: Float64Array.of(tx, ty, tz, qx, qy, qz, qw) }
    }
  }
  const { lines } = await readLines(source, visit, { ...options, blank: true, longestLine })
  // The last line of a file may be empty and without an end.
  const last = image as Omit<ColmapImage, 'pixels' | 'pointIds'> | null
  if (last && lines > 0) images.push({ ...last, pixels: new Float64Array(0), pointIds: new Float64Array(0) })
  return images
}

/** Only whole lines are comments here: a name may have a word that starts with '#'. */
function isComment(line: TextLine): boolean {
  const comment = line.word('id of an image').startsWith('#')
  line.rewind()
  return comment
}

function readKeyPoints(line: TextLine): Pick<ColmapImage, 'pixels' | 'pointIds'> {
  const pixels = new GrowableFloat64(256)
  const pointIds = new GrowableFloat64(128)
  while (!line.done) {
    pixels.push(line.real('x of a key point'))
    pixels.push(line.real('y of a key point'))
    pointIds.push(line.integer('id of a point, or -1', -1))
  }
  return { pixels: pixels.view().slice(), pointIds: pointIds.view().slice() }
}

async function readPoints(source: Source, options: ReadOptions): Promise<ColmapPoints> {
  const ids = new GrowableFloat64(1024)
  const positions = new GrowableFloat64(1024)
  const colors: number[] = []
  const errors = new GrowableFloat64(1024)
  const trackStarts = new GrowableFloat64(1024)
  const tracks = new GrowableFloat64(1024)
  const position = new Float64Array(3)
  const visit = (line: TextLine) => {
    ids.push(line.integer('id of a point'))
    line.reals(position, 0, 3, 'position of a point')
    positions.append(position)
    for (let k = 0; k < 3; k++) colors.push(line.integer('a color', 0, 255))
    errors.push(line.real('error of a point'))
    trackStarts.push(tracks.length / 2)
    while (!line.done) {
      tracks.push(line.integer('id of an image', 0, largestId))
      tracks.push(line.integer('index of a key point', 0, largestId))
    }
  }
  await readLines(source, visit, { ...options, comment: '#', longestLine })
  trackStarts.push(tracks.length / 2)
  return {
    ids: ids.view().slice(),
    positions: positions.view().slice(),
    colors: Uint8Array.from(colors),
    errors: errors.view().slice(),
    trackStarts: trackStarts.view().slice(),
    tracks: tracks.view().slice(),
  }
}

/** A model as COLMAP's three text files, each in pieces. */
export interface ColmapTexts {
  readonly cameras: Iterable<string>
  readonly images: Iterable<string>
  readonly points: Iterable<string>
}

/**
 * Every number reads back exactly.
 * @throws UsageError for an image name that a line of text cannot hold: empty, with control characters or double spaces
 */
export function writeColmap(model: ColmapModel): ColmapTexts {
  for (const { name } of model.images)
    if (!fitsLine(name))
      throw new UsageError(`the image name ${showText(name)} has no place in COLMAP's text format: rename the image`)
  return { cameras: cameraLines(model), images: imageLines(model), points: pointLines(model) }
}

function fitsLine(name: string): boolean {
  for (let i = 0; i < name.length; i++) if (name.charCodeAt(i) < 32 || name.charCodeAt(i) === 127) return false
  return name.split(' ').every((word) => word.length > 0)
}

function* cameraLines({ cameras }: ColmapModel): Generator<string> {
  yield '# CAMERA_ID MODEL WIDTH HEIGHT PARAMS[]\n'
  for (const { id, model, width, height, parameters } of cameras)
    yield `${id} ${model} ${width} ${height} ${Array.from(parameters, decimal).join(' ')}\n`
}

function* imageLines({ images }: ColmapModel): Generator<string> {
  yield '# IMAGE_ID QW QX QY QZ TX TY TZ CAMERA_ID NAME\n# POINTS2D[] as X Y POINT3D_ID\n'
  for (const { id, cameraFromWorld, camera, name, pixels, pointIds } of images) {
    const [tx, ty, tz, qx, qy, qz, qw] = cameraFromWorld
    yield `${id} ${[qw, qx, qy, qz, tx, ty, tz].map(decimal).join(' ')} ${camera} ${name}\n`
    const keyPoints = Array.from(pointIds, (p, k) => `${decimal(pixels[2 * k])} ${decimal(pixels[2 * k + 1])} ${p}`)
    yield `${keyPoints.join(' ')}\n`
  }
}

function* pointLines({ points }: ColmapModel): Generator<string> {
  const { ids, positions, colors, errors, trackStarts, tracks } = points
  yield '# POINT3D_ID X Y Z R G B ERROR TRACK[] as IMAGE_ID POINT2D_IDX\n'
  for (let i = 0; i < ids.length; i++) {
    const fields = [String(ids[i])]
    for (let k = 0; k < 3; k++) fields.push(decimal(positions[3 * i + k]))
    for (let k = 0; k < 3; k++) fields.push(String(colors[3 * i + k]))
    fields.push(decimal(errors[i]))
    for (let k = 2 * trackStarts[i]; k < 2 * trackStarts[i + 1]; k++) fields.push(String(tracks[k]))
    yield `${fields.join(' ')}\n`
  }
}
