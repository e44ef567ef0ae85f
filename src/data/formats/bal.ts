import { quaternionConjugate, rotateBack, so3Exp, so3Log } from '../../geometry/index.ts'
import { Graph, reprojectionBal, type Values } from '../../graph/index.ts'
import { GrowableFloat64, GrowableInt32, UsageError } from '../../numeric/index.ts'
import { decimal } from '../decimal.ts'
import { InputError } from '../errors.ts'
import type { ReadOptions, ReadReport, Source } from '../source.ts'
import { readLines, showText, type TextLine } from '../text/index.ts'

/** A bundle adjustment problem as a graph, with the names of its parts. */
export interface BundleFile {
  readonly graph: Graph
  readonly cameras: number
  readonly points: number
  readonly observations: number
  readonly report: ReadReport
}

const [balCamera, point] = reprojectionBal.variables
/** Numbers of a camera in the file. */
const cameraSize = 9

/**
 * Reads a problem of "Bundle Adjustment in the Large" (S. Agarwal et al., ECCV 2010): a line of three counts, a line
 * "camera point u v" per observation, then nine numbers per camera (rotation as angle times axis, translation, focal
 * length, k1, k2) and three per point, in lines of any length.
 *
 * The file's cameraFromWorld becomes worldFromCamera. Camera i is variable 'ci' (pose, f, k1, k2), point j is 'pj'; all
 * cameras stand before all points. Observations (u, v) in pixels, from the centre of the image, y up.
 * @throws InputError for counts that the file does not keep, indices out of range, and numbers that are none
 */
export async function readBal(source: Source, options: ReadOptions = {}): Promise<BundleFile> {
  const { name = 'input' } = options
  const reading = new BalReading(name)
  const { lines, bytes } = await readLines(source, (line) => reading.line(line), options)
  const graph = reading.finish(lines)
  const { cameras, points, observations, warnings } = reading
  return { graph, cameras, points, observations, report: { lines, bytes, unknownTags: [], repaired: 0, warnings } }
}

/** The lines so far. Columns grow with the file, not with its first line, which may promise anything. */
class BalReading {
  cameras = 0
  points = 0
  observations = -1
  readonly warnings: string[] = []
  private readonly name: string
  private readonly ends = new GrowableInt32(1024)
  private readonly pixels = new GrowableFloat64(1024)
  private readonly parameters = new GrowableFloat64(1024)
  private readonly numbers = new Float64Array(2)
  private seen = 0
  private expected = 0

  constructor(name: string) {
    this.name = name
  }

  line(line: TextLine): void {
    if (this.observations < 0) this.header(line)
    else if (this.seen < this.observations) this.observation(line)
    else this.values(line)
  }

  private header(line: TextLine): void {
    this.cameras = line.integer('the number of cameras', 1, MOST)
    this.points = line.integer('the number of points', 1, MOST)
    this.observations = line.integer('the number of observations', 1, MOST)
    line.end('the numbers of cameras, points and observations')
    this.expected = cameraSize * this.cameras + 3 * this.points
  }

  private observation(line: TextLine): void {
    this.ends.push(line.integer('index of a camera', 0, this.cameras - 1))
    this.ends.push(line.integer('index of a point', 0, this.points - 1))
    line.reals(this.numbers, 0, 2, 'the observed pixel u v')
    line.end('an observation (camera, point, u, v)')
    this.pixels.append(this.numbers)
    this.seen++
  }

  private values(line: TextLine): void {
    while (!line.done) {
      if (this.parameters.length === this.expected)
        throw line.fail(
          `the end of the file after ${this.cameras} cameras and ${this.points} points`,
          `another number (${showText(line.word('a number'))})`,
        )
      this.parameters.push(line.real(this.nextName()))
    }
  }

  /** What the next number is, for messages. */
  private nextName(): string {
    const k = this.parameters.length
    const first = cameraSize * this.cameras
    return k < first
      ? `number ${(k % cameraSize) + 1} of ${cameraSize} of camera ${Math.floor(k / cameraSize)}`
      : `number ${((k - first) % 3) + 1} of 3 of point ${Math.floor((k - first) / 3)}`
  }

  finish(lines: number): Graph {
    const { name } = this
    if (this.observations < 0)
      throw new InputError(name, 0, 'a line with the numbers of cameras, points and observations', 'an empty file')
    if (this.seen < this.observations)
      throw new InputError(name, lines, `${this.observations} observations`, `the end of the file after ${this.seen}`)
    if (this.parameters.length < this.expected)
      throw new InputError(name, lines, this.nextName(), 'the end of the file')
    return this.build()
  }

