import { describe, expect, it } from 'vitest'
import { SE2, SE3, Sim3, SO3 } from '../../geometry/index.ts'
import { Random } from '../../numeric/index.ts'
import { randomElement } from '../../testing/index.ts'
import {
  bearingRange2,
  bearingRange3,
  between,
  type FactorType,
  landmark2,
  landmark3,
  landmark3WithOffset,
} from '../index.ts'

const types: readonly (readonly [FactorType, slots: readonly number[]])[] = [
  [between(SE2), [0, 1]],
  [between(SE2, { error: 'g2o' }), [0, 1]],
  [between(SE3, { error: 'g2o' }), [0, 1]],
  [between(SO3), [0, 1]],
  [between(Sim3), [0, 1]],
  [landmark2, [1]],
  [landmark3, [1]],
  [landmark3WithOffset, [1]],
  [bearingRange2, [1]],
  [bearingRange3, [1]],
]

describe('a placed variable agrees with the measurement that placed it', () => {
  it.each(types.map(([type, slots]) => [type.name, type, slots] as const))('%s', (_, type, slots) => {
    const random = new Random(7)
    const at = Int32Array.from(type.variables, (_, k) => 10 * k)
    for (let round = 0; round < 20; round++)
      for (const slot of [0, 1]) {
        const { x, data } = randomFactor(type, random)
        const placed = type.propagate!(x, at, 0, data, 0, slot)
        expect(placed).toBe(slots.includes(slot))
        if (!placed) continue
        const r = new Float64Array(type.residualDim)
        type.evaluate(x, at, 0, data, 0, r, 0, null, 0)
        // A handful of products of numbers below 100: 64 roundings of that size.
        expect(Math.max(...r.map(Math.abs))).toBeLessThan(64 * 2 ** -52 * 100)
      }
  })
})

/** A state and data of the type: elements of its manifolds at offsets 0, 10, …; data begin with a plausible measurement. */
function randomFactor(type: FactorType, random: Random): { x: Float64Array; data: Float64Array } {
  const x = new Float64Array(10 * type.variables.length)
  type.variables.forEach((manifold, k) => {
    x.set(randomElement(manifold, random, 1), 10 * k)
  })
  const data = Float64Array.from({ length: type.dataSize }, () => random.uniform(0.5, 2))
  if (type.relative) data.set(randomElement(type.relative, random, 1))
  if (type === landmark3WithOffset) data.set(randomElement(SE3, random, 1), 3)
  if (type === bearingRange3) {
    const length = Math.hypot(data[0], data[1], data[2])
    for (let k = 0; k < 3; k++) data[k] /= length
  }
  return { x, data }
}
