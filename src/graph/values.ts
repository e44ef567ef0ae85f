import type { Manifold } from '../geometry/index.ts'
import { UsageError } from '../numeric/index.ts'
import type { Key } from './key.ts'
import { showKey } from './key.ts'

/**
 * Values of variables: one Float64Array, variable after variable, with the keys and manifolds beside it. Copies share the
 * table of keys, so a copy costs one array.
 */
export class Values {
  private table: Table
  private buffer: Float64Array

  constructor() {
    this.table = { keys: [], manifolds: [], offsets: [], indexOf: new Map(), size: 0 }
    this.buffer = new Float64Array(64)
  }

  get count(): number {
    return this.table.keys.length
  }

  /** All numbers, variable after variable; a view, valid until the next `add`. */
  get data(): Float64Array {
    return this.buffer.subarray(0, this.table.size)
  }

  add(key: Key, manifold: Manifold, value: ArrayLike<number>): number {
    const { table } = this
    if (table.indexOf.has(key)) throw new UsageError(`variable ${showKey(key)} is added twice`)
    if (value.length !== manifold.ambient)
      throw new UsageError(
        `variable ${showKey(key)}: ${manifold.name} is stored as ${manifold.ambient} numbers, got ${value.length}`,
      )
    for (let i = 0; i < value.length; i++)
      if (!Number.isFinite(value[i]))
        throw new UsageError(
          `variable ${showKey(key)}: number ${i} of its value is ${value[i]}; expected a finite number`,
        )
    const index = table.keys.length
    const offset = table.size
    this.reserve(offset + manifold.ambient)
    this.buffer.set(value, offset)
    table.keys.push(key)
    table.manifolds.push(manifold)
    table.offsets.push(offset)
    table.indexOf.set(key, index)
    table.size = offset + manifold.ambient
    return index
  }

  has(key: Key): boolean {
    return this.table.indexOf.has(key)
  }

  /** The index of a key; throws when there is no such variable. */
  index(key: Key): number {
    const index = this.table.indexOf.get(key)
    if (index === undefined)
      throw new UsageError(
        `no variable ${showKey(key)} in this graph (${this.count} variables); add it before its factors`,
      )
    return index
  }

  key(index: number): Key {
    return this.table.keys[index]
  }

  manifold(index: number): Manifold {
    return this.table.manifolds[index]
  }

  /** Where variable `index` starts in `data`. */
  offset(index: number): number {
    return this.table.offsets[index]
  }

  /** The value of a variable, as a view into `data`. */
  get(key: Key): Float64Array {
    const index = this.index(key)
    const offset = this.offset(index)
    return this.buffer.subarray(offset, offset + this.manifold(index).ambient)
  }

  set(key: Key, value: ArrayLike<number>): void {
    const target = this.get(key)
    if (value.length !== target.length)
      throw new UsageError(`variable ${showKey(key)} takes ${target.length} numbers, got ${value.length}`)
    target.set(value)
  }

  /** The same variables with numbers of their own: a copy of these, or of `data`. Adding variables to either is over. */
  copy(data: Float64Array = this.data): Values {
    const copied = new Values()
    copied.table = this.table
    copied.buffer = data.slice(0, this.table.size)
    return copied
  }

  private reserve(size: number): void {
    if (size <= this.buffer.length) return
    const grown = new Float64Array(Math.max(size, 2 * this.buffer.length))
    grown.set(this.buffer)
    this.buffer = grown
  }
}

interface Table {
  readonly keys: Key[]
  readonly manifolds: Manifold[]
  readonly offsets: number[]
  readonly indexOf: Map<Key, number>
  size: number
}
