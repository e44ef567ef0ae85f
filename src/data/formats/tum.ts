import { quaternionNormalize } from '../../geometry/index.ts'
import { GrowableFloat64 } from '../../numeric/index.ts'
import { decimal } from '../decimal.ts'
import { InputError } from '../errors.ts'
import type { ReadOptions, Source } from '../source.ts'
import { readLines } from '../text/index.ts'
import { poseSize, type Trajectory } from '../trajectory.ts'

/** Quaternions in files carry a few digits; one farther from length 1 than this is no rotation. */
const slack = 0.1

/**
 * Reads a TUM trajectory (J. Sturm et al., IROS 2012): lines of "time tx ty tz qx qy qz qw", comments after '#'. Fields may
 * be separated by commas. Poses come in the file's order; quaternions are brought to length 1.
 * @throws InputError for lines of other than eight finite numbers, quaternions that are none, and files without poses
 */
export async function readTum(source: Source, options: ReadOptions = {}): Promise<Trajectory> {
  const { name = 'input' } = options
  const times = new GrowableFloat64(1024)
  const poses = new GrowableFloat64(1024)
  const row = new Float64Array(1 + poseSize)
  const { lines } = await readLines(
    source,
    (line) => {
      line.reals(row, 0, row.length, 'time tx ty tz qx qy qz qw')
      line.end('time tx ty tz qx qy qz qw')
      const length = Math.hypot(row[4], row[5], row[6], row[7])
      if (!(Math.abs(length - 1) <= slack))
        throw line.fail('a quaternion qx qy qz qw of length 1', `one of length ${length}`)
      quaternionNormalize(row, 4)
      times.push(row[0])
      poses.append(row.subarray(1))
    },
    { separators: ',', comment: '#', ...options },
  )
  if (times.length === 0) throw new InputError(name, 0, 'a line "time tx ty tz qx qy qz qw"', `none in ${lines} lines`)
  return { timestamps: times.view().slice(), poses: poses.view().slice() }
}

/** A trajectory as TUM lines; every number reads back exactly. */
export function* writeTum({ timestamps, poses }: Trajectory): Generator<string> {
  yield '# time tx ty tz qx qy qz qw\n'
  for (let i = 0; i < timestamps.length; i++) {
    const pose = Array.from(poses.subarray(poseSize * i, poseSize * (i + 1)), decimal)
    yield `${decimal(timestamps[i])} ${pose.join(' ')}\n`
  }
}
