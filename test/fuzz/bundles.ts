import {
  type BundleFile,
  bundleOfColmap,
  type ColmapSources,
  readBal,
  readColmap,
  readStereoVo,
  readTumWindow,
  type StereoSources,
  writeBal,
  writeColmap,
} from '../../src/data/index.ts'
import type { FuzzTarget } from './cases.ts'

/** Files that touch everything the readers know. */
const bal = `2 2 3

0 0     -3.8599e+02 3.8712e+02
1 0     1.5 -2.5
1 1     3 4

0.1 -0.2 0.3 1 2 3 500 1e-7 -2e-13
0
0
0
-1
0
5
600
0
0
1 2 -10
3
4 -20
`
const tumWindow = `# Dataset: none
1 2 2
500 510 320 240
0 0     3.7e+02 240
0 1     370 240
0.5 0 0
0 1e-3 0
0
0
5
1 2 8
`
const stereo: Record<keyof StereoSources, string> = {
  calibration: '500 500 0.0 320 240 0.5\n',
  poses: '1 1 0 0 0 0 1 0 0 0 0 1 0 0 0 0 1\n2 1 0 0 1 0 1 0 0 0 0 1 0 0 0 0 1\n',
  factors: '1 7 420 370 240 1 0 5\n2 7 320 270 240 0 0 5\n2 9 320 270 240 0 0 5\n',
}
const colmap: Record<keyof ColmapSources, string> = {
  cameras: '# cameras\n1 PINHOLE 640 480 500 510 320 240\n7 SIMPLE_RADIAL 640 480 500 320 240 -0.01\n',
  images: `# images
1 1 0 0 0 0.5 0 0 1 first image.png
320 240 3 100.5 20.25 -1

2 0.8 0 0.6 0 1 2 3 7 second.png

3 1 0 0 0 0 0 0 7 third.png
10 20 3
`,
  points: '# points\n3 0 0 5 255 128 0 0.25 1 0 3 0\n',
}

const u32 = (x: number) => new Uint8Array(Uint32Array.of(x).buffer)
const u64 = (x: bigint) => new Uint8Array(BigUint64Array.of(x).buffer)
const f64 = (...x: number[]) => new Uint8Array(Float64Array.from(x).buffer)
const joined = (...parts: ArrayLike<number>[]) => Uint8Array.from(parts.flatMap((part) => Array.from(part)))

const colmapBinary: Record<keyof ColmapSources, Uint8Array> = {
  cameras: joined(u64(1n), u32(1), u32(0), u64(640n), u64(480n), f64(500, 320, 240)),
  images: joined(
    ...[u64(1n), u32(2), f64(1, 0, 0, 0, 0.5, 0, 0), u32(1), [97, 46, 106, 112, 103, 0]],
    ...[u64(2n), f64(370, 240), u64(9n), f64(1, 2), u64(2n ** 64n - 1n)],
  ),
  points: joined(u64(1n), u64(9n), f64(0, 0, 5), [1, 2, 3], f64(0.5), u64(1n), u32(2), u32(0)),
}

function checkFinite({ graph }: BundleFile): void {
  for (const x of graph.values.data) if (!Number.isFinite(x)) throw new Error(`a value that was read is ${x}`)
  for (const batch of graph.batches)
    for (const x of batch.data.view())
      if (!Number.isFinite(x)) throw new Error(`a factor of ${batch.type.name} holds ${x}`)
}

/** What was read, written and read again writes the same. */
async function colmapAgain(sources: ColmapSources): Promise<void> {
  const text = (model: Parameters<typeof writeColmap>[0]) => {
    const written = writeColmap(model)
    return {
      cameras: [...written.cameras].join(''),
      images: [...written.images].join(''),
      points: [...written.points].join(''),
    }
  }
  const model = await readColmap(sources)
  const once = text(model)
  if (JSON.stringify(text(await readColmap(once))) !== JSON.stringify(once)) throw new Error('another model came back')
  checkFinite(bundleOfColmap(model))
}

/** A target for each file of a format that has several; the others stay whole. */
function each<K extends string, S extends string | Uint8Array>(
  name: string,
  files: Record<K, S>,
  read: (sources: Record<K, FuzzTarget['seeds'][number] | Parameters<FuzzTarget['read']>[0]>) => Promise<unknown>,
): FuzzTarget[] {
  return (Object.keys(files) as K[]).map((key) => ({
    name: `${name}-${key}`,
    seeds: [files[key]],
    read: (source) => read({ ...files, [key]: source }),
  }))
}

export const bundleTargets: readonly FuzzTarget[] = [
  {
    name: 'bal',
    seeds: [bal],
    read: async (source) => {
      const file = await readBal(source)
      checkFinite(file)
      const again = await readBal([...writeBal(file.graph)].join(''))
      if (again.observations !== file.observations) throw new Error('another problem came back')
    },
  },
  { name: 'tum-window', seeds: [tumWindow], read: async (source) => checkFinite(await readTumWindow(source)) },
  ...each('stereo-vo', stereo, async (sources) => checkFinite(await readStereoVo(sources))),
  ...each('colmap-text', colmap, colmapAgain),
  ...each('colmap-binary', colmapBinary, colmapAgain),
]
