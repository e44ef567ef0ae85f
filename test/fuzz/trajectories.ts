import { readKitti, readTum, type Trajectory, writeKitti, writeTum } from '../../src/data/index.ts'
import type { FuzzTarget } from './cases.ts'

const tum =
  '# time tx ty tz qx qy qz qw\n1.5 1 2 3 0 0 0.71 0.71\n2,0,0,0,0,0,0,1\n1305031102.160407 1e-3 0 0 0.5 -0.5 0.5 0.5\n'
const kitti = '1 0 0 5 0 1 0 6 0 0 1 7\n0 -1 0 5e-3 1 0 0 6 0 0 1 7\n'
const times = '0.000000e+00\n1.037359e-01\n'

function checkFinite({ timestamps, poses }: Trajectory): void {
  if (poses.length !== 7 * timestamps.length) throw new Error('poses and times differ in number')
  for (const x of [...timestamps, ...poses]) if (!Number.isFinite(x)) throw new Error(`a number that was read is ${x}`)
}

export const trajectoryTargets: readonly FuzzTarget[] = [
  {
    name: 'tum',
    seeds: [tum],
    read: async (source) => {
      const once = [...writeTum(await readTum(source))].join('')
      if ([...writeTum(await readTum(once))].join('') !== once) throw new Error('another trajectory came back')
    },
  },
  {
    name: 'kitti',
    seeds: [kitti],
    read: async (source) => {
      const read = await readKitti(source)
      checkFinite(read)
      checkFinite(await readKitti([...writeKitti(read)].join('')))
    },
  },
  {
    name: 'kitti-times',
    seeds: [times],
    read: async (source) => checkFinite(await readKitti(kitti, { times: source })),
  },
]
