import { describe, expect, it } from 'vitest'
import { UsageError } from '../../numeric/index.ts'
import { type PlyOptions, type PointCloud, writePly } from './ply.ts'

const cloud: PointCloud = { positions: [0, 0.1, -2, 1e-7, 5, 6], colors: [255, 0, 12.4, 300, -1, 7], edges: [0, 1] }

function bytes(c: PointCloud, options?: PlyOptions): Uint8Array {
  return Uint8Array.from([...writePly(c, options)].flatMap((chunk) => Array.from(chunk)))
}

describe('writePly', () => {
  it('writes text that people can read', () => {
    expect(new TextDecoder().decode(bytes(cloud, { encoding: 'ascii', comments: ['by\nhand'] }))).toBe(`ply
format ascii 1.0
comment by hand
element vertex 2
property double x
property double y
property double z
property uchar red
property uchar green
property uchar blue
element edge 1
property int vertex1
property int vertex2
end_header
0 0.1 -2 255 0 12
1e-7 5 6 255 0 7
0 1
`)
  })

  it('writes the same numbers in binary, little endian', () => {
    const all = bytes(cloud)
    const text = new TextDecoder().decode(all)
    expect(text).toContain('format binary_little_endian 1.0')
    const start = text.indexOf('end_header\n') + 'end_header\n'.length
    const view = new DataView(all.buffer, start)
    expect(view.byteLength).toBe(2 * 27 + 8)
    expect([0, 1, 2].map((k) => view.getFloat64(27 + 8 * k, true))).toEqual([1e-7, 5, 6])
    expect([0, 1, 2].map((k) => view.getUint8(27 + 24 + k))).toEqual([255, 0, 7])
    expect([view.getInt32(54, true), view.getInt32(58, true)]).toEqual([0, 1])
  })

  it('writes clouds of any size, also none, in pieces', () => {
    expect(new TextDecoder().decode(bytes({ positions: [] }))).toContain('element vertex 0\n')
    const n = 10_000
    const chunks = [...writePly({ positions: new Float64Array(3 * n) })]
    expect(chunks.length).toBeGreaterThan(2)
    expect(chunks.slice(1).reduce((sum, chunk) => sum + chunk.length, 0)).toBe(24 * n)
  })

  it('refuses columns that do not fit', () => {
    expect(() => bytes({ positions: [1, 2] })).toThrow(UsageError)
    expect(() => bytes({ positions: [1, 2, Number.NaN] })).toThrow(UsageError)
    expect(() => bytes({ positions: [1, 2, 3], colors: [1] })).toThrow(UsageError)
    expect(() => bytes({ positions: [1, 2, 3], edges: [0, 1] })).toThrow('an edge ends at point 1; there are 1')
  })
})
