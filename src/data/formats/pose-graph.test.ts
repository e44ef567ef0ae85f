import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import * as files from '../../../test/fuzz/pose-graphs.ts'
import { euclidean, SE2, SE3, Sim3 } from '../../geometry/index.ts'
import { Graph, prior } from '../../graph/index.ts'
import { InputError } from '../errors.ts'
import type { ReadOptions } from '../source.ts'
import { encodeText } from '../text/index.ts'
import { readG2o } from './g2o.ts'
import { writeG2o } from './g2o-writer.ts'
import { readIsam } from './isam.ts'
import { readKeble } from './keble.ts'
import { readPoseGraph, recognisePoseGraph } from './pose-graph.ts'
import { poseFromAngles } from './relative-pose.ts'
import { readToro } from './toro.ts'

/** Σ rᵀ Ω r over all factors at the graph's values. */
function chi2(graph: Graph): number {
  const { data } = graph.values
  let sum = 0
  for (const { type, variables, data: z, information, count } of graph.batches) {
    const m = type.residualDim
    const arity = type.variables.length
    const r = new Float64Array(m)
    for (let row = 0; row < count; row++) {
      const at = Int32Array.from({ length: arity }, (_, k) => graph.values.offset(variables.view()[row * arity + k]))
      type.evaluate(data, at, 0, z.view(), row * type.dataSize, r, 0, null, 0)
      let k = (row * m * (m + 1)) / 2
      for (let i = 0; i < m; i++)
        for (let j = i; j < m; j++)
          sum += (i === j ? 1 : 2) * r[i] * (information?.view()[k++] ?? (i === j ? 1 : 0)) * r[j]
    }
  }
  return sum
}

const counts = (graph: Graph): Record<string, number> =>
  Object.fromEntries(graph.batches.map(({ type, count }) => [type.name, count]))

const text = (graph: Graph, options = {}): string => [...writeG2o(graph, graph.values, options)].join('')

async function refusal(content: string, options: ReadOptions = {}, read = readG2o): Promise<string> {
  const error = await read(content, { name: 'a.g2o', ...options }).then(
    () => null,
    (thrown: unknown) => thrown,
  )
  expect(error, content).toBeInstanceOf(InputError)
  return (error as InputError).message
}

