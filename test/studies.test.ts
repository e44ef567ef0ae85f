import { beforeAll, describe, expect, it } from 'vitest'
import { type Problem, pose, type Row, run } from '../bench/studies/ablation/run.ts'
import { poseGraphVariations, type Variation, windowVariations } from '../bench/studies/ablation/variations.ts'
import { bundleWindow, sphere } from '../src/sim/index.ts'

/**
 * The ablation study (`npm run study -- ablation`) in miniature: the directions of its claims. As accurate as double means
 * within 1e-6 of its cost; what these runs reach is a thousandth of that, what they miss by is ten times more or worse.
 */
const AS_DOUBLE = 1e-9

const options = { init: 'file', method: 'lm', tolerance: 1e-9, maxIterations: 30 } as const

describe('a small window', () => {
  let problem: Problem
  let reference: Row
  let mixed: Row

  beforeAll(() => {
    const { graph } = bundleWindow({ frames: 10, features: 20, survival: 0.95, step: 0.2, seed: 3 })
    graph.setConstant('c0')
    graph.setConstant('c1')
    problem = pose('window', graph, options)
    reference = outcome('reference', 'fp64 everywhere, same CGNR')
    mixed = outcome('reference', '`mixed`')
  })

  const outcome = (factor: string, name: string): Row => run(problem, named(windowVariations, factor, name))

  it('mixed equals double: in cost, and in inner iterations within a tenth', () => {
    expect(mixed.termination, mixed.reason).toBe('converged')
    expect(Math.abs(mixed.cost / reference.cost - 1)).toBeLessThan(AS_DOUBLE)
    expect(mixed.inner / reference.inner).toBeLessThan(1.1)
    expect(mixed.overflows + mixed.breakdowns + mixed.indefinite).toBe(0)
  })

  it('unscaled fp16 breaks down unless vectors are normalized, and then needs several times the iterations', () => {
    const bare = outcome('scaling', 'none, not normalized')
    expect(bare.termination, bare.reason).toBe('failed')
    expect(bare.overflows + bare.breakdowns).toBeGreaterThan(0)
    expect(bare.step).toBeNull()
    expect(outcome('scaling', 'none').inner).toBeGreaterThan(3 * mixed.inner)
  })

  it('the textbook recurrence ends higher with fp16 products, not with fp32 ones', () => {
    const low = outcome('recurrence', 'textbook')
    expect(low.excess).toBeGreaterThan(1e-6)
    expect(low.inner).toBeGreaterThan(3 * mixed.inner)
    expect(outcome('recurrence', 'textbook, fp32 products').excess).toBeLessThan(AS_DOUBLE)
  })

  it('a gradient from the rounded Jacobian moves the minimum, further with fewer digits', () => {
    const half = outcome('gradient', 'from the operator')
    expect(half.excess).toBeGreaterThan(10 * AS_DOUBLE)
    expect(outcome('gradient', 'from the operator, bf16').excess).toBeGreaterThan(half.excess)
  })

  it('a Hessian rounded to fp16 stalls, and overflows where it is not scaled', () => {
    const exact = outcome('Hessian', 'JᵀJ rounded to fp32, unit diagonal, PCG')
    expect(outcome('Hessian', 'JᵀJ rounded to fp16, unit diagonal, PCG').inner).toBeGreaterThan(3 * exact.inner)
    const unscaled = outcome('Hessian', 'JᵀJ rounded to fp16, unscaled, PCG')
    expect(unscaled.termination, unscaled.reason).toBe('failed')
    expect(unscaled.overflows).toBeGreaterThan(0)
  })

  it('all in fp16 fails, and says what overflowed', () => {
    const half = outcome('none of it', '`half`')
    expect(half.termination).toBe('failed')
    expect(half.reason).toMatch(/overflow/)
  })
})

describe('a small pose graph', () => {
  let problem: Problem

  beforeAll(() => {
    problem = pose('sphere', sphere({ layers: 6, perLayer: 10 }).graph, options)
  })

  const outcome = (factor: string, name: string): Row => run(problem, named(poseGraphVariations, factor, name))

  it('mixed equals double: in cost, and in inner iterations within a fifth', () => {
    const reference = outcome('reference', 'fp64 everywhere, same PCG')
    const mixed = outcome('reference', '`mixed`')
    expect(mixed.termination, mixed.reason).toBe('converged')
    expect(Math.abs(mixed.cost / reference.cost - 1)).toBeLessThan(AS_DOUBLE)
    expect(mixed.inner / reference.inner).toBeLessThan(1.2)
  })

  it('triangular solves of vectors that are not normalized need several times the iterations', () => {
    const mixed = outcome('reference', '`mixed`')
    expect(outcome('normalization', 'off').inner).toBeGreaterThan(3 * mixed.inner)
  })

  it('a gradient from an fp16 Jacobian moves the minimum', () => {
    expect(outcome('gradient', 'from an fp16 operator, unit columns').excess).toBeGreaterThan(10 * AS_DOUBLE)
  })

  it('a Hessian rounded to fp16 stalls, and overflows where it is not scaled', () => {
    const exact = outcome('Hessian', 'JᵀJ rounded to fp32, unit diagonal')
    expect(outcome('Hessian', 'JᵀJ rounded to fp16, unit diagonal').inner).toBeGreaterThan(3 * exact.inner)
    expect(outcome('Hessian', 'JᵀJ rounded to fp16, unscaled').overflows).toBeGreaterThan(0)
  })

  it('all in fp16 fails', () => {
    expect(outcome('none of it', '`half`').termination).toBe('failed')
  })
})

function named(variations: readonly Variation[], factor: string, name: string): Variation {
  const found = variations.find((variation) => variation.factor === factor && variation.name === name)
  if (!found) throw new Error(`no variation ${factor}: ${name}`)
  return found
}
