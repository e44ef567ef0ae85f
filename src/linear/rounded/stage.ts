import { type Format, formats, UsageError } from '../../numeric/index.ts'

/**
 * How a product is rounded. A number is rounded once to `stored` when it is put into memory. Both factors of a product,
 * and the product, are rounded to `computed`; every sum is rounded to `accumulated`.
 * {fp16, fp32, fp32} is fp16 as storage only; {fp16, fp16, fp32} is fp16 products summed in fp32; {fp16, fp16, fp16} is
 * every operation in fp16.
 */
export interface RoundedStage {
  readonly stored: Format
  readonly computed: Format
  readonly accumulated: Format
}

/** Throws UsageError for a format that does not exist, or sums in a format that cannot hold the products. */
export function expectStage(where: string, stage: RoundedStage): void {
  for (const part of ['stored', 'computed', 'accumulated'] as const)
    if (!formats[stage[part]])
      throw new UsageError(
        `${where}: ${part}: expected one of ${Object.keys(formats).join(', ')}, got ${String(stage[part])}`,
      )
  const { computed, accumulated } = stage
  if (computed !== accumulated && !isPartOf(computed, accumulated))
    throw new UsageError(
      `${where}: expected sums in a format that holds the products; got products in ${computed}, sums in ${accumulated}`,
    )
}

/** Whether every number of `inner` is a number of `outer`. */
export function isPartOf(inner: Format, outer: Format): boolean {
  const a = formats[inner]
  const b = formats[outer]
  return a.digits <= b.digits && a.max <= b.max && a.minSubnormal >= b.minSubnormal
}

export function stageName({ stored, computed, accumulated }: RoundedStage): string {
  return `stored ${stored}, products ${computed}, sums ${accumulated}`
}