describe('readG2o', () => {
  it('reads every line it knows, in the plane', async () => {
    const { graph, kind, dimension, initial, report } = await readG2o(files.g2oPlane)
    expect({ kind, dimension, initial }).toEqual({ kind: 'pose-graph-2d', dimension: 2, initial: 'vertices' })
    expect(counts(graph)).toEqual({
      'between(SE2,g2o)': 2,
      'landmark(SE2,R2)': 2,
      'bearing(SE2,R2)': 1,
      'range(SE2,R2)': 2,
      'bearing-range(SE2,R2)': 1,
      'prior(SE2,g2o)': 1,
      'between(R2)': 1,
      'prior(R2)': 1,
    })
    expect(graph.values.get(9007199254740993n)).toEqual(Float64Array.of(2e-3, -1.5, -3.1))
    expect(graph.isConstant(graph.values.index(0))).toBe(true)
    expect(report).toMatchObject({ lines: 19, unknownTags: [{ tag: 'UNKNOWN', count: 1, firstLine: 19 }], repaired: 0 })
  })

  it('reads every line it knows, in space', async () => {
    const { graph, kind, dimension, parameters } = await readG2o(files.g2oSpace)
    expect({ kind, dimension }).toEqual({ kind: 'pose-graph-3d', dimension: 3 })
    expect(counts(graph)).toEqual({
      'between(SE3,g2o)': 2,
      'landmark(SE3,R3)': 2,
      'landmark(SE3,R3,offset)': 1,
      'prior(SE3,g2o)': 2,
      'prior(SE3,g2o,offset)': 1,
      'between(R3)': 1,
      'prior(R3)': 1,
    })
    expect(parameters.map(({ tag, id }) => `${tag} ${id}`)).toEqual([
      'PARAMS_SE3OFFSET 0',
      'PARAMS_SE3OFFSET 3',
      'PARAMS_CAMERACALIB 1',
    ])
    expect([0, 1, 2].map((id) => graph.isConstant(graph.values.index(id)))).toEqual([true, true, false])
    expect(Math.hypot(...graph.values.get(2).subarray(3))).toBeCloseTo(1, 15)
  })

  it('takes landmark edges in either direction, known or not yet', async () => {
    const edge = (ids: string): string => `EDGE_SE2_XY ${ids} 0.5 0.25 4 0 5\n`
    const vertices = 'VERTEX_SE2 1 1 2 0.5\nVERTEX_XY 2 3 4\n'
    const expected = chi2((await readG2o(vertices + edge('1 2'))).graph)
    expect(expected).toBeGreaterThan(1)
    for (const content of [vertices + edge('2 1'), edge('1 2') + vertices, edge('2 1') + vertices])
      expect(chi2((await readG2o(content)).graph)).toBe(expected)
    const alone = await readG2o(edge('5 6'))
    expect([alone.initial, alone.graph.values.manifold(0).name, alone.graph.values.key(0)]).toEqual(['none', 'SE2', 5])
  })

  it('reads edges before their vertices and edges from higher to lower ids', async () => {
    const vertices = 'VERTEX_SE2 0 0 0 0\nVERTEX_SE2 1 1 0.5 0.25\n'
    const edges = 'EDGE_SE2 1 0 -1 0.5 0.25 4 1 0.5 5 0.25 6\n'
    const after = await readG2o(vertices + edges)
    const before = await readG2o(edges + vertices)
    expect(chi2(before.graph)).toBe(chi2(after.graph))
    expect(before.graph.values.key(0)).toBe(1)
    expect(after.graph.batches[0].variables.view()).toEqual(Int32Array.of(1, 0))
  })

  it('gives a quaternion, its negative and its multiples the same error', async () => {
    const content = (scale: number): string => {
      const q = [0.1, 0.7, -0.1, 0.7].map((x) => x * scale).join(' ')
      return `VERTEX_SE3:QUAT 0 0 0 0 0 0 0 1\nVERTEX_SE3:QUAT 1 1 2 3 0.5 0.5 0.5 0.5\nEDGE_SE3:QUAT 0 1 1 2 3.5 ${q} ${information6}`
    }
    const expected = chi2((await readG2o(content(1))).graph)
    for (const scale of [-1, 3, -1e-200, 1e200]) {
      const { graph, report } = await readG2o(content(scale))
      // 40 roundings of quaternion products, each below eps of the terms' size.
      expect(Math.abs(chi2(graph) - expected)).toBeLessThan(40 * Number.EPSILON * expected)
      expect(report.warnings.length).toBe(scale === -1 ? 0 : 1)
    }
  })

  it('makes variables at the identity, in order of appearance, where a file has no vertices', async () => {
    const { graph, initial } = await readG2o('EDGE_SE2 7 3 1 0 0 1 0 0 1 0 1\nEDGE_SE2 3 9 1 0 0 1 0 0 1 0 1\nFIX 3\n')
    expect(initial).toBe('none')
    expect([0, 1, 2].map((i) => graph.values.key(i))).toEqual([7, 3, 9])
    expect(graph.values.data).toEqual(new Float64Array(9))
    expect(graph.isConstant(1)).toBe(true)
  })

  it('names file, line, expected and found for what is wrong', async () => {
    const v = 'VERTEX_SE2 0 0 0 0\nVERTEX_SE2 1 1 0 0\n'
    const cases: readonly [string, string][] = [
      [
        '',
        'a.g2o: expected a pose graph (g2o): lines that start with VERTEX… or EDGE… tags, found no such line; the file is empty',
      ],
      ['# only\n\n', 'the file is empty'],
      [
        'hello world\n',
        "a.g2o:1: expected a pose graph (g2o): lines that start with VERTEX… or EDGE… tags, found 'hello'",
      ],
      ['VERTEX_SE2 0 1 2\n', 'a.g2o:1: expected 3 numbers (its value), found the end of the line after 2'],
      ['VERTEX_SE2 0 1 2 3 4\n', "a.g2o:1: expected the end of the line after VERTEX_SE2, found '4'"],
      ['VERTEX_SE2 0 1 nan 3\n', "a.g2o:1: expected a finite number (its value), found 'nan'"],
      ['VERTEX_SE2 a 1 2 3\n', "a.g2o:1: expected a whole number from 0 to 2^64 - 1 (a vertex id), found 'a'"],
      [
        `${v}VERTEX_SE2 0 0 0 0\n`,
        'a.g2o:3: expected a vertex id of its own, found 0, which line 1 has declared already',
      ],
      [`${v}VERTEX_XY 0 0 0\n`, 'a.g2o:3: expected a vertex id of its own'],
      [
        `${v}EDGE_SE2 0 5 1 0 0 1 0 0 1 0 1\nEDGE_SE2 6 0 1 0 0 1 0 0 1 0 1\n`,
        'a.g2o:3: expected edges between vertices of this file, found vertex 5, which has no VERTEX line (1 more like it; if the graph is in several files, read them as one)',
      ],
      [
        `${v}EDGE_SE2 1 1 1 0 0 1 0 0 1 0 1\n`,
        'a.g2o:3: expected an edge between two different vertices, found 1 twice',
      ],
      [
        `${v}EDGE_SE3:QUAT 0 1 1 0 0 0 0 0 1 ${information6}`,
        'a.g2o:3: expected vertex 0 to be SE3, found SE2 (declared in line 1)',
      ],
      [
        `${v}EDGE_SE2 0 1 1 0 0 1 0 0 1 0\n`,
        "a.g2o:3: expected 6 numbers (the information matrix's upper triangle), found the end of the line after 5",
      ],
      [`${v}FIX 4\n`, 'a.g2o:3: expected a vertex of this file to fix, found 4'],
      [`${v}FIX\n`, 'a.g2o:3: expected a vertex id, found the end of the line'],
      [
        'VERTEX_SE3:QUAT 0 0 0 0 0 0 0 0\n',
        'a.g2o:1: expected a quaternion that can be normalized, found one of length 0',
      ],
      [
        'VERTEX_SE3:QUAT 0 0 0 0 0 0 0 1\nVERTEX_TRACKXYZ 1 0 0 0\nEDGE_SE3_TRACKXYZ 0 1 4 1 2 3 1 0 0 1 0 1\n',
        'a.g2o:3: expected the id of a PARAMS_SE3OFFSET of this file, found 4',
      ],
    ]
    for (const [content, message] of cases) expect(await refusal(content)).toContain(message)
  })

  it('refuses indefinite information, with the first line and the count, or repairs it', async () => {
    const edge = (xx: number): string => `EDGE_SE2 0 1 1 0 0 ${xx} 0 0 2 0 4\n`
    const content = `${edge(1)}${edge(-3)}${edge(-2)}${edge(1)}${edge(-3)}`
    expect(await refusal(content)).toBe(
      'a.g2o:2: expected a positive semi-definite information matrix, found the eigenvalue -3.000 (largest 4.000) … and 2 more; --repair-information clips the negative eigenvalues',
    )
    const { graph, report } = await readG2o(content, { repairInformation: true })
    expect(report.repaired).toBe(3)
    const clipped = graph.batches[0].information!.view().subarray(6, 12)
    // The exact answer is diag(0, 2, 4); its eigenvectors are the axes, so only the eigenvalue solver rounds.
    for (const [k, x] of [0, 0, 0, 2, 0, 4].entries())
      expect(Math.abs(clipped[k] - x)).toBeLessThan(20 * Number.EPSILON * 4)
    // −1e-9 λmax is rounding.
    expect((await readG2o(edge(-3.9e-9))).report.repaired).toBe(0)
    expect(await refusal(edge(-4.1e-9))).toContain('the eigenvalue -4.1')
  })
})

