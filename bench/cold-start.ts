import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { type Metric, ratio, seconds } from './metrics.ts'
import { minimum } from './timing.ts'
import type { Workload } from './workloads.ts'

/**
 * The command from the shell, on sphere2500: how long until it has ended, and the shares of Node's own start and of
 * loading and compiling our modules (what `--version` takes beyond an empty program).
 */
export function measureColdStart(workload: Workload, rounds: number): Metric[] {
  const command = join('dist', 'cli', 'homeward.js')
  const walls = { node: [] as number[], version: [] as number[], optimize: [] as number[] }
  for (let round = 0; round < rounds; round++) {
    walls.node.push(wallOf(['-e', '0']))
    walls.version.push(wallOf([command, '--version']))
    walls.optimize.push(wallOf([command, 'optimize', workload.file ?? '', '--quiet']))
  }
  const [node, version, optimize] = [walls.node, walls.version, walls.optimize].map(minimum)
  const key = (name: string): string => `cold-start/${workload.name}/${name}`
  return [
    seconds(key('command'), optimize),
    seconds(key('node'), node),
    seconds(key('modules'), version - node),
    seconds(key('read and solve'), optimize - version),
    ratio(key('command per start of node'), optimize / node, 'starts'),
  ]
}

function wallOf(args: readonly string[]): number {
  const started = performance.now()
  const { status } = spawnSync(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] })
  if (status !== 0) throw new Error(`node ${args.join(' ')}: exit code ${status}`)
  return (performance.now() - started) / 1000
}
