import type { BlockPattern } from './pattern.ts'

/**
 * Approximate minimum degree ordering of a block graph, weighted by block sizes. Returns `order`: order[k] is the block
 * eliminated k-th. Time is close to linear in the number of edges, memory is linear.
 *
 * Source: P. Amestoy, T. Davis, I. Duff, "An approximate minimum degree ordering algorithm", SIAM J. Matrix Anal. Appl.
 * 17 (1996): quotient graph (section 2), approximate external degree (eq. 4.1 and algorithm 2), element absorption,
 * aggressive absorption, mass elimination, indistinguishable variables by hashing (section 5).
 *
 * With `stages`, blocks of stage 0 are eliminated before those of stage 1, and so on, save where going earlier causes no
 * fill: minimum degree within a given dissection.
 */
export function minimumDegree(pattern: BlockPattern, stages: Int32Array | null = null): Int32Array {
  return new QuotientGraph(pattern, stages).order()
}

/**
 * The graph during elimination. A node is a variable (not yet eliminated) or an element (an eliminated pivot, standing for
 * the clique of its list). A variable's list holds its elements first, then its variables; an element's list holds its
 * variables. weight: scalars of a live supervariable; 0 for a node merged into another; negative while it is in the
 * current pivot's list Lp.
 */
class QuotientGraph {
  private readonly count: number
  private readonly list: Int32Array
  private readonly start: Int32Array
  private readonly length: Int32Array
  private readonly elements: Int32Array
  private readonly weight: Int32Array
  /** Variable: approximate external degree in scalars. Element: weight of its list. */
  private readonly degree: Int32Array
  /** Against `stamp`: |Le \ Lp| + stamp of an element in the current pivot's scan, marks in comparisons; 0: absorbed. */
  private readonly mark: Int32Array
  private stamp = 2
  private free: number
  private largestElement = 0
  private eliminated = 0
  private total = 0
  // Variables by degree: doubly linked, head per degree.
  private readonly head: Int32Array
  private readonly next: Int32Array
  private readonly previous: Int32Array
  private lowest = 0
  /** Only variables of the current stage are in the lists. */
  private readonly stage: Int32Array
  private readonly isElement: Uint8Array
  private currentStage = 0
  // Supervariables as chains of their members.
  private readonly memberNext: Int32Array
  private readonly memberLast: Int32Array
  // Members of Lp by hash of their lists.
  private readonly hash: Int32Array
  private readonly hashHead: Int32Array
  private readonly hashNext: Int32Array
  private readonly pivots: number[] = []
  private readonly dense: number[] = []

  constructor(pattern: BlockPattern, stages: Int32Array | null) {
    const n = pattern.count
    const edges = pattern.neighbors.length
    this.count = n
    // The graph never outgrows its first size (Lp replaces what it absorbs); n more hold one Lp while it is built.
    this.list = new Int32Array(edges + (edges >> 1) + 2 * n + 1)
    this.list.set(pattern.neighbors)
    this.free = edges
    this.start = pattern.start.slice(0, n)
    this.length = new Int32Array(n)
    this.elements = new Int32Array(n)
    this.weight = pattern.dims.slice()
    this.degree = new Int32Array(n)
    this.mark = new Int32Array(n).fill(1)
    for (let i = 0; i < n; i++) this.total += pattern.dims[i]
    this.head = new Int32Array(this.total + 1).fill(-1)
    this.next = new Int32Array(n).fill(-1)
    this.previous = new Int32Array(n).fill(-1)
    this.stage = stages === null ? new Int32Array(n) : stages.slice()
    this.isElement = new Uint8Array(n)
    this.memberNext = new Int32Array(n).fill(-1)
    this.memberLast = Int32Array.from({ length: n }, (_, i) => i)
    this.hash = new Int32Array(n)
    this.hashHead = new Int32Array(n + 1).fill(-1)
    this.hashNext = new Int32Array(n).fill(-1)
    this.initialize(pattern)
  }

  order(): Int32Array {
    while (this.eliminated < this.total) this.eliminate(this.takeLowest())
    const order = new Int32Array(this.count)
    let k = 0
    for (const p of this.pivots) for (let i = p; i >= 0; i = this.memberNext[i]) order[k++] = i
    for (const p of this.dense) order[k++] = p
    return order
  }