describe('unknown tags', () => {
  it('are counted each, up to a thousand; a file of nothing else is refused before its end', async () => {
    const lines = Array.from({ length: 3000 }, (_, k) => `TAG${k % 1500} 1\n`).join('')
    const { report } = await readG2o(`VERTEX_SE2 0 0 0 0\n${lines}`)
    expect(report.unknownTags.length).toBe(1001)
    expect(report.unknownTags[1000]).toEqual({ tag: '(others)', count: 1000, firstLine: 1002 })
    expect(report.unknownTags.reduce((sum, { count }) => sum + count, 0)).toBe(3000)
    expect(await refusal(lines)).toContain(
      "a.g2o:1: expected a pose graph (g2o): lines that start with VERTEX… or EDGE… tags, found 'TAG0'",
    )
  })
})

describe('writeG2o', () => {
  it('gives back the same graph to the last bit', async () => {
    for (const content of [files.g2oPlane, files.g2oSpace]) {
      const first = await readG2o(content)
      const written = text(first.graph, first)
      const second = await readG2o(written)
      expect(text(second.graph, second)).toBe(written)
      expect(second.graph.values.data).toEqual(first.graph.values.data)
      expect(second.parameters).toEqual(first.parameters)
      for (let i = 0; i < first.graph.variableCount; i++) {
        expect(second.graph.values.key(i)).toBe(first.graph.values.key(i))
        expect(second.graph.isConstant(i)).toBe(first.graph.isConstant(i))
      }
      expect(columns(second.graph)).toEqual(columns(first.graph))
    }
  })

  it('keeps any doubles, signs of zero and 64-bit ids', async () => {
    const number = fc.double({ noNaN: true, noDefaultInfinity: true })
    const id = fc.oneof(fc.nat(), fc.bigInt({ min: 2n ** 53n, max: 2n ** 64n - 1n }))
    const rows = fc.array(fc.tuple(id, fc.array(number, { minLength: 9, maxLength: 9 })), {
      minLength: 1,
      maxLength: 5,
    })
    await fc.assert(
      fc.asyncProperty(rows, async (entries) => {
        const graph = new Graph()
        for (const [key, x] of entries) {
          if (graph.values.has(key)) continue
          graph.addVariable(key, euclidean(3), x.slice(0, 3))
          const [a, b, c] = x.slice(6).map(Math.abs)
          graph.addFactor(prior(euclidean(3)), [key], x.slice(3, 6), { information: [a!, 0, -0, b!, 0, c!] })
        }
        const again = (await readG2o(text(graph))).graph
        expect(again.values.data).toEqual(graph.values.data)
        expect(columns(again)).toEqual(columns(graph))
        for (let i = 0; i < graph.variableCount; i++) expect(again.values.key(i)).toBe(graph.values.key(i))
      }),
      { numRuns: 200 },
    )
  })

  it('numbers words: their digits where free, else the next free number', async () => {
    const { graph } = await readIsam(files.isamPlane)
    const { graph: again } = await readG2o(text(graph))
    expect(again.values.manifold(again.values.index(3)).name).toBe('R2')
    expect(counts(again)).toEqual(counts(graph))
    expect(chi2(again)).toBe(chi2(graph))
  })

  it('leaves vertices out on request and refuses what .g2o cannot say', async () => {
    const { graph } = await readG2o(files.g2oEdgesAlone)
    const again = await readG2o(text(graph, { vertices: false }))
    expect(again.initial).toBe('none')
    expect(columns(again.graph)).toEqual(columns(graph))
    const sim3 = (await readKeble(files.keble)).graph
    expect(() => text(sim3)).toThrow('.g2o files have no edge for between(Sim3)')
    const lone = new Graph()
    lone.addVariable(0, Sim3, [0, 0, 0, 0, 0, 0, 1, 1])
    expect(() => text(lone)).toThrow('.g2o files hold SE2, SE3, R2 and R3 variables; 0 is Sim3')
  })
})

