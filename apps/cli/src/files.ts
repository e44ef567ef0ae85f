import {
  accessSync,
  chmodSync,
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { UsageError } from '../../../src/numeric/index.ts'

/*
 * Outputs are whole or absent: bytes go to a hidden file beside the target, are flushed, and take the target's name in one
 * rename. Whatever interrupts (a full disk, an error in a writer, Ctrl-C) leaves the target as it was.
 */

/** What a writer hands out: a text, bytes, or pieces of either. */
export type Content = string | Uint8Array | Iterable<string | Uint8Array>

/** A file that cannot be written. */
export class OutputError extends UsageError {}

/** Hidden files that are being written; removed when the process leaves early. */
const unfinished = new Set<string>()
process.on('exit', () => {
  for (const path of unfinished) rmSync(path, { force: true })
})

/**
 * Writes a whole file or none.
 * @throws OutputError naming the path and what is in the way; errors of the content itself pass through
 */
export function writeFile(path: string, content: Content): void {
  const target = inspect(path)
  if (target.special) {
    writeInto(path, path, 'w', content)
    return
  }
  const beside = join(dirname(target.path), `.${basename(target.path)}.${process.pid}.tmp`)
  unfinished.add(beside)
  try {
    writeInto(path, beside, 'wx', content)
    if (target.mode !== null) chmodSync(beside, target.mode)
    guard(path, () => renameSync(beside, target.path))
  } catch (error) {
    rmSync(beside, { force: true })
    throw error
  } finally {
    unfinished.delete(beside)
  }
}

/**
 * Writes the files of a folder, each whole or not at all; makes the folder when it is missing.
 * @throws OutputError as {@link writeFile}
 */
export function writeFolder(path: string, files: Iterable<readonly [name: string, content: Content]>): void {
  guard(path, () => mkdirSync(path, { recursive: true }))
  for (const [name, content] of files) writeFile(join(path, name), content)
}

/**
 * Asks, before the work, whether a file can be written there: better now than after an hour.
 * @throws OutputError
 */
export function checkWritable(path: string): void {
  inspect(path)
}

interface Target {
  /** Where the bytes end up: the path, or what it links to. */
  readonly path: string
  /** Permissions of the file that is there, to be kept; null where there is none. */
  readonly mode: number | null
  /** A pipe or device, which is written to and never replaced. */
  readonly special: boolean
}

function inspect(path: string): Target {
  const found = guard(path, () => statSync(path, { throwIfNoEntry: false }))
  if (!found) {
    const folder = dirname(path)
    const parent = statSync(folder, { throwIfNoEntry: false })
    if (!parent) throw new OutputError(`cannot write ${path}: there is no folder ${folder}`)
    guard(path, () => accessSync(folder, constants.W_OK))
    return { path, mode: null, special: false }
  }
  if (found.isDirectory()) throw new OutputError(`cannot write ${path}: expected a file name, found a directory`)
  guard(path, () => accessSync(path, constants.W_OK))
  if (!found.isFile()) return { path, mode: null, special: true }
  const real = realpathSync(path)
  guard(path, () => accessSync(dirname(real), constants.W_OK))
  return { path: real, mode: found.mode & 0o777, special: false }
}

/** Opens `path`, writes all of it, flushes; errors speak of `shown`. */
function writeInto(shown: string, path: string, flags: 'w' | 'wx', content: Content): void {
  const file = guard(shown, () => openSync(path, flags))
  try {
    for (const bytes of pieces(content)) guard(shown, () => writeAll(file, bytes))
    if (fstatSync(file).isFile()) guard(shown, () => fsyncSync(file))
  } finally {
    closeSync(file)
  }
}

function writeAll(file: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at, bytes.length - at)
}

/** The content in pieces of some size, so that a writer may hand out line by line. */
function* pieces(content: Content): Generator<Uint8Array> {
  if (content instanceof Uint8Array) yield content
  else if (typeof content === 'string') yield Buffer.from(content)
  else {
    let text = ''
    for (const piece of content) {
      if (typeof piece === 'string') {
        text += piece
        if (text.length < 1 << 18) continue
      }
      if (text) yield Buffer.from(text)
      text = ''
      if (typeof piece !== 'string') yield piece
    }
    if (text) yield Buffer.from(text)
  }
}

const reasons: Record<string, string> = {
  EACCES: 'no permission',
  EPERM: 'no permission',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'the file would be larger than this system allows',
  EISDIR: 'expected a file name, found a directory',
  ENOTDIR: 'a part of the path is not a folder',
  EEXIST: 'a file of that name is in the way',
  ENAMETOOLONG: 'the name is too long',
  EMFILE: 'too many files are open',
}

/** Runs a file operation; its failure becomes an OutputError about `shown`. */
function guard<T>(shown: string, action: () => T): T {
  try {
    return action()
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === undefined) throw error
    throw new OutputError(`cannot write ${shown}: ${reasons[code] ?? message} (${code})`)
  }
}
