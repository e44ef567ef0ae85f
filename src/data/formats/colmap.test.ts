import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { realData } from '../../../test/real-data.ts'
import { reprojectionSimplePinhole } from '../../graph/index.ts'
import { UsageError } from '../../numeric/index.ts'
import { InputError } from '../errors.ts'
import { readColmap } from './colmap.ts'
import { bundleOfColmap, colmapWith } from './colmap-bundle.ts'
import type { ColmapSources } from './colmap-model.ts'
import { writeColmap } from './colmap-text.ts'

const cameras = '# cameras\n1 PINHOLE 640 480 500 510 320 240\n7 SIMPLE_RADIAL 640 480 500 320 240 -0.01\n'
const images = `# images
1 1 0 0 0 0.5 0 0 1 first image.png
320 240 3 100.5 20.25 -1

# between
2 0.8 0 0.6 0 1 2 3 7 second.png

3 1 0 0 0 0 0 0 7 third.png
10 20 3`
const points = '# points\n3 0 0 5 255 128 0 0.25 1 0 3 0\n'

const model = { cameras, images, points }
const join = (parts: Iterable<string>) => [...parts].join('')
const texts = (m: Parameters<typeof writeColmap>[0]): ColmapSources => {
  const written = writeColmap(m)
  return { cameras: join(written.cameras), images: join(written.images), points: join(written.points) }
}

async function failure(sources: ColmapSources): Promise<string> {
  const error = await readColmap(sources, { name: 'm' }).then(
    () => null,
    (e: unknown) => e,
  )
  expect(error).toBeInstanceOf(InputError)
  return (error as InputError).message
}

/** A small binary model, by hand: one SIMPLE_PINHOLE camera, one image with two key points, one point. */
function binary(): { cameras: Uint8Array; images: Uint8Array; points: Uint8Array } {
  const cat = (...parts: (number[] | Uint8Array)[]) => Uint8Array.from(parts.flatMap((part) => Array.from(part)))
  const u32 = (x: number) => new Uint8Array(Uint32Array.of(x).buffer)
  const u64 = (x: bigint) => new Uint8Array(BigUint64Array.of(x).buffer)
  const f64 = (...x: number[]) => new Uint8Array(Float64Array.from(x).buffer)
  return {
    cameras: cat(u64(1n), u32(1), u32(0), u64(640n), u64(480n), f64(500, 320, 240)),
    images: cat(
      ...[u64(1n), u32(2), f64(1, 0, 0, 0, 0.5, 0, 0), u32(1), [97, 46, 106, 112, 103, 0]],
      ...[u64(2n), f64(370, 240), u64(9n), f64(1, 2), u64(2n ** 64n - 1n)],
    ),
    points: cat(u64(1n), u64(9n), f64(0, 0, 5), [1, 2, 3], f64(0.5), u64(1n), u32(2), u32(0)),
  }
}

