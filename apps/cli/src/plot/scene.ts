import { quaternionToMatrix } from '../../../../src/geometry/index.ts'
import type { FactorType, Graph, Values } from '../../../../src/graph/index.ts'
import { residualLengths } from './residuals.ts'

/** What a picture shows of a graph: where things are, before and after, and how well the measurements fit. */
export interface Scene {
  readonly dimension: 2 | 3
  /** Cameras that look at points, rather than robots that know where they are. */
  readonly cameras: boolean
  readonly poses: number
  readonly landmarks: number
  readonly before: Stage
  readonly after: Stage
  /** Pairs of pose numbers. */
  readonly chain: Int32Array
  readonly loops: Int32Array
  /** The factor kinds, for captions: measurements of landmarks, and all others that are no edges. */
  readonly sightings: number
  readonly sightingPairs: Int32Array
  /** Way up on the paper as the cameras suggest, or null. */
  readonly vertical: readonly number[] | null
}

/** The scene under one set of values. */
export interface Stage {
  /** poses × (x, y, z) */
  readonly posePositions: Float64Array
  /** poses × 3 × 3, worldFromCamera with z ahead and y down; empty unless there are cameras. */
  readonly rotations: Float64Array
  readonly landmarkPositions: Float64Array
  /** √(rᵀΩr) of every factor, of the loop closures, and per landmark the largest of its sightings. */
  readonly residuals: Float64Array
  readonly loopResiduals: Float64Array
  readonly landmarkResiduals: Float64Array
}

interface Kinds {
  /** Pose number of each variable, or −1; landmark number, or −1. */
  readonly poseOf: Int32Array
  readonly landmarkOf: Int32Array
  readonly poses: number[]
  readonly landmarks: number[]
}

/** Reads poses, landmarks and edges out of a graph. Variables of other kinds (focal lengths, biases) are left out. */
export function readScene(graph: Graph, before: Values, after: Values): Scene {
  const kinds = sortVariables(graph)
  const edges = readEdges(graph, kinds)
  const cameras = graph.batches.some((batch) => isReprojection(batch.type))
  const dimension = kinds.poses.concat(kinds.landmarks).some((index) => !isPlanar(graph.values.manifold(index).name))
    ? 3
    : 2
  const backwards = looksBackwards(graph)
  const stage = (values: Values): Stage => {
    const residuals = residualLengths(graph, values)
    return {
      ...readPoses(values, kinds.poses, cameras, backwards),
      landmarkPositions: readPoints(values, kinds.landmarks),
      residuals: concatenate(residuals),
      loopResiduals: Float64Array.from(edges.loopFactors, ([batch, i]) => residuals[batch][i]),
      landmarkResiduals: worstPerLandmark(edges.sightingFactors, residuals, kinds.landmarks.length),
    }
  }
  const settled = stage(after)
  return {
    dimension,
    cameras,
    poses: kinds.poses.length,
    landmarks: kinds.landmarks.length,
    before: stage(before),
    after: settled,
    chain: Int32Array.from(edges.chain),
    loops: Int32Array.from(edges.loops),
    sightings: edges.sightingFactors.length,
    sightingPairs: Int32Array.from(edges.sightings),
    vertical: cameras ? uprightOf(settled.rotations) : null,
  }
}

function isReprojection(type: FactorType): boolean {
  return type.name.startsWith('reprojection') || type.name.startsWith('stereo')
}

function isPoseName(name: string): boolean {
  return name === 'SE2' || name.startsWith('SE3') || name === 'Sim3'
}

function isPlanar(name: string): boolean {
  return name === 'SE2' || name === 'R2'
}

/** Poses are what lives on SE2, SE3, Sim3 (with or without more); landmarks are points that a factor ties to a pose. */
function sortVariables(graph: Graph): Kinds {
  const { values } = graph
  const poseOf = new Int32Array(values.count).fill(-1)
  const landmarkOf = new Int32Array(values.count).fill(-1)
  const poses: number[] = []
  for (let index = 0; index < values.count; index++)
    if (isPoseName(values.manifold(index).name)) poseOf[index] = poses.push(index) - 1
  const landmarks: number[] = []
  for (const batch of graph.batches) {
    const slot = landmarkSlot(batch.type)
    if (slot < 0) continue
    const arity = batch.type.variables.length
    const variables = batch.variables.view()
    for (let i = slot; i < variables.length; i += arity)
      if (landmarkOf[variables[i]] < 0) landmarkOf[variables[i]] = landmarks.push(variables[i]) - 1
  }
  return { poseOf, landmarkOf, poses, landmarks }
}

/** Which variable of a factor is a seen point: the last R2 or R3 in company of a pose; −1 for other factors. */
function landmarkSlot(type: FactorType): number {
  const names = type.variables.map((manifold) => manifold.name)
  if (!names.some(isPoseName)) return -1
  const planar = names.includes('SE2')
  return names.lastIndexOf(planar ? 'R2' : 'R3')
}

