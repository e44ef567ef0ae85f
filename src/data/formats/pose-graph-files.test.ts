import { createReadStream } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { dataRoot, realData } from '../../../test/real-data.ts'
import type { Graph } from '../../graph/index.ts'
import type { Source } from '../source.ts'
import { writeG2o } from './g2o-writer.ts'
import { readPoseGraph } from './pose-graph.ts'
import type { PoseGraphFile } from './pose-graph-file.ts'

const open = (name: string): Source => createReadStream(`${dataRoot}/pose-graphs/${name}`)
const read = (name: string): Promise<PoseGraphFile> => readPoseGraph(open(name), { name })

/** file: format, dimension, where its start comes from, variables, factors: counted with other tools. */
const FILES: readonly (readonly [string, string, 2 | 3, 'vertices' | 'none', number, number])[] = [
  ['sesync/tinyGrid3D.g2o', 'g2o', 3, 'vertices', 9, 11],
  ['sesync/smallGrid3D.g2o', 'g2o', 3, 'vertices', 125, 297],
  ['sesync/sphere2500.g2o', 'g2o', 3, 'vertices', 2500, 4949],
  ['sesync/parking-garage.g2o', 'g2o', 3, 'vertices', 1661, 6275],
  ['sesync/intel.g2o', 'g2o', 2, 'vertices', 1728, 2512],
  ['sesync/MIT.g2o', 'g2o', 2, 'vertices', 808, 827],
  ['sesync/CSAIL.g2o', 'g2o', 2, 'none', 1045, 1172],
  ['sesync/manhattan.g2o', 'g2o', 2, 'none', 3500, 5453],
  ['sesync/kitti_00.g2o', 'g2o', 2, 'none', 4541, 4677],
  ['sesync/kitti_05.g2o', 'g2o', 2, 'none', 2761, 2826],
  ['dpgo/kitti_06.g2o', 'g2o', 2, 'none', 1101, 1150],
  ['dpgo/kitti_07.g2o', 'g2o', 2, 'none', 1101, 1106],
  ['dpgo/input_INTEL_g2o.g2o', 'g2o', 2, 'vertices', 1228, 1483],
  ['slambook/M3500a.g2o', 'g2o', 2, 'vertices', 3500, 5453],
  ['vertigo/intel/originalDataset/intel.g2o', 'g2o', 2, 'vertices', 943, 1837],
  ['vertigo/manhattan/originalDataset/Olson/manhattanOlson3500.g2o', 'g2o', 2, 'vertices', 3500, 5598],
  ['vertigo/manhattan/originalDataset/g2o/manhattanOlson3500.g2o', 'g2o', 2, 'vertices', 3500, 5598],
  ['vertigo/ring/originalDataset/ring.g2o', 'g2o', 2, 'vertices', 434, 459],
  ['vertigo/ring/groundTruth/ring.g2o', 'g2o', 2, 'vertices', 434, 459],
  ['vertigo/ringCity/originalDataset/ringCity.g2o', 'g2o', 2, 'vertices', 2361, 3261],
  ['vertigo/ringCity/groundTruth/ringCity.g2o', 'g2o', 2, 'vertices', 2361, 3261],
  ['rrr/B25b/B25b_0.150.g2o', 'g2o', 2, 'vertices', 8358, 8707],
  ['rrr/B25b/B25b_0.500.g2o', 'g2o', 2, 'vertices', 8358, 8479],
  ['rrr/B25b/Bicocca25b_GT_GPS.g2o', 'g2o', 2, 'vertices', 6580, 6579],
  ['kimera_rpgo/robot_a.g2o', 'g2o', 3, 'vertices', 50, 52],
  ['kimera_rpgo/robot_b.g2o', 'g2o', 3, 'vertices', 42, 43],
  ['kimera_rpgo/ordered.g2o', 'g2o', 3, 'vertices', 140, 153],
  ['kimera_rpgo/unordered.g2o', 'g2o', 3, 'vertices', 140, 153],
  ['gtsam/Klaus3.g2o', 'g2o', 3, 'vertices', 3, 3],
  ['gtsam/toyExample.g2o', 'g2o', 3, 'vertices', 5, 6],
  ['gtsam/noisyToyGraph.txt', 'g2o', 2, 'vertices', 4, 5],
  ['gtsam/optimizedNoisyToyGraph.txt', 'g2o', 2, 'vertices', 4, 5],
  ['gtsam/pose3example-grid.txt', 'g2o', 3, 'vertices', 27, 44],
  ['gtsam/example.graph', 'toro', 2, 'vertices', 95 + 24, 94 + 422],
  ['gtsam/w100.graph', 'toro', 2, 'vertices', 100, 300],
  ['isam/manhattanOlson3500.txt', 'isam', 2, 'none', 3500, 5598],
  ['isam/groundtruth/manhattanOlson3500_groundtruth.txt', 'isam', 2, 'none', 3500, 5598],
  ['isam/sphere400.txt', 'isam', 3, 'none', 400, 779],
  ['isam/victoriaPark.txt', 'isam', 2, 'none', 6969 + 151, 6968 + 3640],
  ['keble/keble_college.txt', 'keble', 3, 'vertices', 765, 765],
]

