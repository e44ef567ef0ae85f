import {
  type PoseGraphFile,
  readG2o,
  readIsam,
  readKeble,
  readPoseGraph,
  readToro,
  writeG2o,
} from '../../src/data/index.ts'
import type { FuzzTarget } from './cases.ts'

const diagonal = (m: number, x = 4): string =>
  Array.from({ length: m }, (_, i) => [x + i, ...Array.from({ length: m - 1 - i }, () => 0)].join(' ')).join(' ')

/** Files that touch every line the readers know; also the seeds of the property tests. */
export const g2oPlane = `# a plane
VERTEX_SE2 0 0 0 0
VERTEX_SE2 1 1 0.5 1.5707963
VERTEX_SE2 9007199254740993 2e-3 -1.5 -3.1
VERTEX_XY 7 3 4
FIX 0
EDGE_SE2 0 1 1 0.5 1.57 ${diagonal(3)}
EDGE_SE2 9007199254740993 1 0.1 -0.2 0.3 10 1 0.5 12 0.25 30
EDGE_SE2_XY 1 7 0.5 0.25 ${diagonal(2)}
EDGE_SE2_XY 7 0 3.1 4.2 2 0.5 3
EDGE_BEARING_SE2_XY 0 7 0.9 100
EDGE_RANGE_SE2_XY 0 7 5 25
EDGE_RANGE_SE2_XY 1 7 5
EDGE_BEARING_RANGE_SE2_XY 0 7 0.9 5 100 0 25
EDGE_PRIOR_SE2 0 0 0 0 ${diagonal(3)}
VERTEX_XY 8 0 1
EDGE_POINTXY 7 8 -3 -3 ${diagonal(2)}
EDGE_PRIOR_XY 7 3 4 ${diagonal(2)}
UNKNOWN 1 2 3
`
export const g2oSpace = `PARAMS_SE3OFFSET 0 0.1 0 0.2 0 0 0 1
PARAMS_SE3OFFSET 3 0 0 0 0 0 0 1
PARAMS_CAMERACALIB 1 0 0 0 0 0 0 1 500 500 320 240
VERTEX_SE3:QUAT 0 0 0 0 0 0 0 1
VERTEX_SE3:QUAT 1 1 0.5 0.25 0.5 0.5 -0.5 0.5
VERTEX_SE3:QUAT 2 1 2 3 0.1 0.2 0.3 -0.9
VERTEX_TRACKXYZ 10 4 5 6
FIX 0 1
EDGE_SE3:QUAT 0 1 1 0.5 0.25 0.5 0.5 -0.5 0.5 ${diagonal(6)}
EDGE_SE3:QUAT 2 1 0.1 0.2 0.3 0 0 0.7071068 0.7071068 ${diagonal(6, 100)}
EDGE_SE3_TRACKXYZ 0 10 0 4 5 6 ${diagonal(3)}
EDGE_SE3_TRACKXYZ 10 1 3 4 5 6 ${diagonal(3)}
EDGE_SE3_TRACKXYZ 2 10 4 5 6 ${diagonal(3)}
EDGE_SE3_PRIOR 0 3 0 0 0 0 0 0 1 ${diagonal(6)}
EDGE_SE3_PRIOR 1 0 0 0 0 0 0 1 ${diagonal(6)}
EDGE_SE3_PRIOR 2 0 0 0 0 0 0 0 1 ${diagonal(6)}
EDGE_POINTXYZ 10 11 1 1 1 ${diagonal(3)}
VERTEX_POINT_XYZ 11 5 6 7
EDGE_POINTXYZ_PRIOR 10 4 5 6 ${diagonal(3)}
`
export const g2oEdgesAlone = `EDGE_SE2 0 1 1 0 0 ${diagonal(3)}
EDGE_SE2 1 2 1 0 0 ${diagonal(3)}
EDGE_SE2 0 2 2 0.1 0 ${diagonal(3)}
`
export const toroPlane = `VERTEX2 0 0 0 0
VERTEX2 1 1 0 0.1
VERTEX2 2 2 0 0.2
EDGE2 0 1 1 0 0.1 4 1 5 9 0.5 0.25
EDGE2 2 1 -1 0 0.1 1 0 1 1 0 0
BR 0 20 0.5 3 0.0349 0.1
BR 1 20 0.7 2.5 0.0349 0.1
EQUIV 2 0
`
export const toroSpace = `VERTEX3 0 0 0 0 0 0 0
VERTEX3 1 1 0 0 0.1 0.2 0.3
EDGE3 0 1 1 0 0 0.1 0.2 0.3 ${diagonal(6)}
`
export const isamPlane = `ODOMETRY 0 1 1 0 0.1 10 1 0.5 10 0.25 20
ODOMETRY 1 2 1 0 0.1 10 0 0 10 0 20
EDGE2 2 0 -2 0 -0.2 10 0 0 10 0 20
LANDMARK 0 1 2 3 1.5 0.5 2
LANDMARK 2 1 0 3 1.5 0 2
`
export const isamSpace = `EDGE3 0 1 1 0 0 0.1 0.2 0.3 ${diagonal(6)}
EDGE3 2 1 1 0 0 0.1 0.2 0.3
POINT3 0 1 1 2 3 ${diagonal(3)}
POINT3 1 1 1 2 3
SOLVE
`
export const isamInitial = `POSE3D_INIT 0 0 0 0 0 0 0
POSE3D_INIT 1 1 0 0 0 0 1
EDGE3 0 1 1 0 0 0.1 0.2 0.3
POINT3 1 4 1 2 3
`
export const keble = `Poses
1 0 0 0
0 1 0 0
0 0 1 0

0 -1 0 0.5
1 0 0 0.25
0 0 1 -0.125

1 0 0 1
0 1 0 2
0 0 1 3

1 0 0 0.1
0 0 -1 0.2
0 1 0 0.3

Scale
0.370729
LoopId
0
Points
0.5 0.25 2
1 2 3
Obs
0, 0 : 244 24
1, 2 : 32 30
`

/** Besides reading: everything read is finite, and what can be written as .g2o reads back the same. */
async function readWriteRead(file: PoseGraphFile): Promise<void> {
  const { graph, parameters } = file
  for (const x of graph.values.data) if (!Number.isFinite(x)) throw new Error(`a value that was read is ${x}`)
  for (const batch of graph.batches)
    for (const column of [batch.data.view(), batch.information?.view() ?? []])
      for (const x of column) if (!Number.isFinite(x)) throw new Error(`a factor of ${batch.type.name} holds ${x}`)
  if (file.format !== 'g2o') return
  const text = [...writeG2o(graph, graph.values, { parameters })].join('')
  const again = await readG2o(text)
  const twice = [...writeG2o(again.graph, again.graph.values, again)].join('')
  if (twice !== text) throw new Error('reading what was written gives another graph')
}

const target = (name: string, read: typeof readG2o, seeds: readonly string[]): FuzzTarget => ({
  name,
  seeds,
  read: async (source) => readWriteRead(await read(source, { name, repairInformation: name.endsWith('repair') })),
})

export const poseGraphTargets: readonly FuzzTarget[] = [
  target('g2o', readG2o, [g2oPlane, g2oSpace, g2oEdgesAlone]),
  target('g2o-repair', readG2o, [g2oPlane, g2oSpace]),
  target('toro', readToro, [toroPlane, toroSpace]),
  target('isam', readIsam, [isamPlane, isamSpace, isamInitial]),
  target('keble', readKeble, [keble]),
  target('pose-graph', readPoseGraph, [g2oPlane, g2oSpace, toroPlane, toroSpace, isamPlane, isamSpace, keble]),
]