  private build(): Graph {
    const graph = new Graph()
    const parameters = this.parameters.view()
    const camera = new Float64Array(balCamera.ambient)
    for (let i = 0; i < this.cameras; i++) {
      cameraFromFile(parameters, cameraSize * i, camera)
      if (!camera.every(Number.isFinite)) throw tooLarge(this.name, i)
      graph.addVariable(`c${i}`, balCamera, camera)
    }
    const firstPoint = cameraSize * this.cameras
    for (let j = 0; j < this.points; j++)
      graph.addVariable(`p${j}`, point, parameters.subarray(firstPoint + 3 * j, firstPoint + 3 * j + 3))
    const ends = this.ends.view()
    const pixels = this.pixels.view()
    const observed = new Uint8Array(this.cameras + this.points)
    const indices = [0, 0]
    for (let k = 0; k < this.observations; k++) {
      indices[0] = ends[2 * k]
      indices[1] = this.cameras + ends[2 * k + 1]
      observed[indices[0]] = observed[indices[1]] = 1
      graph.addFactorAt(reprojectionBal, indices, pixels.subarray(2 * k, 2 * k + 2))
    }
    this.warn(observed)
    return graph
  }

  private warn(observed: Uint8Array): void {
    const unseen = (from: number, count: number) =>
      observed.subarray(from, from + count).reduce((sum, seen) => sum + 1 - seen, 0)
    const blind = unseen(0, this.cameras)
    const loose = unseen(this.cameras, this.points)
    if (blind > 0) this.warnings.push(`${blind} of ${this.cameras} cameras observe nothing`)
    if (loose > 0) this.warnings.push(`${loose} of ${this.points} points are not observed`)
  }
}

/** Variables are counted in 32 bits. */
const MOST = 2 ** 31 - 1

/** Numbers like 1e300 are finite, and their squares are not. */
export function tooLarge(name: string, camera: number): InputError {
  return new InputError(name, 0, 'poses of a size that can be computed with', `larger numbers in camera ${camera}`)
}

/** Angle-axis ω, t of x_camera = R(ω) x_world + t, then f, k1, k2 → worldFromCamera [−Rᵀt, q⁻¹], f, k1, k2. */
function cameraFromFile(file: Float64Array, at: number, out: Float64Array): void {
  so3Exp(file, at, out, 3)
  rotateBack(out, 3, file, at + 3, out, 0)
  for (let k = 0; k < 3; k++) out[k] = -out[k]
  quaternionConjugate(out, 3, out, 3)
  for (let k = 0; k < 3; k++) out[7 + k] = file[at + 6 + k]
}

function cameraToFile(camera: Float64Array, at: number, out: Float64Array): void {
  const q = new Float64Array(4)
  quaternionConjugate(camera, at + 3, q, 0)
  so3Log(q, 0, out, 0)
  rotateBack(camera, at + 3, camera, at, out, 3)
  for (let k = 3; k < 6; k++) out[k] = -out[k]
  for (let k = 0; k < 3; k++) out[6 + k] = camera[at + 7 + k]
}

/**
 * A graph of BAL reprojections as a BAL file, in pieces. Cameras and points are numbered in the order of the graph's
 * variables; numbers are written so that they are read back exactly (the pose's passage through angle-axis rounds).
 * @param values where they come from, default the graph's own
 * @throws UsageError for a graph that holds anything else, or weighted or robust factors: the format has no place for them
 */
export function* writeBal(graph: Graph, values: Values = graph.values): Generator<string> {
  const { numberOf, cameras, points } = numberVariables(values)
  const observations = checkFactors(graph)
  yield `${cameras.length} ${points.length} ${observations}\n`
  for (const batch of graph.batches) {
    const ends = batch.variables.view()
    const pixels = batch.data.view()
    for (let k = 0; k < batch.count; k++)
      yield `${numberOf[ends[2 * k]]} ${numberOf[ends[2 * k + 1]]} ${decimal(pixels[2 * k])} ${decimal(pixels[2 * k + 1])}\n`
  }
  const numbers = new Float64Array(cameraSize)
  for (const index of cameras) {
    cameraToFile(values.data, values.offset(index), numbers)
    yield `${Array.from(numbers, decimal).join('\n')}\n`
  }
  for (const index of points) {
    const at = values.offset(index)
    yield `${Array.from(values.data.subarray(at, at + 3), decimal).join('\n')}\n`
  }
}

function numberVariables(values: Values): { numberOf: Int32Array; cameras: number[]; points: number[] } {
  const numberOf = new Int32Array(values.count)
  const cameras: number[] = []
  const points: number[] = []
  for (let i = 0; i < values.count; i++) {
    const { name } = values.manifold(i)
    const kind = name === balCamera.name ? cameras : name === point.name ? points : null
    if (!kind) throw new UsageError(`a BAL file holds ${balCamera.name} cameras and ${point.name} points, not ${name}`)
    numberOf[i] = kind.length
    kind.push(i)
  }
  return { numberOf, cameras, points }
}

function checkFactors(graph: Graph): number {
  let observations = 0
  for (const { type, loss, information, count } of graph.batches) {
    if (type.name !== reprojectionBal.name)
      throw new UsageError(`a BAL file holds ${reprojectionBal.name} factors only; this graph has ${type.name}`)
    if (loss || information) throw new UsageError('a BAL file has no place for robust losses and information matrices')
    observations += count
  }
  return observations
}
