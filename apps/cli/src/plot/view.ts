/**
 * How a scene is looked at: 2D from above as it is; 3D in a parallel projection, from a direction that its own shape
 * suggests.
 */

/** Rows of an orthonormal frame: to the right of the paper, up on the paper, towards the reader. */
export interface View {
  readonly right: readonly number[]
  readonly up: readonly number[]
  readonly near: readonly number[]
}

/** Points of a scene as the reader sees them: per point x to the right, y up, z towards the reader; in metres. */
export function project(view: View, positions: Float64Array): Float64Array {
  const seen = new Float64Array(positions.length)
  for (let i = 0; i < positions.length; i += 3) {
    const x = positions[i]
    const y = positions[i + 1]
    const z = positions[i + 2]
    seen[i] = view.right[0] * x + view.right[1] * y + view.right[2] * z
    seen[i + 1] = view.up[0] * x + view.up[1] * y + view.up[2] * z
    seen[i + 2] = view.near[0] * x + view.near[1] * y + view.near[2] * z
  }
  return seen
}

export const topView: View = { right: [1, 0, 0], up: [0, 1, 0], near: [0, 0, 1] }

/**
 * An oblique view of points (x, y, z triples): the vertical stays upright, the longest horizontal extent runs across the
 * paper, turned a little so that depth shows.
 * @param vertical which way is up, when the scene knows; else z, unless the points lie flat across another direction
 */
export function obliqueView(positions: Float64Array, vertical: readonly number[] | null): View {
  const { axes, variances } = principalAxes(positions)
  const flat = variances[2] < 0.15 * variances[1] && Math.abs(axes[2][2]) < 0.9
  const up = vertical ?? (flat ? flip(axes[2]) : [0, 0, 1])
  // The longest axis that is left when the vertical is taken out.
  let across = reject(axes[0], up)
  if (norm(across) < 0.3 || variances[1] > 0.8 * variances[0]) {
    across = reject([1, 0, 0], up)
    if (norm(across) < 0.3) across = reject([0, 1, 0], up)
  }
  across = scale(across, 1 / norm(across))
  const away = cross(up, across)
  const turn = (-22 * Math.PI) / 180
  const elevation = (32 * Math.PI) / 180
  const right = combine(across, Math.cos(turn), away, Math.sin(turn))
  const back = cross(up, right)
  return {
    right,
    up: combine(up, Math.cos(elevation), back, Math.sin(elevation)),
    near: combine(up, Math.sin(elevation), back, -Math.cos(elevation)),
  }
}

/** Axes of the points' scatter, longest first, by Jacobi rotations of its 3 × 3 covariance (Golub & Van Loan, 8.5). */
export function principalAxes(positions: Float64Array): { axes: number[][]; variances: number[] } {
  const count = positions.length / 3
  const mean = [0, 0, 0]
  for (let i = 0; i < positions.length; i++) mean[i % 3] += positions[i] / count
  const a = [
    [0, 0, 0],
    [0, 0, 0],
    [0, 0, 0],
  ]
  for (let i = 0; i < positions.length; i += 3)
    for (let r = 0; r < 3; r++)
      for (let c = 0; c < 3; c++) a[r][c] += ((positions[i + r] - mean[r]) * (positions[i + c] - mean[c])) / count
  const v = [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ]
  for (let sweep = 0; sweep < 12; sweep++)
    for (const [p, q] of [
      [0, 1],
      [0, 2],
      [1, 2],
    ] as const)
      rotate(a, v, p, q)
  const order = [0, 1, 2].sort((i, j) => a[j][j] - a[i][i])
  return {
    axes: order.map((k) => [v[0][k], v[1][k], v[2][k]]),
    variances: order.map((k) => Math.max(0, a[k][k])),
  }
}

/** One Jacobi rotation that makes a[p][q] zero. */
function rotate(a: number[][], v: number[][], p: number, q: number): void {
  if (Math.abs(a[p][q]) <= 1e-300) return
  const theta = (a[q][q] - a[p][p]) / (2 * a[p][q])
  const t = (theta >= 0 ? 1 : -1) / (Math.abs(theta) + Math.hypot(theta, 1))
  const c = 1 / Math.hypot(t, 1)
  const s = t * c
  for (let k = 0; k < 3; k++) {
    const [x, y] = [a[k][p], a[k][q]]
    a[k][p] = c * x - s * y
    a[k][q] = s * x + c * y
  }
  for (let k = 0; k < 3; k++) {
    const [x, y] = [a[p][k], a[q][k]]
    a[p][k] = c * x - s * y
    a[q][k] = s * x + c * y
    const [e, f] = [v[k][p], v[k][q]]
    v[k][p] = c * e - s * f
    v[k][q] = s * e + c * f
  }
}

/** A direction, pointing up rather than down (z, then y, then x). */
function flip(axis: readonly number[]): number[] {
  const lead = [2, 1, 0].find((k) => Math.abs(axis[k]) > 1e-3) ?? 2
  return axis[lead] < 0 ? scale(axis, -1) : [...axis]
}

function reject(vector: readonly number[], from: readonly number[]): number[] {
  const along = vector[0] * from[0] + vector[1] * from[1] + vector[2] * from[2]
  return combine(vector, 1, from, -along)
}

function combine(a: readonly number[], s: number, b: readonly number[], t: number): number[] {
  return [s * a[0] + t * b[0], s * a[1] + t * b[1], s * a[2] + t * b[2]]
}

function scale(a: readonly number[], s: number): number[] {
  return [s * a[0], s * a[1], s * a[2]]
}

function cross(a: readonly number[], b: readonly number[]): number[] {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
}

function norm(a: readonly number[]): number {
  return Math.hypot(a[0], a[1], a[2])
}

export interface Limits {
  left: number
  right: number
  bottom: number
  top: number
}

/**
 * The window that holds a crowd of seen points: all of them, unless a few lie far out, which are let go beyond the inner
 * quantiles by `reach` times their distance.
 */
export function robustLimits(seen: Float64Array, inner: number, reach: number): Limits {
  const [left, right] = range(seen, 0, inner, reach)
  const [bottom, top] = range(seen, 1, inner, reach)
  return { left, right, bottom, top }
}

function range(seen: Float64Array, from: number, inner: number, reach: number): [number, number] {
  const sorted = new Float64Array(seen.length / 3)
  let count = 0
  for (let i = from; i < seen.length; i += 3) if (Number.isFinite(seen[i])) sorted[count++] = seen[i]
  const line = sorted.subarray(0, count).sort()
  if (count === 0) return [-1, 1]
  const low = line[Math.floor(inner * (count - 1))]
  const high = line[Math.ceil((1 - inner) * (count - 1))]
  const slack = reach * (high - low)
  return [Math.max(line[0], low - slack), Math.min(line[count - 1], high + slack)]
}

export function union(a: Limits, b: Limits): Limits {
  return {
    left: Math.min(a.left, b.left),
    right: Math.max(a.right, b.right),
    bottom: Math.min(a.bottom, b.bottom),
    top: Math.max(a.top, b.top),
  }
}
