import { type Format, formats, UsageError } from '../../numeric/index.ts'
import { type PolicyChanges, type PrecisionPolicy, type PresetName, presetNames, type SolverFamily } from './policy.ts'
import { preset } from './presets.ts'

/**
 * The policy of a name, or of a user's own object (what it changes in a preset), for one family of solvers.
 *
 * @throws UsageError for an unknown name, field or format, and for combinations that cannot be computed
 */
export function resolvePolicy(wanted: string | PolicyChanges, family: SolverFamily): PrecisionPolicy {
  if (typeof wanted === 'string') return preset(checkedName(wanted, 'precision'), family)
  if (wanted === null || typeof wanted !== 'object' || Array.isArray(wanted))
    throw new UsageError(`precision: expected the name of a preset or an object, got ${JSON.stringify(wanted)}`)
  const { base = 'mixed', ...changes } = wanted
  const start = preset(checkedName(base, 'precision.base'), family)
  const policy = merge(start, { name: `${base}, changed`, ...changes }, 'precision') as PrecisionPolicy
  refuse(policy, family)
  return policy
}

/** Combinations that can be computed but are known to go wrong: one sentence each, with the number that says why. */
export function unwise(policy: PrecisionPolicy, family: SolverFamily): string[] {
  const { operator, preconditioner, vectors, gradient, residual, update, refine } = policy
  const warnings: string[] = []
  const warn = (condition: boolean, sentence: string): void => {
    if (condition) warnings.push(`precision ${policy.name}: ${sentence}`)
  }
  const low = isHalf(operator.stored)
  warn(
    operator.stored === 'fp16' && policy.scaling === 'none' && policy.form === 'jacobian',
    'an fp16 Jacobian without scaling overflows at 65504; scaling "blocks" or "columns" bounds its entries by 1',
  )
  warn(
    family === 'cgnr' && policy.recurrence === 'textbook' && isHalf(operator.computed),
    `the textbook recurrence with ${operator.computed} products loses Jᵀs by cancellation near the optimum; recurrence "recursion" carries it`,
  )
  warn(
    policy.gradientFrom === 'operator' && low,
    `a gradient from the ${operator.stored} Jacobian moves the minimum; gradientFrom "exact" costs one product more`,
  )
  warn(
    policy.form === 'hessian' && operator.stored !== 'fp64' && family !== 'cgnr',
    `a Hessian rounded to ${operator.stored} is indefinite from a condition of about ${reciprocal(operator.stored)} on; form "jacobian" multiplies by Jᵀ(J p)`,
  )
  warn(
    family !== 'cgnr' && preconditioner.computed === 'fp16' && !policy.normalize,
    'fp16 triangular solves of vectors that are not normalized underflow as the residual falls below 6e-8; normalize: true',
  )
  warn(
    isHalf(residual.computed) || isHalf(gradient.computed),
    `residuals and gradients need fp32 or better to be as accurate as double; got ${residual.computed} and ${gradient.computed}`,
  )
  warn(
    isHalf(residual.accumulated),
    `a cost summed in ${residual.accumulated} cannot show decreases below ${formats[residual.accumulated].eps}`,
  )
  warn(
    isHalf(update.stored) || isHalf(update.computed),
    `poses in ${update.stored} move in steps of ${formats[update.stored].eps} of their size`,
  )
  warn(
    isHalf(vectors.stored) || isHalf(policy.reductions),
    `vectors and dot products need fp32 or better: sums in ${policy.reductions} stop growing after about ${reciprocal(policy.reductions)} terms`,
  )
  warn(
    policy.innerTolerance < formats[vectors.stored].eps,
    `conjugate gradients cannot reach ${policy.innerTolerance} with vectors in ${vectors.stored} (eps ${formats[vectors.stored].eps})`,
  )
  warn(
    refine.passes > 0 && family === 'direct' && formats[refine.residual].digits < formats[preconditioner.stored].digits,
    `refinement with residuals in ${refine.residual} cannot improve a factor in ${preconditioner.stored}`,
  )
  return warnings
}

