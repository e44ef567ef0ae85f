import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { realData } from '../../../test/real-data.ts'
import type { Graph } from '../../graph/index.ts'
import { InputError } from '../errors.ts'
import { readStereoVo, type StereoSources } from './stereo-vo.ts'
import { readTumWindow } from './tum-window.ts'

/** All residuals of a graph at its own values, factor after factor. */
function residuals(graph: Graph): number[][] {
  return graph.batches.flatMap(({ type, variables, data, count }) => {
    const arity = type.variables.length
    const at = Int32Array.from(variables.view(), (index) => graph.values.offset(index))
    return Array.from({ length: count }, (_, k) => {
      const r = new Float64Array(type.residualDim)
      type.evaluate(graph.values.data, at, arity * k, data.view(), type.dataSize * k, r, 0, null, 0)
      return Array.from(r)
    })
  })
}

async function failure(reading: Promise<unknown>): Promise<string> {
  const error = await reading.then(
    () => null,
    (e: unknown) => e,
  )
  expect(error).toBeInstanceOf(InputError)
  return (error as InputError).message
}

const window = `# Dataset: none
1 1 1
500 510 320 240
0 0 370 240
0.5 0 0
0 0 0
0
0
5
`

describe('readTumWindow', () => {
  it('takes translation before rotation, from world to camera', async () => {
    const { graph } = await readTumWindow(window)
    // The camera stands at x = −0.5: the point (0, 0, 5) is seen at 500 · 0.5 / 5 + 320 = 370.
    expect(residuals(graph)).toEqual([[0, 0]])
    expect(Array.from(graph.values.get('c0'), (x) => x + 0)).toEqual([-0.5, 0, 0, 0, 0, 0, 1])
  })

  it('names file, line, what was expected and what came', async () => {
    const read = (text: string) => failure(readTumWindow(text, { name: 'w' }))
    expect(await read('')).toContain('w: expected a line of three counts, found an empty file')
    expect(await read('1 1 1\n1 2 3')).toContain('w:2: expected 4 numbers (fx fy cx cy)')
    expect(await read(window.replace('0 0 370', '0 1 370'))).toContain(
      'w:4: expected a whole number in [0, 0] (index of a point)',
    )
    expect(await read(`${window}1\n`)).toContain('w:10: expected the end of the file')
    expect(await read('1 1 2\n1 1 1 1\n0 0 1 1')).toBe(
      'w:3: expected 2 observations, found the end of the file after 1',
    )
    const whole = window.trimEnd()
    for (let length = 0; length < whole.length; length++) await read(whole.slice(0, length))
  })

  for (const [name, cameras, points, observations] of [
    ['fr1desk_small', 20, 1216, 3917],
    ['fr1desk_vsmall', 10, 640, 1801],
    ['fr1xyz_av', 42, 1914, 11489],
  ] as const) {
    const path = `bundle-adjustment/gbp_tum/${name}.txt`
    it.skipIf(!realData(path))(
      `${name}: each point starts 1 m before one of its cameras, as its header says`,
      async () => {
        const file = await readTumWindow(readFileSync(realData(path)!))
        expect([file.cameras, file.points, file.observations]).toEqual([cameras, points, observations])
        // A point on the optical axis projects to (cx, cy): its residual there is (cx, cy) − (u, v).
        const [{ data, variables }] = file.graph.batches
        const centred = new Set<number>()
        residuals(file.graph).forEach(([ru, rv], k) => {
          const [u, v, , , cx, cy] = data.view().subarray(6 * k)
          // Files carry 17 digits; fx · (rounding of a pose and a point of a few metres).
          if (Math.hypot(ru - (cx - u), rv - (cy - v)) < 1e-9) centred.add(variables.view()[2 * k + 1])
        })
        expect(centred.size).toBe(points)
      },
    )
  }
})

const stereo: StereoSources = {
  calibration: '500 500 0.0 320 240 0.5',
  poses: '1 1 0 0 0 0 1 0 0 0 0 1 0 0 0 0 1\n2 1 0 0 1 0 1 0 0 0 0 1 0 0 0 0 1\n',
  factors: '1 7 420 370 240 1 0 5\n2 7 320 270 240 0 0 5\n',
}

describe('readStereoVo', () => {
  it('places landmarks where their first observation sees them, and holds the first pose', async () => {
    const { graph, cameras, points, observations } = await readStereoVo(stereo)
    expect([cameras, points, observations]).toEqual([2, 1, 2])
    expect(Array.from(graph.values.get('p7'))).toEqual([1, 0, 5])
    expect([0, 1].map((index) => graph.isConstant(index))).toEqual([true, false])
    // uL = 500 · 1/5 + 320, uR = uL − 500 · 0.5/5; from the second camera, 1 m to the right, straight ahead.
    expect(residuals(graph)).toEqual([
      [0, 0, 0],
      [0, 0, 0],
    ])
  })

  it('names file, line, what was expected and what came', async () => {
    const read = (changed: Partial<StereoSources>) => failure(readStereoVo({ ...stereo, ...changed }, { name: 'vo' }))
    expect(await read({ calibration: '500 500 1 320 240 0.5' })).toBe('vo calibration:1: expected a skew of 0, found 1')
    expect(await read({ calibration: '' })).toContain('vo calibration: expected a line')
    expect(await read({ poses: '' })).toContain('vo poses: expected a line')
    expect(await read({ poses: `${stereo.poses}${stereo.poses}` })).toBe(
      'vo poses:3: expected each pose once, found 1 again',
    )
    expect(await read({ factors: '3 7 1 2 3 4 5 6' })).toBe(
      'vo factors:1: expected a pose of the file of poses, found 3',
    )
    expect(await read({ factors: '1 7 1 2 3 4 5' })).toContain('vo factors:1: expected 3 numbers (X Y Z)')
    expect(await read({ factors: '' })).toContain('vo factors: expected a line')
  })

  it('survives any change of bytes (property)', async () => {
    const edit = fc.tuple(fc.constantFrom('calibration', 'poses', 'factors'), fc.nat(1000), fc.nat(255))
    await fc.assert(
      fc.asyncProperty(fc.array(edit, { minLength: 1, maxLength: 4 }), async (edits) => {
        const bytes = (text: unknown) => new TextEncoder().encode(text as string)
        const changed = {
          calibration: bytes(stereo.calibration),
          poses: bytes(stereo.poses),
          factors: bytes(stereo.factors),
        }
        for (const [name, at, byte] of edits) changed[name][at % changed[name].length] = byte
        await readStereoVo(changed).catch((error) => expect(error).toBeInstanceOf(InputError))
      }),
      { numRuns: 300 },
    )
  })

  const folder = 'bundle-adjustment/gtsam'
  it.skipIf(!realData(folder))('GTSAM’s example: 26 poses, 8,189 factors, a few pixels off at the start', async () => {
    const file = (name: string) => readFileSync(realData(`${folder}/${name}`)!)
    const { graph, cameras, observations } = await readStereoVo({
      calibration: file('VO_calibration.txt'),
      poses: file('VO_camera_poses_large.txt'),
      factors: file('VO_stereo_factors_large.txt'),
    })
    expect([cameras, observations]).toEqual([26, 8189])
    const sizes = residuals(graph).map((r) => Math.hypot(...r))
    // Visual odometry between neighbouring frames: the layout is right if the typical residual is about a pixel.
    expect(sizes.toSorted((a, b) => a - b)[4094]).toBeLessThan(2)
  })
})
