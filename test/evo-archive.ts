import { inflateRawSync } from 'node:zlib'

/** What evo stored of one result (its `--save_results`): statistics, settings as a sentence, and the errors. */
export interface EvoResult {
  readonly title: string
  readonly statistics: Readonly<Record<string, number>>
  readonly errors: Float64Array
}

/** Reads a result archive of evo: a zip of info.json, stats.json and NumPy arrays. */
export function readEvoArchive(bytes: Uint8Array): EvoResult {
  const files = unzip(bytes)
  const text = (name: string) => new TextDecoder().decode(files.get(name))
  return {
    title: JSON.parse(text('info.json')).title,
    statistics: JSON.parse(text('stats.json')),
    errors: readNumpy(files.get('error_array.npz')!),
  }
}

/** The files of a zip archive, by its central directory (PKWARE APPNOTE 4.3.12), stored or deflated. */
function unzip(bytes: Uint8Array): Map<string, Uint8Array> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let end = bytes.length - 22
  while (end >= 0 && view.getUint32(end, true) !== 0x06054b50) end--
  if (end < 0) throw new Error('not a zip archive')
  const files = new Map<string, Uint8Array>()
  let at = view.getUint32(end + 16, true)
  for (let k = view.getUint16(end + 10, true); k > 0; k--) {
    const method = view.getUint16(at + 10, true)
    const size = view.getUint32(at + 20, true)
    const nameLength = view.getUint16(at + 28, true)
    const local = view.getUint32(at + 42, true)
    const name = new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + nameLength))
    const start = local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true)
    const packed = bytes.subarray(start, start + size)
    files.set(name, method === 0 ? packed : inflateRawSync(packed))
    at += 46 + nameLength + view.getUint16(at + 30, true) + view.getUint16(at + 32, true)
  }
  return files
}

/** The doubles of a .npy file of one dimension (NumPy enhancement proposal 1). */
function readNumpy(bytes: Uint8Array): Float64Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const start = 10 + view.getUint16(8, true)
  const header = new TextDecoder().decode(bytes.subarray(10, start))
  if (!header.includes("'<f8'")) throw new Error(`expected doubles, found ${header}`)
  return Float64Array.from({ length: (bytes.length - start) / 8 }, (_, i) => view.getFloat64(start + 8 * i, true))
}
