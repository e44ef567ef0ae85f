import { spawnSync } from 'node:child_process'
import type { Workload } from '../workloads.ts'
import { driver, type Peer, type PeerReport } from './ceres.ts'

/**
 * Other optimizers that are on this machine, named by HOMEWARD_PEERS="g2o=PROGRAM,gtsam=PROGRAM,…". g2o is the program
 * of its distribution, whose iteration lines are read; any other program is given a .g2o file and prints the line of
 * JSON that our Ceres driver prints.
 */
export function otherPeers(workload: Workload, file: string): Peer[] {
  if (workload.kind !== 'pose graph') return []
  return (process.env['HOMEWARD_PEERS'] ?? '').split(',').flatMap((word) => {
    const [name, program] = word.trim().split('=')
    if (!name || !program) return []
    return [name === 'g2o' ? g2o(program, file) : driver(name, program, [file])]
  })
}

function g2o(program: string, file: string): Peer {
  const reports: PeerReport[] = []
  const args = ['-solver', 'gn_var_cholmod', '-i', '20', '-v', file]
  return {
    name: 'g2o gn_var_cholmod',
    ourStart: false,
    reports,
    run() {
      const { status, stderr } = spawnSync(program, args, { encoding: 'utf8', timeout: 300_000 })
      const report = status === 0 ? readG2oLines(stderr) : null
      if (report) reports.push(report)
    },
  }
}

/** From lines "iteration= 3 chi2= 727.2 time= 0.05 cumTime= 0.2 …": up to the first relative decrease below 1e-6. */
function readG2oLines(text: string): PeerReport | null {
  const rows = [...text.matchAll(/iteration=\s*(\d+)\s+chi2=\s*(\S+)\s+time=\s*\S+\s+cumTime=\s*(\S+)/g)].map(
    ([, iteration, chi2, time]) => ({ iteration: Number(iteration) + 1, chi2: Number(chi2), time: Number(time) }),
  )
  if (rows.length === 0) return null
  const small = rows.findIndex(({ chi2 }, i) => i > 0 && Math.abs(rows[i - 1].chi2 - chi2) < 1e-6 * chi2)
  const { iteration, chi2, time } = rows[small < 0 ? rows.length - 1 : small]
  const spent = { read: 0, build: 0, solve: time }
  const [initial] = rows
  return {
    peer: 'g2o',
    version: 'as found',
    solver: 'gn_var_cholmod',
    initial: initial.chi2,
    final: chi2,
    iterations: iteration,
    converged: small >= 0,
    cpu: spent,
    wall: spent,
    peak_megabytes: 0,
  }
}
