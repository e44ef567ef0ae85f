import type { Manifold } from '../geometry/index.ts'
import { GrowableFloat64, GrowableInt32, UsageError } from '../numeric/index.ts'
import type { FactorType } from './factor.ts'
import type { Key } from './key.ts'
import { showKey } from './key.ts'
import type { Loss } from './robust.ts'
import { Values } from './values.ts'

export interface VariableOptions {
  /** Held at its value: contributes to residuals, is not changed. */
  readonly constant?: boolean
  /** Lower and upper bounds, one per number; only for Rⁿ variables. */
  readonly lower?: ArrayLike<number>
  readonly upper?: ArrayLike<number>
}

export interface FactorOptions {
  /** Information matrix Ω of the residual: its upper triangle by rows, m(m+1)/2 numbers. Absent: the identity. */
  readonly information?: ArrayLike<number>
  /** Robust loss on rᵀ Ω r. Absent: the plain square. */
  readonly loss?: Loss | null
}

/** The factors of one type, loss and kind of noise, in columns: row i of every column belongs to factor i. */
export interface FactorBatch {
  readonly type: FactorType
  readonly loss: Loss | null
  /** count × arity variable indices. */
  readonly variables: GrowingColumn<Int32Array>
  /** count × type.dataSize numbers. */
  readonly data: GrowingColumn<Float64Array>
  /** count × m(m+1)/2 numbers, or null where every Ω is the identity. */
  readonly information: GrowingColumn<Float64Array> | null
  readonly count: number
}

interface GrowingColumn<T> {
  /** The rows so far, as a view: valid until the next factor is added. */
  view(): T
}

/**
 * A factor graph: variables with their first values, and factors in columns. Building is cheap and forgiving of order;
 * every mistake (unknown key, wrong size, wrong manifold) throws where it is made. Solving never changes a graph.
 */
export class Graph {
  /** The variables' first values; `values.data` is one array, variable after variable. */
  readonly values: Values = new Values()
  private readonly constants = new Set<number>()
  private readonly boundsOf = new Map<number, { lower: Float64Array; upper: Float64Array }>()
  private readonly batchOf = new Map<string, MutableBatch>()

  /** Adds a variable with its first value; returns its index. */
  addVariable(key: Key, manifold: Manifold, value: ArrayLike<number>, options: VariableOptions = {}): number {
    const index = this.values.add(key, manifold, value)
    if (options.constant) this.constants.add(index)
    if (options.lower || options.upper) this.setBounds(index, key, manifold, options)
    return index
  }

  /** Adds a factor over variables that exist already. */
  addFactor(type: FactorType, keys: readonly Key[], data: ArrayLike<number>, options: FactorOptions = {}): void {
    const indices = keys.map((key) => this.values.index(key))
    this.addFactorAt(type, indices, data, options)
  }

  /** As {@link addFactor}, for variables known by index: what readers of large files use. */
  addFactorAt(
    type: FactorType,
    indices: readonly number[],
    data: ArrayLike<number>,
    options: FactorOptions = {},
  ): void {
    const { variables, residualDim: m, dataSize, name } = type
    if (indices.length !== variables.length)
      throw new UsageError(`${name} connects ${variables.length} variables, got ${indices.length}`)
    for (let k = 0; k < indices.length; k++) {
      const found = this.values.manifold(indices[k])
      if (found.name !== variables[k].name)
        throw new UsageError(
          `${name}: variable ${k} (${showKey(this.values.key(indices[k]))}) must be ${variables[k].name}, is ${found.name}`,
        )
    }
    if (data.length !== dataSize) throw new UsageError(`${name} takes ${dataSize} data numbers, got ${data.length}`)
    const triangle = (m * (m + 1)) / 2
    const { information, loss = null } = options
    if (information && information.length !== triangle)
      throw new UsageError(
        `${name}: the information matrix of ${m} residuals has ${triangle} upper-triangle numbers, got ${information.length}`,
      )
    this.batch(type, loss, information !== undefined).append(indices, data, information)
  }

  get variableCount(): number {
    return this.values.count
  }

  get factorCount(): number {
    let count = 0
    for (const batch of this.batchOf.values()) count += batch.count
    return count
  }

  /** The factors, grouped by type, loss and kind of noise, in the order in which the groups first appeared. */
  get batches(): readonly FactorBatch[] {
    return [...this.batchOf.values()]
  }

  isConstant(index: number): boolean {
    return this.constants.has(index)
  }

  /** Holds a variable at its value, or lets it go. */
  setConstant(key: Key, constant = true): void {
    const index = this.values.index(key)
    if (constant) this.constants.add(index)
    else this.constants.delete(index)
  }

  /** The bounds of a variable, or undefined. */
  bounds(index: number): { readonly lower: Float64Array; readonly upper: Float64Array } | undefined {
    return this.boundsOf.get(index)
  }

  private setBounds(index: number, key: Key, manifold: Manifold, { lower, upper }: VariableOptions): void {
    if (!/^R\d+$/.test(manifold.name))
      throw new UsageError(`bounds need an Rⁿ variable; ${showKey(key)} is ${manifold.name}`)
    const low = new Float64Array(manifold.dim).fill(Number.NEGATIVE_INFINITY)
    const high = new Float64Array(manifold.dim).fill(Number.POSITIVE_INFINITY)
    for (const [name, from, to] of [['lower', lower, low] as const, ['upper', upper, high] as const]) {
      if (!from) continue
      if (from.length !== manifold.dim)
        throw new UsageError(`${name} bounds of ${showKey(key)}: expected ${manifold.dim} numbers, got ${from.length}`)
      to.set(from)
    }
    const at = this.values.offset(index)
    for (let i = 0; i < manifold.dim; i++) {
      const value = this.values.data[at + i]
      if (!(low[i] <= value && value <= high[i]))
        throw new UsageError(`${showKey(key)}[${i}] = ${value} lies outside its bounds [${low[i]}, ${high[i]}]`)
    }
    this.boundsOf.set(index, { lower: low, upper: high })
  }

  private batch(type: FactorType, loss: Loss | null, informed: boolean): MutableBatch {
    const id = `${type.name}|${loss ? `${loss.name}:${loss.scale}` : ''}|${informed}`
    let batch = this.batchOf.get(id)
    if (!batch) {
      batch = new MutableBatch(type, loss, informed)
      this.batchOf.set(id, batch)
    } else if (batch.type !== type) {
      throw new UsageError(`two different factor types share the name ${type.name}; names must be unique in a graph`)
    }
    return batch
  }
}

class MutableBatch implements FactorBatch {
  readonly type: FactorType
  readonly loss: Loss | null
  readonly variables: GrowableInt32 = new GrowableInt32()
  readonly data: GrowableFloat64 = new GrowableFloat64()
  readonly information: GrowableFloat64 | null
  count = 0

  constructor(type: FactorType, loss: Loss | null, informed: boolean) {
    this.type = type
    this.loss = loss
    this.information = informed ? new GrowableFloat64() : null
  }

  append(indices: readonly number[], data: ArrayLike<number>, information: ArrayLike<number> | undefined): void {
    for (const index of indices) this.variables.push(index)
    this.data.append(data)
    if (this.information && information) this.information.append(information)
    this.count++
  }
}
