import { describe, expect, it } from 'vitest'
import { euclidean, type Manifold, product, SE2, SE3, Sim3, SO2, SO3 } from '../../geometry/index.ts'
import { Random } from '../../numeric/index.ts'
import {
  type CheckJacobianOptions,
  checkJacobian,
  defaultState,
  type FactorState,
  randomElement,
  type StateKind,
} from '../../testing/index.ts'
import type { FactorType, Gauge } from '../factor.ts'
import { bearing2, bearingRange2, bearingRange3 } from './bearing.ts'
import { between } from './between.ts'
import { landmark2, landmark3, landmark3WithOffset } from './landmark.ts'
import { prior } from './prior.ts'
import { range2, range3 } from './range.ts'
import {
  reprojection,
  reprojectionPinhole,
  reprojectionRadial,
  reprojectionSimplePinhole,
  reprojectionSimpleRadial,
  stereo,
} from './reprojection.ts'
import { reprojectionBal } from './reprojection-bal.ts'

const R1 = euclidean(1)
const R2 = euclidean(2)
const R3 = euclidean(3)
const g2o = { error: 'g2o' } as const

/** A pose whose rotation is anywhere, next to none, or next to half a turn. */
function pose(group: typeof SE3, random: Random, kind: StateKind): Float64Array {
  const rotation = group === SE3 ? [0, 0, 0].map(() => random.gaussian()) : [random.gaussian()]
  const angle = { random: random.uniform(0, 3), 'near 0': 1e-5, 'near π': Math.PI - 1e-5 }[kind]
  const norm = Math.hypot(...rotation)
  const xi = Float64Array.from({ length: group.dim }, () => random.gaussian())
  xi.set(
    rotation.map((value) => (value * angle) / norm),
    group.pointDim,
  )
  const out = new Float64Array(group.ambient)
  group.exp(xi, 0, out, 0)
  return out
}

/** A point at the given place of the body frame. */
function seenAt(group: typeof SE3, worldFromBody: Float64Array, inBody: readonly number[]): Float64Array {
  const out = Float64Array.from(inBody)
  group.act(worldFromBody, 0, out, 0, out, 0)
  return out
}

/** Some point 2 to 4 m before a camera (`forward` +1 or −1 along z), inside a field of view of about 90°. */
function beforeCamera(random: Random, forward: number): number[] {
  const z = random.uniform(2, 4)
  return [random.uniform(-1, 1) * z, random.uniform(-1, 1) * z, forward * z]
}

function camera(forward: number, numbers: (random: Random) => number[], data: (random: Random) => number[]) {
  return (attached: boolean) =>
    (random: Random, kind: StateKind): FactorState => {
      const worldFromCamera = pose(SE3, random, kind)
      const point = seenAt(SE3, worldFromCamera, beforeCamera(random, forward))
      const own = numbers(random)
      const first = attached ? [Float64Array.from([...worldFromCamera, ...own])] : [worldFromCamera]
      if (!attached && own.length > 0) first.push(Float64Array.from(own))
      return { variables: [...first, point], data: data(random) }
    }
}

const pixels = (random: Random) => [random.gaussian(), random.gaussian()]
const distortion = (random: Random) => random.uniform(-0.1, 0.1)
const none = () => []

/** Ends 1 to 3 m apart. */
function apart(a: typeof SE3, b: typeof SE3) {
  return (random: Random, kind: StateKind): FactorState => {
    const n = a.pointDim
    const from = a.dim === n ? randomElement(a, random) : pose(a, random, kind)
    const to = b.dim === n ? randomElement(b, random) : pose(b, random, 'random')
    const away = Array.from({ length: n }, () => random.gaussian())
    const length = Math.hypot(...away)
    away.forEach((value, i) => {
      to[i] = from[i] + (value / length) * random.uniform(1, 3)
    })
    return { variables: [from, to], data: [random.next()] }
  }
}

/** A point seen in the plane, its bearing measured almost right or almost opposite. */
function seenInPlane(data: (bearing: number, range: number) => number[]) {
  return (random: Random, kind: StateKind): FactorState => {
    const worldFromBody = pose(SE2, random, kind)
    const angle = random.uniform(-3, 3)
    const distance = random.uniform(1, 3)
    const point = seenAt(SE2, worldFromBody, [distance * Math.cos(angle), distance * Math.sin(angle)])
    const off = { random: random.uniform(-3, 3), 'near 0': 1e-5, 'near π': Math.PI - 1e-3 }[kind]
    return { variables: [worldFromBody, point], data: data(angle + off, random.next()) }
  }
}

