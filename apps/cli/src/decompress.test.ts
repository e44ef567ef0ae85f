import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, describe, expect, it } from 'vitest'
import { InputError } from '../../../src/data/index.ts'
import { openSource } from './decompress.ts'

const folder = mkdtempSync(join(tmpdir(), 'homeward-decompress-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** The lines 'i i²', i = 0 … 199. */
const text = Array.from({ length: 200 }, (_, i) => `${i} ${i * i}\n`).join('')

/** The same text by Python: `bz2.compress(text, 1)`. */
const bzip2 = Buffer.from(
  [
    'QlpoMTFBWSZTWQZltM8AANLYAEAQQAB/4FAEWEHgK5ZmgoRVP/RpM9VPVIRT2TRNpUEVT/9NFVMAQDQANT9JoiZQ0Oh4++/ZH/wRuI3sRuI9cR',
    'uIlwtxGXDbiLcN2Iy4bcRLhbiPXEbiN7EbiPXEbiJcLcRlw24i3DdiMuG3ES4W4j1xG4lXahEfNZnP8aZIG3JAYUUWBOh425IrCQD0ABckAhhY',
    'GYGUXckATniwo0MGjECGBYBtzRKBAZYGM3dANrbogEYFyBgYNbBASArAA9+Uf0R+cru5dHd09jdYED0U01NNTTi1N/IupDSqVzZd05PtxT7HVi',
    'woWAt8g4X9BFrLQ6iHUQ69URJaHUQ69fFM4e4d+9NyTffvb5u4IV3WEECEKDECAjYgoTAAcpUIPtulb1hWNMY0aI9MQCbTEDNMAExiDc+7md5X',
    'FKvJBHnrKaODKemaBCNDaTPDRoKAXKehCAEF5auuLfj73p3l3f19zyvzVPCb8perP6lE1lQapzsU1FZMSktvXv3DLIMYZHvljQmNtqnRXOVao0',
    'U0m3qZKIj3CIUPEwa9fwmdQ2R0b0vur1VXbPRcwSXUVNAUiYidQMOYJsoiMlEXN7b3LemtYJqjlLpI+CwkZ817PfdTZUQ6iGU3Fu7uFNXCmocG',
    '2V5r7F8c6GzdvtmO7buLvxNA1KN+b8+rXgBkCS2pyJl+nU9RLyqD+rPTZvClkxH0aLI9B32h71HarMqOJkSJJBDMGqJx483N4al1cON+UEsJ8n',
    'pme4h1GN0oh1IpJNDpxOqnm+PcXT8e5paqyxh03Pcvr3LBryEDvbekXfh0vq73X4nyGXd8TP0mAJizPlMU2pByelZLi+WnmmtSxVxLEDSlpF3x',
    'JlyMq2W3zbytqDoT0kokjpxT6MbsvkurVlA6hwgPZHvXxNCpOR7t3sc+30SfiWT5E6IeP197zXuzxXO3mY8iGqiHUQnUik5doNKCCKjHc1HWx7',
    'OSrtVm12yvlgDbs21mT9NgZd+W+XNbIcegGkAhAuP4u5IpwoSAMy2meA==',
  ].join(''),
  'base64',
)

function file(name: string, bytes: Uint8Array | string): string {
  const path = join(folder, name)
  writeFileSync(path, bytes)
  return path
}

async function read(path: string): Promise<string> {
  const chunks: Uint8Array[] = []
  for await (const chunk of openSource(path)) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

async function failure(path: string): Promise<string> {
  const error = await read(path).then(
    () => null,
    (e: unknown) => e,
  )
  expect(error).toBeInstanceOf(InputError)
  expect((error as InputError).file).toBe(path)
  return (error as InputError).message.slice(path.length + 2)
}

describe('openSource gives the bytes of', () => {
  it('a plain file, also an empty one and one longer than a chunk', async () => {
    expect(await read(file('plain.txt', text))).toBe(text)
    expect(await read(file('empty.txt', ''))).toBe('')
    const long = text.repeat(400)
    expect(await read(file('long.txt', long))).toBe(long)
  })

  it('a .gz archive, also of several members, of nothing, and longer than a chunk', async () => {
    const packed = gzipSync(text)
    expect(await read(file('one.gz', packed))).toBe(text)
    expect(await read(file('two.gz', Buffer.concat([packed, packed])))).toBe(text + text)
    expect(await read(file('nothing.gz', gzipSync('')))).toBe('')
    const long = text.repeat(2000)
    expect(await read(file('long.gz', gzipSync(long)))).toBe(long)
    // Stored, not compressed: the archive itself is longer than many chunks.
    expect(await read(file('stored.gz', gzipSync(long, { level: 0 })))).toBe(long)
  })

  it('a .bz2 archive, also of several streams', async () => {
    expect(await read(file('one.bz2', bzip2))).toBe(text)
    expect(await read(file('two.bz2', Buffer.concat([bzip2, bzip2])))).toBe(text + text)
  })

  it('an archive whose name does not say so', async () => {
    expect(await read(file('gz.txt', gzipSync(text)))).toBe(text)
    expect(await read(file('bz2.txt', bzip2))).toBe(text)
  })

  it('only as far as they are asked for', async () => {
    const path = file('far.gz', gzipSync(text.repeat(2000)))
    for await (const chunk of openSource(path)) {
      expect(chunk.length).toBeGreaterThan(0)
      break
    }
  })
})

describe('openSource says what is wrong with', () => {
  it('paths that lead to no file', async () => {
    expect(await failure(join(folder, 'none.txt'))).toBe('expected a file that can be read, found no such file')
    expect(await failure(folder)).toBe('expected a file, found a directory')
    expect(await failure(join(file('a.txt', ''), 'b.txt'))).toContain('a part of the path is not a folder')
  })

  it.skipIf(process.getuid?.() === 0)('a file without permission', async () => {
    const path = file('locked.txt', text)
    chmodSync(path, 0)
    expect(await failure(path)).toBe('expected a file that can be read, found no permission to read it')
  })

  it('truncated archives, wherever they end', async () => {
    const packed = gzipSync(text)
    for (const length of [3, 12, packed.length >> 1, packed.length - 1])
      expect(await failure(file('cut.gz', packed.subarray(0, length)))).toBe(
        'expected a whole gzip archive, found a truncated one',
      )
    for (const length of [5, 12, bzip2.length >> 1, bzip2.length - 1])
      expect(await failure(file('cut.bz2', bzip2.subarray(0, length)))).toBe(
        'expected a whole bzip2 archive, found a truncated one',
      )
  })

  it('damaged archives', async () => {
    for (const [name, whole] of [['gz', gzipSync(text)] as const, ['bz2', bzip2] as const]) {
      const damaged = Uint8Array.from(whole)
      damaged[damaged.length >> 1] ^= 0x10
      expect(await failure(file(`damaged.${name}`, damaged))).toMatch(/^expected a whole (gzip|bzip2) archive, found/)
    }
  })

  it('names that promise an archive', async () => {
    expect(await failure(file('no.gz', text))).toBe('expected a gzip archive, found something else')
    expect(await failure(file('no.bz2', text))).toBe('expected a bzip2 archive, found something else')
    expect(await failure(file('empty.bz2', ''))).toBe('expected a bzip2 archive, found an empty file')
  })
})
