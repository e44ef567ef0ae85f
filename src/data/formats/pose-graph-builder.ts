import { euclidean, type LieGroup, type Manifold, SE2, SE3 } from '../../geometry/index.ts'
import { checkInformation, clipInformation, type FactorType, Graph, type Key, showKey } from '../../graph/index.ts'
import { InputError } from '../errors.ts'
import type { ReadOptions } from '../source.ts'
import { showText, type TextLine } from '../text/index.ts'
import type { G2oParameter, PoseGraphFile, PoseGraphFormat } from './pose-graph-file.ts'

export const R2: LieGroup = euclidean(2)
export const R3: LieGroup = euclidean(3)

/** More different unknown tags than this are counted together; as many lines of nothing else are not a pose graph. */
const MOST_TAGS = 1000

/**
 * Collects the lines of a pose graph file into a graph, in one pass and any order: an edge may come before its vertices,
 * which then stand at the identity until their line comes. What is wrong in itself throws InputError at its line; what
 * only the end of the file can tell (edges to nowhere, indefinite information) throws there.
 */
export class PoseGraphBuilder {
  readonly graph: Graph = new Graph()
  readonly warnings: string[] = []
  readonly parameters: G2oParameter[] = []
  private readonly file: string
  private readonly format: PoseGraphFormat
  private readonly repair: boolean
  /** For each variable the line of its VERTEX, or minus the line that named it first. */
  private readonly lineOf: number[] = []
  private readonly fixes: { readonly id: Key; readonly line: number }[] = []
  private readonly later: (() => void)[] = []
  private readonly unknown = new Map<string, { count: number; firstLine: number }>()
  private readonly information: InformationGate
  private declared = 0

  constructor(format: PoseGraphFormat, { name = 'input', repairInformation = false }: ReadOptions) {
    this.file = name
    this.format = format
    this.repair = repairInformation
    this.information = new InformationGate(this.repair)
  }

  /** A VERTEX line: the variable's value. */
  vertex(line: TextLine, id: Key, manifold: Manifold, value: Float64Array): void {
    const { values } = this.graph
    this.declared++
    if (!values.has(id)) {
      this.graph.addVariable(id, manifold, value)
      this.lineOf.push(line.number)
      return
    }
    const index = values.index(id)
    const before = this.lineOf[index]
    if (before > 0)
      throw line.fail('a vertex id of its own', `${showKey(id)}, which line ${before} has declared already`)
    this.expectManifold(index, manifold, line.number)
    values.set(id, value)
    this.lineOf[index] = line.number
  }

  /** As {@link vertex}, for readers that are no longer at the line. */
  declare(line: number, id: Key, manifold: Manifold, value: Float64Array): void {
    this.declared++
    this.graph.addVariable(id, manifold, value)
    this.lineOf.push(line)
  }

  /** The variable that an edge names; made at the identity when its VERTEX has not come yet. */
  end(line: number, id: Key, manifold: Manifold): number {
    const { values } = this.graph
    if (values.has(id)) {
      const index = values.index(id)
      this.expectManifold(index, manifold, line)
      return index
    }
    const identity = new Float64Array(manifold.ambient)
    manifold.identity(identity, 0)
    this.lineOf.push(-line)
    return this.graph.addVariable(id, manifold, identity)
  }

  /** What a variable is, as far as known. */
  manifoldOf(id: Key): Manifold | null {
    const { values } = this.graph
    return values.has(id) ? values.manifold(values.index(id)) : null
  }

  /** Whether a variable's value came from the file or from {@link place}. */
  isPlaced(index: number): boolean {
    return this.lineOf[index] > 0
  }

  /** Gives a variable without a VERTEX its value: landmarks of formats that never declare them. */
  place(index: number, value: Float64Array): void {
    if (!value.every(Number.isFinite))
      throw this.error(Math.abs(this.lineOf[index]), 'a position within the range of doubles', showNumbers(value))
    this.graph.values.set(this.graph.values.key(index), value)
    this.lineOf[index] = Math.abs(this.lineOf[index])
  }

  /** A factor of line `line`; `information` is Ω by rows, checked here, copied by the graph. */
  factor(
    line: number,
    type: FactorType,
    indices: readonly number[],
    data: ArrayLike<number>,
    information: Float64Array,
  ): void {
    if (indices.length === 2 && indices[0] === indices[1])
      throw this.error(
        line,
        'an edge between two different vertices',
        `${showKey(this.graph.values.key(indices[0]))} twice`,
      )
    if (!information.every(Number.isFinite))
      throw this.error(line, 'an information matrix within the range of doubles', showNumbers(information))
    this.graph.addFactorAt(type, indices, data, {
      information: this.information.pass(information, type.residualDim, line),
    })
  }

  /** Two vertices, different in kind and in either order, as [first, second]; unknown ones wait for the end of the file. */
  ordered(
    line: number,
    ids: readonly [Key, Key],
    manifolds: readonly [Manifold, Manifold],
    use: (first: number, second: number) => void,
    waiting = true,
  ): void {
    const [a, b] = ids.map((id) => this.manifoldOf(id)?.name)
    if (waiting && a === undefined && b === undefined) {
      this.later.push(() => this.ordered(line, ids, manifolds, use, false))
      return
    }
    const [pose, point] = manifolds.map((manifold) => manifold.name)
    const reversed = a === point || b === pose
    const [first, second] = reversed ? [ids[1], ids[0]] : ids
    use(this.end(line, first, manifolds[0]), this.end(line, second, manifolds[1]))
  }

  /** Runs when the file is at its end. */
  atEnd(work: () => void): void {
    this.later.push(work)
  }