describe('TORO and iSAM', () => {
  /** c(Xi⁻¹ Xj) − c(Z), the error that their information matrices belong to. */
  const planarError = (xi: number[], xj: number[], z: number[]): number[] => {
    const inverse = new Float64Array(3)
    SE2.inverse(Float64Array.from(xi), 0, inverse, 0)
    SE2.compose(inverse, 0, Float64Array.from(xj), 0, inverse, 0)
    const angle = inverse[2] - z[2]
    return [inverse[0] - z[0], inverse[1] - z[1], Math.atan2(Math.sin(angle), Math.cos(angle))]
  }
  const quadratic = (e: number[], full: number[][]): number =>
    e.reduce((sum, a, i) => sum + a * e.reduce((row, b, j) => row + full[i][j] * b, 0), 0)

  it("has TORO's cost in the plane, exactly", async () => {
    const vertices = 'VERTEX2 0 1 2 0.5\nVERTEX2 1 -1 3 2.5\n'
    const { graph } = await readToro(`${vertices}EDGE2 0 1 -1 2.5 2.1 4 1 5 9 0.5 0.25\n`)
    const expected = quadratic(planarError([1, 2, 0.5], [-1, 3, 2.5], [-1, 2.5, 2.1]), [
      [4, 1, 0.5],
      [1, 5, 0.25],
      [0.5, 0.25, 9],
    ])
    // A handful of trigonometric and 3 × 3 products of size ≤ 50.
    expect(Math.abs(chi2(graph) - expected)).toBeLessThan(50 * Number.EPSILON * expected)
  })

  it("has iSAM's cost in the plane, exactly, with Ω = RᵀR", async () => {
    const { graph } = await readIsam('ODOMETRY 0 1 -1 2.5 2.1 2 1 0.5 3 0.25 4\nLANDMARK 1 0 2 3 1.5 0.5 2\n')
    graph.values.set(0, [1, 2, 0.5])
    graph.values.set(1, [-1, 3, 2.5])
    graph.values.set('l0', [-1, 4])
    const e = planarError([1, 2, 0.5], [-1, 3, 2.5], [-1, 2.5, 2.1])
    const whitened = [2 * e[0] + e[1] + 0.5 * e[2], 3 * e[1] + 0.25 * e[2], 4 * e[2]]
    const seen = [Math.sin(2.5) - 2, Math.cos(2.5) - 3]
    const landmark = [1.5 * seen[0] + 0.5 * seen[1], 2 * seen[1]]
    const expected = [...whitened, ...landmark].reduce((sum, x) => sum + x * x, 0)
    expect(Math.abs(chi2(graph) - expected)).toBeLessThan(50 * Number.EPSILON * expected)
  })

  it('agrees with the error in roll, pitch and yaw to first order in space', async () => {
    const z = [1, -2, 0.5, 0.3, -0.7, 1.1]
    const { graph } = await readToro(
      `VERTEX3 0 0 0 0 0 0 0\nVERTEX3 1 ${z.join(' ')}\nEDGE3 0 1 ${z.join(' ')} ${information6}`,
    )
    const ratio = (h: number): number => {
      const moved = z.map((x, k) => x + h * [0.3, -0.2, 0.5, 0.4, -0.1, 0.6][k])
      const pose = new Float64Array(7)
      poseFromAngles(moved, pose)
      graph.values.set(1, pose)
      const expected = h * h * quadratic([0.3, -0.2, 0.5, 0.4, -0.1, 0.6], full6)
      return Math.abs(chi2(graph) / expected - 1)
    }
    // The relation is linear with an error of second order: the ratio goes to 1 as h does to 0.
    expect(ratio(1e-3)).toBeLessThan(1e-2)
    expect(ratio(1e-4)).toBeLessThan(1.2e-1 * ratio(1e-3))
  })

  it('turns roll, pitch, yaw into Rz(yaw) Ry(pitch) Rx(roll)', () => {
    const pose = new Float64Array(7)
    poseFromAngles([0, 0, 0, 0.3, -0.7, 1.1], pose)
    const p = Float64Array.of(1, 2, 3)
    SE3.act(pose, 0, p, 0, p, 0)
    const turn = (a: number, b: number, angle: number): [number, number] => [
      Math.cos(angle) * a - Math.sin(angle) * b,
      Math.sin(angle) * a + Math.cos(angle) * b,
    ]
    let [x, y, w] = [1, 2, 3] as [number, number, number]
    ;[y, w] = turn(y, w, 0.3)
    ;[w, x] = turn(w, x, -0.7)
    ;[x, y] = turn(x, y, 1.1)
    for (const [k, expected] of [x, y, w].entries())
      expect(Math.abs(p[k] - expected)).toBeLessThan(20 * Number.EPSILON * 4)
  })

  it('places landmarks by their first observation, and leaves EQUIV out with a word', async () => {
    const { graph, report, initial } = await readToro(files.toroPlane)
    expect(initial).toBe('vertices')
    expect(Array.from(graph.values.get(20))).toEqual([3 * Math.cos(0.5), 3 * Math.sin(0.5)])
    expect(report.warnings).toEqual(['1 EQUIV lines left out: they merge places, they measure nothing'])
    const placed = await readIsam(files.isamInitial)
    expect([placed.initial, Array.from(placed.graph.values.get('l4'))]).toEqual([
      'vertices',
      [1 + Math.cos(1) - 2 * Math.sin(1), Math.sin(1) + 2 * Math.cos(1), 3].map((x) => expect.closeTo(x, 14)),
    ])
  })

  it('names what is wrong', async () => {
    expect(await refusal('EDGE2 0 1 1 2\n', {}, readToro)).toBe(
      'a.g2o:1: expected 3 numbers (x y θ), found the end of the line after 2',
    )
    expect(await refusal('VERTEX2 0 0 0 0\nBR 0 9 0 1 0 1\n', {}, readToro)).toBe(
      'a.g2o:2: expected positive standard deviations, found 0 and 1',
    )
    expect(await refusal('ODOMETRY 0 1 0 0 0 1e300 0 0 1 0 1\n', {}, readIsam)).toContain('within the range of doubles')
    expect(await refusal('LANDMARK 0 1 2 3 1 0\n', {}, readIsam)).toContain('a.g2o:1: expected 3 numbers')
  })
})

