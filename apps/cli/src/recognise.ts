import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { InputError, type PoseGraphFormat, recognisePoseGraph } from '../../../src/data/index.ts'
import { openSource } from './decompress.ts'

export type Format = PoseGraphFormat | 'bal' | 'colmap' | 'window' | 'tum' | 'kitti'

/** What --format takes. */
export const readFormats: readonly Format[] = [
  'g2o',
  'toro',
  'isam',
  'keble',
  'bal',
  'colmap',
  'window',
  'tum',
  'kitti',
]

/** What each format is called by people. */
export const formatNames: Readonly<Record<Format, string>> = {
  g2o: '.g2o',
  toro: 'TORO .graph',
  isam: 'iSAM text',
  keble: 'Keble College Sim(3) text',
  bal: 'BAL',
  colmap: 'COLMAP model',
  window: 'window of key frames',
  tum: 'TUM trajectory',
  kitti: 'KITTI poses',
}

const readable =
  'a pose graph (.g2o, TORO, iSAM), a bundle adjustment problem (BAL, COLMAP) or a trajectory (TUM, KITTI)'

/** A file, or folder, whose format is known. */
export interface Opened {
  readonly format: Format
  /** The file's bytes from the beginning, unpacked; empty for folders. A pipe can be read once, so use it. */
  readonly source: AsyncIterable<Uint8Array>
}

/**
 * Opens a file ('-': standard input), or a COLMAP folder, and finds its format: by its content; its name decides only where the content could be
 * several things or says nothing.
 * @param asked the format, where the caller knows
 * @throws InputError for what cannot be opened, is empty, is binary, or is nothing that Homeward reads
 */
export async function openInput(path: string, asked?: Format): Promise<Opened> {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory())
    return { format: asked ?? recogniseFolder(path), source: nothing() }
  const chunks = path === '-' ? standardInput() : openSource(path)
  if (asked) return { format: asked, source: chunks }
  const first = await chunks.next()
  const head = first.done ? new Uint8Array(0) : first.value
  return { format: await recognise(path, head), source: startWith(head, chunks) }
}

async function* standardInput(): AsyncGenerator<Uint8Array> {
  yield* process.stdin as AsyncIterable<Uint8Array>
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

async function* startWith(head: Uint8Array, rest: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield head
    yield* rest
  } finally {
    await rest.return(undefined)
  }
}

async function recognise(path: string, head: Uint8Array): Promise<Format> {
  if (head.length === 0) throw new InputError(path, 0, readable, 'an empty file')
  if (head.includes(0)) throw new InputError(path, 0, readable, `binary data (${hex(head)} …)`)
  const named = byName(path)
  const text = Buffer.from(head).toString('latin1')
  const [first, second] = tellingLines(text)
  if (!first) {
    if (named) return named
    throw new InputError(path, 0, readable, 'nothing but comments and blank lines')
  }
  return numeric(first.text, second?.text) ?? (await tagged(first.text, head, path)) ?? named ?? refuse(path, first)
}

function recogniseFolder(path: string): Format {
  const has = (name: string): boolean => existsSync(join(path, `${name}.txt`)) || existsSync(join(path, `${name}.bin`))
  if (['cameras', 'images', 'points3D'].every(has)) return 'colmap'
  throw new InputError(
    path,
    0,
    'a file, or a folder with a COLMAP model (cameras, images, points3D)',
    'a directory without one',
  )
}

interface Line {
  readonly text: string
  readonly number: number
}

/** The first two lines that say something. */
function tellingLines(text: string): Line[] {
  const found: Line[] = []
  const lines = text.split('\n')
  for (let i = 0; i < lines.length && found.length < 2; i++) {
    const line = lines[i].trim()
    if (line !== '' && !line.startsWith('#')) found.push({ text: line, number: i + 1 })
  }
  return found
}

/**
 * Lines of numbers alone: eight are a TUM pose, twelve a KITTI pose. Three counts open a BAL file, whose next line begins
 * with two indices, or a window of key frames, whose next line has two focal lengths there.
 */
function numeric(line: string, next = ''): Format | null {
  const fields = line.split(/[\s,]+/)
  if (!fields.every((field) => field !== '' && Number.isFinite(Number(field)))) return null
  if (fields.length === 3) return /^\d+\s+\d+\s/.test(next) || !/^\S+(\s+\S+){3}$/.test(next) ? 'bal' : 'window'
  return fields.length === 8 ? 'tum' : fields.length === 12 ? 'kitti' : null
}

async function tagged(line: string, head: Uint8Array, path: string): Promise<Format | null> {
  return /^(VERTEX|EDGE|PARAMS_|FIX\b|EQUIV\b|BR\b|ODOMETRY|LANDMARK|POINT3|Constraint2|POSE3D_INIT|Poses$)/.test(line)
    ? recognisePoseGraph(head, path)
    : null
}

function byName(path: string): Format | null {
  const name = path.replace(/\.(gz|bz2)$/i, '').toLowerCase()
  if (name.endsWith('.g2o')) return 'g2o'
  if (/\.(graph|toro)$/.test(name)) return 'toro'
  if (/\.(tum|csv)$/.test(name)) return 'tum'
  if (name.endsWith('.kitti')) return 'kitti'
  return name.endsWith('.bal') ? 'bal' : null
}

function refuse(path: string, line: Line): never {
  const shown = line.text.length > 60 ? `${line.text.slice(0, 60)}…` : line.text
  throw new InputError(path, line.number, readable, `'${shown.replace(/[^\x20-\x7e]/g, '?')}'`)
}

function hex(head: Uint8Array): string {
  return [...head.subarray(0, 4)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ')
}
