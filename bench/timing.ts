import { availableParallelism, cpus } from 'node:os'

/** What one run took: time that passed, and processor time of this process (all its threads: compiler and collector too). */
export interface Timing {
  readonly wall: number
  readonly cpu: number
}

export async function timed<T>(once: () => T | Promise<T>): Promise<Timing & { readonly result: T }> {
  const cpu = process.cpuUsage()
  const started = performance.now()
  const result = await once()
  const wall = (performance.now() - started) / 1000
  const used = process.cpuUsage(cpu)
  return { result, wall, cpu: (used.user + used.system) / 1e6 }
}

/** The run least disturbed by others. */
export function minimum(values: readonly number[]): number {
  return Math.min(...values)
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

/** The machine in words that name no one: processor, cores, Node. */
export interface Machine {
  readonly cpu: string
  readonly cores: number
  readonly node: string
  readonly platform: string
}

export function machine(): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
  }
}

const size = 1 << 16
const numbers = Float64Array.from({ length: 9 * size }, (_, i) => 1 / (1 + (i % 97)))
const places = Int32Array.from({ length: size }, (_, i) => 3 * ((i * 40503) % size))
const vector = new Float64Array(3 * size)

/**
 * A fixed piece of plain work (3 × 3 blocks times scattered vectors, with some sines) of about 10 ms. Times in units of
 * it, measured side by side, survive a change of machine or a neighbour's load better than seconds do.
 */
export function yardstick(): number {
  vector.fill(1)
  let sum = 0
  for (let round = 0; round < 12; round++)
    for (let b = 0; b < size; b++) {
      const at = 9 * b
      const x = places[b]
      const [v0, v1, v2] = [vector[x], vector[x + 1], vector[x + 2]]
      const y = 3 * b
      vector[y] = 0.5 + 0.1 * (numbers[at] * v0 + numbers[at + 1] * v1 + numbers[at + 2] * v2)
      vector[y + 1] = 0.5 + 0.1 * (numbers[at + 3] * v0 + numbers[at + 4] * v1 + numbers[at + 5] * v2)
      vector[y + 2] = 0.5 + 0.1 * (numbers[at + 6] * v0 + numbers[at + 7] * v1 + numbers[at + 8] * v2)
      if (b % 16 === 0) sum += Math.sin(vector[y])
    }
  return sum
}