describe('readKeble', () => {
  it('builds the Sim(3) loop: rigid odometry and a closure with a scale', async () => {
    const { graph, kind, report } = await readKeble(files.keble)
    expect([kind, graph.variableCount, graph.factorCount]).toEqual(['pose-graph-sim3', 3, 3])
    // worldFromCamera 1: R = [0 −1 0; 1 0 0; 0 0 1], t = (½, ¼, −⅛) gives −Rᵀt = (−¼, ½, ⅛).
    const [x, y, z, , , , , s] = graph.values.get(1)
    expect([x, y, z, s].map((value) => Math.round(value! * 1e12) / 1e12)).toEqual([-0.25, 0.5, 0.125, 1])
    expect(graph.batches[0].data.view()[2 * 8 + 7]).toBe(1 / 0.370729)
    expect(graph.batches[0].variables.view()).toEqual(Int32Array.of(0, 1, 1, 2, 0, 2))
    expect(report.warnings[0]).toContain('2 points and 2 observations')
    // Odometry is met exactly at the start; all the cost is the closure's.
    expect(chi2(graph)).toBeGreaterThan(1)
  })

  it('names what is wrong', async () => {
    const without = (part: string | RegExp, by = ''): string => files.keble.replace(part, by)
    expect(await refusal('', {}, readKeble)).toContain("expected the section 'Poses', found the end of the file")
    expect(await refusal(without('Scale\n0.370729\n'), {}, readKeble)).toContain(
      "a finite number (a row of [R|t]), found 'LoopId'",
    )
    expect(await refusal(without('1 0 0 0\n'), {}, readKeble)).toContain('a rotation matrix')
    expect(await refusal(without('LoopId\n0', 'LoopId\n2'), {}, readKeble)).toContain(
      'a key frame before the last, 2, found 2',
    )
    expect(await refusal(without('1, 2 : 32', '2, 2 : 32'), {}, readKeble)).toContain(
      'a whole number in [0, 1] (a point)',
    )
    expect(await refusal(without('0.370729', '-1'), {}, readKeble)).toContain('a scale in (1e-6, 1e6), found -1')
  })
})

