import type { OptimizeResult } from '../../../src/optimize/index.ts'

type Work = OptimizeResult['summary']['work']

/**
 * Operations per second that the cost model assumes, whatever machine runs it: fp32 at twice the rate of fp64, 16 bits at
 * twice that of fp32. Products in 16 bits that are summed in fp32 count as 16 bits, as matrix units compute them.
 */
export const modelRates: Readonly<Record<string, number>> = { fp64: 1e9, fp32: 2e9, fp16: 4e9, bf16: 4e9 }

/** Operations by the format of their products. */
export function flopsByFormat(work: Work): Record<string, number> {
  const sums: Record<string, number> = {}
  for (const { flops, computed } of Object.values(work))
    sums[productsOf(computed)] = (sums[productsOf(computed)] ?? 0) + flops
  return sums
}

export function totalBytes(work: Work): number {
  return Object.values(work).reduce((sum, { bytes }) => sum + bytes, 0)
}

/** Seconds by the model: a statement about operations, not about this machine. */
export function predictedSeconds(work: Work): number {
  return Object.entries(flopsByFormat(work)).reduce((sum, [format, flops]) => sum + flops / modelRates[format], 0)
}

/** Seconds by the model of the stages that every inner iteration runs, and of all others. */
export function predictedParts(work: Work): { inner: number; outer: number } {
  let inner = 0
  let all = 0
  for (const [stage, { flops, computed }] of Object.entries(work)) {
    const seconds = flops / modelRates[productsOf(computed)]
    all += seconds
    if (/^(operator|preconditioner|vectors)\b/.test(stage)) inner += seconds
  }
  return { inner, outer: all - inner }
}

/** 'fp16' of 'fp16, sums fp32'. */
function productsOf(computed: string): string {
  return computed.split(',')[0]
}
