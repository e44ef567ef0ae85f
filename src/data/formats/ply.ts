import { UsageError } from '../../numeric/index.ts'
import { decimal } from '../decimal.ts'
import { encodeText } from '../text/index.ts'

/** Points with what belongs to them, for viewers (MeshLab, CloudCompare, Blender). */
export interface PointCloud {
  /** n × 3, in metres. */
  readonly positions: ArrayLike<number>
  /** n × 3, red green blue from 0 to 255. */
  readonly colors?: ArrayLike<number>
  /** Lines between points, e × 2 indices: a trajectory's path. */
  readonly edges?: ArrayLike<number>
}

export interface PlyOptions {
  /** Default 'binary': little endian. */
  readonly encoding?: 'ascii' | 'binary'
  /** Lines of the header, for people. */
  readonly comments?: readonly string[]
}

/**
 * Writes a point cloud as PLY (G. Turk, "The PLY polygon file format", 1994), positions as doubles, in chunks of bytes.
 * @throws UsageError for columns of different lengths, edges that end nowhere, numbers that are not finite
 */
export function* writePly(cloud: PointCloud, options: PlyOptions = {}): Generator<Uint8Array> {
  const { encoding = 'binary', comments = [] } = options
  const n = checkCloud(cloud)
  const edgeCount = (cloud.edges?.length ?? 0) / 2
  yield encodeText(header(cloud, n, edgeCount, encoding, comments))
  const rows = encoding === 'ascii' ? asciiRows : binaryRows
  for (let from = 0; from < n; from += CHUNK) yield rows.points(cloud, from, Math.min(n, from + CHUNK))
  for (let from = 0; from < edgeCount; from += CHUNK)
    yield rows.edges(cloud.edges!, from, Math.min(edgeCount, from + CHUNK))
}

/** Rows per chunk. */
const CHUNK = 4096

function header(
  { colors, edges }: PointCloud,
  n: number,
  edgeCount: number,
  encoding: 'ascii' | 'binary',
  comments: readonly string[],
): string {
  const lines = ['ply', `format ${encoding === 'ascii' ? 'ascii' : 'binary_little_endian'} 1.0`]
  for (const comment of comments) lines.push(`comment ${comment.replace(/[\r\n]+/g, ' ')}`)
  lines.push(`element vertex ${n}`, ...['x', 'y', 'z'].map((axis) => `property double ${axis}`))
  if (colors) lines.push(...['red', 'green', 'blue'].map((color) => `property uchar ${color}`))
  if (edges) lines.push(`element edge ${edgeCount}`, 'property int vertex1', 'property int vertex2')
  return `${lines.join('\n')}\nend_header\n`
}

const asciiRows = {
  points({ positions, colors }: PointCloud, from: number, to: number): Uint8Array {
    let text = ''
    for (let i = from; i < to; i++) {
      const row = [0, 1, 2].map((k) => decimal(positions[3 * i + k]))
      if (colors) row.push(...[0, 1, 2].map((k) => String(toByte(colors[3 * i + k]))))
      text += `${row.join(' ')}\n`
    }
    return encodeText(text)
  },
  edges(edges: ArrayLike<number>, from: number, to: number): Uint8Array {
    let text = ''
    for (let i = from; i < to; i++) text += `${edges[2 * i]} ${edges[2 * i + 1]}\n`
    return encodeText(text)
  },
}

const binaryRows = {
  points({ positions, colors }: PointCloud, from: number, to: number): Uint8Array {
    const stride = colors ? 27 : 24
    const out = new DataView(new ArrayBuffer(stride * (to - from)))
    for (let i = from; i < to; i++) {
      const at = stride * (i - from)
      for (let k = 0; k < 3; k++) out.setFloat64(at + 8 * k, positions[3 * i + k], true)
      if (colors) for (let k = 0; k < 3; k++) out.setUint8(at + 24 + k, toByte(colors[3 * i + k]))
    }
    return new Uint8Array(out.buffer)
  },
  edges(edges: ArrayLike<number>, from: number, to: number): Uint8Array {
    const out = new DataView(new ArrayBuffer(8 * (to - from)))
    for (let i = from; i < to; i++) {
      out.setInt32(8 * (i - from), edges[2 * i], true)
      out.setInt32(8 * (i - from) + 4, edges[2 * i + 1], true)
    }
    return new Uint8Array(out.buffer)
  },
}

function toByte(color: number): number {
  return Math.min(255, Math.max(0, Math.round(color)))
}

/** The number of points. */
function checkCloud({ positions, colors, edges }: PointCloud): number {
  const n = positions.length / 3
  if (!Number.isInteger(n)) throw new UsageError(`positions are n × 3 numbers, got ${positions.length}`)
  if (colors && colors.length !== 3 * n)
    throw new UsageError(`colors of ${n} points are ${3 * n} numbers, got ${colors.length}`)
  if (edges && edges.length % 2 !== 0) throw new UsageError(`edges are e × 2 indices, got ${edges.length}`)
  for (let i = 0; i < positions.length; i++)
    if (!Number.isFinite(positions[i]))
      throw new UsageError(`position ${i} is ${positions[i]}; expected a finite number`)
  for (let i = 0; edges && i < edges.length; i++)
    if (!(Number.isInteger(edges[i]) && edges[i] >= 0 && edges[i] < n))
      throw new UsageError(`an edge ends at point ${edges[i]}; there are ${n}`)
  return n
}
