/** One number worth keeping: what it is, in which unit, which way is better, and how much it may wander. */
export interface Metric {
  /** 'sphere2500/ours/cpu' */
  readonly key: string
  readonly value: number
  readonly unit: string
  readonly direction: 'lower' | 'higher'
  /** What the gate lets pass: value ≤ baseline · (1 + relative) + absolute, or ≥ for 'higher'. Null: for reading only. */
  readonly tolerance: Tolerance | null
}

export interface Tolerance {
  readonly relative: number
  readonly absolute: number
}

/** Ratios of times measured side by side still wander with what else the machine does. */
const RATIO: Tolerance = { relative: 0.4, absolute: 0 }
const COUNT: Tolerance = { relative: 0, absolute: 2 }
/** A relative excess over the best cost; 1e-6 is what runs are asked to stop at. */
const EXCESS: Tolerance = { relative: 0, absolute: 2e-6 }
const MEMORY: Tolerance = { relative: 0.25, absolute: 16 }

export const seconds = (key: string, value: number): Metric => lower(key, value, 's', null)
/** Ratios below a few hundredths of a unit are noise: `slack` is added to the tolerance. */
export const ratio = (key: string, value: number, unit: string, slack = 0): Metric =>
  lower(key, value, unit, { ...RATIO, absolute: slack })
export const iterations = (key: string, value: number): Metric => lower(key, value, 'iterations', COUNT)
export const excess = (key: string, value: number): Metric => lower(key, value, 'relative', EXCESS)
export const megabytes = (key: string, value: number): Metric => lower(key, value, 'MB', MEMORY)
export const rate = (key: string, value: number, gated: boolean): Metric => ({
  key,
  value,
  unit: gated ? 'of native' : 'GF/s',
  direction: 'higher',
  tolerance: gated ? RATIO : null,
})

function lower(key: string, value: number, unit: string, tolerance: Tolerance | null): Metric {
  return { key, value, unit, direction: 'lower', tolerance }
}

/** Four digits, without exponents where people can read without. */
export function show(value: number): string {
  if (value === 0 || !Number.isFinite(value)) return String(value)
  return Math.abs(value) < 1e-4 ? value.toExponential(1) : Number(value.toPrecision(4)).toString()
}

/** Rows as text, columns aligned: the first to the left, the others to the right. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = header.map((name, c) => Math.max(name.length, ...rows.map((row) => row[c].length)))
  const line = (row: readonly string[]): string =>
    row.map((cell, c) => (c === 0 ? cell.padEnd(widths[c]) : cell.padStart(widths[c]))).join('  ')
  return [line(header), ...rows.map(line)].join('\n')
}

/** The same as a Markdown table. */
export function markdown(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (row: readonly string[]): string => `| ${row.join(' | ')} |`
  return [line(header), line(header.map((_, c) => (c === 0 ? '---' : '---:'))), ...rows.map(line)].join('\n')
}
