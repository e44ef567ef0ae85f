import type { Program, ProgramBatch } from './program.ts'

/**
 * Residuals, Jacobians and cost at a state. On return `program.jacobian` holds the whitened, weighted rows
 * r̃ = √ρ′ · R · r and J̃ = √ρ′ · R · ∂r/∂δ (Rᵀ R = Ω), (docs/maths/optimize.md, O2), so that J̃ᵀ r̃ is the exact gradient of the cost ½ Σ ρ(rᵀ Ω r) and
 * J̃ᵀ J̃ its Gauss-Newton Hessian under iteratively reweighted least squares. Columns of frozen unknowns are zero.
 *
 * @returns the cost ½ Σ ρ(s); NaN or Infinity where a residual is.
 */
export function linearize(program: Program, x: Float64Array): number {
  const { batches, kernels, state } = program
  state?.view.set(x)
  let cost = 0
  for (let b = 0; b < batches.length; b++)
    cost += (kernels[b]?.linearize() ?? linearizeBatch(program, batches[b], x)) / 2
  clearFrozenColumns(program)
  return cost
}

/** The cost ½ Σ ρ(rᵀ Ω r) at a state, without derivatives; leaves `program.jacobian` as it is. */
export function evaluateCost(program: Program, x: Float64Array): number {
  const { batches, kernels, state, scratch } = program
  state?.view.set(x)
  let cost = 0
  for (let b = 0; b < batches.length; b++) {
    const batch = batches[b]
    const kernel = kernels[b]
    if (kernel) cost = kernel.addCost(cost)
    else for (let f = 0; f < batch.count; f++) cost += factorCost(batch, x, f, scratch.residual)
  }
  return cost / 2
}

/** ρ(rᵀ Ω r) of factor f of a batch; `r` is scratch. */
export function factorCost(batch: ProgramBatch, x: Float64Array, f: number, r: Float64Array): number {
  const { type, loss, at, data, squareRootInformation: root } = batch
  const m = type.residualDim
  type.evaluate(x, at, f * type.variables.length, data, f * type.dataSize, r, 0, null, 0)
  if (root) whitenVector(root, f * ((m * (m + 1)) / 2), m, r, 0)
  let s = 0
  for (let i = 0; i < m; i++) s += r[i] * r[i]
  return loss ? loss.rho(s) : s
}

/** One batch, factor by factor: the definition. Returns Σ ρ. */
function linearizeBatch(program: Program, batch: ProgramBatch, x: Float64Array): number {
  const { type, loss, count, at, data, squareRootInformation: root, jacobian } = batch
  const r = program.jacobian.residual
  const { values: J, stride, arity, row } = jacobian
  const m = type.residualDim
  const triangle = (m * (m + 1)) / 2
  let cost = 0
  for (let f = 0; f < count; f++) {
    const rAt = row + f * m
    const JAt = f * stride
    type.evaluate(x, at, f * arity, data, f * type.dataSize, r, rAt, J, JAt)
    if (root) {
      whitenVector(root, f * triangle, m, r, rAt)
      let block = JAt
      for (const dim of jacobian.dims) {
        whitenBlock(root, f * triangle, m, dim, J, block)
        block += m * dim
      }
    }
    let s = 0
    for (let i = 0; i < m; i++) s += r[rAt + i] * r[rAt + i]
    if (loss) {
      cost += loss.rho(s)
      const weight = Math.sqrt(loss.weight(s))
      for (let i = 0; i < m; i++) r[rAt + i] *= weight
      for (let i = 0; i < stride; i++) J[JAt + i] *= weight
    } else cost += s
  }
  return cost
}

/** v ← R v for packed upper-triangular R; in place, since row i needs entries i … m−1 only. */
export function whitenVector(root: Float64Array, rootAt: number, m: number, v: Float64Array, vAt: number): void {
  let e = rootAt
  for (let i = 0; i < m; i++) {
    let sum = 0
    for (let k = i; k < m; k++) sum += root[e++] * v[vAt + k]
    v[vAt + i] = sum
  }
}

/** B ← R B for a row-major m × n block. */
function whitenBlock(root: Float64Array, rootAt: number, m: number, n: number, B: Float64Array, at: number): void {
  let e = rootAt
  for (let i = 0; i < m; i++) {
    const to = at + i * n
    const diagonal = root[e++]
    for (let c = 0; c < n; c++) B[to + c] *= diagonal
    for (let k = i + 1; k < m; k++) {
      const factor = root[e++]
      if (factor === 0) continue
      const from = at + k * n
      for (let c = 0; c < n; c++) B[to + c] += factor * B[from + c]
    }
  }
}

/** Zeroes the Jacobian columns of unknowns that may not move. */
export function clearFrozenColumns(program: Program): void {
  const { frozen, blocks } = program
  if (!frozen.includes(1)) return
  for (const { count, residualDim, arity, dims, columns, stride, values } of program.jacobian.batches)
    for (let f = 0; f < count; f++) {
      let block = f * stride
      for (let k = 0; k < arity; k++) {
        const column = columns[f * arity + k]
        const dim = dims[k]
        if (column >= 0)
          for (let c = 0; c < dim; c++)
            if (frozen[blocks.offset[column] + c]) for (let i = 0; i < residualDim; i++) values[block + i * dim + c] = 0
        block += residualDim * dim
      }
    }
}
