import { type BlockJacobian, DenseQr, squaredColumnNorms } from '../../linear/index.ts'
import { UsageError } from '../../numeric/index.ts'
import { denseQr } from '../precision/amounts.ts'
import { stage } from '../precision/presets.ts'
import type { WorkTally } from '../precision/tally.ts'
import { type LinearStep, type StepOutcome, solved } from './step.ts'

/** Numbers of the dense matrix that it takes at most: 1 GiB. */
const MAX_ENTRIES = 2 ** 27

/**
 * The damped least squares problem min ‖J δ + r‖² + ‖D^½ δ‖² by dense Householder QR of [J; D^½], columns scaled to unit
 * length. The baseline: it squares no condition number, and costs 2 n² (rows + n) flops.
 */
export class QrStep implements LinearStep {
  readonly name = 'qr'
  readonly exact = true
  private readonly jacobian: BlockJacobian
  private readonly unknowns: number
  private readonly dense: Float64Array
  private readonly matrix: Float64Array
  private readonly rightHandSide: Float64Array
  private readonly scale: Float64Array
  private readonly qr: DenseQr
  private solves = 0

  constructor(jacobian: BlockJacobian) {
    const { blocks, rows } = jacobian
    const n = blocks.offset[blocks.count]
    if ((rows + n) * n > MAX_ENTRIES)
      throw new UsageError(
        `a dense QR of ${rows + n} × ${n} would need ${Math.ceil(((rows + n) * n) / 2 ** 27)} GiB or more; ` +
          'use --step cholesky, schur or pcg for a problem of this size',
      )
    this.jacobian = jacobian
    this.unknowns = n
    this.dense = new Float64Array(rows * n)
    this.matrix = new Float64Array((rows + n) * n)
    this.rightHandSide = new Float64Array(rows + n)
    this.scale = new Float64Array(n)
    this.qr = new DenseQr(rows + n, n)
  }

  prepare(): void {
    const { jacobian, dense, unknowns: n } = this
    dense.fill(0)
    for (const { count, residualDim, arity, dims, columns, row, stride, values } of jacobian.batches)
      for (let f = 0; f < count; f++) {
        let block = f * stride
        for (let k = 0; k < arity; k++) {
          const column = columns[f * arity + k]
          const dim = dims[k]
          if (column >= 0)
            for (let a = 0; a < residualDim; a++) {
              const to = (row + f * residualDim + a) * n + jacobian.blocks.offset[column]
              for (let c = 0; c < dim; c++) dense[to + c] += values[block + a * dim + c]
            }
          block += residualDim * dim
        }
      }
  }

  solve(_gradient: Float64Array, damping: Float64Array, step: Float64Array): StepOutcome {
    const { jacobian, dense, matrix, rightHandSide: b, scale, unknowns: n } = this
    const { rows, residual } = jacobian
    this.solves++
    squaredColumnNorms(jacobian, scale)
    for (let c = 0; c < n; c++) scale[c] = 1 / Math.max(Math.sqrt(scale[c] + damping[c]), Number.MIN_VALUE)
    for (let i = 0; i < rows; i++) {
      b[i] = -residual[i]
      for (let c = 0; c < n; c++) matrix[i * n + c] = dense[i * n + c] * scale[c]
    }
    matrix.fill(0, rows * n)
    for (let c = 0; c < n; c++) matrix[(rows + c) * n + c] = Math.sqrt(damping[c]) * scale[c]
    const rank = this.qr.factor(matrix)
    if (rank < n) return { ok: false, iterations: 0, reason: `the Jacobian has rank ${rank} < ${n} unknowns` }
    this.qr.solve(b, step)
    for (let c = 0; c < n; c++) step[c] *= scale[c]
    return solved
  }

  work(tally: WorkTally): void {
    tally.add('factorization', denseQr(this.jacobian.rows + this.unknowns, this.unknowns), this.solves, stage('fp64'))
  }
}