function seenInSpace(random: Random, kind: StateKind): FactorState {
  const worldFromBody = pose(SE3, random, kind)
  // θ between the measured and the true direction; at π itself the sphere's logarithm is singular
  const theta = { random: random.uniform(0.1, 2.5), 'near 0': 1e-5, 'near π': Math.PI - 0.05 }[kind]
  const turn = pose(SE3, random, 'random')
  turn.fill(0, 0, 3)
  const direction = seenAt(SE3, turn, [0, 0, 1])
  const distance = random.uniform(1, 3)
  const inBody = seenAt(SE3, turn, [distance * Math.sin(theta), 0, distance * Math.cos(theta)])
  return { variables: [worldFromBody, seenAt(SE3, worldFromBody, [...inBody])], data: [...direction, random.next()] }
}

const simple = camera(1, (random) => [...pixels(random), ...pixels(random)].map((v) => 500 + v), pixels)
const intrinsics = (random: Random) => [500, 510, 320, 240].map((value) => value + random.gaussian())

const cases: readonly { type: FactorType; gauge: Gauge; options: CheckJacobianOptions }[] = [
  ...[SO2, SO3].map((group) => ({ type: between(group), gauge: 'rigid' as const, options: { data: group } })),
  ...[SE2, SE3].flatMap((group) => [
    { type: between(group), gauge: 'rigid' as const, options: { data: group } },
    { type: between(group, g2o), gauge: 'rigid' as const, options: { data: group } },
    { type: prior(group), gauge: 'none' as const, options: { data: group } },
    { type: prior(group, g2o), gauge: 'none' as const, options: { data: group } },
    { type: prior(group, { offset: true }), gauge: 'none' as const, options: { data: product(group, group) } },
  ]),
  { type: prior(SE3, { ...g2o, offset: true }), gauge: 'none', options: { data: product(SE3, SE3) } },
  { type: between(Sim3), gauge: 'similarity', options: { data: Sim3 } },
  { type: prior(Sim3), gauge: 'none', options: { data: Sim3 } },
  { type: between(R3), gauge: 'translation', options: { data: R3 } },
  { type: prior(R1), gauge: 'none', options: {} },
  { type: prior(product(SE3, R3)), gauge: 'none', options: { data: product(SE3, R3) } },
  { type: landmark2, gauge: 'rigid', options: {} },
  { type: landmark3, gauge: 'rigid', options: {} },
  { type: landmark3WithOffset, gauge: 'rigid', options: { data: product(R3, SE3) } },
  { type: range2(), gauge: 'rigid', options: { state: apart(SE2, R2) } },
  { type: range2(SE2, SE2), gauge: 'rigid', options: { state: apart(SE2, SE2) } },
  { type: range2(R2, R2), gauge: 'rigid', options: { state: apart(R2, R2) } },
  { type: range3(), gauge: 'rigid', options: { state: apart(SE3, R3) } },
  { type: range3(SE3, SE3), gauge: 'rigid', options: { state: apart(SE3, SE3) } },
  { type: range3(R3, R3), gauge: 'rigid', options: { state: apart(R3, R3) } },
  { type: bearing2, gauge: 'similarity', options: { state: seenInPlane((bearing) => [bearing]) } },
  { type: bearingRange2, gauge: 'rigid', options: { state: seenInPlane((bearing, range) => [bearing, range]) } },
  { type: bearingRange3, gauge: 'rigid', options: { state: seenInSpace } },
  {
    type: reprojectionBal,
    gauge: 'similarity',
    options: {
      state: camera(-1, (random) => [500 + random.gaussian(), distortion(random), distortion(random)], pixels)(true),
    },
  },
  {
    type: reprojection,
    gauge: 'similarity',
    options: { state: camera(1, none, (random) => [...pixels(random), ...intrinsics(random)])(false) },
  },
  { type: reprojectionPinhole, gauge: 'similarity', options: { state: simple(false) } },
  {
    type: reprojectionSimplePinhole,
    gauge: 'similarity',
    options: { state: camera(1, (random) => intrinsics(random).slice(1), pixels)(false) },
  },
  {
    type: reprojectionSimpleRadial,
    gauge: 'similarity',
    options: { state: camera(1, (random) => [...intrinsics(random).slice(1), distortion(random)], pixels)(false) },
  },
  {
    type: reprojectionRadial,
    gauge: 'similarity',
    options: {
      state: camera(
        1,
        (random) => [...intrinsics(random).slice(1), distortion(random), distortion(random)],
        pixels,
      )(false),
    },
  },
  {
    type: stereo,
    gauge: 'rigid',
    options: { state: camera(1, none, (random) => [300, 290, 200, ...intrinsics(random), 0.12])(false) },
  },
]