describe('readColmap', () => {
  it('reads text: comments, empty key point lines, names with spaces', async () => {
    const read = await readColmap(model)
    expect(read.cameras.map(({ id, model: name }) => [id, name])).toEqual([
      [1, 'PINHOLE'],
      [7, 'SIMPLE_RADIAL'],
    ])
    expect(read.images.map(({ name, pixels }) => [name, pixels.length])).toEqual([
      ['first image.png', 4],
      ['second.png', 0],
      ['third.png', 2],
    ])
    expect(Array.from(read.images[1].cameraFromWorld)).toEqual([1, 2, 3, 0, 0.6, 0, 0.8])
    expect(Array.from(read.images[0].pointIds)).toEqual([3, -1])
    expect(Array.from(read.points.tracks)).toEqual([1, 0, 3, 0])
  })

  it('reads binary', async () => {
    const read = await readColmap(binary())
    expect(read.cameras[0]).toMatchObject({ id: 1, model: 'SIMPLE_PINHOLE', width: 640, height: 480 })
    expect(read.images[0]).toMatchObject({ id: 2, name: 'a.jpg', camera: 1 })
    expect(Array.from(read.images[0].pointIds)).toEqual([9, -1])
    expect(Array.from(read.points.colors)).toEqual([1, 2, 3])
  })

  it('reads what it wrote, to the last bit', async () => {
    for (const sources of [model, binary()]) {
      const first = await readColmap(sources)
      expect(await readColmap(texts(first))).toEqual(first)
    }
  })

  it('keeps names with a number sign, and says which ones text cannot hold', async () => {
    const named = (name: string) => readColmap({ ...model, images: images.replace('second.png', name) })
    expect((await named('image #2.png')).images[1].name).toBe('image #2.png')
    const read = await readColmap(model)
    for (const name of ['', 'a  b.png', ' a.png', 'a\nb.png', 'a\tb.png']) {
      const renamed = { ...read, images: [{ ...read.images[0], name }] }
      expect(() => writeColmap(renamed)).toThrow('has no place in COLMAP')
    }
  })

  it('names file, line, what was expected and what came', async () => {
    expect(await failure({ ...model, cameras: '1 WIDE 640 480 5' })).toContain(
      'm/cameras:1: expected a camera model (SIMPLE_PINHOLE',
    )
    expect(await failure({ ...model, cameras: '1 PINHOLE 640 480 5' })).toContain(
      'expected 4 numbers (the parameters of PINHOLE)',
    )
    expect(await failure({ ...model, images: '1 1 0 0 0 0.5 0 0 1 a.png\n320 240' })).toContain(
      'm/images:2: expected id of a point',
    )
    expect(await failure({ ...model, images: '1 3 0 0 0 0.5 0 0 1 a.png\n' })).toContain(
      'm/images:1: expected a quaternion of length 1',
    )
    expect(await failure({ ...model, points: '3 0 0 5 256 0 0 1' })).toContain(
      'm/points3D:1: expected a whole number in [0, 255] (a color)',
    )
    expect(await failure({ ...model, points: '3 0 0 nan 25 0 0 1' })).toContain(
      'm/points3D:1: expected a finite number',
    )
    expect(await failure({ ...model, cameras: cameras + cameras })).toBe(
      'm/cameras: expected each camera once, found camera 1 twice',
    )
    expect(await failure({ ...model, cameras: '1 PINHOLE 640 480 5 5 5 5' })).toBe(
      'm/images: expected a camera of cameras, found camera 7 in image 2',
    )
    expect(await failure({ ...model, points: '' })).toBe(
      'm/images: expected a point of points3D, found point 3 in image 1',
    )
    expect(await failure({ ...model, points: points.replace('1 0 3 0', '1 1') })).toBe(
      'm/points3D: expected tracks that images agree with, found point 3 at key point 1 of image 1',
    )
  })

  it('refuses every truncation of a binary model', async () => {
    const whole = binary()
    for (const name of ['cameras', 'images', 'points'] as const)
      for (let length = name === 'cameras' ? 2 : 0; length < whole[name].length; length++)
        await failure({ ...whole, [name]: whole[name].subarray(0, length) })
    expect(await failure({ ...whole, points: Uint8Array.of(...whole.points, 0) })).toContain('found 1 more bytes')
  })

  it('survives any change of bytes (property)', async () => {
    const encode = (text: string) => new TextEncoder().encode(text)
    for (const whole of [binary(), { cameras: encode(cameras), images: encode(images), points: encode(points) }]) {
      const edit = fc.tuple(fc.constantFrom('cameras', 'images', 'points'), fc.nat(1000), fc.nat(255))
      await fc.assert(
        fc.asyncProperty(fc.array(edit, { minLength: 1, maxLength: 4 }), async (edits) => {
          const changed = { cameras: whole.cameras.slice(), images: whole.images.slice(), points: whole.points.slice() }
          for (const [name, at, byte] of edits) changed[name][at % changed[name].length] = byte
          await readColmap(changed).catch((error) => expect(error).toBeInstanceOf(InputError))
        }),
        { numRuns: 300 },
      )
    }
  })
})

describe('bundleOfColmap', () => {
  it('projects each point onto its key point where the model fits', async () => {
    const { graph, observations } = bundleOfColmap(await readColmap(binary()))
    expect(observations).toBe(1)
    const [{ type, data }] = graph.batches
    expect(type).toBe(reprojectionSimplePinhole)
    // The camera stands at x = −0.5: the point (0, 0, 5) is seen at 500 · 0.5 / 5 + 320 = 370.
    const r = new Float64Array(2)
    const at = Int32Array.of(...['c2', 'k1', 'p9'].map((key) => graph.values.offset(graph.values.index(key))))
    type.evaluate(graph.values.data, at, 0, data.view(), 0, r, 0, null, 0)
    expect(Array.from(r)).toEqual([0, 0])
  })

  it('names the camera models that it can project', async () => {
    const fisheye = await readColmap({ cameras: '1 FOV 640 480 5 5 5 5 1', images: '', points: '' })
    expect(() => bundleOfColmap(fisheye)).toThrow(UsageError)
  })
})

const folder = 'bundle-adjustment/colmap_sbcv_bin'

describe.skipIf(!realData(folder))('a real binary model', () => {
  const real = () => {
    const file = (name: string) => readFileSync(realData(`${folder}/${name}`)!)
    return readColmap({ cameras: file('cameras.bin'), images: file('images.bin'), points: file('points3D.bin') })
  }

  it('has 11 images and 37,123 observations, and the errors that COLMAP stored', async () => {
    const read = await real()
    const { graph, cameras: count, observations } = bundleOfColmap(read)
    expect([count, observations]).toEqual([11, 37123])
    const { errors } = colmapWith(read, graph).points
    // Projections are pixels up to 2832, differences of a few: some ten roundings of numbers of that size.
    const differences = errors.map((error, i) => Math.abs(error - read.points.errors[i]))
    expect(Math.max(...differences)).toBeLessThan(20 * 2832 * Number.EPSILON)
  })

  it('comes back from text to the last bit', async () => {
    const read = await real()
    expect(await readColmap(texts(read))).toEqual(read)
  })
})
