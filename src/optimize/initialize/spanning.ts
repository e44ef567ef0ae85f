import type { FactorBatch, Graph } from '../../graph/index.ts'

/** Incidence of a graph: the factors that touch each variable, with where their variables stand in the state. */
interface Incidence {
  readonly batches: readonly FactorBatch[]
  /** Per batch: count × arity state offsets. */
  readonly at: readonly Int32Array[]
  readonly start: Int32Array
  /** Per entry: batch and factor. */
  readonly batch: Int32Array
  readonly factor: Int32Array
}

/**
 * Places variables from others along factors that can (FactorType.propagate). Breadth first from everything that is
 * placed already, so that every variable is as few measurements as possible from where it starts.
 */
export class Spanning {
  private readonly graph: Graph
  private readonly x: Float64Array
  /** 1 where a variable has its first value. */
  readonly placed: Uint8Array
  private readonly incidence: Incidence
  private readonly queue: Int32Array
  /** 1 where a variable may be placed now; null: everywhere. */
  private readonly within: Uint8Array | null

  constructor(graph: Graph, x: Float64Array, placed: Uint8Array, within: Uint8Array | null = null) {
    this.graph = graph
    this.x = x
    this.placed = placed
    this.within = within
    this.incidence = incidenceOf(graph)
    this.queue = new Int32Array(graph.variableCount)
  }

  /**
   * Walks each chain of poses in the graph's order, placing a pose from the one before it by the first factor between
   * them; stops a chain where there is none.
   */
  walkChain(): void {
    const lastOf = new Map<string, number>()
    for (let v = 0; v < this.graph.variableCount; v++) {
      const name = this.graph.values.manifold(v).name
      const before = lastOf.get(name)
      lastOf.set(name, v)
      if (!this.mayPlace(v) || before === undefined || !this.placed[before]) continue
      this.place(v, before)
    }
  }

  /** Places everything that can be reached; what cannot be reached keeps its value and seeds its own surroundings. */
  spread(): void {
    const { placed, queue, graph } = this
    let head = 0
    let tail = 0
    for (let v = 0; v < placed.length; v++) if (placed[v]) queue[tail++] = v
    for (let seed = 0; seed <= placed.length; seed++) {
      while (head < tail) tail = this.placeNeighbors(queue[head++], tail)
      if (seed === placed.length) break
      // Points are placed by poses, not the other way round: only poses seed.
      if (this.mayPlace(seed) && !/^R\d+$/.test(graph.values.manifold(seed).name)) {
        placed[seed] = 1
        queue[tail++] = seed
      }
    }
  }

  private placeNeighbors(v: number, tail: number): number {
    const { start, batch, factor, batches } = this.incidence
    for (let e = start[v]; e < start[v + 1]; e++) {
      const of = batches[batch[e]]
      const arity = of.type.variables.length
      const variables = of.variables.view()
      let missing = -1
      let slot = -1
      let open = 0
      for (let k = 0; k < arity; k++) {
        const other = variables[factor[e] * arity + k]
        if (this.placed[other]) continue
        open++
        missing = other
        slot = k
      }
      if (open === 1 && this.mayPlace(missing) && this.propagate(batch[e], factor[e], slot)) {
        this.placed[missing] = 1
        this.queue[tail++] = missing
      }
    }
    return tail
  }

  private mayPlace(v: number): boolean {
    return !this.placed[v] && (this.within === null || this.within[v] === 1)
  }

  private place(v: number, before: number): void {
    const { start, batch, factor, batches } = this.incidence
    for (let e = start[v]; e < start[v + 1]; e++) {
      const variables = batches[batch[e]].variables.view()
      if (batches[batch[e]].type.variables.length !== 2) continue
      const slot = variables[2 * factor[e]] === v ? 0 : 1
      if (variables[2 * factor[e] + 1 - slot] !== before) continue
      if (this.propagate(batch[e], factor[e], slot)) {
        this.placed[v] = 1
        return
      }
    }
  }

  private propagate(b: number, f: number, slot: number): boolean {
    const { type, data } = this.incidence.batches[b]
    const arity = type.variables.length
    return type.propagate?.(this.x, this.incidence.at[b], f * arity, data.view(), f * type.dataSize, slot) ?? false
  }
}

function incidenceOf(graph: Graph): Incidence {
  const { batches } = graph
  const start = new Int32Array(graph.variableCount + 1)
  for (const { variables } of batches) for (const v of variables.view()) start[v + 1]++
  for (let v = 0; v < graph.variableCount; v++) start[v + 1] += start[v]
  const fill = start.slice()
  const total = start[graph.variableCount]
  const batch = new Int32Array(total)
  const factor = new Int32Array(total)
  batches.forEach((of, b) => {
    const arity = of.type.variables.length
    const variables = of.variables.view()
    for (let i = 0; i < variables.length; i++) {
      const e = fill[variables[i]]++
      batch[e] = b
      factor[e] = Math.floor(i / arity)
    }
  })
  const at = batches.map((of) => Int32Array.from(of.variables.view(), (v) => graph.values.offset(v)))
  return { batches, at, start, batch, factor }
}
