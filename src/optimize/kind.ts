import type { Graph } from '../graph/index.ts'

export type ProblemKind = 'pose-graph-2d' | 'pose-graph-3d' | 'pose-graph-sim3' | 'bundle-adjustment' | 'least-squares'

/** What a graph is about, from its factors: reports and automatic choices go by it. */
export function problemKind(graph: Graph): ProblemKind {
  for (const { type } of graph.batches) if (/^(reprojection|stereo)/.test(type.name)) return 'bundle-adjustment'
  for (const { type } of graph.batches) {
    switch (type.relative?.name) {
      case 'SE2':
        return 'pose-graph-2d'
      case 'SE3':
        return 'pose-graph-3d'
      case 'Sim3':
        return 'pose-graph-sim3'
    }
  }
  return 'least-squares'
}
