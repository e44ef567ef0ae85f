import type { Manifold } from '../geometry/index.ts'
import { type FactorType, jacobianStride } from '../graph/index.ts'
import { Random, UsageError } from '../numeric/index.ts'

/** Where a factor is evaluated: one stored element per variable, and its data. */
export interface FactorState {
  readonly variables: readonly ArrayLike<number>[]
  readonly data: ArrayLike<number>
}

/** 'near 0': all variables almost equal; 'near π': rotations almost half a turn apart; 'random': anywhere. */
export type StateKind = 'random' | 'near 0' | 'near π'

export interface CheckJacobianOptions {
  /** States of each kind. Default 100. */
  readonly states?: number
  /** Default 1. */
  readonly seed?: number
  /** Largest relative error that passes. Default 1e-6. */
  readonly tolerance?: number
  /** Kinds of states. Default: all three. */
  readonly kinds?: readonly StateKind[]
  /**
   * What the data are: an element of a manifold (near its identity for 'near 0' and 'near π'), fixed numbers, or a
   * function. Default: uniform in [−1, 1].
   */
  readonly data?: Manifold | ArrayLike<number> | ((random: Random, kind: StateKind) => ArrayLike<number>)
  /** Makes whole states instead, where the default is no sensible place (a point behind a camera). */
  readonly state?: (random: Random, kind: StateKind) => FactorState
  /** Step of the difference along one tangent coordinate. Default ∛eps, times |x| for Rⁿ coordinates larger than 1. */
  readonly step?: number
}

export interface JacobianReport {
  /** Largest relative error met. */
  readonly worst: number
  /** Where: "d r[2] d δ1[4] at near π state 17". */
  readonly entry: string
  /** States compared. */
  readonly states: number
}

/**
 * Holds a factor's Jacobian against central differences (r(x ⊞ hδ) − r(x ⊞ −hδ)) / 2h at random states, near 0 and near π;
 * also that the residual is the same with and without Jacobians, and that nothing is written outside its place.
 *
 * The error of an entry is relative to the largest entry of its column (one tangent coordinate), or to the rounding noise
 * of the difference where the column is smaller than that.
 *
 * @throws Error naming the worst entry, when its error exceeds the tolerance or is not a number.
 */
export function checkJacobian(type: FactorType, options: CheckJacobianOptions = {}): JacobianReport {
  const { states = 100, seed = 1, tolerance = 1e-6, kinds = ['random', 'near 0', 'near π'] } = options
  const random = new Random(seed)
  const probe = new Probe(type, options.step ?? Math.cbrt(Number.EPSILON), tolerance)
  let worst: Entry = { error: -1, place: 'none', analytic: 0, numeric: 0 }
  let where = ''
  let count = 0
  for (const kind of kinds)
    for (let s = 0; s < states; s++) {
      const state = options.state ? options.state(random, kind) : defaultState(type, options.data, random, kind)
      probe.load(state)
      const entry = probe.worst()
      count++
      // written so that NaN counts as worst
      if (entry.error <= worst.error) continue
      worst = entry
      where = `${entry.place} at ${kind} state ${s} (seed ${seed})`
      if (!(entry.error <= tolerance))
        throw new Error(
          `${type.name}: ${where}: Jacobian ${entry.analytic}, central difference ${entry.numeric}, ` +
            `relative error ${entry.error.toExponential(2)} > ${tolerance}; ${show(state)}`,
        )
    }
  return { worst: worst.error, entry: where, states: count }
}

interface Entry {
  readonly error: number
  readonly place: string
  readonly analytic: number
  readonly numeric: number
}

/** One factor with room around everything it writes: NaN fences show what was written where. */
class Probe {
  private readonly type: FactorType
  private readonly step: number
  private readonly tolerance: number
  private readonly x: Float64Array
  private readonly at: Int32Array
  private readonly data: Float64Array
  private readonly moved: Float64Array
  private readonly J: Float64Array
  private readonly r: Float64Array
  private magnitude = 1

