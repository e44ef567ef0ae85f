import type { FactorBatch, Gauge, Graph } from '../graph/index.ts'
import { showKey } from '../graph/index.ts'
import { connectedComponents } from './components.ts'
import type { MethodName } from './options.ts'
import type { GaugeReport } from './summary.ts'

/** Tangent components of a variable to hold still. */
export interface Hold {
  readonly variable: number
  readonly components: readonly number[]
}

export interface GaugePlan {
  /** Variables held whole. */
  readonly anchors: readonly number[]
  /** Variables held in part. */
  readonly holds: readonly Hold[]
  readonly reports: readonly GaugeReport[]
  readonly componentCount: number
  /** A free gauge is left to the damping of Levenberg-Marquardt. */
  readonly damped: boolean
}

const ORDER: readonly Gauge[] = ['none', 'translation', 'rigid', 'similarity']

/**
 * Finds what measurements and constants leave free, component by component, and decides what to do: a graph with nothing
 * fixed is anchored at its first pose; a bundle adjustment's similarity is left to the damping (measured to converge in fewer steps
 * than an anchored camera), or, for a method without damping, held at one camera's pose and one coordinate of another.
 */
export function planGauge(graph: Graph, method: MethodName): GaugePlan {
  const { componentOf, count } = connectedComponents(graph)
  const freedom = componentFreedoms(graph, componentOf, count)
  const members = Array.from({ length: count }, (): number[] => [])
  for (let v = 0; v < graph.variableCount; v++) members[componentOf[v]].push(v)
  const plan = { anchors: [] as number[], holds: [] as Hold[], reports: [] as GaugeReport[], damped: false }
  for (let c = 0; c < count; c++) {
    const left = remainingFreedom(graph, members[c], freedom[c])
    if (left === 'none') continue
    const handling = handle(graph, members[c], left, method, plan)
    plan.reports.push({ component: showKey(graph.values.key(members[c][0])), freedom: left, handling })
  }
  return { ...plan, componentCount: count }
}

/** The freedom of each component: the least that any of its factors leaves; 'none' where no factor is. */
function componentFreedoms(graph: Graph, componentOf: Int32Array, count: number): Gauge[] {
  const rank = new Int32Array(count).fill(ORDER.length)
  for (const batch of graph.batches) {
    const gauge = ORDER.indexOf(batch.type.gauge)
    for (const c of componentsOf(batch, componentOf)) rank[c] = Math.min(rank[c], gauge)
  }
  return Array.from(rank, (r) => ORDER[r] ?? 'none')
}

function* componentsOf(batch: FactorBatch, componentOf: Int32Array): Generator<number> {
  const arity = batch.type.variables.length
  const variables = batch.variables.view()
  for (let f = 0; f < batch.count; f++) yield componentOf[variables[f * arity]]
}

/** 'scale' is what one constant camera leaves of a similarity. */
type Freedom = Gauge | 'scale'

/** What a component's constants leave of its freedom. A point of d coordinates holds a place, d of them hold a body. */
function remainingFreedom(graph: Graph, members: readonly number[], gauge: Gauge): Freedom {
  const held = members.filter((v) => graph.isConstant(v)).map((v) => graph.values.manifold(v))
  if (gauge === 'none' || held.length === 0) return gauge
  const points = held.filter(({ name }) => /^R\d+$/.test(name))
  const poses = held.length - points.length
  const body = points.length > 0 && points.length >= points[0].dim
  switch (gauge) {
    case 'translation':
      return 'none'
    case 'rigid':
      return poses > 0 || body ? 'none' : 'rigid'
    default:
      if (body || (poses > 0 && held.length > 1) || held.some(({ name }) => name === 'Sim3')) return 'none'
      return poses > 0 ? 'scale' : 'similarity'
  }
}

function handle(
  graph: Graph,
  members: readonly number[],
  gauge: Freedom,
  method: MethodName,
  plan: { anchors: number[]; holds: Hold[]; damped: boolean },
): string {
  const { values } = graph
  const show = (v: number): string => showKey(values.key(v))
  const constant = members.find((v) => graph.isConstant(v))
  const anchor = members.find((v) => removesGauge(values.manifold(v).name, gauge))
  if (anchor !== undefined && constant === undefined) {
    plan.anchors.push(anchor)
    return `anchored ${gauge === 'translation' ? 'variable' : 'pose'} ${show(anchor)}`
  }
  const cameras = members.filter((v) => values.manifold(v).name.startsWith('SE3'))
  const undamped = (method === 'gn' || method === 'dogleg') && cameras.length >= 2
  if (undamped && gauge === 'scale' && constant !== undefined) {
    const [, second, axis] = widestPair(graph, [constant, ...cameras.filter((v) => v !== constant)])
    plan.holds.push({ variable: second, components: [axis] })
    return `held coordinate ${'xyz'[axis]} of camera ${show(second)}`
  }
  if (undamped && gauge === 'similarity' && constant === undefined) {
    const [first, second, axis] = widestPair(graph, cameras)
    plan.holds.push({ variable: first, components: [0, 1, 2, 3, 4, 5] }, { variable: second, components: [axis] })
    return `held the pose of camera ${show(first)} and coordinate ${'xyz'[axis]} of camera ${show(second)}`
  }
  plan.damped = true
  if (gauge === 'scale') return '1 freedom left to the damping'
  if (constant !== undefined) return 'what its constants leave is left to the damping'
  return `${gauge === 'similarity' ? '7 freedoms' : 'its freedoms'} left to the damping`
}

/** Whether holding one variable of this manifold takes the whole freedom away. */
function removesGauge(manifold: string, gauge: Freedom): boolean {
  switch (gauge) {
    case 'translation':
      return true
    case 'rigid':
      return ['SE2', 'SE3', 'SO2', 'SO3', 'UnitQuaternion'].includes(manifold)
    case 'similarity':
      return manifold === 'Sim3'
    default:
      return false
  }
}

/** The first camera, the one farthest from it, and the latter's own axis that the baseline follows most. */
function widestPair(graph: Graph, cameras: readonly number[]): [first: number, second: number, axis: number] {
  const { values } = graph
  const { data } = values
  const first = cameras[0]
  const a = values.offset(first)
  let second = cameras[1]
  let widest = -1
  for (const v of cameras.slice(1)) {
    const b = values.offset(v)
    const distance = Math.hypot(data[b] - data[a], data[b + 1] - data[a + 1], data[b + 2] - data[a + 2])
    if (distance > widest) [widest, second] = [distance, v]
  }
  const manifold = values.manifold(second)
  const moved = data.slice(values.offset(second), values.offset(second) + manifold.ambient)
  const delta = new Float64Array(manifold.dim)
  let axis = 0
  let largest = -1
  for (let i = 0; i < 3; i++) {
    delta.fill(0)
    delta[i] = 1
    const b = values.offset(second)
    manifold.retract(data, b, delta, 0, moved, 0)
    let along = 0
    for (let k = 0; k < 3; k++) along += (moved[k] - data[b + k]) * (data[b + k] - data[a + k])
    if (Math.abs(along) > largest) [largest, axis] = [Math.abs(along), i]
  }
  return [first, second, axis]
}
