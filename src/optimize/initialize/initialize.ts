import type { Graph } from '../../graph/index.ts'
import type { Symbolic } from '../../linear/index.ts'
import { DisjointSets } from '../components.ts'
import type { InitializationName } from '../options.ts'
import { chordal } from './chordal.ts'
import { growIncrementally } from './incremental.ts'
import { poseEdges } from './pose-edges.ts'
import { Spanning } from './spanning.ts'

export interface Initialization {
  readonly name: Exclude<InitializationName, 'auto'>
  /** Why this one. */
  readonly reason: string
  readonly x: Float64Array
  /** Of a graph that was solved on the way, for whoever solves on the same one. */
  readonly analysis?: Symbolic
}

/**
 * First values for an optimization: the file's, an odometry chain, a breadth-first spanning tree, chordal relaxation, or the
 * graph grown pose by pose.
 * The graph is left as it is.
 *
 * @param anchors variables that keep their value, besides the constants
 */
export function initialize(graph: Graph, wanted: InitializationName, anchors: readonly number[]): Initialization {
  const x = graph.values.data.slice()
  switch (wanted) {
    case 'file':
      return { name: 'file', reason: 'asked for', x }
    case 'odometry':
    case 'tree':
      span(graph, x, wanted, anchors)
      return { name: wanted, reason: 'asked for', x }
    case 'incremental':
      grow(graph, x, anchors)
      return { name: 'incremental', reason: 'asked for', x }
    default: {
      if (wanted === 'auto' && !graph.batches.some(({ type }) => type.relative))
        return { name: 'file', reason: 'no relative poses to begin from: the values given', x }
      if (wanted === 'auto' && hasLandmarks(graph)) {
        grow(graph, x, anchors)
        return { name: 'incremental', reason: 'loops close through landmarks, which a chordal start does not see', x }
      }
      const relaxed = relaxChordally(graph, x, anchors)
      if (typeof relaxed !== 'string') {
        const reason = wanted === 'auto' ? 'relative poses tie all poses together' : 'asked for'
        return { name: 'chordal', reason, x, analysis: relaxed }
      }
      const reason = wanted === 'auto' ? relaxed : `chordal was asked for, but ${relaxed}`
      return { name: 'file', reason, x: graph.values.data.slice() }
    }
  }
}

/** The variables that are given: constants and anchors. */
function knownVariables(graph: Graph, anchors: readonly number[]): Uint8Array {
  const known = Uint8Array.from({ length: graph.variableCount }, (_, v) => (graph.isConstant(v) ? 1 : 0))
  for (const v of anchors) known[v] = 1
  return known
}

function span(graph: Graph, x: Float64Array, kind: 'odometry' | 'tree', anchors: readonly number[]): void {
  const placed = knownVariables(graph, anchors)
  if (!placed.includes(1)) placed[0] = 1
  const spanning = new Spanning(graph, x, placed)
  if (kind === 'odometry') spanning.walkChain()
  spanning.spread()
}

/** Whether poses are tied together through points: factors between a pose and a point of its space. */
function hasLandmarks(graph: Graph): boolean {
  return graph.batches.some(
    ({ type }) => type.variables.length === 2 && /^R\d+$/.test(type.variables[1].name) && !type.relative,
  )
}

function grow(graph: Graph, x: Float64Array, anchors: readonly number[]): void {
  const known = knownVariables(graph, anchors)
  if (!known.includes(1)) known[0] = 1
  growIncrementally(graph, known, x)
}

/** Relaxes all poses, then places landmarks from them. @returns the analysis of the poses' graph, or why it cannot be done. */
function relaxChordally(graph: Graph, x: Float64Array, anchors: readonly number[]): Symbolic | string {
  const edges = poseEdges(graph)
  if (!edges) return 'the graph has no relative poses of one group'
  const given = knownVariables(graph, anchors)
  const known = Uint8Array.from(edges.variables, (v) => given[v])
  anchorComponents(edges.ends, known)
  const poseAt = Int32Array.from(edges.variables, (v) => graph.values.offset(v))
  const analysis = chordal(edges, poseAt, known, x)
  if (!analysis) return 'the relaxed rotations or translations are singular'
  for (const v of edges.variables) graph.values.manifold(v).normalize(x, graph.values.offset(v))

  const placed = given
  for (const v of edges.variables) placed[v] = 1
  if (placed.includes(0)) new Spanning(graph, x, placed).spread()
  return analysis
}

/** Marks one node as known in every component of the pose edges that has none: it keeps its value. */
function anchorComponents(ends: Int32Array, known: Uint8Array): void {
  const sets = new DisjointSets(known.length)
  for (let e = 0; e < ends.length; e += 2) sets.join(ends[e], ends[e + 1])
  const anchored = new Uint8Array(known.length)
  for (let v = 0; v < known.length; v++) if (known[v]) anchored[sets.find(v)] = 1
  for (let v = 0; v < known.length; v++) {
    const root = sets.find(v)
    if (anchored[root]) continue
    anchored[root] = 1
    known[v] = 1
  }
}
