/** A heap of vertices with the greatest key on top; keys of members may change. Memory is asked for once. */
export class VertexHeap {
  private readonly heap: Int32Array
  private readonly place: Int32Array
  private readonly key: Int32Array
  size = 0

  constructor(count: number) {
    this.heap = new Int32Array(count)
    this.place = new Int32Array(count).fill(-1)
    this.key = new Int32Array(count)
  }

  /** The vertex on top; −1 when empty. */
  top(): number {
    return this.size > 0 ? this.heap[0] : -1
  }

  keyOf(v: number): number {
    return this.key[v]
  }

  has(v: number): boolean {
    return this.place[v] >= 0
  }

  insert(v: number, key: number): void {
    this.key[v] = key
    this.place[v] = this.size
    this.heap[this.size] = v
    this.rise(this.size++)
  }

  change(v: number, key: number): void {
    const before = this.key[v]
    this.key[v] = key
    if (key > before) this.rise(this.place[v])
    else this.sink(this.place[v])
  }

  remove(v: number): void {
    const at = this.place[v]
    this.place[v] = -1
    const last = this.heap[--this.size]
    if (last === v) return
    this.heap[at] = last
    this.place[last] = at
    this.rise(at)
    this.sink(this.place[last])
  }

  clear(): void {
    for (let i = 0; i < this.size; i++) this.place[this.heap[i]] = -1
    this.size = 0
  }

  private rise(at: number): void {
    const { heap, place, key } = this
    const v = heap[at]
    while (at > 0) {
      const up = (at - 1) >> 1
      if (key[heap[up]] >= key[v]) break
      heap[at] = heap[up]
      place[heap[at]] = at
      at = up
    }
    heap[at] = v
    place[v] = at
  }

  private sink(at: number): void {
    const { heap, place, key, size } = this
    const v = heap[at]
    for (;;) {
      let down = 2 * at + 1
      if (down >= size) break
      if (down + 1 < size && key[heap[down + 1]] > key[heap[down]]) down++
      if (key[heap[down]] <= key[v]) break
      heap[at] = heap[down]
      place[heap[at]] = at
      at = down
    }
    heap[at] = v
    place[v] = at
  }
}
