import { describe, expect, it } from 'vitest'
import { UsageError } from '../../numeric/index.ts'
import { type PolicyChanges, presetNames, type SolverFamily } from './policy.ts'
import { resolvePolicy, unwise } from './resolve.ts'

const families: readonly SolverFamily[] = ['cgnr', 'pcg', 'direct']

describe('presets', () => {
  it('exist for every family and carry their name', () => {
    for (const name of presetNames) for (const family of families) expect(resolvePolicy(name, family).name).toBe(name)
  })

  it('warn of nothing, except half', () => {
    for (const family of families)
      for (const name of presetNames.filter((n) => n !== 'half' && n !== 'double'))
        expect(unwise(resolvePolicy(name, family), family), `${name} ${family}`).toEqual([])
    for (const family of families) expect(unwise(resolvePolicy('half', family), family).length).toBeGreaterThan(4)
  })

  it('mixed is low where its problem kind allows it: products of CGNR, triangular solves of pose graphs', () => {
    const window = resolvePolicy('mixed', 'cgnr')
    expect(window.operator).toEqual({ stored: 'fp16', computed: 'fp16', accumulated: 'fp32' })
    expect(window).toMatchObject({ scaling: 'blocks', recurrence: 'recursion', gradientFrom: 'exact' })
    const graph = resolvePolicy('mixed', 'pcg')
    expect(graph.operator.computed).toBe('fp32')
    expect(graph.preconditioner).toEqual({ stored: 'fp16', computed: 'fp16', accumulated: 'fp32' })
    for (const { residual, gradient, update } of [window, graph])
      for (const stage of [residual, gradient, update]) expect(stage.computed).toBe('fp64')
  })

  it('every stage of mixed-strict that mixed has in 16 bits is so in every operation', () => {
    expect(resolvePolicy('mixed-strict', 'cgnr').operator.accumulated).toBe('fp16')
    expect(resolvePolicy('mixed-strict', 'pcg').preconditioner.accumulated).toBe('fp16')
  })
})

describe('a policy of the user’s own', () => {
  it('changes a preset, level by level', () => {
    const policy = resolvePolicy({ base: 'single', name: 'mine', operator: { stored: 'fp16' } }, 'cgnr')
    expect(policy.name).toBe('mine')
    expect(policy.operator).toEqual({ stored: 'fp16', computed: 'fp32', accumulated: 'fp32' })
    expect(policy.vectors).toEqual(resolvePolicy('single', 'cgnr').vectors)
  })

  it('sums in the format of the products unless it says otherwise', () => {
    expect(resolvePolicy({ operator: { computed: 'fp16' } }, 'pcg').operator.accumulated).toBe('fp16')
  })

  const wrong: readonly (readonly [string, unknown, SolverFamily, RegExp])[] = [
    ['an unknown preset', 'quadruple', 'cgnr', /one of double, single.*'quadruple'/],
    ['an unknown base', { base: 'quad' }, 'cgnr', /precision\.base: expected one of double.*'quad'/],
    ['an unknown field', { operater: {} }, 'cgnr', /precision\.operater: unknown; expected one of .*operator/],
    ['an unknown format', { operator: { stored: 'fp8' } }, 'cgnr', /operator\.stored: expected one of fp64.*"fp8"/],
    ['a stage that is no object', { operator: 'fp16' }, 'cgnr', /operator: expected an object with stored/],
    ['a list', [], 'cgnr', /name of a preset or an object/],
    ['sums narrower than products', { operator: { computed: 'fp32', accumulated: 'fp16' } }, 'cgnr', /fp32.*fp16/],
    ['a tolerance of 2', { innerTolerance: 2 }, 'cgnr', /innerTolerance.*0 and 1.*2/],
    ['no inner iterations', { innerIterations: 0 }, 'cgnr', /innerIterations.*above 0.*0/],
    ['half a pass', { refine: { passes: 0.5 } }, 'direct', /refine\.passes.*0\.5/],
    ['a level of fill of −1', { incomplete: { fill: -1 } }, 'pcg', /incomplete\.fill.*-1/],
    ['a Hessian in CGNR', { form: 'hessian' }, 'cgnr', /CGNR never forms the Hessian/],
    ['the recurrence of CGNR elsewhere', { recurrence: 'textbook' }, 'pcg', /--step cgnr/],
    ['block scaling of normal equations', { scaling: 'blocks' }, 'pcg', /scaling "blocks".*--step cgnr/],
  ]
  for (const [name, policy, family, sentence] of wrong)
    it(`refuses ${name} in a sentence`, () => {
      expect(() => resolvePolicy(policy as PolicyChanges, family)).toThrow(UsageError)
      expect(() => resolvePolicy(policy as PolicyChanges, family)).toThrow(sentence)
    })

  const risky: readonly (readonly [string, PolicyChanges, SolverFamily, RegExp])[] = [
    ['fp16 without scaling', { scaling: 'none' }, 'cgnr', /fp16 Jacobian without scaling overflows at 65504/],
    ['the textbook recurrence', { recurrence: 'textbook' }, 'cgnr', /loses Jᵀs by cancellation/],
    ['a gradient from J16', { gradientFrom: 'operator' }, 'cgnr', /moves the minimum/],
    ['a rounded Hessian', { form: 'hessian' }, 'pcg', /indefinite/],
    ['fp16 solves without normalizing', { normalize: false }, 'pcg', /underflow/],
    ['residuals in fp16', { residual: { computed: 'fp16', stored: 'fp16' } }, 'cgnr', /residuals .* fp32 or better/],
    ['poses in fp16', { update: { computed: 'fp16', stored: 'fp16' } }, 'cgnr', /poses in fp16/],
    ['dot products in fp16', { reductions: 'fp16' }, 'cgnr', /stop growing/],
    ['a tolerance below eps', { innerTolerance: 1e-9 }, 'cgnr', /cannot reach 1e-9/],
  ]
  for (const [name, policy, family, sentence] of risky)
    it(`warns of ${name}`, () => {
      expect(unwise(resolvePolicy(policy, family), family).join('\n')).toMatch(sentence)
    })
})
