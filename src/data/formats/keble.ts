import { matrixToQuaternion, SE3, Sim3 } from '../../geometry/index.ts'
import { between } from '../../graph/index.ts'
import { InputError } from '../errors.ts'
import type { ReadOptions, Source } from '../source.ts'
import { readLines, showText, type TextLine } from '../text/index.ts'
import { PoseGraphBuilder } from './pose-graph-builder.ts'
import type { PoseGraphFile } from './pose-graph-file.ts'

/**
 * Reads the monocular loop of Keble College (H. Strasdat, J. Montiel, A. Davison, "Scale drift-aware large scale monocular
 * SLAM", RSS 2010) as a Sim(3) pose graph.
 *
 * The file has sections: `Poses`, n + 1 matrices [R|t] of three lines, cameraFromWorld of key frames 0 … n−1 as a monocular
 * front end left them, and last key frame n−1 once more as seen from the loop's beginning; `Scale`, the loop's scale s;
 * `LoopId`, the key frame ℓ that the last one meets again; `Points` (x y z) and `Obs` (point, key frame : u v).
 *
 * The graph is the paper's (section V): a variable worldFromCamera ∈ Sim(3) for each key frame, at the front end's pose with
 * scale 1; an edge between neighbours, Z = Xᵢ⁻¹ Xᵢ₊₁ with scale 1; and the loop closure from ℓ to n−1, whose motion is
 * Xℓ⁻¹ X′ₙ₋₁ and whose scale is 1/s: lengths in the last camera's frame are too short by s. All information matrices are
 * the identity. Points and observations are checked, counted and left out: this is the pose graph alone.
 *
 * Throws InputError: a section missing, out of order or of the wrong length, rotations that are none, indices out of range.
 */
export async function readKeble(source: Source, options: ReadOptions = {}): Promise<PoseGraphFile> {
  const reader = new KebleReader(options.name ?? 'input')
  const size = await readLines(source, (line) => reader.visit(line), { ...options, separators: ',:' })
  return reader.finish(options, size)
}

const SECTIONS = ['Poses', 'Scale', 'LoopId', 'Points', 'Obs'] as const

class KebleReader {
  private readonly name: string
  private readonly rows: number[] = []
  private readonly row = new Float64Array(4)
  private section = -1
  private posesLine = 0
  private scale = Number.NaN
  private loop = -1
  private loopLine = 0
  private points = 0
  private observations = 0

  constructor(name: string) {
    this.name = name
  }

  visit(line: TextLine): void {
    const next = SECTIONS[this.section + 1]
    if (next !== undefined && this.entered(line, next)) return
    line.rewind()
    const section = SECTIONS[this.section]
    if (section === undefined) throw line.fail("the section 'Poses'", showText(line.text()))
    this[section](line)
    line.end(`a line of the section ${section}`)
  }

  finish(options: ReadOptions, size: { lines: number; bytes: number }): PoseGraphFile {
    const missing = SECTIONS[this.section + 1]
    if (missing) throw this.fail(size.lines, `the section '${missing}'`, 'the end of the file')
    if (this.rows.length % 12 !== 0 || this.rows.length < 36)
      throw this.fail(this.posesLine, 'three or more poses of 3 × 4 numbers', `${this.rows.length} numbers`)
    if (Number.isNaN(this.scale)) throw this.fail(this.loopLine, 'a scale', 'an empty section')
    const last = this.rows.length / 12 - 2
    if (!(this.loop >= 0 && this.loop < last))
      throw this.fail(
        this.loopLine,
        `a key frame before the last, ${last}`,
        this.loop < 0 ? 'an empty section' : String(this.loop),
      )
    return this.graph(options, size, last)
  }

  private graph(options: ReadOptions, size: { lines: number; bytes: number }, last: number): PoseGraphFile {
    const builder = new PoseGraphBuilder('keble', options)
    const type = between(Sim3)
    const poses = Array.from({ length: last + 2 }, (_, k) => this.worldFromCamera(k))
    poses.forEach((pose, k) => {
      if (k <= last) builder.declare(this.posesLine + 1, k, Sim3, pose)
    })
    const z = new Float64Array(8)
    for (let k = 0; k < last; k++) {
      Sim3.inverse(poses[k], 0, z, 0)
      Sim3.compose(z, 0, poses[k + 1], 0, z, 0)
      builder.graph.addFactorAt(type, [k, k + 1], z)
    }
    Sim3.inverse(poses[this.loop], 0, z, 0)
    Sim3.compose(z, 0, poses[last + 1], 0, z, 0)
    z[7] = 1 / this.scale
    builder.graph.addFactorAt(type, [this.loop, last], z)
    builder.warnings.push(
      `${this.points} points and ${this.observations} observations left out: this is the pose graph alone`,
    )
    return builder.finish(size)
  }

  private entered(line: TextLine, next: string): boolean {
    if (line.word('a section or a number') !== next || !line.done) return false
    this.section++
    if (next === 'Poses') this.posesLine = line.number
    else if (next === 'LoopId' || next === 'Scale') this.loopLine = line.number
    return true
  }

  private Poses(line: TextLine): void {
    line.reals(this.row, 0, 4, 'a row of [R|t]')
    if (Math.abs(this.row[3]) > 1e100) throw line.fail('a translation below 1e100', String(this.row[3]))
    this.rows.push(...this.row)
    if (this.rows.length % 12 === 0) this.checkRotation(line)
  }

  private Scale(line: TextLine): void {
    if (!Number.isNaN(this.scale)) throw line.fail("one number, then the section 'LoopId'", showText(line.text()))
    const scale = line.real('the scale')
    if (!(scale > 1e-6 && scale < 1e6)) throw line.fail('a scale in (1e-6, 1e6)', String(scale))
    this.scale = scale
  }

  private LoopId(line: TextLine): void {
    if (this.loop >= 0) throw line.fail("one number, then the section 'Points'", showText(line.text()))
    this.loop = line.integer('a key frame')
  }

  private Points(line: TextLine): void {
    line.reals(this.row, 0, 3, 'x y z')
    this.points++
  }

  private Obs(line: TextLine): void {
    line.integer('a point', 0, this.points - 1)
    line.integer('a key frame', 0, this.rows.length / 12 - 2)
    line.reals(this.row, 0, 2, 'u v')
    this.observations++
  }

  /** RRᵀ = I to the six digits that the file prints. */
  private checkRotation(line: TextLine): void {
    const at = this.rows.length - 12
    for (let i = 0; i < 3; i++)
      for (let j = i; j < 3; j++) {
        let dot = 0
        for (let k = 0; k < 3; k++) dot += this.rows[at + 4 * i + k] * this.rows[at + 4 * j + k]
        if (!(Math.abs(dot - (i === j ? 1 : 0)) < 1e-4))
          throw line.fail('a rotation matrix', `rows ${i} and ${j} with the product ${dot.toPrecision(6)}`)
      }
  }

  private worldFromCamera(k: number): Float64Array {
    const R = new Float64Array(9)
    const pose = Float64Array.of(0, 0, 0, 0, 0, 0, 1, 1)
    for (let i = 0; i < 3; i++) {
      for (let j = 0; j < 3; j++) R[3 * i + j] = this.rows[12 * k + 4 * i + j]
      pose[i] = this.rows[12 * k + 4 * i + 3]
    }
    matrixToQuaternion(R, 0, pose, 3)
    SE3.inverse(pose, 0, pose, 0)
    return pose
  }

  private fail(line: number, expected: string, found: string): InputError {
    return new InputError(this.name, line, expected, found)
  }
}