interface Edges {
  readonly chain: number[]
  readonly loops: number[]
  readonly loopFactors: [number, number][]
  readonly sightings: number[]
  readonly sightingFactors: [batch: number, row: number, landmark: number][]
}

function readEdges(graph: Graph, kinds: Kinds): Edges {
  const edges: Edges = { chain: [], loops: [], loopFactors: [], sightings: [], sightingFactors: [] }
  const turn = turns(graph.values, kinds.poses)
  graph.batches.forEach((batch, b) => {
    const { type } = batch
    const arity = type.variables.length
    const variables = batch.variables.view()
    const poseSlots = type.variables.flatMap((manifold, k) => (isPoseName(manifold.name) ? [k] : []))
    const pointSlot = landmarkSlot(type)
    for (let i = 0; i < batch.count; i++) {
      const at = i * arity
      if (pointSlot >= 0) {
        const landmark = kinds.landmarkOf[variables[at + pointSlot]]
        edges.sightings.push(kinds.poseOf[variables[at + poseSlots[0]]], landmark)
        edges.sightingFactors.push([b, i, landmark])
      } else if (poseSlots.length === 2) {
        const from = variables[at + poseSlots[0]]
        const to = variables[at + poseSlots[1]]
        const pair = [kinds.poseOf[from], kinds.poseOf[to]] as const
        if (Math.abs(turn[pair[0]] - turn[pair[1]]) === 1) edges.chain.push(...pair)
        else {
          edges.loops.push(...pair)
          edges.loopFactors.push([b, i])
        }
      }
    }
  })
  return edges
}

/**
 * The place of each pose on the way: by its key where all are numbers (files may list vertices in any order, and landmarks
 * may take numbers in between), else as the graph has them.
 */
function turns(values: Values, poses: readonly number[]): Int32Array {
  const order = poses.map((_, n) => n)
  const keys = poses.map((index) => values.key(index))
  if (keys.every((key) => typeof key !== 'string'))
    order.sort((a, b) => (keys[a] < keys[b] ? -1 : keys[a] > keys[b] ? 1 : 0))
  const turn = new Int32Array(poses.length)
  for (let place = 0; place < order.length; place++) turn[order[place]] = place
  return turn
}

function readPoses(
  values: Values,
  poses: readonly number[],
  cameras: boolean,
  backwards: boolean,
): Pick<Stage, 'posePositions' | 'rotations'> {
  const posePositions = new Float64Array(3 * poses.length)
  const rotations = new Float64Array(cameras ? 9 * poses.length : 0)
  const R = new Float64Array(9)
  poses.forEach((index, n) => {
    const x = values.data
    const at = values.offset(index)
    if (values.manifold(index).name === 'SE2') {
      posePositions[3 * n] = x[at]
      posePositions[3 * n + 1] = x[at + 1]
      return
    }
    posePositions.set(x.subarray(at, at + 3), 3 * n)
    if (!cameras) return
    quaternionToMatrix(x, at + 3, R, 0)
    if (backwards) for (const k of [1, 2, 4, 5, 7, 8]) R[k] *= -1
    rotations.set(R, 9 * n)
  })
  return { posePositions, rotations }
}

function readPoints(values: Values, points: readonly number[]): Float64Array {
  const positions = new Float64Array(3 * points.length)
  points.forEach((index, n) => {
    const at = values.offset(index)
    positions.set(values.data.subarray(at, at + values.manifold(index).ambient), 3 * n)
  })
  return positions
}

function worstPerLandmark(
  sightings: Edges['sightingFactors'],
  residuals: readonly Float64Array[],
  count: number,
): Float64Array {
  const worst = new Float64Array(count)
  for (const [batch, row, landmark] of sightings) worst[landmark] = Math.max(worst[landmark], residuals[batch][row])
  return worst
}

/** The mean of the cameras' own "up", when they agree about it. */
function uprightOf(rotations: Float64Array): number[] | null {
  const sum = [0, 0, 0]
  for (let i = 0; i < rotations.length; i += 9) for (let k = 0; k < 3; k++) sum[k] -= rotations[i + 3 * k + 1]
  const length = Math.hypot(sum[0], sum[1], sum[2])
  return length > 0.6 * (rotations.length / 9) ? sum.map((value) => value / length) : null
}

/** BAL's cameras look along −z with y up; all others along +z with y down. */
function looksBackwards(graph: Graph): boolean {
  return graph.batches.some((batch) => batch.type.name.includes('BAL'))
}

function concatenate(arrays: readonly Float64Array[]): Float64Array {
  const joined = new Float64Array(arrays.reduce((sum, array) => sum + array.length, 0))
  let at = 0
  for (const array of arrays) {
    joined.set(array, at)
    at += array.length
  }
  return joined
}
