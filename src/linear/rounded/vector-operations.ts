import { type Format, formats, roundTo, UsageError } from '../../numeric/index.ts'
import { doubleVectors, type VectorOperations } from '../vectors.ts'
import { isPartOf } from './stage.ts'

export type { VectorOperations }

/** How vectors are kept between operations, and how each operation on their elements rounds. */
export interface VectorStage {
  readonly stored: Format
  readonly computed: Format
}

/**
 * The vector operations of an iteration, every product and every sum rounded to `stage.computed` and what is kept rounded
 * to `stage.stored`; in sums over all elements every product and every sum is rounded to `reductions`. Vectors are
 * Float64Arrays whose numbers are those of the format: a holder that represents all formats, so that one loop serves them.
 * Sums are added as fp64's `dot` adds them, in four partial sums. Factors (α, β) are rounded to `computed` first.
 */
export function vectorOperations(stage: VectorStage, reductions: Format): VectorOperations {
  for (const format of [stage.stored, stage.computed, reductions])
    if (!formats[format])
      throw new UsageError(`vectors: expected one of ${Object.keys(formats).join(', ')}, got ${String(format)}`)
  const elements = stage.stored === stage.computed ? operationsIn(stage.computed) : operationsOf(stage)
  return elements === doubleVectors && reductions === 'fp64' ? doubleVectors : { ...elements, ...sumsIn(reductions) }
}

type Elements = Pick<VectorOperations, 'copy' | 'addScaled' | 'scaleAndAdd' | 'addWeighted'>
type Sums = Pick<VectorOperations, 'dot' | 'weightedSquare'>

function operationsIn(format: Format): Elements {
  if (format === 'fp64') return doubleVectors
  return format === 'fp32' ? singleElements : operationsOf({ stored: format, computed: format })
}

const f = Math.fround

/** fp32 in its own loops: every machine has it, and most policies use it. */
const singleElements: Elements = {
  copy(to, from) {
    for (let i = 0; i < to.length; i++) to[i] = f(from[i])
  },
  addScaled(y, alpha, x) {
    alpha = f(alpha)
    for (let i = 0; i < y.length; i++) y[i] = f(y[i] + f(alpha * x[i]))
  },
  scaleAndAdd(p, beta, z) {
    beta = f(beta)
    for (let i = 0; i < p.length; i++) p[i] = f(z[i] + f(beta * p[i]))
  },
  addWeighted(y, diagonal, x) {
    for (let i = 0; i < y.length; i++) y[i] = f(y[i] + f(f(diagonal[i]) * x[i]))
  },
}

function operationsOf({ stored, computed }: VectorStage): Elements {
  const round = roundTo(computed)
  const store = roundTo(stored)
  const keep = isPartOf(computed, stored) ? round : (x: number) => store(round(x))
  return {
    copy(to, from) {
      for (let i = 0; i < to.length; i++) to[i] = keep(from[i])
    },
    addScaled(y, alpha, x) {
      alpha = round(alpha)
      for (let i = 0; i < y.length; i++) y[i] = keep(y[i] + round(alpha * x[i]))
    },
    scaleAndAdd(p, beta, z) {
      beta = round(beta)
      for (let i = 0; i < p.length; i++) p[i] = keep(z[i] + round(beta * p[i]))
    },
    addWeighted(y, diagonal, x) {
      for (let i = 0; i < y.length; i++) y[i] = keep(y[i] + round(round(diagonal[i]) * x[i]))
    },
  }
}

function sumsIn(format: Format): Sums {
  if (format === 'fp64') return { dot: doubleVectors.dot, weightedSquare: doubleVectors.weightedSquare }
  if (format === 'fp32') return { dot: singleDot, weightedSquare: weightedSquareIn(f) }
  return { dot: dotIn(roundTo(format)), weightedSquare: weightedSquareIn(roundTo(format)) }
}

function singleDot(a: Float64Array, b: Float64Array): number {
  const n = a.length
  let s0 = 0
  let s1 = 0
  let s2 = 0
  let s3 = 0
  let i = 0
  for (; i + 3 < n; i += 4) {
    s0 = f(s0 + f(a[i] * b[i]))
    s1 = f(s1 + f(a[i + 1] * b[i + 1]))
    s2 = f(s2 + f(a[i + 2] * b[i + 2]))
    s3 = f(s3 + f(a[i + 3] * b[i + 3]))
  }
  for (; i < n; i++) s0 = f(s0 + f(a[i] * b[i]))
  return f(f(s0 + s1) + f(s2 + s3))
}

function dotIn(round: (x: number) => number): Sums['dot'] {
  return (a, b) => {
    const partial = [0, 0, 0, 0]
    const whole = a.length - (a.length % 4)
    for (let i = 0; i < a.length; i++) {
      const lane = i < whole ? i % 4 : 0
      partial[lane] = round(partial[lane] + round(a[i] * b[i]))
    }
    return round(round(partial[0] + partial[1]) + round(partial[2] + partial[3]))
  }
}

function weightedSquareIn(round: (x: number) => number): Sums['weightedSquare'] {
  return (diagonal, x) => {
    let sum = 0
    for (let i = 0; i < x.length; i++) sum = round(sum + round(round(round(diagonal[i]) * x[i]) * x[i]))
    return sum
  }
}
