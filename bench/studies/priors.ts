import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { symmetricEigen } from 'homeward/numeric'
import { type HessianPrior, type Prior, type SlideWindowResult, slideWindow } from 'homeward/optimize'
import { type StereoFrame, sequenceWindow, stereoCamera } from 'homeward/sim'

/*
 * `npm run study -- priors [SEEDS FRAMES]`: which form of the marginalization prior survives fp32. A robot with a stereo
 * camera drives through rooms (300 frames at 10 Hz, 1 pixel, 5 % outliers); a window of 15 frames is solved in fp64, and
 * frames that leave it become a prior in one of five ways. Everything but the prior is the same. Writes
 * bench/studies/results/priors.json and priors.md; the seconds it takes are not part of them.
 */

interface Variant {
  readonly name: string
  readonly form: 'square-root' | 'hessian'
  readonly format: 'fp64' | 'fp32'
  readonly elimination?: 'pivots' | 'inverse'
}

const variants: readonly Variant[] = [
  { name: 'square root, fp64', form: 'square-root', format: 'fp64' },
  { name: 'square root, fp32', form: 'square-root', format: 'fp32' },
  { name: 'Hessian by pivots, fp64', form: 'hessian', format: 'fp64' },
  { name: 'Hessian by pivots, fp32', form: 'hessian', format: 'fp32' },
  { name: 'Hessian by inverses, fp64', form: 'hessian', format: 'fp64', elimination: 'inverse' },
  { name: 'Hessian by inverses, fp32', form: 'hessian', format: 'fp32', elimination: 'inverse' },
]

interface Row {
  readonly seed: number
  /** Root mean square error of positions, the first frame's pose given, metres. */
  readonly error: number
  /** Distance to the run with the first variant, metres: root mean square and largest. */
  readonly apart: number
  readonly farthest: number
  readonly solves: number
  readonly failures: number
  readonly rejections: number
  /** Smallest eigenvalue of any prior over its largest, unit diagonal; Hessian forms, every tenth frame. */
  readonly leastEigenvalue: number | null
}

const [seeds = 16, frameCount = 300] = process.argv.slice(2).map(Number)
const rows = new Map<string, Row[]>(variants.map(({ name }) => [name, []]))
for (let seed = 1; seed <= seeds; seed++) {
  const frames = [...sequenceWindow({ frames: frameCount, seed, pixelNoise: 1, outliers: 0.05 })]
  let reference: Float64Array | null = null
  for (const variant of variants) {
    const started = performance.now()
    const { row, poses } = run(variant, frames, seed, reference)
    reference ??= poses
    rows.get(variant.name)?.push(row)
    const seconds = ((performance.now() - started) / 1000).toFixed(1)
    console.log(
      `seed ${seed}, ${variant.name}: error ${metres(row.error)}, apart ${metres(row.apart)} (at most ` +
        `${metres(row.farthest)}), ${row.failures} of ${row.solves} systems indefinite; ${seconds} s`,
    )
  }
}
const folder = join('bench', 'studies', 'results')
mkdirSync(folder, { recursive: true })
const setting = { seeds, frames: frameCount, window: 15, rate: 10, pixelNoise: 1, outliers: 0.05 }
writeFileSync(join(folder, 'priors.json'), `${JSON.stringify({ setting, rows: Object.fromEntries(rows) }, null, 2)}\n`)
writeFileSync(join(folder, 'priors.md'), table())
console.log(`\n${table()}`)

function run(
  { form, format, elimination = 'pivots' }: Variant,
  frames: readonly StereoFrame[],
  seed: number,
  reference: Float64Array | null,
): { row: Row; poses: Float64Array } {
  let least: number | null = null
  const onPrior = (prior: Prior, frame: number): void => {
    if (prior.form !== 'hessian' || frame % 10 !== 0) return
    const value = leastEigenvalue(prior) // NaN where H has overflowed
    if (Number.isFinite(value)) least = Math.min(least ?? 1, value)
  }
  const first = frames[0].worldFromCamera
  const result = slideWindow(frames, { camera: stereoCamera, first, form, format, elimination, onPrior })
  const truth = Float64Array.from(frames.flatMap(({ worldFromCamera }) => [...worldFromCamera]))
  const { poses, solves, failures, rejections }: SlideWindowResult = result
  const [apart, farthest] = distance(poses, reference ?? poses)
  const [error] = distance(poses, truth)
  return { row: { seed, error, apart, farthest, solves, failures, rejections, leastEigenvalue: least }, poses }
}

