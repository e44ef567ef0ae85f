import { describe, expect, it } from 'vitest'
import { euclidean, SE2, SE3, SO2, SO3 } from '../../geometry/index.ts'
import { checkJacobian } from '../../testing/derivatives.ts'
import { between } from './between.ts'

const R3 = euclidean(3)

describe('between', () => {
  for (const group of [SO2, SE2, SO3, SE3, R3])
    it(`${group.name}: Jacobian equals the central difference`, () => {
      expect(checkJacobian(between(group), { data: group }).states).toBe(300)
    })
  for (const group of [SE2, SE3])
    it(`${group.name}, g2o: Jacobian equals the central difference`, () => {
      expect(checkJacobian(between(group, { error: 'g2o' }), { data: group }).states).toBe(300)
    })
})
