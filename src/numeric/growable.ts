/** A Float64Array that grows by doubling: how a graph collects a million measurements without a million objects. */
export class GrowableFloat64 {
  private buffer: Float64Array
  length = 0

  constructor(capacity = 16) {
    this.buffer = new Float64Array(capacity)
  }

  push(value: number): void {
    this.reserve(1)
    this.buffer[this.length++] = value
  }

  append(values: ArrayLike<number>): void {
    this.reserve(values.length)
    for (let i = 0; i < values.length; i++) this.buffer[this.length + i] = values[i]
    this.length += values.length
  }

  /** The numbers so far, as a view: valid until the next push. */
  view(): Float64Array {
    return this.buffer.subarray(0, this.length)
  }

  private reserve(more: number): void {
    const needed = this.length + more
    if (needed <= this.buffer.length) return
    const grown = new Float64Array(Math.max(needed, 2 * this.buffer.length))
    grown.set(this.buffer)
    this.buffer = grown
  }
}

/** As {@link GrowableFloat64}, for indices. */
export class GrowableInt32 {
  private buffer: Int32Array
  length = 0

  constructor(capacity = 16) {
    this.buffer = new Int32Array(capacity)
  }

  push(value: number): void {
    if (this.length === this.buffer.length) {
      const grown = new Int32Array(2 * this.buffer.length)
      grown.set(this.buffer)
      this.buffer = grown
    }
    this.buffer[this.length++] = value
  }

  /** The indices so far, as a view: valid until the next push. */
  view(): Int32Array {
    return this.buffer.subarray(0, this.length)
  }
}