  constructor(type: FactorType, step: number, tolerance: number) {
    this.type = type
    this.step = step
    this.tolerance = tolerance
    let size = FENCE
    this.at = new Int32Array(type.variables.length + 1)
    type.variables.forEach((manifold, k) => {
      this.at[k + 1] = size
      size += manifold.ambient
    })
    this.x = new Float64Array(size + FENCE)
    this.moved = new Float64Array(size + FENCE)
    this.data = new Float64Array(type.dataSize + 2 * FENCE)
    this.J = new Float64Array(jacobianStride(type) + 2 * FENCE)
    this.r = new Float64Array(type.residualDim + 2 * FENCE)
  }

  load({ variables, data }: FactorState): void {
    const { type } = this
    if (variables.length !== type.variables.length)
      throw new UsageError(
        `${type.name} connects ${type.variables.length} variables, the state has ${variables.length}`,
      )
    if (data.length !== type.dataSize)
      throw new UsageError(`${type.name} takes ${type.dataSize} data numbers, the state has ${data.length}`)
    this.magnitude = 1
    for (const run of [...variables, data])
      for (let i = 0; i < run.length; i++) this.magnitude = Math.max(this.magnitude, Math.abs(run[i]))
    variables.forEach((value, k) => {
      const { name, ambient } = type.variables[k]
      if (value.length !== ambient)
        throw new UsageError(`${name} is stored as ${ambient} numbers, variable ${k} of the state has ${value.length}`)
      this.x.set(value, this.at[k + 1])
      type.variables[k].normalize(this.x, this.at[k + 1])
    })
    this.data.set(data, FENCE)
  }

  /** The entry whose Jacobian and central difference disagree most. */
  worst(): Entry {
    const { type, J } = this
    const m = type.residualDim
    const r = this.residual(this.x, J)
    checkWrites(type, 'the residual', this.r, m)
    checkWrites(type, 'the Jacobian', J, jacobianStride(type))
    const plain = this.residual(this.x, null)
    for (let i = 0; i < m; i++)
      if (!Object.is(r[i], plain[i]))
        throw new Error(`${type.name}: r[${i}] is ${r[i]} with Jacobians, ${plain[i]} without`)
    let worst: Entry = { error: 0, place: 'd r[0] d δ0[0]', analytic: J[FENCE], numeric: J[FENCE] }
    let block = FENCE
    type.variables.forEach((manifold, k) => {
      for (let c = 0; c < manifold.dim; c++) {
        const entry = this.worstOfColumn(k, c, block, r)
        if (!(entry.error <= worst.error)) worst = entry
      }
      block += m * manifold.dim
    })
    return worst
  }

  private worstOfColumn(k: number, c: number, block: number, r: readonly number[]): Entry {
    const { dim } = this.type.variables[k]
    const h = this.stepAlong(k, c)
    const plus = this.residualAt(k, c, h)
    const minus = this.residualAt(k, c, -h)
    const numeric = plus.map((value, i) => (value - minus[i]) / (2 * h))
    const analytic = plus.map((_, i) => this.J[block + i * dim + c])
    // A difference of numbers of this size is uncertain by a few eps; columns that small are compared absolutely.
    const size = Math.max(this.magnitude, ...r.map(Math.abs))
    const noise = (8 * Number.EPSILON * size) / h
    const scale = Math.max(noise / this.tolerance, ...analytic.map(Math.abs), ...numeric.map(Math.abs))
    let worst = 0
    let row = 0
    for (let i = 0; i < plus.length; i++) {
      const error = Math.abs(analytic[i] - numeric[i]) / scale
      if (error <= worst) continue
      worst = error
      row = i
      if (Number.isNaN(error)) break
    }
    return { error: worst, place: `d r[${row}] d δ${k}[${c}]`, analytic: analytic[row], numeric: numeric[row] }
  }

  private stepAlong(k: number, c: number): number {
    const flat = /^R\d+$/.test(this.type.variables[k].name)
    return flat ? this.step * Math.max(1, Math.abs(this.x[this.at[k + 1] + c])) : this.step
  }

  private residualAt(k: number, c: number, h: number): number[] {
    const manifold = this.type.variables[k]
    const delta = new Float64Array(manifold.dim)
    delta[c] = h
    this.moved.set(this.x)
    manifold.retract(this.x, this.at[k + 1], delta, 0, this.moved, this.at[k + 1])
    return this.residual(this.moved, null)
  }

