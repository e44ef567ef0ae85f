import { describe, expect, it } from 'vitest'
import { symmetricEigen } from '../src/numeric/index.ts'
import { type Prior, type SlideWindowOptions, slideWindow } from '../src/optimize/index.ts'
import { sequenceWindow, stereoCamera } from '../src/sim/index.ts'

/** The study `bench/studies/priors.ts` in small: two runs of 80 frames instead of 16 of 300. */
const sequences = [1, 2].map((seed) => [...sequenceWindow({ frames: 80, seed, outliers: 0.05 })])
type Way = Pick<SlideWindowOptions, 'form' | 'format' | 'elimination'>

function runs(way: Way): { poses: Float64Array[]; least: number } {
  let least = 1
  const onPrior = (prior: Prior, frame: number): void => {
    if (frame % 20 === 0) least = Math.min(least, leastEigenvalue(prior))
  }
  const poses = sequences.map(
    (frames) =>
      slideWindow(frames, { ...way, camera: stereoCamera, first: frames[0].worldFromCamera, onPrior, maxIterations: 3 })
        .poses,
  )
  return { poses, least }
}

/** Least eigenvalue of the prior's Hessian with unit diagonal: below zero it is no sum of squares. */
function leastEigenvalue(prior: Prior): number {
  const n = prior.size
  const H = new Float64Array(n * n)
  if (prior.form === 'hessian') H.set(prior.H)
  else
    for (let r = 0; r < prior.rows; r++)
      for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) H[i * n + j] += prior.R[r * n + i] * prior.R[r * n + j]
  const scale = Float64Array.from({ length: n }, (_, i) => 1 / Math.sqrt(H[i * n + i]))
  const A = H.map((value, k) => value * scale[Math.floor(k / n)] * scale[k % n])
  const eigenvalues = new Float64Array(n)
  symmetricEigen(A, n, eigenvalues, new Float64Array(n * n))
  return eigenvalues[0]
}

/** Largest distance of the positions of two lists of runs. */
function apart(a: readonly Float64Array[], b: readonly Float64Array[]): number {
  let largest = 0
  a.forEach((poses, k) => {
    for (let i = 0; i < poses.length; i += 7)
      largest = Math.max(largest, Math.hypot(...[0, 1, 2].map((c) => poses[i + c] - b[k][i + c])))
  })
  return largest
}

describe('priors of a sliding window', () => {
  const exact = runs({ form: 'square-root', format: 'fp64' })
  const single = runs({ form: 'square-root', format: 'fp32' })

  it('keep a robot on its way', () => {
    sequences.forEach((frames, k) => {
      const truth = Float64Array.from(frames.flatMap(({ worldFromCamera }) => [...worldFromCamera]))
      expect(apart([exact.poses[k]], [truth])).toBeLessThan(0.25) // 80 frames of stereo at 1 pixel, 5 % outliers: 2 to 10 cm
    })
  })

  it('are the same in both forms in fp64', () => {
    expect(apart(runs({ form: 'hessian', format: 'fp64' }).poses, exact.poses)).toBeLessThan(1e-6)
  })

  it('stay as they are in fp32 as square roots, and never indefinite', () => {
    expect(apart(single.poses, exact.poses)).toBeLessThan(1e-3)
    expect(single.least).toBeGreaterThan(-1e-13) // R in fp32, RᵀR and its eigenvalues in fp64
  })

  it('lose more in fp32 as Hessians: indefinite, and further from fp64', () => {
    const hessian = runs({ form: 'hessian', format: 'fp32', elimination: 'inverse' })
    expect(hessian.least).toBeLessThan(-(2 ** -24))
    expect(apart(hessian.poses, exact.poses)).toBeGreaterThan(3 * apart(single.poses, exact.poses))
  })
})
