import { type Format, roundArray, roundTo } from '../../numeric/index.ts'
import { clearFrozenColumns } from '../linearize.ts'
import { exactModel, type Model, type ModelCalls } from '../model.ts'
import { type Program, type ProgramBatch, retract } from '../program.ts'
import type { PrecisionPolicy, Stage } from './policy.ts'
import type { PrecisionRecord } from './record.ts'

/** Rounding to the three formats of a stage. */
interface Rounding {
  readonly store: (x: number) => number
  readonly compute: (x: number) => number
  readonly accumulate: (x: number) => number
}

/** What of a batch is fixed: its data and square roots in the formats of residual and Jacobian. */
interface RoundedBatch {
  readonly batch: ProgramBatch
  readonly index: number
  readonly data: Float64Array
  readonly root: Float64Array | null
  readonly dataOfJacobian: Float64Array
  readonly rootOfJacobian: Float64Array | null
}

/**
 * The model of a policy: residuals, Jacobian, gradient, cost and state in its formats. Kernels of factors see rounded inputs
 * and their outputs are rounded; whitening, weighting and all sums are rounded operation by operation. What overflows goes
 * to the record, and the cost there is Infinity.
 */
export function roundedModel(program: Program, policy: PrecisionPolicy, record: PrecisionRecord): Model {
  const { residual, jacobian, gradient, update } = policy
  const stages = [residual, jacobian, gradient, update]
  if (stages.every((s) => s.stored === 'fp64' && s.computed === 'fp64' && s.accumulated === 'fp64'))
    return exactModel(program)
  return new RoundedModel(program, policy, record)
}

class RoundedModel implements Model {
  readonly batched = false
  readonly calls: ModelCalls = { linearizations: 0, gradients: 0, costs: 0, retractions: 0 }
  private readonly program: Program
  private readonly policy: PrecisionPolicy
  private readonly record: PrecisionRecord
  private readonly batches: readonly RoundedBatch[]
  private readonly residual: Rounding
  private readonly jacobian: Rounding
  private readonly state: Float64Array
  private readonly step: Float64Array
  private readonly raw: Float64Array

  constructor(program: Program, policy: PrecisionPolicy, record: PrecisionRecord) {
    this.program = program
    this.policy = policy
    this.record = record
    this.residual = roundingOf(policy.residual)
    this.jacobian = roundingOf(policy.jacobian)
    this.batches = program.batches.map((batch, index) => roundBatch(batch, index, policy))
    this.state = program.graph.values.data.slice()
    this.step = new Float64Array(program.blocks.offset[program.blocks.count])
    this.raw = new Float64Array(program.scratch.residual.length)
  }

  linearize(x: Float64Array): number {
    this.calls.linearizations++
    const cost = this.residuals(x, this.program.jacobian.residual)
    this.jacobians(x)
    clearFrozenColumns(this.program)
    return cost
  }

  cost(x: Float64Array): number {
    this.calls.costs++
    return this.residuals(x, null)
  }

  gradient(out: Float64Array): void {
    this.calls.gradients++
    const { blocks, jacobian } = this.program
    const { store, compute, accumulate } = roundingOf(this.policy.gradient)
    out.fill(0)
    for (const { count, residualDim: m, arity, dims, columns, row, stride, values } of jacobian.batches)
      for (let f = 0; f < count; f++)
        for (let k = 0, at = f * stride; k < arity; at += m * dims[k], k++) {
          const column = columns[f * arity + k]
          if (column < 0) continue
          const n = dims[k]
          const to = blocks.offset[column]
          for (let i = 0; i < m; i++) {
            const r = compute(jacobian.residual[row + f * m + i])
            for (let c = 0; c < n; c++)
              out[to + c] = accumulate(out[to + c] + compute(compute(values[at + i * n + c]) * r))
          }
        }
    for (let i = 0; i < out.length; i++) out[i] = store(out[i])
  }

  retract(x: Float64Array, step: Float64Array, out: Float64Array): void {
    this.calls.retractions++
    const { program, policy } = this
    roundArray(policy.update.computed, step, this.step)
    retract(program, x, this.step, out)
    roundState(program, policy.update.stored, out)
  }

  /** Weighted residuals into `out` (or nowhere) and their cost. */
  private residuals(x: Float64Array, out: Float64Array | null): number {
    const { policy, state, raw } = this
    const { store, compute, accumulate } = this.residual
    roundArray(policy.residual.computed, x, state)
    if (!finite(x) || !finite(state)) {
      this.overflow('update', 'the state', x, state)
      return Number.POSITIVE_INFINITY
    }
    let cost = 0
    let last = 0
    for (const { batch, index, data, root } of this.batches) {
      const { type, loss, count, at, jacobian } = batch
      const m = type.residualDim
      for (let f = 0; f < count; f++) {
        type.evaluate(state, at, f * jacobian.arity, data, f * type.dataSize, raw, 0, null, 0)
        for (let i = 0; i < m; i++) raw[i] = compute(raw[i])
        if (root) whiten(root, (f * (m * (m + 1))) / 2, m, 1, raw, 0, this.residual)
        let s = 0
        for (let i = 0; i < m; i++) s = accumulate(s + compute(raw[i] * raw[i]))
        const weight = loss ? compute(Math.sqrt(loss.weight(s))) : 1
        const sum = cost + (loss ? accumulate(loss.rho(s)) : s)
        if (sum < Number.POSITIVE_INFINITY) last = sum
        cost = accumulate(sum)
        if (!(s < Number.POSITIVE_INFINITY)) this.noteFactor('residual', index, f, s)
        if (out) for (let i = 0; i < m; i++) out[jacobian.row + f * m + i] = store(compute(weight * raw[i]))
      }
    }
    if (cost < Number.POSITIVE_INFINITY) return accumulate(cost / 2)
    this.record.events.note('residual', 'overflow', last, () => `the cost, a sum in ${policy.residual.accumulated}`)
    return Number.POSITIVE_INFINITY
  }

