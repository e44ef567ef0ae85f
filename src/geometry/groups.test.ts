import { describe, expect, it } from 'vitest'
import { checkGroup, type ManifoldCheckOptions } from '../testing/index.ts'
import { euclidean, isGroup, type LieGroup, product, SE2, SE3, Sim3, SO2, SO3, UnitQuaternion } from './index.ts'

const groups: [LieGroup, ManifoldCheckOptions][] = [
  [SO2, { rotations: [[0, 1]] }],
  [SE2, { rotations: [[2, 1]] }],
  [SO3, { rotations: [[0, 3]] }],
  [SE3, { rotations: [[3, 3]] }],
  [Sim3, { rotations: [[3, 3]], storesNearOne: true }],
  [UnitQuaternion, { rotations: [[0, 3]] }],
  [euclidean(1), {}],
  [euclidean(5), {}],
  [
    product(SE3, euclidean(3), SO2),
    {
      rotations: [
        [3, 3],
        [9, 1],
      ],
    },
  ],
]

describe('the laws of manifolds and groups', () => {
  for (const [group, options] of groups)
    it(`hold for ${group.name}: random, near 0, near π and at π, to 64 eps`, () => {
      checkGroup(group, options)
    })

  it('hold for unit quaternions beyond half a turn, where −q is not q', () => {
    checkGroup(UnitQuaternion, { rotations: [[0, 3]], cut: 5.5 })
  })

  for (const [group, options] of groups.filter(([g]) => g.pointDim > 0 && g !== SO2 && g !== SO3))
    it(`hold for ${group.name} with long translations and large scales`, () => {
      checkGroup(group, { ...options, reach: 3, samples: 20, seed: 2 })
    })
})

describe('names and sizes', () => {
  it('are those of files and messages', () => {
    const table = groups.map(([g]) => [g.name, g.ambient, g.dim, g.pointDim])
    expect(table).toEqual([
      ['SO2', 1, 1, 2],
      ['SE2', 3, 3, 2],
      ['SO3', 4, 3, 3],
      ['SE3', 7, 6, 3],
      ['Sim3', 8, 7, 3],
      ['UnitQuaternion', 4, 3, 3],
      ['R1', 1, 1, 1],
      ['R5', 5, 5, 5],
      ['SE3×R3×SO2', 11, 10, 0],
    ])
  })

  it('are one object each: Rⁿ and products are made once', () => {
    expect(euclidean(3)).toBe(euclidean(3))
    expect(product(SE3, euclidean(3))).toBe(product(SE3, euclidean(3)))
    expect(product(product(SE3, SO2), SO2)).toBe(product(SE3, SO2, SO2))
  })

  it('refuse what is no size', () => {
    expect(() => euclidean(0)).toThrow('n ≥ 1, got 0')
    expect(() => euclidean(2.5)).toThrow('got 2.5')
    expect(() => product()).toThrow('at least one manifold')
    expect(() => product(SO2, SO2).act(new Float64Array(2), 0, new Float64Array(2), 0, new Float64Array(2), 0)).toThrow(
      'acts on no points',
    )
  })

  it('a product with a part that is no group is no group', () => {
    const { exp: _, ...line } = euclidean(1)
    const mixed = product(SE3, { ...line, name: 'line' })
    expect(isGroup(mixed)).toBe(false)
    expect(isGroup(product(SE3, SO2))).toBe(true)
  })
})

describe('by hand', () => {
  const apply = (group: LieGroup, xi: number[]): number[] => {
    const out = new Float64Array(group.ambient)
    group.exp(Float64Array.from(xi), 0, out, 0)
    return Array.from(out)
  }
  const near = (actual: number[], expected: number[]): void => {
    expect(actual.length).toBe(expected.length)
    actual.forEach((x, i) => {
      expect(Math.abs(x - expected[i])).toBeLessThanOrEqual(8 * Number.EPSILON)
    })
  }

  it('SE2: a quarter turn while driving π/2 forward ends at (1, 1)', () => {
    near(apply(SE2, [Math.PI / 2, 0, Math.PI / 2]), [1, 1, Math.PI / 2])
  })

  it('SE3: the same about z, climbing 3', () => {
    const h = Math.SQRT1_2
    near(apply(SE3, [Math.PI / 2, 0, 3, 0, 0, Math.PI / 2]), [1, 1, 3, 0, 0, h, h])
  })

  it('Sim3: growing by e while moving along x covers e − 1', () => {
    near(apply(Sim3, [1, 0, 0, 0, 0, 0, 1]), [Math.E - 1, 0, 0, 0, 0, 0, 1, Math.E])
  })

  it('Sim3: turning and growing follows a logarithmic spiral: z(u) = ρ (e^{u(σ+iθ)} − 1)/(σ + iθ)', () => {
    const sigma = 0.7
    const theta = 2.1
    // (e^{σ+iθ} − 1)/(σ + iθ) by complex division
    const re = Math.exp(sigma) * Math.cos(theta) - 1
    const im = Math.exp(sigma) * Math.sin(theta)
    const d = sigma * sigma + theta * theta
    const [x, y] = [(re * sigma + im * theta) / d, (im * sigma - re * theta) / d]
    near(apply(Sim3, [1, 0, 0, 0, 0, theta, sigma]).slice(0, 3), [x, y, 0])
  })

  it('SO3: q and −q are one rotation; for unit quaternions they are 2π apart', () => {
    const q = Float64Array.of(0.1, 0.2, 0.3, Math.sqrt(1 - 0.14))
    const minus = q.map((v) => -v)
    const out = new Float64Array(3)
    SO3.local(q, 0, minus, 0, out, 0)
    near(Array.from(out), [0, 0, 0])
    UnitQuaternion.local(q, 0, minus, 0, out, 0)
    near([Math.hypot(...out)], [2 * Math.PI])
  })

  it('long chains stay on the sphere', () => {
    const x = Float64Array.of(0, 0, 0, 0, 0, 0, 1)
    const step = Float64Array.of(0.1, 0, 0, 0.01, 0.02, 0.03)
    for (let i = 0; i < 100_000; i++) SE3.retract(x, 0, step, 0, x, 0)
    expect(Math.abs(Math.hypot(x[3], x[4], x[5], x[6]) - 1)).toBeLessThanOrEqual(2 * Number.EPSILON)
  })
})
