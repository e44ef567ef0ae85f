import type { Graph } from '../../graph/index.ts'
import type { ReadReport } from '../source.ts'

export type PoseGraphFormat = 'g2o' | 'toro' | 'isam' | 'keble'

/** A PARAMS_… line of a .g2o file: what edges refer to by id, kept for the writer. */
export interface G2oParameter {
  /** 'PARAMS_SE3OFFSET', 'PARAMS_CAMERACALIB', … */
  readonly tag: string
  readonly id: number
  readonly numbers: readonly number[]
}

/** A pose graph as a file holds it. */
export interface PoseGraphFile {
  readonly format: PoseGraphFormat
  readonly graph: Graph
  readonly kind: 'pose-graph-2d' | 'pose-graph-3d' | 'pose-graph-sim3'
  /** Of the space the poses live in. */
  readonly dimension: 2 | 3
  /** Whether the file says where its variables are. 'none': all stand at the identity, in the order they are named. */
  readonly initial: 'vertices' | 'none'
  readonly report: ReadReport
  /** Parameters that a .g2o writer puts back. */
  readonly parameters: readonly G2oParameter[]
}