  private initialize(pattern: BlockPattern): void {
    // Rows joined to more than 10 √n others cost more in every degree update than they save: they go last.
    const dense = Math.max(16, 10 * Math.sqrt(this.count))
    for (let i = 0; i < this.count; i++) {
      this.length[i] = pattern.start[i + 1] - pattern.start[i]
      if (this.length[i] <= dense) continue
      this.dense.push(i)
      this.total -= pattern.dims[i]
      this.weight[i] = 0
      this.start[i] = -1
    }
    this.dense.sort((a, b) => this.length[a] - this.length[b] || a - b)
    for (let i = this.count - 1; i >= 0; i--) {
      if (this.weight[i] === 0) continue
      let degree = 0
      for (let q = this.start[i]; q < this.start[i] + this.length[i]; q++) degree += this.weight[this.list[q]]
      this.enqueue(i, degree)
    }
  }

  private enqueue(i: number, degree: number): void {
    const { head, next, previous } = this
    const first = head[degree]
    this.degree[i] = degree
    if (this.stage[i] !== this.currentStage) return
    next[i] = first
    previous[i] = -1
    if (first >= 0) previous[first] = i
    head[degree] = i
    if (degree < this.lowest) this.lowest = degree
  }

  private dequeue(i: number): void {
    const { head, next, previous } = this
    if (this.stage[i] !== this.currentStage) return
    const after = next[i]
    const before = previous[i]
    if (after >= 0) previous[after] = before
    if (before >= 0) next[before] = after
    else head[this.degree[i]] = after
  }

  private takeLowest(): number {
    while (this.head[this.lowest] < 0) if (++this.lowest > this.total) this.nextStage()
    const p = this.head[this.lowest]
    this.dequeue(p)
    return p
  }

  private nextStage(): void {
    this.currentStage++
    this.lowest = this.total
    for (let i = this.count - 1; i >= 0; i--)
      if (this.weight[i] > 0 && this.isElement[i] === 0) this.enqueue(i, this.degree[i])
  }

  private eliminate(p: number): void {
    this.pivots.push(p)
    this.isElement[p] = 1
    this.gather(p)
    this.measureElements(p)
    this.updateDegrees(p)
    this.mergeIndistinguishable(p)
    this.finish(p)
  }

  /** Lp = (Ap ∪ ⋃ Le over e in Ep) \ p, eq. 2.1; the elements of p are absorbed into the new element p. */
  private gather(p: number): void {
    this.reserve()
    const { list, start, length, weight } = this
    this.eliminated += weight[p]
    weight[p] = -weight[p]
    const from = start[p]
    const variables = from + this.elements[p]
    const end = from + length[p]
    // Without elements Lp is a subset of p's own list and is built in place.
    const target = variables === from ? from : this.free
    let to = target
    let size = 0
    for (let q = from; q < variables; q++) {
      const e = list[q]
      const first = start[e]
      const last = first + length[e]
      for (let r = first; r < last; r++) {
        const i = list[r]
        const w = weight[i]
        if (w <= 0) continue
        size += w
        weight[i] = -w
        list[to++] = i
        this.dequeue(i)
      }
      this.absorb(e)
    }
    for (let q = variables; q < end; q++) {
      const i = list[q]
      const w = weight[i]
      if (w <= 0) continue
      size += w
      weight[i] = -w
      list[to++] = i
      this.dequeue(i)
    }
    if (target !== from) this.free = to
    start[p] = target
    length[p] = to - target
    this.elements[p] = 0
    this.degree[p] = size
  }

  private absorb(e: number): void {
    this.mark[e] = 0
    this.start[e] = -1
  }

  /** Algorithm 2: afterwards mark[e] − stamp = |Le \ Lp| for every element e next to a member of Lp. */
  private measureElements(p: number): void {
    const { list, start, mark, degree, weight, elements } = this
    const stamp = this.freshStamp()
    const end = start[p] + this.length[p]
    for (let q = start[p]; q < end; q++) {
      const i = list[q]
      const w = -weight[i]
      const last = start[i] + elements[i]
      for (let r = start[i]; r < last; r++) {
        const e = list[r]
        const m = mark[e]
        if (m >= stamp) mark[e] = m - w
        else if (m !== 0) mark[e] = degree[e] + stamp - w
      }
    }
  }

