import { join } from 'node:path'
import { type Graph, type InitializationName, initialize } from 'homeward'
import { excess, iterations, type Metric, megabytes, ratio, seconds, show } from './metrics.ts'
import { ceres, ceresSolvers, type Peer, peerFile, writeStart } from './peers/ceres.ts'
import { otherPeers } from './peers/others.ts'
import { runSolo } from './solo.ts'
import { bestCost, excessOver, interleave, ourselves, type Runs, roundsFor, summarize, yardsticks } from './solve.ts'
import { minimum } from './timing.ts'
import type { Workload } from './workloads.ts'

/** One way of solving one workload, as tables show it. Seconds: least wall, median wall, least processor time. */
export interface Row {
  readonly workload: string
  readonly solver: string
  readonly wall: number
  readonly wallMedian: number
  readonly cpu: number
  /** Wall seconds of initialize, compile, linearize, solve; empty for peers. */
  readonly stages: readonly number[]
  readonly iterations: number
  readonly excess: number
  /** Ours over this one's, in processor seconds: with our automatic start, and from the start it had. Null on our rows. */
  readonly ratios: readonly [auto: number, sameStart: number | null] | null
  readonly note: string
}

export interface Contest {
  readonly rows: readonly Row[]
  readonly metrics: readonly Metric[]
}

/** Solves one workload in all the ways asked for, interleaved. */
export async function contest(workload: Workload, quick: boolean, peers: boolean): Promise<Contest | null> {
  return workload.large ? soloContest(workload, peers) : interleavedContest(workload, quick, peers)
}

async function interleavedContest(workload: Workload, quick: boolean, withPeers: boolean): Promise<Contest> {
  const { name, kind } = workload
  const graph = await workload.load()
  const ours = await ourselves(graph, workload)
  // The same start as the peers': what the method alone is worth.
  const fromFile = withPeers && kind === 'pose graph' ? await ourselves(graph, workload, peersStart(graph)) : null
  const peers = withPeers ? peersOf(workload, graph) : []
  const yard = yardsticks()
  await ours.run()
  const rounds = roundsFor(ours.runs.timings[0].wall, quick)
  await interleave([yard, ours, ...(fromFile ? [fromFile] : []), ...peers.filter(isCheap)], rounds)

  const best = bestCost(graph, workload)
  const own = ownRow(name, 'ours', ours.runs, best)
  const ownFromFile = fromFile ? ownRow(name, 'ours (peer’s start)', fromFile.runs, best) : null
  const peerRows = peers.flatMap((peer) => peerRow(name, peer, best, own.cpu, ownFromFile?.cpu ?? null))
  const unit = summarize(yard.timings)
  return {
    rows: [own, ...(ownFromFile ? [ownFromFile] : []), ...peerRows],
    metrics: [
      ...ownMetrics(name, own, ours.runs),
      ratio(`${name}/ours/per yardstick`, own.cpu / unit.cpu, 'yardsticks', 0.5),
      ...peerRows.flatMap((row) => peerMetrics(row)),
    ],
  }
}

/** Where peers begin: at the file's vertices, and without any (our reader leaves them all alike) at the odometry. */
function peersStart({ values }: Graph): InitializationName {
  const size = values.manifold(0).ambient
  return values.data.every((number, i) => number === values.data[i % size]) ? 'odometry' : 'file'
}

/** Large problems: once, in a process of their own; peers once after it. */
function soloContest(workload: Workload, withPeers: boolean): Promise<Contest | null> | null {
  const solo = runSolo(workload)
  if (!solo) return null
  const { initialize: start, compile, linearize, solve } = solo.seconds
  const own = {
    workload: workload.name,
    solver: 'ours',
    wall: solo.wall,
    wallMedian: solo.wall,
    cpu: solo.cpu,
    stages: [start, compile, linearize, solve],
    iterations: solo.iterations,
    ratios: null,
    note: `${solo.step}; ${show(solo.peakMegabytes)} MB${solo.converged ? '' : '; not converged'}`,
  }
  return (async () => {
    const peers = withPeers ? peersOf(workload, await workload.load(), false) : []
    await interleave(peers, 1)
    const best = minimum([solo.cost, ...peers.flatMap(({ reports }) => reports.map((report) => report.final))])
    const row: Row = { ...own, excess: excessOver(best, solo.cost) }
    return {
      rows: [row, ...peers.flatMap((peer) => peerRow(workload.name, peer, best, solo.cpu, null))],
      metrics: [
        ...stageMetrics(row),
        seconds(`${workload.name}/ours/wall`, solo.wall),
        seconds(`${workload.name}/ours/cpu`, solo.cpu),
        iterations(`${workload.name}/ours/iterations`, solo.iterations),
        megabytes(`${workload.name}/ours/peak memory`, solo.peakMegabytes),
        megabytes(`${workload.name}/ours/memory of the graph`, solo.graphMegabytes),
      ],
    }
  })()
}

