import type { ReadOptions, Source } from '../source.ts'
import { peek, readLines } from '../text/index.ts'
import { readG2o } from './g2o.ts'
import { readIsam } from './isam.ts'
import { readKeble } from './keble.ts'
import type { PoseGraphFile, PoseGraphFormat } from './pose-graph-file.ts'
import { readToro } from './toro.ts'

const READERS: Readonly<Record<PoseGraphFormat, (source: Source, options?: ReadOptions) => Promise<PoseGraphFile>>> = {
  g2o: readG2o,
  toro: readToro,
  isam: readIsam,
  keble: readKeble,
}

/** How much of a file is looked at to recognise it. */
const HEAD = 1 << 16

/** Reads a pose graph in whichever of our text formats it is: see {@link readG2o}, {@link readToro}, {@link readIsam}, {@link readKeble}. */
export async function readPoseGraph(source: Source, options: ReadOptions = {}): Promise<PoseGraphFile> {
  const { head, source: whole } = await peek(source, HEAD)
  return READERS[await recognisePoseGraph(head, options.name)](whole, options)
}

/**
 * The format of a pose graph file by its first bytes. Tags decide; where only EDGE2 or EDGE3 lines are to be seen, which
 * TORO and iSAM share, the place of the zeros does. Text of no known kind is taken for g2o, whose reader says what is
 * wrong with it.
 */
export async function recognisePoseGraph(head: Uint8Array, name = 'input'): Promise<PoseGraphFormat> {
  const found: { format: PoseGraphFormat | null; edges: PoseGraphFormat | null } = { format: null, edges: null }
  await readLines(
    head,
    (line) => {
      if (found.format) return
      const tag = line.word('a tag')
      if (/^(VERTEX_|EDGE_|PARAMS_|FIX$)/.test(tag)) found.format = 'g2o'
      else if (/^(VERTEX[23]?|EQUIV|BR|EDGE)$/.test(tag)) found.format = 'toro'
      else if (/^(ODOMETRY|LANDMARK|POINT3|Constraint2|POSE3D_INIT)$/.test(tag)) found.format = 'isam'
      else if (tag === 'Poses' && line.done) found.format = 'keble'
      else if (tag === 'EDGE2') found.edges ??= edge2Format(line.rest())
      else if (tag === 'EDGE3') found.edges ??= 'isam'
    },
    { name, comment: '#' },
  )
  return found.format ?? found.edges ?? 'g2o'
}

/**
 * iSAM's six numbers are R by rows, with diagonal entries first, fourth and last; TORO's are Ω as xx xy yy θθ xθ yθ, with
 * diagonal entries first, third and fourth. A zero on the diagonal gives the wrong reading away.
 */
function edge2Format(rest: string): PoseGraphFormat {
  const numbers = rest.split(/\s+/).map(Number).slice(5)
  const [, , third = 0, , , last = 0] = numbers
  return last === 0 && third !== 0 ? 'toro' : 'isam'
}