describe('Jacobians equal central differences', () => {
  for (const { type, options } of cases)
    it(type.name, () => {
      const report = checkJacobian(type, options)
      expect(report.worst, report.entry).toBeLessThan(1e-6)
      expect(report.states).toBe(300)
    })
})

describe('the declared gauge is what the residual cannot see', () => {
  for (const { type, gauge, options } of cases)
    it(`${type.name}: ${gauge}`, () => {
      expect(type.gauge).toBe(gauge)
      const random = new Random(7)
      let seen = 0
      for (let k = 0; k < 20; k++) {
        const state = options.state?.(random, 'random') ?? defaultState(type, options.data, random, 'random')
        const before = residual(type, state)
        if (gauge !== 'none') {
          const after = residual(type, moved(type, state, gauge, random))
          // Numbers of magnitude up to 1e3 (pixels), coordinates moved by about 1: some 1e3 eps of the residual's terms.
          const size = Math.max(1, ...before.map(Math.abs), ...Array.from(state.data).map(Math.abs))
          expect(Math.max(...before.map((value, i) => Math.abs(value - after[i])))).toBeLessThan(
            1e4 * Number.EPSILON * size,
          )
        }
        const wider = WIDER[gauge]
        if (!wider) continue
        const after = residual(type, moved(type, state, wider, random))
        seen = Math.max(seen, ...before.map((value, i) => Math.abs(value - after[i])))
      }
      // …and the next larger group it does see (rotations alone have no scale to see).
      if (WIDER[gauge] && !type.name.includes('(SO')) expect(seen).toBeGreaterThan(1e-3)
    })
})

const WIDER: Readonly<Record<Gauge, Gauge | null>> = {
  none: 'translation',
  translation: 'rigid',
  rigid: 'similarity',
  similarity: null,
}

function residual(type: FactorType, { variables, data }: FactorState): number[] {
  const at = new Int32Array(variables.length)
  for (let k = 1; k < at.length; k++) at[k] = at[k - 1] + variables[k - 1].length
  const x = Float64Array.from(variables.flatMap((value) => Array.from(value)))
  const r = new Float64Array(type.residualDim)
  type.evaluate(x, at, 0, Float64Array.from(data), 0, r, 0, null, 0)
  return [...r]
}

/** All variables moved by one random element of the gauge group, p ↦ s R p + t. */
function moved(type: FactorType, { variables, data }: FactorState, gauge: Gauge, random: Random): FactorState {
  const plane = type.variables.some(({ name }) => name === 'SE2' || name === 'SO2' || name === 'R2')
  const rigid = plane ? SE2 : SE3
  const n = rigid.pointDim
  const g = pose(rigid, random, 'random')
  const turned = gauge === 'rigid' || gauge === 'similarity'
  if (!turned) {
    const t = g.slice(0, n)
    rigid.identity(g, 0)
    g.set(t)
  }
  const scale = gauge === 'similarity' ? random.uniform(0.5, 2) : 1
  const point = (value: Float64Array): void => {
    for (let i = 0; i < n; i++) value[i] *= scale
    rigid.act(g, 0, value, 0, value, 0)
  }
  const moves: Record<string, (value: Float64Array) => void> = {
    [`R${n}`]: point,
    R1(value) {
      value[0] += 1
    },
    SO2: (value) => SO2.compose(value, 0, g, 2, value, 0),
    SO3: (value) => SO3.compose(g, 3, value, 0, value, 0),
    SE2(value) {
      for (let i = 0; i < 2; i++) value[i] *= scale
      SE2.compose(g, 0, value, 0, value, 0)
    },
    SE3(value) {
      for (let i = 0; i < 3; i++) value[i] *= scale
      SE3.compose(g, 0, value, 0, value, 0)
    },
    'SE3×R3': (value) => moves['SE3'](value.subarray(0, 7)),
    Sim3(value) {
      const similarity = new Float64Array(Sim3.ambient)
      const xi = Float64Array.of(0, 0, 0, 0, 0, 0, Math.log(scale))
      Sim3.exp(xi, 0, similarity, 0)
      similarity.set(g)
      Sim3.compose(similarity, 0, value, 0, value, 0)
    },
  }
  const stay = () => {}
  // Of [pose, intrinsics, point] the intrinsics are nowhere in the world, whatever their number.
  const nowhere = type.name.startsWith('reprojection') && type.variables.length === 3 ? 1 : -1
  const copies = variables.map((value, k) => {
    const copy = Float64Array.from(value)
    ;((k === nowhere ? undefined : moves[(type.variables[k] as Manifold).name]) ?? stay)(copy)
    return copy
  })
  return { variables: copies, data }
}
