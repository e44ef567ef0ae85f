import { matrixToQuaternion, nearestRotation, quaternionToMatrix } from '../../geometry/index.ts'
import type { Symbolic } from '../../linear/index.ts'
import type { PoseEdges } from './pose-edges.ts'
import { EdgeRelaxation } from './relaxation.ts'

/**
 * Chordal relaxation (L. Carlone et al., "Initialization techniques for 3D SLAM", ICRA 2015, section III-B): rotations
 * first, as a linear problem on matrices that are only afterwards brought back to rotations, then (for similarities) the
 * scales, then translations with the rotations held. In fp64 throughout: relaxed rotations decay with the distance from
 * the anchor, to 1e-13 on hard graphs, and only their direction counts.
 *
 * Rewrites the poses in `x` except the known ones. @returns the analysis of the graph of poses, of which the same unknowns
 * can be solved for again; null when an edge-connected anchor is missing somewhere.
 *
 * @param poseAt offset of each node's pose in x
 * @param known nodes that stay as they are
 */
export function chordal(edges: PoseEdges, poseAt: Int32Array, known: Uint8Array, x: Float64Array): Symbolic | null {
  const layout = layoutOf(edges.group.name)
  if (!layout) return null
  const relaxation = new EdgeRelaxation(layout.space, poseAt.length, edges.ends, known)
  const found =
    relaxRotations(edges, layout, relaxation, poseAt, known, x) &&
    (layout.scaleAt < 0 || relaxScales(edges, layout, poseAt, known, x)) &&
    relaxTranslations(edges, layout, relaxation, poseAt, known, x)
  relaxation.dispose()
  return found ? relaxation.analysis : null
}

/** Where a pose keeps what: SE2 (x, y, θ), SE3 (t, q), Sim3 (t, q, s). */
interface Layout {
  readonly space: 2 | 3
  readonly rotationAt: number
  readonly scaleAt: number
}

function layoutOf(group: string): Layout | null {
  switch (group) {
    case 'SE2':
      return { space: 2, rotationAt: 2, scaleAt: -1 }
    case 'SE3':
      return { space: 3, rotationAt: 3, scaleAt: -1 }
    case 'Sim3':
      return { space: 3, rotationAt: 3, scaleAt: 7 }
    default:
      return null
  }
}

/** Row-major rotation matrix of the pose stored at `at`. */
function rotationMatrix(layout: Layout, x: Float64Array, at: number, R: Float64Array): void {
  if (layout.space === 2) {
    const c = Math.cos(x[at + 2])
    const s = Math.sin(x[at + 2])
    R[0] = R[3] = c
    R[1] = -s
    R[2] = s
    return
  }
  quaternionToMatrix(x, at + layout.rotationAt, R, 0)
}

/**
 * (O8) R_j = R_i Z_ij, row by row: with y_i the k-th row of R_i as a column, y_j = Z_ijᵀ y_i, so A = √w Zᵀ, B = √w I and the
 * same matrix serves all rows. In 2D one row says all. w = trace(Ω_rr)/d.
 */
function relaxRotations(
  edges: PoseEdges,
  layout: Layout,
  relaxation: EdgeRelaxation,
  poseAt: Int32Array,
  known: Uint8Array,
  x: Float64Array,
): boolean {
  const { space: d } = layout
  const { group, measurements } = edges
  const Z = new Float64Array(9)
  for (let e = 0; e < edges.ends.length / 2; e++) {
    const weight = Math.sqrt(rotationWeight(edges, layout, e))
    rotationMatrix(layout, measurements, e * group.ambient, Z)
    const at = 2 * e * d * d
    for (let a = 0; a < d; a++)
      for (let b = 0; b < d; b++) {
        relaxation.blocks[at + a * d + b] = -weight * Z[b * d + a]
        relaxation.blocks[at + d * d + a * d + b] = a === b ? weight : 0
      }
  }
  relaxation.constants.fill(0)
  if (!relaxation.factor()) return false
  const rows = Array.from({ length: d === 2 ? 1 : 3 }, () => new Float64Array(poseAt.length * d))
  for (let v = 0; v < poseAt.length; v++) {
    rotationMatrix(layout, x, poseAt[v], Z)
    for (let k = 0; k < rows.length; k++) for (let c = 0; c < d; c++) rows[k][v * d + c] = Z[k * d + c]
  }
  for (const row of rows) relaxation.solve(row)
  for (let v = 0; v < poseAt.length; v++) {
    if (known[v]) continue
    const at = poseAt[v]
    // The first row of a planar rotation is (cos θ, −sin θ).
    if (d === 2) x[at + 2] = Math.atan2(-rows[0][2 * v + 1], rows[0][2 * v])
    else roundToRotation(rows, 3 * v, x, at + layout.rotationAt)
  }
  return true
}

function rotationWeight({ group, information }: PoseEdges, { space, scaleAt }: Layout, e: number): number {
  const n = group.dim
  const last = scaleAt < 0 ? n : n - 1
  let trace = 0
  for (let a = space; a < last; a++) trace += information[e * n * n + a * n + a]
  return Math.max(trace / (last - space), Number.MIN_VALUE)
}

const relaxed = new Float64Array(9)

/** The quaternion of the rotation nearest to the relaxed matrix, scaled to unit size first: only its direction counts. */
function roundToRotation(rows: readonly Float64Array[], at: number, out: Float64Array, outAt: number): void {
  let size = 0
  for (let k = 0; k < 3; k++) for (let c = 0; c < 3; c++) size = Math.max(size, Math.abs(rows[k][at + c]))
  if (size === 0) return // says nothing: keep the rotation that is there
  for (let k = 0; k < 3; k++) for (let c = 0; c < 3; c++) relaxed[3 * k + c] = rows[k][at + c] / size
  nearestRotation(relaxed, 0, relaxed, 0)
  matrixToQuaternion(relaxed, 0, out, outAt)
}

