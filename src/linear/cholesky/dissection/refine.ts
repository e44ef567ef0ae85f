import type { WeightedGraph } from './graph.ts'
import { VertexHeap } from './heap.ts'

/** side[v] of a vertex in the separator; the parts are 0 and 1. */
export const SEPARATOR = 2

/** No part may hold more than this share of the whole. */
const largestShare = 0.7
/** A pass ends after this many moves without a better separator. */
const patience = 60
const passes = 8

/**
 * Makes a vertex separator lighter by moving its vertices into a part, which pulls their neighbours in the other part into
 * the separator: Fiduccia and Mattheyses' passes (each vertex moves once, worse states are passed through, the best is
 * restored) with the gain of Ashcraft and Liu, "Applications of the Dulmage-Mendelsohn decomposition and network flow to
 * graph bisection improvement", SIAM J. Matrix Anal. Appl. 19 (1998), section 2: weight(v) − weight of what it pulls in.
 */
export class SeparatorRefiner {
  readonly side: Uint8Array
  /** Weights of part 0, part 1, separator. */
  readonly weight: Float64Array = new Float64Array(3)
  private readonly graph: WeightedGraph
  private readonly heaps: readonly [VertexHeap, VertexHeap]
  /** Weight of v's neighbours in part 0 and in part 1, kept for vertices of the separator. */
  private readonly inPart: readonly [Int32Array, Int32Array]
  private readonly moved: Uint8Array
  private readonly trail: number[] = []
  private readonly limit: number

  constructor(graph: WeightedGraph, side: Uint8Array) {
    this.graph = graph
    this.side = side
    this.heaps = [new VertexHeap(graph.count), new VertexHeap(graph.count)]
    this.inPart = [new Int32Array(graph.count), new Int32Array(graph.count)]
    this.moved = new Uint8Array(graph.count)
    for (let v = 0; v < graph.count; v++) this.weight[side[v]] += graph.vertexWeight[v]
    this.limit = largestShare * (this.weight[0] + this.weight[1] + this.weight[2])
  }

  refine(): void {
    for (let pass = 0; pass < passes; pass++) if (!this.pass()) return
  }

  private imbalance(): number {
    return Math.abs(this.weight[0] - this.weight[1])
  }

  private pass(): boolean {
    this.begin()
    const startWeight = this.weight[SEPARATOR]
    const startImbalance = this.imbalance()
    let bestWeight = startWeight
    let bestImbalance = startImbalance
    let bestTrail = 0
    let balanced = Math.max(this.weight[0], this.weight[1]) <= this.limit
    for (let idle = 0; idle < patience; idle++) {
      const to = this.choose()
      if (to < 0) break
      this.move(this.heaps[to].top(), to)
      const fits = Math.max(this.weight[0], this.weight[1]) <= this.limit
      const better =
        this.weight[SEPARATOR] < bestWeight ||
        (this.weight[SEPARATOR] === bestWeight && this.imbalance() < bestImbalance)
      if (fits ? better || !balanced : !balanced && this.imbalance() < bestImbalance) {
        balanced = fits
        bestWeight = this.weight[SEPARATOR]
        bestImbalance = this.imbalance()
        bestTrail = this.trail.length
        idle = 0
      }
    }
    this.undo(bestTrail)
    return bestWeight < startWeight || bestImbalance < startImbalance
  }

  private begin(): void {
    this.heaps[0].clear()
    this.heaps[1].clear()
    this.moved.fill(0)
    this.trail.length = 0
    for (let v = 0; v < this.graph.count; v++) if (this.side[v] === SEPARATOR) this.enter(v)
  }

  /** v is (now) in the separator: counts its neighbours and offers it to both parts. */
  private enter(v: number): void {
    const { start, neighbors, vertexWeight } = this.graph
    let zero = 0
    let one = 0
    for (let q = start[v]; q < start[v + 1]; q++) {
      const u = neighbors[q]
      if (this.side[u] === 0) zero += vertexWeight[u]
      else if (this.side[u] === 1) one += vertexWeight[u]
    }
    this.inPart[0][v] = zero
    this.inPart[1][v] = one
    if (this.moved[v] !== 0) return
    this.heaps[0].insert(v, vertexWeight[v] - one)
    this.heaps[1].insert(v, vertexWeight[v] - zero)
  }

  /** The part that the next vertex goes to; −1 when none may move. */
  private choose(): number {
    const { heaps, weight, graph } = this
    const zero = heaps[0].top()
    const one = heaps[1].top()
    const zeroFits = zero >= 0 && weight[0] + graph.vertexWeight[zero] <= Math.max(this.limit, weight[1])
    const oneFits = one >= 0 && weight[1] + graph.vertexWeight[one] <= Math.max(this.limit, weight[0])
    if (!zeroFits || !oneFits) return zeroFits ? 0 : oneFits ? 1 : -1
    const difference = heaps[0].keyOf(zero) - heaps[1].keyOf(one)
    return difference > 0 || (difference === 0 && weight[0] <= weight[1]) ? 0 : 1
  }

  private move(v: number, to: number): void {
    const { start, neighbors, vertexWeight } = this.graph
    const { side, heaps, inPart } = this
    const from = 1 - to
    this.moved[v] = 1
    heaps[0].remove(v)
    heaps[1].remove(v)
    this.assign(v, to)
    for (let q = start[v]; q < start[v + 1]; q++) {
      const u = neighbors[q]
      if (side[u] === SEPARATOR) {
        inPart[to][u] += vertexWeight[v]
        if (heaps[from].has(u)) heaps[from].change(u, vertexWeight[u] - inPart[to][u])
      } else if (side[u] === from) {
        this.assign(u, SEPARATOR)
        for (let r = start[u]; r < start[u + 1]; r++) {
          const x = neighbors[r]
          if (side[x] !== SEPARATOR) continue
          inPart[from][x] -= vertexWeight[u]
          if (heaps[to].has(x)) heaps[to].change(x, vertexWeight[x] - inPart[from][x])
        }
        this.enter(u)
      }
    }
  }

  private assign(v: number, to: number): void {
    const from = this.side[v]
    this.trail.push(v * 4 + from)
    this.weight[from] -= this.graph.vertexWeight[v]
    this.weight[to] += this.graph.vertexWeight[v]
    this.side[v] = to
  }

  private undo(length: number): void {
    while (this.trail.length > length) {
      const entry = this.trail.pop() as number
      const v = Math.floor(entry / 4)
      const to = entry % 4
      this.weight[this.side[v]] -= this.graph.vertexWeight[v]
      this.weight[to] += this.graph.vertexWeight[v]
      this.side[v] = to
    }
  }
}
