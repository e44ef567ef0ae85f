import type { PolicyChanges, PresetName, StepName } from '../../../src/optimize/index.ts'

/** One way of computing: what it changes in the `mixed` policy, and the linear step where it is not the problem's own. */
export interface Variation {
  readonly name: string
  /** What it is a variation of: rows of one factor stand together in the table. */
  readonly factor: string
  readonly precision: PresetName | PolicyChanges
  readonly step?: StepName
  /** One of the few that also run on the large problems. */
  readonly core?: boolean
}

const products = {
  fp64: { stored: 'fp64', computed: 'fp64', accumulated: 'fp64' },
  fp32: { stored: 'fp32', computed: 'fp32', accumulated: 'fp32' },
  /** Stored in 16 bits, computed with in fp32. */
  stored: { stored: 'fp16', computed: 'fp32', accumulated: 'fp32' },
  fp16: { stored: 'fp16', computed: 'fp16', accumulated: 'fp32' },
  /** Every operation rounded. */
  strict: { stored: 'fp16', computed: 'fp16', accumulated: 'fp16' },
  bf16: { stored: 'bf16', computed: 'bf16', accumulated: 'fp32' },
  bf16Strict: { stored: 'bf16', computed: 'bf16', accumulated: 'bf16' },
} as const

/** The same algorithm with every stage in fp64. */
const fp64: PolicyChanges = { vectors: products.fp64, reductions: 'fp64', operator: products.fp64 }

/** Names of the variations that also run on the large problems. */
const core = new Set([
  'fp64 everywhere, same CGNR',
  'fp64 everywhere, same PCG',
  '`mixed`',
  'sums in fp16',
  'fp32 solves',
  'complete factor',
  'complete factor, fp32 solves',
  'none, not normalized',
  'textbook',
  'from the operator',
])

/** Remedies that can be taken away from conjugate gradients on the Jacobian; the products are in fp16 where not said. */
export const windowVariations: readonly Variation[] = [
  cgnr('reference', 'fp64 everywhere, same CGNR', fp64),
  cgnr('reference', '`mixed`', {}),
  cgnr('format', 'fp32 products', { operator: products.fp32 }),
  cgnr('format', 'fp16 stored, fp32 arithmetic', { operator: products.stored }),
  cgnr('format', 'bf16 products', { operator: products.bf16 }),
  cgnr('sums', 'sums in fp16', { operator: products.strict }),
  cgnr('sums', 'bf16, sums in bf16', { operator: products.bf16Strict }),
  cgnr('scaling', 'unit columns', { scaling: 'columns' }),
  cgnr('scaling', 'none', { scaling: 'none' }),
  cgnr('scaling', 'none, fp16 stored, fp32 arithmetic', { scaling: 'none', operator: products.stored }),
  cgnr('scaling', 'none, bf16', { scaling: 'none', operator: products.bf16 }),
  cgnr('scaling', 'none, fp32', { scaling: 'none', operator: products.fp32 }),
  cgnr('scaling', 'none, not normalized', { scaling: 'none', normalize: false }),
  cgnr('recurrence', 'textbook', { recurrence: 'textbook' }),
  cgnr('recurrence', 'textbook, sums in fp16', { recurrence: 'textbook', operator: products.strict }),
  cgnr('recurrence', 'textbook, fp32 products', { recurrence: 'textbook', operator: products.fp32 }),
  cgnr('gradient', 'from the operator', { gradientFrom: 'operator' }),
  cgnr('gradient', 'from the operator, sums in fp16', { gradientFrom: 'operator', operator: products.strict }),
  cgnr('gradient', 'from the operator, bf16', { gradientFrom: 'operator', operator: products.bf16 }),
  cgnr('gradient', 'from the operator, textbook', { gradientFrom: 'operator', recurrence: 'textbook' }),
  cgnr('normalization', 'off', { normalize: false }),
  cgnr('Hessian', 'JᵀJ rounded to fp32, unit diagonal, PCG', hessian('fp32', 'columns'), 'pcg'),
  cgnr('Hessian', 'JᵀJ rounded to fp16, unit diagonal, PCG', hessian('fp16', 'columns'), 'pcg'),
  cgnr('Hessian', 'JᵀJ rounded to fp16, unscaled, PCG', hessian('fp16', 'none'), 'pcg'),
  { factor: 'none of it', name: '`half`', precision: 'half', step: 'cgnr', core: true },
]

