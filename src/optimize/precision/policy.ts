import type { Format } from '../../numeric/index.ts'

/** How the numbers of one stage lie in memory and how its arithmetic rounds. */
export interface Stage {
  readonly stored: Format
  /** Every product is rounded to it; sums too, unless `accumulated` says otherwise. */
  readonly computed: Format
  /** Format of running sums. In a user's JSON it may be left out: then it is `computed`. */
  readonly accumulated: Format
}

/** What linear systems are solved by, as far as precision is concerned: the three have different stages to choose for. */
export type SolverFamily =
  /** Conjugate gradients on the (scaled) Jacobian, the Hessian never formed. */
  | 'cgnr'
  /** Conjugate gradients on the normal equations, preconditioned by an incomplete factor. */
  | 'pcg'
  /** A complete factor of the normal equations, refined. */
  | 'direct'

/**
 * Which arithmetic is used where: the one object that decides. It is read when a problem is compiled; no loop asks it.
 *
 * Factor kernels compute in fp64 whatever the policy says: for a lower `computed` of `residual`, `jacobian` and `update` their
 * inputs (state and data) and their outputs are rounded to it, the operations inside are not. Whitening, weighting and
 * everything in the linear solver follow the policy operation by operation.
 */
export interface PrecisionPolicy {
  readonly name: string
  /** Residuals; `accumulated` is the format in which the cost is summed. */
  readonly residual: Stage
  /** The whitened Jacobian as linearized, before any scaling. */
  readonly jacobian: Stage
  /** g = Jᵀ r. */
  readonly gradient: Stage
  /** J p and Jᵀ q inside the iteration (or H p, by `form`). `stored` is what J is rounded to after scaling. */
  readonly operator: Stage
  /** Triangular solves of the preconditioner; `stored` is what its factor is rounded to. */
  readonly preconditioner: Stage
  /**
   * The factorization of the preconditioner, before its factor is rounded to `preconditioner.stored`. Incomplete ones in any
   * format; complete ones in fp32, or else in fp64: in 16 bits they break down.
   */
  readonly factorization: Stage
  /** Vectors of the iteration. */
  readonly vectors: Stage
  /** Dot products. */
  readonly reductions: Format
  /** pose ⊞ step, and the state. */
  readonly update: Stage
  /** Folded into J before it is rounded: none, unit columns, or orthonormal columns within each variable's block. */
  readonly scaling: 'none' | 'columns' | 'blocks'
  /** Refinement of direct solves with residuals b − A x in the given format. */
  readonly refine: { readonly passes: number; readonly residual: Format }
  /**
   * Where the gradient is formed from: the Jacobian of its own stage ('exact'), or the scaled and rounded one of the operator
   * ('operator'), which moves the minimum.
   */
  readonly gradientFrom: 'exact' | 'operator'
  /**
   * How CGNR carries the residual of the normal equations: by its own recursion, or as textbooks write it, formed anew from
   * the residual of the rows, which low precision does not survive.
   */
  readonly recurrence: 'recursion' | 'textbook'
  /** What conjugate gradients on the normal equations multiply by: Jᵀ(J p), or H = JᵀJ formed and rounded. */
  readonly form: 'jacobian' | 'hessian'
  readonly incomplete: {
    /** Level of fill; null for the complete factor. */
    readonly fill: number | null
    /** 'static': once per problem (and after a fallback). 'fresh': at every linearization. */
    readonly refresh: 'static' | 'fresh'
  }
  /** Whether vectors are divided by their largest entry (a power of two) before low-precision triangular solves. */
  readonly normalize: boolean
  /** 'ladder': a solve that fails is repeated with more fill, then a complete factor in more bits; reported. */
  readonly fallback: 'ladder' | 'none'
  /** Conjugate gradients stop at this share of the right-hand side's norm, in the preconditioned norm. */
  readonly innerTolerance: number
  /** They stop after this many iterations; what they have then is taken as the step. */
  readonly innerIterations: number
}

/** Names of the presets, in the order in which tables show them. */
export const presetNames = ['double', 'single', 'mixed', 'mixed-strict', 'bfloat', 'half'] as const

export type PresetName = (typeof presetNames)[number]

type Partly<T> = { readonly [K in keyof T]?: T[K] extends object ? Partly<T[K]> : T[K] }

/** A policy of the user's own: what it changes in a preset. */
export type PolicyChanges = Partly<PrecisionPolicy> & {
  /** The preset that it starts from. Default 'mixed'. */
  readonly base?: PresetName
}

/** The stages of a policy, in the order in which data flow. */
export const stageNames = [
  'residual',
  'jacobian',
  'gradient',
  'operator',
  'factorization',
  'preconditioner',
  'vectors',
  'update',
] as const

export type StageName = (typeof stageNames)[number]