  /** Weighted Jacobians into the program. */
  private jacobians(x: Float64Array): void {
    const { policy, state, raw } = this
    const { store, compute } = this.jacobian
    roundArray(policy.jacobian.computed, x, state)
    for (const { batch, index, dataOfJacobian: data, rootOfJacobian: root } of this.batches) {
      const { type, loss, count, at, jacobian } = batch
      const { values: J, stride, arity, dims } = jacobian
      const m = type.residualDim
      for (let f = 0; f < count; f++) {
        const first = f * stride
        type.evaluate(state, at, f * arity, data, f * type.dataSize, raw, 0, J, first)
        for (let i = first; i < first + stride; i++) J[i] = compute(J[i])
        for (let k = 0, block = first; root && k < arity; block += m * dims[k], k++)
          whiten(root, (f * (m * (m + 1))) / 2, m, dims[k], J, block, this.jacobian)
        const weight = loss ? this.weightOf(batch, f, root) : 1
        let sound = true
        for (let i = first; i < first + stride; i++) {
          J[i] = store(weight === 1 ? J[i] : compute(weight * J[i]))
          if (!Number.isFinite(J[i])) sound = false
        }
        if (!sound) this.noteFactor('jacobian', index, f, Number.POSITIVE_INFINITY)
      }
    }
  }

  /** √ρ′ of the raw residual in `raw`. */
  private weightOf({ type, loss }: ProgramBatch, f: number, root: Float64Array | null): number {
    const { raw } = this
    const { compute, accumulate } = this.jacobian
    const m = type.residualDim
    for (let i = 0; i < m; i++) raw[i] = compute(raw[i])
    if (root) whiten(root, (f * (m * (m + 1))) / 2, m, 1, raw, 0, this.jacobian)
    let s = 0
    for (let i = 0; i < m; i++) s = accumulate(s + compute(raw[i] * raw[i]))
    return loss ? compute(Math.sqrt(loss.weight(s))) : 1
  }

  private overflow(stage: string, what: string, exact: Float64Array, rounded: Float64Array): void {
    const at = rounded.findIndex((value) => !Number.isFinite(value))
    this.record.events.note(stage, 'overflow', exact[at], () => `number ${at} of ${what}`)
  }

  private noteFactor(stage: string, batch: number, f: number, value: number): void {
    this.record.events.note(stage, 'overflow', value, () => this.record.factorName(batch, f))
  }
}

/** The state as a policy keeps it: rounded, or as it is. */
export function admitState(program: Program, policy: PrecisionPolicy, x: Float64Array): Float64Array {
  const admitted = x.slice()
  roundState(program, policy.update.stored, admitted)
  return finite(admitted) ? admitted : x
}

/** Free variables of x rounded to the format. */
function roundState({ manifolds, stateAt, bounds }: Program, format: Format, x: Float64Array): void {
  if (format === 'fp64') return
  const round = roundTo(format)
  for (let j = 0; j < stateAt.length; j++)
    for (let i = stateAt[j]; i < stateAt[j] + manifolds[j].ambient; i++) x[i] = round(x[i])
  for (const { block, lower, upper } of bounds)
    for (let i = 0, at = stateAt[block]; i < lower.length; i++, at++)
      x[at] = Math.min(Math.max(x[at], lower[i]), upper[i])
}

/** B ← R B for packed upper-triangular R and a row-major m × n block, each operation rounded. */
function whiten(
  root: Float64Array,
  rootAt: number,
  m: number,
  n: number,
  B: Float64Array,
  at: number,
  { compute, accumulate }: Rounding,
): void {
  for (let i = 0, e = rootAt; i < m; i++) {
    const diagonal = e
    for (let c = 0; c < n; c++) {
      let sum = compute(root[diagonal] * B[at + i * n + c])
      for (let k = i + 1; k < m; k++) sum = accumulate(sum + compute(root[diagonal + k - i] * B[at + k * n + c]))
      B[at + i * n + c] = compute(sum)
    }
    e += m - i
  }
}

function roundBatch(batch: ProgramBatch, index: number, { residual, jacobian }: PrecisionPolicy): RoundedBatch {
  const { data, squareRootInformation: root } = batch
  return {
    batch,
    index,
    data: rounded(data, residual.computed),
    root: root && rounded(root, residual.computed),
    dataOfJacobian: rounded(data, jacobian.computed),
    rootOfJacobian: root && rounded(root, jacobian.computed),
  }
}

function rounded(from: Float64Array, format: Format): Float64Array {
  if (format === 'fp64') return from
  const to = new Float64Array(from.length)
  roundArray(format, from, to)
  return to
}

function roundingOf({ stored, computed, accumulated }: Stage): Rounding {
  return { store: roundTo(stored), compute: roundTo(computed), accumulate: roundTo(accumulated) }
}

function finite(x: Float64Array): boolean {
  for (let i = 0; i < x.length; i++) if (!Number.isFinite(x[i])) return false
  return true
}
