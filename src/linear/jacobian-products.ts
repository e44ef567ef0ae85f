import type { LinearFloat64 } from '../backend/index.ts'
import type { BlockJacobian } from './block-jacobian.ts'
import type { RectangularOperator } from './operator.ts'
import { multiply, multiplyTransposed, scalarSize, squaredColumnNorms } from './ops/jacobian-product.ts'
import { NormalTwin } from './ops/normal-twin.ts'
import { attempt } from './store.ts'

/** The twin with vectors of its own, in the linear memory. */
interface Bound {
  readonly twin: NormalTwin
  readonly unknowns: LinearFloat64
  readonly rows: LinearFloat64
}

/**
 * J x and Jᵀ y of one Jacobian, as its values are at the time of the product: `ops/jacobian-product.ts`, or its SIMD twin
 * where J lies in the linear memory. Both give the same bits.
 */
export class JacobianProducts implements RectangularOperator {
  readonly rows: number
  readonly columns: number
  private readonly J: BlockJacobian
  private readonly bound: Bound | null

  constructor(J: BlockJacobian) {
    this.J = J
    this.rows = J.rows
    this.columns = scalarSize(J.blocks)
    this.bound = attempt(J.memory, (memory) => {
      const twin = NormalTwin.bind(J, memory)
      return twin && { twin, unknowns: memory.float64(this.columns), rows: memory.float64(this.rows) }
    })
  }

  /** 'WebAssembly SIMD' or 'plain'. */
  get runs(): string {
    return this.bound ? 'WebAssembly SIMD' : 'plain'
  }

  multiply(x: Float64Array, out: Float64Array): void {
    if (!this.bound || x.length !== this.columns || out.length !== this.rows) {
      multiply(this.J, x, out)
      return
    }
    const { twin, unknowns, rows } = this.bound
    unknowns.view.set(x)
    rows.view.fill(0)
    twin.addVector(unknowns.address, rows.address)
    out.set(rows.view)
  }

  multiplyTransposed(y: Float64Array, out: Float64Array): void {
    if (!this.bound || y.length !== this.rows || out.length !== this.columns) {
      multiplyTransposed(this.J, y, out)
      return
    }
    this.bound.rows.view.set(y)
    this.transposed(this.bound.rows.address, out)
  }

  /** out = g = Jᵀ r, the gradient of ½ rᵀ r. */
  gradient(out: Float64Array): void {
    if (!this.bound || out.length !== this.columns) {
      multiplyTransposed(this.J, this.J.residual, out)
      return
    }
    this.transposed(this.bound.twin.residual, out)
  }

  /**
   * ½ ‖r + J x‖² − ½ ‖r‖², as Σ c (r + c/2) over the rows of c = J x, which does not cancel. `c` is scratch of as many rows as J.
   */
  change(x: Float64Array, c: Float64Array): number {
    if (this.bound && x.length === this.columns) {
      const { twin, unknowns, rows } = this.bound
      unknowns.view.set(x)
      rows.view.fill(0)
      twin.addVector(unknowns.address, rows.address)
      return twin.change(rows.address)
    }
    multiply(this.J, x, c)
    const r = this.J.residual
    let sum = 0
    for (let i = 0; i < c.length; i++) sum += c[i] * (r[i] + c[i] / 2)
    return sum
  }

  /** out = the diagonal of Jᵀ J. */
  squaredColumnNorms(out: Float64Array): void {
    if (!this.bound || out.length !== this.columns) {
      squaredColumnNorms(this.J, out)
      return
    }
    const { twin, unknowns } = this.bound
    unknowns.view.fill(0)
    twin.addColumnSquares(unknowns.address)
    out.set(unknowns.view)
  }

  private transposed(y: number, out: Float64Array): void {
    const { twin, unknowns } = this.bound!
    unknowns.view.fill(0)
    twin.addTransposedVector(y, unknowns.address)
    out.set(unknowns.view)
  }
}
