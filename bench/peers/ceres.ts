import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Graph } from 'homeward'
import { writeG2o } from 'homeward/data'
import type { Contender } from '../solve.ts'
import type { Workload } from '../workloads.ts'
import { windowText } from './window-file.ts'

/** One line of a driver's JSON; see ceres/options.h. Seconds. */
export interface PeerReport {
  readonly peer: string
  readonly version: string
  readonly solver: string
  readonly initial: number
  readonly final: number
  readonly iterations: number
  readonly converged: boolean
  readonly cpu: { readonly read: number; readonly build: number; readonly solve: number }
  readonly wall: { readonly read: number; readonly build: number; readonly solve: number }
  readonly peak_megabytes: number
}

const compiler = process.env['CXX'] ?? 'g++'
const sources = join('bench', 'peers', 'ceres')
const built = join('out', 'peers')
const binary = join(built, 'ceres')

/**
 * Compiles the driver. Eigen's alignment is Debian's, so that the driver and the library agree about it; -w because GCC
 * 12 warns about its own AVX-512 headers.
 * @returns why it cannot be built here, or null
 */
export function buildCeres(): string | null {
  if (spawnSync(compiler, ['--version'], { stdio: 'ignore' }).status !== 0)
    return `there is no C++ compiler here (${compiler})`
  if (!existsSync('/usr/include/ceres/ceres.h'))
    return 'Ceres is not here; on Debian or Ubuntu: apt-get update && apt-get install -y libceres-dev'
  mkdirSync(built, { recursive: true })
  const flags = ['-std=c++17', '-O3', '-march=native', '-DEIGEN_MAX_ALIGN_BYTES=16', '-w']
  const args = [...flags, '-isystem', '/usr/include/eigen3', join(sources, 'driver.cpp'), '-o', binary]
  const { status, stderr } = spawnSync(compiler, [...args, '-lceres', '-lglog'], { encoding: 'utf8' })
  return status === 0 ? null : `the driver did not compile:\n${stderr.slice(0, 2000)}`
}

/** The problem as a file that the driver reads: the workload's own, or one written for it. */
export function peerFile(workload: Workload, graph: Graph): string {
  if (workload.file !== null) return workload.file
  mkdirSync(join('out', 'bench'), { recursive: true })
  const file = join('out', 'bench', `${workload.name}.${workload.kind === 'pose graph' ? 'g2o' : 'txt'}`)
  writeFileSync(file, workload.kind === 'pose graph' ? [...writeG2o(graph)].join('') : windowText(graph))
  return file
}

/** Ceres's linear solvers that suit a kind of problem. */
export function ceresSolvers({ kind }: Workload): readonly string[] {
  return kind === 'pose graph' ? ['sparse_normal_cholesky'] : ['dense_schur', 'sparse_schur']
}

export interface Peer extends Contender {
  readonly name: string
  /** Whether it began at our chordal start, not at the file's values. */
  readonly ourStart: boolean
  readonly reports: PeerReport[]
}

/** A program that prints such a line when given a file, as a contender; it drops out after a failure. */
export function driver(name: string, program: string, args: readonly string[], ourStart = false): Peer {
  const reports: PeerReport[] = []
  let failed = false
  return {
    name,
    ourStart,
    reports,
    run() {
      if (failed) return
      const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8', timeout: 300_000 })
      failed = status !== 0
      if (failed) console.error(`${name} ${args.join(' ')}: ${stderr.trim().slice(0, 300) || `exit code ${status}`}`)
      else reports.push(JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as PeerReport)
    },
  }
}

export function ceres(file: string, solver: string, start: string | null = null): Peer {
  const name = `ceres ${solver}${start ? ' (our start)' : ''}`
  return driver(name, binary, [file, '--solver', solver, ...(start ? ['--start', start] : [])], start !== null)
}

/** Writes the poses of `data`, laid out as the graph's values, as the driver's --start takes them. */
export function writeStart(file: string, graph: Graph, data: Float64Array): void {
  const { values } = graph
  let text = ''
  for (let v = 0; v < values.count; v++) {
    const at = values.offset(v)
    text += `${String(values.key(v))} ${data.subarray(at, at + values.manifold(v).ambient).join(' ')}\n`
  }
  mkdirSync(join('out', 'bench'), { recursive: true })
  writeFileSync(file, text)
}