describe('readPoseGraph', () => {
  it('recognises each format by its content', async () => {
    const formats = {
      g2o: [files.g2oPlane, files.g2oSpace, files.g2oEdgesAlone],
      toro: [files.toroPlane, files.toroSpace, 'EDGE2 0 1 1 0 0 1 0 1 1 0 0\n'],
      isam: [files.isamPlane, files.isamSpace, files.isamInitial, 'EDGE2 0 1 1 0 0 50 0 0 50 0 100\n'],
      keble: [files.keble],
    }
    for (const [format, contents] of Object.entries(formats))
      for (const content of contents) {
        expect(await recognisePoseGraph(encodeText(content))).toBe(format)
        expect((await readPoseGraph([encodeText(content)])).format).toBe(format)
      }
    expect(await refusal('x,y\n1,2\n', {}, readPoseGraph)).toContain('a pose graph (g2o)')
  })
})

const upper6 = [4, 0.5, 0, 0.25, 0, 0.125, 5, 0.5, 0, 0.25, 0, 6, 0.5, 0, 0.25, 7, 0.5, 0, 8, 0.5, 9]
const information6 = `${upper6.join(' ')}\n`
const full6 = Array.from({ length: 6 }, (_, i) =>
  Array.from({ length: 6 }, (_, j) => {
    const [a, b] = i <= j ? [i, j] : [j, i]
    return upper6[a * 6 - (a * (a - 1)) / 2 + b - a]
  }),
)

function columns(graph: Graph): unknown[] {
  return graph.batches.map(({ type, variables, data, information }) => [
    type.name,
    [...variables.view()],
    [...data.view()],
    [...(information?.view() ?? [])],
  ])
}