/** Combinations that mean nothing. */
function refuse(policy: PrecisionPolicy, family: SolverFamily): void {
  const fail = (sentence: string): never => {
    throw new UsageError(`precision ${policy.name}: ${sentence}`)
  }
  const { innerTolerance, refine, incomplete } = policy
  for (const [name, value] of Object.entries(policy))
    if (typeof value === 'object' && 'accumulated' in value && narrower(value.accumulated, value.computed))
      fail(
        `${name}: products in ${value.computed} cannot be summed exactly enough in ${value.accumulated}; expected accumulated at least as wide as computed`,
      )
  if (!(innerTolerance > 0 && innerTolerance < 1))
    fail(`innerTolerance must be a number between 0 and 1; got ${innerTolerance}`)
  if (!(Number.isInteger(policy.innerIterations) && policy.innerIterations > 0))
    fail(`innerIterations must be a whole number above 0; got ${policy.innerIterations}`)
  if (!(Number.isInteger(refine.passes) && refine.passes >= 0))
    fail(`refine.passes must be a whole number ≥ 0; got ${refine.passes}`)
  if (incomplete.fill !== null && !(Number.isInteger(incomplete.fill) && incomplete.fill >= 0))
    fail(`incomplete.fill must be a whole number ≥ 0, or null for the complete factor; got ${incomplete.fill}`)
  if (family === 'cgnr' && policy.form === 'hessian')
    fail('CGNR never forms the Hessian; form "hessian" needs --step pcg or cholesky')
  if (family !== 'cgnr' && policy.recurrence === 'textbook' && policy.form === 'jacobian')
    fail('the textbook recurrence is one of CGNR; it needs --step cgnr')
  if (family !== 'cgnr' && policy.scaling === 'blocks')
    fail('the normal equations are scaled by columns or not at all; scaling "blocks" needs --step cgnr')
}

/** `changes` laid over `start`, level by level; every field and format must be known. */
function merge(start: object, changes: object, path: string): object {
  const merged: Record<string, unknown> = { ...start }
  for (const [key, value] of Object.entries(changes)) {
    const at = `${path}.${key}`
    if (!(key in start)) throw new UsageError(`${at}: unknown; expected one of ${Object.keys(start).join(', ')}`)
    merged[key] = checked(merged[key], value, at)
  }
  if ('accumulated' in merged && 'computed' in changes && !('accumulated' in changes))
    merged['accumulated'] = merged['computed']
  return merged
}

const choices: Record<string, readonly string[]> = {
  scaling: ['none', 'columns', 'blocks'],
  gradientFrom: ['exact', 'operator'],
  recurrence: ['recursion', 'textbook'],
  form: ['jacobian', 'hessian'],
  fallback: ['ladder', 'none'],
  refresh: ['static', 'fresh'],
  stored: Object.keys(formats),
  computed: Object.keys(formats),
  accumulated: Object.keys(formats),
  reductions: Object.keys(formats),
  residual: Object.keys(formats),
}

function checked(old: unknown, value: unknown, path: string): unknown {
  const key = path.slice(path.lastIndexOf('.') + 1)
  if (typeof old === 'object' && old !== null) {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw new UsageError(
        `${path}: expected an object with ${Object.keys(old).join(', ')}; got ${JSON.stringify(value)}`,
      )
    return merge(old, value, path)
  }
  if (key === 'fill') {
    if (value !== null && typeof value !== 'number')
      throw new UsageError(`${path}: expected a number or null; got ${JSON.stringify(value)}`)
    return value
  }
  const allowed = choices[key]
  if (allowed && key in choices && !allowed.includes(value as string))
    throw new UsageError(`${path}: expected one of ${allowed.join(', ')}; got ${JSON.stringify(value)}`)
  if (typeof value !== typeof old)
    throw new UsageError(`${path}: expected a ${typeof old}; got ${JSON.stringify(value)}`)
  return value
}

function checkedName(name: string, path: string): PresetName {
  if (!(presetNames as readonly string[]).includes(name))
    throw new UsageError(`${path}: expected one of ${presetNames.join(', ')}; got '${name}'`)
  return name as PresetName
}

/** Fewer digits, or a smaller range. */
function narrower(a: Format, b: Format): boolean {
  return formats[a].digits < formats[b].digits || formats[a].max < formats[b].max
}

function isHalf(format: Format): boolean {
  return formats[format].bytes === 2
}

function reciprocal(format: Format): string {
  return (1 / formats[format].eps).toPrecision(2)
}