/** Ceres from the file's start and (pose graphs) from ours, and whoever else is here. */
function peersOf(workload: Workload, graph: Graph, ourStart = true): Peer[] {
  const file = peerFile(workload, graph)
  const peers = ceresSolvers(workload).map((solver) => ceres(file, solver))
  if (ourStart && workload.kind === 'pose graph') {
    const start = join('out', 'bench', `${workload.name}.start`)
    writeStart(start, graph, initialize(graph, 'chordal', [0]).x)
    peers.push(ceres(file, 'sparse_normal_cholesky', start))
  }
  return [...peers, ...otherPeers(workload, file)]
}

/** A peer that takes more than 2 s a run has shown in three runs what it takes. */
function isCheap({ reports }: Peer): boolean {
  return reports.length < 3 || reports[0].wall.solve < 2
}

function ownRow(workload: string, solver: string, { timings, first, result }: Runs, best: number): Row {
  const { summary } = result
  const { initialize: start, compile, linearize, solve } = summary.seconds
  return {
    workload,
    solver,
    ...summarize(timings),
    stages: [start, compile, linearize, solve],
    iterations: summary.iterations.length,
    excess: excessOver(best, summary.finalCost),
    ratios: null,
    note: `first run ${show(first.wall)} s${summary.termination === 'converged' ? '' : `; ${summary.termination}`}`,
  }
}

function peerRow(workload: string, peer: Peer, best: number, ours: number, fromFile: number | null): Row[] {
  const [report] = peer.reports
  if (!report) return []
  const cpu = minimum(peer.reports.map((one) => one.cpu.solve))
  return [
    {
      workload,
      solver: peer.name,
      ...summarize(peer.reports.map((one) => ({ wall: one.wall.solve, cpu: one.cpu.solve }))),
      stages: [],
      iterations: report.iterations,
      excess: excessOver(best, report.final),
      ratios: [ours / cpu, peer.ourStart ? ours / cpu : fromFile === null ? null : fromFile / cpu],
      note: report.converged ? '' : 'not converged',
    },
  ]
}

function ownMetrics(name: string, row: Row, { first }: Runs): Metric[] {
  return [
    seconds(`${name}/ours/wall`, row.wall),
    seconds(`${name}/ours/median wall`, row.wallMedian),
    seconds(`${name}/ours/cpu`, row.cpu),
    seconds(`${name}/ours/first run`, first.wall),
    ...stageMetrics(row),
    iterations(`${name}/ours/iterations`, row.iterations),
    excess(`${name}/ours/excess`, row.excess),
  ]
}

function stageMetrics({ workload, stages }: Row): Metric[] {
  const names = ['initialize', 'compile', 'linearize', 'solve']
  return stages.map((value, k) => seconds(`${workload}/ours/${names[k]}`, value))
}

function peerMetrics({ workload, solver, wall, cpu, ratios }: Row): Metric[] {
  const key = `${workload}/${solver}`
  const metrics = [seconds(`${key}/wall`, wall), seconds(`${key}/cpu`, cpu)]
  if (ratios === null || solver.endsWith('(our start)')) return metrics
  const [auto, sameStart] = ratios
  metrics.push(ratio(`${key}/ours over it`, auto, 'of the peer', 0.005))
  if (sameStart !== null) metrics.push(ratio(`${key}/ours from its start over it`, sameStart, 'of the peer', 0.005))
  return metrics
}
