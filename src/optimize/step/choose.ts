import { analyze, type BlockJacobian, NormalEquations, type Symbolic } from '../../linear/index.ts'
import type { ProblemKind } from '../kind.ts'
import type { OptimizeOptions } from '../options.ts'
import type { Program } from '../program.ts'
import { CgnrStep } from './cgnr.ts'
import { CholeskyStep } from './cholesky.ts'
import { FrozenCholeskyStep } from './frozen-cholesky.ts'
import { PcgStep } from './pcg.ts'
import { QrStep } from './qr.ts'
import { SchurStep } from './schur.ts'
import type { LinearStep } from './step.ts'

export interface ChosenStep {
  readonly step: LinearStep
  readonly reason: string
}

/** Up to here a dense QR costs milliseconds and saves the digits that normal equations square away. */
const QR_UNKNOWNS = 64
const QR_ENTRIES = 1e6

/** Above this a complete factor takes minutes and gigabytes in plain code; conjugate gradients go on. */
const CHOLESKY_FLOPS = 2e11

/** The linear step that was asked for, or the one that suits the structure; `known`: an analysis that may be of its graph. */
export function chooseStep(
  program: Program,
  kind: ProblemKind,
  { step = 'auto' }: OptimizeOptions,
  known?: Symbolic,
): ChosenStep {
  const { jacobian } = program
  const reason = 'asked for'
  switch (step) {
    case 'cholesky':
      return { step: new CholeskyStep(jacobian), reason }
    case 'pcg':
      return { step: new PcgStep(jacobian), reason }
    case 'cgnr':
      return { step: new CgnrStep(jacobian), reason }
    case 'schur':
      return { step: new SchurStep(jacobian, eliminable(program)), reason }
    case 'qr':
      return { step: new QrStep(jacobian), reason }
    default:
      return chooseByStructure(program, kind, known)
  }
}

function chooseByStructure(program: Program, kind: ProblemKind, known?: Symbolic): ChosenStep {
  const { jacobian } = program
  const unknowns = jacobian.blocks.offset[jacobian.blocks.count]
  if (kind === 'least-squares' && unknowns <= QR_UNKNOWNS && jacobian.rows * unknowns <= QR_ENTRIES)
    return {
      step: new QrStep(jacobian),
      reason: `${unknowns} unknowns ≤ ${QR_UNKNOWNS}: dense, without squaring the condition`,
    }
  if (kind === 'bundle-adjustment') {
    const eliminated = eliminable(program)
    const points = eliminated.reduce((sum, e) => sum + e, 0)
    if (2 * points >= eliminated.length)
      return {
        step: new SchurStep(jacobian, eliminated),
        reason: `${points} of ${eliminated.length} variables are points`,
      }
  }
  return choleskyOrGradients(jacobian, kind, known)
}

/** From here on a factor costs more than the iterations that reusing one takes (docs/decisions/fast-step.md). */
const FROZEN_FLOPS = 3e7

function choleskyOrGradients(jacobian: BlockJacobian, kind: ProblemKind, known?: Symbolic): ChosenStep {
  const normal = new NormalEquations(jacobian)
  const symbolic = analyze(normal.hessian, known)
  const gigaflops = +(symbolic.flops / 1e9).toPrecision(3)
  if (symbolic.flops > CHOLESKY_FLOPS)
    return {
      step: new PcgStep(jacobian, normal),
      reason: `predicted factor ${gigaflops} Gflop > ${CHOLESKY_FLOPS / 1e9}`,
    }
  if (kind.startsWith('pose-graph') && symbolic.flops >= FROZEN_FLOPS)
    return {
      step: new FrozenCholeskyStep(jacobian, normal, symbolic),
      reason: `predicted factor ${gigaflops} Gflop ≥ ${FROZEN_FLOPS / 1e9}: one in fp32 is kept as a preconditioner`,
    }
  return { step: new CholeskyStep(jacobian, normal, symbolic), reason: `predicted factor ${gigaflops} Gflop` }
}

/**
 * The blocks that Schur elimination may take: Rⁿ variables (points) of which no two share a factor. Where two do, the
 * later of the two stays.
 */
export function eliminable({ jacobian, manifolds }: Program): Uint8Array {
  const eliminated = Uint8Array.from(manifolds, ({ name }) => (name === 'R3' || name === 'R2' ? 1 : 0))
  for (const { arity, columns } of jacobian.batches)
    for (let at = 0; at < columns.length; at += arity) {
      let taken = false
      for (let k = 0; k < arity; k++) {
        const block = columns[at + k]
        if (block < 0 || !eliminated[block]) continue
        if (taken) eliminated[block] = 0
        taken = true
      }
    }
  return eliminated
}