  /** Degrees without |Lp \ i| (added in `finish`), pruned lists, p as their first element, hashes; mass elimination. */
  private updateDegrees(p: number): void {
    const { list, start, length, elements, weight, mark, degree, stamp } = this
    const end = start[p] + length[p]
    for (let q = start[p]; q < end; q++) {
      const i = list[q]
      const from = start[i]
      const variables = from + elements[i]
      const last = from + length[i]
      let to = from
      let external = 0
      let hash = 0
      for (let r = from; r < variables; r++) {
        const e = list[r]
        if (mark[e] === 0) continue
        const outside = mark[e] - stamp
        if (outside > 0) {
          external += outside
          hash += e
          list[to++] = e
        } else this.absorb(e) // Le ⊆ Lp: aggressive absorption
      }
      const kept = to
      for (let r = variables; r < last; r++) {
        const j = list[r]
        const w = weight[j]
        if (w <= 0) continue
        external += w
        hash += j
        list[to++] = j
      }
      if (to === from) {
        this.eliminateWith(p, i) // i has no neighbour outside Lp
        continue
      }
      if (external < degree[i]) degree[i] = external
      // i has lost p itself or an element absorbed by p, so there is room for p in front.
      list[to] = list[kept]
      list[kept] = list[from]
      list[from] = p
      elements[i] = kept - from + 1
      length[i] = to - from + 1
      this.intoBucket(i, hash)
    }
  }

  private eliminateWith(p: number, i: number): void {
    const w = -this.weight[i]
    this.degree[p] -= w
    this.weight[p] -= w
    this.eliminated += w
    this.merge(p, i)
  }

  private merge(into: number, i: number): void {
    this.weight[i] = 0
    this.start[i] = -1
    this.memberNext[this.memberLast[into]] = i
    this.memberLast[into] = this.memberLast[i]
  }

  private intoBucket(i: number, hash: number): void {
    const bucket = (hash % this.count) | 0
    this.hash[i] = bucket
    this.hashNext[i] = this.hashHead[bucket]
    this.hashHead[bucket] = i
  }

  /** Members of Lp with equal lists stay equal for ever: they become one supervariable. */
  private mergeIndistinguishable(p: number): void {
    const { list, start, weight, hashHead, hashNext } = this
    this.largestElement = Math.max(this.largestElement, this.degree[p])
    const end = start[p] + this.length[p]
    this.stamp += this.largestElement
    for (let q = start[p]; q < end; q++) {
      if (weight[list[q]] === 0) continue
      const bucket = this.hash[list[q]]
      let i = hashHead[bucket]
      hashHead[bucket] = -1
      for (; i >= 0; i = hashNext[i]) if (hashNext[i] >= 0) this.mergeEqualTo(i)
    }
  }

  private mergeEqualTo(i: number): void {
    const { list, start, length, elements, mark, weight, hashNext, stage } = this
    const stamp = this.freshStamp()
    const last = start[i] + length[i]
    for (let r = start[i] + 1; r < last; r++) mark[list[r]] = stamp
    let before = i
    for (let j = hashNext[i]; j >= 0; j = hashNext[j]) {
      let equal = length[j] === length[i] && elements[j] === elements[i]
      const end = start[j] + length[j]
      for (let r = start[j] + 1; equal && r < end; r++) equal = mark[list[r]] === stamp
      if (equal) {
        weight[i] += weight[j]
        if (stage[j] < stage[i]) stage[i] = stage[j]
        this.merge(i, j)
        hashNext[before] = hashNext[j]
      } else before = j
    }
  }

  /** Eq. 4.1: d(i) ← min(n − eliminated − |i|, d(i) + |Lp \ i|, |Ai \ i| + |Lp \ i| + Σ |Le \ Lp|). */
  private finish(p: number): void {
    const { list, start, length, weight, degree } = this
    const size = degree[p]
    const end = start[p] + length[p]
    let to = start[p]
    for (let q = to; q < end; q++) {
      const i = list[q]
      const w = -weight[i]
      if (w === 0) continue
      weight[i] = w
      this.enqueue(i, Math.min(degree[i] + size - w, this.total - this.eliminated - w))
      list[to++] = i
    }
    weight[p] = -weight[p]
    length[p] = to - start[p]
    if (end === this.free) this.free = to
    if (to === start[p]) this.absorb(p)
  }

  private freshStamp(): number {
    if (this.stamp > 1 << 30) {
      for (let i = 0; i < this.count; i++) if (this.mark[i] !== 0) this.mark[i] = 1
      this.stamp = 1
    }
    return ++this.stamp
  }

  /** Room for Lp; when the lists reach the end of the memory the live ones are moved together. */
  private reserve(): void {
    const { list, start, length } = this
    if (this.free + this.count <= list.length) return
    const owners: number[] = []
    for (let i = 0; i < this.count; i++) if (start[i] >= 0 && length[i] > 0) owners.push(i)
    owners.sort((a, b) => start[a] - start[b])
    let to = 0
    for (const i of owners) {
      list.copyWithin(to, start[i], start[i] + length[i])
      start[i] = to
      to += length[i]
    }
    this.free = to
  }
}
