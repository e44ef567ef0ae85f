import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { checkWritable, OutputError, writeFile, writeFolder } from './files.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'homeward-files-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe('writeFile', () => {
  it('writes texts, bytes and pieces, and leaves nothing else', () => {
    const path = join(folder, 'a.txt')
    writeFile(path, 'one\n')
    expect(readFileSync(path, 'utf8')).toBe('one\n')
    writeFile(path, new Uint8Array([104, 105]))
    expect(readFileSync(path, 'utf8')).toBe('hi')
    const long = 'é'.repeat(200_000)
    writeFile(path, ['x', long, new Uint8Array([65, 66]), long, 'y'])
    expect(readFileSync(path, 'utf8')).toBe(`x${long}AB${long}y`)
    expect(readdirSync(folder)).toEqual(['a.txt'])
  })

  it('leaves the old file when the content fails half-way', () => {
    const path = join(folder, 'a.txt')
    writeFileSync(path, 'old')
    const broken = function* (): Generator<string> {
      yield 'new '.repeat(1 << 18)
      throw new Error('the writer stumbled')
    }
    expect(() => writeFile(path, broken())).toThrow('the writer stumbled')
    expect(readFileSync(path, 'utf8')).toBe('old')
    expect(readdirSync(folder)).toEqual(['a.txt'])
  })

  it('keeps permissions, and writes through a link', () => {
    const path = join(folder, 'a.txt')
    writeFileSync(path, 'old')
    chmodSync(path, 0o640)
    symlinkSync(path, join(folder, 'link'))
    writeFile(join(folder, 'link'), 'new')
    expect(readFileSync(path, 'utf8')).toBe('new')
    expect(statSync(path).mode & 0o777).toBe(0o640)
    expect(lstatSync(join(folder, 'link')).isSymbolicLink()).toBe(true)
  })

  it('says what is in the way', () => {
    expect(() => writeFile(folder, 'x')).toThrow(/found a directory/)
    expect(() => writeFile(join(folder, 'no', 'a.txt'), 'x')).toThrow(/there is no folder/)
    writeFileSync(join(folder, 'file'), '')
    expect(() => writeFile(join(folder, 'file', 'a.txt'), 'x')).toThrow(OutputError)
    expect(() => writeFile(join(folder, 'file', 'a.txt'), 'x')).toThrow(/not a folder/)
    expect(() => writeFile(join(folder, 'n'.repeat(300)), 'x')).toThrow(/name is too long/)
    expect(() => checkWritable(join(folder, 'no', 'a.txt'))).toThrow(/there is no folder/)
    expect(readdirSync(folder)).toEqual(['file'])
  })

  it.skipIf(!existsSync('/dev/full'))('says that the disk is full', () => {
    expect(() => writeFile('/dev/full', 'x'.repeat(1 << 20))).toThrow(/the disk is full \(ENOSPC\)/)
  })

  it('leaves no half-written file on a full disk', ({ skip }) => {
    const disk = join(folder, 'disk')
    mkdirSync(disk)
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', disk])
    if (mounted.status !== 0) return skip('a small disk cannot be mounted here')
    try {
      writeFile(join(disk, 'a.txt'), 'old')
      expect(() => writeFile(join(disk, 'a.txt'), 'new '.repeat(100_000))).toThrow(/the disk is full/)
      expect(readdirSync(disk)).toEqual(['a.txt'])
      expect(readFileSync(join(disk, 'a.txt'), 'utf8')).toBe('old')
    } finally {
      spawnSync('umount', [disk])
    }
  })

  it.skipIf(process.getuid?.() === 0)('says that there is no permission', () => {
    chmodSync(folder, 0o500)
    try {
      expect(() => writeFile(join(folder, 'a.txt'), 'x')).toThrow(/no permission/)
      expect(() => checkWritable(join(folder, 'a.txt'))).toThrow(/no permission/)
    } finally {
      chmodSync(folder, 0o700)
    }
  })
})

describe('writeFolder', () => {
  it('makes the folder and its files', () => {
    const path = join(folder, 'model', 'sparse')
    writeFolder(path, [
      ['cameras.txt', '# cameras\n'],
      ['images.txt', ['# ', 'images\n']],
    ])
    expect(readdirSync(path).sort()).toEqual(['cameras.txt', 'images.txt'])
    expect(readFileSync(join(path, 'images.txt'), 'utf8')).toBe('# images\n')
  })
})
