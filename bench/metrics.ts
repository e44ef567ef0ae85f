/** One number worth keeping: what it is, in which unit, and which way is better. */
export interface Metric {
  /** 'optimize/sphere2500/seconds' */
  readonly key: string
  readonly value: number
  readonly unit: string
  readonly direction: 'lower' | 'higher'
}

/** Runs `once` a few times after a warm-up; the smallest time is the one least disturbed by others. */
export async function minimumSeconds<T>(
  repeats: number,
  once: () => T | Promise<T>,
): Promise<{ readonly seconds: number; readonly result: T }> {
  let result = await once()
  let seconds = Number.POSITIVE_INFINITY
  for (let i = 0; i < repeats; i++) {
    const started = performance.now()
    result = await once()
    seconds = Math.min(seconds, (performance.now() - started) / 1000)
  }
  return { seconds, result }
}

/** Metrics as a table for people. */
export function table(metrics: readonly Metric[]): string {
  const width = Math.max(...metrics.map(({ key }) => key.length))
  return metrics
    .map(
      ({ key, value, unit, direction }) =>
        `${key.padEnd(width)}  ${show(value).padStart(14)} ${unit} (${direction} is better)`,
    )
    .join('\n')
}

function show(value: number): string {
  return value === 0 ? '0' : Number(value.toPrecision(7)).toString()
}
