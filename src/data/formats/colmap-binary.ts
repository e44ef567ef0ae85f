import { GrowableFloat64 } from '../../numeric/index.ts'
import { InputError } from '../errors.ts'
import type { ReadOptions } from '../source.ts'
import { bytesOf, decodeText } from '../text/index.ts'
import type { ColmapSources } from './colmap-model.ts'
import { type ColmapCamera, type ColmapImage, type ColmapModel, type ColmapPoints, modelById } from './colmap-model.ts'

/** cameras.bin, images.bin, points3D.bin: little endian, counts in 64 bits, no padding. */
export async function readBinaryModel(sources: ColmapSources, options: ReadOptions): Promise<ColmapModel> {
  const { name = 'model' } = options
  const cameras = readCameras(new Cursor(`${name}/cameras`, await bytesOf(sources.cameras)))
  const images = readImages(new Cursor(`${name}/images`, await bytesOf(sources.images)))
  const points = readPoints(new Cursor(`${name}/points3D`, await bytesOf(sources.points)))
  return { cameras, images, points }
}

function readCameras(file: Cursor): ColmapCamera[] {
  const cameras: ColmapCamera[] = []
  for (let left = file.count('cameras', 24); left > 0; left--) {
    const id = file.uint32('id of a camera')
    const modelId = file.uint32('model of a camera')
    const model = modelById(modelId)
    if (!model) throw file.fail('a camera model from 0 to 10', `${modelId}`)
    const width = file.uint64('width of a camera')
    const height = file.uint64('height of a camera')
    const parameters = new Float64Array(model.parameters)
    for (let k = 0; k < parameters.length; k++) parameters[k] = file.real('a parameter of a camera')
    cameras.push({ id, model: model.name, width, height, parameters })
  }
  file.end()
  return cameras
}

function readImages(file: Cursor): ColmapImage[] {
  const images: ColmapImage[] = []
  for (let left = file.count('images', 73); left > 0; left--) {
    const id = file.uint32('id of an image')
    const cameraFromWorld = new Float64Array(7)
    for (const k of [6, 3, 4, 5]) cameraFromWorld[k] = file.real('a quaternion')
    for (const k of [0, 1, 2]) cameraFromWorld[k] = file.real('a translation')
    file.checkQuaternion(cameraFromWorld, id)
    const camera = file.uint32('id of a camera')
    const name = file.text('name of an image')
    const count = file.count('key points', 24)
    const pixels = new Float64Array(2 * count)
    const pointIds = new Float64Array(count)
    for (let k = 0; k < count; k++) {
      pixels[2 * k] = file.real('a pixel')
      pixels[2 * k + 1] = file.real('a pixel')
      pointIds[k] = file.pointIdOrNone()
    }
    images.push({ id, name, camera, cameraFromWorld, pixels, pointIds })
  }
  file.end()
  return images
}

function readPoints(file: Cursor): ColmapPoints {
  const n = file.count('points', 51)
  const ids = new Float64Array(n)
  const positions = new Float64Array(3 * n)
  const colors = new Uint8Array(3 * n)
  const errors = new Float64Array(n)
  const trackStarts = new Float64Array(n + 1)
  const tracks = new GrowableFloat64(4 * n + 16)
  for (let i = 0; i < n; i++) {
    ids[i] = file.uint64('id of a point')
    for (let k = 0; k < 3; k++) positions[3 * i + k] = file.real('a position')
    for (let k = 0; k < 3; k++) colors[3 * i + k] = file.uint8('a color')
    errors[i] = file.real('error of a point')
    const length = file.count('key points of a track', 8)
    for (let k = 0; k < length; k++) {
      tracks.push(file.uint32('id of an image'))
      tracks.push(file.uint32('index of a key point'))
    }
    trackStarts[i + 1] = trackStarts[i] + length
  }
  file.end()
  return { ids, positions, colors, errors, trackStarts, tracks: tracks.view().slice() }
}

/** Reads numbers one behind the other; every mistake names the file and the offset. */
class Cursor {
  private readonly file: string
  private readonly bytes: Uint8Array
  private readonly view: DataView
  private at = 0

  constructor(file: string, bytes: Uint8Array) {
    this.file = file
    this.bytes = bytes
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  fail(expected: string, found: string): InputError {
    return new InputError(this.file, 0, `${expected} before offset ${this.at}`, found)
  }

  private take(size: number, what: string): number {
    const at = this.at
    if (at + size > this.bytes.length)
      throw new InputError(
        this.file,
        0,
        `${what} at offset ${at}`,
        `the end of the file after ${this.bytes.length} bytes`,
      )
    this.at = at + size
    return at
  }

  uint8(what: string): number {
    return this.bytes[this.take(1, what)]
  }

  uint32(what: string): number {
    return this.view.getUint32(this.take(4, what), true)
  }

  uint64(what: string): number {
    const at = this.take(8, what)
    const value = this.view.getUint32(at, true) + 2 ** 32 * this.view.getUint32(at + 4, true)
    if (!Number.isSafeInteger(value)) throw this.fail(`${what} below 2^53`, `${value}`)
    return value
  }

  real(what: string): number {
    const value = this.view.getFloat64(this.take(8, what), true)
    if (!Number.isFinite(value)) throw this.fail(`a finite number (${what})`, `${value}`)
    return value
  }

  /** All bits set where a key point has no point. */
  pointIdOrNone(): number {
    const at = this.at
    if (at + 8 <= this.bytes.length && this.view.getInt32(at, true) === -1 && this.view.getInt32(at + 4, true) === -1) {
      this.at += 8
      return -1
    }
    return this.uint64('id of a point')
  }

  /** A number of things of at least `size` bytes each; refused where the file is too short for them. */
  count(what: string, size: number): number {
    const count = this.uint64(`the number of ${what}`)
    const left = this.bytes.length - this.at
    if (count * size > left) throw this.fail(`at most ${Math.floor(left / size)} ${what} in ${left} bytes`, `${count}`)
    return count
  }

  /** Text up to a zero byte. */
  text(what: string): string {
    const end = this.bytes.indexOf(0, this.at)
    if (end < 0) throw this.fail(`a zero byte after the ${what}`, 'the end of the file')
    const text = decodeText(this.bytes, this.at, end)
    this.at = end + 1
    return text
  }

  checkQuaternion(pose: Float64Array, id: number): void {
    const length = Math.hypot(pose[3], pose[4], pose[5], pose[6])
    if (!(Math.abs(length - 1) < 0.1))
      throw this.fail('a quaternion of length 1', `one of length ${length} in image ${id}`)
  }

  end(): void {
    if (this.at < this.bytes.length) throw this.fail('the end of the file', `${this.bytes.length - this.at} more bytes`)
  }
}
