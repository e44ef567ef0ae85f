import type { BlockJacobian, JacobianBatch } from '../../linear/index.ts'
import { analyze, BlockCholesky, gradient, NormalEquations, partition, type Symbolic } from '../../linear/index.ts'

/**
 * Linear least squares over a graph's edges: Σ ‖B y_j − A y_i − c‖² for unknown vectors y of `dim` numbers per node, some
 * of them known. One structure and one symbolic analysis serve many systems over the same edges: the rows of relaxed
 * rotations, then the translations.
 */
export class EdgeRelaxation {
  readonly dim: number
  /** Per edge [−A, B], row-major dim × dim each. */
  readonly blocks: Float64Array
  /** Per edge c. */
  readonly constants: Float64Array
  private readonly edges: Int32Array
  private readonly blockOf: Int32Array
  private readonly jacobian: BlockJacobian
  private readonly normal: NormalEquations
  private readonly cholesky: BlockCholesky
  private readonly descent: Float64Array
  private readonly solution: Float64Array

  /**
   * @param edges pairs of nodes (i, j)
   * @param known nodes whose y is given
   */
  constructor(dim: number, nodeCount: number, edges: Int32Array, known: Uint8Array) {
    const count = edges.length / 2
    this.dim = dim
    this.edges = edges
    this.blockOf = new Int32Array(nodeCount).fill(-1)
    let free = 0
    for (let v = 0; v < nodeCount; v++) if (!known[v]) this.blockOf[v] = free++
    this.blocks = new Float64Array(count * 2 * dim * dim)
    this.constants = new Float64Array(count * dim)
    const batch: JacobianBatch = {
      count,
      residualDim: dim,
      arity: 2,
      dims: [dim, dim],
      columns: mapped(edges, this.blockOf),
      row: 0,
      stride: 2 * dim * dim,
      values: this.blocks,
    }
    const blocks = partition(new Int32Array(free).fill(dim))
    this.jacobian = { blocks, rows: count * dim, batches: [batch], residual: new Float64Array(count * dim) }
    this.normal = new NormalEquations(this.jacobian)
    this.cholesky = new BlockCholesky(analyze(this.normal.hessian))
    this.descent = new Float64Array(free * dim)
    this.solution = new Float64Array(free * dim)
  }

  /** Of the graph of unknown nodes, in their order. */
  get analysis(): Symbolic {
    return this.cholesky.symbolic
  }

  /** Takes over new blocks; false when the system is singular (a node that no edge ties to a known one). */
  factor(): boolean {
    this.normal.form()
    return this.cholesky.factor(this.normal.hessian, null).ok
  }

  /** Gives the factor's memory back; this is not used again. */
  dispose(): void {
    this.cholesky.dispose()
  }

  /** Solves for the unknown nodes of y (nodeCount × dim), given the known ones in it and `constants`. */
  solve(y: Float64Array): void {
    const { dim, edges, blocks, blockOf, constants } = this
    const r = this.jacobian.residual
    for (let e = 0; e < edges.length / 2; e++)
      for (let a = 0; a < dim; a++) {
        let sum = -constants[e * dim + a]
        for (let k = 0; k < 2; k++) {
          const node = edges[2 * e + k]
          if (blockOf[node] >= 0) continue
          const block = (2 * e + k) * dim * dim + a * dim
          for (let c = 0; c < dim; c++) sum += blocks[block + c] * y[node * dim + c]
        }
        r[e * dim + a] = sum
      }
    gradient(this.jacobian, this.descent)
    for (let i = 0; i < this.descent.length; i++) this.descent[i] = -this.descent[i]
    this.cholesky.solve(this.descent, this.solution)
    for (let v = 0; v < blockOf.length; v++)
      if (blockOf[v] >= 0) for (let c = 0; c < dim; c++) y[v * dim + c] = this.solution[blockOf[v] * dim + c]
  }
}

/** out[i] = to[indices[i]]. A loop: Int32Array.from with a function walks an iterator, 25 times slower. */
function mapped(indices: Int32Array, to: Int32Array): Int32Array {
  const out = new Int32Array(indices.length)
  for (let i = 0; i < out.length; i++) out[i] = to[indices[i]]
  return out
}
