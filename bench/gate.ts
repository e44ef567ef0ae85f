import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { type Metric, show } from './metrics.ts'
import type { Machine } from './timing.ts'

interface Baseline {
  readonly machine: Machine
  readonly metrics: readonly Metric[]
}

/** A metric that is worse than the baseline allows, as a sentence. */
interface Regression {
  readonly key: string
  readonly text: string
}

/** Metrics with a tolerance that are worse than the baseline allows. Those without a baseline pass. */
export function regressions(baseline: readonly Metric[], metrics: readonly Metric[]): Regression[] {
  const before = new Map(baseline.map((metric) => [metric.key, metric]))
  return metrics.flatMap((metric) => {
    const old = before.get(metric.key)
    if (!old || metric.tolerance === null) return []
    const limit = limitOf(old)
    const worse = metric.direction === 'lower' ? metric.value > limit : metric.value < limit
    if (!worse && Number.isFinite(metric.value)) return []
    const bound = metric.direction === 'lower' ? 'at most' : 'at least'
    const text = `${show(metric.value)} ${metric.unit}, ${bound} ${show(limit)} allowed (was ${show(old.value)})`
    return [{ key: metric.key, text: `${metric.key}: ${text}` }]
  })
}

/** Of the regressions found, those that a second run shows too. */
export function stillWorse(found: readonly Regression[], again: readonly Regression[]): Regression[] {
  const keys = new Set(found.map(({ key }) => key))
  return again.filter(({ key }) => keys.has(key))
}

function limitOf({ value, direction, tolerance }: Metric): number {
  const { relative, absolute } = tolerance ?? { relative: 0, absolute: 0 }
  return direction === 'lower' ? value * (1 + relative) + absolute : value / (1 + relative) - absolute
}

export function readBaseline(file: string): Baseline | null {
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Baseline) : null
}

/** Moves the baseline: metrics of this run replace those with the same keys, the others stay. */
export function bless(file: string, machine: Machine, metrics: readonly Metric[]): void {
  const merged = new Map((readBaseline(file)?.metrics ?? []).map((metric) => [metric.key, metric]))
  for (const metric of metrics) if (metric.tolerance !== null) merged.set(metric.key, metric)
  const sorted = [...merged.values()].sort((a, b) => (a.key < b.key ? -1 : 1))
  const rounded = sorted.map((metric) => ({ ...metric, value: Number(metric.value.toPrecision(4)) }))
  // In the layout that the linter asks of JSON files.
  writeFileSync(file, `${JSON.stringify({ machine, metrics: rounded }, null, 2)}\n`)
}
