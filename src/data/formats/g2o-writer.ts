import { SE2, SE3 } from '../../geometry/index.ts'
import { type FactorBatch, type Graph, type Key, showKey, type Values } from '../../graph/index.ts'
import { UsageError } from '../../numeric/index.ts'
import type { G2oParameter } from './pose-graph-file.ts'

export interface G2oWriteOptions {
  /** Parameters of the file that the graph came from; offsets that edges need are added to them. */
  readonly parameters?: readonly G2oParameter[]
  /** Whether to write VERTEX lines. Default true. */
  readonly vertices?: boolean
}

/**
 * A graph as the text of a .g2o file, in chunks of about 64 kB: parameters, vertices in the graph's order at `values`, FIX
 * lines, edges batch by batch. Numbers are the shortest that read back to the same double, so reading what was written
 * gives the same graph to the last bit. Keys that are words get numbers: 'l17' is 17 where that is free.
 *
 * Robust losses have no place in the format and are left out. Throws UsageError for variables and factors that .g2o files
 * do not know (Sim3, cameras, factors of the user's own, errors other than g2o's).
 */
export function* writeG2o(
  graph: Graph,
  values: Values = graph.values,
  { parameters = [], vertices = true }: G2oWriteOptions = {},
): Generator<string, void, void> {
  const batches = graph.batches.map((batch) => ({ batch, line: edgeFormat(batch) }))
  const ids = numericIds(values)
  const offsets = new Offsets(parameters)
  for (const { batch, line } of batches) if (line.mounted) offsets.collect(batch)

  let text = ''
  for (const { tag, id, numbers } of offsets.all) text += `${tag} ${id}${numbersText(numbers, 0, numbers.length)}\n`
  const { data } = values
  for (let i = 0; i < values.count && vertices; i++) {
    const manifold = values.manifold(i)
    const tag = VERTEX_TAGS.get(manifold.name)
    if (!tag)
      throw new UsageError(
        `.g2o files hold SE2, SE3, R2 and R3 variables; ${showKey(values.key(i))} is ${manifold.name}`,
      )
    text += `${tag} ${ids[i]}${numbersText(data, values.offset(i), manifold.ambient)}\n`
    if (text.length > CHUNK) {
      yield text
      text = ''
    }
  }
  for (let i = 0; i < values.count; i++) if (graph.isConstant(i)) text += `FIX ${ids[i]}\n`
  for (const { batch, line } of batches) {
    for (let row = 0; row < batch.count; row++) {
      text += edgeText(batch, row, line, ids, offsets)
      if (text.length > CHUNK) {
        yield text
        text = ''
      }
    }
  }
  if (text !== '') yield text
}

const CHUNK = 1 << 16

const VERTEX_TAGS: ReadonlyMap<string, string> = new Map([
  [SE2.name, 'VERTEX_SE2'],
  [SE3.name, 'VERTEX_SE3:QUAT'],
  ['R2', 'VERTEX_XY'],
  ['R3', 'VERTEX_TRACKXYZ'],
])

/** How a factor type's line looks: its tag, the numbers measured, whether a PARAMS_SE3OFFSET id stands before them. */
interface EdgeFormat {
  readonly tag: string
  readonly size: number
  readonly mounted?: true
}

const EDGE_FORMATS: ReadonlyMap<string, EdgeFormat> = new Map<string, EdgeFormat>([
  ['between(SE2,g2o)', { tag: 'EDGE_SE2', size: 3 }],
  ['between(SE3,g2o)', { tag: 'EDGE_SE3:QUAT', size: 7 }],
  ['landmark(SE2,R2)', { tag: 'EDGE_SE2_XY', size: 2 }],
  ['bearing(SE2,R2)', { tag: 'EDGE_BEARING_SE2_XY', size: 1 }],
  ['range(SE2,R2)', { tag: 'EDGE_RANGE_SE2_XY', size: 1 }],
  ['bearing-range(SE2,R2)', { tag: 'EDGE_BEARING_RANGE_SE2_XY', size: 2 }],
  ['landmark(SE3,R3)', { tag: 'EDGE_SE3_TRACKXYZ', size: 3, mounted: true }],
  ['landmark(SE3,R3,offset)', { tag: 'EDGE_SE3_TRACKXYZ', size: 3, mounted: true }],
  ['prior(SE2,g2o)', { tag: 'EDGE_PRIOR_SE2', size: 3 }],
  ['prior(SE3,g2o)', { tag: 'EDGE_SE3_PRIOR', size: 7, mounted: true }],
  ['prior(SE3,g2o,offset)', { tag: 'EDGE_SE3_PRIOR', size: 7, mounted: true }],
  ['between(R2)', { tag: 'EDGE_POINTXY', size: 2 }],
  ['between(R3)', { tag: 'EDGE_POINTXYZ', size: 3 }],
  ['prior(R2)', { tag: 'EDGE_PRIOR_XY', size: 2 }],
  ['prior(R3)', { tag: 'EDGE_POINTXYZ_PRIOR', size: 3 }],
])

