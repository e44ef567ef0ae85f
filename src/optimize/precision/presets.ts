import type { Format } from '../../numeric/index.ts'
import type { PrecisionPolicy, PresetName, SolverFamily, Stage } from './policy.ts'

/** A preset for one family of solvers. */
export function preset(name: PresetName, family: SolverFamily): PrecisionPolicy {
  switch (name) {
    case 'double':
      return uniform(name, 'fp64', family)
    case 'single':
      return single(family)
    case 'mixed':
      return mixed(name, family, stage('fp16', 'fp16', 'fp32'))
    case 'mixed-strict':
      return { ...mixed(name, family, stage('fp16')), factorization: family === 'pcg' ? stage('fp16') : stage('fp64') }
    case 'bfloat':
      return mixed(name, family, stage('bf16', 'bf16', 'fp32'))
    case 'half':
      return half(family)
  }
}

export function stage(stored: Format, computed: Format = stored, accumulated: Format = computed): Stage {
  return { stored, computed, accumulated }
}

/** One format for everything, with the remedies that low precision needs; for fp64 they are a matter of taste. */
function uniform(name: string, format: Format, family: SolverFamily): PrecisionPolicy {
  const all = stage(format)
  return {
    name,
    residual: all,
    jacobian: all,
    gradient: all,
    operator: all,
    preconditioner: all,
    factorization: all,
    vectors: all,
    reductions: format,
    update: all,
    scaling: family === 'cgnr' ? 'blocks' : 'none',
    refine: { passes: 0, residual: format },
    gradientFrom: 'exact',
    recurrence: 'recursion',
    form: family === 'cgnr' ? 'jacobian' : 'hessian',
    incomplete: { fill: family === 'direct' ? null : 0, refresh: 'fresh' },
    normalize: false,
    fallback: 'none',
    innerTolerance: 1e-6,
    innerIterations: 20_000,
  }
}

/**
 * fp32 throughout, except sums of squares: a cost of 5 digits more than its last decrease would reject good steps. The normal
 * equations are never rounded as a matrix: at condition 1e9 that makes them indefinite.
 */
function single(family: SolverFamily): PrecisionPolicy {
  return {
    ...uniform('single', 'fp32', family),
    residual: stage('fp32', 'fp32', 'fp64'),
    form: 'jacobian',
    incomplete: { fill: family === 'direct' ? null : 0, refresh: 'static' },
    refine: { passes: family === 'direct' ? 4 : 0, residual: 'fp32' },
    fallback: 'ladder',
    innerTolerance: family === 'cgnr' ? 1e-2 : 1e-3,
    innerIterations: 500,
  }
}

/**
 * The article's method (docs/maths/precision.md). Bundle adjustment: CGNR, its matrix-vector products in `low`. Pose graphs:
 * conjugate gradients with an incomplete factor, its triangular solves in `low`. All else of the iteration in fp32; residual,
 * gradient and update in fp64. Direct: the complete factor in fp32, refined in fp64.
 */
function mixed(name: string, family: SolverFamily, low: Stage): PrecisionPolicy {
  const base: PrecisionPolicy = {
    ...uniform(name, 'fp64', family),
    operator: stage('fp32'),
    vectors: stage('fp32'),
    reductions: 'fp32',
    form: 'jacobian',
    fallback: 'ladder',
    innerIterations: 500,
  }
  switch (family) {
    case 'cgnr':
      return { ...base, operator: low, normalize: true, innerTolerance: 1e-2 }
    case 'pcg':
      return {
        ...base,
        preconditioner: low,
        incomplete: { fill: 0, refresh: 'static' },
        refine: { passes: 3, residual: 'fp64' },
        normalize: true,
        innerTolerance: 1e-2,
        innerIterations: 300,
      }
    case 'direct':
      return {
        ...base,
        operator: stage('fp64'),
        vectors: stage('fp64'),
        reductions: 'fp64',
        preconditioner: {
          ...low,
          stored: name === 'mixed' ? 'fp32' : low.stored,
          computed: 'fp32',
          accumulated: 'fp32',
        },
        factorization: stage('fp32'),
        refine: { passes: 8, residual: 'fp64' },
        normalize: true,
      }
  }
}

/** Everything cast to fp16, nothing done about it: kept to show that it fails. */
function half(family: SolverFamily): PrecisionPolicy {
  return {
    ...uniform('half', 'fp16', family),
    scaling: 'none',
    gradientFrom: 'operator',
    recurrence: 'textbook',
    incomplete: { fill: family === 'direct' ? null : 0, refresh: 'static' },
    innerTolerance: 1e-2,
    innerIterations: 100,
  }
}
