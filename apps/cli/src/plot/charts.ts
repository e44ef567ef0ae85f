import * as Plot from '@observablehq/plot'
import { parseHTML } from 'linkedom'
import { ink } from './colour.ts'
import type { Place } from './path.ts'
import type { WorkCurve } from './work-picture.ts'

const fontSize = 13

/** An axis of powers of ten: values are drawn by their logarithms, labels show the values. */
function logAxis(low: number, high: number) {
  return {
    domain: [Math.log10(low), Math.log10(high)],
    ticks: logTicks(low, high).map(Math.log10),
    tickFormat: (exponent: number) => shortNumber(Number((10 ** exponent).toPrecision(6))),
  }
}

/**
 * The cost after each iteration, on a logarithmic axis. `start` is the cost of other values before the first of them: a dot
 * where it fits, else words.
 */
export function costChart(
  place: Place,
  costs: readonly number[],
  label: string,
  start: { readonly cost: number; readonly name: string } | null,
): string {
  const floor = Math.max(1e-300, Math.min(...costs.filter((cost) => cost > 0)) * 1e-3)
  const rows = costs.map((cost, iteration) => ({ iteration, exponent: Math.log10(Math.max(cost, floor)) }))
  const shown = costs.map((cost) => Math.max(cost, floor))
  const near = start !== null && start.cost < 20 * Math.max(...shown) && start.cost > 0.05 * Math.min(...shown)
  if (near) shown.push(start.cost)
  const [low, high] = logDomain(Math.min(...shown), Math.max(...shown))
  const last = rows.length - 1
  const note = start && { ...start, exponent: Math.log10(near ? start.cost : high), iteration: near ? 0 : last / 2 }
  return render(place, {
    marginLeft: 64,
    x: {
      label: 'iteration',
      labelAnchor: 'center',
      domain: [0, Math.max(1, last)],
      inset: 12,
      ticks: wholeTicks(last),
      tickFormat: 'd',
    },
    y: { ...logAxis(low, high), label, grid: true },
    marks: [
      Plot.lineY(rows, { x: 'iteration', y: 'exponent', stroke: ink.after, strokeWidth: 2.2 }),
      Plot.dot(rows, { x: 'iteration', y: 'exponent', fill: ink.after, r: last > 40 ? 2 : 4 }),
      ...(note && near
        ? [
            Plot.dot([note], {
              x: 'iteration',
              y: 'exponent',
              stroke: ink.quiet,
              strokeWidth: 2,
              fill: 'white',
              r: 4.5,
            }),
            Plot.text([note], {
              x: 'iteration',
              y: 'exponent',
              text: 'name',
              fill: ink.quiet,
              textAnchor: 'start',
              dx: 10,
            }),
          ]
        : []),
      ...(note && !near
        ? [
            Plot.text([note], {
              frameAnchor: 'top-right',
              text: () => `${note.name}: ${shortNumber(note.cost)}`,
              fill: ink.quiet,
              dy: -18,
            }),
          ]
        : []),
    ],
  })
}

/** How residual lengths are spread before and after, on a logarithmic axis. */
export function residualChart(place: Place, before: Float64Array, after: Float64Array, unit: string): string {
  const [low, high] = spread(before, after)
  const bins = 48
  const from = Math.log10(low)
  const width = (Math.log10(high) - from) / bins
  const count = (lengths: Float64Array) => {
    const counts = new Array<number>(bins).fill(0)
    for (const length of lengths) {
      if (length < low) continue
      counts[Math.min(bins - 1, Math.floor((Math.log10(length) - from) / width))]++
    }
    return counts.map((n, k) => ({ from: from + k * width, to: from + (k + 1) * width, n }))
  }
  const below = (lengths: Float64Array) => lengths.reduce((n, length) => n + (length < low ? 1 : 0), 0)
  const left = [
    [below(before), 'before'],
    [below(after), 'after'],
  ] as const
  const note = left.flatMap(([n, name]) => (n > 0 ? [`${shortNumber(n)} ${name}`] : [])).join(', ')
  const box = { x1: 'from', x2: 'to', y1: 0, y2: 'n', insetLeft: 0.4, insetRight: 0.4 }
  return render(place, {
    marginLeft: 64,
    x: { ...logAxis(low, high), label: `residual length (${unit})`, labelAnchor: 'center' },
    y: { label: 'measurements', grid: true, ticks: 5, tickFormat: shortNumber },
    marks: [
      Plot.rect(count(before), { ...box, fill: ink.before, fillOpacity: 0.75 }),
      Plot.rect(count(after), { ...box, fill: ink.after, fillOpacity: 0.7 }),
      Plot.ruleY([0], { stroke: ink.quiet }),
      ...(note
        ? [
            Plot.text([note], {
              frameAnchor: 'top-right',
              text: (words: string) => `below ${shortNumber(low)}: ${words}`,
              fill: ink.quiet,
              dy: -18,
            }),
          ]
        : []),
    ],
  })
}