function edgeFormat(batch: FactorBatch): EdgeFormat {
  const format = EDGE_FORMATS.get(batch.type.name)
  if (!format)
    throw new UsageError(
      `.g2o files have no edge for ${batch.type.name}; they know ${[...EDGE_FORMATS.keys()].join(', ')}`,
    )
  return format
}

function edgeText(batch: FactorBatch, row: number, line: EdgeFormat, ids: readonly Key[], offsets: Offsets): string {
  const { type } = batch
  const arity = type.variables.length
  const m = type.residualDim
  const triangle = (m * (m + 1)) / 2
  const variables = batch.variables.view()
  let text = line.tag
  for (let k = 0; k < arity; k++) text += ` ${ids[variables[row * arity + k]]}`
  if (line.mounted) text += ` ${offsets.idOf(batch, row)}`
  text += numbersText(batch.data.view(), row * type.dataSize, line.size)
  text += batch.information ? numbersText(batch.information.view(), row * triangle, triangle) : identityText(m)
  return `${text}\n`
}

function identityText(m: number): string {
  let text = ''
  for (let i = 0; i < m; i++) text += ` 1${' 0'.repeat(m - 1 - i)}`
  return text
}

function numbersText(numbers: ArrayLike<number>, at: number, count: number): string {
  let text = ''
  for (let k = at; k < at + count; k++) {
    const x = numbers[k]
    if (!Number.isFinite(x)) throw new UsageError(`a .g2o file holds finite numbers; the graph has ${x}`)
    text += Object.is(x, -0) ? ' -0' : ` ${x}`
  }
  return text
}

/** The numeric id of each variable: its key, or for a word its digits where they are free, or the next number that is. */
function numericIds(values: Values): Key[] {
  const ids: Key[] = []
  const taken = new Set<Key>()
  for (let i = 0; i < values.count; i++) {
    const key = values.key(i)
    if (typeof key === 'string') continue
    if (key < 0 || (typeof key === 'number' && !Number.isSafeInteger(key)))
      throw new UsageError(`.g2o ids are whole numbers ≥ 0; a variable is called ${showKey(key)}`)
    taken.add(key)
    ids[i] = key
  }
  let next = 0
  for (let i = 0; i < values.count; i++) {
    const key = values.key(i)
    if (typeof key !== 'string') continue
    const digits = Number(/^[A-Za-z](\d{1,15})$/.exec(key)?.[1] ?? Number.NaN)
    if (Number.isNaN(digits) || taken.has(digits)) while (taken.has(next)) next++
    const id = Number.isNaN(digits) || taken.has(digits) ? next : digits
    taken.add(id)
    ids[i] = id
  }
  return ids
}

/** The PARAMS lines to write: the file's own, and one for each sensor mount that none of them holds. */
class Offsets {
  readonly all: G2oParameter[]
  private readonly idByNumbers = new Map<string, number>()

  constructor(parameters: readonly G2oParameter[]) {
    this.all = [...parameters]
    for (const { tag, id, numbers } of parameters) {
      const text = numbersText(numbers, 0, numbers.length)
      if (tag === 'PARAMS_SE3OFFSET' && !this.idByNumbers.has(text)) this.idByNumbers.set(text, id)
    }
  }

  collect(batch: FactorBatch): void {
    for (let row = 0; row < batch.count; row++) {
      const text = mountText(batch, row)
      if (this.idByNumbers.has(text)) continue
      const id = 1 + this.all.reduce((most, parameter) => Math.max(most, parameter.id), -1)
      this.idByNumbers.set(text, id)
      this.all.push({ tag: 'PARAMS_SE3OFFSET', id, numbers: text.trim().split(' ').map(Number) })
    }
  }

  idOf(batch: FactorBatch, row: number): number {
    return this.idByNumbers.get(mountText(batch, row))!
  }
}

function mountText(batch: FactorBatch, row: number): string {
  const { name, dataSize } = batch.type
  if (!name.endsWith(',offset)')) return ' 0 0 0 0 0 0 1'
  return numbersText(batch.data.view(), (row + 1) * dataSize - 7, 7)
}