  fix(line: TextLine, id: Key): void {
    this.fixes.push({ id, line: line.number })
  }

  /** A line whose tag this reader does not know. */
  skip(line: TextLine, tag: string): void {
    const full = this.unknown.size >= MOST_TAGS
    if (full && this.graph.variableCount === 0) throw this.nothing()
    const name = full && !this.unknown.has(tag) ? '(others)' : tag
    const known = this.unknown.get(name)
    if (known) known.count++
    else this.unknown.set(name, { count: 1, firstLine: line.number })
  }

  error(line: number, expected: string, found: string): InputError {
    return new InputError(this.file, line, expected, found)
  }

  finish(size: { readonly lines: number; readonly bytes: number }): PoseGraphFile {
    for (const work of this.later) work()
    if (this.graph.variableCount === 0) throw this.nothing()
    this.refuseNowhere()
    for (const { id, line } of this.fixes) {
      if (!this.graph.values.has(id)) throw this.error(line, 'a vertex of this file to fix', showKey(id))
      this.graph.setConstant(id)
    }
    this.information.close((line, expected, found) => this.error(line, expected, found))
    return {
      format: this.format,
      graph: this.graph,
      ...this.kind(),
      initial: this.declared > 0 ? 'vertices' : 'none',
      report: {
        ...size,
        unknownTags: [...this.unknown].map(([tag, { count, firstLine }]) => ({ tag, count, firstLine })),
        repaired: this.information.repaired,
        warnings: this.warnings,
      },
      parameters: this.parameters,
    }
  }

  private kind(): Pick<PoseGraphFile, 'kind' | 'dimension'> {
    const names = new Set<string>()
    for (let i = 0; i < this.graph.variableCount; i++) names.add(this.graph.values.manifold(i).name)
    const flat = names.has(SE2.name) || names.has(R2.name)
    const spatial = names.has(SE3.name) || names.has(R3.name)
    if (flat && spatial) this.warnings.push('the file mixes vertices of the plane and of space')
    if (names.has('Sim3')) return { kind: 'pose-graph-sim3', dimension: 3 }
    return spatial ? { kind: 'pose-graph-3d', dimension: 3 } : { kind: 'pose-graph-2d', dimension: 2 }
  }

  private expectManifold(index: number, manifold: Manifold, line: number): void {
    const found = this.graph.values.manifold(index)
    if (found.name === manifold.name) return
    const at = this.lineOf[index]
    throw this.error(
      line,
      `vertex ${showKey(this.graph.values.key(index))} to be ${manifold.name}`,
      `${found.name} (${at > 0 ? 'declared' : 'first named'} in line ${Math.abs(at)})`,
    )
  }

  /** A file that declares vertices declares all of them. */
  private refuseNowhere(): void {
    if (this.declared === 0) return
    let first = -1
    let count = 0
    for (let i = 0; i < this.lineOf.length; i++) {
      if (this.lineOf[i] > 0) continue
      count++
      if (first < 0 || this.lineOf[i] > this.lineOf[first]) first = i
    }
    if (count === 0) return
    const more = count > 1 ? ` (${count - 1} more like it; if the graph is in several files, read them as one)` : ''
    const id = showKey(this.graph.values.key(first))
    throw this.error(
      -this.lineOf[first],
      'edges between vertices of this file',
      `vertex ${id}, which has no VERTEX line${more}`,
    )
  }

  private nothing(): InputError {
    const expected = `a pose graph (${this.format}): lines that start with VERTEX… or EDGE… tags`
    const first = [...this.unknown][0]
    if (!first) return this.error(0, expected, 'no such line; the file is empty')
    return this.error(first[1].firstLine, expected, showText(first[0]))
  }
}

/**
 * Lets positive semi-definite matrices through (λmin > −1e-9 λmax is rounding); remembers or repairs the others.
 */
class InformationGate {
  repaired = 0
  private readonly repair: boolean
  private accepted = new Float64Array(0)
  private refused = 0
  private firstLine = 0
  private smallest = 0
  private largest = 0

  constructor(repair: boolean) {
    this.repair = repair
  }

  pass(omega: Float64Array, m: number, line: number): Float64Array {
    if (sameNumbers(omega, this.accepted)) return omega
    const { ok, smallest, largest } = checkInformation(omega, m)
    if (!ok) return this.mend(omega, m, line, smallest, largest)
    if (this.accepted.length === omega.length) this.accepted.set(omega)
    else this.accepted = omega.slice()
    return omega
  }

  /** Throws for what was refused. */
  close(error: (line: number, expected: string, found: string) => InputError): void {
    if (this.refused === 0) return
    const more = this.refused > 1 ? ` … and ${this.refused - 1} more` : ''
    throw error(
      this.firstLine,
      'a positive semi-definite information matrix',
      `the eigenvalue ${this.smallest.toPrecision(4)} (largest ${this.largest.toPrecision(4)})${more}; ` +
        '--repair-information clips the negative eigenvalues',
    )
  }

  private mend(omega: Float64Array, m: number, line: number, smallest: number, largest: number): Float64Array {
    if (this.repair) {
      this.repaired++
      const clipped = omega.slice()
      clipInformation(clipped, m)
      return clipped
    }
    if (this.refused++ === 0) {
      this.firstLine = line
      this.smallest = smallest
      this.largest = largest
    }
    return omega
  }
}

function showNumbers(numbers: Float64Array): string {
  return Array.from(numbers, (x) => x.toPrecision(4)).join(' ')
}

function sameNumbers(a: Float64Array, b: Float64Array): boolean {
  if (a.length !== b.length) return false
  for (let k = 0; k < a.length; k++) if (a[k] !== b[k]) return false
  return true
}
