import { describe, expect, it } from 'vitest'
import { euclidean } from '../../../../src/geometry/index.ts'
import { between, Graph, type Values } from '../../../../src/graph/index.ts'
import { type OptimizeResult, optimize } from '../../../../src/optimize/index.ts'
import { bundleWindow, grid, manhattan, ring, sphere } from '../../../../src/sim/index.ts'
import { residualColour } from './colour.ts'
import { graphPicture, toPng } from './index.ts'
import { clip, PathText } from './path.ts'
import { residualLengths } from './residuals.ts'
import { readScene } from './scene.ts'
import { obliqueView, project } from './view.ts'

/** A picture without a run before it: from the graph's values to the given ones. */
function picture(graph: Graph, after: Values, title = 'test.g2o', result?: OptimizeResult): string {
  const { summary } = result ?? optimize(graph, { maxIterations: 0, init: 'file' })
  return graphPicture({ title, graph, before: graph.values, after, summary })
}

function withoutPoses(): Graph {
  const graph = new Graph()
  const plane = euclidean(2)
  graph.addVariable('a', plane, [0, 0])
  graph.addVariable('b', plane, [1, 0])
  graph.addFactor(between(plane), ['a', 'b'], [1, 1])
  return graph
}

describe('graphPicture', () => {
  const { graph } = manhattan({ poses: 400, blocks: 4 })
  const result = optimize(graph)
  const svg = picture(graph, result.values, 'town.g2o', result)

  it('says what it shows: name, counts, costs', () => {
    const loops = graph.factorCount - 399
    for (const text of ['town.g2o', '400 poses', `${graph.factorCount} edges`, `${loops} loop closures`, 'chi²'])
      expect(svg).toContain(text)
    expect(svg).toMatch(/converged after \d+ iteration/)
  })

  it.each([
    ['in the plane', () => ring().graph],
    ['in space', () => sphere({ layers: 8, perLayer: 10 }).graph],
    ['of cameras', () => bundleWindow({ frames: 6 }).graph],
    ['of BAL cameras', () => bundleWindow({ frames: 6, camera: 'bal' }).graph],
    ['without poses', withoutPoses],
  ])('is well-formed XML without a number that is none, for a graph %s', (_, make) => {
    const made = make()
    const text = picture(made, made.values)
    expect(text).not.toMatch(/NaN|Infinity|undefined|currentColor/)
    const open: string[] = []
    for (const [, closing, name, selfClosing] of text.matchAll(/<(\/?)([a-zA-Z]+)[^>]*?(\/?)>/g))
      if (closing) expect(open.pop()).toBe(name)
      else if (!selfClosing) open.push(name!)
    expect(open).toEqual([])
  })

  it('escapes names and shortens long ones', () => {
    expect(picture(graph, result.values, '<a&b>"\u0007.g2o')).toContain('&lt;a&amp;b&gt;&quot;\ufffd.g2o')
    expect(picture(graph, result.values, `${'x'.repeat(200)}.g2o`)).toContain(`>…${'x'.repeat(65)}.g2o<`)
  })

  it('draws the odometry where a file has no poses', () => {
    const blank = new Graph()
    for (let i = 0; i < graph.variableCount; i++) blank.addVariable(i, graph.values.manifold(i), [0, 0, 0])
    const [batch] = graph.batches
    const [variables, data, information] = [batch!.variables.view(), batch!.data.view(), batch!.information!.view()]
    for (let e = 0; e < batch!.count; e++)
      blank.addFactorAt(batch!.type, [variables[2 * e], variables[2 * e + 1]], data.slice(3 * e, 3 * e + 3), {
        information: information.slice(6 * e, 6 * e + 6),
      })
    expect(picture(blank, result.values)).toContain('odometry alone')
  })

  it('stays below 3 MB for more than 10,000 edges', () => {
    const dense = grid({ dimension: 2, side: 80 }).graph
    expect(dense.factorCount).toBeGreaterThan(10_000)
    expect(picture(dense, dense.values).length).toBeLessThan(3e6)
  })

  it('becomes a PNG of the width asked for', async () => {
    const png = await toPng(svg, 640)
    expect([...png.subarray(0, 8)]).toEqual([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
    const header = new DataView(png.buffer, png.byteOffset + 16)
    const [, , boxWidth, boxHeight] = /viewBox="(\S+) (\S+) (\S+) (\S+)"/.exec(svg)!.slice(1).map(Number)
    expect(header.getUint32(0)).toBe(640)
    expect(Math.abs(header.getUint32(4) - (640 * boxHeight!) / boxWidth!)).toBeLessThanOrEqual(1)
  })
})

describe('what a picture is made of', () => {
  it('tells the trajectory from loop closures by keys, even with landmarks between and vertices out of order', () => {
    const { graph } = ring({ perLap: 20, laps: 2, closureEvery: 5 })
    const [batch] = graph.batches
    const shuffled = new Graph()
    for (let i = graph.variableCount - 1; i >= 0; i--)
      shuffled.addVariable(3n * BigInt(i), graph.values.manifold(i), graph.values.get(i))
    const variables = batch!.variables.view()
    for (let e = 0; e < batch!.count; e++) {
      const keys = [3n * BigInt(variables[2 * e]), 3n * BigInt(variables[2 * e + 1])]
      shuffled.addFactor(batch!.type, keys, batch!.data.view().slice(3 * e, 3 * e + 3))
    }
    for (const each of [graph, shuffled]) {
      const scene = readScene(each, each.values, each.values)
      expect(scene.chain.length / 2).toBe(39)
      expect(scene.loops.length / 2).toBe(batch!.count - 39)
    }
  })

  it('measures residuals in sigmas: their squares sum to chi2', () => {
    const { graph } = sphere({ layers: 6, perLayer: 10 })
    const sum = residualLengths(graph, graph.values).reduce((s, r) => r.reduce((t, x) => t + x * x, s), 0)
    const { summary } = optimize(graph, { maxIterations: 0, init: 'file' })
    // The same sum in another order of some 600 terms.
    expect(Math.abs(sum / summary.finalCost - 1)).toBeLessThan(600 * 2 ** -52)
  })

  it('projects without distortion: the view is orthonormal', () => {
    const { truth } = sphere({ layers: 6, perLayer: 10 })
    const positions = new Float64Array(3 * truth.count)
    for (let i = 0; i < truth.count; i++) positions.set(truth.get(i).subarray(0, 3), 3 * i)
    const seen = project(obliqueView(positions, null), positions)
    for (let i = 0; i < positions.length; i += 3) {
      const length = Math.hypot(positions[i], positions[i + 1], positions[i + 2])
      // Three products of orthonormal rows: a dozen roundings.
      expect(Math.abs(Math.hypot(seen[i], seen[i + 1], seen[i + 2]) - length)).toBeLessThan(12 * 2 ** -52 * length)
    }
  })

  it('colours larger residuals darker', () => {
    const luminance = (colour: string) =>
      [1, 3, 5].reduce(
        (sum, at, k) => sum + [0.2126, 0.7152, 0.0722][k] * Number.parseInt(colour.slice(at, at + 2), 16),
        0,
      )
    let last = Number.POSITIVE_INFINITY
    for (let t = 0; t <= 1; t += 0.05) {
      const next = luminance(residualColour(t))
      expect(next).toBeLessThan(last)
      last = next
    }
  })

  it('clips segments to a place and leaves out what lies beside it', () => {
    const place = { x: 0, y: 0, width: 100, height: 50 }
    expect(clip(place, -50, 25, 150, 25)).toEqual([0.25, 0.75])
    expect(clip(place, 10, 10, 20, 20)).toEqual([0, 1])
    expect(clip(place, -10, -10, -5, 60)).toBeNull()
    expect(clip(place, 0, 0, Number.NaN, 5)).toBeNull()
    const path = new PathText(place)
    path.segment(10, 10, 20, 20)
    path.segment(20, 20, 30, 15.04)
    path.segment(500, 500, 600, 600)
    path.dot(1e9, 0)
    expect(String(path)).toBe('M10 10l10 10l10-5')
  })
})