/** Root mean square and largest distance of the positions of two lists of poses. */
function distance(a: Float64Array, b: Float64Array): [number, number] {
  let sum = 0
  let largest = 0
  for (let i = 0; i < a.length; i += 7) {
    const square = (a[i] - b[i]) ** 2 + (a[i + 1] - b[i + 1]) ** 2 + (a[i + 2] - b[i + 2]) ** 2
    sum += square
    largest = Math.max(largest, square)
  }
  return [Math.sqrt((7 * sum) / a.length), Math.sqrt(largest)]
}

function leastEigenvalue({ H, size: n }: HessianPrior): number {
  const scale = Float64Array.from({ length: n }, (_, i) => 1 / Math.sqrt(Math.abs(H[i * n + i]) || 1))
  const A = Float64Array.from(H, (value, k) => value * scale[Math.floor(k / n)] * scale[k % n])
  const eigenvalues = new Float64Array(n)
  symmetricEigen(A, n, eigenvalues, new Float64Array(n * n))
  return eigenvalues[0] / Math.max(Math.abs(eigenvalues[n - 1]), Math.abs(eigenvalues[0]))
}

function table(): string {
  const lines = variants.map(({ name }) => {
    const list = rows.get(name) ?? []
    const median = (pick: (row: Row) => number): number => {
      const sorted = list.map(pick).sort((a, b) => a - b)
      return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2
    }
    const most = (pick: (row: Row) => number): number => Math.max(...list.map(pick))
    const total = (pick: (row: Row) => number): number => list.reduce((sum, row) => sum + pick(row), 0)
    const eigenvalues = list.flatMap(({ leastEigenvalue: value }) => (value === null ? [] : [value]))
    const cells = [
      name,
      `${metres(median((row) => row.error))} / ${metres(most((row) => row.error))}`,
      `${metres(median((row) => row.apart))} / ${metres(most((row) => row.farthest))}`,
      `${list.filter(({ farthest }) => farthest > 0.01).length} / ${list.filter(({ farthest }) => farthest > 1).length}`,
      `${total((row) => row.failures)} of ${total((row) => row.solves)}`,
      `${total((row) => row.rejections)}`,
      eigenvalues.length > 0 ? Math.min(...eigenvalues).toExponential(1) : '',
    ]
    return `| ${cells.join(' | ')} |`
  })
  return [
    `# Priors in fp32 over a sliding window: ${seeds} runs of ${frameCount} frames`,
    '',
    'Made by `npm run study -- priors`. Window of 15 frames, 10 Hz, stereo, 1 pixel, 5 % outliers, Huber; the window itself is',
    'solved in fp64. "Apart" is the distance of positions to the run with the first prior. "By inverses" forms',
    'H_bb − (H_bm H_mm⁻¹) H_mb with the inverse of each diagonal block, "by pivots" eliminates as Cholesky does. Least',
    'eigenvalue: of priors scaled to unit diagonal, over the largest; negative means no sum of squares any more.',
    '',
    '| prior | error, median / max | apart, median / largest | runs ever > 1 cm / > 1 m apart | indefinite systems | rejected steps | least eigenvalue |',
    '|---|---|---|---|---|---|---|',
    ...lines,
    '',
  ].join('\n')
}

function metres(value: number): string {
  if (value === 0) return '0'
  if (value < 1e-7) return `${value.toExponential(0)} m`
  if (value < 1e-4) return `${(value * 1e6).toPrecision(2)} µm`
  if (value < 0.1) return `${(value * 1000).toPrecision(2)} mm`
  return value < 1000 ? `${value.toPrecision(3)} m` : `${value.toExponential(1)} m`
}
