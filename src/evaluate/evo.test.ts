/**
 * Agreement with evo (M. Grupp, "evo: Python package for the evaluation of odometry and SLAM", 2017) on the files that it
 * ships. The archives in res_files were made by
 *
 *   evo_ape kitti KITTI_00_gt.txt KITTI_00_ORB.txt -a --save_results orb_ape.zip          (SPTAM likewise)
 *   evo_rpe kitti KITTI_00_gt.txt KITTI_00_ORB.txt -d 10 -u m --save_results orb_rpe.zip  (SPTAM likewise)
 *
 * the second with consecutive pairs along the estimate's path, not aligned. KITTI poses are paired by line. The other two,
 * *_rpe-for-each.zip, come from a ROS bag that is not among the files ("evo_rpe-for-each bag ROS_example.bag"), so they
 * cannot be computed again.
 * TUM numbers are of `evo_ape tum TRUTH ESTIMATE -a` (-as for Sim3), association at most 0.01 s, no offset.
 */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { readEvoArchive } from '../../test/evo-archive.ts'
import { realData } from '../../test/real-data.ts'
import { readKitti, readTum } from '../data/index.ts'
import { associate } from './associate.ts'
import { absoluteTrajectoryError, relativePoseError } from './trajectory-error.ts'

const folder = 'trajectories/evo'
const bytes = (name: string) => readFileSync(realData(`${folder}/${name}`)!)
const kitti = (name: string) => readKitti(bytes(name), { name })
const tum = (name: string) => readTum(bytes(name), { name })

const statisticNames = ['rmse', 'mean', 'median', 'std', 'min', 'max'] as const

describe.skipIf(!realData(`${folder}/KITTI_00_gt.txt`))('KITTI 00, evo’s stored results', () => {
  for (const [label, estimateFile, rmse] of [
    ['orb', 'KITTI_00_ORB.txt', '1.303450'],
    ['sptam', 'KITTI_00_SPTAM.txt', '3.738488'],
  ] as const) {
    it(`${label}: APE with SE(3) alignment, to 1e-9, each of the 4541 errors`, async () => {
      const stored = readEvoArchive(bytes(`res_files/${label}_ape.zip`))
      const error = absoluteTrajectoryError(await kitti(estimateFile), await kitti('KITTI_00_gt.txt'), { align: 'se3' })
      expect(error.rmse.toFixed(6)).toBe(rmse)
      // Positions only, of up to 600 m: sums of 4541 products and one eigenvector, 1e-16 · 600 · a few thousand.
      for (const name of statisticNames) expect(Math.abs(error[name] - stored.statistics[name])).toBeLessThan(1e-9)
      expect(Math.abs(error.sse / stored.statistics['sse'] - 1)).toBeLessThan(1e-9)
      expect(error.errors.length).toBe(stored.errors.length)
      expect(largestDifference(error.errors, stored.errors)).toBeLessThan(1e-9)
    })

    it(`${label}: RPE over 10 m of path, to 1e-6`, async () => {
      const stored = readEvoArchive(bytes(`res_files/${label}_rpe.zip`))
      const error = relativePoseError(await kitti(estimateFile), await kitti('KITTI_00_gt.txt'), {
        delta: 10,
        unit: 'metres',
      })
      expect(error.n).toBe(stored.errors.length)
      for (const name of statisticNames) expect(Math.abs(error[name] - stored.statistics[name])).toBeLessThan(1e-6)
      // Relative motions are turned by the file's rotations, which have six digits; evo takes them as they stand, we
      // bring them onto the group. 10 m · 1e-6 / 2 is the worst that can make; the 1.2e-6 of single pairs is that.
      expect(Math.abs(error.sse / stored.statistics['sse'] - 1)).toBeLessThan(1e-6)
      expect(largestDifference(error.errors, stored.errors)).toBeLessThan(5e-6)
    })
  }
})

function largestDifference(a: Float64Array, b: Float64Array): number {
  return a.reduce((most, x, i) => Math.max(most, Math.abs(x - b[i])), 0)
}

describe.skipIf(!realData(`${folder}/fr2_desk_ORB.txt`))('TUM RGB-D, evo’s published numbers', () => {
  for (const [estimateFile, truthFile, align, rmse] of [
    ['fr2_desk_ORB.txt', 'fr2_desk_groundtruth.txt', 'se3', '0.008119'],
    ['freiburg1_xyz-ORB_kf_mono.txt', 'freiburg1_xyz-groundtruth.txt', 'sim3', '0.009755'],
    ['freiburg1_xyz-rgbdslam.txt', 'freiburg1_xyz-groundtruth.txt', 'se3', '0.013470'],
  ] as const)
    it(`${estimateFile}: APE with ${align} alignment is ${rmse} m`, async () => {
      const pair = associate(await tum(estimateFile), await tum(truthFile), { maxDifference: 0.01 })
      expect(absoluteTrajectoryError(pair.estimate, pair.truth, { align }).rmse.toFixed(6)).toBe(rmse)
    })

  /**
   * evo's issue 67 prints these for `evo_rpe tum fr2_desk_groundtruth.txt fr2_desk_ORB.txt --all_pairs`, delta = 1 frame.
   */
  it('fr2_desk_ORB.txt: RPE from frame to frame', async () => {
    const pair = associate(await tum('fr2_desk_ORB.txt'), await tum('fr2_desk_groundtruth.txt'))
    const error = relativePoseError(pair.estimate, pair.truth, { allPairs: true })
    const shown = Object.fromEntries(statisticNames.map((name) => [name, error[name].toFixed(6)]))
    expect({ ...shown, sse: error.sse.toFixed(6) }).toEqual({
      max: '0.019485',
      mean: '0.003038',
      median: '0.002750',
      min: '0.000132',
      rmse: '0.003490',
      sse: '0.026472',
      std: '0.001718',
    })
  })
})
