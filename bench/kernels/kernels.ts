import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Metric, markdown, rate, show, table } from '../metrics.ts'
import { machine } from '../timing.ts'
import { denseCase, type KernelCase, poseGraphCases, poseGraphStructure, reprojectionCase, sightings } from './cases.ts'

const folder = join('out', 'bench')
const binary = join(folder, 'kernels-native')

interface NativeLine {
  readonly kernel: string
  readonly format: string
  readonly size: string
  readonly seconds: number
}

/**
 * Kernels by working set: ours in each format there is, and the same loops in C in fp64 and fp32 where there is a
 * compiler. Ours over native compares equal formats.
 */
export function kernelMetrics(quick: boolean, say: (text: string) => void): Metric[] {
  mkdirSync(folder, { recursive: true })
  const cases: KernelCase[] = []
  const nativeArguments: string[] = []
  for (const side of quick ? [20] : [8, 20, 50]) {
    const structure = poseGraphStructure(side)
    const size = `${side * side} poses`
    cases.push(...poseGraphCases(structure, size))
    nativeArguments.push(writeInts(`poses-${side * side}`, structure.ints), size)
  }
  for (const count of quick ? [2750] : [2750, 100_000]) {
    const seen = sightings(count)
    const size = `${count} observations`
    cases.push(reprojectionCase(seen, size))
    nativeArguments.push(writeInts(`sightings-${count}`, seen.ints), size)
  }
  const orders = quick ? [96] : [24, 96, 300]
  cases.push(...orders.map(denseCase))
  nativeArguments.push(...orders.map(String))

  const native = runNative(nativeArguments, say)
  const metrics: Metric[] = []
  const rows = cases.map((one) => {
    const seconds = fastest(one.run)
    const twin = (format: string): number | undefined =>
      native.find((line) => line.kernel === one.kernel && line.size === one.size && line.format === format)?.seconds
    const [f64, f32] = [twin('f64'), twin('f32')]
    const key = `kernel/${one.kernel}/${one.size}/${one.format}`
    const speed = (s: number | undefined): string => (s === undefined ? '' : show(one.work / s / 1e9))
    metrics.push({ ...rate(key, one.work / seconds / 1e9, false), unit: one.unit })
    const same = one.format === 'f64' ? f64 : f32
    if (same !== undefined) metrics.push(rate(`${key}/of native`, same / seconds, true))
    const ratio = same === undefined ? '' : show(same / seconds)
    return [
      one.kernel,
      one.size,
      one.format,
      show(1e6 * seconds),
      speed(seconds),
      one.unit,
      speed(f64),
      speed(f32),
      ratio,
    ]
  })
  const header = ['kernel', 'size', 'format', 'µs', 'ours', 'unit', 'C f64', 'C f32', 'of native']
  say(table(header, rows))
  if (!quick) writeKernels(markdown(header, rows))
  return metrics
}

/** Writes bench/results/kernels.md. */
function writeKernels(rows: string): void {
  const { cpu, cores, node, platform } = machine()
  const results = join('bench', 'results')
  mkdirSync(results, { recursive: true })
  const text = [
    '# Kernels, ours and the same loops in C',
    '',
    `${cpu}, ${cores} cores, ${platform}, Node ${node}; gcc -O3 -march=native. Least times of one thread; a multiplication and`,
    'an addition count as two operations. "of native": ours over C of the same format.',
    '',
    rows,
    '',
  ]
  writeFileSync(join(results, 'kernels.md'), text.join('\n'))
}

function writeInts(name: string, ints: Int32Array): string {
  const file = join(folder, `${name}.bin`)
  writeFileSync(file, new Uint8Array(ints.buffer, ints.byteOffset, ints.byteLength))
  return file
}

/** Compiles and runs the C twins; nothing, after a message, where there is no compiler. */
function runNative(args: readonly string[], say: (text: string) => void): NativeLine[] {
  const source = join('bench', 'kernels', 'native.c')
  const compiler = spawnSync(process.env['CC'] ?? 'gcc', ['-O3', '-march=native', source, '-o', binary, '-lm'], {
    encoding: 'utf8',
  })
  if (compiler.status !== 0) {
    say(`without C: ${compiler.error ? 'there is no C compiler here' : compiler.stderr.slice(0, 1000)}`)
    return []
  }
  const { status, stdout } = spawnSync(binary, args, { encoding: 'utf8' })
  if (status !== 0) say(`the C kernels failed: exit code ${status}`)
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as NativeLine)
}

/** Least processor seconds of `run` over about 0.3 s after a warm-up; short work is timed in bunches. */
function fastest(run: () => void): number {
  const begun = performance.now()
  do run()
  while (performance.now() - begun < 150)
  let [least, spent, bunch] = [Number.POSITIVE_INFINITY, 0, 1]
  while (spent < 300_000) {
    const before = process.cpuUsage()
    for (let i = 0; i < bunch; i++) run()
    const { user, system } = process.cpuUsage(before)
    const took = Math.max(user + system, 1)
    spent += took
    if (took >= 2000) least = Math.min(least, took / bunch)
    else bunch *= 2
  }
  return least / 1e6
}
