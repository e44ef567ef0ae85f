import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { realData } from '../../../test/real-data.ts'
import { euclidean, product, SE2, SE3 } from '../../geometry/index.ts'
import { Graph } from '../../graph/index.ts'
import { UsageError } from '../../numeric/index.ts'
import { InputError } from '../errors.ts'
import { poseSize, selectPoses, type Trajectory, trajectory, trajectoryOf } from '../trajectory.ts'
import { readKitti, writeKitti, writeKittiTimes } from './kitti.ts'
import { readTum, writeTum } from './tum.ts'

const number = fc.double({ min: -1e6, max: 1e6, noNaN: true })
const part = fc.double({ min: -1, max: 1, noNaN: true })

/** Trajectories of 1 to 20 poses with any rotations. */
const trajectories: fc.Arbitrary<Trajectory> = fc
  .array(
    fc.tuple(
      number,
      fc.tuple(number, number, number),
      fc.tuple(part, part, part, part).filter((q) => Math.hypot(...q) > 1e-3),
    ),
    { minLength: 1, maxLength: 20 },
  )
  .map((rows) =>
    trajectory(
      Float64Array.from(rows, ([time]) => time),
      Float64Array.from(rows.flatMap(([, t, q]) => [...t, ...q])),
    ),
  )

const join = (parts: Iterable<string>) => [...parts].join('')

async function failure(reading: Promise<unknown>): Promise<string> {
  const error = await reading.then(
    () => null,
    (e: unknown) => e,
  )
  expect(error).toBeInstanceOf(InputError)
  return (error as InputError).message
}

describe('TUM trajectories', () => {
  it('come back to the last bit (property)', async () => {
    await fc.assert(
      fc.asyncProperty(trajectories, async (t) => {
        expect(await readTum(join(writeTum(t)))).toEqual(t)
      }),
    )
  })

  it('are lines of eight numbers; comments, commas and quaternions of a few digits pass', async () => {
    const { timestamps, poses } = await readTum('# time ...\n1.5,1,2,3,0,0,0.71,0.71\n\n2 0 0 0 0 0 0 1 # last\n')
    expect(Array.from(timestamps)).toEqual([1.5, 2])
    expect(Math.abs(poses[5] - Math.SQRT1_2)).toBeLessThan(2 * Number.EPSILON)
  })

  it('name file, line, what was expected and what came', async () => {
    const read = (text: string) => failure(readTum(text, { name: 't' }))
    expect(await read('')).toBe('t: expected a line "time tx ty tz qx qy qz qw", found none in 0 lines')
    expect(await read('1 0 0 0 0 0 1')).toContain('t:1: expected 8 numbers (time tx ty tz qx qy qz qw)')
    expect(await read('1 0 0 0 0 0 0 1 1')).toContain('t:1: expected the end of the line')
    expect(await read('1 0 0 0 0 0 0 1\n2 0 nan 0 0 0 0 1')).toContain(
      "t:2: expected a finite number (time tx ty tz qx qy qz qw), found 'nan'",
    )
    expect(await read('1 0 0 0 0 0 0 0')).toBe(
      't:1: expected a quaternion qx qy qz qw of length 1, found one of length 0',
    )
  })
})