/** Remedies of conjugate gradients with an incomplete factor; its triangular solves are in fp16 where not said. */
export const poseGraphVariations: readonly Variation[] = [
  pcg('reference', 'fp64 everywhere, same PCG', { ...fp64, preconditioner: products.fp64 }),
  pcg('reference', '`mixed`', {}),
  { factor: 'reference', name: '`mixed` with its ladder', precision: 'mixed', step: 'pcg', core: true },
  pcg('format', 'fp32 solves', { preconditioner: products.fp32 }),
  pcg('format', 'fp16 stored, fp32 arithmetic', { preconditioner: products.stored }),
  pcg('format', 'bf16 solves', { preconditioner: products.bf16 }),
  pcg('sums', 'sums in fp16', { preconditioner: products.strict }),
  pcg('sums', 'sums and the factorization in fp16', {
    preconditioner: products.strict,
    factorization: products.strict,
  }),
  pcg('sums', 'bf16, sums in bf16', { preconditioner: products.bf16Strict }),
  pcg('fill', 'IC(1)', { incomplete: { fill: 1 } }),
  pcg('fill', 'complete factor', { incomplete: { fill: null } }),
  pcg('fill', 'complete factor, fp32 solves', { incomplete: { fill: null }, preconditioner: products.fp32 }),
  pcg('normalization', 'off', { normalize: false }),
  pcg('normalization', 'off, sums in fp16', { normalize: false, preconditioner: products.strict }),
  pcg('refinement', 'off', { refine: { passes: 0 } }),
  pcg('scaling', 'operator fp16, unit columns', { operator: products.fp16, scaling: 'columns' }),
  pcg('scaling', 'operator fp16, none', { operator: products.fp16, scaling: 'none' }),
  pcg('scaling', 'operator bf16, none', { operator: products.bf16, scaling: 'none' }),
  pcg('gradient', 'from the fp32 operator', { gradientFrom: 'operator' }),
  pcg('gradient', 'from an fp16 operator, unit columns', {
    gradientFrom: 'operator',
    operator: products.fp16,
    scaling: 'columns',
  }),
  pcg('Hessian', 'JᵀJ rounded to fp32, unit diagonal', hessian('fp32', 'columns')),
  pcg('Hessian', 'JᵀJ rounded to fp16, unit diagonal', hessian('fp16', 'columns')),
  pcg('Hessian', 'JᵀJ rounded to fp16, unscaled', hessian('fp16', 'none')),
  { factor: 'none of it', name: '`half`', precision: 'half', step: 'pcg', core: true },
]

/** A formed and rounded Hessian; the preconditioner in fp64 so that nothing else can be at fault. */
function hessian(format: 'fp32' | 'fp16', scaling: 'columns' | 'none'): PolicyChanges {
  return {
    form: 'hessian',
    scaling,
    operator: { stored: format, computed: format, accumulated: 'fp32' },
    preconditioner: products.fp64,
    incomplete: { refresh: 'fresh' },
  }
}

function cgnr(factor: string, name: string, changes: PolicyChanges, step: StepName = 'cgnr'): Variation {
  return { factor, name, step, core: core.has(name), precision: { name, ...changes, base: 'mixed', fallback: 'none' } }
}

function pcg(factor: string, name: string, changes: PolicyChanges): Variation {
  return cgnr(factor, name, changes, 'pcg')
}