describe.each(FILES)('%s', (name, format, dimension, initial, variables, factors) => {
  it.skipIf(!realData(`pose-graphs/${name}`))('reads whole', async () => {
    const file = await read(name)
    const { graph, report } = file
    expect([file.format, file.dimension, file.initial]).toEqual([format, dimension, initial])
    expect([graph.variableCount, graph.factorCount]).toEqual([variables, factors])
    expect(report.unknownTags).toEqual([])
    expect(report.repaired).toBe(0)
  })
})

/** A file's parts, one after the other. */
async function* together(names: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const name of names) yield* open(name) as AsyncIterable<Uint8Array>
}

const ARGOS: readonly (readonly [string, number, number])[] = [
  ['clean/example_2robots', 2, 884],
  ['clean/example_4robots', 4, 440],
  ['spoiled/example_2robots', 2, 284],
  ['spoiled/example_4robots', 4, 1100],
]

describe.each(ARGOS)('dist_mapper/argos_simulation/%s', (folder, robots, poses) => {
  const names = Array.from({ length: robots }, (_, k) => `dist_mapper/argos_simulation/${folder}/${k}.g2o`)

  it.skipIf(!realData(`pose-graphs/${names[0]}`))('names the other robots’ poses apart, reads together', async () => {
    await expect(read(names[0])).rejects.toThrow(
      /which has no VERTEX line \(\d+ more like it; if the graph is in several/,
    )
    const { graph } = await readPoseGraph(together(names))
    expect(graph.variableCount).toBe(poses)
    expect(typeof graph.values.key(0)).toBe('bigint')
  })
})

describe('what is read', () => {
  const chi2 = (graph: Graph): number => {
    let sum = 0
    for (const { type, variables, data, information, count } of graph.batches) {
      const m = type.residualDim
      const arity = type.variables.length
      const r = new Float64Array(m)
      const at = new Int32Array(arity)
      const indices = variables.view()
      for (let row = 0; row < count; row++) {
        for (let k = 0; k < arity; k++) at[k] = graph.values.offset(indices[row * arity + k])
        type.evaluate(graph.values.data, at, 0, data.view(), row * type.dataSize, r, 0, null, 0)
        let k = (row * m * (m + 1)) / 2
        for (let i = 0; i < m; i++)
          for (let j = i; j < m; j++) sum += (i === j ? 1 : 2) * r[i] * information!.view()[k++] * r[j]
      }
    }
    return sum
  }

  // Initial costs that peers print for the same files, to their digits.
  it.skipIf(!realData('pose-graphs/sesync/sphere2500.g2o'))('costs what it costs elsewhere', async () => {
    expect(chi2((await read('sesync/intel.g2o')).graph)).toBeCloseTo(551.74, 2)
    expect(chi2((await read('sesync/parking-garage.g2o')).graph)).toBeCloseTo(16720, 0)
    expect(chi2((await read('sesync/sphere2500.g2o')).graph) / 2.548e6).toBeCloseTo(1, 3)
  })

  it.skipIf(!realData('pose-graphs/vertigo/ring/groundTruth/ring.g2o'))('fits the truth it comes with', async () => {
    // Truth is printed with six decimals: |e| ≤ √3 · 1e-6, Ω ≤ 400, 459 and 3261 edges.
    expect(chi2((await read('vertigo/ring/groundTruth/ring.g2o')).graph)).toBeLessThan(459 * 3 * 400e-12)
    expect(chi2((await read('vertigo/ringCity/groundTruth/ringCity.g2o')).graph)).toBeLessThan(3261 * 3 * 400e-12)
  })

  it.skipIf(!realData('pose-graphs/isam/manhattanOlson3500.txt'))(
    'takes iSAM’s numbers for a square root',
    async () => {
      // The same measurements as .g2o, whose information is the same number unsquared (44.72135955 for a variance of
      // 0.0005 = 1/44.72²). At the .g2o file's optimum chi2 is 146.0766 as .g2o reads it and 44.72135955 times as much,
      // 6532.745, as iSAM does, for 3 · (5598 − 3499) = 6297 degrees of freedom: noise as large as claimed.
      const isam = (await read('isam/manhattanOlson3500.txt')).graph
      const g2o = (await read('vertigo/manhattan/originalDataset/g2o/manhattanOlson3500.g2o')).graph
      for (let i = 0; i < g2o.variableCount; i++) {
        const key = g2o.values.key(i)
        isam.values.set(key, g2o.values.get(key))
      }
      // The .g2o file prints its numbers with six digits.
      expect(chi2(isam) / chi2(g2o) / 44.72135955).toBeCloseTo(1, 5)
    },
  )

  it.skipIf(!realData('pose-graphs/sesync/sphere2500.g2o'))('comes back from .g2o text bit for bit', async () => {
    for (const name of [
      'sesync/sphere2500.g2o',
      'sesync/intel.g2o',
      'isam/victoriaPark.txt',
      'kimera_rpgo/robot_a.g2o',
    ]) {
      const first = await read(name)
      const text = [...writeG2o(first.graph, first.graph.values, first)].join('')
      const second = await readPoseGraph(text)
      expect(second.graph.values.data).toEqual(first.graph.values.data)
      for (const [k, batch] of first.graph.batches.entries()) {
        const again = second.graph.batches[k]
        expect(again.type).toBe(batch.type)
        expect(again.variables.view()).toEqual(batch.variables.view())
        expect(again.data.view()).toEqual(batch.data.view())
        expect(again.information!.view()).toEqual(batch.information!.view())
      }
    }
  })
})