/** (O9) log s_j − log s_i = log s_ij: scales as a linear problem in their logarithms. */
function relaxScales(
  edges: PoseEdges,
  { scaleAt }: Layout,
  poseAt: Int32Array,
  known: Uint8Array,
  x: Float64Array,
): boolean {
  const { group, information, measurements, ends } = edges
  const n = group.dim
  const relaxation = new EdgeRelaxation(1, poseAt.length, ends, known)
  for (let e = 0; e < ends.length / 2; e++) {
    const weight = Math.sqrt(information[(e + 1) * n * n - 1])
    relaxation.blocks[2 * e] = -weight
    relaxation.blocks[2 * e + 1] = weight
    relaxation.constants[e] = weight * Math.log(measurements[e * group.ambient + scaleAt])
  }
  if (!relaxation.factor()) return false
  const logarithms = Float64Array.from(poseAt, (at) => Math.log(x[at + scaleAt]))
  relaxation.solve(logarithms)
  relaxation.dispose()
  for (let v = 0; v < poseAt.length; v++) if (!known[v]) x[poseAt[v] + scaleAt] = Math.exp(logarithms[v])
  return true
}

/**
 * (O10) t_j − t_i = s_i R_i t_ij, weighed where the measurement was made: the error Z⁻¹ Xi⁻¹ Xj has the translation
 * e = s_ij⁻¹ R_ijᵀ (s_i⁻¹ R_iᵀ (t_j − t_i) − t_ij), so W = U (s_ij s_i)⁻¹ (R_i R_ij)ᵀ with Uᵀ U = Ω_tt, A = B = W and
 * c = W s_i R_i t_ij.
 */
function relaxTranslations(
  edges: PoseEdges,
  layout: Layout,
  relaxation: EdgeRelaxation,
  poseAt: Int32Array,
  known: Uint8Array,
  x: Float64Array,
): boolean {
  const { space: d, scaleAt } = layout
  const { group, ends, measurements } = edges
  const Ri = new Float64Array(9)
  const Z = new Float64Array(9)
  const W = new Float64Array(9)
  const moved = new Float64Array(3)
  for (let e = 0; e < ends.length / 2; e++) {
    const from = poseAt[ends[2 * e]]
    const measured = e * group.ambient
    rotationMatrix(layout, x, from, Ri)
    rotationMatrix(layout, measurements, measured, Z)
    const scale = scaleAt < 0 ? 1 : x[from + scaleAt]
    const shrink = scaleAt < 0 ? 1 : 1 / (scale * measurements[measured + scaleAt])
    translationRoot(edges, d, e, W)
    rotateRoot(W, Ri, Z, shrink, d)
    for (let a = 0; a < d; a++) {
      moved[a] = 0
      for (let b = 0; b < d; b++) moved[a] += scale * Ri[a * d + b] * measurements[measured + b]
    }
    const at = 2 * e * d * d
    for (let a = 0; a < d; a++) {
      let c = 0
      for (let b = 0; b < d; b++) {
        relaxation.blocks[at + a * d + b] = -W[a * d + b]
        relaxation.blocks[at + d * d + a * d + b] = W[a * d + b]
        c += W[a * d + b] * moved[b]
      }
      relaxation.constants[e * d + a] = c
    }
  }
  if (!relaxation.factor()) return false
  const t = new Float64Array(poseAt.length * d)
  for (let v = 0; v < poseAt.length; v++) for (let c = 0; c < d; c++) t[v * d + c] = x[poseAt[v] + c]
  relaxation.solve(t)
  for (let v = 0; v < poseAt.length; v++) if (!known[v]) for (let c = 0; c < d; c++) x[poseAt[v] + c] = t[v * d + c]
  return true
}

/**
 * U with Uᵀ U = Ω_tt of edge e, upper triangular, by Cholesky. A pivot lost in rounding (an information matrix that says
 * nothing of one direction) is raised to 1e-9 of the largest, so that the start does not hang in the air.
 */
function translationRoot({ group, information }: PoseEdges, d: number, e: number, U: Float64Array): void {
  const n = group.dim
  const at = e * n * n
  let largest = 0
  for (let a = 0; a < d; a++) largest = Math.max(largest, information[at + a * n + a])
  U.fill(0)
  for (let a = 0; a < d; a++)
    for (let b = a; b < d; b++) {
      let sum = information[at + a * n + b]
      for (let k = 0; k < a; k++) sum -= U[k * d + a] * U[k * d + b]
      U[a * d + b] = a === b ? Math.sqrt(Math.max(sum, 1e-9 * largest, Number.MIN_VALUE)) : sum / U[a * d + a]
    }
}

const turned = new Float64Array(9)
const turnedRoot = new Float64Array(9)

/** U ← shrink · U (R_i Z)ᵀ. */
function rotateRoot(U: Float64Array, Ri: Float64Array, Z: Float64Array, shrink: number, d: number): void {
  for (let a = 0; a < d; a++)
    for (let b = 0; b < d; b++) {
      let sum = 0
      for (let k = 0; k < d; k++) sum += Ri[a * d + k] * Z[k * d + b]
      turned[a * d + b] = sum
    }
  for (let a = 0; a < d; a++)
    for (let b = 0; b < d; b++) {
      let sum = 0
      for (let k = a; k < d; k++) sum += U[a * d + k] * turned[b * d + k]
      turnedRoot[a * d + b] = shrink * sum
    }
  U.set(turnedRoot)
}