/** Excess of the cost against seconds, one curve per run, both axes logarithmic; names beside them. */
export function workChart(place: Place, curves: readonly WorkCurve[]): string {
  const rows = curves.flatMap(({ name, points }) =>
    points.map(({ seconds, excess }) => ({ name, x: Math.log10(seconds), y: Math.log10(excess) })),
  )
  const range = (values: number[]): [number, number] => [10 ** Math.min(...values), 10 ** Math.max(...values)]
  const [left, right] = logDomain(...range(rows.map(({ x }) => x)))
  const [low, high] = logDomain(...range(rows.map(({ y }) => y)))
  return render(place, {
    marginLeft: 72,
    marginRight: 180,
    x: { ...logAxis(left, right), label: 'seconds by the model', labelAnchor: 'center' },
    y: { ...logAxis(low, high), label: 'relative excess of the cost', grid: true },
    color: { scheme: 'dark2', domain: curves.map(({ name }) => name) },
    marks: [
      Plot.lineY(rows, { x: 'x', y: 'y', stroke: 'name', strokeWidth: 2 }),
      Plot.dot(rows, { x: 'x', y: 'y', fill: 'name', r: 3 }),
      ...curves.map(({ name }, i) =>
        Plot.text([name], {
          text: (text: string) => text,
          fill: (text: string) => text,
          frameAnchor: 'top-right',
          textAnchor: 'start',
          dx: 14,
          dy: 20 * i,
        }),
      ),
    ],
  })
}

function render(place: Place, options: Plot.PlotOptions): string {
  const { document } = parseHTML('<!doctype html><html><body></body></html>')
  const element = Plot.plot({
    document: document as unknown as NonNullable<Plot.PlotOptions['document']>,
    width: place.width,
    height: place.height,
    marginTop: 30,
    marginBottom: 44,
    marginRight: 16,
    className: 'chart',
    ...options,
  })
  // A nested element, so without a style sheet of its own: its rules would hold for the whole picture.
  return element.outerHTML
    .replace(/<style>[\s\S]*?<\/style>/, '')
    .replace(/^<svg[^>]*>/, (tag: string) =>
      tag
        .replace(/ (class|style|font-family|font-size)="[^"]*"/g, '')
        .replace('fill="currentColor"', `fill="${ink.text}"`)
        .replace('<svg', `<svg x="${place.x}" y="${place.y}" font-size="${fontSize}"`),
    )
    .replaceAll('currentColor', ink.text)
}

/** A domain with air on both ends, at least a factor of ten wide, so that a flat curve looks flat. */
function logDomain(low: number, high: number): [number, number] {
  const span = Math.log10(high / low)
  const air = span < 1 ? (1 - span) / 2 + 0.05 : 0.06 * span
  return [low / 10 ** air, high * 10 ** air]
}

/** Powers of ten, thinned to seven; with 2 and 5 between them where there are few. */
export function logTicks(low: number, high: number): number[] {
  const from = Math.ceil(Math.log10(low) - 1e-9)
  const to = Math.floor(Math.log10(high) + 1e-9)
  const every = Math.max(1, Math.ceil((to - from) / 7))
  const ticks: number[] = []
  for (let k = from - 1; k <= to; k++)
    for (const factor of to - from < 2 ? [1, 2, 5] : [1]) {
      const tick = factor * 10 ** k
      if (tick >= low * 0.999 && tick <= high * 1.001 && (k - from) % every === 0) ticks.push(tick)
    }
  return ticks
}

function wholeTicks(last: number): number[] {
  const every = [1, 2, 5, 10, 20, 50, 100, 200, 500].find((step) => last / step <= 12) ?? 1000
  return Array.from({ length: Math.floor(Math.max(1, last) / every) + 1 }, (_, k) => k * every)
}

/** The range of lengths worth showing: a factor of 10⁵ at most below the largest common ones. */
function spread(before: Float64Array, after: Float64Array): [number, number] {
  const all = new Float64Array(before.length + after.length)
  all.set(before)
  all.set(after, before.length)
  const sorted = all.filter((length) => length > 0 && Number.isFinite(length)).sort()
  if (sorted.length === 0) return [0.1, 10]
  const high = sorted[Math.ceil(0.999 * (sorted.length - 1))] * 1.3
  const low = Math.max(sorted[Math.floor(0.02 * (sorted.length - 1))] / 1.5, high / 1e5)
  return high / low >= 10 ? [Number(low.toPrecision(1)), high] : [high / 10, high]
}

/** 0.001, 12, 3.4k, 2M: a number as an axis shows it. */
export function shortNumber(value: number): string {
  const size = Math.abs(value)
  if (size === 0) return '0'
  if (size >= 1e9 || size < 1e-4) return value.toExponential(0).replace('e+', 'e')
  if (size >= 1e6) return `${trim(value / 1e6)}M`
  if (size >= 1e3) return `${trim(value / 1e3)}k`
  return trim(value)
}

function trim(value: number): string {
  return String(Number(value.toPrecision(3)))
}