describe('KITTI trajectories', () => {
  it('come back to rounding, with their times (property)', async () => {
    await fc.assert(
      fc.asyncProperty(trajectories, async (t) => {
        const back = await readKitti(join(writeKitti(t)), { times: join(writeKittiTimes(t)) })
        expect(back.timestamps).toEqual(t.timestamps)
        back.poses.forEach((x, k) => {
          if (k % poseSize < 3) expect(x).toBe(t.poses[k])
        })
        for (let at = 3; at < t.poses.length; at += poseSize) {
          const dot = [0, 1, 2, 3].reduce((sum, k) => sum + back.poses[at + k] * t.poses[at + k], 0)
          const sign = Math.sign(dot)
          // q → R → q: nine entries of three products each, then one root; either sign is the same rotation.
          for (let k = 0; k < 4; k++)
            expect(Math.abs(sign * back.poses[at + k] - t.poses[at + k])).toBeLessThan(16 * Number.EPSILON)
        }
      }),
    )
  })

  it('count frames where there are no times', async () => {
    const line = '1 0 0 5 0 1 0 6 0 0 1 7\n'
    const { timestamps, poses } = await readKitti(line + line)
    expect(Array.from(timestamps)).toEqual([0, 1])
    expect(Array.from(poses.subarray(0, 7))).toEqual([5, 6, 7, 0, 0, 0, 1])
  })

  it('name file, line, what was expected and what came', async () => {
    const line = '1 0 0 5 0 1 0 6 0 0 1 7\n'
    const read = (text: string, times?: string) => failure(readKitti(text, { name: 'k', ...(times && { times }) }))
    expect(await read('')).toBe('k: expected a line of twelve numbers, found none in 0 lines')
    expect(await read('1 2 3')).toContain('k:1: expected 12 numbers (a 3 × 4 pose matrix by rows)')
    expect(await read(line + line.replace('1', '2'))).toContain(
      'k:2: expected a rotation matrix, found one with ‖RᵀR − I‖',
    )
    expect(await read(line.replace('1', '-1'))).toContain('k:1: expected a rotation matrix')
    expect(await read(line, '1\n2\n')).toBe('times: expected 1 times, one per pose of k, found 2')
    expect(await read(line, '1 2\n')).toContain('times:1: expected the end of the line')
  })

  const path = 'trajectories/evo/KITTI_00_gt.txt'
  it.skipIf(!realData(path))('of the benchmark are read with their times', async () => {
    const times = readFileSync(realData('trajectories/evo/KITTI_00_gt_times.txt')!)
    const { timestamps, poses } = await readKitti(readFileSync(realData(path)!), { times })
    expect([timestamps.length, timestamps[1], poses[7 * 4540]]).toEqual([4541, 0.1037359, expect.any(Number)])
  })
})

describe('any bytes', () => {
  it('are a trajectory or an InputError (property)', async () => {
    const text = new TextEncoder().encode('1 0 0 5 0 1 0 6\n0 0 1 7 1 0 0 5\n')
    const edit = fc.tuple(fc.nat(text.length - 1), fc.nat(255))
    await fc.assert(
      fc.asyncProperty(fc.array(edit, { maxLength: 5 }), async (edits) => {
        const changed = text.slice()
        for (const [at, byte] of edits) changed[at] = byte
        for (const read of [readTum, readKitti])
          await read(changed).catch((error) => expect(error).toBeInstanceOf(InputError))
      }),
      { numRuns: 200 },
    )
  })
})

describe('trajectory', () => {
  it('is checked where it is made', () => {
    expect(() => trajectory(new Float64Array(1), new Float64Array(6))).toThrow('expected 7 for 1 times, got 6')
    expect(() => trajectory(new Float64Array(1), new Float64Array(7))).toThrow('the quaternion of pose 0 is zero')
    expect(() => trajectory(Float64Array.of(Number.NaN), Float64Array.of(0, 0, 0, 0, 0, 0, 1))).toThrow(UsageError)
  })

  it('gives poses in any order', () => {
    const t = trajectory(Float64Array.of(1, 2), Float64Array.of(1, 0, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 0, 1))
    expect(Array.from(selectPoses(t, [1, 0]).timestamps)).toEqual([2, 1])
    expect(selectPoses(t, [1]).poses[0]).toBe(2)
  })

  it('is what the poses of a graph are: SE3, SE2 and cameras', () => {
    const graph = new Graph()
    graph.addVariable(4, SE3, [1, 2, 3, 0, 0, 0, 1])
    graph.addVariable(9, euclidean(3), [0, 0, 0])
    graph.addVariable(6, SE2, [4, 5, Math.PI])
    graph.addVariable(8n, product(SE3, euclidean(3)), [7, 8, 9, 0, 0, 1, 0, 500, 0, 0])
    const { keys, timestamps, poses } = trajectoryOf(graph.values)
    expect(keys).toEqual([4, 6, 8n])
    expect(Array.from(timestamps)).toEqual([4, 6, 8])
    expect(Array.from(poses.subarray(7, 10))).toEqual([4, 5, 0])
    // A half turn about z: sin(π/2) = 1, cos(π/2) to rounding 0.
    expect(poses[12]).toBe(1)
    expect(Array.from(poses.subarray(14))).toEqual([7, 8, 9, 0, 0, 1, 0])
    graph.addVariable('home', SE3, [0, 0, 0, 0, 0, 0, 1])
    expect(Array.from(trajectoryOf(graph.values).timestamps)).toEqual([0, 1, 2, 3])
  })
})