  private residual(x: Float64Array, J: Float64Array | null): number[] {
    this.r.fill(Number.NaN)
    J?.fill(Number.NaN)
    this.type.evaluate(x, this.at, 1, this.data, FENCE, this.r, FENCE, J, FENCE)
    return Array.from(this.r.subarray(FENCE, FENCE + this.type.residualDim))
  }
}

const FENCE = 3

function checkWrites(type: FactorType, what: string, run: Float64Array, length: number): void {
  for (let i = 0; i < run.length; i++) {
    const inside = i >= FENCE && i < FENCE + length
    if (inside && !Number.isFinite(run[i]))
      throw new Error(`${type.name}: number ${i - FENCE} of ${what} is ${run[i]} (left unwritten, or not finite)`)
    if (!inside && !Number.isNaN(run[i]))
      throw new Error(`${type.name}: ${what} has ${length} numbers, but number ${i - FENCE} was written too`)
  }
}

function show({ variables, data }: FactorState): string {
  const list = (run: ArrayLike<number>) => `[${Array.from(run).join(', ')}]`
  return `${variables.map((value, k) => `variable ${k} = ${list(value)}`).join(', ')}, data = ${list(data)}`
}

/**
 * A state of the wanted kind: see {@link StateKind}. Variables of one manifold lie about a common element; a lone variable
 * lies about the identity, as data given by a manifold do.
 */
export function defaultState(
  type: FactorType,
  data: CheckJacobianOptions['data'],
  random: Random,
  kind: StateKind,
): FactorState {
  const variables: Float64Array[] = []
  const alone = type.variables.length === 1
  for (const manifold of type.variables) {
    const relative = variables.find((_, k) => type.variables[k] === manifold)
    const base = relative ?? randomElement(manifold, random, alone && kind !== 'random' ? 0 : 1)
    const spread = kind === 'near 0' ? nearZero(random) : 1
    const delta = Float64Array.from({ length: manifold.dim }, () => spread * random.gaussian())
    if (kind === 'near π' && (relative || alone)) turnHalf(manifold, delta, 1e-3 * (0.5 + random.next()))
    const value = new Float64Array(manifold.ambient)
    manifold.retract(base, 0, delta, 0, value, 0)
    variables.push(value)
  }
  return { variables, data: defaultData(type, data, random, kind) }
}

/** Nothing at all, below the square root of rounding, or small: where series and closed forms meet. */
function nearZero(random: Random): number {
  return [0, 1e-9, 1e-4, 1e-2][random.integer(4)]
}

function defaultData(
  type: FactorType,
  data: CheckJacobianOptions['data'],
  random: Random,
  kind: StateKind,
): ArrayLike<number> {
  if (data === undefined) return Array.from({ length: type.dataSize }, () => 2 * random.next() - 1)
  if (typeof data === 'function') return data(random, kind)
  if ('length' in data) return data
  return randomElement(data, random, kind === 'random' ? 1 : kind === 'near 0' ? nearZero(random) : 1e-4)
}

/** The identity moved by a normal tangent vector. */
export function randomElement(manifold: Manifold, random: Random, spread = 1): Float64Array {
  const value = new Float64Array(manifold.ambient)
  const delta = Float64Array.from({ length: manifold.dim }, () => spread * random.gaussian())
  manifold.identity(value, 0)
  manifold.retract(value, 0, delta, 0, value, 0)
  return value
}

/** Rotation coordinates of the tangent spaces of geometry's groups. */
const ROTATION: Readonly<Record<string, readonly [start: number, length: number]>> = {
  SO2: [0, 1],
  SE2: [2, 1],
  SO3: [0, 3],
  SE3: [3, 3],
  Sim3: [3, 3],
}

/** Scales the rotation part of a tangent vector to π − gap. */
function turnHalf(manifold: Manifold, delta: Float64Array, gap: number): void {
  const [start, length] = ROTATION[manifold.name] ?? [0, 0]
  const norm = Math.hypot(...delta.subarray(start, start + length))
  for (let i = start; i < start + length; i++) delta[i] *= (Math.PI - gap) / norm
}
