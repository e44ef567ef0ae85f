import { euclidean, quaternionConjugate, rotateBack, SE3, so3Exp } from '../../geometry/index.ts'
import { Graph, reprojection } from '../../graph/index.ts'
import { GrowableFloat64, GrowableInt32 } from '../../numeric/index.ts'
import { InputError } from '../errors.ts'
import type { ReadOptions, Source } from '../source.ts'
import { readLines, showText, type TextLine } from '../text/index.ts'
import { type BundleFile, tooLarge } from './bal.ts'

/**
 * Reads a window of key frames as J. Ortiz et al. publish them ("Bundle Adjustment on a Graph Processor", CVPR 2020): after
 * comments ('#') a line of three counts, a line "fx fy cx cy", a line "camera point u v" per observation, then six numbers
 * per camera (translation, then angle times axis, of cameraFromWorld) and three per point, in lines of any length.
 *
 * The camera looks along +z. Camera i becomes variable 'ci' (worldFromCamera), point j 'pj'; cameras stand before points.
 * @throws InputError for counts that the file does not keep, indices out of range, and numbers that are none
 */
export async function readTumWindow(source: Source, options: ReadOptions = {}): Promise<BundleFile> {
  const reading = new WindowReading(options.name ?? 'input')
  const { lines, bytes } = await readLines(source, (line) => reading.line(line), { ...options, comment: '#' })
  const graph = reading.finish(lines)
  const { cameras, points, observations } = reading
  const report = { lines, bytes, unknownTags: [], repaired: 0, warnings: [] }
  return { graph, cameras, points, observations, report }
}

class WindowReading {
  cameras = 0
  points = 0
  observations = -1
  private readonly name: string
  private readonly calibration = new Float64Array(4)
  private calibrated = false
  private readonly ends = new GrowableInt32(1024)
  private readonly pixels = new GrowableFloat64(1024)
  private readonly numbers = new GrowableFloat64(1024)
  private readonly pixel = new Float64Array(2)

  constructor(name: string) {
    this.name = name
  }

  line(line: TextLine): void {
    if (this.observations < 0) this.header(line)
    else if (!this.calibrated) this.intrinsics(line)
    else if (this.ends.length < 2 * this.observations) this.observation(line)
    else this.values(line)
  }

  private header(line: TextLine): void {
    this.cameras = line.integer('the number of cameras', 1, MOST)
    this.points = line.integer('the number of points', 1, MOST)
    this.observations = line.integer('the number of observations', 1, MOST)
    line.end('the numbers of cameras, points and observations')
  }

  private intrinsics(line: TextLine): void {
    line.reals(this.calibration, 0, 4, 'fx fy cx cy')
    line.end('fx fy cx cy')
    this.calibrated = true
  }

  private observation(line: TextLine): void {
    this.ends.push(line.integer('index of a camera', 0, this.cameras - 1))
    this.ends.push(line.integer('index of a point', 0, this.points - 1))
    line.reals(this.pixel, 0, 2, 'the observed pixel u v')
    line.end('an observation (camera, point, u, v)')
    this.pixels.append(this.pixel)
  }

  private get expected(): number {
    return 6 * this.cameras + 3 * this.points
  }

  private values(line: TextLine): void {
    while (!line.done) {
      if (this.numbers.length === this.expected)
        throw line.fail(
          `the end of the file after ${this.cameras} cameras and ${this.points} points`,
          `another number (${showText(line.word('a number'))})`,
        )
      this.numbers.push(line.real('a number of a camera (6) or a point (3)'))
    }
  }

  finish(lines: number): Graph {
    const { name, ends, numbers, observations } = this
    if (observations < 0) throw new InputError(name, 0, 'a line of three counts', 'an empty file')
    if (!this.calibrated) throw new InputError(name, lines, 'fx fy cx cy', 'the end of the file')
    if (ends.length < 2 * observations)
      throw new InputError(name, lines, `${observations} observations`, `the end of the file after ${ends.length / 2}`)
    if (numbers.length < this.expected)
      throw new InputError(
        name,
        lines,
        `${this.expected} numbers of cameras and points`,
        `the end of the file after ${numbers.length}`,
      )
    return this.build()
  }

  private build(): Graph {
    const graph = new Graph()
    const numbers = this.numbers.view()
    const pose = new Float64Array(7)
    for (let i = 0; i < this.cameras; i++) {
      so3Exp(numbers, 6 * i + 3, pose, 3)
      rotateBack(pose, 3, numbers, 6 * i, pose, 0)
      for (let k = 0; k < 3; k++) pose[k] = -pose[k]
      quaternionConjugate(pose, 3, pose, 3)
      if (!pose.every(Number.isFinite)) throw tooLarge(this.name, i)
      graph.addVariable(`c${i}`, SE3, pose)
    }
    const first = 6 * this.cameras
    for (let j = 0; j < this.points; j++)
      graph.addVariable(`p${j}`, euclidean(3), numbers.subarray(first + 3 * j, first + 3 * j + 3))
    const ends = this.ends.view()
    const pixels = this.pixels.view()
    const data = Float64Array.of(0, 0, ...this.calibration)
    for (let k = 0; k < this.observations; k++) {
      data[0] = pixels[2 * k]
      data[1] = pixels[2 * k + 1]
      graph.addFactorAt(reprojection, [ends[2 * k], this.cameras + ends[2 * k + 1]], data)
    }
    return graph
  }
}

/** Variables are counted in 32 bits. */
const MOST = 2 ** 31 - 1
